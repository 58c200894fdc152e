//! Numbers as kubectl keeps them: an `int64` where one is meant, else a `float64`.

use serde_json::{Number, Value};

/// Floats from here on have an exponent in Go's JSON.
const EXPONENT: f64 = 1e21;

/// A float. One without a fraction is an integer: kubectl has `1e+06` and `1.0` as `1000000` and `1`.
/// `None` for what JSON does not have.
pub(super) fn float(float: f64) -> Option<Value> {
    if float.fract() == 0.0 && float.abs() < EXPONENT {
        // kubectl reads the digits again by which the float is told from its neighbours. Zero has no sign.
        let digits = (float + 0.0).to_string();
        if let Ok(integer) = digits.parse::<i64>() {
            return Some(Value::from(integer));
        }
    }
    Number::from_f64(float).map(Value::Number)
}

/// An unsigned integer, which is a float beyond `int64`.
pub(super) fn unsigned(number: u64) -> Value {
    match i64::try_from(number) {
        Ok(number) => Value::from(number),
        #[expect(clippy::cast_precision_loss, reason = "kubectl does the same")]
        Err(_) => Value::from(number as f64),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{float, unsigned};

    #[test]
    fn float_without_fraction_is_an_integer_where_it_fits() {
        for (number, expected) in [
            (1e6, Some(json!(1_000_000))),
            (-0.0, Some(json!(0))),
            (0.5, Some(json!(0.5))),
            (
                -9_223_372_036_854_775_808.0,
                Some(json!(-9.223_372_036_854_776e18)),
            ),
            (
                9_223_372_036_854_774_784.0,
                Some(json!(9_223_372_036_854_775_000_i64)),
            ),
            (1e18, Some(json!(1_000_000_000_000_000_000_i64))),
            (
                9_223_372_036_854_775_808.0,
                Some(json!(9.223_372_036_854_776e18)),
            ),
            (1e300, Some(json!(1e300))),
            (f64::INFINITY, None),
            (f64::NAN, None),
        ] {
            assert_eq!(float(number), expected, "{number}");
        }
        assert_eq!(unsigned(7), json!(7));
        assert_eq!(unsigned(u64::MAX), json!(1.844_674_407_370_955_2e19));
    }
}
