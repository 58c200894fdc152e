//! All bounds in one walk: each list, map and text that somebody else writes, at its bound and at twice
//! its bound, with the time as a ratio and the peak of memory below what the chart gives a replica.
//!
//! A row is an entry of a table: how to make an input of a size, and what reads it. Time is that of the
//! thread on a core, so that a busy machine does not count; a ratio that fails is measured again.

#![expect(clippy::unwrap_used, reason = "a test")]

mod walk;

use contract::limits::{
    ANNOTATION_ENTRIES, ANNOTATION_LIST, ANSWERS_ELEMENTS, ERROR_ANSWER_BYTES, INJECTED_CONTAINERS,
    LONGEST_STRING, POD_ANNOTATIONS, POD_CONTAINERS, POD_LIST, templates,
};
use contract::names::ANNOTATION_PREFIX;
use serde_json::Value;
use walk::{Row, hold, repeated, row};
use webhook::annotations::ENTRIES;
use webhook::config::Config;
use webhook::plan::Facts;
use webhook::render::{Format, render};
use webhook::{migrate::migrate, review::PodRequest};

/// The API server's largest request, and its double.
const RAW: usize = 3 * 1024 * 1024;

/// A pod with a reference, and what a row adds to its metadata, container and spec.
fn pod(metadata: &str, container: &str, spec: &str) -> String {
    format!(
        r#"{{"metadata":{{"name":"w"{metadata}}},"spec":{{"containers":[{{"name":"app","command":["/w"],
        "env":[{{"name":"P","value":"vault:secret/data/db#p"}}]{container}}}]{spec}}}}}"#
    )
}

fn annotated(key: &str, value: &str) -> String {
    pod(
        &format!(r#","annotations":{{"{ANNOTATION_PREFIX}{key}":"{value}"}}"#),
        "",
        "",
    )
}

/// A whole review is read, decided and answered; gives the length of its message.
fn admit(pod: &str) -> usize {
    let response = response(pod);
    let message = &response["status"]["message"];
    message.as_str().unwrap_or_default().len()
}

/// With a role for the login, so that pods without any annotation are injected.
fn config() -> Config {
    Config::parse("connections: {default: {address: 'https://v', auth: {role: web}}}").unwrap()
}

/// The `response` of a review of this pod.
fn response(pod: &str) -> Value {
    let body = format!(
        r#"{{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{{"uid":"u",
        "kind":{{"group":"","kind":"Pod"}},"operation":"CREATE","namespace":"shop","object":{pod}}}}}"#
    );
    let request = PodRequest::parse(body.as_bytes()).unwrap();
    let facts = Facts {
        kubernetes: "1.37".parse().ok(),
        ..Facts::default()
    };
    let outcome = webhook::admission::admit(&request, &config(), facts);
    let answer = outcome.answer.to_json(&request.uid).unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    answer["response"].clone()
}

/// Elements of a list of the pod, by count at the list's bound, and by bytes.
fn list(
    name: &'static str,
    most: usize,
    element: &'static str,
    make: fn(&str) -> String,
) -> [Row; 2] {
    let of = move |count: usize| make(&repeated(element, count));
    [
        row(format!("{name}, elements"), most, of, admit),
        row(
            format!("{name}, bytes"),
            RAW / (element.len() + 1),
            of,
            admit,
        ),
    ]
}

/// Name, bound, element, and the pod with so many of them.
type List = (&'static str, usize, &'static str, fn(&str) -> String);

const LISTS: &[List] = &[
    ("containers, empty", POD_CONTAINERS, "{}", |list| {
        format!(r#"{{"metadata":{{"name":"tokenpipe"}},"spec":{{"containers":[{list}]}}}}"#)
    }),
    (
        "containers, named",
        INJECTED_CONTAINERS,
        r#"{"name":"a-#","command":["/w"],"env":[{"name":"P","value":"vault:a#b"}]}"#,
        |list| format!(r#"{{"spec":{{"containers":[{list}]}}}}"#),
    ),
    (
        "containers, of another injector",
        INJECTED_CONTAINERS,
        r#"{"name":"vault-agent"}"#,
        |list| {
            let status: String = repeated(r#""k#":"""#, 9_000);
            pod(
                &format!(r#","annotations":{{{status}}}"#),
                "",
                &format!(r#","initContainers":[{list}]"#),
            )
        },
    ),
    ("initContainers", POD_CONTAINERS, "{}", |list| {
        pod("", "", &format!(r#","initContainers":[{list}]"#))
    }),
    ("ephemeralContainers", POD_CONTAINERS, "{}", |list| {
        pod("", "", &format!(r#","ephemeralContainers":[{list}]"#))
    }),
    ("env", POD_LIST, "{}", |list| {
        pod(
            "",
            "",
            &format!(r#","initContainers":[{{"name":"i","env":[{list}]}}]"#),
        )
    }),
    (
        "env, references",
        POD_LIST,
        r#"{"name":"V#","value":"vault:a#b"}"#,
        |list| {
            pod(
                "",
                "",
                &format!(r#","initContainers":[{{"name":"i","command":["/i"],"env":[{list}]}}]"#),
            )
        },
    ),
    (
        "env, expanded",
        POD_LIST,
        r#"{"name":"V#","value":"$(P)$(V1)$$(X)"}"#,
        |list| {
            pod(
                "",
                "",
                &format!(
                    r#","initContainers":[{{"name":"i","command":["/i"],"env":[{{"name":"P","value":"vault:a#b"}},{list}]}}]"#
                ),
            )
        },
    ),
    ("envFrom", POD_LIST, "{}", |list| {
        pod("", &format!(r#","envFrom":[{list}]"#), "")
    }),
    ("args", POD_LIST, r#""$(Q)""#, |list| {
        pod("", &format!(r#","args":[{list}]"#), "")
    }),
    ("command", POD_LIST, r#""w""#, |list| {
        pod(
            "",
            "",
            &format!(r#","initContainers":[{{"name":"i","command":[{list}]}}]"#),
        )
    }),
    ("volumes", POD_LIST, "{}", |list| {
        pod("", "", &format!(r#","volumes":[{list}]"#))
    }),
    (
        "volumes, one of which is wanted",
        POD_LIST,
        r#"{"name":"volume-with-a-name-#"}"#,
        |list| {
            pod(
                &format!(
                    r#","annotations":{{"{ANNOTATION_PREFIX}auth-volume":"volume-with-the-name"}}"#
                ),
                "",
                &format!(r#","volumes":[{list}]"#),
            )
        },
    ),
    (
        "volumes, of ours",
        POD_LIST,
        r#"{"name":"tokenpipe-token-app"}"#,
        |list| pod("", "", &format!(r#","volumes":[{list}]"#)),
    ),
    (
        "volumeMounts",
        POD_LIST,
        r#"{"name":"v","mountPath":"/v"}"#,
        |list| pod("", &format!(r#","volumeMounts":[{list}]"#), ""),
    ),
    ("restartPolicyRules", POD_LIST, "{}", |list| {
        pod("", &format!(r#","restartPolicyRules":[{list}]"#), "")
    }),
    ("exitCodes", POD_LIST, "7", |list| {
        pod(
            "",
            &format!(r#","restartPolicyRules":[{{"exitCodes":{{"values":[{list}]}}}}]"#),
            "",
        )
    }),
    ("requests", POD_LIST, r#""r#":1"#, |list| {
        pod(
            "",
            &format!(r#","resources":{{"requests":{{{list}}}}}"#),
            "",
        )
    }),
    ("a quantity that is none", POD_LIST, "[]", |list| {
        pod(
            "",
            &format!(r#","resources":{{"requests":{{"cpu":[{list}]}}}}"#),
            "",
        )
    }),
    ("a probe's command", POD_LIST, r#""$P$P""#, |list| {
        pod(
            "",
            &format!(r#","livenessProbe":{{"exec":{{"command":[{list}]}}}}"#),
            "",
        )
    }),
    ("labels", POD_LIST, r#""l#":"""#, |list| {
        pod(&format!(r#","labels":{{{list}}}"#), "", "")
    }),
    ("ownerReferences", POD_LIST, "{}", |list| {
        pod(&format!(r#","ownerReferences":[{list}]"#), "", "")
    }),
    ("a field that is not read", POD_LIST, "{}", |list| {
        pod("", "", &format!(r#","future":[{list}]"#))
    }),
    ("a copy of our init container", POD_LIST, "[]", |list| {
        pod(
            "",
            "",
            &format!(r#","initContainers":[{{"name":"tokenpipe-agent","future":[{list}]}}]"#),
        )
    }),
];

fn lists() -> Vec<Row> {
    let rows = LISTS
        .iter()
        .flat_map(|(name, most, element, make)| list(name, *most, element, *make));
    rows.collect()
}

/// Name, what the text repeats, and the pod with it.
type Text = (&'static str, &'static str, fn(&str) -> String);

const TEXTS: &[Text] = &[
    ("a name", "x", |text| {
        pod(
            "",
            "",
            &format!(
                r#","initContainers":[{{"name":"{text}","env":[{{"name":"P","value":"vault:a#b"}}]}}]"#
            ),
        )
    }),
    ("an image", "x", |text| {
        pod(
            "",
            "",
            &format!(
                r#","initContainers":[{{"image":"{text}","env":[{{"name":"P","value":"vault:a#b"}}]}}]"#
            ),
        )
    }),
    ("a variable's name", "x", |text| {
        pod(
            "",
            "",
            &format!(
                r#","initContainers":[{{"name":"i","env":[{{"name":"{text}","value":"vault:"}}]}}]"#
            ),
        )
    }),
    ("a value", "x", |text| {
        pod(
            "",
            "",
            &format!(
                r#","initContainers":[{{"name":"i","env":[{{"name":"A","value":"vault:{text}"}}]}}]"#
            ),
        )
    }),
    ("a value of references", "${vault:a#b}", |text| {
        pod(
            "",
            "",
            &format!(
                r#","initContainers":[{{"name":"i","command":["/i"],"env":[{{"name":"A","value":"{text}"}}]}}]"#
            ),
        )
    }),
    ("a value of variables", "$(P)", |text| {
        pod(
            "",
            "",
            &format!(
                r#","initContainers":[{{"name":"i","command":["/i"],"env":[{{"name":"P","value":"vault:a#b"}},{{"name":"A","value":"{text}"}}]}}]"#
            ),
        )
    }),
    ("a value of open variables", "$(", |text| {
        pod(
            "",
            "",
            &format!(
                r#","initContainers":[{{"name":"i","command":["/i"],"env":[{{"name":"P","value":"vault:a#b"}},{{"name":"A","value":"{text}"}}]}}]"#
            ),
        )
    }),
    ("a word of dollars", "$$", |text| {
        pod("", &format!(r#","args":["{text}"]"#), "")
    }),
    ("a word of empty names", "$()", |text| {
        pod("", &format!(r#","args":["{text}"]"#), "")
    }),
    ("a word", "$(Q)", |text| {
        pod("", &format!(r#","args":["{text}"]"#), "")
    }),
    ("a mount's path", "/x", |text| {
        pod(
            "",
            &format!(r#","volumeMounts":[{{"name":"v","mountPath":"/tokenpipe{text}"}}]"#),
            "",
        )
    }),
    ("a number that is a text", "x", |text| {
        pod(
            "",
            "",
            &format!(r#","securityContext":{{"runAsUser":"{text}"}}"#),
        )
    }),
];

fn texts() -> Vec<Row> {
    let rows = TEXTS.iter().map(|(name, piece, make)| {
        let of = move |count: usize| make(&piece.repeat(count));
        row((*name).to_owned(), RAW / piece.len(), of, admit)
    });
    rows.collect()
}

/// Every annotation of the one table, and keys that are not in it.
fn annotations() -> Vec<Row> {
    let mut rows = Vec::new();
    for entry in ENTRIES {
        let name = |what: &str| format!("annotation {}, {what}", entry.key);
        let text = |count: usize| annotated(entry.key, &"x".repeat(count));
        rows.push(row(name("a word"), ANNOTATION_LIST, text, admit));
        rows.push(row(name("raw"), RAW, text, admit));
        let same = |count: usize| annotated(entry.key, &repeated("a", count));
        rows.push(row(
            name("one entry often"),
            ANNOTATION_LIST / 2,
            same,
            admit,
        ));
        let others = |count: usize| annotated(entry.key, &repeated("a/b#", count));
        rows.push(row(name("many entries"), ANNOTATION_ENTRIES, others, admit));
    }
    let both = |count: usize| {
        let (listed, skipped) = (repeated("a", count), repeated("b", count));
        pod(
            &format!(
                r#","annotations":{{"{ANNOTATION_PREFIX}containers":"app,{listed}","{ANNOTATION_PREFIX}skip-containers":"{skipped}"}}"#
            ),
            "",
            "",
        )
    };
    rows.push(row(
        "containers and skip-containers, the same names".to_owned(),
        ANNOTATION_LIST / 2,
        both,
        admit,
    ));
    rows.push(row(
        "containers and skip-containers, raw".to_owned(),
        RAW / 4,
        both,
        admit,
    ));
    let unknown = |count: usize| {
        let keys = repeated(&format!(r#""{ANNOTATION_PREFIX}#":"""#), count);
        pod(&format!(r#","annotations":{{{keys}}}"#), "", "")
    };
    rows.push(row(
        "annotations that are not known".to_owned(),
        8_000,
        unknown,
        admit,
    ));
    rows.push(row(
        "annotations that are not known, raw".to_owned(),
        RAW / 24,
        unknown,
        admit,
    ));
    let foreign = |count: usize| {
        pod(
            &format!(r#","annotations":{{{}}}"#, repeated(r#""k#":"v""#, count)),
            "",
            "",
        )
    };
    rows.push(row(
        "annotations of others".to_owned(),
        POD_ANNOTATIONS / 32,
        foreign,
        admit,
    ));
    rows
}

fn configuration(text: &str) -> usize {
    Config::parse(text)
        .err()
        .map_or(0, |error| error.to_string().len())
}

fn rendered(text: &str) -> usize {
    let rendered = render(
        text,
        "shop",
        &Config::built_in(),
        Facts::default(),
        Format::Yaml,
    );
    // One line a problem.
    let rendered = rendered.unwrap();
    let lines = rendered.refusals.iter().chain(&rendered.warnings);
    lines.map(String::len).max().unwrap_or_default()
}

fn migrated(text: &str) -> usize {
    let notes = migrate(text).notes;
    let lengths = notes.iter().map(|note| note.text.len());
    lengths.max().unwrap_or_default()
}

const DEFAULT: &str = "connections: {default: {address: 'https://v'";
const ANNOTATION: &str = "vault.hashicorp.com/agent-inject: \"true\"\n";
const OBJECT: &str = "---
kind: Pod
metadata:
  annotations:
    vault.security.banzaicloud.io/vault-role: a
    vault.security.banzaicloud.io/vault-path: b
";

/// Name, bound, the text with so many, and what reads it.
type File = (&'static str, usize, fn(usize) -> String, fn(&str) -> usize);

const FILES: &[File] = &[
    (
        "configuration, connections",
        200,
        |n| {
            format!(
                "connections: {{{}}}",
                repeated("c#: {address: 'https://v'}", n)
            )
        },
        configuration,
    ),
    (
        "configuration, namespaces",
        4_000,
        |n| format!("{DEFAULT}, allowedNamespaces: [{}]}}}}", repeated("n#", n)),
        configuration,
    ),
    (
        "configuration, mirrors",
        4_000,
        |n| {
            format!(
                "{DEFAULT}}}}}\nimages: {{mirrors: [{}]}}",
                repeated("m#", n)
            )
        },
        configuration,
    ),
    (
        "configuration, an unknown key",
        100_000,
        |n| format!("{}: 1", "x".repeat(n)),
        configuration,
    ),
    (
        "render, objects",
        50,
        |n| {
            let pod = pod("", "", "").replacen('{', r#"{"apiVersion":"v1","kind":"Pod","#, 1);
            format!("{pod}\n---\n").repeat(n)
        },
        rendered,
    ),
    (
        "render, one that is not read",
        5_000,
        |n| format!("kind: Other\nspec: [{}]", repeated("x#", n)),
        rendered,
    ),
    (
        "render, levels of braces",
        60,
        |n| format!("kind: Other\nspec: {}{}", "[".repeat(n), "]".repeat(n)),
        rendered,
    ),
    (
        "render, aliases",
        1_000,
        |n| format!("kind: Other\na: &a {{b: c}}\nspec: [{}]", repeated("*a", n)),
        rendered,
    ),
    (
        "render, problems of one pod",
        200,
        |n| {
            let container = r#"{"name":"c#","env":[{"name":"P","value":"vault:a/b"}]}"#;
            let containers = repeated(container, n);
            format!(r#"{{"apiVersion":"v1","kind":"Pod","spec":{{"containers":[{containers}]}}}}"#)
        },
        rendered,
    ),
    ("migrate, objects", 600, |n| OBJECT.repeat(n), migrated),
    (
        "migrate, one map",
        2_000,
        |n| {
            format!(
                "metadata:\n  annotations:\n{}",
                format!("    {ANNOTATION}").repeat(n)
            )
        },
        migrated,
    ),
    (
        "migrate, settings of one method",
        2_000,
        |n| {
            let lines = (0..n).map(|n| format!("    vault.hashicorp.com/auth-config-k{n}: v\n"));
            format!("metadata:\n  annotations:\n{}", lines.collect::<String>())
        },
        migrated,
    ),
    (
        "migrate, conditions inside each other",
        1_000,
        |n| {
            format!(
                "{}{}",
                format!("{{{{ if .x }}}}\n{ANNOTATION}").repeat(n),
                "{{ end }}\n".repeat(n)
            )
        },
        migrated,
    ),
    (
        "migrate, conditions beside each other",
        1_000,
        |n| {
            format!(
                "{{{{ if .x }}}}\n{ANNOTATION}{}{{{{ end }}}}\n",
                format!("{{{{ else if .y }}}}\n{ANNOTATION}").repeat(n)
            )
        },
        migrated,
    ),
    (
        "migrate, empty lines",
        20_000,
        |n| format!("{ANNOTATION}{}", "\n".repeat(n)),
        migrated,
    ),
    (
        "migrate, one line",
        100_000,
        |n| format!("value: [{}]", repeated("a", n)),
        migrated,
    ),
];

fn answered(text: &str) -> usize {
    fuzz_targets::answer(text.as_bytes());
    0
}

fn heard(text: &str) -> usize {
    fuzz_targets::agent_output(text.as_bytes());
    0
}

fn redacted(text: &str) -> usize {
    fuzz_targets::redactor(text.as_bytes());
    0
}

fn told(text: &str) -> usize {
    fuzz_targets::settings(text.as_bytes());
    0
}

fn templated(text: &str) -> usize {
    fuzz_targets::template(text.as_bytes());
    0
}

/// Bytes of the largest secret that Vault stores.
const SECRET: usize = 1024 * 1024;

/// What env-exec reads: answers, an agent's output, settings, templates. Each reader holds its own bound
/// on messages and panics beyond it. An answer is read as the answer to each kind of request.
const OTHERS: &[File] = &[
    (
        "an answer, one text",
        SECRET,
        |n| format!("200\n{{\"data\":{{\"k\":\"{}\"}}}}", "x".repeat(n)),
        answered,
    ),
    (
        "an answer, elements",
        ANSWERS_ELEMENTS / 8,
        |n| format!("200\n{{\"data\":{{\"k\":[{}]}}}}", repeated("1", n)),
        answered,
    ),
    (
        "an answer, keys",
        ANSWERS_ELEMENTS / 16,
        |n| format!("200\n{{\"data\":{{{}}}}}", repeated("\"k#\":{}", n)),
        answered,
    ),
    (
        "an answer, warnings",
        5_000,
        |n| {
            format!(
                "200\n{{\"data\":{{}},\"warnings\":[{}]}}",
                repeated("\"w#\"", n)
            )
        },
        answered,
    ),
    (
        "an answer, errors",
        ERROR_ANSWER_BYTES / 8,
        |n| format!("403\n{{\"errors\":[{}]}}", repeated("\"e#\"", n)),
        answered,
    ),
    (
        "an agent's output, one line",
        SECRET,
        |n| "x".repeat(n),
        heard,
    ),
    (
        "an agent's output, lines",
        2_000,
        |n| "{\"@level\":\"error\",\"@message\":\"m\",\"error\":\"e\"}\n".repeat(n),
        heard,
    ),
    (
        "an echo of a credential",
        2_000,
        |n| {
            format!(
                "hvs.canary-of-a-token\n{}",
                "aHZzLmNhbmFyeQ%68vs.canary".repeat(n)
            )
        },
        redacted,
    ),
    (
        "settings, paths",
        2_000,
        |n| {
            format!(
                r#"{{"exec":{{"vault":{{"address":"https://v"}},"token_volume":"/t","restart":"fail","from_path":[{}],"deadline_seconds":9,"termination_message":"/m"}}}}"#,
                repeated("\"a/b#\"", n)
            )
        },
        told,
    ),
    (
        "settings, sources",
        2_000,
        |n| {
            format!(
                r#"{{"exec":{{"vault":{{"address":"https://v"}},"token_volume":"/t","restart":"fail","sources":{{"named":{{"secret":[{}]}}}},"deadline_seconds":9,"termination_message":"/m"}}}}"#,
                repeated("\"V#\"", n)
            )
        },
        told,
    ),
    (
        "a template, text",
        templates::SOURCE / 2,
        |n| "x".repeat(n),
        templated,
    ),
    (
        "a template, actions",
        2_000,
        |n| "${.text}".repeat(n),
        templated,
    ),
    (
        "a template, parentheses",
        50,
        |n| format!("${{{}.num{}}}", "(".repeat(n), ")".repeat(n)),
        templated,
    ),
    (
        "a template, a longer source than is read",
        LONGEST_STRING,
        |n| format!("${{\"{}\"}}", "x".repeat(n)),
        templated,
    ),
];

fn others() -> Vec<Row> {
    let rows = OTHERS
        .iter()
        .map(|(name, bound, make, read)| row((*name).to_owned(), *bound, make, *read));
    rows.collect()
}

fn files() -> Vec<Row> {
    let rows = FILES
        .iter()
        .map(|(name, bound, make, read)| row((*name).to_owned(), *bound, make, *read));
    rows.collect()
}

#[test]
fn lists_of_a_pod_stay_within_bounds() {
    hold(&lists());
}

/// The rows above are the parts that the webhook reads; these are all that Kubernetes has.
#[test]
fn every_part_of_a_pod_stays_within_bounds() {
    hold(&walk::every_field::rows(admit));
}

#[test]
fn texts_of_a_pod_stay_within_bounds() {
    hold(&texts());
}

#[test]
fn annotations_stay_within_bounds() {
    hold(&annotations());
}

#[test]
fn files_stay_within_bounds() {
    hold(&files());
}

#[test]
fn words_for_env_exec_stay_within_bounds() {
    hold(&others());
}
