//! Which agent will read the configuration: Vault's, or `OpenBao`'s.

use std::fmt;

/// The server software of a connection, and with it the agent that logs in there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// `vault agent`, 1.16 or newer.
    Vault,
    /// `bao agent`, 2.0 or newer.
    OpenBao,
}

impl Flavour {
    /// Every flavour.
    pub const ALL: [Self; 2] = [Self::Vault, Self::OpenBao];
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Vault => "Vault",
            Self::OpenBao => "OpenBao",
        })
    }
}

/// Whose agent knows a method or a key. There is none that only `OpenBao`'s knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavours {
    /// Both agents.
    Both,
    /// Vault's agent alone.
    VaultOnly,
}

impl Flavours {
    /// Whether `flavour`'s agent is among them.
    pub const fn include(self, flavour: Flavour) -> bool {
        matches!(
            (self, flavour),
            (Self::Both, _) | (Self::VaultOnly, Flavour::Vault)
        )
    }
}
