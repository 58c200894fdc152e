//! Anything to a number, as `spf13/cast` does it: what is no number is 0.

use crate::runtime::{Numeric, Value};

/// To a 64-bit integer. Texts may be in base 2, 8 (also with a mere leading 0), 10 or 16; `.0` at
/// the end of one does not count.
pub(crate) fn to_i64(value: &Value) -> i64 {
    match value {
        Value::Bool(boolean) => (*boolean).into(),
        Value::Text(text) => text.str().and_then(integer).unwrap_or(0),
        Value::Integer(integer, _) => *integer,
        _ => Numeric::of(value).map_or(0, Numeric::to_i64),
    }
}

/// To a float.
pub(crate) fn to_f64(value: &Value) -> f64 {
    match value {
        Value::Bool(boolean) => f64::from(u8::from(*boolean)),
        Value::Text(text) => text.str().and_then(parse_float).unwrap_or(0.0),
        _ => Numeric::of(value).map_or(0.0, Numeric::to_f64),
    }
}

fn integer(text: &str) -> Option<i64> {
    parse_integer(without_zero_fraction(text))
}

/// `1.00` is `1`.
fn without_zero_fraction(text: &str) -> &str {
    let trimmed = text.trim_end_matches('0');
    match trimmed.strip_suffix('.') {
        Some(whole) if trimmed.len() < text.len() => whole,
        _ => text,
    }
}

/// `strconv.ParseInt` with the base in the text.
pub(crate) fn parse_integer(text: &str) -> Option<i64> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'-' => ("-", &text[1..]),
        b'+' => ("", &text[1..]),
        _ => ("", text),
    };
    let lower = digits.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    let has_prefix = digits.len() < lower.len();
    if digits.starts_with(['+', '-']) || !underscores_are_right(digits, has_prefix) {
        return None;
    }
    i64::from_str_radix(&format!("{sign}{}", digits.replace('_', "")), radix).ok()
}

/// An underscore stands between digits, or between a prefix and the first digit.
pub(crate) fn underscores_are_right(digits: &str, has_prefix: bool) -> bool {
    let bytes = digits.as_bytes();
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_hexdigit)
    };
    digits.match_indices('_').all(|(at, _)| {
        let before = (at == 0 && has_prefix) || is_digit(at.checked_sub(1));
        before && is_digit(Some(at + 1))
    })
}

/// `strconv.ParseFloat` of what is written in decimal.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_word = ["inf", "infinity", "nan"]
        .iter()
        .any(|word| unsigned.eq_ignore_ascii_case(word));
    let value: f64 = text.parse().ok()?;
    (is_word || value.is_finite()).then_some(value)
}
