//! `eq`, `lt`, `and`, `not` and their kin.

use std::cmp::Ordering;

use super::entry::{Arguments, Function, Group, Run, any};
use crate::runtime::truth::truth;
use crate::runtime::{Context, Failure, Numeric, Outcome, Value};

pub(super) const GROUP: Group = Group {
    title: "Comparison and logic",
    functions: &[
        Function::new("eq", &[any("a"), any("b")], eq).rest(any("more")).doc(
            "Whether the first argument equals one of the others. Numbers compare as numbers.",
            r#"${eq 1 2 3 1} ${eq "a" "b"} ${eq 1.5 1.50}"#,
            "true false true",
        ),
        Function::new("ne", &[any("a"), any("b")], ne).doc(
            "Whether the arguments differ.",
            r#"${ne "a" "b"}"#,
            "true",
        ),
        Function::new("lt", &[any("a"), any("b")], |_, arguments| order(arguments, Ordering::is_lt))
            .doc("Whether a is less than b. Texts compare by their bytes.", "${lt 1 2}", "true"),
        Function::new("le", &[any("a"), any("b")], |_, arguments| order(arguments, Ordering::is_le))
            .doc("Whether a is less than b or equals it.", "${le 2 2}", "true"),
        Function::new("gt", &[any("a"), any("b")], |_, arguments| order(arguments, Ordering::is_gt))
            .doc("Whether a is greater than b.", r#"${gt "a" "b"}"#, "false"),
        Function::new("ge", &[any("a"), any("b")], |_, arguments| order(arguments, Ordering::is_ge))
            .doc("Whether a is greater than b or equals it.", "${ge 2.5 2}", "true"),
        Function::with_run("and", &[any("a")], Run::And).rest(any("more")).doc(
            "The first argument that is empty, or the last one. Those behind it are not evaluated.",
            r#"${and true "yes"} ${and 0 .absent}"#,
            "yes 0",
        ),
        Function::with_run("or", &[any("a")], Run::Or).rest(any("more")).doc(
            "The first argument that is not empty, or the last one. Those behind it are not evaluated.",
            r#"${or "" "fallback"} ${or 1 .absent}"#,
            "fallback 1",
        ),
        Function::new("not", &[any("value")], not).doc(
            "Whether the value is empty: false, 0, nil, or a text, list or map with nothing in it.",
            r#"${not ""} ${not 1}"#,
            "true false",
        ),
    ],
};

const CANNOT_EQUAL: Failure = Failure::Because("values of such different types cannot be compared");
const CANNOT_ORDER: Failure = Failure::Because("only two numbers or two texts can be ordered");

fn eq(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let first = arguments.any(0)?;
    for other in arguments.rest(1) {
        if equals(first, other)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn ne(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::Bool(!equals(arguments.any(0)?, arguments.any(1)?)?))
}

fn equals(a: &Value, b: &Value) -> Outcome<bool> {
    match (a, b) {
        (Value::Nil, Value::Nil) => Ok(true),
        (Value::Nil, _) | (_, Value::Nil) => Ok(false),
        (Value::Bool(a), Value::Bool(b)) => Ok(a == b),
        (Value::Time(a), Value::Time(b)) => Ok(a.since_epoch() == b.since_epoch()),
        (Value::Version(a), Value::Version(b)) => Ok(a.compare(b).is_eq()),
        _ => compare(a, b)
            .map(|order| order.is_some_and(Ordering::is_eq))
            .map_err(|_| CANNOT_EQUAL),
    }
}

/// The order of two numbers, or of two texts. A number of the data is also the text that it is
/// written as.
fn compare(a: &Value, b: &Value) -> Outcome<Option<Ordering>> {
    if let (Some(a), Some(b)) = (Numeric::of(a), Numeric::of(b)) {
        return Ok(a.compare(b));
    }
    match (a, b) {
        (Value::Text(a) | Value::Number(a), Value::Text(b) | Value::Number(b)) => {
            Ok(Some(a.cmp(b)))
        }
        _ => Err(CANNOT_ORDER),
    }
}

fn order(arguments: &Arguments<'_>, holds: fn(Ordering) -> bool) -> Outcome {
    let order = compare(arguments.any(0)?, arguments.any(1)?)?;
    Ok(Value::Bool(order.is_some_and(holds)))
}

fn not(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::Bool(!truth(context, arguments.any(0)?)))
}
