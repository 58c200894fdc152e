//! The stand-in for kubelet does what kubelet does, as far as it says so.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::Duration;

use integration::kubelet::{Container, Image, Issuer, KubeletError, Next, Node, Pod};
use integration::process::Signal;
use integration::wait::wait_for;
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(20);

fn build_node() -> Result<Node, KubeletError> {
    let node = Node::new(Path::new(env!("CARGO_BIN_EXE_demo")), Issuer::new()?)?;
    let secret = BTreeMap::from([("role-id".to_owned(), b"of web".to_vec())]);
    Ok(node
        .with_image("machine", Image::of_this_machine())
        .with_secret("login", secret))
}

/// A container that runs a shell script, with further fields.
fn build_shell_container(name: &str, script: &str, fields: Value) -> Value {
    let command = ["sh", "-c", script];
    let mut container = json!({ "name": name, "image": "machine:1", "command": command });
    if let (Value::Object(container), Value::Object(fields)) = (&mut container, fields) {
        container.extend(fields);
    }
    container
}

fn build_pod(spec: Value) -> Value {
    let metadata = json!({ "name": "web", "namespace": "shop" });
    let mut pod = json!({ "apiVersion": "v1", "kind": "Pod", "metadata": metadata });
    pod["spec"] = spec;
    pod
}

/// What the one container of a pod prints.
fn read_output(
    node: &Node,
    script: &str,
    container: Value,
    volumes: Value,
) -> Result<String, KubeletError> {
    let mut spec = json!({ "containers": [build_shell_container("main", script, container)] });
    spec["volumes"] = volumes;
    let mut pod = Pod::new(node, &build_pod(spec))?;
    pod.start()?;
    let main = pod.find_container("main")?;
    main.wait(LIMIT)?;
    Ok(main.log())
}

#[test]
fn a_container_is_apart_from_the_machine() {
    let node = build_node().unwrap();
    let script =
        "echo $$$$; ls /; ls /usr/local /dev; ps -e -o pid=,comm=; cat /proc/self/mountinfo";
    let log = read_output(&node, script, json!({}), json!([])).unwrap();
    assert!(log.starts_with("1\nbin\ndev\netc\n"), "{log}");
    assert!(!log.contains("work") && !log.contains("root\n"), "{log}");
    assert!(log.contains("1 sh\n") && !log.contains("demo"), "{log}");
    let outside = fs::read_to_string("/proc/thread-self/mountinfo").unwrap();
    assert!(!outside.contains("-main.root"), "{outside}");
}

#[test]
fn users_and_capabilities() {
    let node = build_node().unwrap();
    let script = "id -u; id -g; id -G; grep -E 'CapBnd|CapEff|NoNewPrivs' /proc/self/status";
    let of = |context: Value| {
        read_output(
            &node,
            script,
            json!({ "securityContext": context }),
            json!([]),
        )
        .unwrap()
    };
    let restricted = of(json!({
        "runAsUser": 1000, "runAsGroup": 2000, "runAsNonRoot": true,
        "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] },
    }));
    assert_eq!(
        restricted,
        "1000\n2000\n2000\nCapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1\n"
    );
    let root = of(json!({}));
    assert_eq!(
        root,
        "0\n0\n0\nCapEff:\t00000000a80425fb\nCapBnd:\t00000000a80425fb\nNoNewPrivs:\t0\n"
    );
    let powerless = of(json!({ "capabilities": { "drop": ["ALL"] } }));
    assert!(
        powerless.starts_with("0\n0\n0\nCapEff:\t0000000000000000\n"),
        "{powerless}"
    );
    let error = read_output(
        &node,
        "",
        json!({ "securityContext": { "runAsNonRoot": true } }),
        json!([]),
    );
    assert!(matches!(error, Err(KubeletError::Root(_))));
}

#[test]
fn volumes_are_what_kubelet_makes() {
    let node = build_node().unwrap();
    let volumes = json!([
        { "name": "memory", "emptyDir": { "medium": "Memory", "sizeLimit": "1Mi" } },
        { "name": "disk", "emptyDir": {} },
        { "name": "secret", "secret": { "secretName": "login", "defaultMode": 0o440 } },
        { "name": "token", "projected": { "sources": [
            { "serviceAccountToken": { "audience": "vault", "path": "token" } } ] } },
    ]);
    let mounts = json!([
        { "name": "memory", "mountPath": "/m" },
        { "name": "disk", "mountPath": "/d" },
        { "name": "disk", "mountPath": "/deep/er/d", "readOnly": true },
        { "name": "secret", "mountPath": "/s", "readOnly": true },
        { "name": "token", "mountPath": "/t", "readOnly": true },
    ]);
    let script =
        "stat -c '%a %U %n' /m /d; stat -f -c %T /m /s /t; df -k --output=size /m | tail -1
        echo x > /d/file && cat /deep/er/d/file; touch /deep/er/d/no 2>&1; touch /s/no 2>&1
        touch /no 2>&1; readlink /s/role-id /t/..data; cat /s/role-id; echo
        stat -L -c '%a %u' /s/role-id /t/token; wc -c < /t/token
        cut -d. -f2 /t/token | tr _- /+ | base64 -d 2>/dev/null";
    let context = json!({ "runAsUser": 1000, "runAsGroup": 1000, "readOnlyRootFilesystem": true });
    let fields = json!({ "volumeMounts": mounts, "securityContext": context });
    let log = read_output(&node, script, fields.clone(), volumes.clone()).unwrap();
    let lines: Vec<_> = log.lines().collect();
    assert_eq!(
        lines[..5],
        ["1777 root /m", "777 root /d", "tmpfs", "tmpfs", "tmpfs"],
        "{log}"
    );
    assert_eq!((lines[5].trim(), lines[6]), ("1024", "x"));
    for line in &lines[7..10] {
        assert!(line.ends_with("Read-only file system"), "{log}");
    }
    // One UID for all containers: the token is private to it.
    assert_eq!(
        lines[10..13],
        [
            "..data/role-id",
            "..version",
            "cat: /s/role-id: Permission denied"
        ]
    );
    assert_eq!(lines[14..16], ["440 0", "600 1000"]);
    assert!(log.contains(r#""aud":["vault"]"#), "{log}");
    assert!(
        log.contains(r#""sub":"system:serviceaccount:shop:default""#),
        "{log}"
    );

    let log = read_output(
        &node,
        "cat /s/role-id; stat -L -c ' %a %u' /t/token",
        json!({ "volumeMounts": mounts }),
        volumes,
    )
    .unwrap();
    assert_eq!(log, "of web 644 0\n", "no UID of the pod's own");
}

#[test]
fn variables_are_expanded() {
    let node = build_node().unwrap();
    let env = json!([
        { "name": "A", "value": "vault:secret/data/db#password" },
        { "name": "B", "value": "<$(A)> $$(A) $(C)" },
    ]);
    let script = "echo $(A); env; echo \"$$B\"; pwd";
    let fields = json!({ "env": env, "workingDir": "/usr" });
    let log = read_output(&node, script, fields, json!([])).unwrap();
    let mut lines: Vec<_> = log.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "/usr",
            "<vault:secret/data/db#password> $(A) $(C)",
            "A=vault:secret/data/db#password",
            "B=<vault:secret/data/db#password> $(A) $(C)",
            "HOME=/root",
            "HOSTNAME=web",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "PWD=/usr",
            "vault:secret/data/db#password",
        ]
    );
}

#[test]
fn init_containers_run_in_order_and_sidecars_beside_them() {
    let node = build_node().unwrap();
    let mounts = json!([{ "name": "v", "mountPath": "/v" }]);
    let append = |name: &str, script: &str, policy: Value| {
        let fields = json!({ "volumeMounts": mounts, "restartPolicy": policy });
        build_shell_container(name, script, fields)
    };
    let started = "until [ -e /v/sidecar ]; do :; done; echo second >> /v/log";
    let spec = json!({
        "volumes": [{ "name": "v", "emptyDir": {} }],
        "initContainers": [
            append("first", "echo first >> /v/log", Value::Null),
            append("sidecar", "touch /v/sidecar; exec sleep 1000", json!("Always")),
            append("second", started, Value::Null),
        ],
        "containers": [append("main", "cat /v/log; exec sleep 1000", Value::Null)],
    });
    let mut pod = Pod::new(&node, &build_pod(spec)).unwrap();
    pod.start().unwrap();
    let main = pod.find_container("main").unwrap();
    wait_for("the log of the init containers", LIMIT, || {
        main.log() == "first\nsecond\n"
    })
    .unwrap();
    let running: Vec<_> = pod
        .starts()
        .iter()
        .filter(|c| c.is_running())
        .map(Container::name)
        .collect();
    assert_eq!(running, ["sidecar", "main"]);
}

#[test]
fn an_init_container_that_fails_leaves_its_reason() {
    let node = build_node().unwrap();
    let failing = |script: &str, fields: Value| {
        let spec = json!({
            "initContainers": [build_shell_container("bad", script, fields)],
            "containers": [build_shell_container("main", "exit 0", json!({}))],
        });
        let mut pod = Pod::new(&node, &build_pod(spec)).unwrap();
        let error = pod.start().unwrap_err();
        assert!(pod.find_container("main").is_err());
        error.to_string()
    };
    assert_eq!(
        failing(
            "echo said; echo because > /dev/termination-log; exit 7",
            json!({})
        ),
        "init container bad ended with 7: because\n\nits log ended with:\nsaid"
    );
    let context = json!({ "runAsUser": 9 });
    let fields = json!({ "terminationMessagePath": "/tmp/why", "securityContext": context });
    let other_path = failing("echo -n because > /tmp/why; exit 1", fields);
    assert!(
        other_path.starts_with("init container bad ended with 1: because\n"),
        "{other_path}"
    );
    let policy = json!({ "terminationMessagePolicy": "FallbackToLogsOnError" });
    assert!(
        failing("echo said; exit 7", policy).starts_with("init container bad ended with 7: said\n")
    );
    let absent = failing("", json!({ "command": ["/no/such"] }));
    assert!(absent.contains("ended with 128: "), "{absent}");
    assert!(
        absent.ends_with("cannot execute /no/such: No such file or directory (os error 2)"),
        "{absent}"
    );
}

#[test]
fn a_rule_starts_all_containers_again() {
    let node = build_node().unwrap();
    let rules = json!([{
        "action": "RestartAllContainers", "exitCodes": { "operator": "In", "values": [117] },
    }]);
    let mounts = json!([{ "name": "v", "mountPath": "/v" }]);
    let script = "[ -e /v/token ] || exit 117; rm /v/token; exec sleep 1000";
    let spec = json!({
        "volumes": [{ "name": "v", "emptyDir": { "medium": "Memory" } }],
        "initContainers": [build_shell_container("login", "touch /v/token", json!({ "volumeMounts": mounts }))],
        "containers": [
            build_shell_container("main", script, json!({
                "volumeMounts": mounts, "restartPolicy": "Always", "restartPolicyRules": rules,
            })),
            build_shell_container("other", "exec sleep 1000", json!({})),
        ],
    });
    let mut pod = Pod::new(&node, &build_pod(spec)).unwrap();
    pod.start().unwrap();
    let token = pod.find_volume("v").unwrap().join("token");
    wait_for("the first start", LIMIT, || !token.exists()).unwrap();
    pod.find_container("main")
        .unwrap()
        .signal(Signal::KILL)
        .unwrap();
    assert_eq!(pod.carry_on("main", LIMIT).unwrap(), Next::Restarts);
    assert_eq!(pod.carry_on("main", LIMIT).unwrap(), Next::RestartsAll);
    wait_for("the second login", LIMIT, || !token.exists()).unwrap();
    let history: Vec<_> = pod
        .starts()
        .iter()
        .map(|start| (start.name(), start.end().map(|end| end.code)))
        .collect();
    assert_eq!(
        history,
        [
            ("login", Some(0)),
            ("main", Some(137)),
            ("other", Some(137)),
            ("main", Some(117)),
            ("login", Some(0)),
            ("main", None),
            ("other", None),
        ]
    );
}

#[test]
fn nothing_is_left_of_a_pod() {
    let node = build_node().unwrap();
    let script = "setsid sleep 1000 & setsid sleep 1000 & exec sleep 1000";
    let spec = json!({
        "volumes": [{ "name": "v", "emptyDir": { "medium": "Memory" } }],
        "containers": [build_shell_container("main", script, json!({ "volumeMounts": [{ "name": "v", "mountPath": "/v" }] }))],
    });
    let mut pod = Pod::new(&node, &build_pod(spec)).unwrap();
    pod.start().unwrap();
    let (id, directory) = (
        pod.find_container("main").unwrap().id(),
        pod.directory().to_owned(),
    );
    let namespace = fs::read_link(format!("/proc/{id}/ns/pid")).unwrap();
    let members = || {
        let processes = fs::read_dir("/proc").unwrap().flatten();
        processes
            .filter(|process| {
                fs::read_link(process.path().join("ns/pid")).is_ok_and(|ns| ns == namespace)
            })
            .count()
    };
    wait_for("three processes", LIMIT, || members() == 3).unwrap();
    drop(pod);
    wait_for("the end of the namespace", LIMIT, || members() == 0).unwrap();
    assert!(!directory.exists());
    let mounts = fs::read_to_string("/proc/thread-self/mountinfo").unwrap();
    assert!(!mounts.contains(&*directory.to_string_lossy()), "{mounts}");
}

#[test]
fn an_image_from_scratch_has_nothing_but_its_files() {
    let node = build_node().unwrap();
    let node = node.with_image(
        "tiny",
        Image::from_scratch().with_file("/hello", Path::new("/bin/true")),
    );
    let run = |command: &str| {
        let container = json!({ "name": "main", "image": "tiny", "command": [command] });
        let mut pod = Pod::new(&node, &build_pod(json!({ "containers": [container] }))).unwrap();
        pod.start().unwrap();
        let main = pod.find_container("main").unwrap();
        (main.wait(LIMIT).unwrap().code, main.log())
    };
    let (code, log) = run("/bin/sh");
    assert_eq!(
        (code, log.contains("cannot execute /bin/sh")),
        (128, true),
        "{log}"
    );
    // It is there, but not the loader that it needs.
    let (code, log) = run("/hello");
    assert_eq!(
        (code, log.contains("cannot execute /hello")),
        (128, true),
        "{log}"
    );
}
