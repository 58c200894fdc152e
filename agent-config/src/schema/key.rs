//! A key of a method: its type, its default, and how it may be written.

use crate::flavour::Flavours;

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
        /// What to do instead; it follows a semicolon.
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
