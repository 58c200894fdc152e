//! A container's variables and its command line, with kubelet's rule for `$(NAME)`.

use super::manifest::Container;

/// What a container is started with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) command: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
}

/// Expands the variables of a container in their order, and then `command` and `args`.
///
/// `given` are the variables that the container runtime sets. As with kubelet, a reference cannot
/// see them, and a variable of the pod replaces them.
pub(super) fn expand(container: &Container, given: &[(&str, &str)]) -> Start {
    let mut environment: Vec<(String, String)> = Vec::new();
    for variable in &container.env {
        let value = expand_text(&variable.value, &environment);
        environment.retain(|(name, _)| *name != variable.name);
        environment.push((variable.name.clone(), value));
    }
    let words = container.command.iter().chain(&container.args);
    let command = words.map(|word| expand_text(word, &environment)).collect();
    for (name, value) in given {
        if !environment.iter().any(|(known, _)| known == name) {
            environment.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    Start {
        command,
        environment,
    }
}

/// `$(NAME)` becomes the value of a variable that is known, else it stays; `$$` becomes `$`.
fn expand_text(text: &str, known: &[(String, String)]) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        if let Some(behind) = behind.strip_prefix('$') {
            expanded.push('$');
            rest = behind;
        } else if let Some((name, after)) = behind
            .strip_prefix('(')
            .and_then(|name| name.split_once(')'))
        {
            match known.iter().find(|(known, _)| known == name) {
                Some((_, value)) => expanded.push_str(value),
                None => expanded.extend(["$(", name, ")"]),
            }
            rest = after;
        } else {
            expanded.push('$');
            rest = behind;
        }
    }
    expanded + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The cases of Kubernetes' own `expand_test.go`.
    #[test]
    fn as_kubelet_expands() {
        let known = [("A", "foo"), ("EMPTY", "")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        for (text, expected) in [
            ("$(A)", "foo"),
            ("___$(A)___", "___foo___"),
            ("$$(A)", "$(A)"),
            ("$$$(A)", "$foo"),
            ("$$$$", "$$"),
            ("$(UNKNOWN)", "$(UNKNOWN)"),
            ("$(EMPTY)|", "|"),
            ("$A ${A} $", "$A ${A} $"),
            ("$(A", "$(A"),
            ("$(", "$("),
            ("$()", "$()"),
            ("\\$(A)", "\\foo"),
        ] {
            assert_eq!(expand_text(text, &known), expected, "{text}");
        }
    }

    #[test]
    fn a_variable_sees_those_before_it() {
        let container = serde_json::from_value(serde_json::json!({
            "name": "c", "image": "i", "command": ["run", "$(LATER)"], "args": ["$(PATH)"],
            "env": [
                { "name": "EARLY", "value": "<$(LATER)>" },
                { "name": "LATER", "value": "x" },
                { "name": "EARLY", "value": "again $(EARLY)" },
            ],
        }));
        let start = expand(&container.unwrap(), &[("PATH", "/bin"), ("LATER", "lost")]);
        assert_eq!(start.command, ["run", "x", "$(PATH)"]);
        let pairs: Vec<_> = start
            .environment
            .iter()
            .map(|(n, v)| (&**n, &**v))
            .collect();
        assert_eq!(
            pairs,
            [
                ("LATER", "x"),
                ("EARLY", "again <$(LATER)>"),
                ("PATH", "/bin")
            ]
        );
    }
}
