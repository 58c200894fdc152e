//! Integers. Everything is made an integer first, as Sprig does: what is no number is 0.

use super::entry::{Arguments, Function, Group, any, text};
use crate::go::{cast, format};
use crate::runtime::{Context, Failure, Outcome, Value};

pub(super) const GROUP: Group = Group {
    title: "Integers",
    functions: &[
        Function::new("int", &[any("value")], int).doc(
            "The value as an integer; 0, if it is none.",
            r#"${int "0x1f"} ${int 2.9}"#,
            "31 2",
        ),
        Function::new("int64", &[any("value")], int64).doc(
            "The same as `int`.",
            r#"${int64 "42"}"#,
            "42",
        ),
        Function::new("atoi", &[text("text")], atoi).doc(
            "The decimal integer that the text is; 0, if it is none.",
            r#"${atoi "17"}"#,
            "17",
        ),
        Function::new("toDecimal", &[any("value")], to_decimal).doc(
            "The integer that the digits are in octal; 0, if they are none.",
            r#"${toDecimal "777"}"#,
            "511",
        ),
        Function::new("add", &[], add).rest(any("numbers")).doc(
            "The sum of integers.",
            "${add 1 2 3}",
            "6",
        ),
        Function::new("add1", &[any("number")], add1).doc("One more.", "${add1 4}", "5"),
        Function::new("sub", &[any("a"), any("b")], sub).doc("a less b.", "${sub 5 3}", "2"),
        Function::new("mul", &[any("a")], mul)
            .rest(any("more"))
            .doc("The product of integers.", "${mul 2 3 4}", "24"),
        Function::new("div", &[any("a"), any("b")], div).doc(
            "a divided by b, without the fraction.",
            "${div 7 2}",
            "3",
        ),
        Function::new("mod", &[any("a"), any("b")], modulo).doc(
            "What remains of a divided by b.",
            "${mod 7 3}",
            "1",
        ),
        Function::new("max", &[any("a")], max)
            .aliases(&["biggest"])
            .rest(any("more"))
            .doc("The greatest integer.", "${max 1 5 3}", "5"),
        Function::new("min", &[any("a")], min)
            .rest(any("more"))
            .doc("The least integer.", "${min 4 2 8}", "2"),
    ],
};

fn int(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::int(cast::to_i64(arguments.any(0)?)))
}

fn int64(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::int64(cast::to_i64(arguments.any(0)?)))
}

fn atoi(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::int(cast::decimal_or_zero(
        arguments.text(0)?.bytes(),
    )))
}

fn to_decimal(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let text = format::text_of(context, arguments.any(0)?)?;
    let number = text
        .str()
        .and_then(|text| i64::from_str_radix(text, 8).ok());
    Ok(Value::int64(number.unwrap_or(0)))
}

/// All integers put together; wraps around, as Go does.
fn fold(arguments: &Arguments<'_>, from: usize, first: i64, f: fn(i64, i64) -> i64) -> Outcome {
    let rest = arguments.rest(from).iter().map(cast::to_i64);
    Ok(Value::int64(rest.fold(first, f)))
}

fn first(arguments: &Arguments<'_>) -> Outcome<i64> {
    Ok(cast::to_i64(arguments.any(0)?))
}

fn add(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    fold(arguments, 0, 0, i64::wrapping_add)
}

fn add1(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    fold(arguments, 0, 1, i64::wrapping_add)
}

fn sub(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    fold(arguments, 1, first(arguments)?, i64::wrapping_sub)
}

fn mul(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    fold(arguments, 1, first(arguments)?, i64::wrapping_mul)
}

fn max(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    fold(arguments, 1, first(arguments)?, i64::max)
}

fn min(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    fold(arguments, 1, first(arguments)?, i64::min)
}

fn divisor(arguments: &Arguments<'_>) -> Outcome<i64> {
    match cast::to_i64(arguments.any(1)?) {
        0 => Failure::because("the divisor is 0, or no number"),
        divisor => Ok(divisor),
    }
}

fn div(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::int64(
        first(arguments)?.wrapping_div(divisor(arguments)?),
    ))
}

fn modulo(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::int64(
        first(arguments)?.wrapping_rem(divisor(arguments)?),
    ))
}
