//! Output as the agent of Vault 1.21.1 wrote it.

use super::{Verdict, judge};
use crate::agent::agent_log::{AgentLog, Stream};
use crate::agent::child::{Ended, Run};
use crate::files::FileError;
use crate::foreign;
use crate::token::TokenError;

fn run(ended: Ended, stdout: &str, stderr: &str) -> Run {
    let mut log = AgentLog::default();
    log.bytes(Stream::Out, stdout.as_bytes());
    log.bytes(Stream::Err, stderr.as_bytes());
    Run {
        ended,
        log,
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
        (
            "Error making API request.\n\nURL: PUT http://vault:8200/v1/auth/approle/login\nCode: 400. Raw Message:\n\nClient sent an HTTP request to an HTTPS server.".into(),
            "refused: the login failed: Error making API request. URL: PUT http://vault:8200/v1/auth/approle/login Code: 400. Raw Message: Client sent an HTTP request to an HTTPS server. (error authenticating); the listener speaks TLS, so begin the address with https://",
        ),
        (api(404, "no handler for route"), "refused: the login failed: no handler"),
        (api(503, "Vault is sealed"), "passing: the login failed: Vault is sealed"),
        (api(429, "too many"), "passing: the login failed: too many"),
        (api(500, "internal"), "passing: the login failed: internal"),
        ("Put \"http://vault/v1/auth/approle/login\": dial tcp 127.0.0.1:8200: connect: connection refused".into(), "passing: the login failed: Put"),
        ("tls: failed to verify certificate: x509: certificate signed by unknown authority".into(), "settings: the login failed: tls"),
        ("Put \"https://vault/v1/auth/approle/login\": remote error: tls: certificate required".into(), "settings: the login failed: Put \"https://vault/v1/auth/approle/login\": remote error: tls: certificate required (error authenticating); Vault wants a TLS client certificate, which the connection must name (`clientCertSecret`)"),
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
            "error loading configuration from F: At 5:2: object expected closing RBRACE got: EOF",
            "settings",
        ),
        (
            "error loading configuration from F: error parsing 'listener': error parsing http_read_timeout: time: invalid duration \"abc\"",
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

const WRITTEN: &str = r#"{"@level":"info","@module":"agent.sink.server","@message":"token written"}
"#;

/// What Vault 1.21.1's agent says about templates, after the login.
#[test]
fn judge_of_templates_that_fail_reports_their_last_words() {
    let line = |level: &str, module: &str, message: &str, error: &str| {
        let line = serde_json::json!({
            "@level": level, "@module": module, "@message": message, "error": error,
        });
        format!("{line}\n")
    };
    let view = |code: u16, said: &str| {
        let reason = format!(
            "(view) vault.read(secret/data/a): vault.read(secret/data/a): Error making API request.\n\nURL: GET http://v/v1/secret/data/a\nCode: {code}. Errors:\n\n* 1 error occurred:\n\t* {said}\n\n (retry attempt 5 after \"4s\")"
        );
        line("warn", "agent", &reason, "")
            + &line(
                "error",
                "agent",
                "(runner) sending server error back to caller",
                "",
            )
    };
    let server = |error: &str| {
        line(
            "error",
            "agent.template.server",
            "template server error",
            error,
        ) + &line(
            "warn",
            "agent.template.server",
            "template server restart: retry attempt after 1s",
            "",
        )
    };
    let prefix = "the agent logged in, and could not do what else its file says: ";
    let cases = [
        (
            view(403, "permission denied"),
            "refused",
            "permission denied ((view) vault.read",
        ),
        (view(503, "Vault is sealed"), "passing", "Vault is sealed ("),
        (
            server("(dynamic): parse: template: :1: unclosed action"),
            "settings",
            "(dynamic): parse: template: :1: unclosed action",
        ),
        (
            server("error rendering \"x\": failed writing file: mkdir /proc/nope: no such file"),
            "settings",
            "error rendering",
        ),
        (
            line(
                "warn",
                "agent",
                "(view) vault.read(secret/data/a): no secret exists at secret/data/a (retry attempt 1 after \"250ms\")",
                "",
            ),
            "settings",
            "(view) vault.read(secret/data/a): no secret",
        ),
        (
            line(
                "warn",
                "agent",
                "(view) vault.read(a): Get \"http://v\": dial tcp 127.0.0.1:1: connect: connection refused (retry attempt 1 after \"250ms\")",
                "",
            ),
            "passing",
            "(view)",
        ),
    ];
    for (said, weight, words) in cases {
        for ended in [Ended::TookTooLong, Ended::Exited(1)] {
            let found = verdict(ended, "", &format!("{WRITTEN}{said}"));
            assert!(
                found.starts_with(&format!("{weight}: {prefix}{words}")),
                "{found}"
            );
        }
    }
    let silent = verdict(Ended::TookTooLong, "", WRITTEN);
    assert!(
        silent.starts_with("settings: the agent logged in and did not end; "),
        "{silent}"
    );
    let source = line(
        "error",
        "agent.auth.handler",
        "error authenticating",
        "context canceled",
    ) + &line(
        "error",
        "agent",
        "runtime error encountered",
        "template server failed to create: failed to read template: open /nope: no such file or directory",
    );
    assert_eq!(
        verdict(Ended::Exited(1), "", &source),
        "settings: the agent did not start: failed to read template: open /nope: no such file or directory"
    );
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
fn file_that_is_no_token_is_named() {
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
