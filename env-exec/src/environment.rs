//! Environment in, environment out. The only place that builds what the program will see.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt as _;

use secrecy::{ExposeSecret as _, SecretSlice};

/// The bytes of a resolved value: wiped when dropped, never printed.
pub(crate) type SecretBytes = SecretSlice<u8>;

/// Variables in their order. A name may occur twice, as the kernel allows. Holds secrets, so it
/// has no `Debug`.
#[derive(Clone)]
pub(crate) struct Environment(Vec<(OsString, OsString)>);

/// What became of the variables that held references.
#[derive(Default)]
pub(crate) struct Resolved {
    /// By position in the environment; `None` leaves the variable out.
    pub(crate) values: BTreeMap<usize, Option<SecretBytes>>,
    /// Variables that come from whole paths, by name.
    pub(crate) from_paths: BTreeMap<String, SecretBytes>,
    /// What to say about whole paths.
    pub(crate) warnings: Vec<String>,
}

impl Environment {
    /// The variables in the order in which they were given.
    pub(crate) fn new(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Self {
        Self(variables.into_iter().collect())
    }

    /// The first value of that name: what `getenv` gives.
    pub(crate) fn get(&self, name: &str) -> Option<&OsStr> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_os_str())
    }

    /// All variables, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }
}

/// The program's environment: `current` with resolved values in place, without `removed`, and
/// then what paths add under names that nobody else uses.
pub(crate) fn target(current: &Environment, resolved: &Resolved, removed: &[&str]) -> Environment {
    let is_removed = |name: &OsStr| removed.iter().any(|removed| name == *removed);
    let mut variables = Vec::new();
    for (index, (name, value)) in current.iter().enumerate() {
        let value = match resolved.values.get(&index) {
            None if is_removed(name) => continue,
            Some(None) => continue,
            None => value.to_owned(),
            Some(Some(secret)) => OsString::from_vec(secret.expose_secret().to_vec()),
        };
        variables.push((name.to_owned(), value));
    }
    for (name, secret) in &resolved.from_paths {
        if current.get(name).is_none() {
            let value = OsString::from_vec(secret.expose_secret().to_vec());
            variables.push((name.into(), value));
        }
    }
    Environment(variables)
}

#[cfg(test)]
mod tests {
    use super::{Environment, Resolved, SecretBytes, target};
    use proptest::prelude::*;
    use std::ffi::OsString;
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

    fn environment(variables: &[(&str, &[u8])]) -> Environment {
        Environment::new(
            variables
                .iter()
                .map(|(name, value)| ((*name).into(), OsString::from_vec(value.to_vec()))),
        )
    }

    fn shown(environment: &Environment) -> Vec<String> {
        environment
            .iter()
            .map(|(name, value)| format!("{}={}", name.display(), value.as_bytes().escape_ascii()))
            .collect()
    }

    fn secret(text: &str) -> SecretBytes {
        text.as_bytes().to_vec().into()
    }

    #[test]
    fn untouched_variables_keep_order_bytes_and_duplicates() {
        let current = environment(&[("B", b"2"), ("A", b"\xff\n"), ("B", b"3"), ("EMPTY", b"")]);
        let target = target(&current, &Resolved::default(), &[]);
        assert_eq!(shown(&target), ["B=2", "A=\\xff\\n", "B=3", "EMPTY="]);
    }

    #[test]
    fn resolved_values_stand_where_their_references_stood() {
        let current = environment(&[("A", b"vault:a#b"), ("B", b"2"), ("C", b"vault:a#c?")]);
        let resolved = Resolved {
            values: [(0, Some(secret("one"))), (2, None)].into(),
            ..Resolved::default()
        };
        assert_eq!(shown(&target(&current, &resolved, &[])), ["A=one", "B=2"]);
    }

    #[test]
    fn a_removed_variable_that_was_resolved_stays() {
        let current = environment(&[
            ("TOKENPIPE_SETTINGS", b"{}"),
            ("VAULT_TOKEN", b"vault:login"),
            ("VAULT_ADDR", b"http://vault"),
        ]);
        let resolved = Resolved {
            values: [(1, Some(secret("hvs.token")))].into(),
            ..Resolved::default()
        };
        let removed = ["TOKENPIPE_SETTINGS", "VAULT_TOKEN"];
        assert_eq!(
            shown(&target(&current, &resolved, &removed)),
            ["VAULT_TOKEN=hvs.token", "VAULT_ADDR=http://vault"]
        );
    }

    proptest! {
        #[test]
        fn variable_without_reference_is_untouched(
            variables in proptest::collection::vec(("[A-Z]{1,3}", proptest::collection::vec(1_u8.., 0..8)), 0..8),
            resolved in proptest::collection::btree_map(0_usize..8, proptest::option::of("[a-z]{0,3}"), 0..4),
        ) {
            let current = Environment::new(variables.iter().map(|(n, v)| (n.into(), OsString::from_vec(v.clone()))));
            let values = resolved.iter().map(|(index, value)| (*index, value.as_deref().map(secret)));
            let target = target(&current, &Resolved { values: values.collect(), ..Resolved::default() }, &[]);
            let kept = |(index, _): &(usize, _)| !matches!(resolved.get(index), Some(None));
            let expected = variables.iter().enumerate().filter(kept).map(|(index, (name, value))| {
                let value = resolved.get(&index).and_then(Option::as_ref).map_or_else(|| value.clone(), |text| text.clone().into_bytes());
                (OsString::from(name), OsString::from_vec(value))
            });
            let found = target.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
            prop_assert!(found.eq(expected));
        }
    }

    #[test]
    fn paths_add_only_names_that_are_free() {
        let current = environment(&[("password", b"mine")]);
        let resolved = Resolved {
            from_paths: [
                ("password".into(), secret("theirs")),
                ("user".into(), secret("u")),
            ]
            .into(),
            ..Resolved::default()
        };
        assert_eq!(
            shown(&target(&current, &resolved, &[])),
            ["password=mine", "user=u"]
        );
    }
}
