//! The shape of a method's table: its keys, their types and defaults, and the rules between them.
//!
//! Validation, the reference page and the output all read the same table.

use std::fmt;

use crate::flavour::Flavours;
use crate::values::Values;

/// An Auto-Auth method, as `auto_auth.method` of the agent's configuration has it.
pub struct Method {
    /// Value of `type`.
    pub name: &'static str,
    /// What it logs in with, one sentence in Markdown.
    pub summary: &'static str,
    /// What the pod must provide, in Markdown.
    pub pod: &'static str,
    /// Whose agent has it.
    pub flavours: Flavours,
    /// The key that carries the role, if a role is named at all.
    pub role_key: Option<&'static str>,
    /// What it sends to Vault.
    pub request: Request,
    /// Its own keys (`auto_auth.method.config`), in the order of the reference page.
    pub keys: &'static [Key],
    /// Files that it finds by an environment variable and not by a key.
    pub variables: &'static [Variable],
    /// Variables by which a platform's own webhook gives a pod its identity. Where a wrapped
    /// container has them, the agent's container gets them too.
    pub identity: &'static [&'static str],
    /// Whether the agent itself asks a cloud: where only a proxy leads there, it must know the way.
    pub asks_cloud: bool,
    /// What must hold between keys, and what follows from them.
    pub rules: &'static [Rule],
    /// What can make a second login fail and is not seen here, because only Vault knows it: a
    /// sentence in Markdown, or nothing.
    pub second_login: &'static str,
    /// Keys that people write and that are refused with a sentence of their own: a credential in
    /// clear text, or another method's name for the same thing.
    pub refused: &'static [Refused],
}

impl Method {
    /// What most methods have in common.
    pub(crate) const BASE: Self = Self {
        name: "",
        summary: "",
        pod: "",
        flavours: Flavours::Both,
        role_key: None,
        request: Request::Login,
        keys: &[],
        variables: &[],
        identity: &[],
        asks_cloud: false,
        rules: &[],
        second_login: "",
        refused: &[],
    };

    /// The key called `name`.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The sentence for a key that is refused.
    pub(crate) fn refusal(&self, name: &str) -> Option<&'static str> {
        self.refused
            .iter()
            .find(|refused| refused.name == name)
            .map(|refused| refused.sentence)
    }
}

/// The name says it all; the table is long.
impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Method").field(&self.name).finish()
    }
}

/// What a method sends to Vault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// A login below the mount path, whose answer can be response-wrapped.
    Login,
    /// `auth/token/lookup-self` with a token that is already there: no mount path is used, and
    /// there is no login answer to wrap.
    LookupSelf,
}

/// One key of a method's `config`.
#[derive(Debug)]
pub struct Key {
    /// Its name in the agent's configuration.
    pub name: &'static str,
    /// What its value may be.
    pub kind: Kind,
    /// Whether the agent refuses to start without it.
    pub required: bool,
    /// Whose agent has it.
    pub flavours: Flavours,
    /// What happens when it is left out, in Markdown, where [`Kind`] does not say it.
    pub default: &'static str,
    /// What it is for, in Markdown.
    pub note: &'static str,
    /// The agent accepts it, but it only matters to an agent that stays after its first login.
    pub idle: bool,
}

/// Which value a key takes, and in which YAML or JSON types it may be written. The output always
/// has the type that the agent wants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Text that is not empty.
    Text,
    /// Text that may be empty, which then says something too.
    TextOrEmpty,
    /// A credential in clear text, several lines if it must be. Refused unless the operator allows
    /// it, because everybody who may read the pod may read its annotations.
    Credential {
        /// What to do instead; it follows a colon.
        instead: &'static str,
    },
    /// The absolute path of a file that the agent container mounts.
    Path(FileDefault),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A whole number between two bounds, both allowed.
    Integer {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
        /// How it may be written.
        form: Form,
    },
    /// True or false.
    Boolean(Form),
    /// Whether the agent removes the file of another key. The agent's own default is `true`, which
    /// fails on a read-only mount, and elsewhere leaves nothing to try a failed login again with:
    /// it removes the file when it reads it. So here the default is `false`.
    Removal {
        /// The other key.
        file: &'static str,
    },
    /// A duration of more than zero: whole seconds, or Go's notation. Zero and less make the agent
    /// panic in most places.
    Duration,
}

/// How strictly the agent takes a number or boolean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Only as a number or boolean; a quoted one makes the agent fail.
    Real,
    /// Quoted as well.
    RealOrQuoted,
}

/// Where a path is taken from when its key is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileDefault {
    /// This file of the mounted Secret or volume.
    Mounted(&'static str),
    /// This file of the mounted Secret or volume; without one, the projected `ServiceAccount` token.
    MountedOrToken(&'static str),
    /// This file of the mounted Secret or volume; `""` says that there is none.
    MountedOrNone(&'static str),
    /// Nowhere: it stays out.
    LeftOut,
}

impl FileDefault {
    /// The conventional name of the file.
    pub const fn file_name(self) -> Option<&'static str> {
        match self {
            Self::Mounted(name) | Self::MountedOrToken(name) | Self::MountedOrNone(name) => {
                Some(name)
            }
            Self::LeftOut => None,
        }
    }
}

/// A file whose place the agent learns from its environment.
#[derive(Debug)]
pub struct Variable {
    /// Name of the environment variable.
    pub name: &'static str,
    /// The file of the mounted Secret or volume whose path it holds.
    pub file: &'static str,
    /// Whether values of this sort make the agent read it.
    pub applies: fn(&Values) -> bool,
    /// Whether the login fails without it.
    pub required: bool,
    /// What it is for, in Markdown.
    pub note: &'static str,
}

/// Something that follows from a method's values taken together.
#[derive(Debug)]
pub struct Rule {
    /// What is wrong or to be known, without a full stop: a refusal, a warning or a reason as it
    /// stands.
    pub sentence: &'static str,
    /// Whether the values are of that sort.
    pub applies: fn(&Values) -> bool,
    /// What follows.
    pub outcome: Outcome,
}

/// What follows when a [`Rule`] applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The settings are refused.
    Refuse,
    /// The author is warned.
    Warn,
    /// A second login with the same inputs fails.
    SingleUse,
}

/// A key that is refused with a sentence of its own.
#[derive(Debug)]
pub struct Refused {
    /// The key as people write it.
    pub name: &'static str,
    /// What to do instead; it follows the key and a colon.
    pub sentence: &'static str,
}

impl Key {
    pub(crate) const fn new(name: &'static str, kind: Kind) -> Self {
        Self {
            name,
            kind,
            required: false,
            flavours: Flavours::Both,
            default: "",
            note: "",
            idle: false,
        }
    }

    pub(crate) const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    pub(crate) const fn vault_only(mut self) -> Self {
        self.flavours = Flavours::VaultOnly;
        self
    }

    pub(crate) const fn idle(mut self) -> Self {
        self.idle = true;
        self
    }

    pub(crate) const fn default(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }

    pub(crate) const fn note(mut self, note: &'static str) -> Self {
        self.note = note;
        self
    }
}

impl Rule {
    pub(crate) const fn refuse(sentence: &'static str, applies: fn(&Values) -> bool) -> Self {
        Self {
            sentence,
            applies,
            outcome: Outcome::Refuse,
        }
    }

    pub(crate) const fn warn(sentence: &'static str, applies: fn(&Values) -> bool) -> Self {
        Self {
            sentence,
            applies,
            outcome: Outcome::Warn,
        }
    }

    pub(crate) const fn single_use(sentence: &'static str, applies: fn(&Values) -> bool) -> Self {
        Self {
            sentence,
            applies,
            outcome: Outcome::SingleUse,
        }
    }
}
