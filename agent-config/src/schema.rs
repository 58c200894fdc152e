//! The shape of a method's table: its keys, their types and defaults, and the rules between them.
//!
//! Validation, the reference page and the output all read the same table.

pub(crate) mod key;

use std::fmt;

use crate::flavour::Flavours;
use crate::values::Values;

pub use key::{FileDefault, Form, Key, Kind};

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
