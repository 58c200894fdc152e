//! Lists and texts of integers.

use super::entry::{Arguments, Function, Group, integer};
use crate::runtime::{Buffer, Context, ListType, Outcome, Value};

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
fn integers(start: i64, end: i64, step: i64) -> impl Iterator<Item = i64> {
    let leads = if end < start { step < 0 } else { step > 0 };
    std::iter::successors(Some(start).filter(|_| leads), move |integer| {
        integer.checked_add(step)
    })
    .take_while(move |next| if step > 0 { *next < end } else { *next > end })
}

fn list(context: &mut Context, integers: impl Iterator<Item = i64>) -> Outcome {
    let mut items = Vec::new();
    for integer in integers {
        context.push(&mut items, Value::int(integer))?;
    }
    context.list_of(ListType::Integers, items)
}

fn until(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let end = arguments.integer(0)?;
    list(context, integers(0, end, if end < 0 { -1 } else { 1 }))
}

fn until_step(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (start, end, step) = (
        arguments.integer(0)?,
        arguments.integer(1)?,
        arguments.integer(2)?,
    );
    list(context, integers(start, end, step))
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
    let mut output = Buffer::new();
    for (index, integer) in integers(start, end, step.unwrap_or(direction)).enumerate() {
        context.step(1)?;
        if index > 0 {
            output.push(b" ")?;
        }
        output.push_str(&integer.to_string())?;
    }
    context.finish(output)
}
