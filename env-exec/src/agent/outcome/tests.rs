//! Output as the agent of Vault 1.21.1 wrote it.

use super::{Verdict, judge};
use crate::agent::child::{Ended, Run};
use crate::agent::heard::{Heard, Stream};
use crate::files::FileError;
use crate::foreign;
use crate::token::TokenError;

fn run(ended: Ended, stdout: &str, stderr: &str) -> Run {
    let mut heard = Heard::default();
    heard.bytes(Stream::Out, stdout.as_bytes());
    heard.bytes(Stream::Err, stderr.as_bytes());
    Run {
        ended,
        heard,
        asked_to_end: None,
    }
}

fn verdict(ended: Ended, stdout: &str, stderr: &str) -> String {
    let verdict = match judge(&run(ended, stdout, stderr), Ok(None), None) {
        Verdict::Token(_) => "token".into(),
        Verdict::Refused(reason) => format!("refused: {reason}"),
        Verdict::Settings(reason) => format!("settings: {reason}"),
        Verdict::Passing(reason) => format!("passing: {reason}"),
        Verdict::Silent(reason) => format!("silent: {reason}"),
    };
    foreign::split(&verdict).0
}

fn log(message: &str, error: &str) -> String {
    let line = serde_json::json!({
        "@level": "error",
        "@module": "agent.auth.handler",
        "@message": message,
        "error": error,
    });
    format!("{line}\n")
}

const REFUSED: &str = "Error making API request.\n\nURL: PUT http://vault:8200/v1/auth/approle/login\nCode: 400. Errors:\n\n* invalid role or secret ID";

#[test]
fn logins_that_failed() {
    let api = |code: u16, said: &str| {
        REFUSED
            .replace("400", &code.to_string())
            .replace("invalid role or secret ID", said)
    };
    let cases = [
        (REFUSED.to_owned(), "refused: the login failed: invalid role or secret ID (URL: PUT http://vault:8200/v1/auth/approle/login Code: 400)"),
        (api(403, "permission denied"), "refused: the login failed: permission denied"),
        (api(404, "no handler for route"), "refused: the login failed: no handler"),
        (api(503, "Vault is sealed"), "passing: the login failed: Vault is sealed"),
        (api(429, "too many"), "passing: the login failed: too many"),
        (api(500, "internal"), "passing: the login failed: internal"),
        ("Put \"http://vault/v1/auth/approle/login\": dial tcp 127.0.0.1:8200: connect: connection refused".into(), "passing: the login failed: Put"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority".into(), "settings: the login failed: tls"),
        ("Put \"https://vault/v1/auth/approle/login\": remote error: tls: certificate required".into(), "settings: the login failed: Put \"https://vault/v1/auth/approle/login\": remote error: tls: certificate required (error authenticating); Vault wants a TLS client certificate, whose Secret"),
        ("Put \"https://vault/v1/auth/approle/login\": remote error: tls: unknown certificate authority".into(), "settings: the login failed: Put"),
        ("unexpected EOF".into(), "passing: the login failed: unexpected EOF (error authenticating)"),
    ];
    for (error, expected) in cases {
        for ended in [Ended::Exited(1), Ended::Hopeless] {
            let found = verdict(ended, "", &log("error authenticating", &error));
            assert!(found.starts_with(expected), "{found}");
            assert!(!found.contains('\n'));
        }
    }
}

#[test]
fn starts_that_failed() {
    let cases = [
        (
            "error loading configuration from F: error parsing 'auto_auth': at most one \"auto_auth\" block is allowed",
            "settings",
        ),
        (
            "Error creating approle auth method: missing 'role_id_file_path' value",
            "settings",
        ),
        (
            "error creating file sink: error during write check: permission denied",
            "settings",
        ),
        (
            "Error fetching client: failed to get token helper: error expanding config path",
            "settings",
        ),
        (
            "Error creating aws auth method: RequestError: send request failed: dial tcp 169.254.169.254:80: i/o timeout",
            "passing",
        ),
    ];
    for (line, expected) in cases {
        let found = verdict(Ended::Exited(1), &format!("{line}\n"), "");
        assert!(
            found.starts_with(&format!("{expected}: the agent did not start: {line}")),
            "{found}"
        );
    }
}

#[test]
fn success_without_a_token() {
    let cases = [
        ("authentication returned nil auth info", "holds none"),
        ("SECURITY: the creation path is another", "SECURITY"),
        ("authentication returned empty client token", "MFA"),
        ("authentication returned nil wrap info", "cannot be wrapped"),
        ("", "token_bound_cidrs"),
    ];
    for (message, part) in cases {
        let stderr = if message.is_empty() {
            String::new()
        } else {
            log(message, "")
        };
        let found = verdict(Ended::Exited(0), "", &stderr);
        let expected = "refused: the login gave no token: ";
        assert!(
            found.starts_with(expected) && found.contains(part),
            "{found}"
        );
    }
}

#[test]
fn other_ends() {
    let panic = "panic: non-positive interval for NewTicker\n\ngoroutine 1\n";
    let cases = [
        (
            Ended::Exited(2),
            panic,
            "settings: the agent crashed: panic: non-positive",
        ),
        (
            Ended::Exited(1),
            "",
            "passing: the agent ended with code 1 and gave no reason",
        ),
        (
            Ended::Killed(9),
            "",
            "passing: the agent was killed by signal 9 (out of memory?)",
        ),
        (
            Ended::Killed(11),
            "",
            "passing: the agent was killed by signal 11",
        ),
        (
            Ended::TookTooLong,
            "",
            "silent: the agent did not get a token in time",
        ),
    ];
    for (ended, stderr, expected) in cases {
        let found = verdict(ended, "", stderr);
        assert!(found.starts_with(expected), "{found}");
    }
}

#[test]
fn what_is_no_token_is_not_shown() {
    let problem = FileError::NotRegular("a FIFO");
    let path = "/tokenpipe/agent/sink/token".into();
    let run = run(Ended::Exited(0), "", "");
    let verdict = judge(&run, Err(TokenError::File { path, problem }), None);
    assert!(matches!(verdict, Verdict::Settings(reason) if reason.contains("a FIFO")));
}

#[test]
fn a_reason_has_room_in_a_termination_message() {
    let found = verdict(
        Ended::Exited(1),
        "",
        &log("error authenticating", &"x".repeat(100_000)),
    );
    assert!(found.len() < 1600, "{}", found.len());
}
