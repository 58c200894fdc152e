//! Versions as programs print them.

use std::fmt;

/// A version's three numbers; what follows them (`-rc.1`, `+ent`) is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
    /// The version `major.minor.patch`.
    pub const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self {
            major,
            minor,
            patch,
        }
    }

    /// The first number.
    pub const fn major(self) -> u32 {
        self.major
    }

    /// The second number.
    pub const fn minor(self) -> u32 {
        self.minor
    }

    /// The first version in what a program printed: the first word of at least two numbers, with
    /// or without `v` or `go` before it.
    pub fn find(text: &str) -> Option<Self> {
        text.split(|c: char| c.is_whitespace() || matches!(c, '"' | ',' | '(' | ')'))
            .find_map(Self::from_word)
    }

    fn from_word(word: &str) -> Option<Self> {
        let word = word
            .strip_prefix('v')
            .or_else(|| word.strip_prefix("go"))
            .unwrap_or(word);
        let end = word
            .find(|c: char| !(c.is_ascii_digit() || c == '.'))
            .unwrap_or(word.len());
        let mut numbers = word[..end].split('.').map(str::parse);
        let major = numbers.next()?.ok()?;
        let minor = numbers.next()?.ok()?;
        let patch = numbers.next().and_then(Result::ok).unwrap_or(0);
        Some(Self {
            major,
            minor,
            patch,
        })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::Version;

    #[test]
    fn versions_as_programs_print_them() {
        let cases = [
            (
                "Vault v1.21.1 (2453aac2638a), built 2026-11-12T12:00:00Z",
                Some((1, 21, 1)),
            ),
            ("Vault v1.16.0+ent", Some((1, 16, 0))),
            ("OpenBao v2.4.1 (abc), built 2026-01-01", Some((2, 4, 1))),
            (
                "Client Version: v1.32.4-dispatcher\nKustomize Version: v5.5.0",
                Some((1, 32, 4)),
            ),
            ("Kubernetes v1.37.2", Some((1, 37, 2))),
            (
                "etcd Version: 3.4.23\nGit SHA: Not provided",
                Some((3, 4, 23)),
            ),
            ("go version go1.26.8 linux/amd64", Some((1, 26, 8))),
            ("go version go1.26rc1 linux/amd64", Some((1, 26, 0))),
            ("cargo-deny 0.19.0", Some((0, 19, 0))),
            ("1.26.0", Some((1, 26, 0))),
            ("unknown command: version 2", None),
            ("99999999999.1.1", None),
            ("", None),
        ];
        for (text, expected) in cases {
            let expected = expected.map(|(major, minor, patch)| Version::new(major, minor, patch));
            assert_eq!(Version::find(text), expected, "{text:?}");
        }
    }

    #[test]
    fn versions_are_ordered_by_number() {
        assert!(Version::new(1, 9, 0) < Version::new(1, 16, 0));
        assert!(Version::new(1, 16, 0) <= Version::new(1, 16, 0));
        assert!(Version::new(2, 0, 0) > Version::new(1, 99, 99));
    }
}
