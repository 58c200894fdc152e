//! Parts of texts: cutting, replacing, searching.

use memchr::memmem;

use super::entry::{Arguments, Function, Group, integer, text};
use super::search::{self, Characters};
use crate::runtime::text::runes;
use crate::runtime::{Buffer, Context, Failure, Outcome, Value};

pub(super) const GROUP: Group = Group {
    title: "Texts",
    functions: &[
        Function::new("trim", &[text("text")], trim).doc(
            "The text without white space around it.",
            r#"[${trim "  a b "}]"#,
            "[a b]",
        ),
        Function::new("trimAll", &[text("characters"), text("text")], trim_all)
            .aliases(&["trimall"])
            .doc(
                "The text without any of these characters around it.",
                r#"${trimAll "$" "$5.00$"}"#,
                "5.00",
            ),
        Function::new("trimPrefix", &[text("prefix"), text("text")], trim_prefix).doc(
            "The text without the prefix, if it has it.",
            r#"${trimPrefix "v" "v1.2"}"#,
            "1.2",
        ),
        Function::new("trimSuffix", &[text("suffix"), text("text")], trim_suffix).doc(
            "The text without the suffix, if it has it.",
            r#"${trimSuffix "/" "a/b/"}"#,
            "a/b",
        ),
        Function::new("nospace", &[text("text")], nospace).doc(
            "The text without any white space.",
            r#"${nospace "a b\tc"}"#,
            "abc",
        ),
        Function::new(
            "replace",
            &[text("old"), text("new"), text("text")],
            replace,
        )
        .doc(
            "The text with every `old` replaced by `new`.",
            r#"${"a b c" | replace " " "-"}"#,
            "a-b-c",
        ),
        Function::new("repeat", &[integer("count"), text("text")], repeat).doc(
            "The text so many times.",
            r#"${repeat 3 "ab"}"#,
            "ababab",
        ),
        Function::new(
            "substr",
            &[integer("start"), integer("end"), text("text")],
            substr,
        )
        .doc(
            "The bytes from `start` up to `end`; up to the end, if `end` is negative.",
            r#"${substr 1 4 "abcdef"} ${substr 2 -1 "abcdef"}"#,
            "bcd cdef",
        ),
        Function::new("trunc", &[integer("length"), text("text")], trunc).doc(
            "The first bytes of the text; the last ones, if the length is negative.",
            r#"${trunc 3 "abcdef"} ${trunc -2 "abcdef"}"#,
            "abc ef",
        ),
        Function::new("contains", &[text("part"), text("text")], contains).doc(
            "Whether the part is in the text.",
            r#"${contains "cd" "abcdef"}"#,
            "true",
        ),
        Function::new("hasPrefix", &[text("prefix"), text("text")], has_prefix).doc(
            "Whether the text begins so.",
            r#"${hasPrefix "ab" "abc"}"#,
            "true",
        ),
        Function::new("hasSuffix", &[text("suffix"), text("text")], has_suffix).doc(
            "Whether the text ends so.",
            r#"${hasSuffix "ab" "abc"}"#,
            "false",
        ),
    ],
};

fn trim(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let text = arguments.text(0)?.bytes();
    context.text(search::trim(text, char::is_whitespace))
}

fn trim_all(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (characters, text) = (arguments.text(0)?.bytes(), arguments.text(1)?.bytes());
    // Both are looked at once more: the set is sorted, and halved for each character.
    context.read(characters.len() + 2 * text.len())?;
    let characters = Characters::of(characters);
    context.text(search::trim(text, |character| {
        characters.contains(character)
    }))
}

fn trim_prefix(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (prefix, text) = (arguments.text(0)?.bytes(), arguments.text(1)?.bytes());
    context.text(text.strip_prefix(prefix).unwrap_or(text))
}

fn trim_suffix(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (suffix, text) = (arguments.text(0)?.bytes(), arguments.text(1)?.bytes());
    context.text(text.strip_suffix(suffix).unwrap_or(text))
}

fn nospace(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let bytes = arguments.text(0)?.bytes();
    let mut output = Buffer::new();
    for (start, character, width) in runes(bytes) {
        if !character.is_whitespace() {
            output.push(&bytes[start..start + width])?;
        }
    }
    context.finish(output)
}

fn replace(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let old = arguments.text(0)?.bytes();
    let new = arguments.text(1)?.bytes();
    let text = arguments.text(2)?.bytes();
    let mut output = Buffer::new();
    if old.is_empty() {
        // Go finds an empty text before every character and at the end.
        for (start, _, width) in runes(text) {
            output.push(new)?;
            output.push(&text[start..start + width])?;
        }
        output.push(new)?;
        return context.finish(output);
    }
    let mut copied = 0;
    for at in memmem::find_iter(text, old) {
        output.push(&text[copied..at])?;
        output.push(new)?;
        copied = at + old.len();
    }
    output.push(&text[copied..])?;
    context.finish(output)
}

fn repeat(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let count = usize::try_from(arguments.integer(0)?);
    let count = count.map_err(|_| Failure::Because("the count is negative"))?;
    let mut output = Buffer::new();
    output.push_repeated(arguments.text(1)?.bytes(), count)?;
    context.finish(output)
}

const RANGE: Failure = Failure::Because("a position is outside the text");

fn substr(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (start, end) = (arguments.integer(0)?, arguments.integer(1)?);
    let bytes = arguments.text(2)?.bytes();
    let position = |position: i64| usize::try_from(position).map_err(|_| RANGE);
    let range = if start < 0 {
        0..position(end)?
    } else {
        let end = usize::try_from(end).unwrap_or(bytes.len()).min(bytes.len());
        position(start)?..end
    };
    context.text(bytes.get(range).ok_or(RANGE)?)
}

fn trunc(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let length = arguments.integer(0)?;
    let bytes = arguments.text(1)?.bytes();
    let count = usize::try_from(length.unsigned_abs())
        .unwrap_or(usize::MAX)
        .min(bytes.len());
    context.text(if length < 0 {
        &bytes[bytes.len() - count..]
    } else {
        &bytes[..count]
    })
}

fn contains(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (part, text) = (arguments.text(0)?.bytes(), arguments.text(1)?.bytes());
    Ok(Value::Bool(memmem::find(text, part).is_some()))
}

fn has_prefix(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (prefix, text) = (arguments.text(0)?.bytes(), arguments.text(1)?.bytes());
    Ok(Value::Bool(text.starts_with(prefix)))
}

fn has_suffix(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (suffix, text) = (arguments.text(0)?.bytes(), arguments.text(1)?.bytes());
    Ok(Value::Bool(text.ends_with(suffix)))
}
