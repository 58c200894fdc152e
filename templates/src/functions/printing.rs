//! `print`, `printf`, and the escapes of text/template.

use super::entry::{Arguments, Function, Group, Run, any, text};
use crate::go::{format, letters, url, verbs};
use crate::runtime::text::runes;
use crate::runtime::{Buffer, Context, Failure, Outcome, Value};

pub(super) const GROUP: Group = Group {
    title: "Printing",
    functions: &[
        Function::new("print", &[], print).rest(any("values")).doc(
            "All values as text, with a space between two that are no texts.",
            r#"${print 1 2 "a" 3}"#,
            "1 2a3",
        ),
        Function::new("println", &[], println).rest(any("values")).doc(
            "All values as text, with spaces between them and a line break behind them.",
            r#"${println "a" 1}"#,
            "a 1\n",
        ),
        Function::new("printf", &[text("format")], printf).rest(any("values")).doc(
            "The format with its verbs (`%s`, `%d`, `%q`, `%5.2f`, `%v`, …) replaced by the values.",
            r#"${printf "%s:%05d %.1f %q" "a" 42 1.25 "b"}"#,
            r#"a:00042 1.2 "b""#,
        ),
        Function::new("html", &[], html).rest(any("values")).doc(
            "The values as text, escaped for HTML.",
            r#"${html "<a href='x'>"}"#,
            "&lt;a href=&#39;x&#39;&gt;",
        ),
        Function::new("js", &[], js).rest(any("values")).doc(
            "The values as text, escaped for a string in JavaScript.",
            r#"${js "it's <b>"}"#,
            r"it\'s \u003Cb\u003E",
        ),
        Function::new("urlquery", &[], urlquery).rest(any("values")).doc(
            "The values as text, escaped for a part of a URL's query.",
            r#"${urlquery "p@ss word/1"}"#,
            "p%40ss+word%2F1",
        ),
        Function::with_run("fail", &[text("message")], Run::Fail).doc(
            "Ends the rendering with an error. The message is shown only if it is a literal.",
            r#"${if false}${fail "no user"}${end}ok"#,
            "ok",
        ),
        Function::new("hello", &[], |_, _| Ok(Value::text("Hello!"))).doc(
            "A greeting.",
            "${hello}",
            "Hello!",
        ),
    ],
};

/// All values as `fmt.Sprint` prints them.
fn sprint(context: &mut Context, values: &[Value]) -> Outcome<Buffer> {
    let mut output = Buffer::new();
    let mut behind_text = true;
    for value in values {
        // Go's numbers of JSON are strings.
        let is_text = matches!(value, Value::Text(_) | Value::Number(_));
        if !is_text && !behind_text {
            output.push(b" ")?;
        }
        format::print(context, &mut output, value)?;
        behind_text = is_text;
    }
    Ok(output)
}

fn print(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let output = sprint(context, arguments.rest(0))?;
    context.finish(output)
}

fn println(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut output = Buffer::new();
    for (index, value) in arguments.rest(0).iter().enumerate() {
        if index > 0 {
            output.push(b" ")?;
        }
        format::print(context, &mut output, value)?;
    }
    output.push(b"\n")?;
    context.finish(output)
}

fn printf(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut output = Buffer::new();
    let format = arguments.text(0)?.bytes();
    verbs::printf(context, &mut output, format, arguments.rest(1))?;
    context.finish(output)
}

/// The same for the escapes, for which nil is no text.
fn escapable(context: &mut Context, values: &[Value]) -> Outcome<Buffer> {
    if values.iter().any(|value| matches!(value, Value::Nil)) {
        return Failure::because("a value is nil, which is no text");
    }
    sprint(context, values)
}

fn html(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let text = escapable(context, arguments.rest(0))?;
    let mut output = Buffer::new();
    for byte in text.bytes() {
        match byte {
            0 => output.push_char(char::REPLACEMENT_CHARACTER)?,
            b'"' => output.push(b"&#34;")?,
            b'\'' => output.push(b"&#39;")?,
            b'&' => output.push(b"&amp;")?,
            b'<' => output.push(b"&lt;")?,
            b'>' => output.push(b"&gt;")?,
            _ => output.push(&[*byte])?,
        }
    }
    context.finish(output)
}

fn js(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let text = escapable(context, arguments.rest(0))?;
    let mut output = Buffer::new();
    for (start, character, width) in runes(text.bytes()) {
        match character {
            '\\' => output.push(b"\\\\")?,
            '\'' => output.push(b"\\'")?,
            '"' => output.push(b"\\\"")?,
            '<' | '>' | '&' | '=' | '\0'..=' ' if character != ' ' => {
                output.push_str(&format!("\\u{:04X}", u32::from(character)))?;
            }
            _ if character.is_ascii() || letters::is_print(character) => {
                output.push(&text.bytes()[start..start + width])?;
            }
            _ => output.push_str(&format!("\\u{:04X}", u32::from(character)))?,
        }
    }
    context.finish(output)
}

fn urlquery(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let text = escapable(context, arguments.rest(0))?;
    context.text(url::escape(text.bytes(), url::Mode::Query))
}
