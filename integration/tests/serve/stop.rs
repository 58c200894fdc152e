//! The end of the server.

use std::time::{Duration, Instant};

use integration::process::Signal;
use integration::wait::wait_for;
use reqwest::header::{CONNECTION, CONTENT_TYPE, HeaderValue};
use serde_json::json;

use crate::build_pod;
use crate::slow::Raw;
use crate::tokenpipe::{LIMIT, Serve, Tls, build_config, build_review};
use crate::traffic::Traffic;

fn with_drain(seconds: u32) -> Serve {
    let mut config = build_config();
    config["server"] = json!({ "limits": { "drainSeconds": seconds, "stopSeconds": 20 } });
    Serve::start(&config, Tls::Files)
}

#[test]
fn no_review_is_lost() {
    let mut serve = with_drain(15);
    let traffic = Traffic::start(&serve);
    let idle = Raw::connect(&serve);
    wait_for("traffic", LIMIT, || traffic.count_answered() > 100).unwrap();
    let mut late = Raw::connect(&serve);
    let told = Instant::now();
    // Its body ends after the signal, and well before a body is too slow.
    let rest = late.begin_review(100);
    serve.signal(Signal::TERM);
    wait_for("it to stop", LIMIT, || {
        serve.find_logged("stopping").len() == 1
    })
    .unwrap();
    late.send(&rest);
    assert_eq!(late.status_line(), "HTTP/1.1 200 OK");
    // kubelet and the Service look at this, and send no more when it is not ready.
    wait_for("it not to be ready", LIMIT, || {
        matches!(serve.get("readyz"), Some((503, _)))
    })
    .unwrap();
    // Who keeps a connection is told to let it go, or would ask just when it is closed.
    let (client, body) = (serve.build_client(), build_review(&build_pod()).to_string());
    let review = client
        .post(serve.url())
        .header(CONTENT_TYPE, "application/json");
    let answer = review.body(body).send().unwrap();
    let connection = answer.headers().get(CONNECTION).map(HeaderValue::as_bytes);
    assert_eq!(connection, Some(&b"close"[..]));
    let before = traffic.count_answered();
    wait_for("answers while it drains", LIMIT, || {
        traffic.count_answered() > before + 20
    })
    .unwrap();
    assert_eq!(serve.get("healthz"), Some((200, "ok\n".into())));
    traffic.stop().unwrap();
    // It does not wait for a connection without a request.
    let status = serve.wait(LIMIT);
    assert!(status.success(), "{status}: {}", serve.log());
    assert!(
        told.elapsed() >= Duration::from_secs(15),
        "{:?}",
        told.elapsed()
    );
    assert_eq!(serve.find_logged("stopped").len(), 1);
    drop(idle);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut serve = with_drain(60);
    serve.signal(Signal::INT);
    wait_for("it to stop", LIMIT, || {
        serve.find_logged("stopping").len() == 1
    })
    .unwrap();
    serve.signal(Signal::TERM);
    assert!(serve.wait(Duration::from_secs(10)).success());
}
