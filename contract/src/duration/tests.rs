use std::time::Duration;

use proptest::prelude::*;

use super::DurationError::{Malformed, NotPositive, TooLong};
use super::{DisplayDuration, from_seconds, parse, parse_positive, parse_seconds};

#[test]
fn parse_of_the_agents_spellings_gives_the_duration() {
    for (text, milliseconds) in [
        ("0", 0),
        ("0s", 0),
        ("-0", 0),
        ("1", 1_000),
        ("+90", 90_000),
        ("1d", 86_400_000),
        ("2d", 172_800_000),
        ("1s", 1_000),
        ("90s", 90_000),
        ("1.5s", 1_500),
        ("1.5h", 5_400_000),
        ("1h30m", 5_400_000),
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
    ] {
        let expected = if text == "-0" {
            Err(NotPositive)
        } else {
            Ok(Duration::from_millis(milliseconds))
        };
        assert_eq!(parse(text), expected, "{text}");
    }
}

#[test]
fn parse_of_other_texts_is_an_error() {
    for (text, error) in [
        ("", Malformed),
        (" ", Malformed),
        ("-1s", NotPositive),
        ("-5", NotPositive),
        ("s", Malformed),
        (".", Malformed),
        (".s", Malformed),
        ("1 s", Malformed),
        (" 1s", Malformed),
        ("1s ", Malformed),
        ("1S", Malformed),
        ("1w", Malformed),
        ("1.5", Malformed),
        ("1.2.3s", Malformed),
        ("1.5d", Malformed),
        ("1d1h", Malformed),
        ("1m30", Malformed),
        ("1e3", Malformed),
        ("h1", Malformed),
        ("--1s", Malformed),
        ("1h-1m", Malformed),
        ("one", Malformed),
        ("9223372037s", TooLong),
        ("107000d", TooLong),
        ("999999h9999999999h", TooLong),
        ("99999999999999999999999999999999999999999", TooLong),
    ] {
        assert_eq!(parse(text), Err(error), "{text:?}");
    }
    assert_eq!(parse(&"1".repeat(1000)), Err(Malformed));
}

#[test]
fn parse_positive_of_zero_is_an_error() {
    for text in ["0", "0s", "0.1ns", "0d"] {
        assert_eq!(parse_positive(text), Err(NotPositive), "{text}");
    }
    assert_eq!(parse_positive("1ns"), Ok(Duration::from_nanos(1)));
}

#[test]
fn parse_seconds_of_a_part_of_a_second_is_none() {
    assert_eq!(parse_seconds("1.5s"), None);
    assert_eq!(parse_seconds("1.5m"), Some(90));
    assert_eq!(parse_seconds("1d"), Some(86_400));
    assert_eq!(parse_seconds("day"), None);
}

#[test]
fn from_seconds_of_zero_or_less_is_an_error() {
    assert_eq!(from_seconds(2), Ok(Duration::from_secs(2)));
    assert_eq!(from_seconds(0), Err(NotPositive));
    assert_eq!(from_seconds(-1), Err(NotPositive));
    assert_eq!(from_seconds(i64::MAX), Err(TooLong));
}

#[test]
fn display_duration_prints_only_units_that_count() {
    for (milliseconds, text) in [
        (0, "0s"),
        (250, "250ms"),
        (60_000, "1m"),
        (90_500, "1m30s500ms"),
        (7_776_000_000, "2160h"),
    ] {
        let duration = DisplayDuration(Duration::from_millis(milliseconds));
        assert_eq!(duration.to_string(), text);
    }
}

proptest! {
    #[test]
    fn parse_of_a_printed_duration_gives_it_again(nanoseconds in 0..=i64::MAX.unsigned_abs()) {
        let duration = Duration::from_nanos(nanoseconds);
        prop_assert_eq!(parse(&DisplayDuration(duration).to_string()), Ok(duration));
    }

    #[test]
    fn parse_of_any_text_is_total(text in "\\PC{0,80}") {
        let _ = parse(&text);
    }
}
