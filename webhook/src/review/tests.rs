use json_patch::Patch;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Answer, MAX_WARNINGS, PodRequest, all, warning};

fn review(request: &Value) -> Vec<u8> {
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request})
        .to_string()
        .into_bytes()
}

fn creation() -> Value {
    json!({
        "uid": "u1", "kind": {"group": "", "version": "v1", "kind": "Pod"}, "operation": "CREATE",
        "namespace": "shop", "object": {"spec": {}}, "dryRun": true, "userInfo": {"future": 1},
    })
}

#[test]
fn a_review() {
    let body = review(&creation());
    let request = PodRequest::parse(&body).unwrap();
    assert_eq!(
        (request.uid.as_str(), request.namespace.as_str()),
        ("u1", "shop")
    );
    assert!(request.dry_run);
    assert_eq!(request.created_pod(), Some(r#"{"spec":{}}"#));
}

#[test]
fn request_that_creates_no_pod_is_rejected() {
    for (field, value) in [
        ("operation", json!("UPDATE")),
        (
            "kind",
            json!({"group": "apps", "version": "v1", "kind": "Deployment"}),
        ),
        (
            "kind",
            json!({"group": "other.example", "version": "v1", "kind": "Pod"}),
        ),
        ("object", Value::Null),
    ] {
        let mut request = creation();
        request[field] = value;
        let body = review(&request);
        assert_eq!(
            PodRequest::parse(&body).unwrap().created_pod(),
            None,
            "{field}"
        );
    }
}

#[test]
fn malformed_review_is_rejected() {
    let v1beta1 =
        r#"{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{}}"#;
    let deep = format!(
        "{{\"request\":{}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let cases: [(&[u8], &str); 9] = [
        (b"", "not an AdmissionReview in JSON: EOF"),
        (b"{", "not an AdmissionReview in JSON"),
        (b"\xff", "not an AdmissionReview in JSON"),
        (b"null", "not an AdmissionReview in JSON"),
        (
            b"{}",
            "is (none) of (none), expected is AdmissionReview of admission.k8s.io/v1",
        ),
        (br#"{"kind":"Pod","apiVersion":"v1"}"#, "is Pod of v1"),
        (
            v1beta1.as_bytes(),
            "AdmissionReview of admission.k8s.io/v1beta1, expected is",
        ),
        (
            br#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}"#,
            "the AdmissionReview has no request",
        ),
        (deep.as_bytes(), ""),
    ];
    for (body, part) in cases {
        let error = PodRequest::parse(body).unwrap_err();
        let message = format!(
            "{error}: {}",
            std::error::Error::source(&error)
                .map(ToString::to_string)
                .unwrap_or_default()
        );
        assert!(message.contains(part), "{message}");
    }
    let body = review(&json!({"kind": 1}));
    assert!(PodRequest::parse(&body).is_err());
}

#[test]
fn uid_that_no_api_server_gives_is_rejected() {
    let of = |uid: String| {
        let mut request = creation();
        request["uid"] = json!(uid);
        let body = review(&request);
        PodRequest::parse(&body)
            .map(|request| request.uid.len())
            .map_err(|error| error.to_string())
    };
    assert_eq!(of("u".repeat(36)), Ok(36));
    assert_eq!(of("ü".repeat(64)), Ok(128));
    for (uid, bytes) in [
        ("u".repeat(129), 129),
        ("ü".repeat(65), 130),
        ("u".repeat(4_000_000), 4_000_000),
    ] {
        let expected = format!("request.uid has {bytes} bytes; at most 128 are answered");
        assert_eq!(of(uid), Err(expected));
    }
}

#[test]
fn warnings_are_single_short_lines() {
    let line = warning(&format!("a\nb\u{7}{}", "ü".repeat(1000)));
    assert!(line.starts_with("tokenpipe: a b ü"), "{line}");
    assert!(line.ends_with("ü…"), "{line}");
    assert_eq!(line.chars().count(), 256);
}

#[test]
fn the_api_server_drops_no_warning() {
    let lines = |count| all(&vec!["x".repeat(500); count]);
    assert_eq!(lines(MAX_WARNINGS).len(), MAX_WARNINGS);
    let many = lines(100);
    assert_eq!(many.len(), MAX_WARNINGS);
    assert_eq!(many.last().unwrap(), "tokenpipe: and 85 more warnings");
    let total: usize = many.iter().map(|line| line.chars().count()).sum();
    assert!(total <= 4096, "{total}");
}

#[test]
fn a_refusal_is_one_line() {
    let reason = "two\nlines".into();
    let json = Answer::Refused { reason }.to_json("u").unwrap();
    let json: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["response"]["status"]["message"], "two lines");
}

proptest! {
    #[test]
    fn the_uid_comes_back(uid in "\\PC{0,32}") {
        let mut request = creation();
        request["uid"] = json!(uid);
        let body = review(&request);
        let request = PodRequest::parse(&body).unwrap();
        for answer in [
            Answer::Untouched { warnings: vec![] },
            Answer::Patched { patch: Patch(vec![]), warnings: vec![] },
            Answer::Refused { reason: "r".into() },
        ] {
            let json: Value = serde_json::from_slice(&answer.to_json(&request.uid).unwrap()).unwrap();
            prop_assert_eq!(json["response"]["uid"].as_str(), Some(uid.as_str()));
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(body in proptest::collection::vec(any::<u8>(), 0..256)) {
        let _ = PodRequest::parse(&body);
    }
}
