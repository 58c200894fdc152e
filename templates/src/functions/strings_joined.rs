//! Texts made of values: quoted, joined, chosen.

use super::entry::{Arguments, Function, Group, any, integer, text};
use crate::go::{format, quote};
use crate::runtime::{Buffer, Context, Outcome, Text, Value};

pub(super) const GROUP: Group = Group {
    title: "Texts made of values",
    functions: &[
        Function::new("quote", &[], quote_all)
            .rest(any("values"))
            .doc(
                "The values in double quotes, with escapes; nil is left out.",
                r#"${quote "a\"b" 1}"#,
                r#""a\"b" "1""#,
            ),
        Function::new("squote", &[], squote)
            .rest(any("values"))
            .doc(
                "The values in single quotes, without escapes; nil is left out.",
                r#"${squote "a" 1}"#,
                "'a' '1'",
            ),
        Function::new("cat", &[], cat).rest(any("values")).doc(
            "The values with spaces between them; nil is left out.",
            r#"${cat "a" 1 nil "b"}"#,
            "a 1 b",
        ),
        Function::new(
            "plural",
            &[text("one"), text("many"), integer("count")],
            plural,
        )
        .doc(
            "`one` for a count of 1, else `many`.",
            r#"${2 | plural "egg" "eggs"}"#,
            "eggs",
        ),
        Function::new("toString", &[any("value")], to_string).doc(
            "The value as text.",
            "${toString 1.5 | quote}",
            r#""1.5""#,
        ),
    ],
};

/// All values but nil as text, each made by `write`, with spaces between them.
fn spaced(
    context: &mut Context,
    values: &[Value],
    write: impl Fn(&mut Buffer, &Text) -> Outcome<()>,
) -> Outcome {
    let mut output = Buffer::new();
    let mut is_first = true;
    for value in values.iter().filter(|value| !matches!(value, Value::Nil)) {
        if !is_first {
            output.push(b" ")?;
        }
        is_first = false;
        let text = format::text_of(context, value)?;
        write(&mut output, &text)?;
    }
    context.finish(output)
}

fn quote_all(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    spaced(context, arguments.rest(0), |output, text| {
        output.push_str(&quote::text(text.bytes(), quote::Keep::Printable))
    })
}

fn squote(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    spaced(context, arguments.rest(0), |output, text| {
        output.push(b"'")?;
        output.push(text.bytes())?;
        output.push(b"'")
    })
}

fn cat(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    spaced(context, arguments.rest(0), |output, text| {
        output.push(text.bytes())
    })
}

fn plural(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let chosen = usize::from(arguments.integer(2)? != 1);
    arguments.any(chosen).cloned()
}

fn to_string(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    format::text_of(context, arguments.any(0)?).map(Value::Text)
}
