//! Why a text is no regular expression.

/// A sentence, which does not quote the text.
pub(super) type Malformed = &'static str;
