use serde_json::{Value, json};

use super::super::tree;
use super::edit;

fn edited(text: &str, change: impl FnOnce(&mut Value)) -> Option<String> {
    let mut value = tree::read(text, 1).unwrap().value;
    change(&mut value);
    edit(text, &value)
}

#[test]
fn change_leaves_the_text_around_it() {
    type Change = fn(&mut Value);
    let rows: [(&str, Change, &str); 12] = [
        (
            "a: 0400 # c\n",
            |v| v["b"] = json!("x"),
            "a: 0400 # c\nb: x\n",
        ),
        (
            "a: 1 # c\nb: 'd'\n",
            |v| v["a"] = json!(2),
            "a: 2 # c\nb: 'd'\n",
        ),
        (
            "a:   # c\n    b: 1 # d\n",
            |v| v["a"]["c"] = json!({"d": [1]}),
            "a:   # c\n    b: 1 # d\n    c:\n      d:\n      - 1\n",
        ),
        (
            "a: {b: 1} # c\nd: e\n",
            |v| v["a"]["c"] = json!(2),
            "a:\n  b: 1\n  c: 2 # c\nd: e\n",
        ),
        (
            "a: [x] # c\n",
            |v| v["a"] = json!(["q", "x"]),
            "a:\n- q\n- x # c\n",
        ),
        (
            "a:\n# one\n- x # c\n# two\n- v\n",
            |v| v["a"] = json!(["w", "x", "v", "z"]),
            "a:\n- w\n# one\n- x # c\n# two\n- v\n- z\n",
        ),
        (
            "a:\n  - name: x # c\n  - {name: q}\n",
            |v| v["a"][1]["b"] = json!(1),
            "a:\n  - name: x # c\n  - name: q\n    b: 1\n",
        ),
        (
            "a:\n  - name: x # c\n",
            |v| v["a"] = json!([{"name": "w"}, {"name": "x", "b": 1}]),
            "a:\n  - name: w\n  - name: x # c\n    b: 1\n",
        ),
        (
            "a:\n  b: |\n    t\n\nc: 1 # d\n",
            |v| v["a"]["e"] = json!(1),
            "a:\n  b: |\n    t\n\n  e: 1\nc: 1 # d\n",
        ),
        (
            "a: 1 # no line break",
            |v| v["b"] = json!(2),
            "a: 1 # no line break\nb: 2\n",
        ),
        (
            "a: {}\nb: x # c\n",
            |v| v["a"] = json!({"k": "v"}),
            "a:\n  k: v\nb: x # c\n",
        ),
        (
            "\u{feff}a: 1 # c\n",
            |v| v["b"] = json!(2),
            "\u{feff}a: 1 # c\nb: 2\n",
        ),
    ];
    for (text, change, expected) in rows {
        assert_eq!(edited(text, change).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn text_that_cannot_be_changed_in_parts_is_left_to_the_writer() {
    type Change = fn(&mut Value);
    let rows: [(&str, Change); 8] = [
        ("a: &x {b: 1} # c\nd: *x\n", |v| v["a"]["b"] = json!(2)),
        ("a: &x {b: 1} # c\nd: *x\n", |v| v["d"]["b"] = json!(2)),
        ("a: &x\n  b: 1 # c\nd: *x\n", |v| v["a"]["e"] = json!(2)),
        ("x: &x {a: 1}\nb: {<<: *x} # c\nd:\n  <<: *x\n", |v| {
            v["d"]["e"] = json!(1);
        }),
        ("{a: 1} # c\n", |v| v["b"] = json!(2)),
        ("a: 1 # c\na: 2\n", |v| v["b"] = json!(2)),
        ("a:\n- x # c\n- y\n", |v| v["a"] = json!(["y"])),
        ("a: 1 # c\nb: 2\n", |v| *v = json!({"b": 2})),
    ];
    for (text, change) in rows {
        assert_eq!(edited(text, change), None, "{text}");
    }
}
