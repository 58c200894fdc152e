//! Durations as the agent reads them (`ParseDurationSecond` of `go-secure-stdlib/parseutil`):
//! `90` are seconds, `2d` days, and everything else is Go's `time.ParseDuration`.

use std::time::Duration;

use thiserror::Error;

/// Longest text worth reading.
const MOST_BYTES: usize = 64;

const NANOSECONDS: u128 = 1;
const SECONDS: u128 = 1_000_000_000;
const DAYS: u128 = 24 * 3600 * SECONDS;

/// Why a text is no duration that the agent could use.
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

/// The duration that `text` says.
pub(crate) fn parse(text: &str) -> Result<Duration, DurationError> {
    if text.len() > MOST_BYTES {
        return Err(DurationError::Malformed);
    }
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (true, unsigned),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let nanoseconds = nanoseconds(unsigned)?;
    if is_negative {
        return Err(DurationError::NotPositive);
    }
    from_nanoseconds(nanoseconds)
}

/// The duration of a number of seconds.
pub(crate) fn from_seconds(seconds: i64) -> Result<Duration, DurationError> {
    let seconds = u64::try_from(seconds).map_err(|_| DurationError::NotPositive)?;
    from_nanoseconds(u128::from(seconds) * SECONDS)
}

/// Go keeps a duration in 63 bits of nanoseconds.
fn from_nanoseconds(nanoseconds: u128) -> Result<Duration, DurationError> {
    match u64::try_from(nanoseconds) {
        Ok(0) => Err(DurationError::NotPositive),
        Ok(nanoseconds) if i64::try_from(nanoseconds).is_ok() => {
            Ok(Duration::from_nanos(nanoseconds))
        }
        _ => Err(DurationError::TooLong),
    }
}

fn nanoseconds(text: &str) -> Result<u128, DurationError> {
    if let Some(whole) = text.strip_suffix('d').filter(|whole| is_number(whole)) {
        return amount(whole, "", DAYS);
    }
    if is_number(text) {
        return amount(text, "", SECONDS);
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
        let unit = unit(name).ok_or(DurationError::Malformed)?;
        total = total.saturating_add(amount(whole, fraction, unit)?);
        if behind.is_empty() {
            return Ok(total);
        }
        rest = behind;
    }
}

fn unit(name: &str) -> Option<u128> {
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
fn amount(whole: &str, fraction: &str, unit: u128) -> Result<u128, DurationError> {
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{DurationError, from_seconds, parse};

    #[test]
    fn what_the_agent_reads() {
        let cases = [
            ("1", 1_000),
            ("+90", 90_000),
            ("1d", 86_400_000),
            ("1s", 1_000),
            ("1.5s", 1_500),
            ("1.s", 1_000),
            (".5s", 500),
            ("1h2m3s", 3_723_000),
            ("1m.5s", 60_500),
            ("500ms", 500),
            ("1000us", 1),
            ("1000\u{b5}s", 1),
            ("1000\u{3bc}s", 1),
            ("0.0000000000000000000000000000000000000000000001h1ms", 1),
            ("9223372036s", 9_223_372_036_000),
        ];
        for (text, milliseconds) in cases {
            assert_eq!(
                parse(text),
                Ok(Duration::from_millis(milliseconds)),
                "{text}"
            );
        }
    }

    #[test]
    fn what_it_does_not() {
        use DurationError::{Malformed, NotPositive, TooLong};
        let cases = [
            ("", Malformed),
            ("0", NotPositive),
            ("-0", NotPositive),
            ("0s", NotPositive),
            ("0.1ns", NotPositive),
            ("-1s", NotPositive),
            ("-5", NotPositive),
            ("s", Malformed),
            (".", Malformed),
            (".s", Malformed),
            ("1 s", Malformed),
            (" 1s", Malformed),
            ("1S", Malformed),
            ("1w", Malformed),
            ("1.5", Malformed),
            ("1.5d", Malformed),
            ("1d1h", Malformed),
            ("1m30", Malformed),
            ("--1s", Malformed),
            ("1h-1m", Malformed),
            ("one", Malformed),
            ("9223372037s", TooLong),
            ("107000d", TooLong),
            ("99999999999999999999999999999999999999999", TooLong),
        ];
        for (text, error) in cases {
            assert_eq!(parse(text), Err(error), "{text:?}");
        }
        assert_eq!(parse(&"1".repeat(1000)), Err(Malformed));
    }

    #[test]
    fn seconds() {
        assert_eq!(from_seconds(2), Ok(Duration::from_secs(2)));
        assert_eq!(from_seconds(0), Err(DurationError::NotPositive));
        assert_eq!(from_seconds(-1), Err(DurationError::NotPositive));
        assert_eq!(from_seconds(i64::MAX), Err(DurationError::TooLong));
    }
}
