//! Floats of go-yaml v2: decimal, with a dot and an exponent where they are wanted.

/// Reads one, without underscores. What is too large for a `float64` is text.
pub(super) fn parse(text: &str) -> Option<f64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_decimal = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.')
        && digits
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
    let number: f64 = text.parse().ok().filter(|_| is_decimal)?;
    number.is_finite().then_some(number)
}

/// Reads one that begins with a dot, by the rules of Go: an underscore stands between two digits.
pub(super) fn parse_after_dot(text: &str) -> Option<f64> {
    let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let mut underscores = (0..bytes.len()).filter(|at| bytes[*at] == b'_');
    let separates =
        |at: usize| is_digit(bytes.get(at.wrapping_sub(1))) && is_digit(bytes.get(at + 1));
    underscores
        .all(separates)
        .then(|| parse(&text.replace('_', "")))?
}

/// The key that kubectl makes of one: Go's `strconv.FormatFloat(number, 'g', -1, 32)`.
#[expect(clippy::cast_possible_truncation, reason = "kubectl does the same")]
pub(super) fn key(number: f64) -> String {
    let number = number as f32;
    if number.is_nan() {
        return ".nan".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf" } else { "-.inf" }.into();
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        return number.to_string();
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}
