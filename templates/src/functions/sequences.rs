//! Lists and texts of integers.

use super::entry::{Arguments, Function, Group, integer};
use crate::runtime::{Context, ListType, Outcome, Value};

pub(super) const GROUP: Group = Group {
    title: "Sequences of integers",
    functions: &[
        Function::new("until", &[integer("end")], until).doc(
            "The integers from 0 up to the end, without it.",
            "${until 3} ${until -3}",
            "[0 1 2] [0 -1 -2]",
        ),
        Function::new(
            "untilStep",
            &[integer("start"), integer("end"), integer("step")],
            until_step,
        )
        .doc(
            "The integers from the start up to the end, without it, so far apart.",
            "${untilStep 3 10 3}",
            "[3 6 9]",
        ),
        Function::new("seq", &[], seq).rest(integer("bounds")).doc(
            "The integers as text: `seq LAST`, `seq FIRST LAST`, or `seq FIRST STEP LAST`.",
            "${seq 3} ${seq 2 4} ${seq 0 5 10}",
            "1 2 3 2 3 4 0 5 10",
        ),
    ],
};

/// The integers from `start` up to `end`, without it; none, if the step leads the other way.
fn integers(context: &mut Context, start: i64, end: i64, step: i64) -> Outcome<Vec<i64>> {
    let leads = if end < start { step < 0 } else { step > 0 };
    let mut integers = Vec::new();
    let mut next = Some(start).filter(|_| leads);
    while let Some(integer) = next.filter(|next| if step > 0 { *next < end } else { *next > end }) {
        context.step(1)?;
        integers.push(integer);
        next = integer.checked_add(step);
    }
    Ok(integers)
}

fn list(context: &mut Context, integers: &[i64]) -> Outcome {
    context.list(
        ListType::Integers,
        integers.iter().copied().map(Value::int).collect(),
    )
}

fn until(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let end = arguments.integer(0)?;
    let integers = integers(context, 0, end, if end < 0 { -1 } else { 1 })?;
    list(context, &integers)
}

fn until_step(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (start, end, step) = (
        arguments.integer(0)?,
        arguments.integer(1)?,
        arguments.integer(2)?,
    );
    let integers = integers(context, start, end, step)?;
    list(context, &integers)
}

fn seq(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (start, step, last) = match arguments.rest(0).len() {
        1 => (1, None, arguments.integer(0)?),
        2 => (arguments.integer(0)?, None, arguments.integer(1)?),
        3 => (
            arguments.integer(0)?,
            Some(arguments.integer(1)?),
            arguments.integer(2)?,
        ),
        _ => return Ok(Value::text("")),
    };
    let direction = if last < start { -1 } else { 1 };
    if step.is_some_and(|step| step > 0) && direction < 0 {
        return Ok(Value::text(""));
    }
    let end = last.saturating_add(direction);
    let integers = integers(context, start, end, step.unwrap_or(direction))?;
    let texts: Vec<String> = integers.iter().map(i64::to_string).collect();
    context.text(texts.join(" "))
}
