//! What a quantity says: `1Gi`, `1073741824` and `1073741824000m` are the same.

/// Thousandths, rounded up, as the API server keeps resources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount(u128);

impl Amount {
    /// `None` for what no API server takes.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('+').unwrap_or(text);
        let is_of_number = |c: char| c.is_ascii_digit() || c == '.';
        let end = text.find(|c| !is_of_number(c)).unwrap_or(text.len());
        let (number, suffix) = text.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits: u128 = [whole, fraction].concat().parse().ok()?;
        let (tens, twos) = scale(suffix)?;
        let tens = tens + 3 - i32::try_from(fraction.len()).ok()?;
        let value = digits.checked_mul(1 << twos)?;
        let power = 10_u128.checked_pow(tens.unsigned_abs())?;
        if tens < 0 {
            Some(Self(value.div_ceil(power)))
        } else {
            value.checked_mul(power).map(Self)
        }
    }

    pub(super) fn is_zero(self) -> bool {
        self.0 == 0
    }
}

/// The powers of ten and of two that a suffix stands for.
fn scale(suffix: &str) -> Option<(i32, u32)> {
    Some(match suffix {
        "n" => (-9, 0),
        "u" => (-6, 0),
        "m" => (-3, 0),
        "" => (0, 0),
        "k" => (3, 0),
        "M" => (6, 0),
        "G" => (9, 0),
        "T" => (12, 0),
        "P" => (15, 0),
        "E" => (18, 0),
        "Ki" => (0, 10),
        "Mi" => (0, 20),
        "Gi" => (0, 30),
        "Ti" => (0, 40),
        "Pi" => (0, 50),
        "Ei" => (0, 60),
        exponent => {
            let exponent: i16 = exponent.strip_prefix(['e', 'E'])?.parse().ok()?;
            (exponent.into(), 0)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::Amount;

    #[test]
    fn the_same_in_other_words() {
        for same in [
            &["1Gi", "1073741824", "1073741824000m", "1048576Ki", "+1.0Gi"][..],
            &["500m", "0.5", ".5", "500000u", "5e-1", "499999999.1n"],
            &["1.5Gi", "1536Mi"],
            &["12E", "12e18", "12E18", "12000P"],
            &["0", "0.0", "0Ki", "0m"],
            &["1", "1.", "999999999.5n"],
            &["8Ei", "9223372036854775808"],
        ] {
            let first = Amount::parse(same[0]);
            assert!(first.is_some(), "{same:?}");
            for text in same {
                assert_eq!(Amount::parse(text), first, "{text}");
            }
        }
        assert_ne!(Amount::parse("1Gi"), Amount::parse("1G"));
        assert_ne!(Amount::parse("1"), Amount::parse("1001m"));
        assert!(Amount::parse("0e3").is_some_and(Amount::is_zero));
        assert!(!Amount::parse("1n").unwrap().is_zero());
    }

    #[test]
    fn malformed_quantity_is_rejected() {
        for text in [
            "",
            ".",
            "m",
            "1.2.3",
            "-1",
            "1kg",
            "1 Gi",
            "1e",
            "1e99999",
            "1e-99999",
            "1e40",
            "\u{664}",
            "99999999999999999999999999999999999999999",
        ] {
            assert_eq!(Amount::parse(text), None, "{text}");
        }
    }
}
