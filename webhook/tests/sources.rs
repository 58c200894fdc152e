//! Where references may come from: what the webhook tells env-exec, and what the pages say.

#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

#[path = "support/case.rs"]
mod common;

use std::fs;
use std::path::Path;

use common::Case;
use contract::{Settings, names};
use serde_json::{Value, json};

const CASE: &str = "
about: a pod
kubernetes: '1.37'
---
metadata: {name: web, annotations: {}}
spec:
  containers:
    - name: app
      image: i
      command: [/app]
";

fn pod(env: &Value) -> Value {
    let mut pod = Case::parse(CASE).pod;
    pod["spec"]["containers"][0]["env"] = env.clone();
    pod
}

/// The sources in the settings of the pod's container, as JSON.
fn sources(pod: &Value) -> Value {
    let mutated = Case::parse(CASE).mutated(pod);
    let env = mutated["spec"]["containers"][0]["env"].as_array().unwrap();
    let settings = env
        .iter()
        .find(|variable| variable["name"] == names::SETTINGS_VARIABLE);
    // kubelet halves them.
    let text = settings.unwrap()["value"]
        .as_str()
        .unwrap()
        .replace("$$", "$");
    match serde_json::from_str(&text).unwrap() {
        Settings::Exec(settings) => serde_json::to_value(settings.sources).unwrap(),
        Settings::Agent(_) => panic!("not the agent's"),
    }
}

fn refusal(pod: &Value) -> String {
    Case::parse(CASE).mutate(pod).unwrap_err().to_string()
}

const FIXED: &str = "vault:secret/data/db#password";

fn from(kind: &str) -> Value {
    json!({ kind: { "name": "o", "key": "k" } })
}

#[test]
fn pages_have_the_table_of_the_rule() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for page in ["docs/references.md", "SECURITY.md"] {
        let text = fs::read_to_string(root.join(page)).unwrap();
        let table = contract::sources::table();
        assert!(text.contains(&table), "{page} must contain\n{table}");
    }
}

/// One table decides what is a reference: the parser's, the chart's policy and the page have it.
#[test]
fn chart_and_page_have_the_table_of_references() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let read = |path: &str| fs::read_to_string(root.join(path)).unwrap();
    let chart = "helm/tokenpipe/templates/_references.tpl";
    let templates = templates::chart_templates();
    assert_eq!(read(chart), templates, "{chart} must be\n{templates}");
    let table = templates::reference_forms();
    let page = "docs/references.md";
    assert!(read(page).contains(&table), "{page} must contain\n{table}");
}

#[test]
fn every_kind_of_value_from_is_told() {
    for (kind, word) in [
        ("configMapKeyRef", "config-map"),
        ("secretKeyRef", "secret"),
        ("fieldRef", "field-ref"),
        ("resourceFieldRef", "resource-field-ref"),
        ("fileKeyRef", "file-key-ref"),
        ("ofTheNextRelease", "other"),
    ] {
        let env =
            json!([{ "name": "H", "valueFrom": from(kind) }, { "name": "R", "value": FIXED }]);
        let expected = json!({ "named": { "literal": ["R"], word: ["H"] } });
        assert_eq!(sources(&pod(&env)), expected, "{kind}");
        // An empty value beside it is what the API server takes.
        let mut env = env;
        env[0]["value"] = json!("");
        assert_eq!(sources(&pod(&env)), expected, "{kind}");
    }
}

#[test]
fn plain_literal_is_not_told() {
    let env = json!([{ "name": "A", "value": "x" }, { "name": "R", "value": FIXED }]);
    let expected = json!({ "named": { "literal": ["R"] } });
    assert_eq!(sources(&pod(&env)), expected);
}

#[test]
fn optional_key_has_the_lower_source_of_what_may_take_its_place() {
    let mut optional = from("secretKeyRef");
    optional["secretKeyRef"]["optional"] = json!(true);
    let named = |before: &Value| {
        let mut env = json!([{ "name": "R", "value": FIXED }]);
        let list = env.as_array_mut().unwrap();
        list.extend(before.as_array().unwrap().iter().cloned());
        list.push(json!({ "name": "H", "valueFrom": optional }));
        sources(&pod(&env))["named"].clone()
    };
    // envFrom or the image may have a variable of the name.
    assert_eq!(named(&json!([])), json!({ "literal": ["R"] }));
    let literal = json!([{ "name": "H", "value": FIXED }]);
    assert_eq!(
        named(&literal),
        json!({ "literal": ["R"], "secret": ["H"] })
    );
    let field = json!([{ "name": "H", "valueFrom": from("fieldRef") }]);
    assert_eq!(
        named(&field),
        json!({ "literal": ["R"], "field-ref": ["H"] })
    );
}

#[test]
fn literal_with_a_hidden_part_has_the_lower_source_and_the_authors_part() {
    let env = json!([
        { "name": "R", "value": FIXED },
        { "name": "TEAM", "valueFrom": from("fieldRef") },
        { "name": "LABEL", "value": "team-$(TEAM)" },
        { "name": "AGAIN", "value": "<$(LABEL)>" },
        { "name": "URL", "value": "db://$(R)@$(HOST)/$$(x)" },
        { "name": "TEXT", "value": "$$(TEAM)" },
    ]);
    assert_eq!(
        sources(&pod(&env)),
        json!({
            "named": { "literal": ["R"], "field-ref": ["AGAIN", "LABEL", "TEAM"] },
            "composed": {
                "URL": ["db://${vault:secret/data/db#password}@", "HOST", "/$(x)"],
            },
        })
    );
}

#[test]
fn hidden_part_of_a_reference_must_be_allowed_by_name() {
    let env = |value: &str| {
        pod(&json!([
            { "name": "TENANT", "valueFrom": from("secretKeyRef") },
            { "name": "INNER", "value": "t-$(TENANT)" },
            { "name": "R", "value": value },
        ]))
    };
    for value in [
        "vault:secret/data/$(TENANT)/db#p",
        "x ${vault:secret/data/db#$(TENANT)}",
        "vault:secret/data/$(INNER)/db#p",
        ">>vault:pki/issue/web#certificate#{\"common_name\":\"$(TENANT)\"}",
    ] {
        assert_eq!(
            refusal(&env(value)),
            "container app, variable R: $(TENANT) is part of a reference and known only to \
             kubelet; add TENANT to tokenpipe.dev/expand-in-references, or write $$(TENANT) for \
             this text"
        );
        let mut allowed = env(value);
        allowed["metadata"]["annotations"]["tokenpipe.dev/expand-in-references"] =
            json!("REGION, TENANT");
        let composed = &sources(&allowed)["composed"]["R"];
        assert_eq!(composed[1], json!("TENANT"), "{composed}");
        let mut other = env(value);
        other["metadata"]["annotations"]["tokenpipe.dev/expand-in-references"] = json!("TENANTS");
        assert!(refusal(&other).contains("add TENANT to"));
    }
    for value in [
        "vault:secret/data/$$(TENANT)/db#p",
        "${vault:secret/data/db#p}@$(TENANT)",
    ] {
        sources(&env(value));
    }
}

#[test]
fn permissions_are_what_the_annotations_say() {
    let allow = |annotations: Value| {
        let mut pod = pod(&json!([{ "name": "R", "value": FIXED }]));
        pod["metadata"]["annotations"] = annotations;
        sources(&pod)["allow"].clone()
    };
    let asked = json!({ "asked": true });
    assert_eq!(allow(json!({})), Value::Null);
    assert_eq!(allow(json!({ "tokenpipe.dev/inject": "true" })), asked);
    assert_eq!(allow(json!({ "tokenpipe.dev/containers": "app" })), asked);
    assert_eq!(
        allow(json!({
            "tokenpipe.dev/inject": "true", "tokenpipe.dev/allow-write-from": "config-map",
        })),
        json!({ "asked": true, "config_maps_write": true })
    );
    let mut wrong = pod(&json!([{ "name": "R", "value": FIXED }]));
    wrong["metadata"]["annotations"] =
        json!({ "tokenpipe.dev/allow-write-from": "secret, field-ref" });
    assert_eq!(
        refusal(&wrong),
        "annotation tokenpipe.dev/allow-write-from: found \"secret, field-ref\", allowed is \
         config-map, secret or both"
    );
}

#[test]
fn thousand_variables_fit_into_the_settings() {
    let env: Vec<_> = (0..1_000)
        .flat_map(|n| {
            [
                json!({ "name": format!("DATABASE_PASSWORD_{n}"), "value": FIXED }),
                json!({ "name": format!("DATABASE_HOST_{n}"), "valueFrom": from("secretKeyRef") }),
                json!({ "name": format!("PLAIN_{n}"), "value": "x" }),
            ]
        })
        .collect();
    let bytes = sources(&pod(&json!(env))).to_string().len();
    assert!(bytes < 48 * 1024, "{bytes}");
}

#[test]
fn exempted_variables_are_told_and_not_looked_at() {
    let mut pod = pod(&json!([
        { "name": "R", "value": FIXED },
        { "name": "TITLE", "value": "vault:secret/data/db" },
        { "name": "ARGO_TEMPLATE", "value": format!("{{\"a\":\"${{{FIXED}}}\"}}") },
        { "name": "COPY", "value": "<$(TITLE)>" },
    ]));
    assert_eq!(
        refusal(&pod),
        "container app, variable TITLE: `vault:secret/data/db` names no key; write \
         `vault:secret/data/db#KEY`, or list TITLE in tokenpipe.dev/skip-variables to keep the text"
    );
    pod["metadata"]["annotations"]["tokenpipe.dev/skip-variables"] = json!("TITLE, OTHER");
    assert_eq!(
        sources(&pod),
        json!({ "skip": ["OTHER", "TITLE"], "named": { "literal": ["R"] } })
    );
}

#[test]
fn literal_that_takes_a_secret_has_the_authors_part() {
    let mut pod = pod(&json!([
        { "name": "R", "value": FIXED },
        { "name": "PASSWORD", "valueFrom": from("secretKeyRef") },
        { "name": "TEAM", "valueFrom": from("fieldRef") },
        { "name": "BEGINS", "value": "$(PASSWORD)@db" },
        { "name": "WHOLE", "value": "$(PASSWORD)" },
        { "name": "INSIDE", "value": "db://$(PASSWORD)@db" },
        { "name": "TEXT", "value": "$(TEAM)-$(PASSWORD)" },
    ]));
    assert_eq!(
        sources(&pod)["composed"],
        Value::Null,
        "nothing hidden is asked for"
    );
    pod["metadata"]["annotations"]["tokenpipe.dev/inject"] = json!("true");
    assert_eq!(
        sources(&pod)["composed"],
        json!({
            "BEGINS": ["", "PASSWORD", "@db"],
            "INSIDE": ["db://", "PASSWORD", "@db"],
            "TEXT": ["", "TEAM", "-", "PASSWORD", ""],
        })
    );
}
