//! Fields of maps, and the fields and methods of the few types that have them.

use super::error::shorten_name;
use crate::go::{semver_methods, time_methods};
use crate::runtime::{Context, Failure, Outcome, Value};

/// The field `name` of a value, or what the method of that name gives.
pub(super) fn get(
    context: &mut Context,
    receiver: &Value,
    name: &str,
    arguments: &[Value],
) -> Outcome {
    match receiver {
        Value::Map(map) => match context.get(*map, name.as_bytes())? {
            Some(_) if !arguments.is_empty() => {
                Failure::because("a field that is not a method takes no arguments")
            }
            Some(value) => Ok(value),
            None => Err(Failure::NoField {
                name: shorten_name(name),
                of_data: context.is_data(*map),
            }),
        },
        Value::Time(time) => time_methods::call_method(context, *time, name, arguments),
        Value::Version(version) => semver_methods::call_method(context, version, name, arguments),
        other => Err(Failure::NotAMap {
            name: shorten_name(name),
            found: other.describe(),
        }),
    }
}

/// Whether there is just no such field, here or above.
pub(super) fn is_absence(receiver: &Value, failure: &Failure) -> bool {
    matches!(receiver, Value::Nil) || matches!(failure, Failure::NoField { .. })
}
