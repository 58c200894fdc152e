//! References that kubelet copied to where nobody resolves them.
//!
//! kubelet replaces `$(NAME)` in `command`, `args` and later variables before env-exec runs. The
//! program would get the reference instead of the secret, so such a start is refused.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use templates::reference::READ;
use templates::{EnvValue, Reference};
use thiserror::Error;

use crate::environment::Environment;
use crate::origins::Origins;
use crate::references::References;

/// Where a whole reference was found that nobody would resolve.
#[derive(Debug, PartialEq, Eq, Error)]
pub(crate) enum ExpandedError {
    #[error(
        "argument {position} contains {found}: env-exec resolves references in environment \
         variables only; let a shell expand the variable (`sh -c 'exec program \"$NAME\"'`) or let \
         the program read it"
    )]
    Argument {
        /// The first argument behind the program's name is 1.
        position: usize,
        found: Found,
    },
    #[error(
        "{variable}: the value contains the reference of {of} as plain text (expanded from \
         `$({of})`?): write it inline, `${{vault:…}}`"
    )]
    Variable { variable: String, of: String },
}

/// What an argument contains.
#[derive(Debug, PartialEq, Eq, Error)]
pub(crate) enum Found {
    #[error("the reference of {0} (expanded from `$({0})`?)")]
    Of(String),
    #[error("a reference")]
    Reference,
}

impl ExpandedError {
    /// The variables that the error names.
    pub(crate) fn variables(&self) -> Vec<String> {
        match self {
            Self::Argument {
                found: Found::Of(name),
                ..
            } => vec![name.clone()],
            Self::Argument { .. } => vec![],
            Self::Variable { variable, .. } => vec![variable.clone()],
        }
    }
}

/// Refuses arguments and untouched values that contain a whole reference. A value that is text
/// whatever it looks like is none: else one who patches an annotation could stop a start.
pub(crate) fn refuse(
    arguments: &[OsString],
    environment: &Environment,
    references: &References,
    origins: &Origins,
) -> Result<(), ExpandedError> {
    let direct = direct(environment, references);
    for (position, argument) in arguments.iter().enumerate().skip(1) {
        if let Some(found) = find(argument, &direct)
            && !holds_text(argument, environment, origins)
        {
            return Err(ExpandedError::Argument { position, found });
        }
    }
    let touched: Vec<usize> = references.variables.iter().map(|v| v.index).collect();
    for (index, (name, value)) in environment.iter().enumerate() {
        if touched.binary_search(&index).is_err()
            && let Some(of) = contained(value, &direct)
            && !origins.is_text(name)
        {
            return Err(ExpandedError::Variable {
                variable: name.to_string_lossy().into_owned(),
                of: of.into(),
            });
        }
    }
    Ok(())
}

/// Name and whole text of every variable that is one reference.
fn direct<'a>(
    environment: &'a Environment,
    references: &'a References,
) -> Vec<(&'a str, &'a OsStr)> {
    let values: Vec<_> = environment.iter().map(|(_, value)| value).collect();
    references
        .variables
        .iter()
        .filter(|variable| matches!(variable.value, EnvValue::Direct(_)))
        .filter_map(|variable| Some((variable.name.as_str(), *values.get(variable.index)?)))
        .collect()
}

fn find(argument: &OsStr, direct: &[(&str, &OsStr)]) -> Option<Found> {
    if let Some(name) = contained(argument, direct) {
        return Some(Found::Of(name.into()));
    }
    let text = argument.to_str()?;
    let behind_equals = text.split_once('=').map(|(_, value)| value);
    let is_reference = [Some(text), behind_equals]
        .into_iter()
        .flatten()
        .any(holds_reference);
    is_reference.then_some(Found::Reference)
}

/// Whether what looks like a reference comes from a variable whose value is text.
fn holds_text(argument: &OsStr, environment: &Environment, origins: &Origins) -> bool {
    environment.iter().any(|(name, value)| {
        contains(value.as_bytes(), READ.as_bytes())
            && contains(argument.as_bytes(), value.as_bytes())
            && origins.is_text(name)
    })
}

/// `vault:login` alone is no evidence: `chown vault:login` is a user and a group.
fn holds_reference(text: &str) -> bool {
    EnvValue::parse(text)
        .is_ok_and(|value| value.references().any(|found| *found != Reference::Login))
}

fn contained<'a>(text: &OsStr, direct: &[(&'a str, &OsStr)]) -> Option<&'a str> {
    // What every reference has, looked for once: values can be large and references many.
    if !contains(text.as_bytes(), READ.as_bytes()) {
        return None;
    }
    direct
        .iter()
        .find(|(_, reference)| contains(text.as_bytes(), reference.as_bytes()))
        .map(|(name, _)| *name)
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len().max(1)).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::{ExpandedError, refuse};
    use crate::environment::Environment;
    use crate::origins::Origins;
    use crate::references::References;
    use std::ffi::OsString;

    fn check(variables: &[(&str, &str)], arguments: &[&str]) -> Result<(), ExpandedError> {
        let environment = Environment::new(
            variables
                .iter()
                .map(|(name, value)| (name.into(), value.into())),
        );
        let references = References::find(&environment, vec![], &Origins::Caller).unwrap();
        let arguments: Vec<OsString> = std::iter::once("program")
            .chain(arguments.iter().copied())
            .map(OsString::from)
            .collect();
        refuse(&arguments, &environment, &references, &Origins::Caller)
    }

    const PASSWORD: (&str, &str) = ("PASSWORD", "vault:secret/data/db#password");

    #[test]
    fn arguments_that_pass() {
        for argument in [
            "plain",
            "vault:8200",
            "--addr=http://vault:8200",
            "vault:vault",
            "vault:login",
            "vault:secret/data/other",
            "see vault:secret/data/other#key",
            "\\${vault:secret/data/other#key}",
            "${PASSWORD}",
            "a=b=vault:secret/data/other#key",
        ] {
            assert_eq!(check(&[PASSWORD], &[argument]), Ok(()), "{argument}");
        }
    }

    #[test]
    fn arguments_that_do_not() {
        for (argument, part) in [
            ("vault:secret/data/db#password", "PASSWORD"),
            ("x-vault:secret/data/db#password-y", "PASSWORD"),
            ("vault:secret/data/other#key", "a reference"),
            ("--x=vault:secret/data/other#key", "a reference"),
            ("--x=>>vault:pki/issue/r#key", "a reference"),
            ("http://${vault:secret/data/other#key}/", "a reference"),
            ("--x=vault:v1:abc", "a reference"),
        ] {
            let error = check(&[PASSWORD], &["first", argument])
                .unwrap_err()
                .to_string();
            assert!(error.contains("argument 2"), "{argument}: {error}");
            assert!(error.contains(part), "{argument}: {error}");
        }
    }

    #[test]
    fn the_programs_own_name_is_not_an_argument() {
        let environment = Environment::new([]);
        let program = [OsString::from("vault:a#b")];
        assert_eq!(
            refuse(
                &program,
                &environment,
                &References::default(),
                &Origins::Caller
            ),
            Ok(())
        );
    }

    #[test]
    fn the_tokens_variable_makes_login_evidence() {
        let error = check(&[("VAULT_TOKEN", "vault:login")], &["--token=vault:login"]);
        assert!(error.unwrap_err().to_string().contains("VAULT_TOKEN"));
    }

    #[test]
    fn untouched_values() {
        let url = ("URL", "http://u:vault:secret/data/db#password@h");
        let error = check(&[url, PASSWORD], &[]).unwrap_err();
        assert_eq!(error.variables(), ["URL"]);
        assert!(error.to_string().contains("$(PASSWORD)"), "{error}");
        assert_eq!(check(&[url], &[]), Ok(()));
        let inline = ("URL", "http://u:${vault:secret/data/db#password}@h");
        assert_eq!(check(&[inline, PASSWORD], &[]), Ok(()));
        let escaped = ("TEXT", "\\vault:secret/data/db#password");
        assert_eq!(check(&[escaped, PASSWORD], &[]), Ok(()));
    }
}
