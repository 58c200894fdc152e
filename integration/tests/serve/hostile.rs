//! Reviews that are made to cost as much as they can, forty at a time, within the memory that the chart
//! gives a replica.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use integration::wait::wait_for;
use reqwest::header::CONTENT_TYPE;
use serde_json::{Value, json};

use crate::build_pod;
use crate::tokenpipe::{LIMIT, Serve, Tls, build_config, build_review, post_body};

const JSON: &str = "application/json";

/// `resources.limits.memory` of the chart.
pub(crate) const MEMORY: u64 = 384 * 1024 * 1024;
/// The largest body that is read is 4 MiB.
const BODY: usize = 4_150_000;

/// A review of a pod in which `slot` is replaced by as many pieces as fit.
fn build_body(pod: &Value, slot: &str, piece: impl Fn(usize) -> String) -> String {
    let frame = build_review(pod).to_string();
    let (before, behind) = frame.split_once(slot).unwrap();
    let mut text = before.to_owned();
    for number in 0.. {
        let piece = piece(number);
        if text.len() + piece.len() + 1 + behind.len() > BODY {
            break;
        }
        if number > 0 && !slot.starts_with('H') {
            text.push(',');
        }
        text.push_str(&piece);
    }
    text + behind
}

/// A pod with a value in one of its fields.
fn build_pod_with(pointer: &str, value: Value) -> Value {
    let mut pod = build_pod();
    pod["spec"]["initContainers"] = json!([{ "name": "i", "command": ["/i"] }]);
    let (parent, field) = pointer.rsplit_once('/').unwrap();
    let parent = pod.pointer_mut(parent).unwrap();
    match parent.as_array_mut() {
        Some(list) => list[field.parse::<usize>().unwrap()] = value,
        None => parent[field] = value,
    }
    pod
}

/// A pod with a command that is injected, whatever is in it.
fn build_pod_with_command(words: Value) -> Value {
    build_pod_with("/spec/containers/0/command", words)
}

/// A review of 3.9 MB whose answer has 5 MB: a pod's command, which is moved.
pub(crate) fn with_large_answer() -> String {
    let word = format!("\"{}\"", "w".repeat(450));
    build_body(
        &build_pod_with_command(json!(["HERE"])),
        r#""HERE""#,
        |_| word.clone(),
    )
}

fn build_bodies() -> Vec<(&'static str, String)> {
    let list = || json!(["HERE"]);
    let map = || json!({ "HERE": "" });
    let init = |field: &str, value: Value| {
        build_pod_with(&format!("/spec/initContainers/0/{field}"), value)
    };
    let codes = json!([{ "exitCodes": { "values": list() } }]);
    let amounts = json!({ "limits": { "cpu": list() } });
    let ours = json!({ "name": "tokenpipe-agent", "future": list() });
    let value = json!([{ "name": "A", "value": "HERE" }]);
    let control = r#""\u0001\u0001\u0001\u0001\u0001\u0001\u0001\u0001""#;
    let (element, entry, text) = (r#""HERE""#, r#""HERE":"""#, "HERE");
    let word = format!("\"{}\"", "w".repeat(450));
    let same: [(&str, Value, &str, &str); 18] = [
        (
            "containers",
            build_pod_with("/spec/containers", list()),
            element,
            "{}",
        ),
        (
            "init containers",
            build_pod_with("/spec/initContainers", list()),
            element,
            "{}",
        ),
        ("env", init("env", list()), element, "{}"),
        ("mounts", init("volumeMounts", list()), element, "{}"),
        ("words", init("args", list()), element, r#""""#),
        (
            "exit codes",
            init("restartPolicyRules", codes),
            element,
            "1",
        ),
        ("a quantity", init("resources", amounts), element, "[]"),
        (
            "volumes",
            build_pod_with("/spec/volumes", list()),
            element,
            "{}",
        ),
        (
            "a field that is not read",
            build_pod_with("/spec/future", list()),
            element,
            "{}",
        ),
        (
            "a copy of ours",
            build_pod_with("/spec/initContainers/0", ours),
            element,
            "{}",
        ),
        ("control characters", init("args", list()), element, control),
        (
            "a value of references",
            init("env", value.clone()),
            text,
            "${vault:a#b}",
        ),
        ("a value of dollars", init("env", value.clone()), text, "$$"),
        ("a word of dollars", init("args", list()), text, "$$"),
        ("a word of variables", init("args", list()), text, "$()"),
        ("a wrong type", init("command", json!("HERE")), text, "x"),
        ("a command", build_pod_with_command(list()), element, &word),
        ("a word", build_pod_with_command(list()), text, "x"),
    ];
    let same =
        same.map(|(what, pod, slot, piece)| (what, build_body(&pod, slot, |_| piece.to_owned())));
    let numbered = [
        (
            "references",
            build_body(&init("env", list()), element, |number| {
                format!(r#"{{"name":"V{number}","value":"vault:a#b"}}"#)
            }),
        ),
        (
            "annotations",
            build_body(
                &build_pod_with("/metadata/annotations", map()),
                entry,
                |number| format!(r#""tokenpipe.dev/{number}":"""#),
            ),
        ),
        (
            "labels",
            build_body(
                &build_pod_with("/metadata/labels", map()),
                entry,
                |number| format!(r#""l{number}":"""#),
            ),
        ),
    ];
    same.into_iter().chain(numbered).collect()
}

#[test]
fn forty_hostile_reviews_at_once_stay_within_the_charts_memory() {
    let serve = Serve::start(&build_config(), Tls::Files);
    let bodies = build_bodies();
    for (what, body) in &bodies {
        assert!(
            body.len() > 3_900_000 && body.len() <= 4 * 1024 * 1024,
            "{what}: {}",
            body.len()
        );
    }
    // Each by itself, until the body came in time and was decided.
    let (client, url) = (serve.build_client(), serve.url());
    for (what, body) in &bodies {
        let ask = || {
            let request = client.post(&url).header(CONTENT_TYPE, JSON);
            let response = request.body(body.clone()).send().ok();
            let answer = response.filter(|response| response.status() == 200)?;
            answer.json::<Value>().ok()
        };
        let mut answer = None;
        let decided = || {
            answer = ask();
            answer.is_some()
        };
        wait_for(what, LIMIT, decided).unwrap();
        let answer = answer.unwrap();
        let message = &answer["response"]["status"]["message"];
        let length = message.as_str().unwrap_or_default().len();
        assert!(length <= 4096, "{what}: a message of {length} bytes");
        let peak = serve.peak_memory();
        assert!(peak < MEMORY, "{what}: {peak} bytes of memory");
    }
    let answered = AtomicUsize::new(0);
    thread::scope(|scope| {
        for number in 0..40 {
            let (what, body) = &bodies[number % bodies.len()];
            let (serve, answered) = (&serve, &answered);
            scope.spawn(move || {
                let client = serve.build_client();
                let request = client.post(serve.url()).header(CONTENT_TYPE, JSON);
                // Where there are too many, the connection may end before the body has been sent.
                let Ok(response) = request.body(body.clone()).send() else {
                    return;
                };
                let status = response.status().as_u16();
                let text = response.text().unwrap_or_default();
                let is_known = matches!(status, 200 | 400 | 408 | 503);
                assert!(is_known, "{what}: {status}: {text}");
                answered.fetch_add(1, Ordering::SeqCst);
            });
        }
    });
    assert!(answered.load(Ordering::SeqCst) > 0);
    let peak = serve.peak_memory();
    assert!(peak < MEMORY, "{peak} bytes of memory");
    let recovers = || {
        post_body(
            &serve.build_client(),
            &serve.url(),
            build_review(&build_pod()).to_string(),
        )
        .0 == 200
    };
    wait_for("a usual review to be answered", LIMIT, recovers).unwrap();
    assert_eq!(serve.get("healthz"), Some((200, "ok\n".into())));
}
