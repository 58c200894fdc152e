//! The references in the environment, and the distinct questions that they put to Vault.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fmt;

use contract::names::SETTINGS_VARIABLE;
use templates::{
    EnvValue, FromPath, Reference, ReferenceError, Request, SecretReference, Selector, Template,
    TemplateError,
};
use thiserror::Error;

use crate::environment::Environment;
use crate::origins::{Judged, OriginError, Origins};
use crate::report::Reporter;

/// How many variables a warning names.
const NAMED: usize = 10;

/// The only variable whose value may be `vault:login`.
pub(crate) const TOKEN_VARIABLE: &str = "VAULT_TOKEN";

/// What the environment and the settings ask of Vault.
#[derive(Debug, Default)]
pub(crate) struct References {
    /// Variables that hold references or escapes, in the order of the environment.
    pub(crate) variables: Vec<Variable>,
    /// Variables that look like references and come from where none may: they stay as they are.
    pub(crate) left: Vec<String>,
    /// Paths of which every key becomes a variable.
    pub(crate) from_paths: Vec<FromPath>,
    /// Keys of them that the author names: each becomes the variable of this name, or none.
    pub(crate) from_path_keys: BTreeMap<String, Option<String>>,
    /// The templates in the variables, parsed, by their source.
    pub(crate) templates: BTreeMap<String, Template>,
}

/// One variable that will not stay as it is.
#[derive(Debug)]
pub(crate) struct Variable {
    /// Position in the environment.
    pub(crate) index: usize,
    /// Its name, for messages.
    pub(crate) name: String,
    /// What stands in it.
    pub(crate) value: EnvValue,
}

/// Why a value is no reference although it looks like one.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum ValueError {
    #[error("{}", templates::explain(.0))]
    Reference(#[from] ReferenceError),
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Origins(#[from] OriginError),
    #[error("the value holds a reference and is not UTF-8")]
    NotUtf8,
}

/// Errors of several variables, in the order of the environment; equal ones are told once. What
/// has no variable comes from `from-path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PerVariable<E>(pub(crate) Vec<(Option<String>, E)>);

impl<E> PerVariable<E> {
    /// The names of the variables.
    pub(crate) fn variables(&self) -> Vec<String> {
        self.0.iter().filter_map(|(name, _)| name.clone()).collect()
    }

    /// The error of the first variable.
    pub(crate) fn first(&self) -> Option<&E> {
        self.0.first().map(|(_, error)| error)
    }
}

impl<E: fmt::Display> fmt::Display for PerVariable<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
        let mut known = BTreeMap::new();
        for (name, error) in &self.0 {
            let message = error.to_string();
            let group = *known.entry(message.clone()).or_insert(groups.len());
            if group == groups.len() {
                groups.push((message, vec![]));
            }
            groups[group].1.push(name.as_deref().unwrap_or("from-path"));
        }
        for (index, (message, names)) in groups.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {message}", names.join(", "))?;
        }
        Ok(())
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for PerVariable<E> {}

impl References {
    /// Finds them; all values that are wrong are named together.
    pub(crate) fn find(
        environment: &Environment,
        from_paths: Vec<FromPath>,
        origins: &Origins,
    ) -> Result<Self, PerVariable<ValueError>> {
        let mut variables = Vec::new();
        let mut left = Vec::new();
        let mut templates = BTreeMap::new();
        let mut errors = Vec::new();
        for (index, (name, value)) in environment.iter().enumerate() {
            if name == SETTINGS_VARIABLE {
                continue;
            }
            let name = name.to_string_lossy();
            let resolved = judge(&name, value, origins, environment).and_then(|judged| {
                if matches!(judged, Judged::ResolvePart(_) | Judged::Leave) {
                    left.push(name.clone().into_owned());
                }
                prepare(&name, judged, &mut templates)
            });
            match resolved {
                Ok(EnvValue::Plain) => {}
                Ok(value) => variables.push(Variable {
                    index,
                    name: name.into_owned(),
                    value,
                }),
                Err(error) => errors.push((Some(name.into_owned()), error)),
            }
        }
        if !errors.is_empty() {
            return Err(PerVariable(errors));
        }
        Ok(Self {
            variables,
            left,
            from_paths,
            from_path_keys: BTreeMap::new(),
            templates,
        })
    }

    /// The same, with what the author says about keys of whole paths.
    pub(crate) fn with_keys(self, from_path_keys: BTreeMap<String, Option<String>>) -> Self {
        Self {
            from_path_keys,
            ..self
        }
    }

    /// Says which variables look like references and stay text, in one line.
    pub(crate) fn tell_left(&self, report: &Reporter) {
        let Some((named, more)) = self
            .left
            .split_at_checked(NAMED)
            .or(Some((&self.left[..], &[][..])))
            .filter(|(named, _)| !named.is_empty())
        else {
            return;
        };
        let more = match more.len() {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        report.warning(&format!(
            "{}{more}: left as text, because a value from fieldRef, resourceFieldRef or fileKeyRef \
             is never resolved; write the reference by `value:` in the manifest",
            named.join(", ")
        ));
    }

    /// The distinct requests, each once, in the order of the environment.
    pub(crate) fn requests(&self) -> Vec<&Request> {
        let secrets = self.references().filter_map(|reference| match reference {
            Reference::Secret(secret) => Some(&secret.request),
            Reference::Transit(_) | Reference::Login => None,
        });
        let from_paths = self.from_paths.iter().map(|entry| &entry.request);
        distinct(secrets.chain(from_paths))
    }

    /// The distinct ciphertexts of the transit engine.
    pub(crate) fn ciphertexts(&self) -> Vec<&str> {
        distinct(self.references().filter_map(|reference| match reference {
            Reference::Transit(ciphertext) => Some(ciphertext.as_str()),
            Reference::Secret(_) | Reference::Login => None,
        }))
    }

    /// Whether the program is to get the token itself.
    pub(crate) fn want_token(&self) -> bool {
        self.references().any(|r| *r == Reference::Login)
    }

    /// Whether Vault must be asked for anything.
    pub(crate) fn want_vault(&self) -> bool {
        !self.from_paths.is_empty() || self.references().any(|r| *r != Reference::Login)
    }

    fn references(&self) -> impl Iterator<Item = &Reference> {
        self.variables.iter().flat_map(|v| v.value.references())
    }
}

/// Parses a value and applies the rule about its source.
fn judge(
    name: &str,
    value: &OsStr,
    origins: &Origins,
    environment: &Environment,
) -> Result<Judged, ValueError> {
    if let Some(text) = value.to_str() {
        return origins.judge(name, text, environment);
    }
    match EnvValue::parse(&value.to_string_lossy()) {
        Ok(EnvValue::Plain) => Ok(Judged::Resolve(EnvValue::Plain)),
        _ if origins.is_text(name.as_ref()) => Ok(Judged::Leave),
        _ => Err(ValueError::NotUtf8),
    }
}

/// What is to be resolved, with its templates parsed before anything is asked of Vault.
fn prepare(
    name: &str,
    judged: Judged,
    templates: &mut BTreeMap<String, Template>,
) -> Result<EnvValue, ValueError> {
    let (Judged::Resolve(value) | Judged::ResolvePart(value)) = judged else {
        return Ok(EnvValue::Plain);
    };
    if value == EnvValue::Direct(Reference::Login) && name != TOKEN_VARIABLE {
        return Err(ReferenceError::Login.into());
    }
    for reference in value.references() {
        if let Reference::Secret(SecretReference {
            selector: Selector::Template(source),
            ..
        }) = reference
            && !templates.contains_key(source)
        {
            templates.insert(source.clone(), Template::parse(source)?);
        }
    }
    Ok(value)
}

fn distinct<T: Ord + Copy>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(*item)).collect()
}

#[cfg(test)]
mod tests {
    use super::References;
    use crate::environment::Environment;
    use crate::origins::Origins;
    use std::ffi::OsString;
    use std::os::unix::ffi::OsStringExt as _;

    fn environment(variables: &[(&str, &[u8])]) -> Environment {
        Environment::new(
            variables
                .iter()
                .map(|(name, value)| ((*name).into(), OsString::from_vec(value.to_vec()))),
        )
    }

    fn find(variables: &[(&str, &[u8])]) -> References {
        References::find(&environment(variables), vec![], &Origins::Caller).unwrap()
    }

    #[test]
    fn every_request_and_ciphertext_once_in_order() {
        let references = find(&[
            ("A", b"vault:z#k"),
            ("B", b"x ${vault:z#other} ${vault:v1:abc}"),
            ("C", b"vault:a#k#2"),
            ("D", b"vault:a#k"),
            ("E", b"vault:v1:abc"),
            ("F", b"plain"),
        ]);
        let requests = references.requests();
        let paths: Vec<_> = requests.iter().map(|r| r.path().as_str()).collect();
        assert_eq!(paths, ["z", "a", "a"]);
        assert_eq!(references.ciphertexts(), ["vault:v1:abc"]);
        assert!(references.want_vault() && !references.want_token());
    }

    #[test]
    fn an_escape_needs_nothing() {
        let references = find(&[("A", b"\\vault:a#b")]);
        assert_eq!(references.variables.len(), 1);
        assert!(!references.want_vault() && !references.want_token());
    }

    #[test]
    fn login_is_for_one_variable() {
        let references = find(&[("VAULT_TOKEN", b"vault:login")]);
        assert!(!references.want_vault() && references.want_token());
        let error = References::find(
            &environment(&[("V", b"vault:login")]),
            vec![],
            &Origins::Caller,
        )
        .unwrap_err();
        assert!(error.to_string().contains("VAULT_TOKEN"), "{error}");
    }

    #[test]
    fn bytes_that_are_no_text_are_left_alone_unless_they_hold_a_reference() {
        assert!(
            find(&[("A", b"\xff vault"), ("B", b"vault://\xff")])
                .variables
                .is_empty()
        );
        let wrong: [(&str, &[u8]); 3] = [
            ("A", b"vault:a#\xff"),
            ("B", b"ok"),
            ("C", b"\xff ${vault:a#b}"),
        ];
        let error = References::find(&environment(&wrong), vec![], &Origins::Caller).unwrap_err();
        assert_eq!(error.variables(), ["A", "C"]);
        assert_eq!(
            error.to_string(),
            "A, C: the value holds a reference and is not UTF-8"
        );
    }

    #[test]
    fn all_wrong_values_are_told_together() {
        let wrong: [(&str, &[u8]); 3] =
            [("A", b"vault:a"), ("B", b"vault:b#k#-1"), ("C", b"vault:a")];
        let error = References::find(&environment(&wrong), vec![], &Origins::Caller).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("A, C: `vault:a` names no key"), "{text}");
        assert!(text.contains("; B: version \"-1\""), "{text}");
    }

    #[test]
    fn our_own_variable_is_not_looked_at() {
        let settings = br#"{"exec":{"from_path":["vault:x"]}} ${vault:a#b}"#;
        assert!(
            find(&[("TOKENPIPE_SETTINGS", settings)])
                .variables
                .is_empty()
        );
    }
}
