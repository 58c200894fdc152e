//! References that kubelet copied into arguments by `$(NAME)`.
//!
//! kubelet replaces it before env-exec runs, so the argument holds the text of the reference, which
//! nothing resolves there. Both texts are known here.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use templates::EnvValue;
use templates::reference::{READ, WRITE};

use crate::environment::Environment;
use crate::references::Variable;

/// The variables that are one reference as a whole, the longest text first: one may begin another.
pub(crate) struct Direct<'a>(Vec<(&'a OsStr, &'a str)>);

impl<'a> Direct<'a> {
    /// Among the variables that are resolved.
    pub(crate) fn of(environment: &'a Environment, variables: &'a [Variable]) -> Self {
        let values: Vec<_> = environment.iter().map(|(_, value)| value).collect();
        let is_direct = |v: &&Variable| matches!(v.value, EnvValue::Direct(_));
        let mut direct: Vec<_> = variables
            .iter()
            .filter(is_direct)
            .filter_map(|variable| Some((*values.get(variable.index)?, variable.name.as_str())))
            .collect();
        direct.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        Self(direct)
    }

    /// The name of a variable whose whole reference is in the text.
    pub(crate) fn find(&self, text: &OsStr) -> Option<&'a str> {
        let text = text.as_bytes();
        let marks = WRITE.len() - READ.len();
        let places = text.windows(READ.len()).enumerate();
        let mut schemes = places.filter(|(_, part)| *part == READ.as_bytes());
        schemes.find_map(|(at, _)| {
            let (read, write) = (&text[at..], &text[at.saturating_sub(marks)..]);
            let begins = |whole: &OsStr| {
                read.starts_with(whole.as_bytes()) || write.starts_with(whole.as_bytes())
            };
            let found = self.0.iter().find(|(whole, _)| begins(whole));
            found.map(|(_, name)| *name)
        })
    }
}
