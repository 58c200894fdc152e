//! What the webhook tells env-exec, as JSON in [`crate::names::SETTINGS_VARIABLE`].
//!
//! It is part of the pod's spec: nobody can change it after admission, everybody who may read the
//! pod can read it, so it holds no secret. Unknown fields are refused: the webhook and the
//! env-exec of one release belong together.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::sources::Sources;

/// The settings of one container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Settings {
    /// A wrapped container: resolve references and become the program.
    Exec(ExecSettings),
    /// The agent init container: run the agent and hand out its token.
    Agent(AgentSettings),
}

impl Settings {
    /// How to reach Vault.
    pub fn connection(&self) -> &Connection {
        match self {
            Self::Exec(settings) => &settings.vault,
            Self::Agent(settings) => &settings.vault,
        }
    }
}

/// How to reach Vault. The operator wrote it; nothing of it comes from the pod.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connection {
    /// `https://`, `http://` or `unix://` address; a path before `/v1` is kept.
    pub address: String,
    /// Value of `X-Vault-Namespace`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// CA certificates, PEM. Without it the image's own trust store decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<String>,
    /// Name to expect in Vault's certificate, where it is not the address's host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_server_name: Option<String>,
    /// `http://` proxy for all requests to Vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
    /// Accept any certificate of Vault's. For test set-ups.
    #[serde(default, skip_serializing_if = "is_false")]
    pub tls_skip_verify: bool,
    /// Secret of the pod's namespace with the TLS client certificate that Vault wants to see, and
    /// its key. The agent's container mounts it at [`crate::paths::CLIENT`]; the others are handed
    /// both beside the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_cert_secret: Option<String>,
}

/// Settings of a wrapped container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExecSettings {
    /// Where to read secrets.
    pub vault: Connection,
    /// Directory that holds [`crate::paths::HANDOVER`], or [`ExecSettings::token_file`].
    pub token_volume: String,
    /// A token that somebody else writes, below `token_volume`, in place of one that is handed
    /// over. It stays there with `restart: retain`, and is shredded with `fail`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_file: Option<String>,
    /// Mount path of the auth method whose login has the token wrapped, such as `auth/kubernetes`:
    /// what anything else has wrapped is not unwrapped. Without it any login may have done it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wrapped_by: Option<String>,
    /// What a start without a token does.
    pub restart: Restart,
    /// Where the values of the variables come from. Without it no variable is known, which is the
    /// lowest trust.
    #[serde(default, skip_serializing_if = "is_unknown")]
    pub sources: Sources,
    /// Every key of these paths becomes a variable: `PATH` or `PATH#VERSION`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub from_path: Vec<String>,
    /// Keys of these paths that the author names: each becomes the variable of this name, or none.
    /// Any other key becomes a variable of its own name, if that is none of
    /// [`crate::startup_names`].
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub from_path_keys: BTreeMap<String, Option<String>>,
    /// A missing path or key leaves its variable out instead of ending the start.
    #[serde(default, skip_serializing_if = "is_false")]
    pub ignore_missing: bool,
    /// For values of the form `vault:v1:…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transit: Option<Transit>,
    /// A leased secret that would live shorter than this many seconds is an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_lease_seconds: Option<u64>,
    /// Revoke the token before the program starts, unless a response carried a lease.
    #[serde(default, skip_serializing_if = "is_false")]
    pub revoke: bool,
    /// Seconds for everything up to exec.
    pub deadline_seconds: u64,
    /// The container's `terminationMessagePath`.
    pub termination_message: String,
    /// Form of what env-exec writes to stderr.
    #[serde(default, skip_serializing_if = "LogFormat::is_text")]
    pub log: LogFormat,
}

/// Where `vault:v1:…` values are decrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transit {
    /// Mount path of the transit engine.
    pub path: String,
    /// Name of the key.
    pub key: String,
}

/// Settings of the agent init container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentSettings {
    /// Where to log in. TLS settings reach the agent as variables, because the `cert` method
    /// builds a client of its own that does not read them from the configuration.
    pub vault: Connection,
    /// The agent's configuration, written to [`crate::paths::AGENT_CONFIG`] as it is. None where the
    /// agent is run with a file of the author's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<AgentFile>,
    /// Where the agent writes the token, if not to [`crate::paths::AGENT_SINK`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sink: Option<String>,
    /// Names of the wrapped containers; each gets a copy of the token in its volume below
    /// [`crate::paths::TOKENS`].
    pub containers: Vec<String>,
    /// All containers run as the agent's UID: files are 0600 in directories of 0700. Otherwise
    /// 0666 in 0777, inside a volume that only the one container mounts.
    #[serde(default, skip_serializing_if = "is_false")]
    pub same_uid: bool,
    /// Seconds until a login must have succeeded.
    pub deadline_seconds: u64,
    /// Also copy env-exec into the bin volume (delivery `agent-image`).
    #[serde(default, skip_serializing_if = "is_false")]
    pub install: bool,
    /// Form of what env-exec writes to stderr.
    #[serde(default, skip_serializing_if = "LogFormat::is_text")]
    pub log: LogFormat,
}

/// The agent's configuration. A credential can be in it, where the operator allows that, so it is
/// not printed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AgentFile(pub serde_json::Value);

impl fmt::Debug for AgentFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AgentFile(…)")
    }
}

/// What a wrapped container does when it starts and its token is gone or no longer valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "reference", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// Ask kubelet to run the init containers again (`RestartAllContainers`, Kubernetes 1.36+).
    Rerun,
    /// Keep the token in the container's volume, so that the next start finds it.
    Retain,
    /// End with a sentence; the pod must be deleted.
    Fail,
}

impl Restart {
    /// Each of them.
    pub const ALL: [Self; 3] = [Self::Rerun, Self::Retain, Self::Fail];

    /// The word for it, in an annotation as in the settings.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Rerun => "rerun",
            Self::Retain => "retain",
            Self::Fail => "fail",
        }
    }
}

/// Form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "reference", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum LogFormat {
    /// One line for a person.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde passes a reference"
    )]
    fn is_text(&self) -> bool {
        *self == Self::Text
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_false(value: &bool) -> bool {
    !value
}

fn is_unknown(sources: &Sources) -> bool {
    *sources == Sources::default()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{AgentFile, AgentSettings, Connection, ExecSettings, LogFormat, Restart, Settings};

    #[test]
    fn a_word_is_the_same_everywhere() {
        for restart in Restart::ALL {
            assert_eq!(serde_json::to_value(restart).unwrap(), restart.word());
        }
    }

    #[test]
    fn a_small_pod_has_small_settings() {
        let settings = Settings::Exec(ExecSettings {
            vault: Connection {
                address: "https://vault:8200".into(),
                ..Connection::default()
            },
            token_volume: "/tokenpipe/token".into(),
            token_file: None,
            wrapped_by: None,
            restart: Restart::Rerun,
            sources: crate::Sources::default(),
            from_path: vec![],
            from_path_keys: BTreeMap::new(),
            ignore_missing: false,
            transit: None,
            min_lease_seconds: None,
            revoke: false,
            deadline_seconds: 60,
            termination_message: "/dev/termination-log".into(),
            log: LogFormat::Text,
        });
        let json = serde_json::to_string(&settings).unwrap();
        assert_eq!(
            json,
            r#"{"exec":{"vault":{"address":"https://vault:8200"},"token_volume":"/tokenpipe/token","restart":"rerun","deadline_seconds":60,"termination_message":"/dev/termination-log"}}"#
        );
        assert_eq!(serde_json::from_str::<Settings>(&json).unwrap(), settings);
    }

    #[test]
    fn keys_of_a_path_survive_the_way_to_env_exec() {
        let json = r#"{"exec":{"vault":{"address":"https://v"},"token_volume":"/t","restart":"fail","from_path":["a"],"from_path_keys":{"debug":null,"user":"DB_USER"},"deadline_seconds":60,"termination_message":"/dev/termination-log"}}"#;
        let settings: Settings = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&settings).unwrap(), json);
        let Settings::Exec(settings) = settings else {
            panic!("{settings:?}");
        };
        assert_eq!(settings.from_path_keys["debug"], None);
        assert_eq!(settings.from_path_keys["user"].as_deref(), Some("DB_USER"));
    }

    #[test]
    fn an_unknown_field_is_refused() {
        let json = r#"{"exec":{"vault":{"adress":"https://vault:8200"}}}"#;
        let error = serde_json::from_str::<Settings>(json)
            .unwrap_err()
            .to_string();
        assert!(error.contains("unknown field `adress`"), "{error}");
    }

    #[test]
    fn a_credential_in_the_configuration_is_not_printed() {
        let config = serde_json::json!({ "secret_key": "canary" });
        let settings = Settings::Agent(AgentSettings {
            vault: Connection::default(),
            config: Some(AgentFile(config)),
            sink: None,
            containers: vec![],
            same_uid: false,
            deadline_seconds: 60,
            install: false,
            log: LogFormat::Text,
        });
        assert!(!format!("{settings:?} {settings:#?}").contains("canary"));
        assert!(serde_json::to_string(&settings).unwrap().contains("canary"));
    }
}
