//! From paths to the files that define what they name.

use std::collections::{BTreeMap, BTreeSet};

use super::imports::Module;
use super::{Edges, ModulePath};

/// How often a name may be handed on.
const HANDED_ON: usize = 8;

type Modules = BTreeMap<ModulePath, Module>;

/// Resolves all that each module imports.
pub(super) fn resolve_edges(modules: &Modules) -> Edges {
    let used = |(from, module): (&ModulePath, &Module)| {
        let names = module.names.iter();
        let imported = names
            .filter(|(name, _)| !module.handed_on.contains(*name))
            .map(|(_, path)| path);
        let used: BTreeSet<_> = imported
            .chain(&module.paths)
            .filter_map(|path| find_module(modules, from, path, HANDED_ON))
            .filter(|to| to != from)
            .collect();
        (from.clone(), used)
    };
    modules.iter().map(used).collect()
}

/// The module that defines what a path names, if it is in this crate.
fn find_module(
    modules: &Modules,
    from: &ModulePath,
    path: &[String],
    left: usize,
) -> Option<ModulePath> {
    let (mut at, mut rest) = find_start(modules, from, path)?;
    while let Some((name, behind)) = rest.split_first() {
        let mut child = at.clone();
        child.push(name.clone());
        if !modules.contains_key(&child) {
            break;
        }
        (at, rest) = (child, behind);
    }
    let Some(name) = rest.first() else {
        return Some(at);
    };
    let handed_on = modules.get(&at)?.names.get(name);
    match handed_on.filter(|path| left > 0 && **path != [name.clone()]) {
        // A name from another crate is in no file of this one.
        Some(path) => find_module(modules, &at, path, left - 1),
        None => Some(at),
    }
}

/// Where a path begins, and the rest of it.
fn find_start<'p>(
    modules: &Modules,
    from: &ModulePath,
    path: &'p [String],
) -> Option<(ModulePath, &'p [String])> {
    let (first, mut rest) = path.split_first()?;
    let mut at = match first.as_str() {
        "crate" => return Some((vec![], rest)),
        "self" => from.clone(),
        "super" => from[..from.len().checked_sub(1)?].to_vec(),
        name if modules.get(from)?.children.contains(name) => return Some((from.clone(), path)),
        _ => return None,
    };
    while let [first, behind @ ..] = rest
        && first == "super"
    {
        at.pop()?;
        rest = behind;
    }
    Some((at, rest))
}
