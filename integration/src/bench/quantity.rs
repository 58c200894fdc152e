//! Amounts with their units, and what is wanted of them.

use std::fmt;
use std::time::Duration;

/// In what something is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Milliseconds,
    RoundTrips,
    PerSecond,
    /// 1024 × 1024 bytes.
    Mebibytes,
    /// 1,000,000 bytes.
    Megabytes,
}

/// An amount.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quantity {
    pub(super) amount: f64,
    pub(super) unit: Unit,
}

/// What an amount must be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wanted {
    AtMost(f64),
    Below(f64),
    AtLeast(f64),
}

/// A measured amount, and what is wanted of it.
#[derive(Clone, Debug)]
pub(super) struct Claim {
    pub(super) what: &'static str,
    pub(super) measured: Quantity,
    pub(super) wanted: Wanted,
}

impl Quantity {
    pub(super) fn from_duration(duration: Duration) -> Self {
        Self {
            amount: to_milliseconds(duration),
            unit: Unit::Milliseconds,
        }
    }

    pub(super) fn from_bytes(bytes: u64, unit: Unit) -> Self {
        let one = if unit == Unit::Mebibytes {
            1024.0 * 1024.0
        } else {
            1e6
        };
        Self {
            amount: to_float(bytes) / one,
            unit,
        }
    }
}

impl Claim {
    /// Whether it is as wanted.
    pub(super) fn is_met(&self) -> bool {
        let amount = self.measured.amount;
        match self.wanted {
            Wanted::AtMost(limit) => amount <= limit,
            Wanted::Below(limit) => amount < limit,
            Wanted::AtLeast(limit) => amount >= limit,
        }
    }

    /// What is wanted, as `≤ 3 ms`.
    pub(super) fn format_target(&self) -> String {
        let (sign, limit) = match self.wanted {
            Wanted::AtMost(limit) => ("≤", limit),
            Wanted::Below(limit) => ("<", limit),
            Wanted::AtLeast(limit) => ("≥", limit),
        };
        let amount = format_thousands(&format!("{limit:.0}"));
        format!("{sign} {amount}{}", self.measured.unit)
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let decimals = match self.unit {
            Unit::PerSecond => 0,
            Unit::RoundTrips => 1,
            Unit::Milliseconds | Unit::Mebibytes | Unit::Megabytes => 2,
        };
        let amount = format_thousands(&format!("{:.decimals$}", self.amount));
        write!(f, "{amount}{}", self.unit)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Milliseconds => " ms",
            Self::RoundTrips => " round trips",
            Self::PerSecond => "/s",
            Self::Mebibytes => " MiB",
            Self::Megabytes => " MB",
        })
    }
}

pub(super) fn to_milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Exact up to 2^53, which nothing here comes near.
#[expect(clippy::cast_precision_loss, reason = "nothing here comes near 2^53")]
pub(super) fn to_float(number: u64) -> f64 {
    number as f64
}

/// `12345.6` as `12,345.6`.
pub(super) fn format_thousands(digits: &str) -> String {
    let whole = digits.find('.').unwrap_or(digits.len());
    let mut text = String::new();
    for (index, digit) in digits.char_indices() {
        if index > 0 && index < whole && (whole - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_with_their_units() {
        let cases = [
            (
                Quantity::from_duration(Duration::from_micros(1234)),
                "1.23 ms",
            ),
            (Quantity::from_bytes(6_291_456, Unit::Mebibytes), "6.00 MiB"),
            (Quantity::from_bytes(4_620_000, Unit::Megabytes), "4.62 MB"),
            (
                Quantity {
                    amount: 12345.6,
                    unit: Unit::PerSecond,
                },
                "12,346/s",
            ),
            (
                Quantity {
                    amount: 8.04,
                    unit: Unit::RoundTrips,
                },
                "8.0 round trips",
            ),
        ];
        for (quantity, text) in cases {
            assert_eq!(quantity.to_string(), text);
        }
    }

    #[test]
    fn thousands_are_parted() {
        for (digits, text) in [
            ("1", "1"),
            ("999", "999"),
            ("1000", "1,000"),
            ("1234567", "1,234,567"),
            ("1234.5", "1,234.5"),
            ("123456.789", "123,456.789"),
        ] {
            assert_eq!(format_thousands(digits), text);
        }
    }

    #[test]
    fn target_includes_its_limit_or_not() {
        let claim = |amount, wanted| Claim {
            what: "",
            measured: Quantity {
                amount,
                unit: Unit::Milliseconds,
            },
            wanted,
        };
        for (wanted, below, at, above) in [
            (Wanted::AtMost(3.0), true, true, false),
            (Wanted::Below(3.0), true, false, false),
            (Wanted::AtLeast(3.0), false, true, true),
        ] {
            assert_eq!(claim(2.99, wanted).is_met(), below, "{wanted:?}");
            assert_eq!(claim(3.0, wanted).is_met(), at, "{wanted:?}");
            assert_eq!(claim(3.01, wanted).is_met(), above, "{wanted:?}");
        }
        assert_eq!(claim(0.0, Wanted::AtMost(3.0)).format_target(), "≤ 3 ms");
    }
}
