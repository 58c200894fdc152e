//! The table as regular expressions for the chart's policy, and as a table for the page.

use std::fmt::Write as _;

use contract::names::CONTROLLER_VARIABLES;

use super::{Atom, Class, End, FORMS};

/// All that `char::is_whitespace` knows.
const SPACE: &str = r"\s\p{Z}\x0b\x{85}";

/// Texts that are none, for the page: why, and one of them.
pub(super) const TEXTS: &[(&str, &str)] = &[
    ("a URL", "vault://secret/app"),
    ("a host and its port", "vault:8200"),
    ("a list of hosts", "vault:8200,vault-2:8200/v1"),
    ("no `/` and no `#`, as of an image", "vault:1.13.3"),
    (
        "white space before the first `/` or `#`",
        "vault: bump to 1.21 (#12)",
    ),
];

/// The templates of the chart that have to do with references.
pub(crate) fn chart() -> String {
    let names: Vec<_> = CONTROLLER_VARIABLES
        .iter()
        .map(|name| format!("'{name}'"))
        .collect();
    let mut text = "{{/* What is a reference, in CEL, printed from the table of \
                    templates/src/reference/shape.rs.\nA test compares them. */}}\n"
        .to_owned();
    for (name, expression) in [
        (
            "directReference",
            format!("^(>>)?vault:({})", forms(End::OfText)),
        ),
        (
            // An odd number of backslashes makes it text.
            "inlineReference",
            format!(r"(^|[^\\])(\\\\)*\$\{{(>>)?vault:({})", forms(End::AtBrace)),
        ),
        (
            "jsonValue",
            r#"(?s)^[ \t\n\r]*(\{[ \t\n\r]*".*\}|\[[ \t\n\r]*["{\[].*\])[ \t\n\r]*$"#.to_owned(),
        ),
    ] {
        define(&mut text, name, &quoted(&expression));
    }
    define(
        &mut text,
        "controllerVariables",
        &format!("[{}]", names.join(", ")),
    );
    text
}

fn define(text: &mut String, name: &str, body: &str) {
    // Writing to a String does not fail.
    let _ = write!(
        text,
        "{{{{- define \"tokenpipe.{name}\" -}}}}\n{body}\n{{{{- end }}}}\n"
    );
}

/// As a string of CEL in single quotes; double ones and braces of Helm's need no care there.
fn quoted(expression: &str) -> String {
    format!(
        "'{}'",
        expression.replace('\\', "\\\\").replace('\'', "\\'")
    )
}

fn forms(end: End) -> String {
    let forms = FORMS
        .iter()
        .map(|form| form.atoms.iter().map(|atom| pattern(*atom, end)).collect());
    forms.collect::<Vec<String>>().join("|")
}

fn pattern(atom: Atom, end: End) -> String {
    match atom {
        Atom::Text(text) => text.replace('$', r"\$").replace('(', r"\("),
        Atom::One(class) => set(class, end),
        Atom::Some(class) => set(class, end) + "+",
        Atom::Many(class) => set(class, end) + "*",
        Atom::End => match end {
            End::OfText => "$".to_owned(),
            End::AtBrace => r"\}".to_owned(),
        },
    }
}

fn set(class: Class, end: End) -> String {
    match class {
        Class::Digit => "[0-9]".to_owned(),
        Class::Stop => "[/#]".to_owned(),
        Class::NoSlash => "[^/]".to_owned(),
        Class::Head | Class::HeadStart | Class::BehindDigits | Class::BeforeDollar => {
            let digits = if class.is_without_digits() { "0-9" } else { "" };
            let ends = class.ends(end).replace(']', r"\]");
            format!("[^{digits}{SPACE}{ends}]")
        }
    }
}

/// What is a reference and what is text, for the page.
pub(crate) fn table() -> String {
    let mut table = "| after `vault:` or `>>vault:` | is | example |\n|---|---|---|\n".to_owned();
    for form in FORMS {
        let _ = writeln!(
            table,
            "| {} | a reference | `{}` |",
            form.meaning, form.example
        );
    }
    for (why, example) in TEXTS {
        let _ = writeln!(table, "| {why} | text | `{example}` |");
    }
    table
}
