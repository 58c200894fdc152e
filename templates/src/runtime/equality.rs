//! When two values are the same, whatever Go's types of them.

use contract::limits::templates as limits;

use super::context::Context;
use super::failure::Failure;
use super::numeric::Numeric;
use super::outcome::Outcome;
use super::value::{Map, Value};

/// Whether two values are the same: numbers by their worth, lists and maps by what they hold.
pub(crate) fn equal(context: &mut Context, a: &Value, b: &Value) -> Outcome<bool> {
    equal_at(context, a, b, 0)
}

fn equal_at(context: &mut Context, a: &Value, b: &Value, depth: usize) -> Outcome<bool> {
    context.step(1)?;
    if !matches!(a, Value::Text(_)) {
        context.look_at(a)?;
        context.look_at(b)?;
    }
    if depth > limits::VALUE_DEPTH {
        return Err(Failure::TooDeep);
    }
    Ok(match (a, b) {
        (Value::Nil, Value::Nil) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => {
            context.read(a.len().min(b.len()))?;
            a == b
        }
        (Value::Time(a), Value::Time(b)) => a.since_epoch() == b.since_epoch(),
        (Value::Version(a), Value::Version(b)) => a.compare(b).is_eq(),
        (Value::List(a), Value::List(b)) => {
            if a.items().len() != b.items().len() {
                return Ok(false);
            }
            for (a, b) in a.items().iter().zip(b.items()) {
                if !equal_at(context, a, b, depth + 1)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Map(a), Value::Map(b)) => return equal_maps(context, *a, *b, depth),
        _ => match (Numeric::of(a), Numeric::of(b)) {
            (Some(a), Some(b)) => a.compare(b).is_some_and(std::cmp::Ordering::is_eq),
            _ => false,
        },
    })
}

fn equal_maps(context: &mut Context, a: Map, b: Map, depth: usize) -> Outcome<bool> {
    if a == b {
        return Ok(true);
    }
    if context.entries(a).len() != context.entries(b).len() {
        return Ok(false);
    }
    let (a, b) = (context.copy_of_entries(a)?, context.copy_of_entries(b)?);
    for ((a_key, a), (b_key, b)) in a.iter().zip(&b) {
        if a_key != b_key || !equal_at(context, a, b, depth + 1)? {
            return Ok(false);
        }
    }
    Ok(true)
}
