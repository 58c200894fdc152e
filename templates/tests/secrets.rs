//! No error shows a value of the data: every function is made to fail in every way that a few
//! values give, and what it says is searched for them.

#![expect(clippy::unwrap_used, reason = "what the tests are made of")]

use std::collections::BTreeMap;

use serde::Deserialize;
use templates::{Clock, Data, Template};

/// A text, a number and a key that no message of ours can contain by itself.
const SECRETS: [&str; 3] = ["canary", "987654321", "kanarienvogel"];

fn data() -> Data {
    let json = r#"{"t": "canary\\d{(%!z ://canary:canary@[canary", "n": 987654321, "f": 987654321.5,
        "l": ["canary", 987654321, {"kanarienvogel": "canary"}],
        "m": {"kanarienvogel": "canary", "host": ["canary"], "scheme": 987654321},
        "b": true, "z": null, "e": ""}"#;
    serde_json::from_str(json).unwrap()
}

fn assert_silent(template: &str, data: &Data) -> bool {
    let rendered =
        Template::parse(template).and_then(|template| template.render(data, Clock::default()));
    let Err(error) = rendered else {
        return false;
    };
    for shown in [error.to_string(), format!("{error:?}")] {
        for secret in SECRETS {
            assert!(!shown.contains(secret), "{template}: {shown}");
        }
    }
    true
}

/// All ways to choose so many of the operands.
fn choices(operands: &[&str], count: usize) -> Vec<String> {
    (0..count).fold(vec![String::new()], |choices, _| {
        let longer = choices.iter().flat_map(|choice| {
            operands
                .iter()
                .map(move |operand| format!("{choice} {operand}"))
        });
        longer.collect()
    })
}

#[test]
fn every_function_on_every_kind_of_value() {
    const OPERANDS: [&str; 9] = [
        ".t",
        ".n",
        ".f",
        ".l",
        ".m",
        ".b",
        ".z",
        "now",
        "(semver \"1.2.3\")",
    ];
    const FEW: [&str; 5] = [".t", ".n", ".l", ".m", "-1"];
    let data = data();
    let mut failures: BTreeMap<&str, usize> = BTreeMap::new();
    for name in include_str!("conformance/sprig-names.txt").lines().chain([
        "eq", "ne", "lt", "le", "gt", "ge", "and", "or", "not", "print", "println", "printf",
        "html", "js", "urlquery", "index", "len",
    ]) {
        if Template::parse(&format!("${{{name}}}")).is_err_and(|error| {
            matches!(
                error.kind,
                templates::TemplateErrorKind::RefusedFunction { .. }
            )
        }) {
            continue;
        }
        let failed = failures.entry(name).or_default();
        for (operands, count) in [
            (&OPERANDS[..], 1),
            (&OPERANDS, 2),
            (&FEW, 3),
            (&FEW[..3], 4),
        ] {
            for arguments in choices(operands, count) {
                *failed += usize::from(assert_silent(&format!("${{{name}{arguments}}}"), &data));
                *failed += usize::from(assert_silent(
                    &format!("${{(.t | {name}{arguments}).x}}"),
                    &data,
                ));
            }
        }
    }
    assert!(failures.len() > 180);
    // Every function that can fail did.
    let never: Vec<_> = failures
        .iter()
        .filter(|(_, failed)| **failed == 0)
        .collect();
    assert!(never.is_empty(), "{never:?}");
}

#[derive(Deserialize)]
struct Case {
    template: String,
}

/// The corpus again, on data in which every text is a secret.
#[test]
fn every_case_of_the_corpus() {
    let secret = serde_json::json!("canary 987654321");
    let names = [
        "text", "empty", "padded", "unicode", "lines", "csv", "num", "zero", "neg", "float", "big",
        "exp", "price", "yes", "no", "none", "list", "nums", "mixed", "nolist", "map", "nomap",
        "html", "json", "b64", "path", "url", "camel", "snake", "ver", "bin", "quote", "date",
        "epoch", "pct",
    ];
    let fields: serde_json::Map<_, _> = names
        .iter()
        .map(|name| ((*name).to_owned(), secret.clone()))
        .collect();
    let data: Data = serde_json::from_str(&serde_json::Value::from(fields).to_string()).unwrap();
    let mut failures = 0;
    for line in include_str!("conformance/sprig.jsonl").lines().skip(1) {
        let case: Case = serde_json::from_str(line).unwrap();
        if case.template.contains("printf \"%") {
            // A width may look like the number.
            continue;
        }
        failures += usize::from(assert_silent(&case.template, &data));
    }
    assert!(failures > 500, "{failures}");
}
