//! What a secret is, and where it is looked for.

/// Length of the runs that are looked for, in bytes.
pub(super) const RUN: usize = 8;

/// What a secret is, which decides where it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It proves who somebody is: a token, a key, a password. Eight bytes of it are hidden
    /// everywhere, a short one (four bytes or more) everywhere in foreign words.
    Credential,
    /// Vault holds it, or it was sent there to be held. It may be a word that our own sentences have
    /// too, so it is looked for in foreign words only, a short one between delimiters only.
    Value,
}

/// Where a run that was found counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// In the whole text.
    Anywhere = 1,
    /// In foreign words.
    Foreign = 2,
    /// In foreign words, with no letter or digit beside it.
    Whole = 4,
}
