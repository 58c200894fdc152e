//! What to write instead, for a field that is not there.

use super::ast::Offset;
use super::error::TemplateErrorKind;
use super::evaluate::Fault;
use super::names::Names;
use crate::data::Data;
use crate::runtime::Failure;

/// Longest piece of the template that a message repeats, in bytes.
const LONGEST: usize = 64;

/// Fields of what Helm renders, which has other braces.
const OF_HELM: [&str; 6] = [
    "Capabilities",
    "Chart",
    "Files",
    "Release",
    "Template",
    "Values",
];

/// Fields of Vault's answer around those of the secret, as other tools show them.
const ENVELOPE: [&str; 2] = ["Data", "data"];

/// The error of a rendering, with what to write instead where a field is missing.
pub(super) fn of_fault(fault: &Fault, source: &str, data: &Data) -> TemplateErrorKind {
    let chain = Chain::around(source, fault.offset);
    match &fault.failure {
        Failure::NoField { name, of_data } => {
            let said = fault.failure.to_string();
            let fix = if *of_data {
                of_data_fix(name, &chain, data, fault.is_tested)
            } else {
                Some(chain.optional())
            };
            TemplateErrorKind::NoField {
                names: match fix {
                    Some(_) => Names::default(),
                    None => Names::beside(name, data),
                },
                reason: fix.map_or_else(|| said.clone(), |fix| format!("{said}; {fix}")),
            }
        }
        Failure::NotAMap { found, .. } => {
            let said = fault.failure.to_string();
            TemplateErrorKind::NoField {
                reason: format!("{said}; {}", inside(found, &chain)),
                names: Names::default(),
            }
        }
        failure => TemplateErrorKind::rendering(fault.function, failure),
    }
}

/// For a field of the secret itself; `None` where its other fields say more.
fn of_data_fix(name: &str, chain: &Chain<'_>, data: &Data, is_tested: bool) -> Option<String> {
    if OF_HELM.contains(&name) {
        let value = chain.rest_or(".Values.NAME");
        return Some(format!("a value of Helm's is written `{{{{ {value} }}}}`"));
    }
    if ENVELOPE.contains(&name) {
        return Some(format!(
            "`.` is the secret itself; write `{}`",
            chain.without(&ENVELOPE)
        ));
    }
    if let Some(key) = chain.dotted_key(data) {
        let map = if chain.before.is_empty() {
            "."
        } else {
            chain.before
        };
        return Some(format!(
            "a key with a dot is read by `index {map} \"{key}\"`"
        ));
    }
    if is_tested {
        return Some(chain.optional());
    }
    data.is_empty()
        .then(|| "the secret has no fields".to_owned())
}

/// For a field of what has none.
fn inside(found: &str, chain: &Chain<'_>) -> String {
    let value = chain.before_or("VALUE");
    match found {
        "a text" => format!(
            "if it is JSON, write `({value} | fromJson){}`",
            chain.first()
        ),
        "a list" => format!("write `index {value} 0` for its first element"),
        "nil" => format!("write `${{with {value}}}…${{end}}` where it may be null"),
        _ => format!("write `{value}` alone"),
    }
}

/// The names around a place of the template: `$x.a.b`.
struct Chain<'s> {
    /// What stands before the field, if it is a chain too: `$x.a`, or nothing.
    before: &'s str,
    /// The field and those behind it: `.b`.
    rest: &'s str,
    /// Parentheses stand before it.
    is_cut: bool,
}

impl<'s> Chain<'s> {
    fn around(source: &'s str, offset: Offset) -> Self {
        let is_part = |c: char| matches!(c, '.' | '_') || c.is_alphanumeric();
        let (head, tail) = source.split_at_checked(offset).unwrap_or((source, ""));
        let other = head.trim_end_matches(is_part);
        let start = other.strip_suffix('$').unwrap_or(other).len();
        let end = tail.len() - tail.trim_start_matches(is_part).len();
        Self {
            before: &head[start..],
            rest: &tail[..end],
            is_cut: other.ends_with(')'),
        }
    }

    fn names(&self) -> impl Iterator<Item = &'s str> {
        self.rest.split('.').skip(1)
    }

    /// `.b`
    fn first(&self) -> String {
        self.names()
            .next()
            .map_or_else(String::new, |name| format!(".{name}"))
    }

    fn rest_or(&self, other: &'static str) -> &'s str {
        if self.rest.len() > LONGEST {
            other
        } else {
            self.rest
        }
    }

    fn before_or(&self, other: &'static str) -> &'s str {
        match self.before {
            _ if self.is_cut || self.before.len() > LONGEST => other,
            "" => ".",
            before => before,
        }
    }

    /// How to write it where it may be absent.
    fn optional(&self) -> String {
        let (before, first) = (self.before, self.first());
        if self.is_cut || before.len() + first.len() > LONGEST {
            return "write `(FIELD | default \"\")` where it may be absent".to_owned();
        }
        format!("write `({before}{first} | default \"\")` where it may be absent")
    }

    /// The chain without these names at its beginning.
    fn without(&self, names: &[&str]) -> String {
        let left: Vec<_> = self
            .names()
            .skip_while(|name| names.contains(name))
            .collect();
        let before = self.before;
        match left.join(".") {
            path if path.len() + before.len() > LONGEST => ".FIELD".to_owned(),
            path => format!("{before}.{path}"),
        }
    }

    /// The longest key with dots that the names make, and that is there.
    fn dotted_key(&self, data: &Data) -> Option<String> {
        let names: Vec<_> = self.names().take(LONGEST).collect();
        (2..=names.len())
            .rev()
            .map(|count| names[..count].join("."))
            .find(|key| key.len() <= LONGEST && data.get(key).is_some())
    }
}
