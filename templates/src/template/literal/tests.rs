use super::{character, number, quoted, raw};

#[test]
fn strings() {
    let cases: [(&str, &[u8]); 8] = [
        (r#""""#, b""),
        (r#""a b""#, b"a b"),
        (r#""\a\b\f\n\r\t\v\\\"""#, b"\x07\x08\x0c\n\r\t\x0b\\\""),
        (r#""\x41\xff\101\377""#, b"A\xffA\xff"),
        (r#""\u00fc\U0001F600""#, "ü😀".as_bytes()),
        ("\"Grüße\"", "Grüße".as_bytes()),
        ("\"'\"", b"'"),
        ("\"}\"", b"}"),
    ];
    for (text, expected) in cases {
        assert_eq!(quoted(text).unwrap(), expected, "{text}");
    }
    assert_eq!(raw("`a\\n\r\n\"b`").unwrap(), b"a\\n\n\"b");
}

#[test]
fn strings_that_are_none() {
    for text in [
        r#""\q""#,
        r#""\'""#,
        r#""\x4""#,
        r#""\x4g""#,
        r#""\400""#,
        r#""\8""#,
        r#""\ud800""#,
        r#""\U00110000""#,
        r#""\u+041""#,
    ] {
        assert!(quoted(text).is_err(), "{text}");
    }
}

#[test]
fn characters() {
    let cases = [
        ("'a'", 97),
        ("'ü'", 252),
        (r"'\n'", 10),
        (r"'\''", 39),
        (r"'\x41'", 65),
        (r"'\377'", 255),
        (r"'\u00fc'", 252),
        ("'\"'", 34),
        ("'}'", 125),
    ];
    for (text, expected) in cases {
        assert_eq!(character(text).unwrap().integer, Some(expected), "{text}");
    }
    for text in ["''", "'ab'", r#"'\"'"#, r"'\x411'"] {
        assert!(character(text).is_err(), "{text}");
    }
}

#[test]
fn numbers() {
    let integers = [
        ("0", 0),
        ("42", 42),
        ("-7", -7),
        ("+7", 7),
        ("0x1F", 31),
        ("0X1f", 31),
        ("-0x10", -16),
        ("017", 15),
        ("0o17", 15),
        ("0b101", 5),
        ("1_000", 1000),
        ("0x_1f", 31),
        ("0_7", 7),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
    ];
    for (text, expected) in integers {
        let value = number(text).unwrap();
        assert_eq!(
            (value.integer, value.is_float),
            (Some(expected), false),
            "{text}"
        );
    }
    let floats = [
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1E-2", 0.01),
        ("-2.5e+1", -25.0),
        ("0x1p4", 16.0),
        ("0x1.8p1", 3.0),
        ("0x1p-2", 0.25),
        ("09.5", 9.5),
        ("1e300", 1e300),
        ("1_0.5", 10.5),
    ];
    for (text, expected) in floats {
        let value = number(text).unwrap();
        assert_eq!((value.float, value.is_float), (expected, true), "{text}");
    }
    assert_eq!(number("3.0").unwrap().integer, Some(3));
    for text in [
        "08",
        "0x",
        "0b2",
        "0xg",
        "1_",
        "1__0",
        "_1",
        "1.2.3",
        "1e",
        "e",
        "-",
        "+",
        "9223372036854775808",
        "99999999999999999999",
        "1i",
        "1e999",
        "0x1.8",
        "1x",
        "--1",
        "0x+1",
        "nan",
        "inf",
    ] {
        assert!(number(text).is_err(), "{text}");
    }
}
