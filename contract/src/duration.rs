//! Durations: the one grammar that annotations, configuration, and environment share, and its printer.
//!
//! Vault reads durations by `ParseDurationSecond` of `go-secure-stdlib/parseutil`: `90` are seconds,
//! `2d` are days, and everything else is Go's `time.ParseDuration` (`1h30m`, `1.5h`, `250ms`).

use std::fmt;
use std::time::Duration;

use thiserror::Error;

/// A century: the longest deadline. It can be added to any time without overflow.
pub const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 3600);

/// The longest text that is read, in bytes.
const TEXT_BYTES: usize = 64;

const NANOSECONDS: u128 = 1;
const SECONDS: u128 = 1_000_000_000;
const DAYS: u128 = 24 * 3600 * SECONDS;

/// Why a text is not a duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum DurationError {
    #[error("not a duration; the units are ns, us, ms, s, m, h and d")]
    Malformed,
    #[error("not more than zero")]
    NotPositive,
    #[error("more than 292 years")]
    TooLong,
}

/// Reads a duration of zero or more.
///
/// # Errors
///
/// The text is malformed, negative, or longer than Go can keep (2⁶³ nanoseconds).
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    if text.len() > TEXT_BYTES {
        return Err(DurationError::Malformed);
    }
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let nanoseconds = parse_nanoseconds(unsigned)?;
    if is_negative {
        return Err(DurationError::NotPositive);
    }
    from_nanoseconds(nanoseconds)
}

/// Reads a duration of more than zero.
///
/// # Errors
///
/// As [`parse`], or it is zero.
pub fn parse_positive(text: &str) -> Result<Duration, DurationError> {
    parse(text).and_then(require_positive)
}

/// Reads a duration of whole seconds; `None` for any other text.
pub fn parse_seconds(text: &str) -> Option<u64> {
    let duration = parse(text).ok()?;
    (duration.subsec_nanos() == 0).then_some(duration.as_secs())
}

/// The duration of a number of seconds, of more than zero.
///
/// # Errors
///
/// The number is not more than zero, or longer than Go can keep.
pub fn from_seconds(seconds: i64) -> Result<Duration, DurationError> {
    let seconds = u64::try_from(seconds).map_err(|_| DurationError::NotPositive)?;
    from_nanoseconds(u128::from(seconds) * SECONDS).and_then(require_positive)
}

fn require_positive(duration: Duration) -> Result<Duration, DurationError> {
    if duration.is_zero() {
        return Err(DurationError::NotPositive);
    }
    Ok(duration)
}

/// Go keeps a duration in 63 bits of nanoseconds.
fn from_nanoseconds(nanoseconds: u128) -> Result<Duration, DurationError> {
    i64::try_from(nanoseconds)
        .ok()
        .and_then(|nanoseconds| u64::try_from(nanoseconds).ok())
        .map(Duration::from_nanos)
        .ok_or(DurationError::TooLong)
}

fn parse_nanoseconds(text: &str) -> Result<u128, DurationError> {
    if let Some(whole) = text.strip_suffix('d').filter(|whole| is_number(whole)) {
        return scale_amount(whole, "", DAYS);
    }
    if is_number(text) {
        return scale_amount(text, "", SECONDS);
    }
    let mut rest = text;
    let mut total = 0_u128;
    loop {
        let (whole, behind) = split_digits(rest);
        let (fraction, behind) = behind.strip_prefix('.').map_or(("", behind), split_digits);
        if whole.is_empty() && fraction.is_empty() {
            return Err(DurationError::Malformed);
        }
        let end = behind
            .find(|c: char| c == '.' || c.is_ascii_digit())
            .unwrap_or(behind.len());
        let (name, behind) = behind.split_at(end);
        let unit = find_unit(name).ok_or(DurationError::Malformed)?;
        total = total.saturating_add(scale_amount(whole, fraction, unit)?);
        if behind.is_empty() {
            return Ok(total);
        }
        rest = behind;
    }
}

fn find_unit(name: &str) -> Option<u128> {
    Some(match name {
        "ns" => NANOSECONDS,
        // The micro sign and the Greek letter mu.
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => SECONDS,
        "m" => 60 * SECONDS,
        "h" => 3600 * SECONDS,
        _ => return None,
    })
}

/// `whole.fraction` times `unit`, rounded down.
fn scale_amount(whole: &str, fraction: &str, unit: u128) -> Result<u128, DurationError> {
    let number = |digits: &str| match digits {
        "" => Ok(0),
        _ => digits.parse::<u128>().map_err(|_| DurationError::TooLong),
    };
    // More digits than these are less than a nanosecond of any unit.
    let fraction = &fraction[..fraction.len().min(18)];
    let scale = 10_u128.pow(u32::try_from(fraction.len()).unwrap_or(0));
    Ok(number(whole)?
        .saturating_mul(unit)
        .saturating_add(number(fraction)?.saturating_mul(unit) / scale))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// Prints a duration in the grammar of [`parse`]: `1h2m3s`, `250ms`, `0s`.
#[derive(Clone, Copy, Debug)]
pub struct DisplayDuration(pub Duration);

impl fmt::Display for DisplayDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let nanoseconds = u64::from(self.0.subsec_nanos());
        let parts = [
            (seconds / 3600, "h"),
            (seconds / 60 % 60, "m"),
            (seconds % 60, "s"),
            (nanoseconds / 1_000_000, "ms"),
            (nanoseconds / 1_000 % 1_000, "us"),
            (nanoseconds % 1_000, "ns"),
        ];
        if self.0.is_zero() {
            return f.write_str("0s");
        }
        let mut parts = parts.iter().filter(|(amount, _)| *amount > 0);
        parts.try_for_each(|(amount, unit)| write!(f, "{amount}{unit}"))
    }
}

#[cfg(test)]
mod tests;
