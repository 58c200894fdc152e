//! Parts of texts: cutting, replacing, searching.

use super::entry::{Arguments, Function, Group, any, integer, text};
use crate::go::{format, quote};
use crate::runtime::text::{lossy, runes};
use crate::runtime::{Buffer, Context, Failure, Outcome, Text, Value};

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

fn trim(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let bytes = arguments.text(0)?.bytes();
    let is_space = |(_, character, _): &(usize, char, usize)| character.is_whitespace();
    let mut kept = runes(bytes).filter(|rune| !is_space(rune));
    let Some((start, _, width)) = kept.next() else {
        return Ok(Value::text(""));
    };
    let end = kept
        .last()
        .map_or(start + width, |(at, _, width)| at + width);
    context.text(&bytes[start..end])
}

fn trim_all(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let characters = arguments.text(0)?.lossy();
    let bytes = arguments.text(1)?.bytes();
    let mut kept = runes(bytes).filter(|(_, character, _)| !characters.contains(*character));
    let Some((start, _, width)) = kept.next() else {
        return Ok(Value::text(""));
    };
    let end = kept
        .last()
        .map_or(start + width, |(at, _, width)| at + width);
    context.text(&bytes[start..end])
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
    context.produce(text.len())?;
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
    let mut rest = text;
    while let Some(at) = find(rest, old) {
        output.push(&rest[..at])?;
        output.push(new)?;
        rest = &rest[at + old.len()..];
    }
    output.push(rest)?;
    context.finish(output)
}

/// Where the part is in the text.
pub(super) fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    let Some(first) = part.first() else {
        return Some(0);
    };
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|byte| byte == first) {
        let start = from + at;
        if text[start..].starts_with(part) {
            return Some(start);
        }
        from = start + 1;
    }
    None
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

fn contains(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (part, text) = (arguments.text(0)?.bytes(), arguments.text(1)?.bytes());
    context.produce(text.len())?;
    Ok(Value::Bool(find(text, part).is_some()))
}

fn has_prefix(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (prefix, text) = (arguments.text(0)?.bytes(), arguments.text(1)?.bytes());
    Ok(Value::Bool(text.starts_with(prefix)))
}

fn has_suffix(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (suffix, text) = (arguments.text(0)?.bytes(), arguments.text(1)?.bytes());
    Ok(Value::Bool(text.ends_with(suffix)))
}

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

/// Bytes as text for functions that look at characters.
pub(super) fn characters(text: &Text) -> Vec<char> {
    lossy(text.bytes()).chars().collect()
}
