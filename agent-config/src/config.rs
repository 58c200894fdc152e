//! The agent's whole configuration file, as JSON of one canonical shape.
//!
//! Vault reads it with HCL's first JSON parser, which decides the shape: an object that has only
//! objects in it is merged into its parent, so `method` and `sink` are lists; every number and
//! boolean has its real type, because a quoted one fails or is ignored; and unknown keys are
//! ignored, so nothing is left to chance. Keys are in alphabetical order at every level, whatever
//! map type `serde_json` was built with, so equal settings give equal bytes.

use std::fmt;

use contract::paths::AGENT_SINK;
use serde_json::{Map, Value, json};

use crate::auto_auth::AutoAuth;
use crate::flavour::Flavour;

/// Mode 0600 of the token's file. JSON has no octal numbers, and the agent takes no text.
const SINK_MODE: u32 = 0o600;

/// An agent that logs in once, writes the token to [`AGENT_SINK`] and ends.
///
/// TLS settings are not part of it: the method `cert` builds a client of its own, which reads them
/// only from the environment.
#[derive(Clone, Copy, Debug)]
pub struct AgentConfig<'a> {
    /// Vault's address, with its scheme. The variable `VAULT_ADDR` would beat it.
    pub address: &'a str,
    /// How to log in.
    pub auto_auth: &'a AutoAuth,
    /// Whether the first failed login ends the agent, or it tries again for ever.
    pub exit_on_err: bool,
    /// How long it waits between tries; its own 1 s to 5 min if absent.
    pub backoff: Option<Backoff>,
}

/// Waiting times between tries: the agent doubles them from the first to the last, and takes up to
/// a quarter off each by chance. Whole seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    min: u32,
    max: u32,
}

impl Backoff {
    /// `None` where the agent would end (`min` over `max`) or take its own default (0).
    pub const fn new(min: u32, max: u32) -> Option<Self> {
        if 0 < min && min <= max {
            Some(Self { min, max })
        } else {
            None
        }
    }
}

impl AgentConfig<'_> {
    /// The configuration.
    pub fn to_json(&self) -> Value {
        json!({
            "auto_auth": {
                "method": [self.method()],
                "sink": [{ "config": self.sink(), "type": "file" }],
            },
            "exit_after_auth": true,
            "vault": { "address": self.address },
        })
    }

    fn method(&self) -> Map<String, Value> {
        let auto_auth = self.auto_auth;
        let text = |text: &str| Some(Value::from(text));
        let entries = [
            ("config", Some(auto_auth.config.clone().into())),
            ("exit_on_err", Some(self.exit_on_err.into())),
            (
                "max_backoff",
                self.backoff.map(|backoff| backoff.max.into()),
            ),
            (
                "min_backoff",
                self.backoff.map(|backoff| backoff.min.into()),
            ),
            (
                "mount_path",
                auto_auth
                    .mount_path
                    .as_ref()
                    .and_then(|path| text(path.as_str())),
            ),
            (
                "namespace",
                auto_auth
                    .namespace
                    .as_ref()
                    .and_then(|name| text(name.as_str())),
            ),
            ("type", text(auto_auth.method.name)),
            ("wrap_ttl", auto_auth.wrap_ttl.as_deref().and_then(text)),
        ];
        entries
            .into_iter()
            .filter_map(|(key, value)| Some((key.to_owned(), value?)))
            .collect()
    }

    /// The file belongs to the agent's own user, who also reads it. Vault's agent would change
    /// owner and group to its own all the same, unless told with -1 to leave them; `OpenBao`'s
    /// calls the two otherwise and leaves them by itself.
    fn sink(&self) -> Value {
        match self.auto_auth.flavour {
            Flavour::Vault => {
                json!({ "group": -1, "mode": SINK_MODE, "owner": -1, "path": AGENT_SINK })
            }
            Flavour::OpenBao => json!({ "mode": SINK_MODE, "path": AGENT_SINK }),
        }
    }
}

/// The file's content: JSON on one line, without a line break at its end.
impl fmt::Display for AgentConfig<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_json().fmt(f)
    }
}

#[cfg(test)]
mod tests;
