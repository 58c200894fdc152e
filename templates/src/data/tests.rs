use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use serde::Deserialize;

use super::{Data, Value};

fn data(text: &str) -> Data {
    serde_json::from_str(text).unwrap()
}

fn env(data: &Data, key: &str) -> String {
    let text = data.get(key).unwrap().to_env().unwrap();
    text.expose_secret().to_owned()
}

#[test]
fn scalars_as_a_variable_has_them() {
    let data = data(
        r#" { "text": "Gr\u00fc\u00dfe \ud83d\ude00", "empty": "", "null": null, "yes": true, "no": false,
              "big": 9007199254740993, "price": 1.50, "exp": 1e3, "minus": -0, "huge": 1e999,
              "long": 123456789012345678901234567890 } "#,
    );
    let cases = [
        ("text", "Grüße 😀"),
        ("empty", ""),
        ("null", ""),
        ("yes", "true"),
        ("no", "false"),
        ("big", "9007199254740993"),
        ("price", "1.50"),
        ("exp", "1e3"),
        ("minus", "-0"),
        ("huge", "1e999"),
        ("long", "123456789012345678901234567890"),
    ];
    for (key, expected) in cases {
        assert_eq!(env(&data, key), expected, "{key}");
    }
    assert_eq!(data.keys().count(), cases.len());
}

#[test]
fn value_that_is_no_scalar_names_its_kind() {
    let data = data(r#"{"list": [1], "map": {}}"#);
    let kind = |key: &str| data.get(key).unwrap().to_env().unwrap_err().kind;
    assert_eq!(kind("list"), "a list");
    assert_eq!(kind("map"), "a map");
}

#[test]
fn a_kv2_secret_is_unnested() {
    let mut data = data(r#"{"data": {"password": "x"}, "metadata": {"version": 3}}"#);
    assert!(data.get("metadata").unwrap().as_map().is_some());
    let inner = data.remove("data").unwrap().into_map().unwrap();
    assert_eq!(env(&inner, "password"), "x");
    assert_eq!(data.keys().collect::<Vec<_>>(), ["metadata"]);
}

#[test]
fn an_envelope_of_which_it_is_a_field() {
    #[derive(Deserialize)]
    struct Envelope {
        lease_duration: u32,
        data: Option<Data>,
    }
    let text = br#"{"lease_duration": 5, "data": {"a": [1.10, {"b": null}]}}"#;
    let read: Envelope = serde_json::from_reader(&text[..]).unwrap();
    assert_eq!(read.lease_duration, 5);
    let data = read.data.unwrap();
    let Some(Value::List(list)) = data.get("a") else {
        panic!("not a list")
    };
    assert_eq!(list[0].to_env().unwrap().expose_secret(), "1.10");
    let none: Envelope = serde_json::from_str(r#"{"lease_duration": 0, "data": null}"#).unwrap();
    assert!(none.data.is_none());
}

#[test]
fn rejected_value_is_not_quoted() {
    let deep = format!("{{\"a\":{}\"canary\"{}}}", "[".repeat(64), "]".repeat(64));
    let cases = [
        ("[\"canary\"]", "a list"),
        ("\"canary\"", "a text"),
        ("null", "null"),
        ("{\"a\":\"\\ud800canary\"}", "not JSON"),
        ("{\"a\":\"canary\"", "cannot be read"),
        ("{\"a\":canary}", "cannot be read"),
        (deep.as_str(), "deeper than 64"),
    ];
    for (text, part) in cases {
        let error = serde_json::from_str::<Data>(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
        assert!(!error.contains("canary"), "{text}: {error}");
    }
}

#[test]
fn debug_shows_no_content() {
    let data = data(r#"{"key": "canary", "number": 12345, "map": {"inner": "canary"}}"#);
    let shown = format!("{data:?} {:?}", data.iter().collect::<Vec<_>>());
    assert!(
        !shown.contains("canary") && !shown.contains("12345"),
        "{shown}"
    );
    assert!(shown.contains("number"), "{shown}");
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in r#"([\[\]{}:,"0-9.eE+\- ntfrue]|\\u[0-9a-f]{4}|null|"a":){0,40}"#) {
        let _ = serde_json::from_str::<Data>(&text);
    }
}
