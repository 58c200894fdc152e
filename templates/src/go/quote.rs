//! Quoted text and characters, as `strconv.Quote` writes them.

use std::fmt::Write as _;

use super::letters;
use crate::runtime::text::runes;

/// Which characters stay as they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keep {
    /// All that can be printed.
    Printable,
    /// Only ASCII.
    Ascii,
}

/// `"text"`
pub(crate) fn text(bytes: &[u8], keep: Keep) -> String {
    let mut quoted = String::with_capacity(bytes.len() + 2);
    quoted.push('"');
    for (start, character, width) in runes(bytes) {
        if character == char::REPLACEMENT_CHARACTER && width == 1 {
            let _ = write!(quoted, "\\x{:02x}", bytes[start]);
        } else {
            escape(&mut quoted, character, '"', keep);
        }
    }
    quoted.push('"');
    quoted
}

/// `'c'`
pub(crate) fn character(character: char, keep: Keep) -> String {
    let mut quoted = String::from('\'');
    escape(&mut quoted, character, '\'', keep);
    quoted.push('\'');
    quoted
}

/// Whether the text can stand in back quotes on one line.
pub(crate) fn can_backquote(text: &str) -> bool {
    text.chars().all(|character| match character {
        '\u{feff}' | '`' | '\u{7f}' => false,
        '\t' => true,
        _ => character >= ' ',
    })
}

fn escape(quoted: &mut String, character: char, quote: char, keep: Keep) {
    let short = match character {
        '\u{7}' => Some('a'),
        '\u{8}' => Some('b'),
        '\u{c}' => Some('f'),
        '\n' => Some('n'),
        '\r' => Some('r'),
        '\t' => Some('t'),
        '\u{b}' => Some('v'),
        '\\' => Some('\\'),
        _ if character == quote => Some(quote),
        _ => None,
    };
    let stays = letters::is_print(character) && (character.is_ascii() || keep == Keep::Printable);
    let code = u32::from(character);
    // Writing to a `String` does not fail.
    let _ = match short {
        Some(short) => write!(quoted, "\\{short}"),
        None if stays => write!(quoted, "{character}"),
        None if code < 0x80 => write!(quoted, "\\x{code:02x}"),
        None if code < 0x1_0000 => write!(quoted, "\\u{code:04x}"),
        None => write!(quoted, "\\U{code:08x}"),
    };
}
