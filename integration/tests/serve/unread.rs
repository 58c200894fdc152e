//! Clients that do not read their answers.

use std::thread;
use std::time::{Duration, Instant};

use integration::wait::wait_for;

use crate::build_pod;
use crate::hostile::{MEMORY, with_large_answer};
use crate::slow::{Raw, build_head};
use crate::tokenpipe::{LIMIT, Serve, Tls, build_config, build_review, post_body};

const CLIENTS: usize = 90;

/// Sends it a review with an answer of 5 MB, which stays where it is. `None` if the server has closed the
/// connection meanwhile.
fn leave_answer(serve: &Serve, body: &str) -> Option<Raw> {
    let mut raw = Raw::connect(serve);
    raw.try_send(&build_head(body.len())).ok()?;
    raw.try_send(body).ok()?;
    Some(raw)
}

/// The same again and again, until the answer has begun or others were in front for so long.
fn insist_on_answer(serve: &Serve, body: &str, until: Instant) -> Option<Raw> {
    while Instant::now() < until {
        if let Some(mut raw) = leave_answer(serve, body)
            && raw.status_line() == "HTTP/1.1 200 OK"
        {
            return Some(raw);
        }
    }
    None
}

#[test]
fn many_unread_answers_stay_within_the_charts_memory() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let body = with_large_answer();
    let client = serve.build_client();
    let ask = || {
        post_body(
            &client,
            &serve.url(),
            build_review(&build_pod()).to_string(),
        )
    };
    assert_eq!(ask().0, 200);
    let mut first = leave_answer(&serve, &body).unwrap();
    assert_eq!(first.status_line(), "HTTP/1.1 200 OK");
    let until = Instant::now() + Duration::from_secs(15);
    let unread = thread::scope(|scope| {
        let clients = (0..CLIENTS).map(|_| scope.spawn(|| insist_on_answer(&serve, &body, until)));
        let clients: Vec<_> = clients.collect();
        // Large ones keep out each other, and not a usual one.
        while Instant::now() < until {
            let started = Instant::now();
            assert_eq!(ask().0, 200);
            let took = started.elapsed();
            // The workers are busy with large ones too; the API server waits for so long.
            assert!(took < Duration::from_secs(5), "{took:?}");
            thread::sleep(Duration::from_millis(100));
        }
        let clients = clients
            .into_iter()
            .filter_map(|client| client.join().unwrap());
        clients.collect::<Vec<_>>()
    });
    let peak = serve.peak_memory();
    assert!(
        peak < MEMORY,
        "{peak} bytes of memory, {} answers",
        unread.len()
    );
    let large = || post_body(&client, &serve.url(), body.clone()).0 == 200;
    wait_for("a large review to be answered", LIMIT, large).unwrap();
}

#[test]
fn connection_whose_answer_is_not_read_ends_in_time() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let body = with_large_answer();
    let mut unread = leave_answer(&serve, &body).unwrap();
    let mut read = leave_answer(&serve, &body).unwrap();
    assert_eq!(read.status_line(), "HTTP/1.1 200 OK");
    read.skip_answer();
    assert_eq!(read.post_review(), "HTTP/1.1 200 OK");
    // Five seconds after the kernel has taken as much as it does.
    thread::sleep(Duration::from_secs(8));
    let answer = unread.read_rest();
    assert!(answer.starts_with(b"HTTP/1.1 200 OK"));
    assert!(answer.len() < 4_000_000, "{} bytes", answer.len());
}

/// A few bytes now and then are not enough.
#[test]
fn connection_whose_answer_is_read_too_slowly_ends_in_time() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let mut slow = leave_answer(&serve, &with_large_answer()).unwrap();
    let started = Instant::now();
    let mut read = 0;
    // 16 KiB a second: all of it would take five minutes.
    while let Some(bytes) = slow.read(16 * 1024) {
        read += bytes;
        assert!(started.elapsed() < Duration::from_secs(60), "{read} bytes");
        thread::sleep(Duration::from_secs(1));
    }
    assert!(read < 4_000_000, "{read} bytes");
}
