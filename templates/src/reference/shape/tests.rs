use std::time::{Duration, Instant};

use super::{End, FORMS, is_json, starts, starts_reference};

#[test]
fn each_form_is_matched_by_its_own_example_alone() {
    for (index, form) in FORMS.iter().enumerate() {
        let rest = form.example.strip_prefix("vault:").unwrap();
        let matching: Vec<_> = (0..FORMS.len())
            .filter(|other| super::follows(FORMS[*other].atoms, rest, End::OfText))
            .collect();
        assert_eq!(matching, [index], "{}", form.example);
        assert!(starts_reference(&format!(">>{}", form.example)));
    }
}

/// What people put into variables, and each with two neighbours.
#[test]
fn text_that_can_be_no_reference_is_text() {
    for text in [
        "vault:",
        "vault: bump to 1.21",
        "vault: fix #12 in a/b",
        "vault:\tsee docs/a.md#b",
        "vault:latest",
        "vault:1.13.3",
        "vault:1.13.3-ubi",
        "vault:api.example.com:token",
        "vault:api token/x#y",
        "vault:8200",
        "vault:8200,vault-2:8200/v1#x",
        "vault:8200\u{a0}a/b",
        "vault://secret/app",
        "vault:login:shell",
        "vault:login ",
        "vault:v1",
        "vault:vault",
        ">>vault:latest",
        "Vault:a/b#c",
        " vault:a/b#c",
    ] {
        assert!(!starts_reference(text), "{text:?}");
    }
    for (text, is_inline) in [
        ("vault:-default}", false),
        ("vault:latest} a/b#c", false),
        ("vault:a b/c#d}", false),
        ("vault:8200}/x#y", false),
        ("vault:login", false),
        ("vault:login} a/b", true),
        ("vault:a/b", true),
        ("vault:a#b} c", true),
        ("vault:v1:abc}", true),
    ] {
        assert_eq!(starts(text, End::AtBrace), is_inline, "{text}");
    }
}

#[test]
fn path_without_a_key_and_odd_paths_stay_references() {
    for text in [
        "vault:secret/data/db",
        "vault:secret/data/my db#k",
        "vault:a#b c",
        "vault:a{b/c#k",
        "vault:#",
        "vault:/",
        "vault:1.2/a",
        "vault:v1:",
        "vault:login/x",
        "vault:8$(PORT)",
    ] {
        assert!(starts_reference(text), "{text:?}");
    }
}

#[test]
fn many_beginnings_are_looked_through_once() {
    let begin = Instant::now();
    let text = "${vault:".repeat(100_000);
    assert_eq!(crate::EnvValue::parse(&text), Ok(crate::EnvValue::Plain));
    // Not from each of them to the end of the text, which takes minutes.
    assert!(begin.elapsed() < Duration::from_secs(5));
}

#[test]
fn json_is_told_by_both_ends() {
    for text in [
        r#"{"a":1}"#,
        " {\n \"a\": \"${vault:a/b#c}\" }\n",
        r#"["a"]"#,
        "[ {\"a\":1} ]",
        "[[\"a\"]]",
    ] {
        assert!(is_json(text), "{text}");
    }
    for text in [
        "{k: ${vault:a#b}}",
        "${vault:a#b}",
        "{{\"a\"}}",
        "[section]\n[other]",
        "{\"a\":1} tail",
        "x {\"a\":1}",
        "{}",
        "\"a\"",
        "{",
        "{\"a\"]",
        "",
    ] {
        assert!(!is_json(text), "{text}");
    }
}

/// The expressions of the chart say what the parser does, as far as they can be read here: the
/// policy's own test asks a real API server.
#[cfg(feature = "reference")]
#[test]
fn printed_forms_match_what_the_parser_takes() {
    let expression = super::printed::chart();
    let line = expression
        .lines()
        .find(|line| line.starts_with("'^(>>)?vault:"))
        .unwrap();
    let pattern = line.trim_matches('\'').replace("\\\\", "\\");
    // No classes of Unicode in this engine, and no test here has such a space.
    let pattern = pattern.replace(r"\p{Z}", "").replace(r"\x{85}", "");
    let pattern = regex_lite::Regex::new(&pattern).unwrap();
    let texts = super::printed::TEXTS.iter().map(|(_, example)| *example);
    for text in texts.chain(FORMS.iter().map(|form| form.example)) {
        assert_eq!(pattern.is_match(text), starts_reference(text), "{text}");
    }
}
