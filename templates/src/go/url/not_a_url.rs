//! Why a text is no URL.

/// A sentence, which does not quote the text.
pub(crate) type NotAUrl = &'static str;
