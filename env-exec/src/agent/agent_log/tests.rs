use super::{AgentLog, LoggedError, Stream, Weight, is_network, may_pass_at_start};
use proptest::prelude::*;

#[test]
fn error_has_the_weight_of_its_cause() {
    let api = |code| format!("Error making API request.\n\nCode: {code}. Errors:\n\n* x");
    let refused = Weight::Refused;
    let handler = "agent.auth.handler";
    let (login, data) = (
        "error authenticating",
        "error getting path or data from method",
    );
    let cases = [
        (handler, login, api(400), refused),
        (handler, login, api(403), refused),
        (handler, login, api(404), refused),
        (handler, login, api(408), Weight::Passing),
        (handler, login, api(429), Weight::Passing),
        (handler, login, api(473), Weight::Passing),
        (handler, login, api(425), Weight::Passing),
        (handler, login, api(500), Weight::Passing),
        (handler, login, api(501), refused),
        (handler, login, api(503), Weight::Passing),
        (handler, data, api(400), refused),
        (handler, data, "no known secret ID".into(), Weight::Settings),
        (
            handler,
            data,
            "dial tcp 127.0.0.1:8200: connection refused".into(),
            Weight::Passing,
        ),
        (
            handler,
            "error creating client for authentication call",
            "tls: x".into(),
            Weight::Settings,
        ),
        (
            handler,
            login,
            "tls: failed to verify certificate: x509: unknown".into(),
            Weight::Settings,
        ),
        (
            handler,
            login,
            "Put \"https://v\": remote error: tls: certificate required".into(),
            Weight::Settings,
        ),
        (
            handler,
            login,
            "Put \"https://certificate\": remote error: tls: internal error".into(),
            Weight::Passing,
        ),
        (
            handler,
            login,
            "invalid character '<' looking for value".into(),
            Weight::Passing,
        ),
        (
            handler,
            "authentication returned empty client token",
            String::new(),
            refused,
        ),
        (
            "agent.auth.approle",
            "SECURITY: unable to validate",
            String::new(),
            refused,
        ),
        (
            "agent.sink.server",
            "error from sink",
            api(403),
            Weight::Passing,
        ),
    ];
    for (module, message, reason, weight) in cases {
        let error = LoggedError {
            module: module.into(),
            message: message.into(),
            reason,
        };
        assert_eq!(error.weight(), weight, "{error:?}");
    }
}

#[test]
fn is_network_of_other_words_is_false() {
    for text in [
        "Post \"https://sts\": dial tcp 10.0.0.1:443: connect: no route to host",
        "dial tcp: lookup vault: no such host",
        "Get \"https://v\": net/http: TLS handshake timeout",
        "read tcp 10.0.0.1:1->10.0.0.2:2: read: connection reset by peer",
        "Put \"https://v\": EOF",
        "unexpected EOF",
        "Put \"x\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)",
    ] {
        assert!(is_network(text), "{text}");
    }
    for text in [
        "At 5:2: object expected closing RBRACE got: EOF token",
        "open /tokenpipe/auth/timeout: no such file or directory",
        "error parsing http_read_timeout: time: invalid duration \"abc\"",
        "no known secret ID in /auth/EOF/x",
    ] {
        assert!(!is_network(text), "{text}");
    }
}

#[test]
fn may_pass_at_start_of_a_configuration_is_false() {
    for text in [
        "error loading configuration from a.hcl: At 5:2: object expected closing RBRACE got: EOF",
        "error loading configuration from a: error parsing 'auto_auth': time: invalid duration: EOF",
        "error validating configuration: i/o timeout",
        "Error creating jwt auth method: missing 'timeout' value",
    ] {
        assert!(!may_pass_at_start(text), "{text}");
    }
    let cloud = "Error creating aws auth method: RequestError: send request failed: dial tcp 169.254.169.254:80: i/o timeout";
    assert!(may_pass_at_start(cloud));
}

const REFUSED: &str = r#"{"@level":"info","@message":"authenticating","@module":"agent.auth.handler","@timestamp":"2026-11-23T14:51:26.513601Z"}
{"@level":"error","@message":"error authenticating","@module":"agent.auth.handler","@timestamp":"2026-11-23T14:51:26.514303Z","backoff":{},"error":"Error making API request.\n\nURL: PUT http://127.0.0.1:18200/v1/auth/approle/login\nCode: 400. Errors:\n\n* invalid role or secret ID"}
{"@level":"info","@message":"auth handler stopped","@module":"agent.auth.handler","@timestamp":"2026-11-23T14:51:26.514354Z"}
{"@level":"error","@message":"runtime error encountered","@module":"agent","@timestamp":"2026-11-23T14:51:26.514395Z","error":"Error making API request. …","exitCode":1}
"#;

#[test]
fn the_last_error_in_pieces_of_any_length() {
    for length in [1, 7, 10_000] {
        let mut log = AgentLog::default();
        for piece in REFUSED.as_bytes().chunks(length) {
            log.bytes(Stream::Err, piece);
        }
        assert_eq!(log.error.as_ref().unwrap().message, "error authenticating");
        assert!(log.is_hopeless());
    }
}

#[test]
fn output_outside_the_log_is_classified() {
    let mut log = AgentLog::default();
    log.bytes(Stream::Out, b"==> Vault Agent started!\n\nError encountered during run, refer to logs for more details.\n");
    assert!(log.start_error.is_none() && log.error.is_none());
    log.bytes(
        Stream::Out,
        b"error loading configuration from a.json: no\n",
    );
    assert_eq!(
        log.start_error.as_deref(),
        Some("error loading configuration from a.json: no")
    );
    log.bytes(
        Stream::Err,
        b"panic: non-positive interval for NewTicker\n\ngoroutine 1 [running]:\n",
    );
    assert_eq!(
        log.panic.as_deref(),
        Some("panic: non-positive interval for NewTicker")
    );
    assert!(!log.is_hopeless());
}

#[test]
fn an_error_without_a_reason() {
    let mut log = AgentLog::default();
    log.bytes(Stream::Err, b"{\"@level\":\"error\",\"@module\":\"agent.auth.handler\",\"@message\":\"authentication returned nil auth info\",\"backoff\":{}}\n");
    let error = log.error.unwrap();
    assert_eq!(error.message, "authentication returned nil auth info");
    assert_eq!(error.reason, "");
}

proptest! {
    #[test]
    fn any_output_is_heard(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut log = AgentLog::default();
        log.bytes(Stream::Out, &bytes);
        log.bytes(Stream::Err, &bytes);
        log.bytes(Stream::Err, b"\n");
        let _ = log.is_hopeless();
    }
}

#[test]
fn a_line_without_end_takes_no_memory() {
    let mut log = AgentLog::default();
    for _ in 0..100 {
        log.bytes(Stream::Err, &[b'x'; 10_000]);
    }
    assert_eq!(log.err.len(), super::LONGEST_LINE);
}
