//! What a person probably did who wrote a reference that is none, and what to write.

use crate::path::PathError;
use crate::reference::{READ, ReferenceError};

/// Longest piece of a value that a message repeats, in bytes.
const LONGEST: usize = 64;

/// The same, and how to keep the text itself where that may be meant. A sentence that names the fix of
/// a common mistake is enough.
pub fn explain_with_text(error: &ReferenceError, how: &str) -> String {
    let sentence = explain(error);
    if error.may_be_text() && sentence == error.to_string() {
        format!("{sentence}, or {how} to keep the text")
    } else {
        sentence
    }
}

/// The sentence about a wrong reference: the fix where the mistake is a common one, else its own.
pub fn explain(error: &ReferenceError) -> String {
    match error {
        ReferenceError::KeyCharacter { path, key, .. } if key.starts_with("{{") => {
            let inner = key
                .trim_start_matches('{')
                .split('}')
                .next()
                .unwrap_or_default();
            let inner = Some(inner.trim()).filter(|inner| inner.len() <= LONGEST);
            let action = inner.filter(|inner| !inner.is_empty()).unwrap_or(".FIELD");
            format!(
                "the key of `{path}` has Helm's braces; write a template, `{READ}{path}#${{{action}}}`"
            )
        }
        ReferenceError::KeyCharacter { path, key, .. } if ends_in_line_break(key) => {
            line_break(path)
        }
        ReferenceError::Version { path, version } if ends_in_line_break(version) => {
            line_break(path)
        }
        ReferenceError::Path(PathError::Character { path, .. }) if ends_in_line_break(path) => {
            line_break(path.trim_end())
        }
        error => error.to_string(),
    }
}

fn line_break(path: impl std::fmt::Display) -> String {
    format!(
        "the reference to `{path}` ends in a line break; write it on one line, or behind `|-` in YAML"
    )
}

/// At its end, and nowhere else.
fn ends_in_line_break(text: &str) -> bool {
    let line = text.trim_end_matches(['\n', '\r']);
    line.len() < text.len() && !line.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use contract::message::{MESSAGE_WORDS, words};

    use super::explain;
    use crate::EnvValue;

    #[test]
    fn explain_names_the_fix_in_few_words() {
        let helm = "the key of `P` has Helm's braces; write a template, `vault:P#";
        let line = "ends in a line break; write it on one line, or behind `|-` in YAML";
        for (value, parts) in [
            ("vault:P#{{ .x }}", [helm, "`vault:P#${.x}`"]),
            ("vault:P#{{.x | quote}}", [helm, "`vault:P#${.x | quote}`"]),
            ("vault:P#{{", [helm, "`vault:P#${.FIELD}`"]),
            ("vault:P#key\n", ["the reference to `P` ends", line]),
            ("vault:P#key\r\n", ["the reference to `P` ends", line]),
            ("vault:P#key#2\n", ["the reference to `P` ends", line]),
            (
                "vault:secret/data/db\n",
                ["the reference to `secret/data/db` ends", line],
            ),
            ("vault:P#a\nb", ["contains '\\n'", "write it as a template"]),
            ("vault:P#{x}", ["contains '{'", "write it as a template"]),
        ] {
            let sentence = explain(&EnvValue::parse(value).unwrap_err());
            for part in parts {
                assert!(sentence.contains(part), "{value:?}: {sentence}");
            }
            assert!(!sentence.contains('\n'), "{sentence:?}");
            let count = words(&sentence);
            assert!(count <= MESSAGE_WORDS, "{count} words: {sentence}");
        }
    }

    #[test]
    fn explain_repeats_no_long_template() {
        let value = format!("vault:P#{{{{ {} }}}}", "x".repeat(10_000));
        let sentence = explain(&EnvValue::parse(&value).unwrap_err());
        assert!(sentence.len() < 200, "{sentence}");
    }
}
