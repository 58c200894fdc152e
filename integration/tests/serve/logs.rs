//! What the server writes about reviews: a line each, with a fixed list of fields.

use serde_json::json;

use crate::build_pod;
use crate::tokenpipe::{Serve, Tls, build_config, build_review, post_body};

const CANARY: &str = "canary-7c1f";

#[test]
fn one_line_a_review_with_fixed_fields_and_nothing_of_the_pod() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let mut injected = build_pod();
    let container = &mut injected["spec"]["containers"][0];
    container["args"] = json!([CANARY]);
    container["env"][0]["name"] = json!(CANARY);
    injected["metadata"]["labels"] = json!({ "x": CANARY });
    let mut refused = injected.clone();
    refused["metadata"]["annotations"] = json!({
        "tokenpipe.dev/auth-config": format!("secret_id: {CANARY}"), "tokenpipe.dev/restart": CANARY,
    });
    let mut unreadable = injected.clone();
    unreadable["spec"]["containers"][0]["command"] = json!(CANARY);
    let bodies = [
        build_review(&injected).to_string(),
        build_review(&json!({ "metadata": { "labels": { "x": CANARY } } })).to_string(),
        build_review(&refused).to_string(),
        build_review(&unreadable).to_string(),
        json!(CANARY).to_string(),
        json!({ "kind": CANARY, "apiVersion": CANARY }).to_string(),
        build_review(&build_pod())
            .to_string()
            .replace("false", &format!("\"{CANARY}\"")),
        format!("{{\"{CANARY}"),
    ];
    for body in &bodies {
        post_body(&serve.build_client(), &serve.url(), body.clone());
    }
    let lines = serve.find_logged("reviewed");
    let told: Vec<_> = lines
        .iter()
        .map(|line| {
            let of = |field: &str| line["span"][field].as_str().unwrap().to_owned();
            (of("result"), of("reason"))
        })
        .collect();
    let expected = [
        ("injected", ""),
        ("untouched", ""),
        ("refused", "annotations"),
        ("refused", "unreadable"),
        ("invalid", "json"),
        ("invalid", "type"),
        ("invalid", "json"),
        ("invalid", "json"),
    ];
    let expected = expected.map(|(result, reason)| (result.to_owned(), reason.to_owned()));
    assert_eq!(told, expected);

    let fields = [
        "containers",
        "dry_run",
        "kind",
        "micros",
        "name",
        "namespace",
        "operation",
        "operations",
        "reason",
        "result",
        "uid",
    ];
    for line in &lines {
        let mut found: Vec<_> = line["span"].as_object().unwrap().keys().collect();
        found.sort();
        assert_eq!(found, fields, "{line}");
    }
    assert!(!serve.log().contains(CANARY), "{}", serve.log());
}

#[test]
fn a_line_stays_a_line_and_short() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let mut long = build_review(&build_pod());
    long["request"]["kind"]["kind"] = json!("k\n".repeat(100_000));
    long["request"]["namespace"] = json!("two\nlines");
    let (status, _) = post_body(&serve.build_client(), &serve.url(), long.to_string());
    assert_eq!(status, 200);
    let line = &serve.find_logged("reviewed")[0];
    assert_eq!(line["span"]["kind"].as_str().unwrap().len(), 253);
    assert!(serve.log().lines().all(|line| line.len() < 2000));
}
