//! A value as YAML that kubectl, and readers of YAML 1.2, read as this value.
//!
//! The blocks are those of `kubectl get -o yaml`. A text is plain only where no reader of YAML takes it
//! for anything else.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::scalar;

/// A longer key is not one that YAML finds by its colon alone.
const SIMPLE_KEY: usize = 1000;

/// The document, with a line break at its end.
pub(crate) fn document(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => entries(&mut text, map, 0, ""),
        Value::Array(list) if !list.is_empty() => elements(&mut text, list, 0, ""),
        value => {
            leaf(&mut text, value, 0);
            text.remove(0);
        }
    }
    text
}

/// The lines of a map whose keys are in this column.
pub(super) fn entries_at(map: &Map<String, Value>, column: usize) -> String {
    let mut text = String::new();
    entries(&mut text, map, column, &" ".repeat(column));
    text
}

/// The lines of a list whose dashes are in this column.
pub(super) fn elements_at(list: &[Value], column: usize) -> String {
    let mut text = String::new();
    elements(&mut text, list, column, &" ".repeat(column));
    text
}

/// What is behind the colon of a key in this column.
pub(super) fn value_at(value: &Value, column: usize) -> String {
    match value {
        Value::Object(map) if !map.is_empty() => format!("\n{}", entries_at(map, column + 2)),
        Value::Array(list) if !list.is_empty() => format!("\n{}", elements_at(list, column)),
        value => {
            let mut text = String::new();
            leaf(&mut text, value, column);
            text
        }
    }
}

/// The first entry is on a line that has begun.
fn entries(text: &mut String, map: &Map<String, Value>, indent: usize, first: &str) {
    let mut margin = first.to_owned();
    for (key, value) in map {
        text.push_str(&margin);
        let key = inline(key);
        if key.len() > SIMPLE_KEY {
            text.extend(["? ", &key, "\n", &" ".repeat(indent)]);
        } else {
            text.push_str(&key);
        }
        text.push(':');
        match value {
            Value::Object(map) if !map.is_empty() => {
                text.push('\n');
                entries(text, map, indent + 2, &" ".repeat(indent + 2));
            }
            Value::Array(list) if !list.is_empty() => {
                text.push('\n');
                elements(text, list, indent, &" ".repeat(indent));
            }
            value => leaf(text, value, indent),
        }
        margin = " ".repeat(indent);
    }
}

fn elements(text: &mut String, list: &[Value], indent: usize, first: &str) {
    let mut margin = first.to_owned();
    for value in list {
        text.push_str(&margin);
        text.push('-');
        match value {
            Value::Object(map) if !map.is_empty() => entries(text, map, indent + 2, " "),
            Value::Array(list) if !list.is_empty() => elements(text, list, indent + 2, " "),
            value => leaf(text, value, indent),
        }
        margin = " ".repeat(indent);
    }
}

/// With the space before it and the end of its line.
fn leaf(text: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Object(_) => text.push_str(" {}"),
        Value::Array(_) => text.push_str(" []"),
        Value::String(value) if is_block(value) => return block(text, value, indent + 2),
        Value::String(value) => text.extend([" ", &inline(value)]),
        // Writing to a String does not fail.
        value => drop(write!(text, " {value}")),
    }
    text.push('\n');
}

/// A text on one line.
fn inline(text: &str) -> String {
    if is_plain(text) {
        text.to_owned()
    } else {
        quoted(text)
    }
}

fn quoted(text: &str) -> String {
    let json = Value::from(text).to_string();
    let mut quoted = String::with_capacity(json.len());
    for c in json.chars() {
        if is_printable(c) {
            quoted.push(c);
        } else {
            // None of these is beyond the first plane. Writing to a String does not fail.
            let _ = write!(quoted, "\\u{:04x}", u32::from(c));
        }
    }
    quoted
}

/// Neither control characters, nor old line breaks, nor a byte-order mark.
fn is_printable(c: char) -> bool {
    !matches!(
        c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    )
}

fn is_plain(text: &str) -> bool {
    let is_first = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '/' | '.' | '$' | '(');
    let behind_dash = text.strip_prefix('-').unwrap_or(text);
    let word = behind_dash.strip_prefix('-').unwrap_or(behind_dash);
    let is_word = word.starts_with(is_first)
        && text.chars().all(is_harmless)
        && !text.ends_with([':', ' '])
        && !text.contains(": ")
        && !text.contains(" #")
        && !is_like_a_value(text);
    is_word || text == "--"
}

fn is_harmless(c: char) -> bool {
    c.is_ascii_alphanumeric() || " _./:@%+=-#$()~*?!;<>^|&".contains(c)
}

/// Whether a reader of some version of YAML has a number, date, time or word there.
fn is_like_a_value(text: &str) -> bool {
    let is_of_number = |c: char| c.is_ascii_hexdigit() || "xXoO_.:+-eEtTzZ ".contains(c);
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c))
        && text.contains(|c: char| c.is_ascii_digit());
    let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    !scalar::is_text(text)
        || (begins && text.chars().all(is_of_number))
        || words.iter().any(|word| word.eq_ignore_ascii_case(text))
}

/// Whether a text of several lines can stand as it is.
fn is_block(text: &str) -> bool {
    let is_content = |c: char| c == '\n' || c == '\t' || is_printable(c);
    text.trim_end_matches('\n').contains('\n')
        && !text.starts_with(char::is_whitespace)
        && text.chars().all(is_content)
}

fn block(text: &mut String, value: &str, indent: usize) {
    let content = value.trim_end_matches('\n');
    text.push_str(match value.len() - content.len() {
        0 => " |-\n",
        1 => " |\n",
        _ => " |+\n",
    });
    let margin = " ".repeat(indent);
    let end = value.strip_suffix('\n').unwrap_or(value);
    for line in end.split('\n') {
        if !line.is_empty() {
            text.extend([&margin, line]);
        }
        text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{documents, tree};
    use super::{document, is_plain};

    fn read(text: &str) -> Value {
        let mut found: Vec<_> = documents(text).collect();
        assert_eq!(found.len(), 1, "{text}");
        found.remove(0).content.unwrap().value
    }

    const TEXTS: &[&str] = &[
        "",
        " ",
        "a",
        "a b",
        " a",
        "a ",
        "a: b",
        "a:",
        ":a",
        "a #b",
        "a#b",
        "#a",
        "- a",
        "-",
        "--",
        "---",
        "-a",
        "--a=b",
        "-1",
        "--1",
        "?",
        "? a",
        "*a",
        "&a",
        "!a",
        "|",
        ">",
        "%a",
        "@a",
        "`a",
        "\"",
        "'",
        "a'b",
        "{a}",
        "[a]",
        "a,b",
        "yes",
        "No",
        "nO",
        "y",
        "~",
        "null",
        "NULL",
        "true",
        "0400",
        "0o7",
        "1e3",
        "1_000",
        "1:30",
        "12:30:45",
        "2026-01-01",
        "2026-01-01 10:00:00",
        ".5",
        ".",
        "..",
        "...",
        ".inf",
        "0x1F",
        "+1",
        "=",
        "<<",
        "10.0.0.1",
        "64Mi",
        "a\tb",
        "\ta",
        "a\n",
        "a\nb",
        "a\nb\n",
        "a\n\nb\n\n\n",
        "\na\n",
        " a\nb",
        "\ta\nb",
        "a\n\tb",
        "a\n  b\n c",
        "a\n \nb",
        "a\nb\n ",
        "# a\nb",
        "---\na",
        "a\n---\nb",
        "a\r\nb",
        "ü",
        "🐍",
        "a\u{85}b",
        "a\u{2028}b\nc",
        "\u{feff}a",
        "\u{7f}",
        "\0",
        "vault:secret/data/db#password",
        "${vault:a#b}",
        "$(A)-b",
        "{\"a\": 1}",
        "http://a:80/b?c=d&e",
        "a\\b",
        "key: |",
        "\u{fffd}",
        "\u{10ffff}",
    ];

    #[test]
    fn text_is_read_again_as_it_was() {
        for &text in TEXTS {
            let long = "k".repeat(2000);
            let value = json!({"v": text, "list": [text, [text, {text: text}]], text: [], "z": {text: {}}, long: text});
            let written = document(&value);
            assert_eq!(read(&written), value, "{text:?}:\n{written}");
            let theirs: Value = serde_yaml::from_str(&written).unwrap();
            assert_eq!(theirs, value, "YAML 1.2: {text:?}:\n{written}");
        }
    }

    #[test]
    fn values_are_written_as_blocks() {
        let value = json!({"a": {"b": [1, [2, 3], {"c": null, "d": [{}, []]}], "e": {}}, "f": [], "g": 0.5,
            "h": true, "i": "x\ny\n", "j": ["x\ny"], "k": 1e300});
        let text = "a:\n  b:\n  - 1\n  - - 2\n    - 3\n  - c: null\n    d:\n    - {}\n    - []\n  e: {}\nf: []\n\
            g: 0.5\nh: true\ni: |\n  x\n  y\nj:\n- |-\n  x\n  y\nk: 1e+300\n";
        assert_eq!(document(&value), text);
        assert_eq!(tree::read(text, 1).unwrap().value, value);
        for value in [json!({}), json!([]), json!(null), json!("a"), json!([[1]])] {
            assert_eq!(read(&document(&value)), value);
        }
    }

    #[test]
    fn common_text_stays_plain() {
        for text in [
            "/tokenpipe/bin/env-exec",
            "--",
            "-config=/a.json",
            "vault:secret/data/db#password",
            "hashicorp/vault:1.21.1",
            "apps/v1",
            "16Mi",
            "$(HOST):$(PORT)",
            "a b",
            "tokenpipe.dev/status",
            "sh",
            "-c",
            "500m",
            "RuntimeDefault",
        ] {
            assert!(is_plain(text), "{text}");
        }
    }
}
