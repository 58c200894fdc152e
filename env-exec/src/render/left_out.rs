//! Keys of a whole path that become no variable: one warning for each path.

use contract::message::thousands;
use contract::names::ANNOTATION_PREFIX as P;
use templates::VaultPath;

use crate::foreign;

/// Keys that a warning names.
const NAMED: usize = 3;

/// Characters of a key that it shows.
const SHOWN: usize = 40;

/// A key, and what is in the way.
pub(super) struct LeftOut {
    key: String,
    reason: &'static str,
}

impl LeftOut {
    pub(super) fn new(key: &str, reason: &'static str) -> Self {
        Self {
            key: key.chars().take(SHOWN).collect(),
            reason,
        }
    }
}

/// The warning, if any key was left out.
pub(super) fn warning(path: &VaultPath, keys: &[LeftOut]) -> Option<String> {
    let show = |key: &LeftOut| {
        let name = foreign::quote(&format!("{:?}", key.key));
        format!("{name} ({})", key.reason)
    };
    let named: Vec<_> = keys.iter().take(NAMED).map(show).collect();
    let more = match keys.len() - named.len() {
        0 => String::new(),
        more => format!(" and {} more", thousands(more)),
    };
    (!named.is_empty()).then(|| {
        format!(
            "from-path left keys of `{path}` out: {}{more}; name them in {P}from-path-keys",
            named.join(", ")
        )
    })
}
