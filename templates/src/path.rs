//! API paths below `/v1`, as they stand between `vault:` and `#`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// Longest path in bytes. Vault's own storage paths are far shorter; an HTTP request line of 8 KiB
/// must hold it with every byte percent-encoded.
const MAX_LENGTH: usize = 2048;

/// A path below `/v1`, such as `secret/data/db`: no `/` at either end, no empty, `.` or `..`
/// segment, no white space or control character, none of `?`, `#`, `{`, `}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VaultPath(String);

impl VaultPath {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for VaultPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
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
            return Err(match character {
                '?' => PathError::QuestionMark { path: path() },
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
            None => Ok(Self(path())),
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
    #[error("the path is empty")]
    Empty,
    #[error("the path is longer than {MAX_LENGTH} bytes")]
    TooLong,
    #[error("path `{path}` contains a template: only what follows `#` may be one")]
    Template { path: String },
    #[error(
        "path `{path}` has a `?` inside: it may only stand at the end of a path or key, and makes it optional"
    )]
    QuestionMark { path: String },
    #[error("path {path:?} contains {character:?}, which a path must not")]
    Character { path: String, character: char },
    #[error("path `{path}` must not begin or end with `/`: write `{nearest}`")]
    OuterSlash { path: String, nearest: String },
    #[error("path `{path}` contains `//`")]
    EmptySegment { path: String },
    #[error("path `{path}` contains `{segment}`, which a path must not")]
    DotSegment { path: String, segment: String },
}

#[cfg(test)]
mod tests {
    use super::VaultPath;

    #[test]
    fn what_is_a_path() {
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
    fn what_is_not() {
        let cases = [
            ("", "empty"),
            ("/a", "write `a`"),
            ("a/", "write `a`"),
            ("//", "begin or end"),
            ("a//b", "`//`"),
            ("a/../b", "`..`"),
            ("a/./b", "`.`"),
            ("a b", "' '"),
            ("a\nb", "'\\n'"),
            ("a\u{a0}b", "'\\u{a0}'"),
            ("a?b", "`?`"),
            ("a}b", "'}'"),
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
