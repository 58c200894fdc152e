//! Lines and widths: indenting, wrapping, shortening.

use super::entry::{Arguments, Function, Group, integer, text};
use crate::runtime::{Buffer, Context, Failure, Outcome};

pub(super) const GROUP: Group = Group {
    title: "Lines and widths",
    functions: &[
        Function::new("indent", &[integer("spaces"), text("text")], indent).doc(
            "The text with so many spaces before every line.",
            r#"${indent 2 "a\nb"}"#,
            "  a\n  b",
        ),
        Function::new("nindent", &[integer("spaces"), text("text")], nindent).doc(
            "A line break, and then as `indent`.",
            r#"a:${nindent 2 "b\nc"}"#,
            "a:\n  b\n  c",
        ),
        Function::new("abbrev", &[integer("width"), text("text")], abbrev).doc(
            "The text cut to so many bytes, the last three of which are dots.",
            r#"${abbrev 7 "hello world"}"#,
            "hell...",
        ),
        Function::new(
            "abbrevboth",
            &[integer("left"), integer("width"), text("text")],
            abbrevboth,
        )
        .doc(
            "The text cut to so many bytes around an offset, with dots on both sides.",
            r#"${abbrevboth 5 10 "1234 5678 9123"}"#,
            "...5678...",
        ),
        Function::new("wrap", &[integer("width"), text("text")], wrap).doc(
            "The text with line breaks at spaces, so that lines are so wide; longer words stay.",
            r#"${wrap 5 "aaa bbb ccccccc"}"#,
            "aaa\nbbb\nccccccc",
        ),
        Function::new(
            "wrapWith",
            &[integer("width"), text("separator"), text("text")],
            wrap_with,
        )
        .doc(
            "As `wrap`, with your own separator, and longer words broken.",
            r#"${wrapWith 5 "|" "aaa bbb ccccccc"}"#,
            "aaa|bbb|ccccc|cc",
        ),
    ],
};

fn indent(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    indented(context, arguments, b"")
}

fn nindent(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    indented(context, arguments, b"\n")
}

fn indented(context: &mut Context, arguments: &Arguments<'_>, before: &[u8]) -> Outcome {
    let spaces = usize::try_from(arguments.integer(0)?);
    let spaces = spaces.map_err(|_| Failure::Because("the number of spaces is negative"))?;
    let mut output = Buffer::new();
    output.push(before)?;
    for (index, line) in arguments
        .text(1)?
        .bytes()
        .split(|byte| *byte == b'\n')
        .enumerate()
    {
        if index > 0 {
            output.push(b"\n")?;
        }
        output.push_repeated(b" ", spaces)?;
        output.push(line)?;
    }
    context.finish(output)
}

fn abbrev(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (width, text) = (arguments.integer(0)?, arguments.text(1)?);
    if width < 4 {
        return context.text(text.bytes());
    }
    context.text(abbreviated(text.bytes(), 0, width))
}

fn abbrevboth(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (left, width) = (arguments.integer(0)?, arguments.integer(1)?);
    let text = arguments.text(2)?;
    if width < 4 || (left > 0 && width < 7) {
        return context.text(text.bytes());
    }
    context.text(abbreviated(text.bytes(), left, width))
}

const DOTS: &[u8] = b"...";

/// `width` is at least 4.
fn abbreviated(text: &[u8], offset: i64, width: i64) -> Vec<u8> {
    let width = usize::try_from(width).unwrap_or(usize::MAX);
    if text.len() <= width {
        return text.to_vec();
    }
    let shown = width - DOTS.len();
    let offset = usize::try_from(offset).unwrap_or(0).min(text.len());
    let offset = offset.min(text.len() - shown);
    if offset <= 4 {
        return [&text[..shown], DOTS].concat();
    }
    if width < 7 {
        return Vec::new();
    }
    if offset + shown < text.len() {
        let rest = &text[offset..];
        let cut = &rest[..(shown - DOTS.len()).min(rest.len())];
        return [DOTS, cut, DOTS].concat();
    }
    [DOTS, &text[text.len() - shown..]].concat()
}

fn wrap(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let output = wrapped(
        arguments.text(1)?.bytes(),
        arguments.integer(0)?,
        b"\n",
        false,
    )?;
    context.finish(output)
}

fn wrap_with(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let separator = match arguments.text(1)?.bytes() {
        b"" => b"\n",
        separator => separator,
    };
    let output = wrapped(
        arguments.text(2)?.bytes(),
        arguments.integer(0)?,
        separator,
        true,
    )?;
    context.finish(output)
}

fn wrapped(text: &[u8], width: i64, separator: &[u8], breaks_words: bool) -> Outcome<Buffer> {
    let width = usize::try_from(width.max(1)).unwrap_or(usize::MAX);
    let mut output = Buffer::new();
    let mut rest = text;
    while rest.len() > width {
        if rest[0] == b' ' {
            rest = &rest[1..];
            continue;
        }
        let is_space = |byte: &u8| *byte == b' ';
        let fitting = rest[..=width].iter().rposition(is_space);
        let (line, next) = match fitting {
            Some(space) => (space, space + 1),
            None if breaks_words => (width, width),
            None => match rest[width..].iter().position(is_space) {
                Some(space) => (width + space, width + space + 1),
                None => break,
            },
        };
        output.push(&rest[..line])?;
        output.push(separator)?;
        rest = &rest[next..];
    }
    output.push(rest)?;
    Ok(output)
}
