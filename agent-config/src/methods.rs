//! The list of methods, and the way from a name to one.
//!
//! A method is one file with one table. To add one: write the file, and name it here twice.

mod approle;
mod cert;
mod jwt;
mod kubernetes;
mod token_file;

use thiserror::Error;

use crate::flavour::Flavour;
use crate::schema::Method;

/// Every method, in alphabetical order.
pub const ALL: &[&Method] = &[
    &approle::METHOD,
    &cert::METHOD,
    &jwt::METHOD,
    &kubernetes::METHOD,
    &token_file::METHOD,
];

/// What people write for a method that has another name, or none.
const OTHER_NAMES: [(&str, &str); 9] = [
    (
        "github",
        "Vault's agent has no Auto-Auth for GitHub: it needs a person",
    ),
    ("k8s", "the method is called `kubernetes`"),
    (
        "oidc",
        "OIDC needs a browser; a program logs in with `jwt`, on a mount of type jwt or oidc",
    ),
    (
        "pcf",
        "`pcf` is the former name of `cf`, and the agent no longer takes it",
    ),
    (
        "serviceaccount",
        "a ServiceAccount logs in with `kubernetes`, or with `jwt` where Vault cannot reach the API server",
    ),
    (
        "spiffe",
        "a JWT-SVID logs in with `jwt`, an X.509-SVID with `cert`",
    ),
    ("tls", "the method is called `cert`"),
    ("token", "a token that is already there is `token_file`"),
    (
        "userpass",
        "Vault's agent has no Auto-Auth for user name and password",
    ),
];

impl Method {
    /// The method called `name` that `flavour`'s agent has.
    pub fn find(name: &str, flavour: Flavour) -> Result<&'static Self, MethodError> {
        find_in(ALL, name, flavour)
    }
}

fn find_in(
    methods: &'static [&'static Method],
    name: &str,
    flavour: Flavour,
) -> Result<&'static Method, MethodError> {
    if let Some(method) = methods.iter().find(|method| method.name == name) {
        return if method.flavours.include(flavour) {
            Ok(method)
        } else {
            Err(MethodError::Flavour {
                method: method.name,
                flavour,
                known: names(methods, flavour),
            })
        };
    }
    let known = || {
        methods
            .iter()
            .filter(|method| method.flavours.include(flavour))
            .map(|method| method.name)
    };
    let lower = name.to_lowercase();
    if let Some(method) = known().find(|known| *known == lower) {
        return Err(MethodError::Case { method });
    }
    if let Some((name, sentence)) = OTHER_NAMES.iter().find(|(other, _)| *other == lower) {
        return Err(MethodError::OtherName {
            name,
            sentence,
            known: names(methods, flavour),
        });
    }
    Err(MethodError::Unknown {
        name: crate::problem::shown(name),
        nearest: contract::nearest(name, known()),
        known: names(methods, flavour),
    })
}

fn names(methods: &[&Method], flavour: Flavour) -> String {
    crate::problem::list(
        methods
            .iter()
            .filter(|method| method.flavours.include(flavour))
            .map(|method| method.name),
    )
}

/// Why a name is not that of a method.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum MethodError {
    #[error("tokenpipe knows no method {name}{}; it knows {known}", crate::problem::did_you_mean(*nearest))]
    Unknown {
        name: String,
        nearest: Option<&'static str>,
        known: String,
    },
    #[error("methods are written in small letters: `{method}`")]
    Case { method: &'static str },
    #[error("tokenpipe knows no method `{name}`: {sentence}; it knows {known}")]
    OtherName {
        name: &'static str,
        sentence: &'static str,
        known: String,
    },
    #[error("{flavour}'s agent has no method `{method}`; it has {known}")]
    Flavour {
        method: &'static str,
        flavour: Flavour,
        known: String,
    },
}

#[cfg(test)]
mod tests;
