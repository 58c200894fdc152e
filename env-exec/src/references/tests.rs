use super::References;
use crate::environment::Environment;
use crate::origins::Origins;
use contract::message::{MESSAGE_WORDS, words};
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

/// No kubelet composed it: it is a text that only resembles the other variable's.
#[test]
fn reference_of_another_variable_in_a_text_stays_text() {
    let references = find(&[
        ("URL", b"db://u:vault:a/b#password@h?u=vault:a/b#user"),
        ("PASSWORD", b"vault:a/b#password"),
        ("VAULT_TOKEN", b"vault:login"),
        ("HEADER", b"Bearer vault:login"),
    ]);
    let names: Vec<_> = references
        .variables
        .iter()
        .map(|v| v.name.as_str())
        .collect();
    assert_eq!(names, ["PASSWORD", "VAULT_TOKEN"]);
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
    let wrong: [(&str, &[u8]); 3] = [
        ("A", b"vault:a/b"),
        ("B", b"vault:b#k#-1"),
        ("C", b"vault:a/b"),
    ];
    let error = References::find(&environment(&wrong), vec![], &Origins::Caller).unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with(
            "A, C: `vault:a/b` names no key; write `vault:a/b#KEY`, or put a backslash before it to \
             keep the text; "
        ),
        "{text}"
    );
    assert!(text.contains("; B: version \"-1\""), "{text}");
}

#[test]
fn warnings_about_many_variables_are_short() {
    let names: Vec<_> = (0..100).map(|n| format!("NAME_{n}")).collect();
    let references = References {
        left: names.clone(),
        left_json: names,
        ..References::default()
    };
    let warnings: Vec<_> = references.left_warnings().collect();
    assert_eq!(warnings.len(), 2);
    for warning in warnings {
        assert!(warning.contains("NAME_9 and 90 more: left as text, because "));
        let count = words(&warning);
        assert!(count <= MESSAGE_WORDS, "{count} words: {warning}");
    }
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
