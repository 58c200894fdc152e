//! The end of the server.

use std::thread;
use std::time::{Duration, Instant};

use integration::process::Signal;
use integration::wait::wait_for;
use serde_json::json;

use crate::slow::Raw;
use crate::tokenpipe::{LIMIT, Serve, Tls, config};
use crate::traffic::Traffic;

fn with_drain(seconds: u32) -> Serve {
    let mut config = config();
    config["server"] = json!({ "limits": { "drainSeconds": seconds, "stopSeconds": 20 } });
    Serve::start(&config, Tls::Files)
}

#[test]
fn no_review_is_lost() {
    let mut serve = with_drain(2);
    let traffic = Traffic::start(&serve);
    let idle = Raw::connect(&serve);
    let mut late = Raw::connect(&serve);
    wait_for("traffic", LIMIT, || traffic.answered() > 100).unwrap();
    let rest = late.begin(100);
    let told = Instant::now();
    serve.signal(Signal::TERM);
    // kubelet and the Service look at this, and send no more when it is not ready.
    wait_for("it not to be ready", LIMIT, || {
        matches!(serve.get("readyz"), Some((503, _)))
    })
    .unwrap();
    let before = traffic.answered();
    wait_for("answers while it drains", LIMIT, || {
        traffic.answered() > before + 20
    })
    .unwrap();
    assert_eq!(serve.get("healthz"), Some((200, "ok\n".into())));
    traffic.stop().unwrap();
    let sender = thread::spawn(move || {
        late.send(&rest);
        late.status_line()
    });
    assert_eq!(sender.join().unwrap(), "HTTP/1.1 200 OK");
    // It does not wait for a connection without a request.
    let status = serve.wait(Duration::from_secs(10));
    assert!(status.success(), "{status}: {}", serve.log());
    assert!(
        told.elapsed() >= Duration::from_secs(2),
        "{:?}",
        told.elapsed()
    );
    assert_eq!(serve.logged("stopped").len(), 1);
    drop(idle);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let mut serve = with_drain(60);
    serve.signal(Signal::INT);
    wait_for("it to stop", LIMIT, || serve.logged("stopping").len() == 1).unwrap();
    serve.signal(Signal::TERM);
    assert!(serve.wait(Duration::from_secs(10)).success());
}
