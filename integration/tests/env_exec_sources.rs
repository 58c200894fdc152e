//! What a value may ask of a real Vault, by where it comes from. The table is written out here: the
//! crates under test are not asked what they should do.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use integration::env_exec::{Start, Started};
use integration::vault::Vault;
use serde_json::{Value, json};

/// Names in the settings; then whether it reads, and whether it writes and logs in, where the
/// author asked and allowed all; and whether it is left as text otherwise.
const TABLE: [(&str, bool, bool, bool); 8] = [
    ("literal", true, true, false),
    ("config-map", true, true, false),
    ("secret", true, true, false),
    ("unnamed", true, false, false),
    ("field-ref", false, false, true),
    ("resource-field-ref", false, false, true),
    ("file-key-ref", false, false, true),
    ("other", false, false, true),
];

fn run_with_source(source: &str, allow: &Value, name: &str, value: &str) -> Started {
    let (vault, _) = Vault::start_shared().unwrap();
    let mut sources = json!({ "named": { source: [name] }, "allow": allow });
    if source == "unnamed" {
        sources["named"] = json!({});
    }
    Start::in_pod(vault.address(), Vault::ROOT_TOKEN)
        .unwrap()
        .with_setting("sources", sources)
        .with_variable(name, value)
        .run()
        .unwrap()
}

/// Resolved, left as it was, or refused with one sentence that names the variable.
fn describe_outcome(started: &Started, name: &str, value: &str) -> &'static str {
    match started.code() {
        Some(0) if started.variable(name).as_deref() == Some(value) => "left",
        Some(0) => "resolved",
        _ => {
            assert_eq!(started.code(), Some(114), "{started:?}");
            let line = started.line();
            let mut sentences = [
                format!("{name}: the value, from"),
                format!("{name}: the reference, from"),
            ]
            .into_iter();
            assert!(sentences.any(|part| line.contains(&part)), "{started:?}");
            assert_eq!(started.line().lines().count(), 1, "{started:?}");
            "refused"
        }
    }
}

#[test]
fn every_source_does_on_a_real_vault_what_the_table_says() {
    let all = json!({ "asked": true, "config_maps_write": true, "secrets_write": true });
    let asked = json!({ "asked": true });
    let nothing = json!({});
    let write = ">>vault:secret/data/sources#version#{\"data\":{\"k\":\"v\"}}";
    for (source, reads, writes, is_text) in TABLE {
        let expected = |is_allowed: bool| match (is_allowed, is_text) {
            (true, _) => "resolved",
            (false, true) => "left",
            (false, false) => "refused",
        };
        let is_literal = source == "literal";
        for (name, value, allowed) in [
            (
                "V",
                "vault:secret/data/account#password",
                [reads, reads, is_literal],
            ),
            ("V", write, [writes, is_literal, is_literal]),
            (
                "VAULT_TOKEN",
                "vault:login",
                [writes, is_literal, is_literal],
            ),
        ] {
            for (allow, is_allowed) in [&all, &asked, &nothing].into_iter().zip(allowed) {
                let started = run_with_source(source, allow, name, value);
                assert_eq!(
                    describe_outcome(&started, name, value),
                    expected(is_allowed),
                    "{source} {allow} {value}: {started:?}"
                );
            }
        }
    }
}

#[test]
fn text_from_metadata_is_left_with_one_warning() {
    let value = "team=${vault:secret/data/account#password}";
    let started = run_with_source("field-ref", &json!({ "asked": true }), "TEAM", value);
    assert_eq!(started.variable("TEAM").as_deref(), Some(value));
    assert!(
        started
            .line()
            .starts_with("env-exec: warning: TEAM: left as text"),
        "{started:?}"
    );
    assert_eq!(started.line().lines().count(), 1, "{started:?}");
}

/// As kubelet gives them to the container: a Secret holds the password's reference, and the URL takes it
/// by `$(PASSWORD)`.
fn run_with_password(source: &str, url: &str, composed: &Value, arguments: &[&str]) -> Started {
    let (vault, _) = Vault::start_shared().unwrap();
    let sources = json!({
        "named": { "secret": ["PASSWORD"], source: ["PASSWORD", "URL"] },
        "allow": { "asked": true },
        "composed": composed,
    });
    let program = ["env", "-0"].iter().chain(arguments);
    Start::in_pod(vault.address(), Vault::ROOT_TOKEN)
        .unwrap()
        .with_setting("sources", sources)
        .with_variable("PASSWORD", PASSWORD)
        .with_variable("URL", url)
        .with_program(program)
        .run()
        .unwrap()
}

const PASSWORD: &str = "vault:secret/data/account#password";

#[test]
fn reference_of_a_secret_in_a_url_becomes_the_value() {
    for (url, composed, expected) in [
        (
            format!("postgres://u:{PASSWORD}@db/app?sslmode=disable"),
            json!({ "URL": ["postgres://u:", "PASSWORD", "@db/app?sslmode=disable"] }),
            "postgres://u:secret@db/app?sslmode=disable",
        ),
        // All of it looks like one reference, of which the webhook tells the author's part.
        (
            format!("{PASSWORD}@db"),
            json!({ "URL": ["", "PASSWORD", "@db"] }),
            "secret@db",
        ),
        (
            format!("${{vault:secret/data/account#username}}:{PASSWORD}@db"),
            json!({ "URL": ["${vault:secret/data/account#username}:", "PASSWORD", "@db"] }),
            "superusername:secret@db",
        ),
    ] {
        let started = run_with_password("secret", &url, &composed, &[]);
        assert_eq!(
            started.variable("URL").as_deref(),
            Some(expected),
            "{started:?}"
        );
        assert_eq!(started.variable("PASSWORD").as_deref(), Some("secret"));
    }
}

/// No `$(PASSWORD)` was there: the program gets the text.
#[test]
fn reference_in_a_text_of_the_authors_stays_text() {
    for text in ["Bearer REF", "'REF'", "{{REF}}", "see REF, or not"] {
        let text = format!("-{}", text.replace("REF", PASSWORD));
        let started = run_with_password("literal", &text, &json!({}), &[]);
        assert_eq!(
            started.variable("URL").as_deref(),
            Some(&*text),
            "{started:?}"
        );
        assert_eq!(started.variable("PASSWORD").as_deref(), Some("secret"));
        let (vault, _) = Vault::start_shared().unwrap();
        let alone = Start::standalone(vault.address(), Vault::ROOT_TOKEN)
            .with_variable("PASSWORD", PASSWORD)
            .with_variable("URL", &text)
            .run()
            .unwrap();
        assert_eq!(alone.variable("URL").as_deref(), Some(&*text), "{alone:?}");
    }
}

#[test]
fn reference_of_a_secret_in_an_argument_ends_the_start() {
    let argument = format!("--password={PASSWORD}");
    let started = run_with_password("secret", "none", &json!({}), &["-u", &argument]);
    assert_eq!(started.code(), Some(114), "{started:?}");
    assert!(
        started
            .line()
            .contains("argument 3 contains the reference of PASSWORD"),
        "{started:?}"
    );
}

#[test]
fn json_and_exempted_variables_are_left_on_a_real_vault() {
    let (vault, _) = Vault::start_shared().unwrap();
    let json = r#"{"password":"${vault:secret/data/account#password}"}"#;
    let started = Start::in_pod(vault.address(), Vault::ROOT_TOKEN)
        .unwrap()
        .with_setting(
            "sources",
            json!({ "named": { "literal": ["JSON", "R"] }, "skip": ["TITLE"] }),
        )
        .with_variable("R", PASSWORD)
        .with_variable("JSON", json)
        .with_variable("TITLE", "vault:secret/data/account")
        .with_variable("IMAGE", "vault:1.13.3")
        .with_variable("ARGO_TEMPLATE", json)
        .run()
        .unwrap();
    for (name, expected) in [
        ("R", "secret"),
        ("JSON", json),
        ("TITLE", "vault:secret/data/account"),
        ("IMAGE", "vault:1.13.3"),
        ("ARGO_TEMPLATE", json),
    ] {
        assert_eq!(
            started.variable(name).as_deref(),
            Some(expected),
            "{started:?}"
        );
    }
    assert!(
        started
            .line()
            .starts_with("env-exec: warning: JSON: left as text"),
        "{started:?}"
    );
    assert_eq!(started.line().lines().count(), 1, "{started:?}");
}
