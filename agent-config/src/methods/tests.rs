use contract::message::{MESSAGE_WORDS, words};

use super::{ALL, Method, MethodError, OTHER_NAMES, find_in};
use crate::flavour::{Flavour, Flavours};
use crate::problem::{Fault, Problem, Setting};
use crate::schema::{FileDefault, Kind, Outcome};

static LDAP: Method = Method {
    name: "ldap",
    flavours: Flavours::VaultOnly,
    ..Method::BASE
};
static BOTH: Method = Method {
    name: "kubernetes",
    ..Method::BASE
};
static SOME: &[&Method] = &[&BOTH, &LDAP];

#[test]
fn a_method_is_found_by_its_name() {
    for method in ALL {
        for flavour in Flavour::ALL {
            match Method::find(method.name, flavour) {
                Ok(found) => assert_eq!(found.name, method.name),
                Err(error) => assert!(!method.flavours.include(flavour), "{error}"),
            }
        }
    }
}

#[test]
fn every_auto_auth_method_of_both_agents_is_there() {
    let of = |flavour| {
        ALL.iter()
            .filter(|method| method.flavours.include(flavour))
            .map(|method| method.name)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        of(Flavour::Vault),
        "alicloud approle aws azure cert cf gcp jwt kerberos kubernetes ldap oci token_file"
    );
    assert_eq!(
        of(Flavour::OpenBao),
        "approle cert jwt kerberos kubernetes token_file"
    );
}

#[test]
fn unknown_method_is_rejected() {
    let cases = [
        ("aprole", "; did you mean \"approle\"?"),
        ("app-role", "; did you mean \"approle\"?"),
        ("Kubernetes", "small letters: `kubernetes`"),
        ("JWT", "small letters: `jwt`"),
        ("pcf", "former name of `cf`"),
        ("PCF", "former name of `cf`"),
        ("k8s", "is called `kubernetes`"),
        ("tpm", "is Vault Enterprise's"),
        ("oidc", "a program logs in with `jwt`"),
        ("userpass", "`approle` is for programs"),
        ("github", "a workflow of GitHub logs in with `jwt`"),
        ("spiffe", "a JWT-SVID logs in with `jwt`"),
        ("ldpa", "; did you mean \"ldap\"?"),
        ("", "knows no method ``;"),
        ("a\nb", "`a\\nb`"),
    ];
    for (name, part) in cases {
        let error = Method::find(name, Flavour::Vault).unwrap_err().to_string();
        assert!(error.contains(part), "{name:?}: {error}");
        assert!(!error.contains('\n'), "{name:?}: {error}");
        assert_short(&format!("annotation tokenpipe.dev/auth-method: {error}"));
    }
    let long = Method::find(&"x".repeat(1_000_000), Flavour::Vault).unwrap_err();
    assert!(long.to_string().len() < 300, "{long}");
}

#[test]
fn an_unknown_method_lists_those_that_there_are() {
    insta::assert_snapshot!(
        Method::find("something", Flavour::OpenBao).unwrap_err(),
        @"tokenpipe knows no method `something`; known are `approle`, `cert`, `jwt`, `kerberos`, `kubernetes` and `token_file`"
    );
}

#[test]
fn a_method_of_the_other_flavour_is_refused_and_not_listed() {
    assert_eq!(find_in(SOME, "ldap", Flavour::Vault).unwrap().name, "ldap");
    insta::assert_snapshot!(
        find_in(SOME, "ldap", Flavour::OpenBao).unwrap_err(),
        @"OpenBao's agent has no method `ldap`; it has `kubernetes`"
    );
    let near = find_in(SOME, "ldab", Flavour::OpenBao).unwrap_err();
    assert!(
        matches!(near, MethodError::Unknown { nearest: None, .. }),
        "{near}"
    );
}

#[test]
fn no_other_name_hides_a_method() {
    for (name, _) in OTHER_NAMES {
        assert!(ALL.iter().all(|method| method.name != *name), "{name}");
        let error = Method::find(name, Flavour::Vault).unwrap_err();
        assert_short(&format!("annotation tokenpipe.dev/auth-method: {error}"));
    }
}

fn assert_short(sentence: &str) {
    let count = words(sentence);
    assert!(count <= MESSAGE_WORDS, "{count} words: {sentence}");
}

/// As the webhook reports them.
#[test]
fn sentences_of_the_tables_are_short() {
    for method in ALL {
        let name = method.name;
        for rule in method.rules {
            let place = match rule.outcome {
                Outcome::Refuse => Setting::Config.to_string(),
                Outcome::Warn => format!("method `{name}`"),
                Outcome::SingleUse => {
                    let restart = "restart is \"fail\", not \"rerun\"";
                    format!("{restart}: a second login would fail, because")
                }
            };
            assert_short(&format!("{place}: {}", rule.sentence));
        }
        let refused = method.refused.iter().map(|refused| Fault::Refused {
            key: refused.name,
            sentence: refused.sentence,
        });
        let inline = method.keys.iter().filter_map(|key| match key.kind {
            Kind::Credential { instead } => Some(Fault::Inline {
                key: key.name,
                instead,
            }),
            _ => None,
        });
        for fault in refused.chain(inline) {
            let setting = Setting::Config;
            assert_short(&Problem { setting, fault }.to_string());
        }
    }
}

/// What the rest of the crate relies on in every table.
#[test]
fn the_tables_are_sound() {
    assert!(ALL.is_sorted_by_key(|method| method.name));
    for method in ALL {
        let name = method.name;
        assert!(method.summary.ends_with('.'), "{name}");
        assert!(method.pod.ends_with('.'), "{name}");
        if let Some(role) = method.role_key {
            assert!(method.key(role).is_some(), "{name}: {role}");
        }
        for (index, key) in method.keys.iter().enumerate() {
            let place = format!("{name}: {}", key.name);
            let before = &method.keys[..index];
            assert!(before.iter().all(|other| other.name != key.name), "{place}");
            assert!(key.note.ends_with('.'), "{place}");
            assert_eq!(key.name, key.name.to_lowercase(), "{place}");
            match key.kind {
                Kind::Removal { file } => {
                    assert!(before.iter().any(|other| other.name == file), "{place}");
                }
                Kind::Path(FileDefault::LeftOut) => assert!(!key.default.is_empty(), "{place}"),
                Kind::Path(_) => assert!(key.default.is_empty(), "{place}"),
                _ => assert_eq!(key.default.is_empty(), key.required, "{place}"),
            }
        }
        for variable in method.variables {
            assert!(variable.note.ends_with('.'), "{name}: {variable:?}");
        }
        for refused in method.refused {
            assert!(method.key(refused.name).is_none(), "{name}: {refused:?}");
            assert!(!refused.sentence.ends_with('.'), "{name}: {refused:?}");
        }
        for rule in method.rules {
            assert!(!rule.sentence.ends_with('.'), "{name}: {rule:?}");
        }
    }
}
