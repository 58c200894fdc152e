//! Decimal arithmetic, as `shopspring/decimal` does it: 0.1 and 0.2 are 0.3.
//!
//! Exact as long as 38 digits suffice; beyond them the result is that of floats.

/// A decimal fraction: coefficient times a power of ten.
#[derive(Clone, Copy)]
struct Decimal {
    coefficient: i128,
    exponent: i32,
}

/// An operation on two numbers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// Digits behind the point of a quotient, the last one rounded.
const QUOTIENT_DIGITS: i32 = 16;

/// The numbers put together from left to right; `None` for a division by zero, and for numbers
/// that are infinite or none.
pub(crate) fn fold(first: f64, rest: &[f64], operation: Operation) -> Option<f64> {
    if !first.is_finite() || rest.iter().any(|number| !number.is_finite()) {
        return None;
    }
    if operation == Operation::Divide && rest.contains(&0.0) {
        return None;
    }
    let exact = || {
        let mut sum = Decimal::of(first)?;
        for number in rest {
            sum = sum.apply(Decimal::of(*number)?, operation)?;
        }
        sum.to_f64()
    };
    Some(exact().unwrap_or_else(|| {
        rest.iter().fold(first, |a, b| match operation {
            Operation::Add => a + b,
            Operation::Subtract => a - b,
            Operation::Multiply => a * b,
            Operation::Divide => a / b,
        })
    }))
}

impl Decimal {
    /// The shortest decimal fraction that reads back as the float.
    fn of(value: f64) -> Option<Self> {
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e')?;
        let fraction = mantissa
            .split_once('.')
            .map_or(0, |(_, digits)| digits.len());
        Some(Self {
            coefficient: mantissa.replace('.', "").parse().ok()?,
            exponent: exponent.parse::<i32>().ok()? - i32::try_from(fraction).ok()?,
        })
    }

    fn to_f64(self) -> Option<f64> {
        format!("{}e{}", self.coefficient, self.exponent)
            .parse()
            .ok()
    }

    fn apply(self, other: Self, operation: Operation) -> Option<Self> {
        let exponent = self.exponent.min(other.exponent);
        let (a, b) = (self.scaled(exponent), other.scaled(exponent));
        match operation {
            Operation::Add => Some(Self {
                coefficient: a?.checked_add(b?)?,
                exponent,
            }),
            Operation::Subtract => Some(Self {
                coefficient: a?.checked_sub(b?)?,
                exponent,
            }),
            Operation::Multiply => Some(Self {
                coefficient: self.coefficient.checked_mul(other.coefficient)?,
                exponent: self.exponent.checked_add(other.exponent)?,
            }),
            Operation::Divide => self.divide(other),
        }
    }

    /// The coefficient for a smaller exponent.
    fn scaled(self, exponent: i32) -> Option<i128> {
        let digits = u32::try_from(self.exponent - exponent).ok()?;
        self.coefficient.checked_mul(10_i128.checked_pow(digits)?)
    }

    fn divide(self, other: Self) -> Option<Self> {
        let shift = self.exponent - other.exponent + QUOTIENT_DIGITS;
        let power = 10_i128.checked_pow(shift.unsigned_abs())?;
        let (dividend, divisor) = if shift >= 0 {
            (self.coefficient.checked_mul(power)?, other.coefficient)
        } else {
            (self.coefficient, other.coefficient.checked_mul(power)?)
        };
        let mut quotient = dividend.checked_div(divisor)?;
        let remainder = dividend.checked_rem(divisor)?;
        // Half is rounded away from zero.
        if remainder.unsigned_abs() >= divisor.unsigned_abs().div_ceil(2) {
            quotient += dividend.signum() * divisor.signum();
        }
        Some(Self {
            coefficient: quotient,
            exponent: -QUOTIENT_DIGITS,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Operation, fold};

    #[test]
    fn decimals_are_exact() {
        let cases = [
            (0.1, 0.2, Operation::Add, 0.3),
            (0.3, 0.1, Operation::Subtract, 0.2),
            (1.1, 1.1, Operation::Multiply, 1.21),
            (1.0, 3.0, Operation::Divide, 0.333_333_333_333_333_3),
            (2.0, 3.0, Operation::Divide, 0.666_666_666_666_666_7),
            (-2.0, 3.0, Operation::Divide, -0.666_666_666_666_666_7),
            (1e300, 1e-300, Operation::Add, 1e300),
        ];
        for (a, b, operation, expected) in cases {
            assert_eq!(
                fold(a, &[b], operation).map(f64::to_bits),
                Some(f64::to_bits(expected))
            );
        }
        assert!(fold(1.0, &[0.0], Operation::Divide).is_none());
        assert!(fold(f64::INFINITY, &[1.0], Operation::Add).is_none());
    }
}
