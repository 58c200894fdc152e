//! The list of methods, and the way from a name to one.
//!
//! A method is one file with one table. To add one: write the file, and name it here twice.

mod alicloud;
mod approle;
mod aws;
mod azure;
mod cert;
mod cf;
mod gcp;
mod jwt;
mod kerberos;
mod kubernetes;
mod ldap;
mod oci;
mod token_file;

use contract::did_you_mean_or;
use thiserror::Error;

use crate::flavour::Flavour;
use crate::schema::Method;

/// Every method, in alphabetical order.
pub const ALL: &[&Method] = &[
    &alicloud::METHOD,
    &approle::METHOD,
    &aws::METHOD,
    &azure::METHOD,
    &cert::METHOD,
    &cf::METHOD,
    &gcp::METHOD,
    &jwt::METHOD,
    &kerberos::METHOD,
    &kubernetes::METHOD,
    &ldap::METHOD,
    &oci::METHOD,
    &token_file::METHOD,
];

/// What people write for a method that has another name, or none.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("ali", "the method is called `alicloud`"),
    (
        "eks",
        "a pod of EKS logs in with `aws`, or with `kubernetes` or `jwt`",
    ),
    (
        "github",
        "GitHub logins need a person; a workflow of GitHub logs in with `jwt`",
    ),
    (
        "gke",
        "a pod of GKE logs in with `gcp`, or with `kubernetes` or `jwt`",
    ),
    ("google", "the method is called `gcp`"),
    ("iam", "IAM is a `type` of the methods `aws` and `gcp`"),
    ("k8s", "the method is called `kubernetes`"),
    ("krb5", "the method is called `kerberos`"),
    (
        "oidc",
        "OIDC needs a browser; a program logs in with `jwt`, on a mount of type jwt or oidc",
    ),
    (
        "okta",
        "Okta logins need a person; a token that Okta issues logs in with `jwt`",
    ),
    ("pcf", "`pcf` is the former name of `cf`; write `cf`"),
    (
        "radius",
        "the agent has no login by RADIUS; `ldap` takes a user name and a password",
    ),
    (
        "saml",
        "SAML needs a browser; a program logs in with `jwt` or `cert`",
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
        "tpm",
        "`tpm` is Vault Enterprise's and needs the node's device; a certificate file logs in with `cert`",
    ),
    (
        "userpass",
        "Vault's own users are people; `approle` is for programs, `ldap` takes a password",
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
        return Err(MethodError::OtherName { name, sentence });
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
    #[error("tokenpipe knows no method {name}{}", did_you_mean_or(*nearest, known))]
    Unknown {
        name: String,
        nearest: Option<&'static str>,
        known: String,
    },
    #[error("methods are written in small letters: `{method}`")]
    Case { method: &'static str },
    #[error("tokenpipe knows no method `{name}`: {sentence}")]
    OtherName {
        name: &'static str,
        sentence: &'static str,
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
