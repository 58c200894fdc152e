//! What the answers of a hostile server cost env-exec, which the container's memory limit pays for.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::fmt::Write as _;
use std::fs;
use std::thread;
use std::time::Duration;

use integration::env_exec::Start;
use integration::network::{Answer, Request, Responder};
use integration::process::Background;
use integration::temp;
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(60);
const MIB: usize = 1024 * 1024;

/// Most that answers may cost at once, whatever is in them, in bytes. 50 MiB are half a million values of
/// up to a hundred bytes each. 24 MiB are 8 MiB of text that is kept, and one more answer in a buffer of
/// twice that size. It is not computed from the limits of `contract`, so that a wrong limit fails.
const MOST: usize = 74 * MIB;

/// A double that answers every read with this, but never the read of `hangs`: so env-exec holds all
/// answers until its deadline.
fn start_double(body: String, answers: usize) -> (Responder, Start) {
    let answer = move |request: &Request| {
        if request.line.contains("hangs") {
            return Answer::Never;
        }
        let headers = ["Content-Type: application/json"];
        Answer::new("200 OK", &headers, &body)
    };
    let responder = Responder::start(answer).unwrap();
    let address = format!("http://{}", responder.address());
    let mut start = Start::in_pod(&address, "hvs.token")
        .unwrap()
        .with_setting("deadline_seconds", json!(6));
    for number in 0..answers {
        start = start.with_variable(format!("V{number}"), format!("vault:kv/{number}#k"));
    }
    (responder, start)
}

/// The most memory that env-exec ever had, in bytes.
fn measure_peak(body: String, answers: usize) -> usize {
    let (_vault, start) = start_double(body, answers);
    let start = start.with_variable("H", "vault:kv/hangs#k");
    let directory = temp::create_directory("memory").unwrap();
    let log = directory.path().join("log");
    let mut process = Background::start(&mut start.build_command().unwrap(), &log).unwrap();
    let status = format!("/proc/{}/status", process.id());
    let mut most = 0;
    while process.is_running() {
        let status = fs::read_to_string(&status).unwrap_or_default();
        // Until it has its own name it may still show the memory of this test, which started it.
        if !status.starts_with("Name:\tenv-exec\n") {
            continue;
        }
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
        most = most.max(kib.unwrap_or(0) * 1024);
        thread::sleep(Duration::from_millis(20));
    }
    let code = process.wait(LIMIT).unwrap().code();
    assert_eq!(code, Some(116), "{}", process.log());
    assert!(most > 0, "no memory was read under the name env-exec");
    most
}

fn build_answer(data: &str) -> String {
    format!(r#"{{"request_id":"x","data":{data}}}"#)
}

/// A list in a field of the answer, of so many bytes.
fn build_list(item: &str, bytes: usize) -> String {
    let items = vec![item; bytes / (item.len() + 1)].join(",");
    build_answer(&format!(r#"{{"k":"v","l":[{items}]}}"#))
}

fn build_map(entries: usize, value: &str) -> String {
    let mut text = String::from(r#"{"k":"v""#);
    for number in 0..entries {
        let _ = write!(text, r#","key{number:06}":"{value}""#);
    }
    build_answer(&format!("{text}}}"))
}

#[test]
fn hostile_answers_cost_no_more_than_the_budget() {
    let base = measure_peak(build_answer(r#"{"k":"v"}"#), 1);
    let warnings = vec![r#""""#; 2 * MIB].join(",");
    let cases = [
        // At the bounds.
        ("half a million numbers", build_list("1", 1_000_000)),
        ("a quarter of a million keys", build_map(250_000, "")),
        (
            "a text of 7 MiB",
            build_answer(&format!(r#"{{"k":"{}"}}"#, "x".repeat(7 * MIB))),
        ),
        // Beyond them.
        ("numbers", build_list("1", 6 * MIB)),
        ("empty lists", build_list("[]", 6 * MIB)),
        ("empty maps", build_list("{}", 6 * MIB)),
        ("empty texts", build_list(r#""""#, 6 * MIB)),
        ("maps", build_list(r#"{"a":0}"#, 6 * MIB)),
        ("keys", build_map(MIB / 2, "")),
        (
            "warnings",
            format!(r#"{{"request_id":"x","data":{{"k":"v"}},"warnings":[{warnings}]}}"#),
        ),
    ];
    for (name, body) in cases {
        // At the same time, because each waits for its deadline.
        let costs: Vec<_> = thread::scope(|scope| {
            let measured = [1, 3].map(|answers| {
                let body = body.clone();
                (answers, scope.spawn(move || measure_peak(body, answers)))
            });
            let costs = measured.map(|(answers, peak)| (answers, peak.join().unwrap() - base));
            costs.into()
        });
        for (answers, cost) in costs {
            eprintln!("{answers} answers of {name}: {} MiB", cost / MIB);
            assert!(
                cost <= MOST,
                "{answers} answers of {name}: {} MiB",
                cost / MIB
            );
        }
    }
}

/// An error is no answer: a page in front of Vault is as long as it likes, and is asked again.
#[test]
fn long_error_is_a_passing_failure_of_bounded_cost() {
    let page = "x".repeat(32 * MIB);
    let responder = Responder::start(move |request| {
        if request.number == 0 {
            Answer::new(
                "503 Service Unavailable",
                &["Content-Type: text/html"],
                &page,
            )
        } else {
            Answer::new("200 OK", &[], &build_answer(r#"{"k":"v"}"#))
        }
    })
    .unwrap();
    let address = format!("http://{}", responder.address());
    let start = Start::in_pod(&address, "hvs.token").unwrap();
    let started = start.with_variable("V", "vault:kv/a#k").run().unwrap();
    assert_eq!(started.variable("V").as_deref(), Some("v"), "{started:?}");
}

/// The largest entry that Vault's own storage takes.
#[test]
fn largest_secret_that_vault_stores_is_read() {
    let value = "x".repeat(100 * 1024);
    for body in [
        build_map(10, &value),
        build_map(MIB / 16, "v"),
        build_map(MIB / 64, &"x".repeat(48)),
    ] {
        assert!(body.len() >= MIB * 9 / 10, "{}", body.len());
        let (_vault, start) = start_double(body, 3);
        let started = start.run().unwrap();
        assert_eq!(
            started.variable("V2").as_deref(),
            Some("v"),
            "{}",
            started.line()
        );
    }
}

#[test]
fn answers_beyond_the_budget_are_named() {
    let text = build_answer(&format!(r#"{{"k":"{}"}}"#, "x".repeat(3 * MIB)));
    for (body, part) in [
        (text, "have more than 8388608 bytes; ask for fewer"),
        (
            build_list("1", 2 * MIB),
            "have more than 524288 values and names; ask for fewer",
        ),
    ] {
        let (_vault, start) = start_double(body, 3);
        let started = start.run().unwrap();
        assert_eq!(started.code(), Some(116), "{started:?}");
        assert!(started.line().contains(part), "{}", started.line());
    }
}
