//! Finds `vault:PATH` without a key where it is a whole value and the word is misspelled. With the right
//! word such a value is an error already.

use templates::reference::{READ, WRITE};

use super::scan::{SCHEME, Seen, is_path, is_scheme, shorten};

/// The end of the right spelling, where the author has to name a key.
const KEY: &str = "#KEY";

/// What looks like a reference that names no key: a path with a slash, as no tag of an image and no
/// prose has it.
pub(super) fn find_without_key(text: &str) -> Option<Seen> {
    let inner = text.trim_matches(is_around);
    let letters = inner.bytes().take(SCHEME.len() + 2);
    let length = letters.take_while(u8::is_ascii_alphabetic).count();
    let (word, rest) = inner.split_at(length);
    let path = rest.strip_prefix(':').filter(|path| is_path(path))?;
    if word == SCHEME || !is_scheme(word) {
        return None;
    }
    let is_write = text.trim_start().starts_with(">>");
    let prefix = if is_write { WRITE } else { READ };
    Some(Seen {
        seen: shorten(text.trim()),
        spelling: shorten(&format!("{prefix}{path}")) + KEY,
    })
}

/// Quotes, brackets and white space around the whole.
fn is_around(c: char) -> bool {
    "${}()\"'> \t\r\n".contains(c)
}

#[cfg(test)]
mod tests {
    use super::find_without_key;

    #[test]
    fn misspelled_path_gets_the_right_spelling() {
        for (text, expected) in [
            ("Vault:secret/data/db", "vault:secret/data/db#KEY"),
            ("VAULT:secret/data/db", "vault:secret/data/db#KEY"),
            ("valut:kv/db", "vault:kv/db#KEY"),
            ("bao:secret/data/db", "vault:secret/data/db#KEY"),
            ("'Vault:secret/data/db' ", "vault:secret/data/db#KEY"),
            ("${Vault:secret/data/db}", "vault:secret/data/db#KEY"),
            (">>Vault:pki/issue/web", ">>vault:pki/issue/web#KEY"),
        ] {
            let spelling = find_without_key(text).map(|found| found.spelling);
            assert_eq!(spelling.as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn tag_address_and_prose_are_no_slip() {
        for text in [
            "Vault:1.13.3",
            "Vault:latest",
            "Vault:8200/ui",
            "Vault://vault.example/v1",
            "Vault: see docs/index",
            "Vault:see docs/index",
            "see Vault:secret/data/db",
            "Vault:secret/data/db#",
            "vault:secret/data/db",
            "${vault:secret/data/db}",
            "\\Vault:secret/data/db",
            "default:a/b",
            "https://vault.example/ui",
            "",
        ] {
            assert_eq!(find_without_key(text), None, "{text}");
        }
    }

    #[test]
    fn long_path_is_cut() {
        let found = find_without_key(&format!("Vault:{}", "a/".repeat(100_000))).unwrap();
        assert!(found.seen.len() < 300, "{found:?}");
        assert!(found.spelling.ends_with("…#KEY"), "{found:?}");
    }
}
