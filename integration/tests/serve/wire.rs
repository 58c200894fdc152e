//! What a client may leave with the server beside a review: heads, and requests behind a request.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::build_pod;
use crate::slow::{Raw, build_head};
use crate::tokenpipe::{LIMIT, Serve, Tls, build_config, build_review, post_body};

fn open_connection(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(LIMIT)).unwrap();
    stream
        .set_write_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    stream
}

/// Sends the same again and again, until the server takes no more of it or has taken `most` bytes.
fn flood_server(stream: &mut TcpStream, request: &str, most: usize) -> usize {
    let requests = request.repeat(10_000);
    let (mut sent, started) = (0, Instant::now());
    while sent < most && started.elapsed() < Duration::from_secs(20) {
        match stream.write(&requests.as_bytes()[sent % request.len()..]) {
            Ok(bytes) => sent += bytes,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    sent
}

#[test]
fn requests_behind_unread_answers_are_not_taken() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let memory = serve.peak_memory();
    for path in ["healthz", "metrics", "unknown"] {
        let request = format!("GET /{path} HTTP/1.1\r\nHost: a\r\n\r\n");
        let mut open = Vec::new();
        for _ in 0..4 {
            let mut stream = open_connection(serve.metrics_port());
            // The kernel alone takes some MiB.
            let sent = flood_server(&mut stream, &request, 64 * 1024 * 1024);
            assert!(sent < 32 * 1024 * 1024, "{path}: {sent} bytes");
            open.push(stream);
        }
        assert_eq!(serve.get("healthz"), Some((200, "ok\n".into())));
        let more = serve.peak_memory() - memory;
        assert!(more < 16 * 1024 * 1024, "{path}: {more} bytes of memory");
    }
}

#[test]
fn pipelined_requests_are_answered_one_after_the_other() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let body = build_review(&build_pod()).to_string();
    let mut raw = Raw::connect(&serve);
    raw.send(&format!("{}{body}", build_head(body.len())).repeat(20));
    for _ in 0..20 {
        assert_eq!(raw.status_line(), "HTTP/1.1 200 OK");
        raw.skip_answer();
    }
    assert_eq!(raw.post_review(), "HTTP/1.1 200 OK");
}

#[test]
fn request_behind_a_rejected_one_is_not_answered() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let body = build_review(&build_pod()).to_string();
    let mut raw = Raw::connect(&serve);
    let unknown = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    raw.send(&format!("{unknown}{}{body}", build_head(body.len())));
    assert_eq!(raw.status_line(), "HTTP/1.1 404 Not Found");
    let rest = raw.read_rest();
    assert!(!rest.windows(4).any(|bytes| bytes == b"HTTP"));
}

#[test]
fn body_without_length_is_rejected() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let mut raw = Raw::connect(&serve);
    let head = build_head(0).replace("Content-Length: 0", "Transfer-Encoding: chunked");
    raw.send(&format!("{head}5\r\n{{    \r\n"));
    assert_eq!(raw.status_line(), "HTTP/1.1 411 Length Required");
    raw.skip_answer();
    // Nor is it waited for, whatever else comes.
    let started = Instant::now();
    while raw.try_send("5\r\n     \r\n").is_ok() {
        std::thread::sleep(Duration::from_millis(100));
        assert!(started.elapsed() < Duration::from_secs(15));
    }
}

#[test]
fn head_that_does_not_end_ends_its_connection() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let line = format!("A: {}\r\n", "a".repeat(1000));
    let long = format!("GET /healthz HTTP/1.1\r\nHost: a\r\n{}", line.repeat(15));
    let endless = format!("{long}{}", line.repeat(3));
    // As long as it may be, and longer.
    for (head, is_answered) in [(&long, true), (&endless, false)] {
        let mut plain = open_connection(serve.metrics_port());
        plain
            .write_all(format!("{head}Connection: close\r\n\r\n").as_bytes())
            .unwrap();
        let mut bytes = Vec::new();
        let _ = plain.read_to_end(&mut bytes);
        assert_eq!(bytes.starts_with(b"HTTP/1.1 200 OK"), is_answered);
        let mut raw = Raw::connect(&serve);
        let _ = raw.try_send(&format!("{}\r\n", head.replace("healthz", "")));
        let expected = if is_answered {
            "HTTP/1.1 404 Not Found"
        } else {
            ""
        };
        assert_eq!(raw.status_line(), expected);
    }
    let body = build_review(&build_pod()).to_string();
    assert_eq!(post_body(&serve.build_client(), &serve.url(), body).0, 200);
}
