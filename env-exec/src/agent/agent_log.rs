//! What the agent says, as far as it explains how a run ended.
//!
//! With `VAULT_LOG_FORMAT=json` the log is one object a line on stderr. Errors of the time before
//! the log begins (configuration, TLS, sink, constructor of the method) are plain lines on stdout,
//! and a panic is plain text on stderr.

use serde::Deserialize;

use crate::passing_status::may_pass;

/// Longest line that is looked at.
const LONGEST_LINE: usize = 64 * 1024;

/// Where a line was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
}

/// What the agent logged so far, as far as it matters.
#[derive(Debug, Default)]
pub(super) struct AgentLog {
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

impl LoggedError {
    /// Weighs it. What is not known may pass.
    pub(super) fn weight(&self) -> Weight {
        if !self.module.starts_with("agent.auth") {
            return Weight::Passing;
        }
        if let Some(status) = self.status() {
            return weigh_status(status);
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
            Some(status) => weigh_status(status),
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

/// A redirect is not followed by the agent and may end when its standby becomes active.
fn weigh_status(status: u16) -> Weight {
    if may_pass(status) || status < 400 {
        Weight::Passing
    } else {
        Weight::Refused
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

impl AgentLog {
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
mod tests;
