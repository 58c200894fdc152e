//! Warnings, each kind of them once: a chart with fifty workloads has one thing to say fifty times.

use std::collections::BTreeMap;

use contract::limits::WARNING_OBJECTS;
use contract::message::thousands;

/// Warnings so far.
#[derive(Default)]
pub(super) struct Warnings {
    all: Vec<Warning>,
    by_kind: BTreeMap<String, usize>,
}

struct Warning {
    text: String,
    first: String,
    others: Vec<String>,
    more: usize,
}

impl Warnings {
    /// Adds one about an object.
    pub(super) fn push(&mut self, text: &str, object: String) {
        let (kind, container) = kind(text);
        let Some(index) = self.by_kind.get(&kind) else {
            self.by_kind.insert(kind, self.all.len());
            self.all.push(Warning {
                text: text.to_owned(),
                first: object,
                others: Vec::new(),
                more: 0,
            });
            return;
        };
        let warning = &mut self.all[*index];
        let object = match container {
            Some(container) => format!("{object} container {container}"),
            None => object,
        };
        let last = warning.others.last().unwrap_or(&warning.first);
        if *last == object {
            return;
        }
        if warning.others.len() < WARNING_OBJECTS {
            warning.others.push(object);
        } else {
            warning.more += 1;
        }
    }

    /// One line for each kind.
    pub(super) fn lines(&self) -> Vec<String> {
        self.all.iter().map(Warning::line).collect()
    }
}

impl Warning {
    fn line(&self) -> String {
        let Self {
            text,
            first,
            others,
            more,
        } = self;
        let line = format!("{first}: {text}");
        if others.is_empty() {
            return line;
        }
        let more = match more {
            0 => String::new(),
            more => format!(" and {} more", thousands(*more)),
        };
        format!("{line} (also {}{more})", others.join(", "))
    }
}

/// A warning without the names in it, and the container that it begins with.
fn kind(text: &str) -> (String, Option<&str>) {
    let container = text
        .strip_prefix("container ")
        .and_then(|rest| rest.split([' ', ':', ',']).next());
    let text = match container {
        Some(name) => text.replacen(name, "", 1),
        None => text.to_owned(),
    };
    (without_parentheses(&text), container)
}

fn without_parentheses(text: &str) -> String {
    let mut depth = 0_usize;
    let keep = |c: &char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => return depth == 0,
        }
        false
    };
    text.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use contract::limits::WARNING_OBJECTS;

    use super::Warnings;

    fn lines(of: &[(&str, &str)]) -> Vec<String> {
        let mut warnings = Warnings::default();
        for (text, object) in of {
            warnings.push(text, (*object).to_owned());
        }
        warnings.lines()
    }

    #[test]
    fn same_warning_of_several_objects_is_one_line() {
        let found = lines(&[
            ("the token stays readable", "Job a/x"),
            ("something else", "Job a/x"),
            ("the token stays readable", "Job a/y"),
            ("the token stays readable", "Job a/y"),
        ]);
        assert_eq!(
            found,
            [
                "Job a/x: the token stays readable (also Job a/y)",
                "Job a/x: something else"
            ]
        );
    }

    #[test]
    fn names_make_no_other_kind() {
        let found = lines(&[
            ("container app is in skip-containers", "Pod a/x"),
            ("container web is in skip-containers", "Pod a/x"),
            ("the pod kills all of its containers (app, web)", "Pod a/x"),
            ("the pod kills all of its containers (a, b)", "Pod a/y"),
        ]);
        assert_eq!(
            found,
            [
                "Pod a/x: container app is in skip-containers (also Pod a/x container web)",
                "Pod a/x: the pod kills all of its containers (app, web) (also Pod a/y)",
            ]
        );
    }

    #[test]
    fn many_objects_are_counted() {
        let mut warnings = Warnings::default();
        for n in 0..3000 {
            warnings.push("the token stays readable", format!("Pod a/p{n}"));
        }
        let [line] = &warnings.lines()[..] else {
            panic!("one line");
        };
        let rest = 3000 - 1 - WARNING_OBJECTS;
        let rest = contract::message::thousands(rest);
        assert!(
            line.ends_with(&format!(", Pod a/p10 and {rest} more)")),
            "{line}"
        );
    }
}
