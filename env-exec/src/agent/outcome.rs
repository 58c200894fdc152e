//! What a run of the agent means. Pure.

use contract::names::ANNOTATION_PREFIX;

use super::agent_log::{AgentLog, LoggedError, Weight, may_pass_at_start};
use super::child::{Ended, Run};
use crate::foreign;
use crate::token::{Token, TokenError};

/// What to make of a run.
pub(super) enum Verdict {
    /// It logged in, and this is the token.
    Token(Token),
    /// Vault refused; another attempt would be refused as well.
    Refused(String),
    /// The configuration is wrong, or what it names.
    Settings(String),
    /// Something that may pass.
    Passing(String),
    /// We ended it before it said anything.
    Silent(String),
}

/// Longest reason. The termination message has room for 3 KiB in a pod of four containers.
const LONGEST: usize = 1500;

/// Judges by how the run ended, its log, and what is in the sink, which may be one that the
/// author named.
pub(super) fn judge(
    run: &Run,
    token: Result<Option<Token>, TokenError>,
    own_sink: Option<&str>,
) -> Verdict {
    let log = &run.log;
    match (run.ended, token) {
        (Ended::Exited(0), Ok(Some(token))) => Verdict::Token(token),
        (Ended::Exited(0), Err(error)) => Verdict::Settings(format!(
            "the agent wrote something that is no token: {error}"
        )),
        (Ended::Exited(0), Ok(None)) => match own_sink {
            Some(sink) if log.error.is_none() => Verdict::Settings(format!(
                "the agent wrote no token to {}; set {ANNOTATION_PREFIX}agent-sink to the path of \
                 the sink in its file",
                bounded(sink)
            )),
            _ => without_token(log),
        },
        (Ended::Exited(_) | Ended::Hopeless, _) => failed(run.ended, log),
        (Ended::Killed(signal), _) => Verdict::Passing(format!(
            "the agent was killed by signal {signal}{}",
            if signal == 9 { " (out of memory?)" } else { "" }
        )),
        (Ended::TookTooLong, _) if log.token_written => after_login(log),
        (Ended::TookTooLong, _) => match &log.error {
            Some(error) => Verdict::Passing(format!(
                "the agent did not get a token in time: {}",
                shown(error)
            )),
            None => Verdict::Silent(
                "the agent did not get a token in time, and said nothing about it".into(),
            ),
        },
    }
}

/// The login worked and gave no token. The agent then ends with 0, or tries again for ever.
fn without_token(log: &AgentLog) -> Verdict {
    let message = log
        .error
        .as_ref()
        .map_or("", |error| error.message.as_str());
    let why = if message.contains("empty client token") {
        "it asks for more, such as MFA, which an agent cannot give"
    } else if message.contains("nil wrap info") || message.contains("empty wrapped") {
        "the answer was not wrapped as configured; `token_file` cannot be wrapped"
    } else if message.contains("nil auth info") {
        "Vault's answer holds none"
    } else if message.is_empty() {
        "the agent says nothing about it; may the role log in from here (`token_bound_cidrs`)?"
    } else {
        message
    };
    Verdict::Refused(format!("the login gave no token: {}", bounded(why)))
}

fn failed(ended: Ended, log: &AgentLog) -> Verdict {
    if let Some(panic) = &log.panic {
        return Verdict::Settings(format!("the agent crashed: {}", bounded(panic)));
    }
    if let Some(error) = &log.start_error {
        let reason = format!("the agent did not start: {}", bounded(error));
        // A method's constructor may fail because a cloud is away.
        return if may_pass_at_start(error) {
            Verdict::Passing(reason)
        } else {
            Verdict::Settings(reason)
        };
    }
    if log.token_written {
        return after_login(log);
    }
    let Some(error) = &log.error else {
        return Verdict::Passing(match ended {
            Ended::Exited(code) => format!("the agent ended with code {code} and gave no reason"),
            _ => "the agent gave no reason".into(),
        });
    };
    if error.reason.is_empty() {
        return without_token(log);
    }
    let hint = match error.certificate_alert() {
        Some(alert) if alert.contains("certificate required") => {
            "; Vault wants a TLS client certificate, which the connection must name \
             (`clientCertSecret`)"
        }
        _ if error.reason.contains("HTTP request to an HTTPS server") => {
            "; the listener speaks TLS, so begin the address with https://"
        }
        _ => "",
    };
    if let Some(failed) = error
        .reason
        .strip_prefix("template server failed to create: ")
    {
        return Verdict::Settings(format!("the agent did not start: {}", bounded(failed)));
    }
    let reason = format!("the login failed: {}{hint}", shown(error));
    match error.weight() {
        Weight::Refused => Verdict::Refused(reason),
        Weight::Settings => Verdict::Settings(reason),
        Weight::Passing => Verdict::Passing(reason),
    }
}

/// The login worked, and something else that an author's file asks for did not: a template, or the end.
fn after_login(log: &AgentLog) -> Verdict {
    let Some(error) = &log.after_login else {
        return Verdict::Settings(
            "the agent logged in and did not end; its file needs `exit_after_auth = true`".into(),
        );
    };
    let reason = format!(
        "the agent logged in, and could not do what else its file says: {}",
        shown(error)
    );
    match error.weight_after_login() {
        Weight::Refused => Verdict::Refused(reason),
        Weight::Settings => Verdict::Settings(reason),
        Weight::Passing => Verdict::Passing(reason),
    }
}

/// Most important words first: Vault's own, then where.
fn shown(error: &LoggedError) -> String {
    let LoggedError {
        message, reason, ..
    } = error;
    let Some((head, said)) = reason.split_once("Errors:") else {
        return bounded(&if reason.is_empty() {
            message.clone()
        } else {
            format!("{reason} ({message})")
        });
    };
    let said: Vec<_> = said
        .lines()
        .map(|line| line.trim_matches(|c: char| c.is_whitespace() || c == '*'))
        .filter(|line| !line.is_empty() && !line.ends_with("occurred:"))
        .filter(|line| !line.starts_with("(retry attempt"))
        .collect();
    let head: Vec<_> = head.split_whitespace().collect();
    let head = head.join(" ").replace("Error making API request. ", "");
    bounded(&format!(
        "{} ({})",
        said.join("; "),
        head.trim_end_matches(". ").trim_end_matches('.')
    ))
}

/// Words of the agent's on one line, no more than fit, quoted as foreign.
fn bounded(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().take(LONGEST).collect();
    foreign::quote(&line)
}

#[cfg(test)]
mod tests;
