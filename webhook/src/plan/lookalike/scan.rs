//! Finds `vault:PATH#KEY` in a text, also where it is misspelled. Each byte is looked at a few times:
//! no part of a path is part of another one.

use contract::nearest;

use crate::excerpt::at_most;

/// Characters of what was seen, and of the right spelling, that a sentence has room for.
const SHOWN: usize = 64;

/// The one word that begins a reference.
pub(super) const SCHEME: &str = "vault";

/// What a path has beside letters and digits.
const OF_PATH: &str = "-_./%@+=~?";

/// Found in a text: both without anything that is neither prefix, path nor key.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// As it was written.
    pub(super) seen: String,
    /// As it should be written.
    pub(super) spelling: String,
}

/// What looks like a reference, and is none to env-exec.
pub(super) fn find(text: &str) -> Option<Seen> {
    if !may_hold_key(text) || is_direct(text) {
        return None;
    }
    let mut candidates = Candidates { text, at: 0 };
    candidates
        .find(|found| !found.is_inline())
        .map(|found| found.seen())
}

/// What looks like a reference, or is one.
pub(super) fn find_any(text: &str) -> Option<Seen> {
    if !may_hold_key(text) {
        return None;
    }
    Candidates { text, at: 0 }.next().map(|found| found.seen())
}

/// One search, which most values and arguments do not pass.
fn may_hold_key(text: &str) -> bool {
    text.contains('#')
}

/// One reference as a whole, or the escape of one. The rest of such a value belongs to it.
fn is_direct(text: &str) -> bool {
    templates::reference::starts_reference(text.trim_start_matches('\\'))
}

/// Places of a text.
struct Candidate<'t> {
    text: &'t str,
    /// Of `>>`, or of the word.
    start: usize,
    /// Of the word before the colon.
    word: usize,
    colon: usize,
    path: usize,
    /// Of the `#`.
    hash: usize,
    /// Behind the key.
    end: usize,
}

struct Candidates<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Iterator for Candidates<'t> {
    type Item = Candidate<'t>;

    fn next(&mut self) -> Option<Candidate<'t>> {
        loop {
            let colon = self.at + self.text[self.at..].find(':')?;
            let from = self.at;
            self.at = colon + 1;
            let Some(word) = word_before(self.text, from, colon) else {
                continue;
            };
            let found = candidate(self.text, word, colon);
            if let Some(found) = found {
                self.at = found.end;
                return Some(found);
            }
        }
    }
}

/// The start of the word before the colon, if it has the length of a slip.
fn word_before(text: &str, from: usize, colon: usize) -> Option<usize> {
    let letters = text.as_bytes()[from..colon].iter().rev();
    let length = letters
        .take(SCHEME.len() + 2)
        .take_while(|b| b.is_ascii_alphabetic())
        .count();
    (3..=SCHEME.len() + 1)
        .contains(&length)
        .then(|| colon - length)
}

fn candidate(text: &str, word: usize, colon: usize) -> Option<Candidate<'_>> {
    let behind = &text[colon + 1..];
    // `vault://PATH#KEY` is how other tools write it.
    let path_text = behind.strip_prefix("//").unwrap_or(behind);
    let path_text = path_text.trim_start_matches([' ', '\t']);
    let path = text.len() - path_text.len();
    let hash = path + length_of(&text[path..], OF_PATH);
    let key = text[hash..].strip_prefix('#');
    let key = key.filter(|_| has_slash(&text[path..hash]))?;
    let end = hash + 1 + length_of(key, "-_.?");
    if !is_scheme(&text[word..colon]) || (end == hash + 1 && !key.starts_with("${")) {
        return None;
    }
    let start = if text[..word].ends_with(">>") {
        word - 2
    } else {
        word
    };
    Some(Candidate {
        text,
        start,
        word,
        colon,
        path,
        hash,
        end,
    })
}

/// Whether a text is a path and nothing else.
pub(super) fn is_path(text: &str) -> bool {
    has_slash(text) && length_of(text, OF_PATH) == text.len()
}

/// Whether a path has a slash, which is not at its beginning and not behind a port.
fn has_slash(path: &str) -> bool {
    let behind_port = path.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_port = behind_port.len() < path.len() && behind_port.starts_with('/');
    path.contains('/') && !path.starts_with('/') && !is_port
}

/// Bytes of letters, digits and these.
fn length_of(text: &str, others: &str) -> usize {
    let is_other = |c: char| !(c.is_ascii_alphanumeric() || others.contains(c));
    text.find(is_other).unwrap_or(text.len())
}

/// The word, or a slip of it. `bao` is what the other server's users write.
pub(super) fn is_scheme(word: &str) -> bool {
    // The right word first, of which a text may have many.
    word == SCHEME || word.eq_ignore_ascii_case("bao") || nearest(word, [SCHEME]).is_some()
}

impl Candidate<'_> {
    /// An inline reference as it should be, or the escape of one.
    fn is_inline(&self) -> bool {
        self.text[..self.start].ends_with("${")
            && &self.text[self.word..self.colon] == SCHEME
            && self.path == self.colon + 1
    }

    fn seen(&self) -> Seen {
        let before = &self.text[..self.start];
        let opening = before.trim_end_matches(|c: char| "${(\"' >".contains(c));
        // A few of them: they say what is wrong, and hold nothing of the text before.
        let shown = before[opening.len()..]
            .chars()
            .rev()
            .take(3)
            .collect::<Vec<_>>();
        let shown: String = shown.into_iter().rev().collect();
        let key = &self.text[self.hash..self.end];
        let more = if self.goes_on() { "…" } else { "" };
        let behind = &self.text[self.end..];
        let closing = behind.len()
            - behind
                .trim_start_matches(|c: char| "})\"' ".contains(c))
                .len();
        let closing = &behind[..closing.min(2)];
        let seen = format!("{shown}{}{more}{closing}", &self.text[self.start..self.end]);
        let prefix = if self.is_write() { ">>" } else { "" };
        let path = &self.text[self.path..self.hash];
        let reference = format!("{prefix}{SCHEME}:{path}{key}{more}");
        let reference = shorten(&reference);
        Seen {
            seen: shorten(&seen),
            spelling: if self.is_whole(opening) {
                reference
            } else {
                format!("${{{reference}}}")
            },
        }
    }

    /// `>>`, or `${>vault:`.
    fn is_write(&self) -> bool {
        self.start < self.word || self.text[..self.word].ends_with("${>")
    }

    /// A version, a body or a template.
    fn goes_on(&self) -> bool {
        let rest = &self.text[self.end..];
        rest.starts_with('#') || rest.starts_with("${")
    }

    /// Whether nothing but quotes, brackets and space is around it.
    fn is_whole(&self, opening: &str) -> bool {
        let rest = self.text[self.end..].trim_matches(|c: char| "})\"' \t\r\n".contains(c));
        opening.is_empty() && (rest.is_empty() || self.goes_on())
    }
}

pub(super) fn shorten(text: &str) -> String {
    let shown = at_most(text, SHOWN);
    let more = if shown.len() < text.len() { "…" } else { "" };
    format!("{shown}{more}")
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{find, find_any};

    fn spelling(text: &str) -> Option<String> {
        find(text).map(|found| found.spelling)
    }

    #[test]
    fn slip_gets_the_right_spelling() {
        const DIRECT: &str = "vault:secret/data/db#password";
        const INLINE: &str = "${vault:secret/data/db#password}";
        for (text, expected) in [
            ("valut:secret/data/db#password", DIRECT),
            ("Vault:secret/data/db#password", DIRECT),
            ("VAULT:secret/data/db#password", DIRECT),
            ("bao:secret/data/db#password", DIRECT),
            ("vault://secret/data/db#password", DIRECT),
            ("ref+vault://secret/data/db#password", INLINE),
            (" vault:secret/data/db#password", DIRECT),
            ("vault: secret/data/db#password", DIRECT),
            ("\"vault:secret/data/db#password\"", DIRECT),
            ("'vault:secret/data/db#password'", DIRECT),
            ("${ vault:secret/data/db#password}", DIRECT),
            ("$(vault:secret/data/db#password)", DIRECT),
            ("{{vault:secret/data/db#password}}", DIRECT),
            ("{{ vault:secret/data/db#password }}", DIRECT),
            ("db://u:vault:secret/data/db#password", INLINE),
            ("Bearer vault:secret/data/db#password", INLINE),
            ("db://$(vault:secret/data/db#password)@db", INLINE),
            ("db://${valut:secret/data/db#password}@db", INLINE),
            ("${vault:a/b#c} $(vault:secret/data/db#password)", INLINE),
            ("{\"p\":\"vault:secret/data/db#password\"}", INLINE),
            (
                "${>vault:pki/issue/web#certificate}",
                ">>vault:pki/issue/web#certificate",
            ),
            (
                "Vault:secret/data/db#password#3",
                "vault:secret/data/db#password…",
            ),
            ("Vault:secret/data/db#${.a}", "vault:secret/data/db#…"),
        ] {
            assert_eq!(spelling(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn reference_escape_and_other_text_is_no_slip() {
        for text in [
            "vault:secret/data/db#password",
            "vault:secret/data/db#text Vault:a/b#c",
            "x${vault:secret/data/db#password}y",
            "\\vault:secret/data/db#password",
            "x\\${vault:secret/data/db#password}",
            ">>vault:pki/issue/web#certificate",
            "https://vault:8200/ui/#/login",
            "https://vault:8200/docs#intro",
            "vault: bump to 1.21 (#12)",
            "vault:latest",
            "https://example.com/a#b",
            "default:a/b#c",
            "git:a/b#c",
            "vault:a#b c",
            "Vault:secret/data/db",
            "Vault:secret/data/db#",
            "color: #fff",
            "",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
        assert!(find_any("--password=${vault:secret/data/db#password}").is_some());
        assert!(find_any("vault:secret/data/db#password").is_some());
    }

    #[test]
    fn text_around_a_slip_is_not_shown() {
        for text in [
            "db://u:canary@vault:secret/data/db#password",
            "canary vault:secret/data/db#password canary",
            "'canary' 'vault:secret/data/db#password'canary",
            "Vault:secret/data/db#password canary",
        ] {
            let found = find(text).unwrap();
            assert!(
                found.seen.contains("ault:secret/data/db#password"),
                "{found:?}"
            );
            assert!(!format!("{found:?}").contains("canary"), "{found:?}");
        }
        let long = format!("Vault:{}#k", "a/".repeat(100_000));
        let found = find(&long).unwrap();
        assert!(
            found.seen.len() < 300 && found.spelling.len() < 300,
            "{found:?}"
        );
    }

    #[test]
    fn text_is_looked_through_once() {
        let begin = Instant::now();
        for part in [
            "vault:",
            "valut:a/",
            "vault:a/b",
            "Vault: ",
            "${vault:a/b#c",
            "#:",
        ] {
            let _ = find(&format!("x{}", part.repeat(100_000)));
        }
        assert!(begin.elapsed() < Duration::from_secs(20));
    }
}
