//! The parts of a text that show a secret to a reader who decodes them.
//!
//! It shares no code with `view.rs` and `forms.rs`, so that it finds what they miss.

use std::collections::HashSet;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, Encoding};

use super::{MARK, RUN};

/// How often a text is decoded before its words are read as base64.
const DEPTH: usize = 2;

/// Fewest bytes of a secret that is looked for in base64: fewer are in many words by chance.
const SHORTEST_IN_BASE64: usize = 4;

/// The first decoded part of a text that shows eight bytes of the secret in a row, or all of a
/// shorter secret.
pub(super) fn find_disclosure(text: &[u8], secret: &[u8]) -> Option<Vec<u8>> {
    let folded = fold_controls(secret);
    for decoded in split_at_marks(text).into_iter().flat_map(decode_text) {
        if shows(&fold_controls(&decoded), &folded) {
            return Some(decoded);
        }
        if secret.len() >= SHORTEST_IN_BASE64 {
            let mut words = decode_words(&decoded).into_iter();
            if let Some(word) = words.find(|word| shows(word, secret)) {
                return Some(word);
            }
        }
    }
    None
}

fn shows(text: &[u8], secret: &[u8]) -> bool {
    if secret.is_empty() {
        return false;
    }
    let length = secret.len().min(RUN);
    let runs: HashSet<_> = secret.windows(length).collect();
    let mut begins = [false; 256];
    for run in &runs {
        begins[usize::from(run[0])] = true;
    }
    let mut windows = text.windows(length);
    windows.any(|window| begins[usize::from(window[0])] && runs.contains(window))
}

/// A mark ends a part: the bytes before it do not go on behind it.
fn split_at_marks(text: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.windows(MARK.len()).position(|found| found == MARK) {
        parts.push(&rest[..at]);
        rest = &rest[at + MARK.len()..];
    }
    parts.push(rest);
    parts
}

/// A reporter writes control characters as spaces.
fn fold_controls(text: &[u8]) -> Vec<u8> {
    let fold = |byte: &u8| {
        if matches!(byte, 0..0x20 | 0x7f) {
            b' '
        } else {
            *byte
        }
    };
    text.iter().map(fold).collect()
}

/// The text, and all that it can mean to readers of URLs, forms and quoted texts.
fn decode_text(text: &[u8]) -> HashSet<Vec<u8>> {
    let mut texts = HashSet::from([text.to_vec()]);
    for _ in 0..DEPTH {
        let decoded: Vec<_> = texts
            .iter()
            .flat_map(|text| [decode_percent(text), decode_form(text), unquote(text)])
            .collect();
        texts.extend(decoded);
    }
    texts
}

fn decode_percent(text: &[u8]) -> Vec<u8> {
    let mut parts = text.split(|byte| *byte == b'%');
    let mut decoded = parts.next().unwrap_or_default().to_vec();
    for part in parts {
        match parse_hex(part, 2).and_then(|number| u8::try_from(number).ok()) {
            Some(byte) => decoded.extend([&[byte], &part[2..]].concat()),
            None => decoded.extend([b"%", part].concat()),
        }
    }
    decoded
}

fn decode_form(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<_> = text
        .iter()
        .map(|byte| if *byte == b'+' { b' ' } else { *byte })
        .collect();
    decode_percent(&spaced)
}

/// Reads the escapes of JSON (RFC 8259) and of Go's `strconv.Quote`.
fn unquote(text: &[u8]) -> Vec<u8> {
    let mut unquoted = Vec::new();
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let escape = if *first == b'\\' {
            read_escape(after)
        } else {
            None
        };
        let (meaning, length) = escape.unwrap_or_else(|| (vec![*first], 0));
        unquoted.extend(meaning);
        rest = &after[length..];
    }
    unquoted
}

/// The bytes that an escape means, and its length without the backslash.
fn read_escape(after: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (letter, digits) = after.split_first()?;
    let meaning = match letter {
        b'"' | b'\'' | b'/' | b'\\' => *letter,
        b'a' => 0x07,
        b'b' => 0x08,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 0x0b,
        b'f' => 0x0c,
        b'r' => b'\r',
        b'x' => return Some((vec![u8::try_from(parse_hex(digits, 2)?).ok()?], 3)),
        b'u' => return read_utf16(digits),
        b'U' => return Some((encode_utf8(char::from_u32(parse_hex(digits, 8)?)), 9)),
        _ => return None,
    };
    Some((vec![meaning], 1))
}

/// The digits behind `\u`. A character above U+FFFF is two escapes.
fn read_utf16(digits: &[u8]) -> Option<(Vec<u8>, usize)> {
    let first = u16::try_from(parse_hex(digits, 4)?).ok()?;
    let second = digits[4..]
        .strip_prefix(b"\\u")
        .and_then(|digits| parse_hex(digits, 4))
        .and_then(|second| u16::try_from(second).ok());
    if let Some(second) = second
        && let Ok(pair) = String::from_utf16(&[first, second])
        && pair.chars().count() == 1
    {
        return Some((pair.into_bytes(), 11));
    }
    Some((encode_utf8(char::from_u32(first.into())), 5))
}

fn encode_utf8(character: Option<char>) -> Vec<u8> {
    let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
    character.to_string().into_bytes()
}

fn parse_hex(text: &[u8], length: usize) -> Option<u32> {
    let digits = text.get(..length)?;
    // `from_str_radix` takes a sign.
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// The words of a text as base64. A word may begin before the base64, or be cut.
fn decode_words(text: &[u8]) -> Vec<Vec<u8>> {
    let mut decoded = Vec::new();
    for (alphabet, extra) in [(BASE64_NOPAD, b"+/"), (BASE64URL_NOPAD, b"-_")] {
        let encoding = without_trailing_bits(&alphabet);
        let words = text.split(|byte| !byte.is_ascii_alphanumeric() && !extra.contains(byte));
        for word in words {
            for offset in 0..word.len().min(4) {
                let rest = &word[offset..];
                // One character alone is less than a byte.
                let length = rest.len() - usize::from(rest.len() % 4 == 1);
                decoded.extend(encoding.decode(&rest[..length]));
            }
        }
    }
    decoded
}

/// Where a word is cut, its last character has bits of a byte that is not there.
fn without_trailing_bits(encoding: &Encoding) -> Encoding {
    let mut specification = encoding.specification();
    specification.check_trailing_bits = false;
    specification
        .encoding()
        .unwrap_or_else(|_| encoding.clone())
}

#[cfg(test)]
mod tests {
    use super::find_disclosure;

    #[test]
    fn find_disclosure_reads_every_encoding() {
        for shown in [
            "x password€ x",
            "p%61ssword%e2%82%AC",
            "p%2561ssword%E2%82%ac",
            r"p\u0061ssword\u20ac",
            r"p\x61ssword\xe2\x82\xac",
            r"\\u0070assword\U000020AC",
            "cGFzc3dvcmTigqw=",
            "xxxcGFzc3dvcmTigqw",
            "xcGFzc3dvcmTig",
            "cGFzc3dvcmTig%2571w",
        ] {
            let found = find_disclosure(shown.as_bytes(), "password€".as_bytes());
            assert!(found.is_some(), "{shown}");
        }
        let found = find_disclosure(b"a+b%3Dc\\nd+xyz", b"a b=c\nd xyz");
        assert!(found.is_some());
        for shown in [
            r"\ud83d\ude00-abcd",
            r"\U0001F600-abcd",
            "8J+YgC1hYmNk",
            "8J-YgC1hYmNk",
        ] {
            let found = find_disclosure(shown.as_bytes(), "😀-abcd".as_bytes());
            assert!(found.is_some(), "{shown}");
        }
    }

    #[test]
    fn find_disclosure_of_less_than_eight_bytes_finds_nothing() {
        for hidden in [
            "passwor",
            "passw[redacted]d-long",
            "cGFzc3dvcg==",
            "p%61sswor",
        ] {
            assert_eq!(find_disclosure(hidden.as_bytes(), b"password-long"), None);
        }
        assert_eq!(find_disclosure(b"hunter", b"hunter2"), None);
        assert_eq!(find_disclosure(b"", b""), None);
    }
}
