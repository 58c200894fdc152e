//! What a pod author may write: every annotation under our prefix, in one table.
//!
//! The table is the parser, the list of legal keys behind `; did you mean "x"?`, and the reference page.
//! To add an annotation, add an entry; if its value has a new shape, add that to [`mod@value`].

mod keys;
mod list;
mod value;

use std::fmt;

use contract::limits::MESSAGE_PROBLEMS;
use contract::message::{self, thousands};
use contract::names::ANNOTATION_PREFIX;
use contract::{Restart, did_you_mean_or, nearest};
use templates::FromPath;
use thiserror::Error;

use crate::excerpt::excerpt;
use crate::pod::Text;
pub use keys::FromPathKeys;
use value::AnnotationValue;
pub use value::{
    AuthConfig, ConfigMapKey, FilePath, InitPosition, Names, Revoke, Seconds, VariableNames,
    VolumeFile, Word, WritingSources,
};

/// The key that the webhook itself writes: what was done to the pod.
pub const STATUS: &str = "status";

/// Annotation by which the cluster autoscaler may move a pod although it has volumes on its node's disk:
/// their names, with commas between and no spaces.
pub const SAFE_TO_EVICT_VOLUMES: &str =
    "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes";

/// What an annotation about logging in needs to be of any use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Login {
    /// An agent's configuration that is generated here.
    Generated,
    /// An agent that is run here, with whatever configuration.
    Agent,
}

macro_rules! annotations {
    ($(
        $(#[doc = $doc:literal])+
        $key:literal => $field:ident: $type:ty, $values:literal $(, of $login:ident)?;
    )+) => {
        /// The annotations of one pod, parsed.
        #[derive(Debug, Default)]
        pub struct Annotations {
            $($(#[doc = $doc])+ pub $field: Option<$type>,)+
        }

        /// One line of the reference page for each annotation.
        pub const ENTRIES: &[Entry] =
            &[$(Entry { key: $key, values: $values, meaning: concat!($($doc),+) },)+];

        impl Annotations {
            fn set(&mut self, key: &str, text: &str) -> Result<(), Problem> {
                match key {
                    $($key => self.$field = Some(value(key, text)?),)+
                    STATUS => {}
                    _ => return Err(unknown(key)),
                }
                Ok(())
            }

            /// The first that is given and would be of no use without such a login.
            pub(crate) fn of_login(&self, logins: &[Login]) -> Option<&'static str> {
                $($(
                    if self.$field.is_some() && logins.contains(&Login::$login) {
                        return Some($key);
                    }
                )?)+
                None
            }
        }
    };
}

annotations! {
    /// `true`: inject the pod, even if only a ConfigMap or Secret has its references; `false`: leave the
    /// pod alone. Without it, the webhook injects a pod with a visible reference.
    "inject" => inject: bool, "`true` · `false`";
    /// Name of a Vault connection that the operator configured; default: `default`.
    "vault" => vault: Word, "a connection's name";
    /// Auto-Auth method. Default: the connection's, and `kubernetes` if that has none.
    "auth-method" => auth_method: Word, "see the page on auth methods", of Generated;
    /// Role to log in with; default: the connection's `auth.role`. The default is for methods that
    /// require a role. The webhook rejects a pod that lacks a required role.
    "auth-role" => auth_role: Word, "a role's name", of Generated;
    /// Where the auth method is mounted, with or without `auth/`. Default: the connection's, or
    /// the method's name.
    "auth-mount-path" => auth_mount_path: Word, "a mount path", of Generated;
    /// Vault namespace to log in to and to read from. Default: the connection's.
    "auth-namespace" => auth_namespace: Word, "a Vault namespace";
    /// The method's own settings, checked key by key.
    "auth-config" => auth_config: AuthConfig, "a YAML map", of Generated;
    /// Secret in the pod's namespace, mounted at `/tokenpipe/auth` in the agent container only.
    "auth-secret" => auth_secret: Word, "a Secret's name", of Agent;
    /// Volume of the pod that the agent container mounts at `/tokenpipe/auth`. The mount is read-only,
    /// unless a setting makes the agent remove a file there.
    "auth-volume" => auth_volume: Word, "a volume's name", of Agent;
    /// Signer of a certificate for the method `cert`. kubelet makes the key, requests the certificate for
    /// this pod by a `PodCertificateRequest`, and renews it. Only the agent container sees both. Needs
    /// Kubernetes 1.37, or 1.35 with the feature gate `PodCertificateRequest`.
    "auth-pod-certificate" => auth_pod_certificate: Word, "a signer's name, as `example.com/vault`", of Agent;
    /// Audience of the ServiceAccount token for the methods `kubernetes` and `jwt`. Default: the
    /// connection's. Empty: the API server's own.
    "auth-audience" => auth_audience: String, "an audience", of Agent;
    /// Lifetime of that token. Default: the connection's.
    "auth-token-expiration" => auth_token_expiration: Seconds, "`10m` and more", of Agent;
    /// The token travels response-wrapped from the agent to env-exec, and must be unwrapped within
    /// this time. Exactly one container can be wrapped then.
    "auth-wrap-ttl" => auth_wrap_ttl: Word, "a duration of `1s` and more", of Generated;
    /// ConfigMap in the pod's namespace with your own agent file, HCL or JSON. The agent uses it
    /// instead of a generated file. Default of `KEY`: `config.hcl`. Address, CA and TLS name are still the
    /// connection's. Allowed only in namespaces of the connection's `agentConfigMapNamespaces`.
    "agent-config-map" => agent_config_map: ConfigMapKey, "`NAME[/KEY]`", of Agent;
    /// Where the file sink of that agent file writes the token. The directory is a memory volume of
    /// the agent's container.
    "agent-sink" => agent_sink: FilePath, "an absolute path", of Agent;
    /// A token that another injector or a CSI driver writes, in a volume of the pod. tokenpipe
    /// does not log in then. It leaves the token as it is, unless `restart: fail` has env-exec
    /// shred it.
    "token-from" => token_from: VolumeFile, "`VOLUME/FILE`";
    /// Containers to wrap: init containers, native sidecars, app containers. Default: those with a
    /// visible reference; with `inject: "true"` also those with a `command` and `envFrom` or a
    /// value from a ConfigMap or Secret; with `from-path` all app containers.
    "containers" => containers: Names, "names, comma-separated";
    /// Containers to leave alone, whatever their environment holds.
    "skip-containers" => skip_containers: Names, "names, comma-separated";
    /// Variables that are text, whatever they look like. JSON as a whole is text too, unless `inject` is
    /// `"true"` or `containers` is given.
    "skip-variables" => skip_variables: VariableNames, "names, comma-separated";
    /// Kinds of `valueFrom` whose values may write (`>>vault:…`) and be `vault:login`. Needs
    /// `inject: "true"` or `containers`. Default: none.
    "allow-write-from" => allow_write_from: WritingSources, "`config-map` · `secret`, comma-separated";
    /// Variables whose values, known only to kubelet, may be part of a reference by `$(NAME)`. A value
    /// may add letters, digits, `-`, `_`, `:`, `@` and single `.`. Default: none.
    "expand-in-references" => expand_in_references: VariableNames, "names, comma-separated";
    /// Paths whose keys all become variables of every wrapped container. A variable of the
    /// manifest wins over them, a later path over an earlier one.
    "from-path" => from_path: Vec<FromPath>, "`PATH[#VERSION]`, comma-separated";
    /// Keys of `from-path` that are left out (`-KEY`), renamed (`KEY=NAME`) or allowed (`KEY`). A key that
    /// decides which code a program runs, as `LD_PRELOAD` and `PATH` do, ends the start unless it is
    /// listed: see the page on startup names.
    "from-path-keys" => from_path_keys: FromPathKeys, "`-KEY` · `KEY=NAME` · `KEY`, comma-separated";
    /// A path or key that does not exist leaves its variable out instead of ending the start.
    /// Default: `false`.
    "ignore-missing" => ignore_missing: bool, "`true` · `false`";
    /// Key of the transit engine for values of the form `vault:v1:…`.
    "transit-key" => transit_key: Word, "a key's name";
    /// Mount path of the transit engine. Default: `transit`.
    "transit-path" => transit_path: Word, "a mount path";
    /// Place of the injected init containers: before the first wrapped container (`auto`), before or
    /// after all other init containers (`first`, `last`), or right after the named one (`after:NAME`).
    /// `auto` also puts them before native sidecars that share processes and may have the agent's UID.
    /// Default: `auto`.
    "init-position" => init_position: InitPosition, "`auto` · `first` · `last` · `after:NAME`";
    /// Token of a wrapped container that starts again: `rerun` gets a new one because the init
    /// containers run again, `retain` keeps the old one, and with `fail` the start fails without one.
    /// Default: `defaults.restart` of the configuration file, which depends on the cluster if unset.
    "restart" => restart: Restart, "`rerun` · `retain` · `fail`";
    /// A leased secret that would live shorter than this ends the start with an error. It lives no
    /// longer than the token that it was read with. tokenpipe does not renew this token: the
    /// role's TTL must be long enough too.
    "min-lease" => min_lease: Seconds, "a duration, as `90s`, `10m`, `1h30m`";
    /// `auto`: env-exec revokes the token before the program starts, if nothing needs it any more.
    /// Conditions: exactly one container is wrapped, env-exec made a request with the token, no
    /// secret is leased, and the pod does not need the token later. Default: `auto`.
    "revoke" => revoke: Revoke, "`auto` · `never`";
}

/// One annotation, for the reference page.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The key behind the prefix.
    pub key: &'static str,
    /// Legal values.
    pub values: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// What is wrong with one annotation.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Problem {
    #[error("annotation {ANNOTATION_PREFIX}{key} is not known{}", suggestion(*.nearest))]
    Unknown {
        key: String,
        nearest: Option<&'static str>,
    },
    #[error("annotation {ANNOTATION_PREFIX}{key}: {reason}")]
    Value { key: String, reason: String },
}

/// What is wrong with the annotations of a pod; never empty.
#[derive(Debug, Default)]
pub struct Problems {
    /// As many as a message names.
    first: Vec<Problem>,
    /// Annotations behind these that are not known.
    others: usize,
}

impl Problems {
    /// A sentence for each that is kept, and one that counts the others.
    pub(crate) fn sentences(&self) -> Vec<String> {
        let more = (self.others > 0).then(|| format!("and {} more", thousands(self.others)));
        self.first
            .iter()
            .map(ToString::to_string)
            .chain(more)
            .collect()
    }
}

/// All of them on one line.
impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&message::join(&self.first, self.others))
    }
}

fn suggestion(nearest: Option<&'static str>) -> String {
    let nearest = nearest.map(|key| format!("{ANNOTATION_PREFIX}{key}"));
    let known: Vec<_> = ENTRIES.iter().map(|entry| entry.key).collect();
    did_you_mean_or(nearest.as_deref(), &known.join(", "))
}

impl Annotations {
    /// Whether `inject` is `false`. Then nothing else matters, not even what is wrong: it is the
    /// way out of every refusal.
    pub fn opts_out<'a>(
        mut annotations: impl Iterator<Item = (&'a Text<'a>, &'a Text<'a>)>,
    ) -> bool {
        let is_inject = |key: &str| key.strip_prefix(ANNOTATION_PREFIX) == Some("inject");
        annotations.any(|(key, text)| is_inject(key) && text.as_str() == "false")
    }

    /// Whether the author asks for references that cannot be seen in the manifest.
    pub(crate) fn asks(&self) -> bool {
        self.inject == Some(true) || self.containers.is_some()
    }

    /// Reads those annotations of a pod that bear our prefix. All problems are given at once, as far
    /// as a message names them.
    pub fn parse<'a>(
        annotations: impl Iterator<Item = (&'a Text<'a>, &'a Text<'a>)>,
    ) -> Result<Self, Problems> {
        let mut parsed = Self::default();
        let mut problems = Problems::default();
        for (key, text) in annotations {
            let Some(key) = key.strip_prefix(ANNOTATION_PREFIX) else {
                continue;
            };
            if problems.first.len() == MESSAGE_PROBLEMS {
                problems.others += usize::from(!is_known(key));
            } else {
                problems.first.extend(parsed.set(key, text).err());
            }
        }
        if problems.first.is_empty() {
            Ok(parsed)
        } else {
            Err(problems)
        }
    }
}

fn is_known(key: &str) -> bool {
    key == STATUS || ENTRIES.iter().any(|entry| entry.key == key)
}

fn value<T: AnnotationValue>(key: &str, text: &str) -> Result<T, Problem> {
    T::parse(text).map_err(|reason| Problem::Value {
        key: key.into(),
        reason,
    })
}

fn unknown(key: &str) -> Problem {
    let nearest = nearest(excerpt(key), ENTRIES.iter().map(|entry| entry.key));
    Problem::Unknown {
        // The API server has not looked at it yet.
        key: excerpt(key).escape_debug().to_string(),
        nearest,
    }
}

#[cfg(test)]
mod tests;
