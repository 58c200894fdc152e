//! References that kubelet copied to where nobody resolves them.
//!
//! kubelet replaces `$(NAME)` in `command` and `args` before env-exec runs. The program would get the
//! reference instead of the secret, so such a start is refused.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use templates::reference::READ;
use templates::{EnvValue, Reference};
use thiserror::Error;

use crate::embedded::Direct;
use crate::environment::Environment;
use crate::origins::Origins;
use crate::references::References;

/// An argument with a whole reference that nobody would resolve.
#[derive(Debug, PartialEq, Eq, Error)]
#[error(
    "argument {position} contains {found}, which nothing resolves; let the program read the \
     variable, or a shell (`sh -c 'exec program \"$NAME\"'`)"
)]
pub(crate) struct ExpandedError {
    /// The first argument behind the program's name is 1.
    position: usize,
    found: Found,
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
        match &self.found {
            Found::Of(name) => vec![name.clone()],
            Found::Reference => vec![],
        }
    }
}

/// Refuses arguments that contain a whole reference. A value that is text whatever it looks like is
/// none: else one who patches an annotation could stop a start.
pub(crate) fn refuse(
    arguments: &[OsString],
    environment: &Environment,
    references: &References,
    origins: &Origins,
) -> Result<(), ExpandedError> {
    let direct = Direct::of(environment, &references.variables);
    for (position, argument) in arguments.iter().enumerate().skip(1) {
        if let Some(found) = find(argument, &direct)
            && !holds_text(argument, environment, origins)
        {
            return Err(ExpandedError { position, found });
        }
    }
    Ok(())
}

fn find(argument: &OsStr, direct: &Direct<'_>) -> Option<Found> {
    if let Some(name) = direct.find(argument) {
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
            && (origins.is_text(name) || name.to_str().is_some_and(|name| origins.skips(name)))
    })
}

/// `vault:login` alone is no evidence: `chown vault:login` is a user and a group.
fn holds_reference(text: &str) -> bool {
    EnvValue::parse(text)
        .is_ok_and(|value| value.references().any(|found| *found != Reference::Login))
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
}
