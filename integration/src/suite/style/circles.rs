//! Circles of imports: files that import each other, directly or over others.
//!
//! ```text
//! sources ─► Module of each file (imports) ─► edges between files (resolve) ─► files in a circle
//! ```
//!
//! A name counts for the file that defines it, so that a file that only hands names on (`pub use`) is
//! in no circle. Modules of tests do not count.

mod imports;
mod resolve;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::Figure;
use super::ceilings::CIRCLES;
use imports::Module;

/// The segments of a module's path, from its crate on.
type ModulePath = Vec<String>;

/// Which modules each module uses.
type Edges = BTreeMap<ModulePath, BTreeSet<ModulePath>>;

pub(super) fn measure_circles(sources: &[(PathBuf, String)]) -> Figure {
    let mut crates: BTreeMap<String, BTreeMap<ModulePath, Module>> = BTreeMap::new();
    let mut places = Vec::new();
    for (path, text) in sources {
        let Some((name, module)) = module_path(path) else {
            continue;
        };
        match Module::parse(text) {
            Ok(parsed) => {
                crates.entry(name).or_default().insert(module, parsed);
            }
            Err(error) => places.push(format!("{}: {error}", path.display())),
        }
    }
    let mut found = places.len();
    for (name, modules) in &crates {
        for circle in find_circles(&resolve::resolve_edges(modules)) {
            found += circle.len();
            let files: Vec<_> = circle.iter().map(|module| module.join("::")).collect();
            places.push(format!("{name}: {}", files.join(", ")));
        }
    }
    Figure {
        what: "files in circles of imports",
        found,
        ceiling: CIRCLES,
        places,
    }
}

/// Crate and module of a source file; none for tests and for what is no part of a library.
fn module_path(path: &Path) -> Option<(String, ModulePath)> {
    let text = path.to_str()?;
    let (name, inside) = text.split_once("/src/")?;
    let inside = inside.strip_suffix(".rs")?;
    let segments: Vec<_> = inside.split('/').map(str::to_owned).collect();
    let is_test = segments.iter().any(|segment| segment == "tests");
    if is_test || segments[0] == "bin" || segments[0] == "main" {
        return None;
    }
    let segments = if inside == "lib" { vec![] } else { segments };
    Some((name.to_owned(), segments))
}

/// The groups of modules that reach each other, in the order of their paths.
fn find_circles(edges: &Edges) -> Vec<Vec<ModulePath>> {
    let reached: BTreeMap<_, _> = edges
        .keys()
        .map(|from| (from, find_reachable(edges, from)))
        .collect();
    let mut seen = BTreeSet::new();
    let mut circles = Vec::new();
    for (module, reaches) in &reached {
        if seen.contains(*module) || !reaches.contains(*module) {
            continue;
        }
        let returns = |other: &&ModulePath| reached.get(other).is_some_and(|r| r.contains(*module));
        let circle: Vec<_> = reaches.iter().filter(returns).cloned().collect();
        seen.extend(circle.iter().cloned());
        circles.push(circle);
    }
    circles
}

fn find_reachable(edges: &Edges, from: &ModulePath) -> BTreeSet<ModulePath> {
    let mut reached = BTreeSet::new();
    let mut open = vec![from];
    while let Some(module) = open.pop() {
        for next in edges.get(module).into_iter().flatten() {
            if reached.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::measure_circles;
    use std::path::PathBuf;

    fn find_in(files: &[(&str, &str)]) -> Vec<String> {
        let sources: Vec<_> = files
            .iter()
            .map(|(path, text)| (PathBuf::from(path), (*text).to_owned()))
            .collect();
        measure_circles(&sources).places
    }

    #[test]
    fn files_that_import_each_other_are_a_circle() {
        let files = [
            ("x/src/lib.rs", "mod a; mod b; mod c;"),
            ("x/src/a.rs", "use crate::b::B; pub struct A;"),
            ("x/src/b.rs", "use super::{c::{C, D}}; pub struct B;"),
            (
                "x/src/c.rs",
                "pub struct C; pub struct D; fn f() { crate::a::A; }",
            ),
        ];
        assert_eq!(find_in(&files), ["x: a, b, c"]);
        assert_eq!(find_in(&files[..3]), [""; 0]);
    }

    #[test]
    fn name_counts_for_the_file_that_defines_it() {
        let files = [
            ("x/src/lib.rs", "mod a; pub use a::A;"),
            ("x/src/a.rs", "mod b; mod c; pub use b::B; pub struct A;"),
            ("x/src/a/b.rs", "use super::c::C; pub struct B;"),
            ("x/src/a/c.rs", "pub struct C;"),
            ("x/src/d.rs", "use crate::a::B; use crate::A;"),
        ];
        assert_eq!(find_in(&files), [""; 0]);
        let mut circle = files;
        circle[3].1 = "use super::B; pub struct C;";
        assert_eq!(find_in(&circle), ["x: a::b, a::c"]);
        circle[3].1 = "use super::A; pub struct C;";
        circle[1].1 = "mod b; mod c; pub use b::B; pub struct A; fn f() { c::g() }";
        assert_eq!(find_in(&circle), ["x: a, a::c"]);
    }

    #[test]
    fn visibility_imports_nothing() {
        let files = [
            ("x/src/lib.rs", "mod a;"),
            ("x/src/a.rs", "mod b; fn f() { b::g() }"),
            ("x/src/a/b.rs", "pub(in crate::a) fn g() {}"),
        ];
        assert_eq!(find_in(&files), [""; 0]);
    }

    #[test]
    fn tests_are_in_no_circle() {
        let files = [
            ("x/src/lib.rs", "mod a; mod b;"),
            (
                "x/src/a.rs",
                "pub struct A; #[cfg(test)] mod tests { use crate::b::B; }",
            ),
            ("x/src/b.rs", "use crate::a::A; pub struct B;"),
        ];
        assert_eq!(find_in(&files), [""; 0]);
    }
}
