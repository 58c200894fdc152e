//! The reference page of the template language's functions.

use std::fmt::Write as _;

use super::{GROUPS, elsewhere, refused};

/// The page as Markdown.
pub(crate) fn page() -> String {
    let mut page = String::from(INTRODUCTION);
    for (what, example, prints) in LANGUAGE {
        let _ = writeln!(
            page,
            "| {} | {} | {} |",
            cell(what),
            code(example),
            code(prints)
        );
    }
    let _ = write!(page, "\nThe data of these examples: `{EXAMPLE_DATA}`.\n");
    for group in GROUPS {
        let _ = write!(page, "\n## {}\n\n{TABLE_HEAD}", group.title);
        for function in group.functions {
            let mut doc = function.doc.to_owned();
            if !function.aliases.is_empty() {
                let names: Vec<_> = function.aliases.iter().map(|name| code(name)).collect();
                let _ = write!(doc, " Also {}.", names.join(", "));
            }
            let (example, prints) = function.example;
            let row = [
                code(&function.signature()),
                cell(&doc),
                code(example),
                code(prints),
            ];
            let _ = writeln!(page, "| {} |", row.join(" | "));
        }
    }
    page.push_str("\n## Left out\n\n| function | why |\n|---|---|\n");
    for (name, reason) in refused::ALL {
        let _ = writeln!(page, "| `{name}` | {} |", cell(reason));
    }
    page.push_str("\n## Names of other tools\n\n| name | whose | here |\n|---|---|---|\n");
    for (name, tool, write) in elsewhere::ALL {
        let _ = writeln!(page, "| `{name}` | {tool} | {} |", cell(write));
    }
    page
}

const INTRODUCTION: &str = "\
# Functions of the template language

Names and behaviour are those of Go's text/template and of Sprig 3.3.0; [where they
differ](../template-differences.md) is on a page of its own. Every example is run as a test; to try
one: `echo '{}' | tokenpipe template --data - '${…}'`. Line breaks are shown as `⏎`.

## The language

A template is text with actions between `${` and `}`. In an action the dot is the map of the
secret's fields.

| what | example | prints |
|---|---|---|
";

/// What there is besides functions, each with an example and what that prints. The data of the
/// examples is [`EXAMPLE_DATA`].
pub(crate) const LANGUAGE: &[(&str, &str, &str)] = &[
    ("A field", "${.user}", "web"),
    (
        "A field of a field, an element of a list",
        "${.db.port} ${index .hosts 1}",
        "5432 b",
    ),
    ("A field whose name is no word", "${index . \"a-b\"}", "c"),
    (
        "A pipeline: the value on its left is the last argument",
        "${.user | upper | quote}",
        "\"WEB\"",
    ),
    (
        "Parentheses",
        "${printf \"%s:%d\" .user (add .db.port 1)}",
        "web:5433",
    ),
    (
        "Literals",
        "${\"a\\n\" | quote} ${`raw\\n`} ${1} ${1.5} ${true} ${'x'}",
        "\"a\\n\" raw\\n 1 1.5 true 120",
    ),
    (
        "A variable, set and set anew",
        "${$x := \"a\"}${$x}${$x = \"b\"}${$x}",
        "ab",
    ),
    (
        "Conditions",
        "${if eq .user \"root\"}no${else if .db}yes${else}neither${end}",
        "yes",
    ),
    (
        "A list or map, one by one; `break` and `continue`",
        "${range $i, $host := .hosts}${if $i},${end}${$host}${else}none${end}",
        "a,b",
    ),
    (
        "Another dot",
        "${with .db}${.port}${else}none${end}",
        "5432",
    ),
    (
        "The data, wherever the dot is",
        "${with .db}${$.user}${end}",
        "web",
    ),
    ("White space taken away", "a ${- .user -} b", "awebb"),
    ("A comment", "a${/* not printed */}b", "ab"),
];

/// The data of the examples in [`LANGUAGE`], as JSON.
pub(crate) const EXAMPLE_DATA: &str =
    r#"{"user": "web", "db": {"port": 5432}, "hosts": ["a", "b"], "a-b": "c"}"#;

const TABLE_HEAD: &str = "| function | gives | example | prints |\n|---|---|---|---|\n";

/// Text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// Code in a cell of a table. Line breaks are shown as `⏎`.
fn code(text: &str) -> String {
    let text = text.replace('|', "\\|").replace('\n', "⏎");
    let fence = if text.contains('`') { "``" } else { "`" };
    let pad = if text.starts_with([' ', '`']) || text.ends_with([' ', '`']) {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}
