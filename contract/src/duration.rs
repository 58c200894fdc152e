//! Durations as Vault and Go write them.

use std::time::Duration;

/// A century: the longest duration that is read. It can be added to any time without overflow.
pub const LONGEST: Duration = Duration::from_secs(100 * 366 * 24 * 3600);

const UNITS: [(&str, f64); 6] = [
    ("ns", 1e-9),
    ("us", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3600.0),
];

/// Reads a Go duration (`90s`, `1h30m`, `1.5h`), or a plain number of seconds, as Vault's
/// `ParseDurationSecond` does. `None` for anything else, for what is negative, and for what is
/// longer than [`LONGEST`].
pub fn parse(text: &str) -> Option<Duration> {
    let seconds = if text.bytes().all(|b| b.is_ascii_digit()) {
        text.parse::<u64>().ok().map(Duration::from_secs)?
    } else {
        go_duration(text)?
    };
    (seconds <= LONGEST).then_some(seconds)
}

/// The same in whole seconds; `None` where it is not whole.
pub fn seconds(text: &str) -> Option<u64> {
    parse(text)
        .filter(|duration| duration.subsec_nanos() == 0)
        .map(|duration| duration.as_secs())
}

fn go_duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = 0.0;
    while !rest.is_empty() {
        let number_end = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let number: f64 = rest[..number_end].parse().ok()?;
        let behind = &rest[number_end..];
        let unit_end = behind
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(behind.len());
        let (_, factor) = UNITS
            .iter()
            .find(|(unit, _)| *unit == &behind[..unit_end])?;
        total += number * factor;
        rest = &behind[unit_end..];
    }
    // Rounded, because tenths of seconds have no exact binary form.
    Duration::try_from_secs_f64((total * 1e9).round() / 1e9).ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{parse, seconds};

    #[test]
    fn spellings() {
        for (text, millis) in [
            ("0", 0),
            ("90", 90_000),
            ("90s", 90_000),
            ("10m", 600_000),
            ("1h30m", 5_400_000),
            ("1.5h", 5_400_000),
            ("250ms", 250),
            ("1m0.5s", 60_500),
        ] {
            assert_eq!(parse(text), Some(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_none() {
        for text in [
            "",
            " ",
            "-1",
            "-1s",
            "1d",
            "s",
            "1 s",
            "1s ",
            "1.2.3s",
            "abc",
            "1e3",
            "h1",
            "999999h9999999999h",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(seconds("1.5s"), None);
        assert_eq!(seconds("1.5m"), Some(90));
    }
}
