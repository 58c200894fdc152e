//! What `range` goes through.

use crate::runtime::{Context, Failure, Numeric, Outcome, Value, limits};

/// Key and element of one turn.
pub(super) type Turn = (Value, Value);

/// The turns of a loop over a value: lists in their order, maps in the order of their keys,
/// integers from 0.
pub(super) fn turns(context: &mut Context, value: &Value, has_key: bool) -> Outcome<Vec<Turn>> {
    let count = match value {
        Value::Nil => 0,
        Value::List(list) => list.items().len(),
        Value::Map(map) => context.entries(*map).len(),
        Value::Integer(..) | Value::Number(_) => integer(value)?,
        _ => {
            return Failure::because("`range` goes over a list, a map or an integer");
        }
    };
    context.step(count)?;
    context.produce(count.saturating_mul(limits::TURN))?;
    Ok(match value {
        Value::List(list) => (0..)
            .map(Value::int)
            .zip(list.items().iter().cloned())
            .collect(),
        Value::Map(map) => context
            .entries(*map)
            .iter()
            .map(|(key, value)| (Value::Text(key.clone()), value.clone()))
            .collect(),
        Value::Integer(..) | Value::Number(_) if has_key => {
            return Failure::because("`range` over an integer takes one variable");
        }
        Value::Integer(_, integer_type) => (0..)
            .take(count)
            .map(|index| (Value::Nil, Value::Integer(index, *integer_type)))
            .collect(),
        _ => (0..)
            .take(count)
            .map(|index| (Value::Nil, Value::int(index)))
            .collect(),
    })
}

/// How many turns a loop over an integer has; none over a negative one.
fn integer(value: &Value) -> Outcome<usize> {
    match Numeric::of(value) {
        Some(Numeric::Integer(integer)) => {
            Ok(usize::try_from(integer.max(0)).unwrap_or(usize::MAX))
        }
        _ => Failure::because("`range` goes over a list, a map or an integer"),
    }
}
