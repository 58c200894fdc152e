//! A key that is not one of the method's.

use crate::flavour::Flavour;
use crate::methods;
use crate::problem::{Fault, list, shown};
use crate::schema::Method;

/// Settings of the method block that are not the method's own, and the annotation for each.
const ELSEWHERE: [(&str, &str); 8] = [
    ("type", "it is the annotation `auth-method`"),
    ("mount_path", "it is the annotation `auth-mount-path`"),
    ("namespace", "it is the annotation `auth-namespace`"),
    ("wrap_ttl", "it is the annotation `auth-wrap-ttl`"),
    ("config", "its keys stand here by themselves"),
    (
        "min_backoff",
        "how often a login is tried again is not the pod's to set",
    ),
    (
        "max_backoff",
        "how often a login is tried again is not the pod's to set",
    ),
    (
        "exit_on_err",
        "how often a login is tried again is not the pod's to set",
    ),
];

/// Why `name` is not a key of `method`.
pub(super) fn fault(method: &'static Method, flavour: Flavour, name: &str) -> Fault {
    if let Some(refused) = method.refused.iter().find(|refused| refused.name == name) {
        return Fault::Refused {
            key: refused.name,
            sentence: refused.sentence,
        };
    }
    if let Some((key, sentence)) = ELSEWHERE.iter().find(|(key, _)| *key == name) {
        return Fault::Refused { key, sentence };
    }
    if let Some(key) = method.key(name) {
        return Fault::OtherFlavour {
            method: method.name,
            key: key.name,
            flavour,
        };
    }
    let known = || {
        method
            .keys
            .iter()
            .filter(|key| key.flavours.include(flavour))
            .map(|key| key.name)
    };
    let owner = methods::ALL
        .iter()
        .find_map(|owner| owner.key(name).map(|key| (owner, key)));
    if let Some((owner, key)) = owner {
        return Fault::OtherMethod {
            method: method.name,
            key: key.name,
            owner: owner.name,
            known: list(known()),
        };
    }
    Fault::UnknownKey {
        method: method.name,
        key: shown(name),
        nearest: contract::nearest(name, known()),
        known: list(known()),
    }
}
