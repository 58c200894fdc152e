//! A container's variables and its command line, as kubelet completes them.

use super::KubeletError;
use super::manifest::{Container, KeyReference, Variable};
use super::node::{Cluster, Objects};

/// What a container is started with.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) command: Vec<String>,
    pub(super) environment: Vec<(String, String)>,
}

/// Takes the variables of `envFrom`, then those of `env` in their order, and then expands `command`
/// and `args`.
///
/// `given` are the variables that the container runtime sets. As with kubelet, a reference cannot
/// see them, and a variable of the pod replaces them.
pub(super) fn build_start(
    container: &Container,
    cluster: &Cluster,
    given: &[(&str, &str)],
) -> Result<Start, KubeletError> {
    let mut environment = from_objects(container, cluster)?;
    for variable in &container.env {
        let value = resolve_value(variable, cluster, &environment)
            .map_err(|reason| variable_error(container, &variable.name, reason))?;
        environment.retain(|(name, _)| *name != variable.name);
        environment.push((variable.name.clone(), value));
    }
    let words = container.command.iter().chain(&container.args);
    let command = words
        .map(|word| expand_variables(word, &environment))
        .collect();
    for (name, value) in given {
        if !environment.iter().any(|(known, _)| known == name) {
            environment.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    Ok(Start {
        command,
        environment,
    })
}

fn from_objects(
    container: &Container,
    cluster: &Cluster,
) -> Result<Vec<(String, String)>, KubeletError> {
    let mut environment: Vec<(String, String)> = Vec::new();
    for source in &container.env_from {
        let (objects, reference) = match (&source.secret_ref, &source.config_map_ref) {
            (Some(reference), None) => (&cluster.secrets, reference),
            (None, Some(reference)) => (&cluster.config_maps, reference),
            _ => {
                return Err(variable_error(
                    container,
                    "envFrom",
                    "needs one source".to_owned(),
                ));
            }
        };
        let data = objects.get(&reference.name);
        let data = data.map_err(|reason| variable_error(container, "envFrom", reason))?;
        for (key, bytes) in data {
            let name = format!("{}{key}", source.prefix);
            environment.retain(|(known, _)| *known != name);
            environment.push((name, String::from_utf8_lossy(bytes).into_owned()));
        }
    }
    Ok(environment)
}

/// Only what the manifest says is expanded, not what an object holds.
fn resolve_value(
    variable: &Variable,
    cluster: &Cluster,
    known: &[(String, String)],
) -> Result<String, String> {
    let of = |objects: &Objects, reference: &KeyReference| {
        let bytes = objects.get(&reference.name)?.get(&reference.key);
        let bytes =
            bytes.ok_or_else(|| format!("{} has no key {}", reference.name, reference.key))?;
        Ok(String::from_utf8_lossy(bytes).into_owned())
    };
    let Some(source) = &variable.value_from else {
        return Ok(expand_variables(&variable.value, known));
    };
    match (&source.secret_key_ref, &source.config_map_key_ref) {
        (Some(reference), None) => of(&cluster.secrets, reference),
        (None, Some(reference)) => of(&cluster.config_maps, reference),
        _ => Err("needs one source".to_owned()),
    }
}

fn variable_error(container: &Container, variable: &str, reason: String) -> KubeletError {
    let (container, variable) = (container.name.clone(), variable.to_owned());
    KubeletError::Variable {
        container,
        variable,
        reason,
    }
}

/// `$(NAME)` becomes the value of a variable that is known, else it stays; `$$` becomes `$`.
fn expand_variables(text: &str, known: &[(String, String)]) -> String {
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
            assert_eq!(expand_variables(text, &known), expected, "{text}");
        }
    }

    #[test]
    fn a_variable_sees_those_before_it() {
        let object = |key: &str, value: &str| {
            let data = [(key.to_owned(), value.as_bytes().to_vec())].into();
            let mut objects = Objects::default();
            objects.insert("o", data);
            objects
        };
        let cluster = Cluster {
            secrets: object("S", "secret $(LATER)"),
            config_maps: object("C", "<config>"),
        };
        let container = serde_json::from_value(serde_json::json!({
            "name": "c", "image": "i", "command": ["run", "$(LATER)"], "args": ["$(PATH)"],
            "envFrom": [
                { "prefix": "OF_", "secretRef": { "name": "o" } },
                { "configMapRef": { "name": "o" } },
            ],
            "env": [
                { "name": "EARLY", "value": "<$(LATER)>" },
                { "name": "LATER", "value": "x" },
                { "name": "EARLY", "value": "again $(EARLY) $(C)" },
                { "name": "S", "valueFrom": { "secretKeyRef": { "name": "o", "key": "S" } } },
            ],
        }));
        let given = [("PATH", "/bin"), ("LATER", "lost")];
        let start = build_start(&container.unwrap(), &cluster, &given).unwrap();
        assert_eq!(start.command, ["run", "x", "$(PATH)"]);
        let pairs: Vec<_> = start
            .environment
            .iter()
            .map(|(n, v)| (&**n, &**v))
            .collect();
        assert_eq!(
            pairs,
            [
                ("OF_S", "secret $(LATER)"),
                ("C", "<config>"),
                ("LATER", "x"),
                ("EARLY", "again <$(LATER)> <config>"),
                ("S", "secret $(LATER)"),
                ("PATH", "/bin"),
            ]
        );
    }
}
