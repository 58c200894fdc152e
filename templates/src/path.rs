//! API paths below `/v1`, as they stand between `vault:` and `#`.

use std::fmt::{self, Write as _};
use std::str::FromStr;

use thiserror::Error;

/// Longest path in bytes. Vault's own storage paths are far shorter; an HTTP request line of 8 KiB
/// must hold it with every byte percent-encoded.
const MAX_LENGTH: usize = 2048;

/// A path below `/v1`, such as `secret/data/db`: no `/` at either end, no empty, `.` or `..`
/// segment, no control character.
///
/// A space, a comma and the characters that mean something in a reference are written as in a URL:
/// see [`ESCAPES`]. Any other `%` stands for itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VaultPath(String);

/// How characters of a path are written that cannot stand in a reference, or in a list of paths.
pub const ESCAPES: [(char, &str); 7] = [
    (' ', "%20"),
    ('#', "%23"),
    ('%', "%25"),
    (',', "%2C"),
    ('?', "%3F"),
    ('{', "%7B"),
    ('}', "%7D"),
];

impl VaultPath {
    /// The path as Vault knows it, without escapes. The client encodes it for the URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// As it is written in a reference.
impl fmt::Display for VaultPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, character) in self.0.char_indices() {
            match character {
                ',' => f.write_char(character)?,
                // Only where it would be read as an escape.
                '%' if escape(&self.0[at..]).is_none() => f.write_char(character)?,
                _ => match spelling(character) {
                    Some(spelling) => f.write_str(spelling)?,
                    None => f.write_char(character)?,
                },
            }
        }
        Ok(())
    }
}

fn spelling(character: char) -> Option<&'static str> {
    let mut escapes = ESCAPES.iter();
    escapes.find_map(|(escaped, spelling)| (*escaped == character).then_some(*spelling))
}

/// The character of an escape at the front.
fn escape(text: &str) -> Option<char> {
    let front = text.get(..3)?;
    let mut escapes = ESCAPES.iter();
    escapes.find_map(|(escaped, spelling)| spelling.eq_ignore_ascii_case(front).then_some(*escaped))
}

/// The text with its escapes resolved.
fn unescaped(text: &str) -> String {
    let mut path = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(percent) = rest.find('%') {
        path.push_str(&rest[..percent]);
        rest = &rest[percent..];
        let (character, length) = escape(rest).map_or(('%', 1), |character| (character, 3));
        path.push(character);
        rest = &rest[length..];
    }
    path.push_str(rest);
    path
}

impl FromStr for VaultPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        if text.is_empty() {
            return Err(PathError::Empty);
        }
        if text.len() > MAX_LENGTH {
            return Err(PathError::TooLong);
        }
        let path = || text.to_owned();
        // Before all messages that show the path as it is.
        if let Some(character) = text.chars().find(|c| c.is_control()) {
            return Err(PathError::Character {
                path: path(),
                character,
            });
        }
        if text.contains("${") {
            return Err(PathError::Template { path: path() });
        }
        if let Some(character) = text.chars().find(|c| !is_allowed(*c)) {
            return Err(match (character, spelling(character)) {
                ('?', _) => PathError::QuestionMark { path: path() },
                (_, Some(spelling)) => PathError::Unescaped {
                    path: path(),
                    character,
                    spelling,
                },
                _ => PathError::Character {
                    path: path(),
                    character,
                },
            });
        }
        let trimmed = text.trim_matches('/');
        if trimmed.len() != text.len() {
            return Err(PathError::OuterSlash {
                path: path(),
                nearest: trimmed.to_owned(),
            });
        }
        match text
            .split('/')
            .find(|segment| matches!(*segment, "" | "." | ".."))
        {
            None => Ok(Self(unescaped(text))),
            Some("") => Err(PathError::EmptySegment { path: path() }),
            Some(segment) => Err(PathError::DotSegment {
                path: path(),
                segment: segment.into(),
            }),
        }
    }
}

fn is_allowed(character: char) -> bool {
    !(character.is_whitespace()
        || character.is_control()
        || matches!(character, '?' | '#' | '{' | '}'))
}

/// What is wrong with a path.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum PathError {
    #[error("the path is empty; name one")]
    Empty,
    #[error("the path is longer than {MAX_LENGTH} bytes; shorten it")]
    TooLong,
    #[error("path `{path}` contains a template; write templates behind `#`")]
    Template { path: String },
    #[error("path `{path}` contains `?` before its end; write `%3F` for it")]
    QuestionMark { path: String },
    #[error("path {path:?} contains {character:?}; write `{spelling}` for it")]
    Unescaped {
        path: String,
        character: char,
        spelling: &'static str,
    },
    #[error("path {path:?} contains {character:?}, which a path must not; remove it")]
    Character { path: String, character: char },
    #[error("path `{path}` must not begin or end with `/`; write `{nearest}`")]
    OuterSlash { path: String, nearest: String },
    #[error("path `{path}` contains `//`; write one `/`")]
    EmptySegment { path: String },
    #[error("path `{path}` contains `{segment}`, which a path must not; remove it")]
    DotSegment { path: String, segment: String },
}

#[cfg(test)]
mod tests {
    use super::VaultPath;

    #[test]
    fn path_is_parsed() {
        for path in [
            "a",
            "secret/data/db",
            "pki/issue/a-b_c.d",
            "kv/data/Grüße",
            "a/%2e%2e/b",
        ] {
            assert_eq!(path.parse::<VaultPath>().unwrap().as_str(), path);
        }
    }

    #[test]
    fn escaped_characters_are_read_and_printed() {
        for (written, path) in [
            ("secret/data/my%20app", "secret/data/my app"),
            ("a/%7Bb%7D", "a/{b}"),
            ("a%23b%3F", "a#b?"),
            ("a%2520b", "a%20b"),
            ("a%2520%", "a%20%"),
            ("100%/b%2eb/%2F", "100%/b%2eb/%2F"),
            ("a,b", "a,b"),
        ] {
            let parsed: VaultPath = written.parse().unwrap();
            assert_eq!(
                (parsed.as_str(), parsed.to_string()),
                (path, written.to_owned())
            );
        }
        for (written, path) in [("a%2Cb", "a,b"), ("a%7bb", "a{b"), ("a%2525b", "a%25b")] {
            let parsed: VaultPath = written.parse().unwrap();
            assert_eq!(parsed.as_str(), path, "{written}");
            assert_eq!(parsed.to_string().parse::<VaultPath>().unwrap(), parsed);
        }
    }

    #[test]
    fn escapes_make_no_other_path() {
        for path in ["a/%2e%2e/b", "a%2Fb", "a%00b"] {
            assert_eq!(
                path.parse::<VaultPath>().unwrap().as_str(),
                path,
                "it stays as it is"
            );
        }
        for path in ["a/%20", "%20"] {
            assert!(
                path.parse::<VaultPath>().is_ok(),
                "{path}: a name may be a space"
            );
        }
    }

    #[test]
    fn malformed_path_is_rejected() {
        let cases = [
            ("", "empty"),
            ("/a", "write `a`"),
            ("a/", "write `a`"),
            ("//", "begin or end"),
            ("a//b", "write one `/`"),
            ("a/../b", "`..`"),
            ("a/./b", "`.`"),
            ("a b", "' '; write `%20`"),
            ("a\nb", "'\\n'"),
            ("a\u{a0}b", "'\\u{a0}'"),
            ("a?b", "write `%3F`"),
            ("a}b", "'}'; write `%7D`"),
            ("a{b", "'{'; write `%7B`"),
            ("secret/data/${ENV}", "template"),
            ("a\n${ENV}", "'\\n'"),
        ];
        for (path, part) in cases {
            let error = path.parse::<VaultPath>().unwrap_err().to_string();
            assert!(error.contains(part), "{path:?}: {error}");
            assert!(!error.contains('\n'), "{path:?}: {error}");
        }
        assert!("a".repeat(2049).parse::<VaultPath>().is_err());
    }
}
