//! Bodies as Vault 1.21.1 wrote them.

use std::time::Duration;

use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use templates::{EnvValue, Reference, Request};

use super::{Answer, Secret, secret};
use crate::vault::VaultError;
use crate::vault::transport::Response;

fn request(reference: &str) -> Request {
    match EnvValue::parse(reference).unwrap() {
        EnvValue::Direct(Reference::Secret(secret)) => secret.request,
        other => panic!("{other:?}"),
    }
}

fn response(status: u16, body: &str) -> Response {
    http::Response::builder()
        .status(status)
        .header("Content-Type", "application/json")
        .body(body.as_bytes().to_vec())
        .unwrap()
}

fn answer(reference: &str, status: u16, body: &str) -> Result<Answer, VaultError> {
    secret(&request(reference), &response(status, body))
}

fn found(reference: &str, body: &str) -> Secret {
    match answer(reference, 200, body) {
        Ok(Answer::Found(secret)) => secret,
        Ok(Answer::Absent(absence)) => panic!("{absence}"),
        Err(error) => panic!("{error}"),
    }
}

fn absent(reference: &str, body: &str) -> String {
    match answer(reference, 404, body) {
        Ok(Answer::Absent(absence)) => absence.to_string(),
        Ok(Answer::Found(_)) => panic!("found"),
        Err(error) => panic!("{error}"),
    }
}

fn error(reference: &str, status: u16, body: &str) -> VaultError {
    answer(reference, status, body).err().unwrap()
}

fn value(secret: &Secret, key: &str) -> String {
    let value = secret.data.get(key).unwrap().to_env().unwrap();
    value.expose_secret().to_owned()
}

const KV2: &str = r#"{"request_id":"x","lease_id":"","renewable":false,"lease_duration":0,"data":{"data":{"k":"value1","n":1e3},"metadata":{"created_time":"2026-11-23T14:12:07.982757636Z","custom_metadata":null,"deletion_time":"","destroyed":false,"version":1}},"wrap_info":null,"warnings":null,"auth":null,"mount_type":"kv"}"#;

#[test]
fn a_kv2_secret_is_taken_out_of_its_envelope() {
    let secret = found("vault:secret/data/app#k", KV2);
    assert_eq!(
        (value(&secret, "k"), value(&secret, "n")),
        ("value1".into(), "1e3".into())
    );
    assert_eq!(secret.lease, None);
    assert_eq!(
        value(&found("vault:secret/data/app#k#1", KV2), "k"),
        "value1"
    );
}

#[test]
fn answer_that_resembles_kv2_is_kept_whole() {
    let kv1 = |data: &str| {
        format!(r#"{{"request_id":"x","lease_id":"","lease_duration":2764800,"data":{data}}}"#)
    };
    let secret = found("vault:kv1/app#data", &kv1(r#"{"data":"field","user":"u"}"#));
    assert_eq!(
        (value(&secret, "data"), secret.lease),
        ("field".into(), None)
    );
    for data in [
        r#"{"data":{"inner":"x"},"plain":"p"}"#,
        r#"{"data":{"inner":"x"},"metadata":{"owner":"me"}}"#,
        r#"{"data":{"inner":"x"},"metadata":"me"}"#,
        r#"{"data":{"inner":"x"},"metadata":{"version":1,"created_time":"t"},"more":1}"#,
    ] {
        let secret = found("vault:kv1/data/app#data", &kv1(data));
        assert!(
            secret.data.get("data").unwrap().as_map().is_some(),
            "{data}"
        );
    }
    // The shape alone is not enough: KV 2 is only ever read below a segment `data`.
    assert!(
        found("vault:kv1/app#data", KV2)
            .data
            .get("metadata")
            .is_some()
    );
}

#[test]
fn a_version_of_what_has_none() {
    let kv1 = r#"{"request_id":"x","data":{"user":"u"}}"#;
    let error = error("vault:kv1/app#user#2", 200, kv1);
    assert!(matches!(error, VaultError::NotVersioned { version: 2, .. }));
}

#[test]
fn a_lease_is_one_that_has_an_id() {
    let leased = r#"{"request_id":"x","lease_id":"db/creds/r/abc","lease_duration":3600,"data":{"password":"p"},"warnings":["TTL capped"]}"#;
    let secret = found("vault:db/creds/r#password", leased);
    assert_eq!(secret.lease, Some(Duration::from_secs(3600)));
    let warnings = secret.warnings.unwrap();
    assert_eq!(crate::foreign::split(&warnings).0, ": TTL capped");
}

#[test]
fn answers_without_data() {
    assert!(found(">>vault:sys/x#k", "").data.is_empty());
    assert!(
        found(">>vault:sys/x#k", r#"{"request_id":"x","data":null}"#)
            .data
            .is_empty()
    );
}

#[test]
fn missing_version_is_named_in_the_message() {
    let nothing = r#"{"errors":[]}"#;
    for (reference, message) in [
        (
            "vault:secret/data/app#k#7",
            "version 7 of `secret/data/app` was not found, or there is no such path; without `#7` the \
             latest is read",
        ),
        (
            "vault:secret/data/app#k#0",
            "`secret/data/app` was not found",
        ),
        (
            "vault:secret/data/my%20app#k",
            "`secret/data/my app` was not found",
        ),
    ] {
        assert_eq!(absent(reference, nothing), message);
    }
}

#[test]
fn missing_secret_is_explained() {
    let cases = [
        (r#"{"errors":[]}"#, "`secret/app` was not found"),
        (
            r#"{"errors":["no handler for route \"secret/app\". route entry not found."]}"#,
            "no handler for route",
        ),
        (
            r#"{"request_id":"x","data":null,"warnings":["Invalid path for a versioned K/V secrets engine. See the API docs"]}"#,
            "write `secret/data/app`",
        ),
        (
            r#"{"request_id":"x","data":{"data":null,"metadata":{"created_time":"t","deletion_time":"2026-11-23T14:13:13Z","destroyed":false,"version":3}}}"#,
            "version 3 of `secret/app` is deleted",
        ),
        (
            r#"{"request_id":"x","data":{"data":null,"metadata":{"created_time":"t","deletion_time":"","destroyed":true,"version":1}}}"#,
            "version 1 of `secret/app` is destroyed",
        ),
    ];
    for (body, part) in cases {
        let absence = absent("vault:secret/app#k", body);
        assert!(absence.contains(part), "{absence}");
    }
}

#[test]
fn refusals() {
    let denied = r#"{"errors":["1 error occurred:\n\t* permission denied\n\n"]}"#;
    let invalid =
        r#"{"errors":["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"]}"#;
    assert_eq!(
        error("vault:secret/data/app#k", 403, invalid),
        VaultError::InvalidToken
    );
    let text = error("vault:secret/data/app#k", 403, denied).to_string();
    let text = crate::foreign::split(&text).0;
    assert!(
        text.contains(
            "`secret/data/app`: permission denied; the token's policies must allow `read` there"
        ),
        "{text}"
    );
    assert!(!text.contains("KV 2"), "{text}");
    let text = error("vault:secret/app#k", 403, denied).to_string();
    assert!(text.contains("its path is `secret/data/app`"), "{text}");
    let text = error(">>vault:pki/issue/r#k", 403, denied).to_string();
    assert!(text.contains("must allow `update`"), "{text}");
    let warned = r#"{"errors":["permission denied"],"warnings":["look here"]}"#;
    let text = error("vault:secret/data/app#k", 403, warned).to_string();
    assert!(text.contains("permission denied; look here"), "{text}");
}

#[test]
fn error_does_not_repeat_the_request() {
    let cases = [
        (
            r#"{"a":{"b":["canary"]}}"#,
            r#"error parsing "canary": no such unit"#,
        ),
        (
            r#"{"a":"canary \"1\""}"#,
            r#"error parsing "canary \"1\"": no such unit"#,
        ),
        (
            r#"{"a":"canary\nof two lines"}"#,
            "cannot read canary\nof two lines",
        ),
        (
            r#"{"a":"canary\nof two lines"}"#,
            r#"cannot read "canary\nof two lines""#,
        ),
        (
            r#"{"a":"long","b":"long-canary"}"#,
            "cannot read long-canary",
        ),
        (r#"{"a":4711}"#, "expected a text, got 4711"),
    ];
    for ((body, quoted), status) in cases.into_iter().zip([400, 500].into_iter().cycle()) {
        let quoting = serde_json::json!({ "errors": [quoted] }).to_string();
        let reference = format!(">>vault:pki/issue/r#k#{body}");
        let text = error(&reference, status, &quoting).to_string();
        assert!(text.contains("<hidden>"), "{text}");
        for part in ["canary", "of two lines", "4711"] {
            assert!(!text.contains(part), "{text}");
        }
    }
}

#[test]
fn passing_status_is_told_from_final_ones() {
    for status in [412, 429, 472, 473, 500, 502, 503, 504] {
        let error = error("vault:a/b#k", status, r#"{"errors":["Vault is sealed"]}"#);
        assert!(error.is_passing(), "{status}");
        assert!(error.to_string().contains("Vault is sealed"), "{error}");
    }
    for status in [400, 403, 405, 501] {
        assert!(
            !error("vault:a/b#k", status, r#"{"errors":[]}"#).is_passing(),
            "{status}"
        );
    }
}

#[test]
fn who_else_may_answer() {
    let html = |status: u16| {
        http::Response::builder()
            .status(status)
            .header("Content-Type", "text/html; charset=utf-8")
            .body(b"<html>".to_vec())
            .unwrap()
    };
    let request = request("vault:secret/data/app#k");
    for status in [200, 403, 404] {
        let error = secret(&request, &html(status)).err().unwrap();
        assert!(
            matches!(error, VaultError::NotVaults { .. }),
            "{status}: {error}"
        );
        assert!(error.to_string().contains("text/html"), "{error}");
    }
    assert!(secret(&request, &html(502)).err().unwrap().is_passing());
    // A gateway's own "not found" is not Vault's.
    let other = error(
        "vault:secret/data/app?#k",
        404,
        r#"{"message":"no Route matched"}"#,
    );
    assert!(matches!(other, VaultError::NotVaults { .. }));
}

#[test]
fn certificate_that_is_no_json_names_the_path_that_is() {
    let pem = || {
        http::Response::builder()
            .header("Content-Type", "application/pem-certificate-chain")
            .body(b"-----BEGIN CERTIFICATE-----".to_vec())
            .unwrap()
    };
    for (path, fix) in [
        ("pki/ca/pem", "read `pki/cert/ca#certificate`"),
        ("pki/ca", "read `pki/cert/ca#certificate`"),
        (
            "team/pki/ca_chain",
            "read `team/pki/cert/ca_chain#certificate`",
        ),
        ("pki/cert/ca/raw/pem", "read `pki/cert/ca#certificate`"),
        ("pki/crl", "read `pki/cert/crl#certificate`"),
        ("pki/other", "is the address right?"),
    ] {
        let request = request(&format!("vault:{path}#x"));
        let error = secret(&request, &pem()).err().unwrap().to_string();
        let error = crate::foreign::split(&error).0;
        assert_eq!(
            error,
            format!(
                "the answer was 200 OK with application/pem-certificate-chain, not Vault's JSON; {fix}"
            )
        );
    }
}

#[test]
fn how_long_vault_asks_to_be_left_alone() {
    let busy = http::Response::builder()
        .status(429)
        .header("Retry-After", "7")
        .body(vec![])
        .unwrap();
    let error = secret(&request("vault:a/b#k"), &busy).err().unwrap();
    assert_eq!(error.retry_after(), Duration::from_secs(7));
}

proptest! {
    #[test]
    fn any_answer_has_a_meaning(
        status in 200_u16..600,
        body in prop_oneof![
            proptest::collection::vec(any::<u8>(), 0..64),
            r#"\{("(request_id|errors|data|metadata|warnings|lease_id)":(null|"x"|\["x"\]|\{\}|\{"data":null\}|7),?){0,5}\}"#
                .prop_map(String::into_bytes),
        ],
    ) {
        let response = http::Response::builder().status(status).body(body).unwrap();
        for reference in ["vault:a/data/b#k", "vault:a/b#k#2", ">>vault:a/b#k"] {
            let _ = secret(&request(reference), &response);
        }
    }
}

#[test]
fn bad_json_is_not_quoted() {
    for body in [
        r#"{"request_id":"x","data":"canary"}"#,
        r#"{"request_id":"x","data":["canary"]}"#,
    ] {
        let error = error("vault:a/b#k", 200, body);
        assert!(matches!(error, VaultError::Malformed { .. }));
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}
