//! What env-exec says: single lines on stderr, and the last one where kubelet looks for it. All of
//! it, and what an agent writes, passes the one [`Redactor`].

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use contract::limits::MESSAGE_BYTES;
use contract::{ExitCode, LogFormat};
use nix::fcntl::OFlag;
use serde::Serialize;

use crate::foreign;
use crate::redactor::{Kind, Redactor};
use crate::token::{Token, Wrapped};

/// Most bytes of a sentence that is reported: room for the names of a thousand variables.
const LONGEST: usize = 16 * MESSAGE_BYTES;

/// Most bytes of a termination message that kubelet keeps; it cuts at the end.
const TERMINATION_MESSAGE: usize = 4096;

/// Writes lines for people or machines.
pub(crate) struct Reporter {
    format: LogFormat,
    termination_message: Option<PathBuf>,
    redactor: Redactor,
}

/// One line for machines. Every field is always there.
#[derive(Serialize)]
struct Line<'a> {
    level: &'a str,
    code: Option<&'a str>,
    message: &'a str,
    variables: &'a [String],
}

impl Reporter {
    /// `termination_message` is the container's `terminationMessagePath`.
    pub(crate) fn new(format: LogFormat, termination_message: Option<PathBuf>) -> Self {
        Self {
            format,
            termination_message,
            redactor: Redactor::default(),
        }
    }

    /// What must not be reported, and takes it out.
    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Adds something that must not be reported.
    pub(crate) fn learn(&self, kind: Kind, secret: impl AsRef<[u8]>) {
        self.redactor.learn(kind, secret.as_ref());
    }

    /// Adds a token. Of one that travels wrapped the rest of its file is no secret: an error names the
    /// accessor and path.
    pub(crate) fn learn_token(&self, token: &Token) {
        match Wrapped::find(token) {
            Ok(Some(wrapped)) => self.learn(Kind::Credential, wrapped.token.expose()),
            _ => self.learn(Kind::Credential, token.expose()),
        }
    }

    /// A sentence as it is reported: one line, without what must not be.
    pub(crate) fn redact(&self, sentence: &str) -> String {
        // Bounds the redactor's work, however many failures there are and whatever a server says.
        let mut end = sentence.len().min(LONGEST);
        while !sentence.is_char_boundary(end) {
            end -= 1;
        }
        let (line, foreign) = foreign::split(&sentence[..end]);
        let mut redacted = self.redactor.redact(&line, &foreign);
        if end < sentence.len() {
            redacted.push_str(" […]");
        }
        redacted
    }

    /// Why env-exec ends.
    pub(crate) fn error(&self, code: ExitCode, message: &str, variables: &[String]) {
        let message = self.redact(message);
        self.line("error", Some(code), &message, variables);
        if let Some(path) = &self.termination_message {
            leave(path, &message);
        }
    }

    /// What somebody should look at, although the program starts.
    pub(crate) fn warning(&self, message: &str) {
        self.line("warning", None, &self.redact(message), &[]);
    }

    /// What is good to know.
    pub(crate) fn information(&self, message: &str) {
        self.line("info", None, &self.redact(message), &[]);
    }

    fn line(&self, level: &str, code: Option<ExitCode>, message: &str, variables: &[String]) {
        let line = match self.format {
            LogFormat::Text if level == "warning" => format!("env-exec: warning: {message}\n"),
            LogFormat::Text => format!("env-exec: {message}\n"),
            LogFormat::Json => {
                let line = Line {
                    level,
                    code: code.map(ExitCode::name),
                    message,
                    variables,
                };
                serde_json::to_string(&line).unwrap_or_default() + "\n"
            }
        };
        // With stderr gone there is nobody left to tell.
        let _ = std::io::stderr().write_all(line.as_bytes());
    }
}

/// kubelet makes the file before the container starts; env-exec makes none. Only for a message
/// that cannot be left is nobody told: stderr has it.
fn leave(path: &Path, message: &str) {
    let flags = OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    let file = OpenOptions::new()
        .write(true)
        .truncate(true)
        .custom_flags(flags.bits())
        .open(path);
    if let Ok(mut file) = file
        && file.metadata().is_ok_and(|metadata| metadata.is_file())
    {
        let _ = file.write_all(beginning(message, TERMINATION_MESSAGE).as_bytes());
    }
}

/// At most that many bytes, and no half character.
fn beginning(text: &str, length: usize) -> &str {
    let end = (0..=length.min(text.len())).rfind(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::{Reporter, beginning};
    use crate::foreign::quote;
    use crate::redactor::Kind;
    use contract::{ExitCode, LogFormat};
    use std::fs;

    #[test]
    fn a_message_is_one_line() {
        let report = Reporter::new(LogFormat::Text, None);
        assert_eq!(report.redact("a\nb\tc\x1b[31m"), "a b c [31m");
    }

    #[test]
    fn redact_knows_own_words_from_foreign_ones() {
        let report = Reporter::new(LogFormat::Text, None);
        report.learn(Kind::Value, "password");
        report.learn(Kind::Credential, "hvs.CAESIJx4wz\n");
        let said = quote("no password for hvs.CAESIJx4wz");
        assert_eq!(
            report.redact(&format!(
                "key password of hvs.CAESIJx4wz: {said}; see there"
            )),
            "key password of [redacted]: no [redacted] for [redacted]; see there"
        );
    }

    #[test]
    fn a_long_message_keeps_its_beginning() {
        let cases = [
            ("abc", 4, "abc"),
            ("abc", 2, "ab"),
            ("aü", 2, "a"),
            ("", 4, ""),
        ];
        for (text, length, expected) in cases {
            assert_eq!(beginning(text, length), expected);
        }
    }

    #[test]
    fn the_last_error_is_left_for_kubelet() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("termination-log");
        let report = Reporter::new(LogFormat::Text, Some(path.clone()));
        report.error(ExitCode::Settings, "first", &[]);
        assert!(!path.exists(), "kubelet makes the file");
        fs::write(&path, "something longer than the message").unwrap();
        report.error(ExitCode::Settings, "second", &[]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        report.learn(Kind::Credential, "hvs.CAESIJx4wz");
        report.error(ExitCode::Settings, "hvs.CAESIJx4wz", &[]);
        assert_eq!(fs::read_to_string(&path).unwrap(), "[redacted]");
    }
}
