//! Requests that are no reviews, or large ones, and the endpoints.

use reqwest::header::HeaderValue;
use serde_json::{Value, json};

use crate::build_pod;
use crate::tokenpipe::{Serve, Tls, build_config, build_review, post_as, post_body};

const JSON: &str = "application/json";

#[test]
fn request_that_is_no_review_is_rejected() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let client = serve.build_client();
    let review = build_review(&build_pod());
    let changed = |pointer: &str, value: Value| {
        let mut review = review.clone();
        *review.pointer_mut(pointer).unwrap() = value;
        review.to_string()
    };
    let mut without_request = review.clone();
    without_request.as_object_mut().unwrap().remove("request");
    let expected = "expected is AdmissionReview of admission.k8s.io/v1";
    let not_json = "the body is not an AdmissionReview in JSON: ";
    let cases: [(&str, &str, String, u16, String); 10] = [
        (
            "broken JSON",
            JSON,
            "{\"kind\":".into(),
            400,
            format!("{not_json}EOF while parsing a value at line 1 column 8"),
        ),
        (
            "nothing",
            JSON,
            String::new(),
            400,
            format!("{not_json}EOF while parsing a value at line 1 column 0"),
        ),
        (
            "another kind",
            JSON,
            build_pod().to_string(),
            400,
            format!("the body is Pod of v1, {expected}"),
        ),
        (
            "v1beta1",
            JSON,
            changed("/apiVersion", json!("admission.k8s.io/v1beta1")),
            400,
            format!("the body is AdmissionReview of admission.k8s.io/v1beta1, {expected}"),
        ),
        (
            "no request",
            JSON,
            without_request.to_string(),
            400,
            "the AdmissionReview has no request".into(),
        ),
        (
            "a request that is none",
            JSON,
            changed("/request", json!({ "uid": 7 })),
            400,
            format!("{not_json}invalid type: integer `7`, expected a string at line 1 column 79"),
        ),
        (
            "a uid of 2 MB",
            JSON,
            changed("/request/uid", json!("u".repeat(2_000_000))),
            400,
            "request.uid has 2000000 bytes; at most 128 are answered".into(),
        ),
        (
            "text",
            "text/plain",
            review.to_string(),
            415,
            "expected Content-Type application/json".into(),
        ),
        (
            "something like JSON",
            "application/json-patch+json",
            review.to_string(),
            415,
            "expected Content-Type application/json".into(),
        ),
        (
            "5 MB",
            JSON,
            changed("/request/object", json!("x".repeat(5_000_000))),
            413,
            "the review is larger than 4194304 bytes, the limit".into(),
        ),
    ];
    for (what, content_type, body, status, sentence) in &cases {
        let answer = post_as(&client, &serve.url(), content_type, body.clone());
        assert_eq!(answer, (*status, format!("{sentence}\n")), "{what}");
    }
    let invalid = "tokenpipe_reviews_total{result=\"invalid\",reason=\"\"}";
    assert_eq!(serve.read_metric(invalid), Some(10.0));
    let (status, _) = post_as(
        &client,
        &serve.url(),
        "application/json; charset=utf-8",
        review.to_string(),
    );
    assert_eq!(status, 200);
}

fn parse_answer(text: &str) -> Value {
    let answer: Value = serde_json::from_str(text).expect(text);
    assert_eq!(
        answer["response"]["uid"],
        "6f2c4a1e-8f0b-4d57-9b53-0c1d2e3f4a5b"
    );
    answer["response"].clone()
}

#[test]
fn a_review_about_something_else_is_admitted_with_a_warning() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let mut deployment = build_review(&json!({ "spec": {} }));
    deployment["request"]["kind"] =
        json!({ "group": "apps", "version": "v1", "kind": "Deployment" });
    let (status, text) = post_body(&serve.build_client(), &serve.url(), deployment.to_string());
    assert_eq!(status, 200);
    let answer = parse_answer(&text);
    assert_eq!(answer["allowed"], true);
    assert_eq!(
        answer["warnings"],
        json!([
            "tokenpipe: asked about CREATE of Deployment, but only the creation of pods is changed; check the webhook's rules"
        ])
    );
}

#[test]
fn deep_nesting_is_read_or_refused_and_nothing_more() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let deep = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    let with = |field: &str| {
        let mut pod = build_pod();
        pod["spec"][field] = json!("DEEP");
        build_review(&pod).to_string().replace("\"DEEP\"", &deep)
    };
    // A field that nobody reads is carried over; one that is read is not what it should be.
    let (status, text) = post_body(&serve.build_client(), &serve.url(), with("future"));
    assert_eq!(
        (status, &parse_answer(&text)["allowed"]),
        (200, &json!(true))
    );
    let (status, text) = post_body(&serve.build_client(), &serve.url(), with("restartPolicy"));
    let refused = parse_answer(&text);
    assert_eq!((status, &refused["allowed"]), (200, &json!(false)));
    assert_eq!(
        refused["status"]["message"],
        "the pod cannot be read: spec.restartPolicy: invalid type: sequence, expected a string"
    );
    assert_eq!(serve.get("healthz"), Some((200, "ok\n".into())));
}

#[test]
fn probes_and_metrics_have_a_port_of_their_own() {
    let serve = Serve::start(&build_config(), Tls::Files);
    assert_eq!(serve.get("healthz"), Some((200, "ok\n".into())));
    assert_eq!(serve.get("readyz"), Some((200, "ok\n".into())));
    assert_eq!(serve.get("mutate").map(|(status, _)| status), Some(404));
    let client = serve.build_client();
    for path in ["healthz", "readyz", "metrics"] {
        let url = serve.url().replace("mutate", path);
        assert_eq!(client.get(url).send().unwrap().status(), 404, "{path}");
    }
    let got = client.get(serve.url()).send().unwrap();
    let allow = got.headers().get("allow").map(HeaderValue::as_bytes);
    assert_eq!((got.status().as_u16(), allow), (405, Some(&b"POST"[..])));

    let count = |result: &str, reason: &str| {
        serve.read_metric(&format!(
            "tokenpipe_reviews_total{{result=\"{result}\",reason=\"{reason}\"}}"
        ))
    };
    let injections = |restart: &str| {
        serve.read_metric(&format!(
            "tokenpipe_injections_total{{restart=\"{restart}\"}}"
        ))
    };
    let restarts = ["rerun", "retain", "fail"];
    assert_eq!(count("injected", ""), Some(0.0));
    assert_eq!(restarts.map(injections), [Some(0.0); 3]);
    let mut refused = build_pod();
    refused["spec"]["containers"][0]["command"] = json!([]);
    for pod in [build_pod(), json!({}), refused] {
        let (status, _) = post_body(&client, &serve.url(), build_review(&pod).to_string());
        assert_eq!(status, 200);
    }
    assert_eq!(count("injected", ""), Some(1.0));
    assert_eq!(count("untouched", ""), Some(1.0));
    assert_eq!(count("refused", "no-command"), Some(1.0));
    // Nothing is known of the cluster, so the operator's fallback holds.
    let expected = [Some(0.0), Some(1.0), Some(0.0)];
    assert_eq!(restarts.map(injections), expected);
    let (_, text) = serve.get("metrics").unwrap();
    assert!(text.ends_with("# EOF\n"), "{text}");
    let duration = serve.read_metric("tokenpipe_review_duration_seconds_count");
    assert_eq!(duration, Some(3.0));
    assert!(serve.read_metric("tokenpipe_certificate_not_after_timestamp_seconds") > Some(0.0));
}
