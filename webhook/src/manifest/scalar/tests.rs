//! Each row was compared with `kubectl label --local -o json`, version 1.32.

use serde_json::{Value, json};

use super::{CORE, Scalar, plain, tagged};

fn value(text: &str) -> Value {
    plain(text).into_value().unwrap()
}

#[test]
fn plain_scalar_is_what_kubectl_reads() {
    for (text, expected) in [
        ("", Value::Null),
        ("~", Value::Null),
        ("Null", Value::Null),
        ("nULL", json!("nULL")),
        ("yes", json!(true)),
        ("On", json!(true)),
        ("y", json!(true)),
        ("OFF", json!(false)),
        ("n", json!(false)),
        ("oN", json!("oN")),
        ("0400", json!(256)),
        ("0755", json!(493)),
        ("010", json!(8)),
        ("-0644", json!(-420)),
        ("0o400", json!(256)),
        ("0O17", json!(15)),
        ("08", json!(8)),
        ("0_7", json!(7)),
        ("00", json!(0)),
        ("0", json!(0)),
        ("-0", json!(0)),
        ("+1", json!(1)),
        ("1_000", json!(1000)),
        ("_1", json!("_1")),
        ("0x1F", json!(31)),
        ("0X1f", json!(31)),
        ("-0x10", json!(-16)),
        ("0x", json!("0x")),
        ("0x1p3", json!("0x1p3")),
        ("0b11", json!(3)),
        ("-0b11", json!(-3)),
        ("0b-1", json!(-1)),
        ("0b2", json!("0b2")),
        ("0o8", json!("0o8")),
        ("1e3", json!(1000)),
        ("1e+06", json!(1_000_000)),
        ("1E-2", json!(0.01)),
        ("1.0", json!(1)),
        ("1.", json!(1)),
        (".5", json!(0.5)),
        ("-.5", json!(-0.5)),
        (".5_0", json!(0.5)),
        (".5__0", json!(".5__0")),
        (".5_", json!(".5_")),
        ("._5", json!("._5")),
        (".", json!(".")),
        ("1e400", json!("1e400")),
        ("1e", json!("1e")),
        ("9223372036854775807", json!(i64::MAX)),
        ("9223372036854775808", json!(9.223_372_036_854_776e18)),
        ("18446744073709551615", json!(1.844_674_407_370_955_2e19)),
        ("-9223372036854775809", json!(-9.223_372_036_854_776e18)),
        ("1:30", json!("1:30")),
        ("190:20:30", json!("190:20:30")),
        ("2026-01-01", json!("2026-01-01")),
        ("2026-01-01T10:00:00Z", json!("2026-01-01T10:00:00Z")),
        ("10.0.0.1", json!("10.0.0.1")),
        ("1.2.3", json!("1.2.3")),
        ("64Mi", json!("64Mi")),
        ("500m", json!("500m")),
        ("+", json!("+")),
        ("-", json!("-")),
        ("0", json!(0)),
        ("=", json!("=")),
        ("inf", json!("inf")),
        ("NaN", json!("NaN")),
        ("1inf", json!("1inf")),
        ("-infinity", json!("-infinity")),
        ("+nan", json!("+nan")),
        ("é", json!("é")),
        ("0é", json!("0é")),
        ("-é", json!("-é")),
    ] {
        assert_eq!(value(text), expected, "{text:?}");
    }
}

#[test]
fn infinite_number_is_no_value() {
    for text in [".inf", "-.Inf", "+.INF", ".nan", ".NaN"] {
        let error = plain(text).into_value().unwrap_err();
        assert!(error.contains("JSON has no such number"), "{error}");
    }
}

#[test]
fn tag_decides_or_is_an_error() {
    let core = |name: &str| format!("{CORE}{name}");
    for (tag, text, expected) in [
        (core("str"), "12", Ok(json!("12"))),
        (core("int"), "7", Ok(json!(7))),
        (core("int"), "x", Err("`x` is no !!int")),
        (core("float"), "1", Ok(json!(1))),
        (core("bool"), "yes", Ok(json!(true))),
        (core("bool"), "1", Err("`1` is no !!bool")),
        (core("null"), "", Ok(Value::Null)),
        (core("null"), "x", Err("`x` is no !!null")),
        (core("timestamp"), "2001-01-01", Ok(json!("2001-01-01"))),
        (core("binary"), "aGVs\nbG8=\n", Ok(json!("hello"))),
        (core("binary"), "?", Err("a !!binary is not base64")),
        ("!".into(), "12", Ok(json!("12"))),
        ("!foo".into(), "12", Ok(json!("12"))),
    ] {
        let found = tagged(&tag, text).and_then(Scalar::into_value);
        assert_eq!(found, expected.map_err(str::to_owned), "{tag} {text:?}");
    }
}

#[test]
fn key_is_the_text_that_kubectl_makes_of_it() {
    for (text, expected) in [
        ("1", "1"),
        ("0x10", "16"),
        ("yes", "true"),
        ("off", "false"),
        ("1.5", "1.5"),
        ("1.0", "1"),
        ("1e6", "1e+06"),
        ("1e21", "1e+21"),
        ("123456789.0", "1.2345679e+08"),
        ("0.0001", "0.0001"),
        ("1e-5", "1e-05"),
        (".inf", ".inf"),
        ("2026-01-01", "2026-01-01"),
        ("a", "a"),
    ] {
        assert_eq!(plain(text).into_key().as_deref(), Ok(expected), "{text}");
    }
    for text in ["", "null", "18446744073709551615"] {
        assert!(plain(text).into_key().is_err(), "{text:?}");
    }
}
