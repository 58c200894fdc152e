//! Whether a value counts as true, or as empty.

use super::context::Context;
use super::numeric::Numeric;
use super::value::Value;

/// Whether `if` takes a value for true: not zero, not empty, not nil.
pub(crate) fn truth(context: &Context, value: &Value) -> bool {
    match value {
        Value::Nil => false,
        Value::Bool(boolean) => *boolean,
        Value::Integer(..) | Value::Float(_) | Value::Number(_) => {
            Numeric::of(value).is_none_or(|number| !number.is_zero())
        }
        Value::Text(text) => !text.is_empty(),
        Value::List(list) => !list.items().is_empty(),
        Value::Map(map) => !context.entries(*map).is_empty(),
        Value::Time(_) | Value::Version(_) => true,
    }
}

/// Whether a value is empty in the sense of `default`.
pub(crate) fn is_empty(context: &Context, value: &Value) -> bool {
    !truth(context, value)
}
