//! A server or gateway that repeats what it was sent: nothing that env-exec reports holds it.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use integration::env_exec::{Start, Started};
use integration::network::{Answer, Request, Responder};
use serde_json::json;

const TOKEN: &str = "hvs.CAESIJx-4wz_Pq0VtLqjOIhUPs7dDkFjmlm2N4TgY.of/the+test";

/// The ways in which a token may come back.
fn list_echoes() -> Vec<String> {
    let percent = |text: &str| {
        text.replace('.', "%2e")
            .replace('/', "%2F")
            .replace('+', "%2b")
    };
    let basic = STANDARD.encode(format!("u:{TOKEN}").as_bytes());
    vec![
        TOKEN.to_owned(),
        percent(TOKEN),
        percent(&basic),
        STANDARD.encode(TOKEN.as_bytes()),
        URL_SAFE_NO_PAD.encode(format!("me:{TOKEN}").as_bytes()),
        basic,
        TOKEN[..TOKEN.len() - 3].to_owned(),
        TOKEN[7..].to_owned(),
        format!("{}\n{}", &TOKEN[..20], &TOKEN[20..]),
    ]
}

/// Eight bytes of the token in a row, as they are or in base64 from any offset.
fn assert_hides(text: &str, what: &str) {
    let shown = |secret: &str| {
        let runs = secret.as_bytes().windows(8);
        runs.map(|run| str::from_utf8(run).unwrap())
            .find(|run| text.contains(run))
            .map(str::to_owned)
    };
    for before in ["", "u", "us"] {
        let encoded = STANDARD.encode(format!("{before}{TOKEN}").as_bytes());
        let own = &encoded[4..encoded.len() - 4];
        for secret in [TOKEN, own, &own.replace('+', "-").replace('/', "_")] {
            assert_eq!(shown(secret), None, "{what}: {text}");
        }
    }
}

fn run_against(
    log: &str,
    answer: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> (Started, String) {
    let responder = Responder::start(answer).unwrap();
    let start = Start::in_pod(&format!("http://{}", responder.address()), TOKEN)
        .unwrap()
        .with_setting("deadline_seconds", json!(2))
        .with_setting("log", json!(log))
        .with_variable("V", "vault:secret/data/account#password")
        .with_variable(
            "W",
            ">>vault:pki/issue/r#k#{\"password\":\"a-long-password\"}",
        )
        .with_program(["true"]);
    fs::write(start.termination_log(), "").unwrap();
    let started = start.run().unwrap();
    let left = fs::read_to_string(start.termination_log()).unwrap();
    (started, left)
}

/// Makes an answer of what it echoes.
type Respond = Box<dyn Fn(&str) -> Answer + Send + Sync>;

#[test]
fn env_exec_asked_of_a_server_that_echoes_reports_no_token() {
    for echo in list_echoes() {
        let answers: [(&str, Respond); 6] = [
            (
                "400",
                Box::new(|echo| error_answer("400 Bad Request", echo)),
            ),
            ("403", Box::new(|echo| error_answer("403 Forbidden", echo))),
            (
                "503",
                Box::new(|echo| error_answer("503 Service Unavailable", echo)),
            ),
            (
                "Location",
                Box::new(|echo| {
                    let to = format!("Location: https://other/{}", echo.replace('\n', ""));
                    Answer::new("307 Temporary Redirect", &[&to], "")
                }),
            ),
            (
                "Content-Type",
                Box::new(|echo| {
                    let kind = format!("Content-Type: text/{}", echo.replace('\n', ""));
                    Answer::new("200 OK", &[&kind], "<html>")
                }),
            ),
            (
                "warnings",
                Box::new(|echo| {
                    let data = json!({ "password": "p", "k": "k" });
                    let answer = json!({ "request_id": "x", "data": data, "warnings": [echo] });
                    Answer::json("200 OK", &answer)
                }),
            ),
        ];
        for (what, answer) in answers {
            let echo = format!("bad token {echo} and a-long-password");
            let (started, left) = run_against("text", move |_| answer(&echo));
            let stderr = started.output.stderr();
            // Of a redirect only the host is named.
            let is_named = what == "Location" && stderr.contains("redirects to https://other;");
            assert!(
                is_named || stderr.contains("[redacted]"),
                "{what}: {stderr}"
            );
            for text in [&stderr, &left, &started.output.stdout()] {
                assert_hides(text, what);
                assert!(!text.contains("a-long-password"), "{what}: {text}");
            }
        }
    }
}

fn error_answer(status: &str, error: &str) -> Answer {
    Answer::json(status, &json!({ "errors": [error] }))
}

/// What was read is repeated by another answer, in both forms of lines.
#[test]
fn env_exec_with_a_value_that_another_answer_repeats_reports_no_value() {
    for log in ["text", "json"] {
        let (started, left) = run_against(log, |request| {
            if request.line.starts_with("GET") {
                let data = json!({ "password": "value-of-vault", "other": "value-not-used" });
                Answer::json("200 OK", &json!({ "request_id": "x", "data": data }))
            } else {
                error_answer(
                    "400 Bad Request",
                    "value-of-vault, value-not-used, key=4711",
                )
            }
        });
        assert_eq!(started.code(), Some(115), "{started:?}");
        for text in [&started.output.stderr(), &left] {
            assert!(text.contains("[redacted]"), "{text}");
            assert!(text.contains("key=4711"), "{text}");
            assert!(!text.contains("value-of-vault"), "{text}");
            assert!(!text.contains("value-not-used"), "{text}");
        }
    }
}
