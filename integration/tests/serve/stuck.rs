//! Workers that do not come back: here because nobody reads the log, which they write to.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use integration::http;
use integration::wait::wait_for;
use reqwest::header::CONTENT_TYPE;
use serde_json::json;

use crate::build_pod;
use crate::tokenpipe::{LIMIT, Serve, build_config, build_review};

fn read_status(serve: &Serve, path: &str) -> Option<u16> {
    serve.get(path).map(|(status, _)| status)
}

#[test]
fn stuck_workers_fail_readiness_then_liveness_until_they_come_back() {
    let mut config = build_config();
    config["server"] = json!({ "limits": { "workers": 2 } });
    let serve = Serve::start_with_pipe(&config);
    assert_eq!(read_status(&serve, "healthz"), Some(200));
    serve.fill_log();
    let goes_on = AtomicBool::new(true);
    let (url, authority) = (serve.url(), serve.authority());
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let client = http::client_builder(&authority).unwrap();
                let client = client.timeout(Duration::from_secs(2)).build().unwrap();
                while goes_on.load(Ordering::SeqCst) {
                    let request = client.post(&url).header(CONTENT_TYPE, "application/json");
                    // Without an answer, once both workers wait.
                    drop(request.body(build_review(&build_pod()).to_string()).send());
                }
            });
        }
        let fails = |path: &'static str| {
            let told = wait_for(path, LIMIT, || read_status(&serve, path) == Some(503));
            told.unwrap_or_else(|error| {
                goes_on.store(false, Ordering::SeqCst);
                panic!("{error}");
            });
        };
        fails("readyz");
        assert_eq!(read_status(&serve, "healthz"), Some(200));
        fails("healthz");
        let (_, text) = serve.get("healthz").unwrap();
        assert!(text.starts_with("a review has been running for "), "{text}");
        goes_on.store(false, Ordering::SeqCst);
    });
    serve.read_log();
    wait_for("liveness", LIMIT, || {
        read_status(&serve, "healthz") == Some(200)
    })
    .unwrap();
    wait_for("readiness", LIMIT, || {
        read_status(&serve, "readyz") == Some(200)
    })
    .unwrap();
}
