//! Names of functions and tests.

use std::path::{Path, PathBuf};

use super::Figure;
use super::ceilings::{ONE_WORD_NAMES, WHAT_TESTS};

/// Names that Rust's own traits and conventions give.
const CONVENTIONAL: [&str; 22] = [
    "borrow",
    "clone",
    "cmp",
    "default",
    "deref",
    "deserialize",
    "display",
    "drop",
    "eq",
    "error",
    "fmt",
    "from",
    "get",
    "hash",
    "index",
    "main",
    "new",
    "next",
    "parse",
    "serialize",
    "source",
    "visit",
];

pub(super) fn measure_names(sources: &[(PathBuf, String)]) -> Vec<Figure> {
    let (mut all, mut one_word) = (0, 0);
    let (mut folders, mut what_tests) = (Vec::new(), Vec::new());
    for (path, text) in sources {
        let is_test = is_test_file(path);
        let mut of_file = 0;
        for name in function_names(text) {
            if name.starts_with("what_") {
                what_tests.push(format!("{}: {name}", path.display()));
            }
            if is_test || CONVENTIONAL.contains(&name) {
                continue;
            }
            all += 1;
            of_file += usize::from(!name.contains('_'));
        }
        one_word += of_file;
        if of_file > 8 {
            folders.push(format!("{}: {of_file}", path.display()));
        }
    }
    vec![
        Figure {
            what: "functions in a hundred named by one word",
            found: (one_word * 100).div_ceil(all.max(1)),
            ceiling: ONE_WORD_NAMES,
            places: folders,
        },
        Figure {
            what: "functions named what_…",
            found: what_tests.len(),
            ceiling: WHAT_TESTS,
            places: what_tests,
        },
    ]
}

fn is_test_file(path: &Path) -> bool {
    let is_tests = |part: &std::ffi::OsStr| part == "tests" || part == "tests.rs";
    path.iter().any(is_tests)
}

/// The names behind `fn`, outside of comments.
fn function_names(text: &str) -> impl Iterator<Item = &str> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.filter_map(|line| {
        let (before, behind) = line.split_once("fn ")?;
        let is_declared = before.is_empty() || before.ends_with([' ', '(']);
        let end = behind.find(|c: char| !(c.is_alphanumeric() || c == '_'))?;
        let is_function = behind[end..].starts_with(['(', '<']);
        (is_declared && is_function && end > 0).then(|| &behind[..end])
    })
}

#[cfg(test)]
mod tests {
    use super::function_names;

    #[test]
    fn function_names_are_those_of_declarations() {
        let text = "pub(crate) fn read_settings(a: fn(u8) -> u8) {}\n// fn none() {}\n    async fn load<T>() {}\n\
            let f: fn(u8) = g;\nconst fn one() {}\nimpl Fn for A {}\n";
        let names: Vec<_> = function_names(text).collect();
        assert_eq!(names, ["read_settings", "load", "one"]);
    }
}
