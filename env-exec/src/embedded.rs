//! References that kubelet copied into other values by `$(NAME)`.
//!
//! kubelet replaces it before env-exec runs, so the other value holds the text of the reference, which
//! is none in the middle of a text. Both texts are known here: each place of the whole text of one
//! variable's reference is that reference.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use templates::reference::{READ, WRITE};
use templates::{EnvValue, Part, Reference};

use crate::environment::Environment;
use crate::references::Variable;

/// The variables that are one reference as a whole, the longest text first: one may begin another.
pub(crate) struct Direct<'a>(Vec<(&'a OsStr, &'a str, &'a Reference)>);

impl<'a> Direct<'a> {
    /// Among the variables that are resolved.
    pub(crate) fn of(environment: &'a Environment, variables: &'a [Variable]) -> Self {
        let values: Vec<_> = environment.iter().map(|(_, value)| value).collect();
        let direct = variables
            .iter()
            .filter_map(|variable| match &variable.value {
                EnvValue::Direct(reference) => Some((
                    *values.get(variable.index)?,
                    variable.name.as_str(),
                    reference,
                )),
                _ => None,
            });
        let mut direct: Vec<_> = direct.collect();
        direct.sort_by_key(|(text, ..)| std::cmp::Reverse(text.len()));
        Self(direct)
    }

    /// The name of a variable whose whole reference is in the text.
    pub(crate) fn find(&self, text: &OsStr) -> Option<&'a str> {
        self.places(text.as_bytes())
            .next()
            .map(|(_, _, name, _)| name)
    }

    /// The text with these references in it, or none of them.
    pub(crate) fn embed(&self, text: &str) -> Option<EnvValue> {
        let mut parts = Vec::new();
        let mut rest = 0;
        for (start, end, _, reference) in self.places(text.as_bytes()) {
            parts.extend(text_part(text.get(rest..start)?));
            parts.push(Part::Reference(reference.clone()));
            rest = end;
        }
        parts.extend(text_part(text.get(rest..)?));
        (rest > 0).then_some(EnvValue::Text(parts))
    }

    /// Start and end of each, whose it is, and what it says.
    fn places<'s>(
        &'s self,
        text: &'s [u8],
    ) -> impl Iterator<Item = (usize, usize, &'a str, &'a Reference)> + 's {
        let mut at = 0;
        std::iter::from_fn(move || {
            while let Some(start) = next_prefix(text, at) {
                let rest = &text[start..];
                let found = self
                    .0
                    .iter()
                    .find(|(whole, ..)| rest.starts_with(whole.as_bytes()));
                let Some((whole, name, reference)) = found else {
                    at = start + 1;
                    continue;
                };
                at = start + whole.len();
                return Some((start, at, *name, *reference));
            }
            None
        })
    }
}

/// Where the next `vault:` or `>>vault:` begins.
fn next_prefix(text: &[u8], from: usize) -> Option<usize> {
    let read = READ.as_bytes();
    let found = text
        .get(from..)?
        .windows(read.len())
        .position(|window| window == read)?;
    let start = from + found;
    let marks = WRITE.len() - READ.len();
    let write = start.checked_sub(marks).filter(|write| *write >= from);
    Some(
        write
            .filter(|write| text[*write..].starts_with(WRITE.as_bytes()))
            .unwrap_or(start),
    )
}

fn text_part(text: &str) -> Option<Part> {
    (!text.is_empty()).then(|| Part::Text(text.to_owned()))
}
