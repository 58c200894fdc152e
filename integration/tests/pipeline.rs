//! Pods through the whole pipeline: admission, a real login, secrets, the program. Real are Vault,
//! its agent, tokenpipe and env-exec; kubelet is the stand-in of `integration/src/kubelet.rs`.

#[path = "support/place.rs"]
mod place;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use contract::{ExitCode, names, paths};
use integration::demo::processes::Process;
use integration::demo::secrets::set_up_login;
use integration::demo::{DemoError, evidence, examples};
use integration::kubelet::{Container, Next, Pod};
use integration::process::{self, Signal};
use integration::product;
use json_patch::Patch;
use serde_json::{Value, json};

use place::{LIMIT, Place, wait_for_log};

/// Waits until it is told to stop.
const WAIT: &str = "trap 'exit 0' TERM; sleep infinity & wait";

/// A place where the example's pod can log in, and whose operator has changed something in the
/// examples' configuration.
fn start_place_with(change: impl FnOnce(&mut Value)) -> Result<Place, DemoError> {
    let place = Place::new(change)?;
    set_up_login(&place.vault, "jwt", place.node.issuer())?;
    Ok(place)
}

fn start_place() -> Result<Place, DemoError> {
    start_place_with(|_| {})
}

/// The example's pod, with further annotations.
fn build_example(annotations: &[(&str, &str)]) -> Result<Value, DemoError> {
    let mut pod = examples::build_pod()?;
    for (key, value) in annotations {
        pod["metadata"]["annotations"][format!("{}{key}", names::ANNOTATION_PREFIX)] = json!(value);
    }
    Ok(pod)
}

/// All files in the volumes that containers hand tokens through.
fn find_tokens(pod: &Pod<'_>) -> Result<Vec<PathBuf>, DemoError> {
    let mut found = Vec::new();
    for entry in fs::read_dir(pod.directory())? {
        let handover = entry?.path().join(paths::HANDOVER);
        found.extend(
            [handover.join(paths::TOKEN_FILE)]
                .into_iter()
                .filter(|file| file.exists()),
        );
    }
    Ok(found)
}

#[test]
fn every_kind_of_container_with_a_user_of_its_own() {
    let place = start_place().unwrap();
    let mounts = json!([{ "name": "work", "mountPath": "/work" }]);
    let container = |name: &str, user: u32, script: &str| {
        json!({
            "name": name, "image": "shop/web:1", "command": ["sh", "-c", script],
            "env": [
                { "name": "PASSWORD", "value": "vault:secret/data/shop/db#password" },
                { "name": "USERNAME", "value": "${vault:secret/data/shop/db#username}" },
            ],
            "volumeMounts": mounts,
            "securityContext": {
                "runAsUser": user, "runAsGroup": user, "allowPrivilegeEscalation": false,
                "capabilities": { "drop": ["ALL"] },
            },
        })
    };
    // Some variables of env-exec's own could only be seen here: the program's environment is what
    // matters, so it tells of itself. Never the value.
    let told = format!(
        "echo \"$(id -u) is $USERNAME, password of ${{#PASSWORD}}, left: $(ls {}/{})\"; env > /work/$$$$ ; ",
        paths::TOKEN,
        paths::HANDOVER
    );
    let mut sidecar = container("shipper", 1002, &format!("{told}{WAIT}"));
    sidecar["restartPolicy"] = json!("Always");
    let mut plain = container(
        "plain",
        1004,
        &format!("ls -d {} 2>&1; {WAIT}", paths::ROOT),
    );
    plain["env"] = json!([]);
    let mut written = examples::build_pod().unwrap();
    written["spec"]["securityContext"] = json!({});
    written["spec"]["volumes"] = json!([{ "name": "work", "emptyDir": { "medium": "Memory" } }]);
    written["spec"]["initContainers"] = json!([
        container("before", 1000, "echo before"),
        container("migrate", 1001, &told),
        sidecar,
    ]);
    written["spec"]["initContainers"][0]["env"] = json!([]);
    written["spec"]["containers"] =
        json!([container("web", 1003, &format!("{told}{WAIT}")), plain]);

    let admitted = place.webhook.admit_pod(&written).unwrap();
    let mut pod = Pod::new(&place.node, &admitted.pod).unwrap();
    pod.start().unwrap();
    let length = place.secrets.password().len();
    for (name, user) in [("migrate", 1001), ("shipper", 1002), ("web", 1003)] {
        let line = format!(
            "{user} is shop, password of {length}, left: {}\n",
            paths::RERUN_FILE
        );
        wait_for_log(&mut pod, name, &line).unwrap();
    }
    let absent = format!(
        "ls: cannot access '{}': No such file or directory\n",
        paths::ROOT
    );
    wait_for_log(&mut pod, "plain", &absent).unwrap();
    let order: Vec<_> = pod.starts().iter().map(Container::name).collect();
    let expected = ["before", names::PREPARE_CONTAINER, names::AGENT_CONTAINER];
    assert_eq!(
        order,
        [&expected[..], &["migrate", "shipper", "web", "plain"]].concat()
    );

    assert_eq!(find_tokens(&pod).unwrap(), Vec::<PathBuf>::new());
    for name in ["shipper", "web"] {
        let process = Process::read(pod.find_container(name).unwrap().id()).unwrap();
        let environment = process.read_environment().unwrap();
        assert_eq!(environment["PASSWORD"], place.secrets.password());
        assert!(
            !environment.contains_key(names::SETTINGS_VARIABLE),
            "{name}"
        );
    }
    let injected = place.injected_pod(&written, &admitted, &pod);
    evidence::check_mounts(&injected).unwrap();
    // One login for all, and each secret read once in each container.
    assert_eq!(place.count_requests("update", "auth/jwt/login").unwrap(), 1);
    assert_eq!(
        place.count_requests("read", "secret/data/shop/db").unwrap(),
        3
    );
}

#[test]
fn approle_with_a_secret_that_only_the_agent_sees() {
    let mut place = start_place().unwrap();
    place.vault.enable_auth("approle", "approle").unwrap();
    let role = json!({ "token_policies": ["web"], "token_ttl": "10m" });
    place.vault.write("auth/approle/role/web", &role).unwrap();
    let role_id = place.vault.read("auth/approle/role/web/role-id").unwrap();
    let secret_id = place
        .vault
        .write("auth/approle/role/web/secret-id", &json!({}))
        .unwrap();
    let bytes = |value: &Value| value.as_str().unwrap().as_bytes().to_vec();
    let data = BTreeMap::from([
        ("role-id".to_owned(), bytes(&role_id["data"]["role_id"])),
        (
            "secret-id".to_owned(),
            bytes(&secret_id["data"]["secret_id"]),
        ),
    ]);
    place.node = place.node.with_secret("web-approle", data);

    let annotations = [("auth-method", "approle"), ("auth-secret", "web-approle")];
    let mut written = build_example(&annotations).unwrap();
    let role = format!("{}auth-role", names::ANNOTATION_PREFIX);
    written["metadata"]["annotations"]
        .as_object_mut()
        .unwrap()
        .remove(&role);
    let admitted = place.webhook.admit_pod(&written).unwrap();
    let mut pod = Pod::new(&place.node, &admitted.pod).unwrap();
    pod.start().unwrap();
    wait_for_log(&mut pod, "web", "web: ready").unwrap();

    let injected = place.injected_pod(&written, &admitted, &pod);
    for check in [
        evidence::check_values,
        evidence::check_environment,
        evidence::check_mounts,
        evidence::check_token_file,
    ] {
        check(&injected).unwrap();
    }
    evidence::check_files(&injected).unwrap();
    assert_eq!(
        place
            .count_requests("update", "auth/approle/login")
            .unwrap(),
        1
    );
}

#[test]
fn references_that_only_kubelet_sees() {
    let mut place = start_place().unwrap();
    let data = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.into())]);
    let url =
        "postgres://shop:${vault:secret/data/shop/db#${.password | urlquery}}@db.shop:5432/shop";
    place.node = place
        .node
        .with_config_map("web", data("DATABASE_URL", url))
        .with_secret(
            "web",
            data("password", "vault:secret/data/shop/db#password"),
        );
    let mut written = build_example(&[("inject", "true")]).unwrap();
    let container = &mut written["spec"]["containers"][0];
    container["envFrom"] = json!([{ "configMapRef": { "name": "web" } }]);
    let reference = json!({ "secretKeyRef": { "name": "web", "key": "password" } });
    container["env"] = json!([
        { "name": "LOG_LEVEL", "value": "info" },
        { "name": "CURRENCY", "value": "EUR" },
        { "name": "DB_PASSWORD", "valueFrom": reference },
    ]);
    let admitted = place.webhook.admit_pod(&written).unwrap();
    let mut pod = Pod::new(&place.node, &admitted.pod).unwrap();
    pod.start().unwrap();
    wait_for_log(&mut pod, "web", "web: ready").unwrap();
    let injected = place.injected_pod(&written, &admitted, &pod);
    evidence::check_values(&injected).unwrap();
    evidence::check_token_file(&injected).unwrap();
    evidence::check_files(&injected).unwrap();
}

#[test]
fn a_login_that_is_refused_says_why_and_leaves_nothing() {
    let place = start_place().unwrap();
    let written = build_example(&[("auth-role", "wep")]).unwrap();
    let admitted = place.webhook.admit_pod(&written).unwrap();
    let mut pod = Pod::new(&place.node, &admitted.pod).unwrap();
    let error = pod.start().unwrap_err().to_string();
    let agent = pod.find_container(names::AGENT_CONTAINER).unwrap();
    let end = agent.end().unwrap().clone();
    assert_eq!(end.code, i32::from(ExitCode::Refused.code()), "{error}");
    assert!(end.message.contains("\"wep\""), "{}", end.message);
    assert!(
        end.elapsed < Duration::from_secs(30),
        "it was told at once: {:?}",
        end.elapsed
    );
    assert!(pod.find_container("web").is_err());

    assert_eq!(find_tokens(&pod).unwrap(), Vec::<PathBuf>::new());
    let sink = Path::new(paths::AGENT_SINK)
        .strip_prefix(paths::AGENT)
        .unwrap();
    assert!(
        !pod.find_volume(names::AGENT_VOLUME)
            .unwrap()
            .join(sink)
            .exists()
    );
    evidence::check_files(&place.injected_pod(&written, &admitted, &pod)).unwrap();
    assert_eq!(place.count_requests("update", "auth/jwt/login").unwrap(), 0);
}

/// Kills the program of a pod that runs, and gives how kubelet goes on.
fn crash_program(pod: &mut Pod<'_>) -> Result<Next, DemoError> {
    wait_for_log(pod, "web", "web: ready")?;
    pod.find_container("web")?.signal(Signal::KILL)?;
    Ok(pod.carry_on("web", LIMIT)?)
}

#[test]
fn a_restart_has_the_init_containers_run_again() {
    let place = start_place().unwrap();
    let written = build_example(&[("restart", "rerun")]).unwrap();
    let admitted = place.webhook.admit_pod(&written).unwrap();
    let mut pod = Pod::new(&place.node, &admitted.pod).unwrap();
    pod.start().unwrap();
    assert_eq!(crash_program(&mut pod).unwrap(), Next::Restarts);
    assert_eq!(pod.carry_on("web", LIMIT).unwrap(), Next::RestartsAll);
    wait_for_log(&mut pod, "web", "web: ready").unwrap();

    let codes: Vec<_> = pod
        .starts()
        .iter()
        .filter(|container| container.name() == "web")
        .map(|container| container.end().map(|end| end.code))
        .collect();
    assert_eq!(
        codes,
        [Some(137), Some(ExitCode::Rerun.code().into()), None]
    );
    let log = pod.find_container("web").unwrap().log();
    assert!(
        log.contains("asked to run again"),
        "the next start tells why: {log}"
    );
    let injected = place.injected_pod(&written, &admitted, &pod);
    evidence::check_values(&injected).unwrap();
    evidence::check_token_file(&injected).unwrap();
    evidence::check_files(&injected).unwrap();
    assert_eq!(place.count_requests("update", "auth/jwt/login").unwrap(), 2);
    assert_eq!(
        place
            .count_requests("update", "auth/token/revoke-self")
            .unwrap(),
        2
    );
}

#[test]
fn a_restart_finds_the_token_that_was_retained() {
    let place = start_place().unwrap();
    let written = build_example(&[("restart", "retain")]).unwrap();
    let admitted = place.webhook.admit_pod(&written).unwrap();
    let mut pod = Pod::new(&place.node, &admitted.pod).unwrap();
    pod.start().unwrap();
    for _ in 0..2 {
        assert_eq!(crash_program(&mut pod).unwrap(), Next::Restarts);
    }
    wait_for_log(&mut pod, "web", "web: ready").unwrap();
    evidence::check_values(&place.injected_pod(&written, &admitted, &pod)).unwrap();
    assert_eq!(find_tokens(&pod).unwrap().len(), 1);
    assert_eq!(place.count_requests("update", "auth/jwt/login").unwrap(), 1);
    assert_eq!(
        place
            .count_requests("update", "auth/token/revoke-self")
            .unwrap(),
        0
    );
}

#[test]
fn a_restart_fails_where_it_is_to_fail() {
    let place = start_place().unwrap();
    let written = build_example(&[("restart", "fail")]).unwrap();
    let admitted = place.webhook.admit_pod(&written).unwrap();
    let mut pod = Pod::new(&place.node, &admitted.pod).unwrap();
    pod.start().unwrap();
    assert_eq!(crash_program(&mut pod).unwrap(), Next::Restarts);
    let end = pod
        .find_container("web")
        .unwrap()
        .wait(LIMIT)
        .unwrap()
        .clone();
    assert_eq!(end.code, i32::from(ExitCode::NoToken.code()));
    assert!(end.message.contains("delete the pod"), "{}", end.message);
    evidence::check_files(&place.injected_pod(&written, &admitted, &pod)).unwrap();
}

#[test]
fn an_agent_image_that_carries_env_exec_needs_one_init_container() {
    let place = start_place_with(|config| {
        config["delivery"] = json!("agent-image");
        config["images"]["agent"] = json!("tokenpipe/agent:0.1.0");
    });
    let place = place.unwrap();
    let written = examples::build_pod().unwrap();
    let admitted = place.webhook.admit_pod(&written).unwrap();
    let mut pod = Pod::new(&place.node, &admitted.pod).unwrap();
    pod.start().unwrap();
    wait_for_log(&mut pod, "web", "web: ready").unwrap();
    let order: Vec<_> = pod.starts().iter().map(Container::name).collect();
    assert_eq!(order, [names::AGENT_CONTAINER, "web"]);
    let injected = place.injected_pod(&written, &admitted, &pod);
    for check in [
        evidence::check_values,
        evidence::check_process,
        evidence::check_mounts,
        evidence::check_token_file,
    ] {
        check(&injected).unwrap();
    }
}

/// A place in the example's pod, what stands there instead, and the claim that does not hold then.
type Wrong = (&'static str, &'static str, evidence::Check, &'static str);

#[test]
fn claims_that_do_not_hold_are_seen() {
    let cases: [Wrong; 6] = [
        // The first, because Vault's log has the requests of all.
        (
            "/metadata/annotations/tokenpipe.dev~1revoke",
            "never",
            evidence::check_vault_log,
            "1 update of auth/jwt/login",
        ),
        (
            "/spec/containers/0/env/1/value",
            "vault:secret/data/shop/db#username",
            evidence::check_values,
            "DB_PASSWORD is \"shop\"",
        ),
        (
            "/metadata/annotations/tokenpipe.dev~1from-path",
            "secret/data/shop/settings",
            evidence::check_environment,
            "country",
        ),
        (
            "/metadata/annotations/tokenpipe.dev~1restart",
            "retain",
            evidence::check_token_file,
            "handover/token is there",
        ),
        (
            "/spec/containers/0/args/0",
            "echo \"web: ready $DB_PASSWORD\"; sleep infinity",
            evidence::check_files,
            "-web.log does",
        ),
        (
            "/spec/containers/0/args/0",
            "exec 7< /dev/null; echo web: ready; sleep infinity & wait",
            evidence::check_process,
            "it has 4 open files",
        ),
    ];
    let place = start_place().unwrap();
    for (at, text, check, expected) in cases {
        let mut written = examples::build_pod().unwrap();
        // An array's element is replaced by "replace", a new annotation needs "add".
        let operation = if at.starts_with("/spec") {
            "replace"
        } else {
            "add"
        };
        let patch = json!([{ "op": operation, "path": at, "value": text }]);
        let patch: Patch = serde_json::from_value(patch).unwrap();
        json_patch::patch(&mut written, &patch).unwrap();
        let admitted = place.webhook.admit_pod(&written).unwrap();
        let mut pod = Pod::new(&place.node, &admitted.pod).unwrap();
        pod.start().unwrap();
        wait_for_log(&mut pod, "web", "web: ready").unwrap();
        let found = check(&place.injected_pod(&written, &admitted, &pod));
        let reason = found.expect_err(expected);
        assert!(reason.contains(expected), "{reason}");
    }
}

#[test]
fn the_examples_can_be_rendered_as_they_are() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let mut command = Command::new(product::find_tokenpipe().unwrap());
    command
        .arg("render")
        .arg("--config")
        .arg(examples.join("config.yaml"));
    command
        .arg("-f")
        .arg(examples.join("web.yaml"))
        .args(["--kubernetes-version", "1.37"]);
    let output = process::run_command(&mut command, LIMIT).unwrap();
    assert_eq!(
        (output.code(), output.stderr().as_str()),
        (Some(0), ""),
        "{output:?}"
    );
    for part in [
        "kind: Deployment",
        names::AGENT_CONTAINER,
        "https://vault.vault.svc:8200",
    ] {
        assert!(output.stdout().contains(part), "{part}: {output:?}");
    }
}
