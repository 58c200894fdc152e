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

/// What `strconv.ParseInt` gives for a decimal integer if its error is not looked at: 0 for what is
/// none, and the largest one for what is too large.
pub(crate) fn decimal_or_zero(text: &[u8]) -> i64 {
    let (is_negative, digits) = match text.split_first() {
        Some((b'-', digits)) => (true, digits),
        Some((b'+', digits)) => (false, digits),
        _ => (false, text),
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return 0;
    }
    digits.iter().fold(0_i64, |number, digit| {
        let digit = i64::from(digit - b'0');
        let shifted = number.saturating_mul(10);
        if is_negative {
            shifted.saturating_sub(digit)
        } else {
            shifted.saturating_add(digit)
        }
    })
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

/// `strconv.ParseFloat`: decimal or hexadecimal, infinite or no number by name, but not too large.
pub(crate) fn parse_float(text: &str) -> Option<f64> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let lower = unsigned.to_ascii_lowercase();
    let value = match &lower[..] {
        "inf" | "infinity" => f64::INFINITY,
        "nan" => f64::NAN,
        _ if !underscores_are_right(&lower, false) => return None,
        _ => parse_finite(&lower.replace('_', ""))?,
    };
    Some(if negative { -value } else { value })
}

fn parse_finite(text: &str) -> Option<f64> {
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return parse_hexadecimal_float(hexadecimal);
    }
    let may_stand = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'+' | b'-');
    let is_number = text.starts_with(|c: char| c == '.' || c.is_ascii_digit());
    let value: f64 = text.parse().ok()?;
    (is_number && value.is_finite() && text.bytes().all(may_stand)).then_some(value)
}

/// `1.8p3`: a hexadecimal mantissa of at most 52 bits and a power of two.
fn parse_hexadecimal_float(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let exponent: i32 = exponent.parse().ok()?;
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if digits.len() > 13 || !are_digits || exponent.abs() > 900 {
        return None;
    }
    let value = u64::from_str_radix(&digits, 16).ok()?;
    let shift = exponent - 4 * i32::try_from(fraction.len()).ok()?;
    #[expect(clippy::cast_precision_loss, reason = "52 bits fit")]
    Some(value as f64 * f64::from(shift).exp2())
}
