//! Engines with rules of their own: ciphertexts of transit, and leased answers.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use integration::env_exec::{Start, Started};
use integration::network::Relay;
use integration::vault::Vault;
use reqwest::Method;
use serde_json::{Value, json};

fn encrypt_bytes(vault: &Vault, plaintext: &[u8]) -> String {
    use base64::Engine;
    let plaintext = base64::prelude::BASE64_STANDARD.encode(plaintext);
    let body = json!({ "plaintext": plaintext });
    let answer = vault.write("transit/encrypt/mykey", &body).unwrap();
    let text = answer
        .pointer("/data/ciphertext")
        .or_else(|| answer.get("ciphertext"));
    text.and_then(Value::as_str).unwrap().to_owned()
}

fn build_start(address: &str) -> Start {
    let (_, conformance) = Vault::start_shared().unwrap();
    Start::in_pod(address, &conformance.token)
        .unwrap()
        .with_setting("transit", json!({ "path": "transit", "key": "mykey" }))
}

fn assert_failure(started: &Started, code: i32, part: &str) {
    assert_eq!(started.code(), Some(code), "{started:?}");
    assert!(started.line().contains(part), "{started:?}");
    assert_eq!(started.line().lines().count(), 1, "{started:?}");
}

#[test]
fn all_ciphertexts_are_decrypted_in_one_request() {
    let (vault, _) = Vault::start_shared().unwrap();
    let relay = Relay::to_target(vault.address()).unwrap().start().unwrap();
    let (one, two) = (
        encrypt_bytes(vault, b"one"),
        encrypt_bytes(vault, b"\xff\xfe bytes"),
    );
    let started = build_start(&format!("http://{}", relay.address()))
        .with_variable("A", &one)
        .with_variable("B", format!("<${{{one}}}>"))
        .with_variable("C", &two)
        .with_variable("D", format!("<${{{two}}}>"))
        .run()
        .unwrap();
    let environment = started.environment();
    let bytes = |name: &str| {
        use std::os::unix::ffi::OsStrExt;
        let found = environment.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_bytes().to_vec()).unwrap()
    };
    assert_eq!(bytes("A"), b"one", "{started:?}");
    assert_eq!(bytes("B"), b"<one>");
    assert_eq!(bytes("C"), b"\xff\xfe bytes");
    assert_eq!(bytes("D"), b"<\xff\xfe bytes>");
    assert_eq!(relay.requests(), ["PUT /v1/transit/decrypt/mykey"]);
}

#[test]
fn a_ciphertext_that_cannot_be_decrypted_is_told_by_variable() {
    let (vault, _) = Vault::start_shared().unwrap();
    let start = build_start(vault.address())
        .with_variable("BAD", "vault:v1:AAAA")
        .with_variable("GOOD", encrypt_bytes(vault, b"one"))
        .with_variable("NONE", "vault:v9:AAAA");
    let started = start.run().unwrap();
    assert_failure(&started, 114, "BAD: Vault cannot decrypt the ciphertext: ");
    assert!(
        started.line().contains("NONE: Vault cannot decrypt"),
        "{started:?}"
    );
    assert!(!started.line().contains("GOOD"), "{started:?}");
    let no_key = Start::in_pod(vault.address(), "hvs.x")
        .unwrap()
        .with_variable("V", "vault:v1:AAAA");
    assert_failure(
        &no_key.run().unwrap(),
        114,
        "V: the value is a ciphertext of the transit engine, and no transit key",
    );
    let other_key = build_start(vault.address())
        .with_setting("transit", json!({ "path": "transit", "key": "nokey" }))
        .with_variable("V", encrypt_bytes(vault, b"one"));
    assert_failure(
        &other_key.run().unwrap(),
        115,
        "V: Vault answered 400 Bad Request to `transit/decrypt/nokey`: encryption key not found",
    );
}

#[test]
fn a_plaintext_with_a_nul_is_refused_by_name() {
    let (vault, _) = Vault::start_shared().unwrap();
    let started = build_start(vault.address())
        .with_variable("V", encrypt_bytes(vault, b"a\0b"))
        .run()
        .unwrap();
    assert_failure(&started, 114, "env-exec: V: the value contains a NUL byte");
}

/// Certificates of a role that gives leases stand for every dynamic secret.
fn create_leased_role() -> (&'static Vault, String) {
    let (vault, _) = Vault::start_shared().unwrap();
    let role = json!({ "allow_any_name": true, "ttl": "1h", "generate_lease": true });
    vault.write("pki/roles/leased", &role).unwrap();
    (
        vault,
        ">>vault:pki/issue/leased#serial_number#{\"common_name\":\"a.example\"}".into(),
    )
}

fn create_token(vault: &Vault, fields: &Value) -> String {
    let mut all = json!({ "policies": ["conformance"] });
    all.as_object_mut()
        .unwrap()
        .extend(fields.as_object().unwrap().clone());
    vault.create_token(&all).unwrap()
}

/// The life, lease and token that a line tells, in seconds; the test machine may take ten of them.
fn shows_lease(line: &str, [shown, lease, token]: [u64; 3]) -> bool {
    let figure = |before: &str| {
        let (_, rest) = line.split_once(before).unwrap();
        parse_seconds(rest.split([' ', ',', ')']).next().unwrap())
    };
    let is_about = |found: u64, meant: u64| (meant.saturating_sub(10)..=meant).contains(&found);
    is_about(figure("lives "), shown)
        && is_about(figure("(lease "), lease)
        && is_about(figure(", token "), token)
}

/// Reads a duration as `1h30m0s`.
fn parse_seconds(text: &str) -> u64 {
    let of = |unit| match unit {
        "h" => 3600,
        "m" => 60,
        _ => 1,
    };
    text.split_inclusive(char::is_alphabetic)
        .map(|part| part.split_at(part.len() - 1))
        .map(|(number, unit)| number.parse::<u64>().unwrap() * of(unit))
        .sum()
}

#[test]
fn how_long_a_leased_secret_lives_is_said() {
    let (vault, reference) = create_leased_role();
    let run = |token: &str| {
        let start = Start::in_pod(vault.address(), token).unwrap();
        let started = start.with_variable("V", &reference).run().unwrap();
        assert_eq!(started.code(), Some(0), "{started:?}");
        started.line()
    };
    let line = run(&create_token(vault, &json!({ "ttl": "10m" })));
    assert!(
        line.starts_with("env-exec: `pki/issue/leased` is leased and lives "),
        "{line}"
    );
    assert!(line.ends_with("), without renewal"), "{line}");
    assert!(shows_lease(&line, [600, 3600, 600]), "{line}");
    let line = run(Vault::ROOT_TOKEN);
    assert!(line.contains(", token without end)"), "{line}");
    // Without the right to look itself up the token is good all the same.
    let line = run(&create_token(
        vault,
        &json!({ "ttl": "10m", "no_default_policy": true }),
    ));
    assert!(
        line.contains(
            "warning: `pki/issue/leased` is leased, and the life of the token is unknown: "
        ),
        "{line}"
    );
}

#[test]
fn a_leased_secret_that_would_be_gone_too_soon_is_refused() {
    let (vault, reference) = create_leased_role();
    let start = |seconds: u64, token: &str| {
        Start::in_pod(vault.address(), token)
            .unwrap()
            .with_setting("min_lease_seconds", json!(seconds))
            .with_variable("V", &reference)
            .with_variable("W", "vault:secret/data/account#password")
    };
    let long = create_token(vault, &json!({ "ttl": "2h" }));
    assert_eq!(start(3000, &long).run().unwrap().code(), Some(0));
    let by_lease = start(7000, &long).run().unwrap();
    assert_eq!(by_lease.code(), Some(114), "{by_lease:?}");
    let last = |started: &Started| started.line().lines().last().unwrap().to_owned();
    assert!(
        last(&by_lease).starts_with("env-exec: V: `pki/issue/leased`: the leased secret lives "),
        "{by_lease:?}"
    );
    assert!(
        shows_lease(&last(&by_lease), [3600, 3600, 7200]),
        "{by_lease:?}"
    );
    assert!(
        last(&by_lease).ends_with("which is less than the 1h56m40s that were asked for"),
        "{by_lease:?}"
    );
    let short = create_token(vault, &json!({ "ttl": "5m" }));
    let by_token = start(600, &short).run().unwrap();
    assert_eq!(by_token.code(), Some(114), "{by_token:?}");
    assert!(
        last(&by_token).contains("less than the 10m that were asked for"),
        "{by_token:?}"
    );
    let blind = create_token(vault, &json!({ "ttl": "2h", "no_default_policy": true }));
    let unknown = start(600, &blind).run().unwrap();
    assert_eq!(unknown.code(), Some(115), "{unknown:?}");
    assert!(
        last(&unknown)
            .contains("V: `pki/issue/leased` is leased, and the life of the token is unknown: "),
        "{unknown:?}"
    );
}

#[test]
fn one_look_at_the_token_however_much_was_leased() {
    let (vault, reference) = create_leased_role();
    let relay = Relay::to_target(vault.address()).unwrap().start().unwrap();
    let other = reference.replace("a.example", "b.example");
    let start = Start::in_pod(
        &format!("http://{}", relay.address()),
        &create_token(vault, &json!({ "ttl": "2h" })),
    )
    .unwrap();
    let started = start
        .with_variable("A", &reference)
        .with_variable("B", &other)
        .run()
        .unwrap();
    assert_eq!(started.code(), Some(0), "{started:?}");
    let lookups = relay
        .requests()
        .iter()
        .filter(|line| line.ends_with("lookup-self"))
        .count();
    assert_eq!(lookups, 1, "{:?}", relay.requests());
    let relay = Relay::to_target(vault.address()).unwrap().start().unwrap();
    let start = Start::in_pod(
        &format!("http://{}", relay.address()),
        &create_token(vault, &json!({})),
    )
    .unwrap();
    start
        .with_variable("V", "vault:secret/data/account#password")
        .run()
        .unwrap();
    assert_eq!(
        relay.requests(),
        ["GET /v1/secret/data/account"],
        "nothing was leased"
    );
}

#[test]
fn a_token_with_leases_is_not_revoked() {
    let (vault, reference) = create_leased_role();
    let token = create_token(vault, &json!({ "ttl": "2h" }));
    let start = Start::in_pod(vault.address(), &token)
        .unwrap()
        .with_setting("revoke", json!(true));
    let started = start.with_variable("V", &reference).run().unwrap();
    assert_eq!(started.code(), Some(0), "{started:?}");
    vault
        .request(&Method::GET, "auth/token/lookup-self", &token, None)
        .unwrap();
}

#[test]
fn warning_of_vault_is_passed_on() {
    let (vault, _) = Vault::start_shared().unwrap();
    // KV 2 ignores what it does not know, and says so.
    let reference = ">>vault:secret/data/warned#version#{\"data\":{\"k\":\"v\"},\"other\":1}";
    let start = Start::in_pod(vault.address(), Vault::ROOT_TOKEN)
        .unwrap()
        .with_variable("V", reference);
    let started = start.run().unwrap();
    assert_eq!(started.variable("V").as_deref(), Some("1"), "{started:?}");
    assert!(
        started
            .line()
            .contains("warning: Vault warns about `secret/data/warned`: "),
        "{started:?}"
    );
}
