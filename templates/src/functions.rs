//! Every function of the template language: one entry in one table each.
//!
//! An entry has the name, the parameters, what it does, a line of documentation, and an example
//! that is run as a test. To add a function, write an entry into the table of its group; to leave
//! one out, write its name and the reason into [`refused`](mod@refused). What other tools call
//! otherwise is in [`elsewhere`](mod@elsewhere).

#![expect(
    clippy::unnecessary_wraps,
    reason = "the table wants functions of one type"
)]

pub(crate) mod elsewhere;
pub(crate) mod entry;
pub(crate) mod nearest;
pub(crate) mod refused;

mod access;
mod comparison;
mod dates;
mod defaults;
mod dictionaries;
mod encoding;
mod hashes;
mod json;
mod lists;
mod lists_derived;
mod lists_texts;
mod maths;
mod maths_float;
mod merge;
mod paths;
mod printing;
mod regular_expressions;
mod search;
mod sequences;
mod strings;
mod strings_case;
mod strings_joined;
mod strings_layout;
mod types;
mod urls;
mod versions;

#[cfg(any(test, feature = "reference"))]
pub(crate) mod page;

use entry::{Function, Group};

/// All groups, in the order of the reference page.
pub(crate) const GROUPS: &[&Group] = &[
    &comparison::GROUP,
    &printing::GROUP,
    &strings::GROUP,
    &strings_joined::GROUP,
    &strings_case::GROUP,
    &strings_layout::GROUP,
    &access::GROUP,
    &lists::GROUP,
    &lists_derived::GROUP,
    &lists_texts::GROUP,
    &sequences::GROUP,
    &dictionaries::GROUP,
    &merge::GROUP,
    &defaults::GROUP,
    &json::GROUP,
    &encoding::GROUP,
    &hashes::GROUP,
    &maths::GROUP,
    &maths_float::GROUP,
    &regular_expressions::GROUP,
    &urls::GROUP,
    &paths::GROUP,
    &versions::GROUP,
    &dates::GROUP,
    &types::GROUP,
];

fn all() -> impl Iterator<Item = &'static Function> {
    GROUPS.iter().flat_map(|group| group.functions)
}

/// The function of that name.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    all().find(|function| function.name == name || function.aliases.contains(&name))
}

/// Every name that can be written.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    all().flat_map(|function| {
        std::iter::once(&function.name)
            .chain(function.aliases)
            .copied()
    })
}

#[cfg(test)]
mod tests;
