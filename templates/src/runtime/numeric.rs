//! What a number is worth.

use std::cmp::Ordering;

use contract::limits::templates as limits;

use super::value::{IntegerType, Value};

/// The worth of a number, whatever Go's type of it.
#[derive(Clone, Copy)]
pub(crate) enum Numeric {
    Integer(i128),
    Float(f64),
}

impl Numeric {
    /// Of a number as JSON writes it; of one with an absurd number of digits, nothing.
    pub(crate) fn of_json(text: &[u8]) -> Option<Self> {
        let text = Some(text).filter(|text| text.len() <= limits::DIGITS)?;
        let text = std::str::from_utf8(text).ok()?;
        match text.parse() {
            Ok(integer) => Some(Self::Integer(integer)),
            Err(_) => text.parse().ok().map(Self::Float),
        }
    }

    /// Of any value that is a number.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Integer(bits, IntegerType::Uint64) => {
                Some(Self::Integer(bits.cast_unsigned().into()))
            }
            Value::Integer(integer, _) => Some(Self::Integer((*integer).into())),
            Value::Float(float) => Some(Self::Float(*float)),
            Value::Number(text) => Self::of_json(text.bytes()),
            _ => None,
        }
    }

    /// As Go converts to `int64`: a fraction is cut off.
    pub(crate) fn to_i64(self) -> i64 {
        match self {
            Self::Integer(integer) => {
                i64::try_from(integer).unwrap_or(if integer < 0 { i64::MIN } else { i64::MAX })
            }
            #[expect(clippy::cast_possible_truncation, reason = "saturates, as it should")]
            Self::Float(float) => float as i64,
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "that is what a float is")]
    pub(crate) fn to_f64(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }

    pub(crate) fn is_zero(self) -> bool {
        match self {
            Self::Integer(integer) => integer == 0,
            Self::Float(float) => float == 0.0,
        }
    }

    /// Exact, also between an integer and a float; `None` with a NaN.
    pub(crate) fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => Some(a.cmp(&b)),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b),
            (Self::Integer(a), Self::Float(b)) => compare_mixed(a, b),
            (Self::Float(a), Self::Integer(b)) => compare_mixed(b, a).map(Ordering::reverse),
        }
    }
}

/// Compares whole parts as integers, then looks at the fraction.
fn compare_mixed(integer: i128, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    let whole = float.floor();
    // Saturates beyond the range of the type, where it still is beyond every integer but one.
    #[expect(clippy::cast_possible_truncation, reason = "saturates, as it should")]
    let order = integer.cmp(&(whole as i128));
    Some(order.then(if float > whole {
        Ordering::Less
    } else {
        Ordering::Equal
    }))
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering::{Equal, Greater, Less};

    use super::Numeric;

    #[test]
    fn numbers_compare_exactly() {
        let cases = [
            ("1", "1.0", Some(Equal)),
            ("1.50", "1.5", Some(Equal)),
            ("9007199254740993", "9007199254740992.0", Some(Greater)),
            ("-1", "-1.5", Some(Greater)),
            ("-2", "-1.5", Some(Less)),
            ("2", "1.5", Some(Greater)),
            ("1", "1e400", Some(Less)),
            ("1e3", "1000", Some(Equal)),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567891",
                Some(Less),
            ),
        ];
        for (a, b, expected) in cases {
            let number = |text: &str| Numeric::of_json(text.as_bytes()).unwrap();
            assert_eq!(number(a).compare(number(b)), expected, "{a} {b}");
            let turned = expected.map(std::cmp::Ordering::reverse);
            assert_eq!(number(b).compare(number(a)), turned, "{b} {a}");
        }
    }
}
