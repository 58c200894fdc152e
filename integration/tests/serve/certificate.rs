//! The server's certificate, under traffic.

use integration::http;
use integration::wait::wait_for;
use serde_json::json;

use crate::build_pod;
use crate::slow::Raw;
use crate::tokenpipe::{LIMIT, Serve, Tls, build_config, build_review, post_body};
use crate::traffic::Traffic;

fn count_taken(serve: &Serve) -> Option<f64> {
    serve.read_metric("tokenpipe_certificate_reloads_total{result=\"taken\"}")
}

fn count_refused(serve: &Serve) -> Option<f64> {
    serve.read_metric("tokenpipe_certificate_reloads_total{result=\"refused\"}")
}

#[test]
fn kubelet_replaces_it_twice_and_no_review_fails() {
    let mut serve = Serve::start(&build_config(), Tls::Files);
    let traffic = Traffic::start(&serve);
    for expected in [1.0, 2.0] {
        let certificate = serve.replace_certificate();
        let what = format!("certificate {expected} to be taken");
        wait_for(&what, LIMIT, || count_taken(&serve) == Some(expected)).unwrap();
        let is_served = Raw::connect(&serve).is_shown(&certificate);
        assert!(is_served, "certificate {expected} is not served");
        let before = traffic.count_answered();
        wait_for("answers with it", LIMIT, || {
            traffic.count_answered() > before + 50
        })
        .unwrap();
    }
    assert!(traffic.stop().unwrap() > 100);
    assert_eq!(count_refused(&serve), Some(0.0));
    assert_eq!(serve.find_logged("certificate taken").len(), 2);
}

#[test]
fn a_bad_one_keeps_the_old_and_is_told_once() {
    let mut serve = Serve::start(&build_config(), Tls::Files);
    let traffic = Traffic::start(&serve);
    serve.replace_certificate_files("no certificate", "canary-of-a-key");
    wait_for("it to be refused", LIMIT, || {
        count_refused(&serve) == Some(1.0)
    })
    .unwrap();
    // Files are looked at in equal intervals: between two other changes it was looked at again.
    for (address, taken) in [("https://two.example", 1.0), ("https://three.example", 2.0)] {
        let mut config = build_config();
        config["connections"]["default"]["address"] = json!(address);
        serve.replace_config(&config);
        let line = "tokenpipe_config_reloads_total{result=\"taken\"}";
        wait_for(address, LIMIT, || serve.read_metric(line) == Some(taken)).unwrap();
    }
    assert_eq!(count_refused(&serve), Some(1.0));
    let log = serve.log();
    let lines = log
        .lines()
        .filter(|line| line.contains("no new certificate, the old one stays"));
    let lines: Vec<_> = lines.collect();
    assert_eq!(lines.len(), 1, "{log}");
    assert!(
        lines[0].contains("tls.crt holds no certificate in PEM form"),
        "{log}"
    );
    assert!(!log.contains("canary"), "{log}");
    serve.replace_certificate();
    wait_for("a good one to be taken", LIMIT, || {
        count_taken(&serve) == Some(1.0)
    })
    .unwrap();
    traffic.stop().unwrap();
}

#[test]
fn self_signed_it_is_trusted_by_its_own_authority_alone() {
    let serve = Serve::start(&build_config(), Tls::SelfSigned);
    let body = build_review(&build_pod()).to_string();
    assert_eq!(
        post_body(&serve.build_client(), &serve.url(), body.clone()).0,
        200
    );

    // The name that the API server uses for a Service, and no other.
    let port = serve.port();
    let ask = |name: &str| {
        let client = http::client_builder(&serve.authority()).unwrap();
        let client = client
            .resolve(name, ([127, 0, 0, 1], port).into())
            .build()
            .unwrap();
        client
            .post(format!("https://{name}:{port}/mutate"))
            .body(body.clone())
            .send()
    };
    assert!(ask("tokenpipe.tokenpipe.svc").is_ok());
    assert!(ask("another.tokenpipe.svc").unwrap_err().is_connect());
    let stranger = Serve::start(&build_config(), Tls::SelfSigned).build_client();
    let error = stranger
        .post(serve.url())
        .body(body.clone())
        .send()
        .unwrap_err();
    assert!(error.is_connect(), "{error:?}");
}
