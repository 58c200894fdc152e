//! One line that is an entry of a map, as `key: value`.

use crate::yaml;

/// The parts of the line, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry<'t> {
    /// White space before the key.
    pub(super) indent: &'t str,
    /// The key, without quotes.
    pub(super) key: &'t str,
    /// The quotes.
    quote: &'static str,
    /// From the colon up to the value.
    separator: &'t str,
    /// The value as it was written, with quotes.
    pub(super) value: &'t str,
    /// What stands behind the value, a comment for one.
    rest: &'t str,
    /// The end of the line.
    pub(super) newline: &'t str,
}

impl<'t> Entry<'t> {
    /// Reads a line. A list item's `- ` is no part of an entry: no annotation stands behind one.
    pub(super) fn parse(line: &'t str) -> Option<Self> {
        let body = line.trim_end_matches(['\r', '\n']);
        let newline = &line[body.len()..];
        let content = body.trim_start_matches(' ');
        let (indent, _) = body.split_at(body.len() - content.len());
        let (quote, key, behind) = key(content)?;
        let value_on = behind.strip_prefix(':')?;
        let value_start = value_on.trim_start_matches([' ', '\t']);
        let gap = value_on.len() - value_start.len();
        if gap == 0 && !value_on.is_empty() {
            return None;
        }
        let separator = &behind[..=gap];
        let (value, rest) = value(value_start)?;
        Some(Self {
            indent,
            key,
            quote,
            separator,
            value,
            rest,
            newline,
        })
    }

    /// The value's text, if it is a scalar that this line holds whole, and no template of Helm's.
    pub(super) fn scalar(&self) -> Option<String> {
        if self.value.is_empty() || self.value.contains("{{") || self.starts_block() {
            return None;
        }
        yaml::read(self.value).ok()
    }

    /// The value as a setting of a method: a template of Helm's is put there as it stands.
    pub(super) fn setting(&self) -> Option<Setting<'t>> {
        if self.value.contains("{{") && !self.starts_block() {
            return Some(Setting::Template(self.value));
        }
        self.scalar().map(Setting::Text)
    }

    /// Whether the value stands on the following lines, behind `|` or `>`.
    pub(super) fn starts_block(&self) -> bool {
        let mut characters = self.value.chars();
        matches!(characters.next(), Some('|' | '>'))
            && characters.all(|c| c.is_ascii_digit() || matches!(c, '+' | '-'))
    }

    /// What is behind the value: a comment, or nothing.
    pub(super) fn comment(&self) -> &'t str {
        self.rest
    }

    /// Other lines may name it by its anchor.
    pub(super) fn has_anchor(&self) -> bool {
        self.value.starts_with('&')
    }

    /// Why its value cannot be read, if that is the file's doing and not the value's.
    pub(super) fn unreadable(&self) -> Option<&'static str> {
        if self.value.is_empty() {
            Some("its value is not on the key's line; write it there, and migrate again")
        } else if self.value.starts_with('*') {
            Some("its value is an alias; write the value itself there, and migrate again")
        } else if self.value.contains("{{") {
            Some("its value is a template of Helm's; write the annotation of tokenpipe yourself")
        } else {
            None
        }
    }

    /// Another key with this one's prefix.
    pub(super) fn sibling(&self, key: &str) -> String {
        let prefix = self.key.rfind('/').map_or("", |end| &self.key[..=end]);
        format!("{prefix}{key}")
    }

    /// The line with another key.
    pub(super) fn with_key(&self, key: &str) -> String {
        let Self {
            indent,
            quote,
            separator,
            value,
            rest,
            newline,
            ..
        } = self;
        format!("{indent}{quote}{key}{quote}{separator}{value}{rest}{newline}")
    }

    /// The line with another key and value; a comment behind it stays.
    pub(super) fn with(&self, key: &str, value: &str) -> String {
        let quoted = quoted(value);
        let Self {
            indent,
            quote,
            rest,
            newline,
            ..
        } = self;
        format!("{indent}{quote}{key}{quote}: {quoted}{rest}{newline}")
    }
}

/// The value of a method's setting.
pub(super) enum Setting<'t> {
    /// Its text.
    Text(String),
    /// What Helm makes the text of.
    Template(&'t str),
}

/// A scalar that is read as this text, whatever it looks like.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c))
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if is_plain {
        text.to_owned()
    } else {
        // A string of JSON is one of YAML.
        serde_json::Value::from(text).to_string()
    }
}

/// The quotes of a key, the key, and what stands behind it.
fn key(content: &str) -> Option<(&'static str, &str, &str)> {
    for quote in ["\"", "'"] {
        if let Some(inner) = content.strip_prefix(quote) {
            let (key, behind) = inner.split_once(quote)?;
            let is_plain = !key.is_empty() && !key.contains('\\') && !has_control(key);
            return is_plain.then_some((quote, key, behind.trim_start_matches(' ')));
        }
    }
    let end = content
        .find(": ")
        .or_else(|| content.strip_suffix(':').map(str::len))?;
    let key = content[..end].trim_end();
    let is_key = !key.is_empty()
        && !key.starts_with(['-', '#', '?', '{', '[', '&', '*', '!', '|', '>', '@', '`'])
        && !key.contains(char::is_whitespace)
        && !has_control(key);
    is_key.then(|| ("", key, &content[end..]))
}

fn has_control(text: &str) -> bool {
    text.contains(char::is_control)
}

/// The scalar that a text begins with, quotes and all, whatever follows it. In a map between braces a
/// comma or a brace ends one without quotes. `None` where a quoted one goes on.
pub(super) fn scalar_at(text: &str, in_braces: bool) -> Option<&str> {
    let text = text.trim_start().trim_end_matches(['\r', '\n']);
    let end = end_of_scalar(text, |text| {
        if in_braces {
            text.find([',', '}'])
        } else {
            comment(text)
        }
    })?;
    Some(text[..end].trim_end()).filter(|scalar| !scalar.is_empty())
}

/// A value, and what stands behind it. `None` where a quoted one goes on, or something follows it.
fn value(text: &str) -> Option<(&str, &str)> {
    let end = end_of_scalar(text, |text| {
        if text.starts_with('#') {
            Some(0)
        } else {
            comment(text)
        }
    })?;
    let value = text[..end].trim_end();
    let rest = &text[value.len()..];
    let behind = rest.trim_start();
    (behind.is_empty() || behind.starts_with('#')).then_some((value, rest))
}

/// Where the scalar ends that a text begins with; one without quotes where `plain` says, or at the
/// text's end.
fn end_of_scalar(text: &str, plain: impl FnOnce(&str) -> Option<usize>) -> Option<usize> {
    match text.chars().next() {
        Some('"') => {
            let mut escaped = false;
            let inner = text[1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            })?;
            Some(inner + 2)
        }
        Some('\'') => {
            let mut end = 1;
            loop {
                end += text[end..].find('\'')? + 1;
                // Two of them are one in the text.
                if !text[end..].starts_with('\'') {
                    return Some(end);
                }
                end += 1;
            }
        }
        _ => Some(plain(text).unwrap_or(text.len())),
    }
}

/// Where a comment begins behind a plain value.
fn comment(text: &str) -> Option<usize> {
    text.find(" #").or_else(|| text.find("\t#"))
}

#[cfg(test)]
mod tests {
    use super::{Entry, quoted};

    #[test]
    fn entries() {
        let cases = [
            ("a: b\n", Some(("a", "b"))),
            ("  \"a/b\": 'c''d' # e\r\n", Some(("a/b", "'c''d'"))),
            ("'a' : \"b\\\"c\"", Some(("a", "\"b\\\"c\""))),
            ("a:", Some(("a", ""))),
            ("a: # b", Some(("a", ""))),
            ("a: b#c #d", Some(("a", "b#c"))),
            (
                "a: {{ .Values.b | quote }}",
                Some(("a", "{{ .Values.b | quote }}")),
            ),
            ("a:b", None),
            ("\"a\":b", None),
            ("- a: b", None),
            ("# a: b", None),
            ("a: \"b\", ", None),
            ("a: \"b", None),
            ("{{- if .a }}: x", None),
            ("", None),
        ];
        for (line, expected) in cases {
            let entry = Entry::parse(line);
            let found = entry.as_ref().map(|entry| (entry.key, entry.value));
            assert_eq!(found, expected, "{line:?}");
            if let Some(entry) = entry {
                assert_eq!(
                    Entry::parse(&entry.with_key("k")).map(|e| e.value),
                    expected.map(|e| e.1)
                );
            }
        }
    }

    #[test]
    fn a_quoted_text_is_read_as_it_is() {
        for text in [
            "a/b",
            "true",
            "1",
            "",
            "{type: ec2}",
            "a\"b\\",
            "é",
            "# x",
            "- a",
        ] {
            let read: String = serde_yaml::from_str(&quoted(text)).unwrap();
            assert_eq!(read, text);
        }
    }
}
