//! Pages written by hand whose tables must name everything that the code or a test knows.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use serde_json::Value;

use super::read_file;

const STANDALONE: &str = "docs/standalone.md";
const DIFFERENCES: &str = "docs/bank-vaults-differences.md";

/// What a table lacks or has too much.
pub(super) fn check_tables(root: &Path) -> io::Result<Vec<String>> {
    let source = read_file(&root.join("env-exec/src/settings/standalone.rs"))?;
    let mut problems = compare_names(
        STANDALONE,
        "variable",
        &first_cells(&read_file(&root.join(STANDALONE))?),
        &find_variables(&source),
    );
    let cases = read_file(&root.join("integration/tests/conformance/references.json"))?;
    problems.extend(compare_names(
        DIFFERENCES,
        "case",
        &last_cells(&read_file(&root.join(DIFFERENCES))?),
        &find_differing(&serde_json::from_str(&cases)?),
    ));
    Ok(problems)
}

fn compare_names(
    page: &str,
    kind: &str,
    written: &BTreeSet<String>,
    known: &BTreeSet<String>,
) -> Vec<String> {
    let lacks = known
        .difference(written)
        .map(|name| format!("{page}: the {kind} \"{name}\" is missing"));
    let stranger = written
        .difference(known)
        .map(|name| format!("{page}: there is no {kind} \"{name}\""));
    lacks.chain(stranger).collect()
}

/// The variables that env-exec reads: the texts in capitals, with a `_`, of the file that reads them.
fn find_variables(source: &str) -> BTreeSet<String> {
    let is_variable = |text: &&str| {
        text.contains('_') && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
    };
    source
        .split('"')
        .filter(is_variable)
        .map(str::to_owned)
        .collect()
}

/// The conformance cases in which bank-vaults does something else.
fn find_differing(cases: &Value) -> BTreeSet<String> {
    let cases = cases["cases"].as_array().into_iter().flatten();
    cases
        .filter(|case| case["incumbent"] != "same")
        .filter_map(|case| case["name"].as_str())
        .map(str::to_owned)
        .collect()
}

/// The names in the first cell of each row.
fn first_cells(page: &str) -> BTreeSet<String> {
    table_rows(page)
        .filter_map(|row| row.split(" | ").next())
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .filter(|name| name.contains('_') && !name.contains(char::is_lowercase))
        .map(str::to_owned)
        .collect()
}

/// The cases in the last cell of each row, separated by `;`. What stands there as code is a test.
fn last_cells(page: &str) -> BTreeSet<String> {
    table_rows(page)
        .filter_map(|row| row.trim_end_matches([' ', '|']).rsplit(" | ").next())
        .flat_map(|cell| cell.split("; "))
        .filter(|name| !name.starts_with('`'))
        .map(str::to_owned)
        .collect()
}

fn table_rows(page: &str) -> impl Iterator<Item = &str> {
    page.lines().filter(|line| line.starts_with("| `"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_unknown_entries_are_named() {
        let known =
            find_variables(r#"text("VAULT_ADDR")? "true" "T" get("HTTP_PROXY", "http_proxy")"#);
        let page = "| `VAULT_ADDR`, `http_proxy` | x |\n| `VAULT_ADR` | y |\n";
        assert_eq!(
            compare_names("p", "variable", &first_cells(page), &known),
            [
                "p: the variable \"HTTP_PROXY\" is missing",
                "p: there is no variable \"VAULT_ADR\""
            ]
        );
        let cases = serde_json::json!({"cases": [
            {"name": "a", "incumbent": "same"}, {"name": "b", "incumbent": "fails"},
            {"name": "c", "incumbent": "differs"}
        ]});
        let page = "| `x` | y | b; c |\n| `z` | y | `d.rs::e` |\n";
        assert_eq!(last_cells(page), find_differing(&cases));
    }
}
