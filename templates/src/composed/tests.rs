use proptest::prelude::*;

use super::{Composed, FillError};
use crate::reference::Reference;
use crate::value::{EnvValue, Part};

fn fill(segments: &[&str], values: &[&str]) -> Option<Result<EnvValue, FillError>> {
    Composed::parse(segments).map(|composed| composed.fill(values))
}

fn direct(text: &str) -> Reference {
    match EnvValue::parse(text) {
        Ok(EnvValue::Direct(reference)) => reference,
        other => panic!("{other:?}"),
    }
}

#[test]
fn text_from_elsewhere_never_becomes_a_reference() {
    let segments = ["db://${vault:a/b#user}@", "HOST", "/x"];
    for host in [
        "10.0.0.1",
        "",
        "${vault:secret/data/db#password}",
        "\\",
        "vault:login",
        "}${>>vault:a#b}",
        "\u{e000}",
    ] {
        let filled = fill(&segments, &[host]).unwrap().unwrap();
        assert_eq!(
            filled,
            EnvValue::Text(vec![
                Part::Text("db://".into()),
                Part::Reference(direct("vault:a/b#user")),
                Part::Text(format!("@{host}/x")),
            ])
        );
    }
}

#[test]
fn whole_reference_from_elsewhere_is_resolved_where_it_may_be() {
    let segments = [
        "db://${vault:a/b#user}:",
        "PASSWORD",
        "@",
        "HOST",
        "/\u{20}",
    ];
    let composed = Composed::parse(&segments).unwrap();
    let embedded = composed
        .embed(&["vault:c/d#password", "x${vault:e/f#g}"])
        .unwrap();
    assert_eq!(
        embedded,
        EnvValue::Text(vec![
            Part::Text("db://".into()),
            Part::Reference(direct("vault:a/b#user")),
            Part::Text(":".into()),
            Part::Reference(direct("vault:c/d#password")),
            Part::Text("@x${vault:e/f#g}/ ".into()),
        ])
    );
    let plain = ["", "vault:c/d#password", "@", "\\vault:c/d#password", "/x"];
    assert_eq!(
        super::embed_references(plain.into_iter()),
        EnvValue::Text(vec![
            Part::Reference(direct("vault:c/d#password")),
            Part::Text("@\\vault:c/d#password/x".into()),
        ])
    );
    for value in [
        "",
        "vault:latest",
        "vault:broken/x",
        " vault:c/d#e",
        "x${vault:c/d#e}",
    ] {
        let pieces = ["<", value, ">"].into_iter();
        assert_eq!(super::embed_references(pieces), EnvValue::Plain, "{value}");
    }
}

#[test]
fn word_may_stand_inside_a_reference() {
    let cases: [(&[&str], &[&str], &str); 5] = [
        (
            &["vault:secret/data/", "T", "/db#p"],
            &["team-1"],
            "vault:secret/data/team-1/db#p",
        ),
        (
            &["vault:secret/data/db", "T", "#p"],
            &[""],
            "vault:secret/data/db#p",
        ),
        (
            &["vault:secret/data/db#", "K", "?"],
            &["user.name"],
            "vault:secret/data/db#user.name?",
        ),
        (
            &[
                ">>vault:pki/issue/web#certificate#{\"b\":\"",
                "P",
                ".x\",\"a\":\"",
                "Q",
                "\"}",
            ],
            &["web-0", "q"],
            ">>vault:pki/issue/web#certificate#{\"a\":\"q\",\"b\":\"web-0.x\"}",
        ),
        (
            &["vault:a/", "T", "#${.user}@", "H", ""],
            &["t", "h:1"],
            "vault:a/t#${.user}@h:1",
        ),
    ];
    for (segments, values, expected) in cases {
        assert_eq!(
            fill(segments, values),
            Some(Ok(EnvValue::Direct(direct(expected))))
        );
    }
}

#[test]
fn word_that_leads_elsewhere_is_refused() {
    let segments = ["vault:secret/data/", "T", "/db#p"];
    for value in [
        "a/b", "a#b", "..", "a..b", "$x", "${x", "a?", "%2e", "a b", "a}", "\"", "ä", ".", "", "\n",
    ] {
        assert!(fill(&segments, &[value]).unwrap().is_err(), "{value:?}");
    }
    // Each is harmless, and together with its neighbour it is not.
    assert!(fill(&["vault:a/.", "T", "/b#p"], &["."]).unwrap().is_err());
    let text = fill(&segments, &["s/canary"]).unwrap().unwrap_err();
    assert!(!text.to_string().contains("canary"), "{text}");
    assert!(text.to_string().contains("`$(T)`"), "{text}");
}

#[test]
fn word_does_not_change_the_kind_of_a_reference() {
    assert!(fill(&["vault:", "T", "#p"], &["secret"]).unwrap().is_ok());
    assert!(fill(&["vault:", "T", ""], &["login"]).is_none());
    assert!(fill(&["vault:", "T", "#p"], &["login"]).unwrap().is_ok());
}

#[test]
fn value_without_a_reference_of_the_author_is_no_composition() {
    let cases: [&[&str]; 6] = [
        &["team-", "TEAM", ""],
        &["", "SCHEME", ":secret/data/db#p"],
        &["vault:", "REST", ""],
        &["vault:a#b#", "VERSION", ""],
        &["${vault:a#b}\u{e001}", "X", ""],
        &[],
    ];
    for segments in cases {
        assert!(Composed::parse(segments).is_none(), "{segments:?}");
    }
    let many: Vec<_> = ["vault:a#", "X"].into_iter().cycle().take(20_000).collect();
    assert!(Composed::parse(&many).is_none());
}

#[test]
fn names_inside_references_are_told_from_those_outside() {
    let segments = [
        "",
        "A",
        " ${vault:x/",
        "B",
        "#k} ",
        "C",
        " ${>>vault:y#k#{\"n\":\"",
        "D",
        "\"}}",
    ];
    assert_eq!(
        Composed::parse(&segments).unwrap().names_inside(),
        ["B", "D"]
    );
}

proptest! {
    /// Whatever is put in, the references are those that the author wrote, with words in them.
    #[test]
    fn references_are_the_authors(
        texts in proptest::collection::vec("[a-z ]{0,3}|\\$\\{vault:[a-z]{1,3}#k\\}|\\\\", 1..5),
        value in "\\PC{0,20}|(\\$\\{|>>)?vault:[a-z#/}]{0,8}",
    ) {
        let segments: Vec<&str> = texts.iter().flat_map(|text| [text.as_str(), "X"]).collect();
        if let Some(composed) = Composed::parse(&segments) {
            let values = vec![value.as_str(); texts.len()];
            let count = composed.value.references().count();
            if let Ok(filled) = composed.fill(&values) {
                prop_assert_eq!(filled.references().count(), count);
            }
        }
    }
}
