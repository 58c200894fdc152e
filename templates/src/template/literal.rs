//! Literals of Go: strings with escapes, character constants, numbers.

use crate::go::cast::{parse_float, underscores_are_right};

/// A number, in the forms that a parameter may want.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    /// As an integer, if it is whole.
    pub(super) integer: Option<i64>,
    /// As a float.
    pub(super) float: f64,
    /// It is written as a float, and is one where any type is wanted.
    pub(super) is_float: bool,
}

/// Why a text is no literal.
pub(super) type Malformed = &'static str;

/// The bytes of a string in double quotes.
pub(super) fn quoted(text: &str) -> Result<Vec<u8>, Malformed> {
    let mut rest = inner(text)?;
    let mut bytes = Vec::with_capacity(rest.len());
    while !rest.is_empty() {
        rest = unquote(rest, '"', &mut bytes)?;
    }
    Ok(bytes)
}

/// The bytes of a string in back quotes: all but carriage returns.
pub(super) fn raw(text: &str) -> Result<Vec<u8>, Malformed> {
    Ok(inner(text)?.bytes().filter(|byte| *byte != b'\r').collect())
}

/// A character constant, which is an integer.
pub(super) fn character(text: &str) -> Result<Number, Malformed> {
    let mut bytes = Vec::new();
    let inner = inner(text)?;
    // `\xff` and `\377` are numbers here, not bytes of a character.
    let value = match numeric_escape(inner)? {
        Some((value, "")) => value,
        None if unquote(inner, '\'', &mut bytes)?.is_empty() => std::str::from_utf8(&bytes)
            .ok()
            .and_then(|text| text.chars().next())
            .map_or(0, u32::from),
        _ => return Err(NOT_ONE_CHARACTER),
    };
    Ok(Number {
        integer: Some(value.into()),
        float: value.into(),
        is_float: false,
    })
}

const NOT_ONE_CHARACTER: Malformed =
    "a character constant holds exactly one character; write a text in double quotes";
const BAD_ESCAPE: Malformed = "an escape that is not known, after a backslash";

fn inner(text: &str) -> Result<&str, Malformed> {
    text.get(1..text.len().saturating_sub(1))
        .ok_or("malformed quotation")
}

/// Takes one character or escape from the front.
fn unquote<'s>(text: &'s str, quote: char, bytes: &mut Vec<u8>) -> Result<&'s str, Malformed> {
    let first = text.chars().next().ok_or(NOT_ONE_CHARACTER)?;
    if first == quote {
        return Err("a quotation mark inside a quotation needs a backslash");
    }
    if first != '\\' {
        bytes.extend_from_slice(first.encode_utf8(&mut [0; 4]).as_bytes());
        return Ok(&text[first.len_utf8()..]);
    }
    if let Some((value, rest)) = numeric_escape(text)? {
        if matches!(text.as_bytes()[1], b'u' | b'U') {
            let character = char::from_u32(value).ok_or("an escape that is no character")?;
            bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        } else {
            bytes.push(u8::try_from(value).map_err(|_| BAD_ESCAPE)?);
        }
        return Ok(rest);
    }
    let escaped = text[1..].chars().next().ok_or(BAD_ESCAPE)?;
    bytes.push(match escaped {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => b'\n',
        'r' => b'\r',
        't' => b'\t',
        'v' => 11,
        '\\' => b'\\',
        '\'' | '"' if escaped == quote => bytes_of_quote(escaped),
        _ => return Err(BAD_ESCAPE),
    });
    Ok(&text[2..])
}

fn bytes_of_quote(quote: char) -> u8 {
    if quote == '"' { b'"' } else { b'\'' }
}

/// `\x41`, `\101`, `\u0041` or `\U00000041` at the front, and what is behind it.
fn numeric_escape(text: &str) -> Result<Option<(u32, &str)>, Malformed> {
    let (start, length, radix) = match text.as_bytes() {
        [b'\\', b'x', ..] => (2, 2, 16),
        [b'\\', b'u', ..] => (2, 4, 16),
        [b'\\', b'U', ..] => (2, 8, 16),
        [b'\\', b'0'..=b'7', ..] => (1, 3, 8),
        _ => return Ok(None),
    };
    let digits = text
        .get(start..start + length)
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .ok_or(BAD_ESCAPE)?;
    let value = u32::from_str_radix(digits, radix).map_err(|_| BAD_ESCAPE)?;
    let is_character = length < 4 || char::from_u32(value).is_some();
    if !is_character || (radix == 8 && value > 255) {
        return Err(BAD_ESCAPE);
    }
    Ok(Some((value, &text[start + length..])))
}

const MALFORMED: Malformed = "a number that is malformed or too large";

/// A number.
pub(super) fn number(text: &str) -> Result<Number, Malformed> {
    if text.ends_with('i') && !text.contains(['x', 'X']) {
        return Err("complex numbers are left out");
    }
    let (negative, digits) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    if let Some(magnitude) = integer(digits)? {
        let value = i128::from(magnitude) * if negative { -1 } else { 1 };
        let integer = i64::try_from(value).map_err(|_| "a number that is too large")?;
        #[expect(clippy::cast_precision_loss, reason = "that is what a float is")]
        return Ok(Number {
            integer: Some(integer),
            float: integer as f64,
            is_float: false,
        });
    }
    let is_word = digits.starts_with(|c: char| c.is_ascii_alphabetic());
    let magnitude = parse_float(digits).filter(|_| !is_word && !digits.starts_with(['+', '-']));
    let magnitude = magnitude.ok_or(MALFORMED)?;
    let float = if negative { -magnitude } else { magnitude };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole, and within the range"
    )]
    let integer = (float.fract() == 0.0 && float.abs() < 9.2e18).then_some(float as i64);
    Ok(Number {
        integer,
        float,
        is_float: true,
    })
}

/// A whole number in base 2, 8, 10 or 16; `None` if it can only be a float.
fn integer(text: &str) -> Result<Option<u64>, Malformed> {
    let lower = text.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] if !lower.contains(['.', 'p']) => (16, &lower[2..]),
        [b'0', b'x', ..] => return Ok(None),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        _ if lower.contains(['.', 'e', 'p']) => return Ok(None),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    let has_prefix = digits.len() < lower.len();
    if !underscores_are_right(digits, has_prefix) {
        return Err(MALFORMED);
    }
    let digits = digits.replace('_', "");
    let is_malformed = digits.is_empty() || digits.starts_with('+');
    match u64::from_str_radix(&digits, radix) {
        Ok(value) if !is_malformed => Ok(Some(value)),
        Err(error) if *error.kind() == std::num::IntErrorKind::PosOverflow => {
            Err("a number that is too large")
        }
        _ => Err(MALFORMED),
    }
}

#[cfg(test)]
mod tests;
