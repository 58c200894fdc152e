//! What the agent says, as far as it explains how a run ended.
//!
//! With `VAULT_LOG_FORMAT=json` the log is one object a line on stderr. Errors of the time before
//! the log begins (configuration, TLS, sink, constructor of the method) are plain lines on stdout,
//! and a panic is plain text on stderr.

use serde::Deserialize;

/// Longest line that is looked at.
const LONGEST_LINE: usize = 64 * 1024;

/// Where a line was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
}

/// What was heard so far.
#[derive(Debug, Default)]
pub(super) struct Heard {
    out: Vec<u8>,
    err: Vec<u8>,
    /// The log has begun: the configuration was read.
    has_log: bool,
    /// The last error of the log before a token was written: message, and the error itself if there
    /// is one.
    pub(super) error: Option<LoggedError>,
    /// The last error or warning after that, as of a template.
    pub(super) after_login: Option<LoggedError>,
    /// The last plain line that begins with "error": on stdout, or on stderr before the log begins.
    pub(super) start_error: Option<String>,
    /// First line of a panic.
    pub(super) panic: Option<String>,
    /// A sink took the token.
    pub(super) token_written: bool,
}

/// An error line of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LoggedError {
    /// Which part of the agent wrote it.
    module: String,
    /// What the agent was doing.
    pub(super) message: String,
    /// Why it failed.
    pub(super) reason: String,
}

/// What an error means for the attempts to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    /// Vault refused, and would refuse again.
    Refused,
    /// The configuration is wrong, or a file that it names.
    Settings,
    /// It may pass.
    Passing,
}

/// Answers of Vault that may be others later; all others of their hundred are for good.
const PASSING: [u16; 6] = [408, 412, 425, 429, 472, 473];

impl LoggedError {
    /// Weighs it. What is not known may pass.
    pub(super) fn weight(&self) -> Weight {
        if !self.module.starts_with("agent.auth") {
            return Weight::Passing;
        }
        if let Some(status) = self.status() {
            return match status {
                400..500 if !PASSING.contains(&status) => Weight::Refused,
                _ => Weight::Passing,
            };
        }
        let says = |part: &str| self.message.contains(part);
        // An answer without a token, an answer that asks for more, a wrapped secret that somebody
        // else may have touched.
        if says("authentication returned") || says("SECURITY:") {
            return Weight::Refused;
        }
        let is_local = says("error getting path or data from method")
            || says("error creating client for authentication call");
        if self.reason.contains("x509: ")
            || self.certificate_alert().is_some()
            || (is_local && !is_network(&self.reason))
        {
            return Weight::Settings;
        }
        Weight::Passing
    }

    /// Weighs one of the time after the login: about the author's own templates.
    pub(super) fn weight_after_login(&self) -> Weight {
        match self.status() {
            Some(status @ 400..500) if !PASSING.contains(&status) => Weight::Refused,
            Some(_) => Weight::Passing,
            None if is_network(&self.reason) => Weight::Passing,
            None => Weight::Settings,
        }
    }

    /// Whether it is of a template that can never be rendered.
    fn is_unparsable(&self) -> bool {
        self.module == "agent.template.server" && self.reason.contains("parse: template")
    }

    /// What Vault has against the client certificate, or against there being none, as Go's library
    /// writes it.
    pub(super) fn certificate_alert(&self) -> Option<&str> {
        let (_, alert) = self.reason.split_once("remote error: tls: ")?;
        alert.contains("certificate").then_some(alert)
    }

    /// The HTTP status of Vault's answer, if it was one.
    fn status(&self) -> Option<u16> {
        let (_, rest) = self.reason.split_once("Code: ")?;
        rest.get(..3)?.parse().ok()
    }
}

/// Whether it is an error of the network, as Go's libraries write them: a dial, or one of these at its
/// end. Names of files and keys can hold the same words anywhere.
pub(super) fn is_network(text: &str) -> bool {
    const ENDS: [&str; 11] = [
        "connection refused",
        "connection reset by peer",
        "connection timed out",
        "broken pipe",
        "no such host",
        "i/o timeout",
        "handshake timeout",
        "deadline exceeded",
        "while awaiting headers)",
        "while reading body)",
        ": EOF",
    ];
    let text = text.trim_end();
    text.contains(": dial tcp")
        || text.starts_with("dial tcp ")
        || text.ends_with("unexpected EOF")
        || ENDS.iter().any(|end| text.ends_with(end))
}

/// Whether an error of the time before the log may pass: only a method's constructor asks the network,
/// where its cloud is. All others are about the configuration, whatever words they have.
pub(super) fn may_pass_at_start(text: &str) -> bool {
    let of_method = text.strip_prefix("Error creating ");
    of_method.is_some_and(|rest| rest.contains(" auth method: ")) && is_network(text)
}

#[derive(Deserialize)]
struct Line {
    #[serde(rename = "@level", default)]
    level: String,
    #[serde(rename = "@module", default)]
    module: String,
    #[serde(rename = "@message", default)]
    message: String,
    #[serde(default)]
    error: String,
}

impl Heard {
    /// Takes output in pieces of any length.
    pub(super) fn bytes(&mut self, stream: Stream, bytes: &[u8]) {
        for byte in bytes {
            let line = match stream {
                Stream::Out => &mut self.out,
                Stream::Err => &mut self.err,
            };
            if *byte != b'\n' {
                if line.len() < LONGEST_LINE {
                    line.push(*byte);
                }
                continue;
            }
            let line = std::mem::take(line);
            self.line(stream, &String::from_utf8_lossy(&line));
        }
    }

    /// Whether the last error is for good, whatever the agent goes on trying.
    pub(super) fn is_hopeless(&self) -> bool {
        if self.token_written {
            return self
                .after_login
                .as_ref()
                .is_some_and(LoggedError::is_unparsable);
        }
        let weight = self.error.as_ref().map(LoggedError::weight);
        weight.is_some_and(|weight| weight != Weight::Passing)
    }

    fn line(&mut self, stream: Stream, text: &str) {
        if let Ok(line) = serde_json::from_str::<Line>(text) {
            self.has_log = true;
            self.logged(line);
        } else if (stream == Stream::Out || !self.has_log)
            && text.to_ascii_lowercase().starts_with("error")
        {
            if !text.starts_with("Error encountered during run") {
                self.start_error = Some(text.to_owned());
            }
        } else if text.starts_with("panic: ") || text.starts_with("fatal error: ") {
            self.panic.get_or_insert_with(|| text.to_owned());
        }
    }

    fn logged(&mut self, line: Line) {
        if line.message == "token written" {
            self.token_written = true;
        }
        // What was given up because of another error explains nothing.
        if line.error == "context canceled" {
            return;
        }
        if self.token_written {
            if let Some(error) = line.after_login() {
                self.after_login = Some(error);
            }
            return;
        }
        // The last line of a run repeats the error without what the agent was doing.
        let repeats = line.message == "runtime error encountered" && self.error.is_some();
        if line.level == "error" && !repeats {
            self.error = Some(LoggedError {
                module: line.module,
                message: line.message,
                reason: line.error,
            });
        }
    }
}

impl Line {
    /// An error or warning that says something. Templates are tried again with warnings.
    fn after_login(self) -> Option<LoggedError> {
        const EMPTY: [&str; 2] = ["(runner) sending server error", "template server restart"];
        let is_empty = EMPTY.iter().any(|part| self.message.starts_with(part));
        if is_empty || !matches!(&*self.level, "error" | "warn") {
            return None;
        }
        Some(if self.error.is_empty() {
            LoggedError {
                module: self.module,
                message: self.level,
                reason: self.message,
            }
        } else {
            LoggedError {
                module: self.module,
                message: self.message,
                reason: self.error,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Heard, LoggedError, Stream, Weight, is_network, may_pass_at_start};
    use proptest::prelude::*;

    #[test]
    fn what_an_error_weighs() {
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
            (handler, login, api(500), Weight::Passing),
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
            let mut heard = Heard::default();
            for piece in REFUSED.as_bytes().chunks(length) {
                heard.bytes(Stream::Err, piece);
            }
            assert_eq!(
                heard.error.as_ref().unwrap().message,
                "error authenticating"
            );
            assert!(heard.is_hopeless());
        }
    }

    #[test]
    fn what_is_no_log() {
        let mut heard = Heard::default();
        heard.bytes(Stream::Out, b"==> Vault Agent started!\n\nError encountered during run, refer to logs for more details.\n");
        assert!(heard.start_error.is_none() && heard.error.is_none());
        heard.bytes(
            Stream::Out,
            b"error loading configuration from a.json: no\n",
        );
        assert_eq!(
            heard.start_error.as_deref(),
            Some("error loading configuration from a.json: no")
        );
        heard.bytes(
            Stream::Err,
            b"panic: non-positive interval for NewTicker\n\ngoroutine 1 [running]:\n",
        );
        assert_eq!(
            heard.panic.as_deref(),
            Some("panic: non-positive interval for NewTicker")
        );
        assert!(!heard.is_hopeless());
    }

    #[test]
    fn an_error_without_a_reason() {
        let mut heard = Heard::default();
        heard.bytes(Stream::Err, b"{\"@level\":\"error\",\"@module\":\"agent.auth.handler\",\"@message\":\"authentication returned nil auth info\",\"backoff\":{}}\n");
        let error = heard.error.unwrap();
        assert_eq!(error.message, "authentication returned nil auth info");
        assert_eq!(error.reason, "");
    }

    proptest! {
        #[test]
        fn any_output_is_heard(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut heard = Heard::default();
            heard.bytes(Stream::Out, &bytes);
            heard.bytes(Stream::Err, &bytes);
            heard.bytes(Stream::Err, b"\n");
            let _ = heard.is_hopeless();
        }
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let mut heard = Heard::default();
        for _ in 0..100 {
            heard.bytes(Stream::Err, &[b'x'; 10_000]);
        }
        assert_eq!(heard.err.len(), super::LONGEST_LINE);
    }
}
