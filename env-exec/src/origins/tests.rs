use std::ffi::OsString;

use contract::message::{MESSAGE_WORDS, words};
use contract::sources::may;
use contract::{Permissions, Source, Sources, Use};

use super::{OriginError, Origins};
use crate::environment::Environment;
use crate::per_variable::PerVariable;
use crate::references::{References, ValueError};

const ASKED: Permissions = Permissions {
    asked: true,
    config_maps_write: false,
    secrets_write: false,
};

fn find(
    variables: &[(&str, &str)],
    sources: Sources,
) -> Result<References, PerVariable<ValueError>> {
    let environment = Environment::new(
        variables
            .iter()
            .map(|(name, value)| (name.into(), value.into())),
    );
    References::find(&environment, vec![], &Origins::of_pod(sources))
}

fn named(source: Source, name: &str) -> Sources {
    Sources {
        named: [(source, vec![name.to_owned()])].into(),
        ..Sources::default()
    }
}

/// A literal that takes the values of other variables, whose source is `source`.
fn composed(name: &str, segments: &[&str], source: Source) -> Sources {
    let segments = segments.iter().map(ToString::to_string).collect();
    Sources {
        composed: [(name.to_owned(), segments)].into(),
        ..named(source, name)
    }
}

#[test]
fn every_source_may_do_what_the_table_says() {
    let uses = [
        (Use::Read, "V", "vault:a#b"),
        (Use::Read, "V", "x ${vault:a#b}"),
        (Use::Read, "V", "vault:v1:abc"),
        (Use::Write, "V", ">>vault:a#b"),
        (Use::Write, "V", "${vault:a#b} ${>>vault:a#b}"),
        (Use::Login, "VAULT_TOKEN", "vault:login"),
    ];
    for source in Source::ALL {
        for bits in 0..8_u8 {
            let allow = Permissions {
                asked: bits & 1 != 0,
                config_maps_write: bits & 2 != 0,
                secrets_write: bits & 4 != 0,
            };
            for (wanted, name, value) in uses {
                let sources = Sources {
                    allow,
                    ..named(source, name)
                };
                let found = find(&[(name, value)], sources);
                let is_resolved = found
                    .as_ref()
                    .is_ok_and(|found| found.want_vault() || found.want_token());
                assert_eq!(
                    is_resolved,
                    may(source, wanted, allow),
                    "{source:?} {value}"
                );
                // Text passes; whatever else may not be resolved ends the start.
                let is_left = found.as_ref().is_ok_and(|found| found.left == [name]);
                assert_eq!(is_left, source.is_text(), "{source:?} {value}");
                assert_eq!(found.is_err(), !is_resolved && !is_left);
            }
        }
    }
}

#[test]
fn unknown_variable_has_the_lowest_trust() {
    let error = find(&[("V", "vault:a#b")], Sources::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "V: the reference, from envFrom, the image or a Service, is not resolved; set \
         tokenpipe.dev/inject to \"true\", or name the container in tokenpipe.dev/containers"
    );
    assert!(find(&[("V", "no reference")], Sources::default()).is_ok());
}

#[test]
fn denied_write_names_the_annotation_that_allows_it() {
    let secret = Sources {
        allow: ASKED,
        ..named(Source::Secret, "V")
    };
    let error = find(&[("V", ">>vault:a#b")], secret).unwrap_err();
    assert_eq!(
        error.to_string(),
        "V: the value, from a Secret, must not write (`>>vault:`); set it by `value:` in the \
         manifest, or add secret to tokenpipe.dev/allow-write-from"
    );
    let unnamed = Sources {
        allow: Permissions {
            config_maps_write: true,
            secrets_write: true,
            ..ASKED
        },
        ..Sources::default()
    };
    let error = find(&[("VAULT_TOKEN", "vault:login")], unnamed).unwrap_err();
    assert_eq!(
        error.to_string(),
        "VAULT_TOKEN: the value, from envFrom, the image or a Service, must not be `vault:login`; \
         set it by `value:` in the manifest"
    );
}

#[test]
fn sentence_about_any_source_is_short() {
    for origin in Source::ALL {
        for wanted in [Use::Write, Use::Login] {
            let never = OriginError::Never { origin, wanted };
            for error in [OriginError::NotAsked(origin), never] {
                let sentence = format!("NAME: {error}");
                let count = words(&sentence);
                assert!(count <= MESSAGE_WORDS, "{count} words: {sentence}");
            }
        }
    }
}

/// One who may patch annotations cannot stop a start either, by whatever text.
#[test]
fn text_source_is_left_byte_for_byte() {
    for value in [
        "vault:a#b",
        "vault:broken/x",
        "vault:login",
        "\\vault:a#b",
        "${vault:a#b",
        "vault:latest",
        ">>vault:a#b#{",
        "team",
    ] {
        let found = find(&[("V", value)], named(Source::FieldRef, "V")).unwrap();
        assert!(found.variables.is_empty(), "{value}");
    }
}

#[test]
fn name_in_two_lists_has_the_lower_source() {
    let sources = Sources {
        named: [
            (Source::Literal, vec!["V".into()]),
            (Source::FieldRef, vec!["V".into()]),
        ]
        .into(),
        ..Sources::default()
    };
    assert_eq!(find(&[("V", "vault:a#b")], sources).unwrap().left, ["V"]);
}

#[test]
fn authors_references_are_resolved_beside_text_from_elsewhere() {
    let segments = ["db://${vault:a#b}@", "HOST", ""];
    for source in [Source::ConfigMap, Source::Unnamed, Source::FieldRef] {
        let variables = [("HOST", "db-1"), ("URL", "db://${vault:a#b}@db-1")];
        let found = find(&variables, composed("URL", &segments, source)).unwrap();
        assert_eq!(found.requests().len(), 1);
        assert!(found.left.is_empty());
        // What kubelet does not know stays `$(HOST)`.
        let variables = [("HOST", "x"), ("URL", "db://${vault:a#b}@$(HOST)")];
        assert!(find(&variables, composed("URL", &segments, source)).is_ok());
        let segments = ["db://${vault:a#b}@", "HOST", "/db"];
        let variables = [("HOST", "x"), ("URL", "db://${vault:a#b}@y/db/db")];
        let error = find(&variables, composed("URL", &segments, source)).unwrap_err();
        assert!(error.to_string().contains("; define each `$(NAME)` once"));
    }
}

#[test]
fn reference_that_kubelet_put_in_needs_its_own_trust() {
    let segments = ["db://${vault:a#b}@", "HOST", ""];
    let host = "${vault:secret/data/other#p}";
    let url = format!("db://${{vault:a#b}}@{host}");
    let sources = |source, allow| Sources {
        allow,
        ..composed("URL", &segments, source)
    };
    let found = |source, allow| {
        // HOST itself is not looked at here.
        let known = Origins::of_pod(sources(source, allow));
        let environment = Environment::new([("HOST".into(), host.into())]);
        known.judge::<ValueError>("URL", &url, &environment)
    };
    let count = |source, allow| match found(source, allow) {
        Ok(super::Judged::Resolve(value) | super::Judged::ResolvePart(value)) => {
            Ok(value.references().count())
        }
        Ok(super::Judged::Leave | super::Judged::LeaveJson) => Ok(0),
        Err(error) => Err(error.to_string()),
    };
    assert_eq!(count(Source::ConfigMap, ASKED), Ok(2));
    assert!(count(Source::ConfigMap, Permissions::default()).is_err());
    assert_eq!(count(Source::FieldRef, ASKED), Ok(1));
    assert!(matches!(
        found(Source::FieldRef, ASKED),
        Ok(super::Judged::ResolvePart(_))
    ));
}

#[test]
fn word_inside_a_reference_leads_nowhere_else() {
    let segments = ["vault:secret/data/", "TENANT", "/db#p"];
    let path = |tenant: &str| {
        let value = format!("vault:secret/data/{tenant}/db#p");
        let variables = [("TENANT", tenant), ("V", value.as_str())];
        find(&variables, composed("V", &segments, Source::FieldRef))
            .map(|found| found.requests()[0].path().to_string())
            .map_err(|error| error.to_string())
    };
    assert_eq!(path("team-1"), Ok("secret/data/team-1/db".into()));
    for tenant in ["a/b", "..", "a#b", "a$b", "%2e%2e"] {
        let error = path(tenant).unwrap_err();
        assert!(
            error.starts_with("V: the value of `$(TENANT)` must not"),
            "{error}"
        );
    }
}

#[test]
fn argument_with_text_that_looks_like_a_reference_passes() {
    let variables = [
        ("TEAM", "vault:a#b"),
        ("DB", "vault:a#b"),
        ("L", "x-vault:a#b"),
    ];
    let environment = Environment::new(variables.map(|(n, v)| (n.into(), v.into())));
    let refuse = |sources: Sources, argument: &str| {
        let origins = Origins::of_pod(sources);
        let references = References::find(&environment, vec![], &origins).unwrap();
        let arguments = ["program", argument].map(Into::into);
        crate::expanded::refuse(&arguments, &environment, &references, &origins)
    };
    let sources = |team: &[&str]| Sources {
        named: [
            (
                Source::Literal,
                vec!["DB".into(), "TEAM".into(), "L".into()],
            ),
            (
                Source::FieldRef,
                team.iter().map(ToString::to_string).collect(),
            ),
        ]
        .into(),
        ..Sources::default()
    };
    assert_eq!(refuse(sources(&["TEAM", "L"]), "--team=vault:a#b"), Ok(()));
    assert!(refuse(sources(&["L"]), "--team=vault:a#b").is_err());
    assert_eq!(refuse(sources(&["TEAM"]), "plain"), Ok(()));
}

#[test]
fn value_of_an_earlier_meaning_is_found_between_the_authors_texts() {
    let segments = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
    let environment = |variables: &[(&str, &str)]| {
        Environment::new(
            variables
                .iter()
                .map(|(name, value)| (OsString::from(name), OsString::from(value))),
        )
    };
    for (text, parts, value, found) in [
        // `JAVA_OPTS: "$(JAVA_OPTS) -Dp=${vault:a#b}"` beside envFrom, which has another.
        ("-Xmx1g -D", ["", "V", " -D"], "-Xmx1g -D", Some("-Xmx1g")),
        ("$(V) -D", ["", "V", " -D"], "$(V) -D", Some("$(V)")),
        // Empty, or not known to kubelet.
        ("<>", ["<", "X", ">"], "", Some("")),
        ("<$(X)>", ["<", "X", ">"], "", Some("$(X)")),
        // Given twice: kubelet had the first one.
        ("<first>", ["<", "X", ">"], "second", Some("first")),
        ("first", ["", "X", ""], "second", Some("first")),
        // It cannot be said where it ends.
        ("<a>b>", ["<", "X", ">"], "second", None),
    ] {
        let name = parts[1];
        let environment = environment(&[(name, value)]);
        let values = super::inserted("V", text, &segments(&parts), &environment);
        assert_eq!(values, found.map(|found| vec![found]), "{text} {parts:?}");
    }
}

/// The author's part, and a Secret behind `$(PASSWORD)`.
#[test]
fn reference_of_a_secret_is_resolved_in_the_value_that_takes_it() {
    const PASSWORD: &str = "vault:secret/data/db#password";
    let found = |source: Source, allow: Permissions, value: &str, segments: &[&str]| {
        let variables = [("PASSWORD", PASSWORD), ("URL", value)];
        let mut sources = composed("URL", segments, source);
        let literal = sources.named.entry(Source::Literal).or_default();
        literal.push("PASSWORD".into());
        sources.allow = allow;
        find(&variables, sources)
    };
    let url = |text: &str| text.replace("PASSWORD", PASSWORD);
    for (text, segments, value) in [
        (
            "db://u:PASSWORD@h",
            &["db://u:", "PASSWORD", "@h"][..],
            "db://u:${vault:secret/data/db#password}@h",
        ),
        // It begins the value, so that all of it looks like one reference.
        (
            "PASSWORD@h",
            &["", "PASSWORD", "@h"],
            "${vault:secret/data/db#password}@h",
        ),
        (
            "db://${vault:a/b#u}:PASSWORD@h",
            &["db://${vault:a/b#u}:", "PASSWORD", "@h"],
            "db://${vault:a/b#u}:${vault:secret/data/db#password}@h",
        ),
    ] {
        let text = url(text);
        let resolved = found(Source::Secret, ASKED, &text, segments).unwrap();
        let variable = resolved.variables.iter().find(|v| v.name == "URL").unwrap();
        assert_eq!(variable.value.to_string(), value);
        assert!(resolved.left.is_empty());
        let error = found(Source::Secret, Permissions::default(), &text, segments).unwrap_err();
        assert!(
            error.to_string().contains(", is not resolved; set "),
            "{error}"
        );
        // Beside one from metadata it is text, and the one warning says so.
        let left = found(Source::FieldRef, ASKED, &text, segments).unwrap();
        assert_eq!(left.left, ["URL"], "{text}");
    }
}

/// kubelet composed nothing there, so that the reference's text stands there as any other.
#[test]
fn reference_in_a_text_of_the_authors_stays_text() {
    const PASSWORD: &str = "vault:secret/data/db#password";
    for text in [
        "Bearer PASSWORD",
        "'PASSWORD'",
        " PASSWORD",
        "{{PASSWORD}}",
        "see PASSWORD!",
        "PASSWORD2 or <PASSWORD",
    ] {
        let text = format!("-{}", text.replace("PASSWORD", PASSWORD));
        for allow in [Permissions::default(), ASKED] {
            let mut sources = named(Source::Literal, "PASSWORD");
            sources.allow = allow;
            let found = find(&[("PASSWORD", PASSWORD), ("TEXT", &text)], sources).unwrap();
            let names: Vec<_> = found.variables.iter().map(|v| v.name.as_str()).collect();
            assert_eq!(names, ["PASSWORD"], "{text}");
        }
    }
}

#[test]
fn login_that_kubelet_put_into_a_text_is_rejected() {
    let variables = [
        ("VAULT_TOKEN", "vault:login"),
        ("HEADER", "Bearer vault:login"),
    ];
    let mut sources = composed("HEADER", &["Bearer ", "VAULT_TOKEN", ""], Source::Secret);
    let literal = sources.named.entry(Source::Literal).or_default();
    literal.push("VAULT_TOKEN".into());
    sources.allow = Permissions {
        secrets_write: true,
        ..ASKED
    };
    let error = find(&variables, sources).unwrap_err();
    assert_eq!(error.variables(), ["HEADER"]);
}

#[test]
fn json_and_exempted_variables_are_left_alone() {
    let json = r#"{"user":"${vault:a/b#c}"}"#;
    let sources = |allow, skip: &[&str]| Sources {
        allow,
        skip: skip.iter().map(ToString::to_string).collect(),
        ..named(Source::Literal, "V")
    };
    let left = find(&[("V", json)], sources(Permissions::default(), &[])).unwrap();
    assert_eq!(left.left_json, ["V"]);
    assert!(left.variables.is_empty());
    let asked = find(&[("V", json)], sources(ASKED, &[])).unwrap();
    assert!(asked.want_vault() && asked.left_json.is_empty());
    let flow = find(
        &[("V", "{k: ${vault:a/b#c}}")],
        sources(Permissions::default(), &[]),
    );
    assert!(flow.unwrap().want_vault());
    for value in [json, "vault:secret/data/db", "vault:a/b#c", "${vault:a/b"] {
        let found = find(&[("V", value)], sources(ASKED, &["V"])).unwrap();
        assert!(
            found.variables.is_empty() && found.left_json.is_empty(),
            "{value}"
        );
        let found = find(&[("ARGO_TEMPLATE", value)], sources(ASKED, &[])).unwrap();
        assert!(found.variables.is_empty(), "{value}");
    }
}
