//! Each row was compared with `kubectl label --local -o json`, version 1.32.

use serde_json::{Value, json};

use super::super::Repeated;
use super::read;
use contract::limits::{MANIFEST_ALIASES, MANIFEST_DEPTH};

fn value(text: &str) -> Value {
    read(text, 1)
        .unwrap_or_else(|error| panic!("{text}: {error}"))
        .value
}

fn error(text: &str) -> String {
    read(text, 10).expect_err(text).to_string()
}

#[test]
fn document_is_the_value_that_kubectl_reads() {
    for (text, expected) in [
        ("", Value::Null),
        ("# c\n", Value::Null),
        ("\u{feff}a: 1\n", json!({"a": 1})),
        (
            "a: \"0400\"\nb: '0400'\nc: 0400\n",
            json!({"a": "0400", "b": "0400", "c": 256}),
        ),
        (
            "a: &x {b: 1}\nc: *x\n",
            json!({"a": {"b": 1}, "c": {"b": 1}}),
        ),
        (
            "a: &x 1\na2: &x 2\nb: *x\n",
            json!({"a": 1, "a2": 2, "b": 2}),
        ),
        ("&k a: 1\nb: *k\n", json!({"a": 1, "b": "a"})),
        (
            "x: &x {a: 2, q: 1}\nz: {a: 1, <<: *x, q: 9}\n",
            json!({"x": {"a": 2, "q": 1}, "z": {"a": 2, "q": 9}}),
        ),
        (
            "x: {a: 1, <<: [{a: 2, b: 1}, {b: 3}]}\n",
            json!({"x": {"a": 2, "b": 1}}),
        ),
        ("x: {'<<': {a: 1}}\n", json!({"x": {"<<": {"a": 1}}})),
        ("x: {!!merge <<: {a: 1}}\n", json!({"x": {"a": 1}})),
        ("x: <<\n", json!({"x": "<<"})),
        (
            "1: a\nyes: b\n1.5: c\n",
            json!({"1": "a", "true": "b", "1.5": "c"}),
        ),
        ("? x\n: z\n", json!({"x": "z"})),
        ("a: {x, b: }\n", json!({"a": {"x": null, "b": null}})),
        (
            "a: [1, 2, ]\nb: [c: 1, d]\n",
            json!({"a": [1, 2], "b": [{"c": 1}, "d"]}),
        ),
        (
            "a:\n- - 1\n  - 2\n-\n- b: 1\n",
            json!({"a": [[1, 2], null, {"b": 1}]}),
        ),
        (
            "a: |\n  x\n   y\n\nb: >-\n  f\n  g\n\n   h\n",
            json!({"a": "x\n y\n", "b": "f g\n\n h"}),
        ),
        (
            "a: |+\n  k\n\n\nb: |2\n    x\n",
            json!({"a": "k\n\n\n", "b": "  x\n"}),
        ),
        (
            "a: x\n  y\nb: \"c\n  d\"\n",
            json!({"a": "x y", "b": "c d"}),
        ),
        ("a: |\r\n  x\r\n  y\r\n", json!({"a": "x\ny\n"})),
        (
            "a: !!binary aGVsbG8=\nb: !foo 12\nc: ! 12\n",
            json!({"a": "hello", "b": "12", "c": "12"}),
        ),
        (
            "a: !!set {x}\nb: !!omap [c: 1]\n",
            json!({"a": {"x": null}, "b": [{"c": 1}]}),
        ),
        ("a: 1\n...\n# end\n", json!({"a": 1})),
        ("a:\tb\nc: d\t# x\n", json!({"a": "b", "c": "d"})),
        ("a: b#c\nd: e # f\n", json!({"a": "b#c", "d": "e"})),
    ] {
        assert_eq!(value(text), expected, "{text:?}");
    }
}

#[test]
fn repeated_key_is_the_last_one_and_is_reported() {
    let content = read(
        "a: 1\nb: {c: 1,\n  c: 2}\na: 3\nx: &x {d: 1}\ny: {<<: *x, d: 2}\n",
        10,
    )
    .unwrap();
    assert_eq!(content.value["a"], 3);
    assert_eq!(content.value["b"], json!({"c": 2}));
    let repeated = |line, key: &str| Repeated {
        line: Some(line),
        key: key.into(),
    };
    assert_eq!(content.repeated, [repeated(12, "c"), repeated(13, "a")]);
}

#[test]
fn error_names_the_line_in_the_file() {
    for (text, expected) in [
        ("a: 1\nb: {c: 1\n", "line 11: not YAML: "),
        (
            "a: 1\n\nb: .inf\n",
            "line 12: not YAML: JSON has no such number",
        ),
        ("a: !!int x\n", "line 10: not YAML: `x` is no !!int"),
        (
            "a: 1\nnull: b\n",
            "line 11: not YAML: kubectl takes no such key",
        ),
        (
            "? [a]\n: b\n",
            "line 10: not YAML: kubectl takes no such key",
        ),
        ("a: *x\n", "line 10: not YAML: "),
        (
            "a: &x [*x]\n",
            "line 10: not YAML: an anchor's value contains itself",
        ),
        ("a: {<<: 1}\n", "line 10: not YAML: `<<` takes a map"),
        (
            "x: &x [{a: 1}]\ny: {<<: *x}\n",
            "line 11: not YAML: `<<` takes a map",
        ),
        (
            "a: 1\n...\nb: 1\n",
            "line 12: not YAML: kubectl reads nothing after `...`",
        ),
        (
            "a: 1\nb: x\u{2028}y\n",
            "line 11: not YAML: kubectl reads U+0085",
        ),
        ("a: 'x\n", "line 1"),
    ] {
        let error = error(text);
        assert!(error.starts_with(expected), "{text:?}: {error}");
    }
}

#[test]
fn comments_are_noticed_and_texts_are_not_comments() {
    for (text, expected) in [
        ("a: 1 # c\n", true),
        ("# c\na: 1\n", true),
        ("a: 1\n# c\n", true),
        ("a: b#c\n", false),
        ("a: |\n  # text\n", false),
        ("a: '# text'\n", false),
    ] {
        assert_eq!(read(text, 1).unwrap().has_comments, expected, "{text:?}");
    }
    let licence = format!("a:\n{}  b: 1\n", "  # line\n".repeat(1000));
    assert_eq!(value(&licence), json!({"a": {"b": 1}}));
}

#[test]
fn depth_and_aliases_are_bounded() {
    let nested = |levels: usize| format!("a: {}{}\n", "[".repeat(levels), "]".repeat(levels));
    assert!(read(&nested(MANIFEST_DEPTH - 1), 1).is_ok());
    assert!(read(&nested(MANIFEST_DEPTH + 1), 1).is_err());
    let mut deep = String::new();
    for level in 0..=MANIFEST_DEPTH {
        deep.extend([" ".repeat(level).as_str(), "a:\n"]);
    }
    deep.extend([" ".repeat(MANIFEST_DEPTH + 2).as_str(), "[]"]);
    assert!(read(&deep, 1).is_err());
    let doubled = |n: usize| format!("a{n}: &a{n} [*a{0}, *a{0}]\n", n - 1);
    let bomb: Vec<_> = (1..64).map(doubled).collect();
    let bomb = format!("a0: &a0 [x, x]\n{}", bomb.concat());
    let error = error(&bomb);
    let mib = MANIFEST_ALIASES / 1024 / 1024;
    assert!(
        error.contains(&format!("its aliases repeat more than {mib} MiB")),
        "{error}"
    );
}
