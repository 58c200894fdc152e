//! Inputs that reach far: the cases of other tests.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// The values of the variables in `integration/tests/conformance/references.json`.
pub fn references() -> Vec<Vec<u8>> {
    let mut values: Vec<_> = cases("integration/tests/conformance/references.json")
        .iter()
        .flat_map(|case| case["env"].as_object().into_iter().flatten())
        .filter_map(|(_, value)| Some(value.as_str()?.into()))
        .collect();
    values.extend(
        [
            "secret/data/db?#2",
            "a/b",
            "\\${vault:a#b}",
            "${vault:login}",
        ]
        .map(Into::into),
    );
    values
}

/// The templates of `templates/tests/conformance/`.
pub fn templates() -> Vec<Vec<u8>> {
    let sprig = read("templates/tests/conformance/sprig.jsonl");
    let sprig = sprig.lines().skip(1).map(json_of);
    cases("templates/tests/conformance/templates.json")
        .into_iter()
        .chain(sprig)
        .filter_map(|case| Some(case["template"].as_str()?.into()))
        .collect()
}

/// The same, and templates that take much time or memory.
pub fn costly_templates() -> Vec<Vec<u8>> {
    let mut all = templates();
    let loops = [
        r"contains .half .text",
        r"trimAll .wide .text",
        r"fromJson .json",
        r#"split "a" .text"#,
        r#"repeat 9223372036854775807 """#,
        r"deepCopy .map",
        r#"regexReplaceAll "a*b|a" .text "${x}""#,
        r"compact .empties",
        r"toPrettyJson .map",
        r#"has "y" .texts"#,
        r"uniq .list",
        r#"dateModify "1ns" now"#,
        r#"semverCompare "1||2||3||4" "5""#,
    ];
    for call in loops {
        let looped = call.replace(" .", " $.");
        all.push(format!("${{$x := {call}}}").into());
        all.push(format!("${{range 200000}}${{$x := {looped}}}${{end}}").into());
        all.push(
            format!(
                "${{$d := dict}}${{range 200000}}${{$_ := set $d (print .) ({looped})}}${{end}}"
            )
            .into(),
        );
    }
    all
}

/// Settings of both kinds.
pub fn settings() -> Vec<Vec<u8>> {
    let vault = json!({
        "address": "https://vault.example:8200/v", "namespace": "a/b", "ca": "-----BEGIN CERTIFICATE-----",
        "tls_server_name": "vault", "proxy": "http://proxy:3128", "tls_skip_verify": true,
        "client_cert_secret": "vault-client",
    });
    let exec = json!({
        "vault": vault, "token_volume": "/tokenpipe/token", "wrapped_by": "auth/x", "restart": "rerun", "deadline_seconds": 60,
        "from_path": ["secret/data/a", "secret/data/b?#2"], "ignore_missing": true,
        "transit": { "path": "transit", "key": "k" }, "min_lease_seconds": 60, "revoke": true,
        "termination_message": "/dev/termination-log", "log": "json",
    });
    let agent = json!({
        "vault": { "address": "unix:///run/vault.sock" }, "config": { "auto_auth": {} },
        "containers": ["app", "job-2"], "same_uid": true, "deadline_seconds": 60, "install": true,
    });
    texts([json!({ "exec": exec }), json!({ "agent": agent })])
}

/// Tokens, a wrapped one, and records of reruns.
pub fn token_volumes() -> Vec<Vec<u8>> {
    let mut files = texts([
        json!({ "token": "hvs.w", "accessor": "a", "ttl": 60, "creation_path": "auth/x/login" }),
        json!({ "reruns": [{ "at": 1, "reason": "no token" }], "program": { "id": 1, "start": 2 } }),
    ]);
    files.extend(["hvs.abc\n", "", "hvs.a b"].map(Into::into));
    files
}

/// The files of the tests of `tokenpipe migrate`.
pub fn migrations() -> Vec<Vec<u8>> {
    files("webhook/tests/migrate")
        .into_iter()
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .map(|path| fs::read(path).expect("a case can be read"))
        .collect()
}

/// What real agents have said.
pub fn agent_outputs() -> Vec<Vec<u8>> {
    let logged = |module: &str, message: &str, error: &str| {
        json!({ "@level": "error", "@module": module, "@message": message, "error": error })
            .to_string()
    };
    let refused = "Error making API request.\n\nURL: PUT http://v/v1/auth/approle/login\nCode: 400. \
                   Errors:\n\n* invalid role or secret ID";
    [
        logged("agent.auth.handler", "error authenticating", refused),
        logged(
            "agent.auth.handler",
            "error getting path or data from method",
            "no known secret ID",
        ),
        logged(
            "agent.auth.handler",
            "authentication returned empty client token",
            "",
        ),
        logged("agent.sink.server", "error from sink", "permission denied"),
        json!({ "@level": "info", "@message": "token written" }).to_string(),
        "error loading configuration from a.json: no".into(),
        "Error creating jwt auth method: dial tcp 127.0.0.1:1: connect: connection refused".into(),
        "panic: non-positive interval for NewTicker\n\ngoroutine 1 [running]:".into(),
    ]
    .map(String::into_bytes)
    .into()
}

/// A secret, and what somebody writes who knows it.
pub fn echoes() -> Vec<Vec<u8>> {
    let token = "hvs.CAESIJx-4wz_Pq0VtLqjOIhUPs7dDk";
    [
        format!("{token}\nbad token {token} in \"{token}\"\n"),
        format!("{token}\nbad token {}, {}", &token[3..], &token[..20]),
        "hunter2\nhttp://me:hunter2@proxy {\"password\":\"hunter2\"}".into(),
        "hunter2\nAuthorization: Basic bWU6aHVudGVyMg==".into(),
        "correct horse/battery\ncorrect+horse%2fbattery correct%20horse%2Fbattery".into(),
        "a\"quoted\\secret\n{\"errors\":[\"a\\\"quoted\\\\secret \\u0061\\u0022quoted\"]}".into(),
        "aaaaaaaa\naaaaaaaaaaaaaaaaaaaaaaa %61aaaaaaa".into(),
        "pässwörter\nno pässwörter p%C3%A4ssw%c3%b6rter".into(),
    ]
    .map(String::into_bytes)
    .into()
}

/// What Vault answers, and others in its place.
pub fn answers() -> Vec<Vec<u8>> {
    let metadata =
        json!({ "version": 2, "created_time": "2026-11-24T18:00:00Z", "destroyed": false });
    let ok = |data: Value| {
        let body = json!({
            "request_id": "r", "lease_id": "a/b", "lease_duration": 60, "data": data, "warnings": ["w"],
        });
        format!("200\n{body}")
    };
    let errors = |status: u16, error: &str| format!("{status}\n{}", json!({ "errors": [error] }));
    let auth = json!({ "request_id": "r", "auth": { "client_token": "hvs.t" } });
    [
        ok(json!({ "data": { "k": "v" }, "metadata": metadata })),
        ok(json!({ "data": null, "metadata": metadata })),
        ok(json!({ "k": 1.50, "list": [{}], "deep": { "a": { "b": null } } })),
        ok(json!({ "batch_results": [{ "plaintext": "aGk=" }] })),
        ok(json!({ "ttl": 0, "creation_path": "auth/jwt/login" })),
        format!("200\n{auth}"),
        format!(
            "404\n{}",
            json!({ "request_id": "r", "data": { "metadata": metadata } })
        ),
        errors(403, "1 error occurred:\n\t* permission denied\n\n"),
        errors(
            403,
            "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n",
        ),
        errors(503, "Vault is sealed"),
        errors(400, "failed to parse JSON input: \"body\""),
        "307\n".into(),
        "200\n<html>".into(),
        "204\n".into(),
    ]
    .map(String::into_bytes)
    .into()
}

/// Method and `auth-config` of the webhook's pods, and every key of every method.
pub fn logins() -> Vec<Vec<u8>> {
    let mut inputs = Vec::new();
    for pod in pods() {
        let annotation = |key: &str| {
            let key = format!("{}{key}", contract::names::ANNOTATION_PREFIX);
            pod["metadata"]["annotations"][key]
                .as_str()
                .map(str::to_owned)
        };
        if let Some(method) = annotation("auth-method") {
            let config = annotation("auth-config").unwrap_or_else(|| "{}".into());
            inputs.push(format!("{method}\n{config}").into_bytes());
        }
    }
    for method in agent_config::methods::ALL {
        for value in ["/tokenpipe/auth/x", "true", "60", "1m", "''", "{a: [b]}"] {
            let keys = method
                .keys
                .iter()
                .map(|key| format!("{}: {value}\n", key.name));
            inputs.push(format!("{}\n{}", method.name, keys.collect::<String>()).into_bytes());
        }
    }
    inputs
}

/// The same with all that may stand beside it.
pub fn agent_files() -> Vec<Vec<u8>> {
    let beside = |login: Vec<u8>| {
        let (name, config) = login.split_at(login.iter().position(|byte| *byte == b'\n')?);
        let head = [name, b"\0web\0team/x\0ns/a\x0060s\0"].concat();
        let bare = [name, b"\0\0\0\0\0"].concat();
        Some([
            [head, config.to_vec()].concat(),
            [bare, config.to_vec()].concat(),
        ])
    };
    logins().into_iter().filter_map(beside).flatten().collect()
}

/// Reviews of the webhook's pods.
pub fn reviews() -> Vec<Vec<u8>> {
    texts(pods().into_iter().map(|pod| {
        json!({
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "request": {
                "uid": "u", "kind": { "group": "", "version": "v1", "kind": "Pod" },
                "operation": "CREATE", "namespace": "shop", "object": pod,
            },
        })
    }))
}

fn pods() -> Vec<Value> {
    let pod = |file: PathBuf| -> Option<Value> {
        let text = fs::read_to_string(file).ok()?;
        let documents: Vec<Value> = serde_yaml::from_multiple(&text).ok()?;
        documents.into_iter().nth(1)
    };
    files("webhook/tests/pods")
        .into_iter()
        .filter_map(pod)
        .collect()
}

/// The files of a directory of the repository.
fn files(directory: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(repository().join(directory))
        .expect("the directory is there")
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    files.sort();
    files
}

fn cases(path: &str) -> Vec<Value> {
    let file = json_of(&read(path));
    file["cases"].as_array().cloned().unwrap_or_default()
}

fn json_of(text: &str) -> Value {
    serde_json::from_str(text).expect("a case is JSON")
}

fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).expect("the cases are in the repository")
}

fn texts(values: impl IntoIterator<Item = Value>) -> Vec<Vec<u8>> {
    values
        .into_iter()
        .map(|value| value.to_string().into_bytes())
        .collect()
}

/// The repository.
pub fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
