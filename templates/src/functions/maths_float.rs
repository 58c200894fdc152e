//! Floats. Everything is made a float first, as Sprig does: what is no number is 0.

use super::entry::{Arguments, Function, Group, any, float, integer};
use crate::go::cast;
use crate::go::decimal::{self, Operation};
use crate::runtime::{Context, Failure, Outcome, Value};

pub(super) const GROUP: Group = Group {
    title: "Floats",
    functions: &[
        Function::new("float64", &[any("value")], float64).doc(
            "The value as a float; 0, if it is none.",
            r#"${float64 "1.5"}"#,
            "1.5",
        ),
        Function::new("addf", &[], addf).rest(any("numbers")).doc(
            "The sum, in decimal arithmetic.",
            "${addf 0.1 0.2}",
            "0.3",
        ),
        Function::new("add1f", &[any("number")], add1f).doc("One more.", "${add1f 1.5}", "2.5"),
        Function::new("subf", &[any("a")], subf).rest(any("more")).doc(
            "a less the others, in decimal arithmetic.",
            "${subf 7.5 2 3}",
            "2.5",
        ),
        Function::new("mulf", &[any("a")], mulf).rest(any("more")).doc(
            "The product, in decimal arithmetic.",
            "${mulf 1.5 2 2}",
            "6",
        ),
        Function::new("divf", &[any("a")], divf).rest(any("more")).doc(
            "a divided by the others, to 16 digits behind the point.",
            "${divf 10 2 4}",
            "1.25",
        ),
        Function::new("maxf", &[any("a")], maxf).rest(any("more")).doc(
            "The greatest number.",
            "${maxf 1 2.5 2}",
            "2.5",
        ),
        Function::new("minf", &[any("a")], minf).rest(any("more")).doc(
            "The least number.",
            "${minf 1.5 2}",
            "1.5",
        ),
        Function::new("floor", &[any("number")], floor).doc(
            "The next whole number below.",
            "${floor 123.9999}",
            "123",
        ),
        Function::new("ceil", &[any("number")], ceil).doc(
            "The next whole number above.",
            "${ceil 123.001}",
            "124",
        ),
        Function::new("round", &[any("number"), integer("digits")], round)
            .rest(float("up_from"))
            .doc(
                "The number with so many digits behind the point; a cut-off part counts as one from 0.5 on.",
                "${round 123.5555 3}",
                "123.556",
            ),
    ],
};

fn number(arguments: &Arguments<'_>, index: usize) -> Outcome<f64> {
    Ok(cast::to_f64(arguments.any(index)?))
}

fn numbers(arguments: &Arguments<'_>, from: usize) -> Vec<f64> {
    arguments.rest(from).iter().map(cast::to_f64).collect()
}

fn float64(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    number(arguments, 0).map(Value::Float)
}

fn fold(context: &mut Context, first: f64, rest: &[f64], operation: Operation) -> Outcome {
    // Each becomes text, and then a decimal number.
    context.step(3 * rest.len())?;
    decimal::fold(first, rest, operation)
        .map(Value::Float)
        .ok_or(Failure::Because(
            "a number is infinite or none, or a divisor is 0",
        ))
}

fn addf(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    fold(context, 0.0, &numbers(arguments, 0), Operation::Add)
}

fn add1f(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    fold(context, number(arguments, 0)?, &[1.0], Operation::Add)
}

fn subf(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    fold(
        context,
        number(arguments, 0)?,
        &numbers(arguments, 1),
        Operation::Subtract,
    )
}

fn mulf(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    fold(
        context,
        number(arguments, 0)?,
        &numbers(arguments, 1),
        Operation::Multiply,
    )
}

fn divf(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    fold(
        context,
        number(arguments, 0)?,
        &numbers(arguments, 1),
        Operation::Divide,
    )
}

/// The extreme of all; no number, if one is none.
fn extreme(arguments: &Arguments<'_>, prefers: fn(f64, f64) -> bool) -> Outcome {
    let mut best = number(arguments, 0)?;
    for other in numbers(arguments, 1) {
        if other.is_nan() || prefers(other, best) {
            best = other;
        }
    }
    Ok(Value::Float(best))
}

fn maxf(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    extreme(arguments, |a, b| a > b)
}

fn minf(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    extreme(arguments, |a, b| a < b)
}

fn floor(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::Float(number(arguments, 0)?.floor()))
}

fn ceil(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::Float(number(arguments, 0)?.ceil()))
}

fn round(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let value = number(arguments, 0)?;
    let digits = arguments.integer(1)?.clamp(-400, 400);
    let up_from = if arguments.rest(2).is_empty() {
        0.5
    } else {
        arguments.float(2)?
    };
    let power = 10_f64.powi(i32::try_from(digits).unwrap_or(0));
    let shifted = power * value;
    let rounded = if shifted.fract() >= up_from {
        shifted.ceil()
    } else {
        shifted.floor()
    };
    Ok(Value::Float(rounded / power))
}
