//! More clients than there is room for.

use std::net::TcpStream;
use std::time::{Duration, Instant};

use integration::wait::wait_for;
use serde_json::json;

use crate::build_pod;
use crate::slow::Raw;
use crate::tokenpipe::{LIMIT, Serve, Tls, build_config, build_review, post_body};

/// As the chart has it.
const BOUND: usize = 1024;
const CROWD: usize = BOUND + 64;

/// How long a newcomer's review may take.
const AT_ONCE: Duration = Duration::from_secs(1);

fn serve_few(bound: usize) -> Serve {
    let mut config = build_config();
    config["server"] = json!({ "limits": { "connections": bound, "reviews": 2 * CROWD } });
    Serve::start(&config, Tls::Files)
}

fn assert_newcomer_is_answered(serve: &Serve) {
    // A first client of the process reads its certificates, which is not the server's time.
    let client = serve.build_client();
    let body = build_review(&build_pod()).to_string();
    let started = Instant::now();
    assert_eq!(post_body(&client, &serve.url(), body).0, 200);
    let took = started.elapsed();
    assert!(took < AT_ONCE, "{took:?}");
    assert!(
        serve
            .read_metric("tokenpipe_closed_connections_total")
            .unwrap()
            > 0.0
    );
}

fn open_connection(port: u16) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port)).unwrap()
}

#[test]
fn newcomer_is_answered_beside_connections_without_handshake() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let _idle: Vec<_> = (0..CROWD).map(|_| open_connection(serve.port())).collect();
    assert_newcomer_is_answered(&serve);
}

#[test]
fn newcomer_is_answered_beside_kept_connections() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let idle = (0..CROWD).map(|_| {
        let mut idle = Raw::connect(&serve);
        assert_eq!(idle.post_review(), "HTTP/1.1 200 OK");
        idle
    });
    let _idle: Vec<_> = idle.collect();
    assert_newcomer_is_answered(&serve);
}

#[test]
fn newcomer_is_answered_beside_slow_bodies() {
    let serve = serve_few(64);
    let slow = (0..96).map(|_| {
        let mut slow = Raw::connect(&serve);
        slow.begin_review(100);
        slow
    });
    let _slow: Vec<_> = slow.collect();
    assert_newcomer_is_answered(&serve);
}

/// With the limits as they are: bodies that are declared large, and of which next to nothing comes.
#[test]
fn newcomer_is_answered_beside_slow_large_bodies() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let client = serve.build_client();
    let ask = || {
        post_body(
            &client,
            &serve.url(),
            build_review(&build_pod()).to_string(),
        )
        .0
    };
    assert_eq!(ask(), 200);
    for count in [16, 32, 64] {
        for sent in [0, 100, 40_000, 100_000] {
            let slow = (0..count).map(|_| {
                let mut slow = Raw::connect(&serve);
                slow.begin_large(sent);
                slow
            });
            let slow: Vec<_> = slow.collect();
            let started = Instant::now();
            let status = ask();
            let took = started.elapsed();
            assert!(
                status == 200 && took < AT_ONCE,
                "{status} after {took:?} beside {count} bodies of which {sent} bytes came"
            );
            drop(slow);
        }
    }
}

#[test]
fn request_in_flight_outlives_idle_connections() {
    let serve = serve_few(32);
    let mut slow = Raw::connect(&serve);
    let rest = slow.begin_review(100);
    let mut crowd = Vec::new();
    for _ in 0..96 {
        let mut idle = Raw::connect(&serve);
        assert_eq!(idle.post_review(), "HTTP/1.1 200 OK");
        crowd.push(idle);
        // Before the body is too slow.
        if crowd.len() == 64 {
            slow.send(&rest);
            assert_eq!(slow.status_line(), "HTTP/1.1 200 OK");
            slow.skip_answer();
        }
    }
    assert!(
        serve
            .read_metric("tokenpipe_closed_connections_total")
            .unwrap()
            > 64.0
    );
}

#[test]
fn used_connection_outlives_idle_ones() {
    let serve = serve_few(32);
    let mut used = Raw::connect(&serve);
    let mut idle = Raw::connect(&serve);
    assert_eq!(idle.post_review(), "HTTP/1.1 200 OK");
    let mut crowd = Vec::new();
    for _ in 0..64 {
        let mut other = Raw::connect(&serve);
        assert_eq!(other.post_review(), "HTTP/1.1 200 OK");
        crowd.push(other);
        assert_eq!(used.post_review(), "HTTP/1.1 200 OK");
    }
    assert_eq!(idle.post_review(), "");
}

#[test]
fn idle_connection_outlives_those_without_handshake() {
    let serve = serve_few(32);
    let mut idle = Raw::connect(&serve);
    assert_eq!(idle.post_review(), "HTTP/1.1 200 OK");
    let _crowd: Vec<_> = (0..96).map(|_| open_connection(serve.port())).collect();
    let closed = || serve.read_metric("tokenpipe_closed_connections_total") >= Some(65.0);
    wait_for("the crowd to be taken", LIMIT, closed).unwrap();
    assert_eq!(idle.post_review(), "HTTP/1.1 200 OK");
}

#[test]
fn connection_ends_after_request_of_no_api_server() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let mut stranger = Raw::connect(&serve);
    stranger.send("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    assert_eq!(stranger.status_line(), "HTTP/1.1 404 Not Found");
    stranger.skip_answer();
    assert_eq!(stranger.post_review(), "");
}

#[test]
fn probe_is_answered_beside_idle_connections() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let _idle: Vec<_> = (0..CROWD)
        .map(|_| open_connection(serve.metrics_port()))
        .collect();
    let started = Instant::now();
    assert_eq!(serve.get("healthz").unwrap().0, 200);
    assert!(started.elapsed() < AT_ONCE);
    // They take nothing from the other port.
    let body = build_review(&build_pod()).to_string();
    assert_eq!(post_body(&serve.build_client(), &serve.url(), body).0, 200);
}
