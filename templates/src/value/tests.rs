use contract::message::{MESSAGE_WORDS, words};
use proptest::prelude::*;

use super::{EnvValue, Part};
use crate::reference::{Reference, Request, SecretReference, Selector};

fn read(path: &str, key: &str) -> Reference {
    Reference::Secret(SecretReference {
        request: Request::Read {
            path: path.parse().unwrap(),
            version: None,
        },
        optional: false,
        selector: Selector::Key {
            name: key.into(),
            optional: false,
        },
    })
}

fn text(text: &str) -> Part {
    Part::Text(text.into())
}

#[test]
fn text_that_resembles_a_reference_is_plain() {
    for value in [
        "",
        "plain",
        "vault",
        " vault:x#y",
        "VAULT:x#y",
        "$${not}",
        "vault://secret/app",
        "vault:8200",
        "vault:8200,vault-2:8200",
        "http://vault:8200/v1",
        "C:\\dir\\vault",
        "\\vault:8200",
        "${ vault:a#b}",
        "${>vault:a#b}",
        "${vault://a}",
        "{vault:a#b}",
        "vault:",
        "vault:1.13.3",
        "\\vault:1.13.3",
        "vault: bump to 1.21 (#12)",
        "vault:a b#k",
        "x ${vault:latest}",
        "${vault:-default}",
        "${vault:a",
        "${vault:a}",
    ] {
        assert_eq!(EnvValue::parse(value), Ok(EnvValue::Plain), "{value}");
    }
}

#[test]
fn direct() {
    for (value, display) in [
        ("vault:a/b#c", None),
        ("vault:a/b?#c?", None),
        ("vault:a/b#c#7", None),
        ("vault:a/b#c#007", Some("vault:a/b#c#7")),
        ("vault:a/b#x ${.c | replace \"#\" \"}\"} y#1", None),
        ("vault:a/b#{\"k\":\"${.c}\"}", None),
        (">>vault:a/b#c", None),
        (">>vault:a/b#c#{}", Some(">>vault:a/b#c")),
        (
            ">>vault:a/b#c#{\"z\": \"#\", \"a\": 1}",
            Some(">>vault:a/b#c#{\"a\":1,\"z\":\"#\"}"),
        ),
        ("vault:v1:8SDd3WHDOjf7mq69==", None),
        ("vault:v100:aGVsbG8=", None),
        ("vault:login", None),
        ("vault:login#key", None),
        ("vault:8200/data#key", None),
    ] {
        let parsed = EnvValue::parse(value).unwrap();
        assert!(matches!(parsed, EnvValue::Direct(_)), "{value}: {parsed:?}");
        assert_eq!(parsed.to_string(), display.unwrap_or(value));
    }
}

#[test]
fn inline() {
    let cases = [
        (
            "x${vault:a#b}y",
            vec![text("x"), Part::Reference(read("a", "b")), text("y")],
        ),
        (
            "{k: ${vault:a#b}}",
            vec![text("{k: "), Part::Reference(read("a", "b")), text("}")],
        ),
        (
            "${vault:a#b}${vault:a#b}",
            vec![
                Part::Reference(read("a", "b")),
                Part::Reference(read("a", "b")),
            ],
        ),
        ("\\${vault:a#b}", vec![text("${vault:a#b}")]),
        ("\\vault:a#b", vec![text("vault:a#b")]),
        ("\\\\vault:a#b", vec![text("\\vault:a#b")]),
        ("\\>>vault:a#b", vec![text(">>vault:a#b")]),
        (
            "a\\b \\\\${vault:a#b}",
            vec![text("a\\b \\"), Part::Reference(read("a", "b"))],
        ),
        ("\\\\\\${vault:a#b}", vec![text("\\${vault:a#b}")]),
        (
            "$${vault:a#b}",
            vec![text("$"), Part::Reference(read("a", "b"))],
        ),
        (
            "x vault:a#b ${vault:a#b}",
            vec![text("x vault:a#b "), Part::Reference(read("a", "b"))],
        ),
    ];
    for (value, parts) in cases {
        let parsed = EnvValue::parse(value).unwrap();
        assert_eq!(parsed, EnvValue::Text(parts), "{value}");
        assert_eq!(parsed.to_string(), value);
    }
}

#[test]
fn inline_keeps_what_is_inside() {
    for inner in [
        "vault:a#${.x}-${.y}",
        "vault:a#pre ${.x} post#2",
        "vault:a#${\"}\"}",
        "vault:a?#k?",
        ">>vault:pki/issue/r#certificate#{\"a\":{\"b\":\"}\"}}",
        ">>vault:transit/decrypt/k#${.plaintext | b64dec}#{\"ciphertext\":\"x\"}",
        "vault:v1:abc=",
    ] {
        let parsed = EnvValue::parse(&format!("<${{{inner}}}>")).unwrap();
        let EnvValue::Text(parts) = &parsed else {
            panic!("{inner}: {parsed:?}")
        };
        assert_eq!((&parts[0], &parts[2]), (&text("<"), &text(">")), "{inner}");
        assert_eq!(parsed.references().next().unwrap().to_string(), inner);
    }
}

#[test]
fn direct_reference_takes_the_whole_value() {
    let parsed = EnvValue::parse("vault:a#k ${vault:b#c}").unwrap();
    let EnvValue::Direct(Reference::Secret(secret)) = parsed else {
        panic!("{parsed:?}");
    };
    let template = Selector::Template("k ${vault:b#c}".into());
    assert_eq!(
        (secret.request.path().as_str(), secret.selector),
        ("a", template)
    );
}

#[test]
fn version_zero_is_the_latest() {
    for zero in ["0", "00"] {
        let parsed = EnvValue::parse(&format!("vault:a#k#{zero}")).unwrap();
        assert_eq!(parsed.to_string(), "vault:a#k");
        let parsed = EnvValue::parse(&format!("<${{vault:a#k#{zero}}}>")).unwrap();
        assert_eq!(parsed.to_string(), "<${vault:a#k}>");
        let parsed: crate::FromPath = format!("a#{zero}").parse().unwrap();
        assert_eq!(parsed.to_string(), "a");
    }
}

#[test]
fn escaped_path_is_one_path_everywhere() {
    for (value, path) in [
        ("vault:secret/data/my%20app#k", "secret/data/my app"),
        ("vault:a%7Bb%7D?#k", "a{b}"),
        (">>vault:a%23b#k", "a#b"),
        ("<${vault:a%7Db#k}>", "a}b"),
    ] {
        let parsed = EnvValue::parse(value).unwrap();
        let Reference::Secret(secret) = parsed.references().next().unwrap() else {
            panic!("{value}");
        };
        assert_eq!(secret.request.path().as_str(), path);
        assert_eq!(parsed.to_string(), value);
    }
    for (text, path) in [("a%2Cb", "a,b"), ("c%20d?", "c d")] {
        let whole: crate::FromPath = text.parse().unwrap();
        assert_eq!(whole.to_string(), text);
        assert_eq!(whole.request.path().as_str(), path);
    }
}

#[test]
fn malformed_reference_is_rejected() {
    let cases = [
        ("vault:#k", "empty"),
        ("vault:secret/data/account", "names no key"),
        ("vault:v0:", "names no key"),
        ("vault:a#", "key of path `a` is empty"),
        ("vault:a#?", "key of path `a` is empty"),
        ("vault:a#b}", "'}'"),
        ("vault:a#b?c", "'?'"),
        ("vault:a?b#k", "`?`"),
        ("vault:a/b c#k", "write `%20`"),
        ("vault:a//b#k", "write one `/`"),
        ("vault:a{b#k", "write `%7B`"),
        ("vault:/a#k", "write `a`"),
        ("vault:a/../b#k", "`..`"),
        (
            "vault:a#k#-1",
            "version \"-1\" of path `a` is not a whole number; leave it out",
        ),
        ("vault:a#k#+1", "version \"+1\""),
        (
            "vault:a#k#",
            "version \"\" of path `a` is not a whole number; leave it out",
        ),
        ("vault:a#k#-0", "version \"-0\""),
        ("vault:a#k#99999999999", "version"),
        ("vault:a#${.x} # y", "${\"#\"}"),
        ("vault:a#${.x", "no closing"),
        (">>vault:a#k#{nope", "not JSON"),
        (">>vault:a#k#[1]", "not an object"),
        (">>vault:a#k#{\"a\":", "ends too early"),
        ("${vault:a#b", "no closing `}`"),
        ("x${vault:a#b", "no closing `}`"),
        ("${vault:a#b\n}", "contains '\\n'; write it as a template"),
        ("vault:${vault:a#b}#c", "contains a template"),
        ("${vault:a/b", "no closing `}`"),
        ("${vault:a/b}", "names no key"),
        ("${vault:a#b#1", "no closing `}`"),
        ("${vault:v1:abc", "no closing `}`"),
        ("${>>vault:a#b#x}", "no JSON object"),
        ("${vault:login}", "VAULT_TOKEN"),
    ];
    for (value, part) in cases {
        let error = EnvValue::parse(value).unwrap_err();
        assert!(error.to_string().contains(part), "{value}: {error}");
        let how = "list NAME in tokenpipe.dev/skip-variables";
        let sentence = crate::explain_with_text(&error, how);
        let sentence = format!("container app, variable NAME: {sentence}");
        let count = words(&sentence);
        assert!(count <= MESSAGE_WORDS, "{count} words: {sentence}");
    }
}

#[test]
fn an_error_never_shows_a_body() {
    let value = ">>vault:a#k#{\"password\":\"canary\"";
    let error = EnvValue::parse(value).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
    let parsed = EnvValue::parse(">>vault:a#k#{\"password\":\"canary\"}").unwrap();
    assert!(!format!("{parsed:?}").contains("canary"));
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused(value in "\\PC*") {
        let _ = EnvValue::parse(&value);
    }

    #[test]
    fn printed_value_is_read_back(
        value in r#"(\\|\$|\{|\}|#|\?|vault:|>>vault:|/|a|1|"| |\$\{vault:a#b\}|\$\{\.c\}|\{"k":1\}){0,12}"#
    ) {
        if let Ok(parsed) = EnvValue::parse(&value) && parsed != EnvValue::Plain {
            prop_assert_eq!(EnvValue::parse(&parsed.to_string()), Ok(parsed));
        }
    }
}
