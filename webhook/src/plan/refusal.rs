//! Why a pod is refused: sentences for `kubectl apply`, and one word for the metric.
//!
//! No sentence names a generated pod name, so that the events of a controller aggregate.

use std::fmt;

use agent_config::Problems as LoginProblems;
use contract::limits::MESSAGE_PROBLEMS;
use contract::message::{join, shorten, thousands};
use contract::names::ANNOTATION_PREFIX as P;
use contract::{did_you_mean, limits, names, paths};
use thiserror::Error;

use crate::annotations::Problems;
use crate::pod::Container;

/// All that a pod is refused for, so that its author mends it in one go.
#[derive(Debug, Default)]
pub struct Refusals {
    /// As many as a message names.
    kept: Vec<Refusal>,
    more: usize,
}

impl Refusals {
    pub(super) fn push(&mut self, refusal: Refusal) {
        if self.kept.len() < MESSAGE_PROBLEMS {
            self.kept.push(refusal);
        } else {
            self.more += 1;
        }
    }

    /// The outcome of a step, or `None` and its problem is kept.
    pub(super) fn take<T>(&mut self, outcome: Result<T, Refusal>) -> Option<T> {
        outcome.map_err(|refusal| self.push(refusal)).ok()
    }

    /// Whether nothing is wrong so far.
    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    pub(super) fn or<T>(self, outcome: T) -> Result<T, Self> {
        if self.is_empty() {
            Ok(outcome)
        } else {
            Err(self)
        }
    }

    /// One word for the metric's label: of the first.
    pub fn label(&self) -> &'static str {
        self.kept.first().map_or("internal", Refusal::label)
    }

    /// A sentence for each, as long as a message may be.
    pub fn sentences(&self) -> Vec<String> {
        let sentences = self.kept.iter().flat_map(Refusal::sentences);
        let mut sentences: Vec<_> = sentences.map(shorten).collect();
        if self.more > 0 {
            sentences.push(format!("and {} more", thousands(self.more)));
        }
        sentences
    }
}

impl From<Refusal> for Refusals {
    fn from(refusal: Refusal) -> Self {
        Self {
            kept: vec![refusal],
            more: 0,
        }
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&join(&self.kept, self.more))
    }
}

impl std::error::Error for Refusals {}

/// Why a pod is refused.
#[derive(Debug, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum Refusal {
    #[error("{0}")]
    Annotations(Problems),
    #[error("{0}")]
    Login(LoginProblems),
    #[error("container {container}, variable {variable}: {reason}")]
    Reference {
        container: String,
        variable: String,
        reason: String,
    },
    #[error(
        "container {container}: $(VAULT_TOKEN) inside another value would become the text \
         `vault:login`; let the program read VAULT_TOKEN"
    )]
    LoginInText { container: String },
    #[error(
        "container {container}: $({variable}) in its {field} becomes the reference itself; let the \
         program read the variable, or a shell: command: [\"sh\", \"-c\", \"exec PROGRAM --option=\\\"${variable}\\\"\"]"
    )]
    ReferenceInArguments {
        container: String,
        field: &'static str,
        variable: String,
    },
    #[error(
        "container {container} {why} but has no command; add `command:` and `args:` with \
         ENTRYPOINT and CMD of image {image}{or}"
    )]
    NoCommand {
        container: String,
        image: String,
        why: &'static str,
        or: &'static str,
    },
    #[error(
        "annotation {P}{key} names container {name}, which the pod does not have: it has {known}{}",
        did_you_mean(.nearest.as_deref())
    )]
    UnknownContainer {
        key: &'static str,
        name: String,
        known: String,
        nearest: Option<String>,
    },
    #[error("annotations {P}containers and {P}skip-containers both name container {name}")]
    ListedTwice { name: String },
    #[error(
        "container {container} has a reference but is not in {P}containers; add it there{and}, or \
         to {P}skip-containers to keep the text"
    )]
    NotListed {
        container: String,
        and: &'static str,
    },
    #[error(
        "{P}inject is \"true\", but no container with a command can hold a reference; {advice}"
    )]
    NothingToInject { advice: String },
    #[error(
        "the pod has {P}{key}, but only ConfigMaps or Secrets can hold references; set \
         {P}inject to \"true\"{and}, or to \"false\""
    )]
    Undecided { key: String, and: &'static str },
    #[error("{sentence}")]
    Lookalike { sentence: String },
    #[error("two containers are named {name}; rename one")]
    DuplicateContainer { name: String },
    #[error("{what} {name} has a name that is reserved for tokenpipe; rename it")]
    ReservedName { what: &'static str, name: String },
    #[error(
        "container {container} mounts volume {volume} at {path}, which is reserved for tokenpipe \
         (its volumes, all below {}); remove the mount",
        paths::ROOT
    )]
    ReservedMount {
        container: String,
        volume: String,
        path: String,
    },
    #[error(
        "container {container}: {field} {path} is below {}, which is for tokenpipe's volumes; choose \
         another path",
        paths::ROOT
    )]
    ReservedPath {
        container: String,
        field: &'static str,
        path: String,
    },
    #[error(
        "container {container} sets {} itself; remove it, or in a copy (`kubectl debug --copy-to`) \
         begin the command with `{} --`",
        names::SETTINGS_VARIABLE,
        paths::ENV_EXEC
    )]
    OwnSettings { container: String },
    #[error(
        "init container {name} has a name that is reserved for tokenpipe, and the pod has nothing to \
         inject; remove or rename it"
    )]
    LeftoverInit { name: String },
    #[error(
        "container {container} already runs {} but is excluded from injection; remove that from its \
         command, and {}, or include the container",
        paths::ENV_EXEC,
        names::SETTINGS_VARIABLE
    )]
    LeftoverWrap { container: String },
    #[error(
        "container {container} would get a variable of {bytes} bytes, and the kernel allows {}; \
         shorten {P}from-path, {P}auth-config, the connection's CA or the container's env",
        limits::LONGEST_STRING
    )]
    TooLarge { container: String, bytes: usize },
    #[error(
        "the wrapped containers would get settings of more than {most} bytes; wrap fewer, or \
         shorten {P}from-path or the connection's CA"
    )]
    AllTooLarge { most: usize },
    #[error(
        "the pod has {count} containers; tokenpipe works on at most {most}; use fewer, or set {P}inject to \"false\""
    )]
    TooManyContainers { count: usize, most: usize },
    #[error(
        "the pod takes more work than tokenpipe spends on one; use fewer or shorter references and \
         variables"
    )]
    TooMuchWork,
    #[error(
        "the pod is for Windows ({field}), where tokenpipe does not work; set {P}inject to \"false\""
    )]
    Windows { field: &'static str },
    #[error(
        "annotation {P}vault names connection {name}, which is not configured: configured are \
         {known}{}", did_you_mean(.nearest.as_deref())
    )]
    UnknownConnection {
        name: String,
        known: String,
        nearest: Option<String>,
    },
    #[error(
        "namespace {namespace} may not use connection {name}; ask tokenpipe's operator to allow it"
    )]
    ConnectionNotAllowed { name: String, namespace: String },
    #[error(
        "container {container} is wrapped by the bank-vaults webhook ({wrapper}) already; set \
         {prefix}mutate to \"skip\" (tokenpipe injects), or {P}inject to \"false\" (bank-vaults \
         does)"
    )]
    WrappedByBankVaults {
        container: String,
        wrapper: &'static str,
        prefix: &'static str,
    },
    #[error(
        "annotation {key} has the bank-vaults webhook wrap the containers too; set {prefix}mutate \
         to \"skip\" (tokenpipe injects), or {P}inject to \"false\" (bank-vaults does)"
    )]
    ForBankVaults { key: String, prefix: &'static str },
    #[error("{reason}")]
    Auth { reason: String },
    #[error("annotation {P}{key} {reason}")]
    Combination { key: &'static str, reason: String },
    #[error("container {container}, restartPolicyRules: {reason}")]
    RestartRules { container: String, reason: String },
}

impl Refusal {
    pub(super) fn reference(container: &Container<'_>, variable: &str, reason: &str) -> Self {
        Self::Reference {
            container: container.name.to_string(),
            variable: variable.to_owned(),
            reason: reason.to_owned(),
        }
    }

    /// Each problem on its own, where one step finds several.
    fn sentences(&self) -> Vec<String> {
        match self {
            Self::Annotations(problems) => problems.sentences(),
            Self::Login(problems) => problems.iter().map(ToString::to_string).collect(),
            other => vec![other.to_string()],
        }
    }

    /// One word for the metric's label.
    pub fn label(&self) -> &'static str {
        match self {
            Self::Annotations(_) | Self::Combination { .. } | Self::Undecided { .. } => {
                "annotations"
            }
            Self::Reference { .. }
            | Self::Lookalike { .. }
            | Self::LoginInText { .. }
            | Self::ReferenceInArguments { .. } => "reference",
            Self::NoCommand { .. } => "no-command",
            Self::UnknownContainer { .. }
            | Self::ListedTwice { .. }
            | Self::NotListed { .. }
            | Self::NothingToInject { .. } => "containers",
            Self::DuplicateContainer { .. }
            | Self::ReservedName { .. }
            | Self::ReservedMount { .. }
            | Self::ReservedPath { .. }
            | Self::LeftoverInit { .. }
            | Self::LeftoverWrap { .. }
            | Self::OwnSettings { .. } => "reserved-name",
            Self::TooLarge { .. }
            | Self::AllTooLarge { .. }
            | Self::TooManyContainers { .. }
            | Self::TooMuchWork => "too-large",
            Self::WrappedByBankVaults { .. } | Self::ForBankVaults { .. } => "bank-vaults",
            Self::Windows { .. } => "windows",
            Self::UnknownConnection { .. } | Self::ConnectionNotAllowed { .. } => "connection",
            Self::Auth { .. } | Self::Login(_) => "auth",
            Self::RestartRules { .. } => "restart",
        }
    }
}
