//! Where a template action or a JSON object ends, without understanding it.

/// Start of a template action, and of an inline reference.
pub(crate) const OPEN: &str = "${";

/// End of the action that begins at `start`, where `text[start..]` begins with `${`: the offset
/// just behind its `}`. Quoted strings, character constants and comments may contain a `}`.
pub(crate) fn end_of_action(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = start + OPEN.len();
    while let Some(byte) = bytes.get(at) {
        at = match byte {
            b'}' => return Some(at + 1),
            b'"' | b'\'' => end_of_quoted(bytes, at, *byte)?,
            b'`' => at + 2 + text[at + 1..].find('`')?,
            b'/' if bytes.get(at + 1) == Some(&b'*') => at + 4 + text[at + 2..].find("*/")?,
            _ => at + 1,
        };
    }
    None
}

/// End of the JSON object that begins at `start`, where `text[start..]` begins with `{`.
pub(crate) fn end_of_object(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at = end_of_quoted(bytes, at, b'"')?;
                continue;
            }
            b'{' => depth += 1,
            b'}' if depth == 1 => return Some(at + 1),
            b'}' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
    None
}

/// The offset just behind the closing quote; a backslash takes the next byte's meaning away.
fn end_of_quoted(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match *bytes.get(at)? {
            b'\\' => at += 2,
            byte if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{end_of_action, end_of_object};

    #[test]
    fn actions() {
        let cases = [
            ("${.a}x", Some(5)),
            ("${\"}\"}x", Some(6)),
            ("${\"\\\"}\"}x", Some(8)),
            ("${`}`}x", Some(6)),
            ("${'}'}x", Some(6)),
            ("${/* } */}x", Some(10)),
            ("${.a", None),
            ("${\"a}", None),
            ("${`a}", None),
            ("${/* }", None),
            ("${\"\\", None),
        ];
        for (text, end) in cases {
            assert_eq!(end_of_action(text, 0), end, "{text}");
        }
    }

    #[test]
    fn objects() {
        let cases = [
            ("{}x", Some(2)),
            (r#"{"a":{"b":"}"}}x"#, Some(15)),
            (r#"{"a":"\"}"}x"#, Some(11)),
            ("{", None),
            ("{nope", None),
        ];
        for (text, end) in cases {
            assert_eq!(end_of_object(text, 0), end, "{text}");
        }
    }
}
