//! What is refused of the real methods, each with its sentence.

use std::collections::BTreeMap;
use std::fmt::Write;

use contract::message::{MESSAGE_WORDS, words};
use serde_json::{Value, json};

use super::{SECRET, VOLUME, object, vault};
use crate::auto_auth::LoginSettings;

/// Stands where a credential could: no sentence may show it.
const CANARY: &str = "s.CANARY";

fn sentence(name: &str, settings: &LoginSettings<'_>) -> String {
    let problems = vault(name, settings).unwrap_err();
    for problem in problems.iter().map(ToString::to_string) {
        let count = words(&problem);
        assert!(count <= MESSAGE_WORDS, "{count} words: {problem}");
    }
    let sentence = problems.to_string();
    assert!(!sentence.contains("CANARY"), "{sentence}");
    assert!(!sentence.contains('\n'), "{sentence}");
    sentence
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn settings_of_a_method() {
    let cases = [
        ("approle", json!({ "roel_id_file_path": CANARY })),
        ("approle", json!({ "roleIdFilePath": CANARY })),
        ("approle", json!({ "something": CANARY })),
        ("approle", json!({ "secret_id": CANARY })),
        ("approle", json!({ "role_id": CANARY })),
        ("approle", json!({ "role": "web" })),
        ("approle", json!({ "token_path": CANARY })),
        ("approle", json!({ "mount_path": "auth/approle" })),
        ("approle", json!({ "exit_on_err": true })),
        ("approle", json!({ "role_id_file_path": "" })),
        ("approle", json!({ "role_id_file_path": CANARY })),
        ("approle", json!({ "secret_id_file_path": "/etc/CANARY" })),
        (
            "approle",
            json!({ "remove_secret_id_file_after_reading": true }),
        ),
        (
            "approle",
            json!({ "remove_secret_id_file_after_reading": "no" }),
        ),
        (
            "approle",
            json!({ "secret_id_file_path": "", "remove_secret_id_file_after_reading": false }),
        ),
        (
            "approle",
            json!({ "secret_id_file_path": "", "secret_id_response_wrapping_path": "auth/approle/role/web/secret-id" }),
        ),
        (
            "approle",
            json!({ "secret_id_response_wrapping_path": "/auth/approle/role/web/secret-id" }),
        ),
        ("alicloud", json!({ "role": "web" })),
        (
            "alicloud",
            json!({ "role": "web", "region": "eu", "access_key": "LTAI", "access_secret": CANARY }),
        ),
        (
            "alicloud",
            json!({ "role": "web", "region": "eu", "role_arn": "acs:ram::1:role/web" }),
        ),
        (
            "alicloud",
            json!({ "role": "web", "region": "eu", "public_key_id": "k" }),
        ),
        (
            "alicloud",
            json!({ "role": "web", "region": "eu", "session_expiration": 60 }),
        ),
        ("aws", json!({ "role": "web" })),
        ("aws", json!({ "role": "web", "type": "sts" })),
        (
            "aws",
            json!({ "role": "web", "type": "iam", "secret_key": CANARY, "session_token": CANARY }),
        ),
        (
            "aws",
            json!({ "role": "web", "type": "iam", "access_key": "AKIA" }),
        ),
        (
            "aws",
            json!({ "role": "web", "type": "iam", "credential_poll_interval": "60" }),
        ),
        ("azure", json!({ "role": "web" })),
        (
            "azure",
            json!({ "role": "web", "resource": "r", "object_id": "o", "client_id": "c" }),
        ),
        (
            "cf",
            json!({ "role": "web", "client_cert": "/tokenpipe/auth/tls.crt" }),
        ),
        ("gcp", json!({ "role": "web", "type": "iam" })),
        (
            "gcp",
            json!({ "role": "web", "type": "gce", "service_account": "" }),
        ),
        (
            "gcp",
            json!({ "role": "web", "type": "iam", "service_account": "", "credentials": CANARY }),
        ),
        (
            "gcp",
            json!({ "role": "web", "type": "iam", "service_account": "", "jwt_exp": "1h" }),
        ),
        (
            "kerberos",
            json!({ "username": "web", "service": "HTTP/vault" }),
        ),
        (
            "kerberos",
            json!({
                "username": "web", "service": "HTTP/vault", "realm": "R", "role": "web",
                "krb5_conf_path": "/etc/krb5.conf",
            }),
        ),
        ("ldap", json!({ "username": "web", "password": CANARY })),
        ("ldap", json!({ "username": "../web" })),
        (
            "ldap",
            json!({ "username": "web", "remove_password_after_reading": true }),
        ),
        (
            "ldap",
            json!({ "username": "web", "password_read_period": -1 }),
        ),
        ("oci", json!({ "type": "apikey", "role": "a/b" })),
        ("oci", json!({ "type": "user", "role": "web" })),
        ("cert", json!({ "client_cert": "/tokenpipe/auth/web.crt" })),
        ("cert", json!({ "client_key": "/tokenpipe/auth/web.key" })),
        ("cert", json!({ "reload": "true" })),
        ("cert", json!({ "reload_period": 0 })),
        ("cert", json!({ "cert_file": "/tokenpipe/auth/web.crt" })),
        ("cert", json!({ "ca_cert": "/etc/ssl/ca.crt" })),
        (
            "jwt",
            json!({ "role": "web", "token_path": "/tokenpipe/auth/jwt" }),
        ),
        ("jwt", json!({ "role": "web", "jwt": CANARY })),
        ("jwt", json!({ "role": "web", "jwt_read_period": "0s" })),
        ("jwt", json!({ "role": "web", "jwt_read_period": "" })),
        ("jwt", json!({ "role": 7 })),
        ("jwt", json!({})),
        (
            "kubernetes",
            json!({ "role": "web", "path": "/tokenpipe/auth/token" }),
        ),
        (
            "kubernetes",
            json!({ "role": "web", "token_path": "/var/run/secrets/kubernetes.io/serviceaccount/token" }),
        ),
        ("kubernetes", json!({ "role": "" })),
        ("token_file", json!({ "token": CANARY })),
        (
            "token_file",
            json!({ "token_file_path": ["/tokenpipe/auth/token"] }),
        ),
    ];
    let mut page = String::new();
    for (name, config) in cases {
        let settings = LoginSettings {
            config: object(config),
            mounts: SECRET,
            ..LoginSettings::default()
        };
        // Sorted, whatever map type serde_json was built with.
        let config: BTreeMap<_, _> = settings.config.iter().collect();
        let config = json!(config);
        writeln!(page, "{name} {config}\n    {}", sentence(name, &settings)).unwrap();
    }
    insta::assert_snapshot!(page);
}

#[test]
fn settings_that_methods_have_in_common() {
    let with = |change: fn(&mut LoginSettings<'_>)| {
        let mut settings = LoginSettings {
            role: Some("web"),
            mounts: SECRET,
            ..LoginSettings::default()
        };
        change(&mut settings);
        settings
    };
    let cases = [
        ("approle", with(|_| {})),
        ("token_file", with(|_| {})),
        ("kubernetes", with(|s| s.role = Some(""))),
        ("kubernetes", with(|s| s.role = Some("web\n"))),
        (
            "kubernetes",
            with(|s| s.config = object(json!({ "role": "other" }))),
        ),
        ("kubernetes", with(|s| s.role = None)),
        (
            "kubernetes",
            with(|s| s.mount_path = Some("auth/kubernetes/login")),
        ),
        ("kubernetes", with(|s| s.mount_path = Some(""))),
        ("kubernetes", with(|s| s.namespace = Some("a//b"))),
        ("kubernetes", with(|s| s.audience = Some("vault"))),
        ("kubernetes", with(|s| s.token_expiration = Some(3600))),
        (
            "kubernetes",
            with(|s| (s.mounts, s.audience) = (&[], Some(" vault"))),
        ),
        (
            "kubernetes",
            with(|s| (s.mounts, s.token_expiration) = (&[], Some(599))),
        ),
        (
            "kubernetes",
            with(|s| (s.mounts, s.token_expiration) = (&[], Some(u64::MAX))),
        ),
        ("kubernetes", with(|s| s.wrap_ttl = Some("soon"))),
        ("kubernetes", with(|s| s.wrap_ttl = Some("0"))),
        ("kubernetes", with(|s| s.wrap_ttl = Some("999ms"))),
        ("approle", with(|s| (s.role, s.mounts) = (None, &[]))),
        ("cert", with(|s| (s.role, s.mounts) = (None, &[]))),
        ("token_file", with(|s| (s.role, s.mounts) = (None, &[]))),
        (
            "token_file",
            with(|s| (s.role, s.mount_path) = (None, Some("auth/token"))),
        ),
        (
            "token_file",
            with(|s| (s.role, s.wrap_ttl) = (None, Some("60s"))),
        ),
        (
            "token_file",
            with(|s| (s.role, s.audience) = (None, Some("vault"))),
        ),
    ];
    let mut page = String::new();
    for (name, settings) in cases {
        writeln!(
            page,
            "{name} {}\n    {}",
            shown(&settings),
            sentence(name, &settings)
        )
        .unwrap();
    }
    insta::assert_snapshot!(page);
}

/// What differs from the default, for the snapshot.
fn shown(settings: &LoginSettings<'_>) -> String {
    let text = |name: &str, value: Option<&str>| value.map(|value| format!("{name}={value:?}"));
    let expiration = settings.token_expiration.map(|seconds| seconds.to_string());
    [
        text("role", settings.role),
        text("mount-path", settings.mount_path),
        text("namespace", settings.namespace),
        text("wrap-ttl", settings.wrap_ttl),
        text("audience", settings.audience),
        text("token-expiration", expiration.as_deref()),
        (!settings.config.is_empty()).then(|| Value::from(settings.config.clone()).to_string()),
        settings
            .mounts
            .is_empty()
            .then(|| "nothing mounted".to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(" ")
}

#[test]
fn everything_is_told_at_once() {
    let settings = LoginSettings {
        namespace: Some("a b"),
        config: object(json!({
            "path": "jwt",
            "remove_jwt_after_reading": "no",
            "jwt_read_period": "0",
            "roel": "web",
        })),
        mounts: VOLUME,
        ..LoginSettings::default()
    };
    insta::assert_snapshot!(sentence("jwt", &settings));
    let count = vault("jwt", &settings).unwrap_err().iter().count();
    assert_eq!(count, 5);
}

#[test]
fn ten_thousand_unknown_keys_make_a_short_message() {
    let config = (0..10_000)
        .map(|index| (format!("{index}{}", "k".repeat(1000)), Value::Null))
        .collect();
    let settings = LoginSettings {
        role: Some("web"),
        config,
        ..LoginSettings::default()
    };
    let sentence = sentence("kubernetes", &settings);
    assert!(sentence.len() < 2000, "{sentence}");
    assert!(sentence.ends_with("; and 9992 more"), "{sentence}");
}
