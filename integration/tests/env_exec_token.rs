//! The token's file, and what a start without a token does.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use integration::env_exec::{Start, Started};
use integration::network::{Answer, Responder};
use integration::process::{self, Background};
use integration::vault::Vault;
use integration::wait::wait_for;
use integration::{product, temp};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(60);

/// A pod with one reference.
fn build_start(restart: &str) -> Start {
    let (vault, conformance) = Vault::start_shared().unwrap();
    Start::in_pod(vault.address(), &conformance.token)
        .unwrap()
        .with_setting("restart", json!(restart))
        .with_variable("V", "vault:secret/data/account#password")
}

fn read_record(start: &Start) -> Value {
    serde_json::from_slice(&fs::read(start.record_file()).unwrap()).unwrap()
}

fn assert_end(started: &Started, code: i32, part: &str) {
    assert_eq!(started.code(), Some(code), "{started:?}");
    let line = started.line();
    assert!(line.contains(part), "{line}");
    assert_eq!(line.lines().count(), 1, "{line}");
}

#[test]
fn white_space_at_the_end_of_the_file_does_not_count() {
    let (_, conformance) = Vault::start_shared().unwrap();
    for end in ["\n", "\r\n", " \n\n"] {
        let start = build_start("fail");
        start
            .put_token(&format!("{}{end}", conformance.token))
            .unwrap();
        assert_eq!(start.run().unwrap().variable("V").unwrap(), "secret");
    }
}

/// Makes something that is no token file, in a pod and alone.
fn odd_files(make: impl Fn(&Path), code: i32, part: &str) {
    let (vault, _) = Vault::start_shared().unwrap();
    let in_pod = build_start("fail");
    fs::remove_file(in_pod.token_file()).unwrap();
    make(&in_pod.token_file());
    let begin = Instant::now();
    assert_end(&in_pod.run().unwrap(), code, part);
    let directory = temp::create_directory("odd-token").unwrap();
    let file = directory.path().join("token");
    make(&file);
    let alone = Start::bare()
        .with_variable("VAULT_ADDR", vault.address())
        .with_variable("VAULT_TOKEN_FILE", &file)
        .with_variable("V", "vault:secret/data/account#password");
    assert_end(&alone.run().unwrap(), 118, part);
    assert!(begin.elapsed() < Duration::from_secs(5), "{part}");
}

#[test]
fn malformed_token_file_is_rejected() {
    odd_files(
        |file| fs::create_dir(file).unwrap(),
        118,
        "is a directory, not a regular file",
    );
    odd_files(
        |file| symlink("/etc/hostname", file).unwrap(),
        118,
        "is a symbolic link",
    );
    let fifo = |file: &Path| assert!(Command::new("mkfifo").arg(file).status().unwrap().success());
    odd_files(fifo, 118, "is a FIFO, not a regular file");
    odd_files(
        |file| fs::write(file, vec![b'x'; 40_000]).unwrap(),
        118,
        "is larger than 32768 bytes",
    );
    odd_files(
        |file| fs::write(file, "hvs.a b").unwrap(),
        118,
        "space or control character",
    );
    odd_files(
        |file| fs::write(file, "hvs.\u{7}").unwrap(),
        118,
        "space or control character",
    );
    let (vault, _) = Vault::start_shared().unwrap();
    for (name, text, part) in [
        ("empty", Some(""), "is empty"),
        ("blank", Some("\n"), "is empty"),
        ("missing", None, "does not exist"),
    ] {
        let directory = temp::create_directory("odd-token").unwrap();
        let file = directory.path().join(name);
        if let Some(text) = text {
            fs::write(&file, text).unwrap();
        }
        let alone = Start::bare()
            .with_variable("VAULT_ADDR", vault.address())
            .with_variable("VAULT_TOKEN_FILE", &file)
            .with_variable("V", "vault:secret/data/account#password");
        assert_end(&alone.run().unwrap(), 118, part);
        assert!(alone.run().unwrap().line().contains(name));
    }
}

#[test]
fn the_token_is_gone_before_the_program_begins() {
    let start = build_start("fail");
    fs::write(
        start.volume().join("handover/token.new"),
        "hvs.left by a killed agent",
    )
    .unwrap();
    let list = format!("ls {}", start.volume().join("handover").display());
    let started = start.with_program(["sh", "-c", &list]).run().unwrap();
    assert_eq!(started.output.stdout(), "rerun.json\n", "{started:?}");
}

#[test]
fn a_program_of_another_user_shreds_what_is_open_to_it() {
    let directory = temp::create_directory("other-user").unwrap();
    let copy = directory.path().join("env-exec");
    fs::copy(product::find_env_exec().unwrap(), &copy).unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let start = build_start("fail");
    fs::set_permissions(start.volume(), fs::Permissions::from_mode(0o1777)).unwrap();
    let mut command = Command::new("setpriv");
    start.set_environment(&mut command);
    command
        .args([
            "--reuid=4321",
            "--regid=4321",
            "--clear-groups",
            "--inh-caps=-all",
            "--",
        ])
        .arg(&copy)
        .args(["sh", "-c", "echo \"$V\"; id -u"]);
    let output = process::run_command(&mut command, LIMIT).unwrap();
    assert_eq!(output.stdout(), "secret\n4321\n", "{output:?}");
    assert!(!start.token_file().exists());
    let mode = fs::metadata(start.record_file())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o666);
}

#[test]
fn a_token_that_cannot_be_removed_stops_the_start() {
    let start = build_start("fail");
    let handover = start.volume().join("handover");
    fs::set_permissions(&handover, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(start.token_file(), fs::Permissions::from_mode(0o644)).unwrap();
    let directory = temp::create_directory("not-removed").unwrap();
    let copy = directory.path().join("env-exec");
    fs::copy(product::find_env_exec().unwrap(), &copy).unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new("setpriv");
    start.set_environment(&mut command);
    command
        .args([
            "--reuid=4321",
            "--regid=4321",
            "--clear-groups",
            "--inh-caps=-all",
            "--",
        ])
        .arg(&copy)
        .args(["echo", "started"]);
    let output = process::run_command(&mut command, LIMIT).unwrap();
    assert_eq!((output.code(), output.stdout()), (Some(113), String::new()));
    assert!(
        output.stderr().contains("cannot be shredded: "),
        "{output:?}"
    );
}

#[test]
fn alone_the_token_file_is_only_read_and_its_variable_goes() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let home = temp::create_directory("home").unwrap();
    let file = home.path().join(".vault-token");
    fs::write(&file, &conformance.token).unwrap();
    let start = || {
        Start::bare()
            .with_variable("VAULT_ADDR", vault.address())
            .with_variable("HOME", home.path())
            .with_variable("V", "vault:secret/data/account#password")
    };
    let by_home = start().run().unwrap();
    assert_eq!(by_home.variable("V").unwrap(), "secret");
    let by_file = start()
        .with_variable("VAULT_TOKEN_FILE", &file)
        .with_variable("VAULT_TOKEN", "other");
    let by_file = by_file.run().unwrap();
    assert_eq!(by_file.variable("V").unwrap(), "secret");
    assert_eq!(by_file.variable("VAULT_TOKEN_FILE"), None);
    assert_eq!(
        by_file.variable("VAULT_TOKEN").unwrap(),
        "other",
        "it was not used"
    );
    let by_variable = start()
        .with_variable("VAULT_TOKEN", &conformance.token)
        .run()
        .unwrap();
    assert_eq!(by_variable.variable("VAULT_TOKEN"), None);
    assert_eq!(by_variable.variable("VAULT_ADDR").unwrap(), vault.address());
    assert_eq!(fs::read_to_string(&file).unwrap(), conformance.token);
    fs::remove_file(&file).unwrap();
    assert_end(&start().run().unwrap(), 118, "no token; set VAULT_TOKEN");
}

#[test]
fn in_a_pod_the_clients_variables_are_the_programs_own() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let start = Start::in_pod(vault.address(), &conformance.token)
        .unwrap()
        .with_variable("VAULT_ADDR", "http://127.0.0.1:1")
        .with_variable("VAULT_TOKEN", "mine")
        .with_variable("VAULT_SKIP_VERIFY", "junk")
        .with_variable("HTTP_PROXY", "http://127.0.0.1:1")
        .with_variable("V", "vault:secret/data/account#password");
    let started = start.run().unwrap();
    assert_eq!(started.variable("V").unwrap(), "secret", "{started:?}");
    assert_eq!(started.variable("VAULT_TOKEN").unwrap(), "mine");
    assert_eq!(started.variable("VAULT_SKIP_VERIFY").unwrap(), "junk");
    assert_eq!(started.variable("TOKENPIPE_SETTINGS"), None);
}

#[test]
fn login_gives_the_token_itself_and_does_not_revoke_it() {
    let (vault, _) = Vault::start_shared().unwrap();
    let token = vault
        .create_token(&json!({ "policies": ["conformance"] }))
        .unwrap();
    let start = Start::in_pod(vault.address(), &token)
        .unwrap()
        .with_setting("revoke", json!(true))
        .with_variable("VAULT_TOKEN", "vault:login")
        .with_variable("V", "vault:secret/data/account#password");
    let started = start.run().unwrap();
    assert_eq!(started.variable("VAULT_TOKEN").unwrap(), token);
    assert!(!start.token_file().exists());
    vault
        .request(
            &reqwest::Method::GET,
            "auth/token/lookup-self",
            &token,
            None,
        )
        .unwrap();
}

#[test]
fn a_failure_that_passes_leaves_the_token_for_the_next_start() {
    let start = build_start("rerun");
    let away = start
        .with_setting("vault.address", json!("http://127.0.0.1:1"))
        .with_setting("deadline_seconds", json!(1));
    assert_end(&away.run().unwrap(), 116, "Connection refused (within 1 s)");
    assert!(away.token_file().exists());
    let (vault, _) = Vault::start_shared().unwrap();
    let back = away.with_setting("vault.address", json!(vault.address()));
    assert_eq!(back.run().unwrap().variable("V").unwrap(), "secret");
}

#[test]
fn second_start_with_restart_fail_fails() {
    let start = build_start("fail");
    assert_eq!(start.run().unwrap().code(), Some(0));
    assert_end(
        &start.run().unwrap(),
        118,
        "an earlier start of this container used the token; delete the pod",
    );
}

#[test]
fn starts_with_restart_retain_share_the_token_until_it_is_revoked() {
    let start = build_start("retain").with_setting("revoke", json!(true));
    for _ in 0..3 {
        assert_eq!(start.run().unwrap().variable("V").unwrap(), "secret");
    }
    let (vault, _) = Vault::start_shared().unwrap();
    let token = vault
        .create_token(&json!({ "policies": ["conformance"] }))
        .unwrap();
    start.put_token(&token).unwrap();
    vault
        .write("auth/token/revoke", &json!({ "token": token }))
        .unwrap();
    assert_end(
        &start.run().unwrap(),
        115,
        "has expired or was revoked; set a longer token_ttl",
    );
    assert_end(
        &start.run().unwrap(),
        118,
        "the token kept for restarts is missing; delete the pod",
    );
}

#[test]
fn restart_rerun_asks_twice_in_a_row() {
    let start = build_start("rerun");
    assert_eq!(start.run().unwrap().code(), Some(0));
    let first = start.run().unwrap();
    assert_end(
        &first,
        117,
        "this container was restarted; asking kubelet to run the init containers again",
    );
    assert!(
        first.output.elapsed > Duration::from_millis(500),
        "no rerun without a pause"
    );
    assert_eq!(read_record(&start)["reruns"].as_array().unwrap().len(), 1);
    // The agent gives a token that Vault does not know: another reason, and the last rerun.
    start.put_token("hvs.unknown").unwrap();
    let second = start.run().unwrap();
    assert_eq!(second.code(), Some(117), "{second:?}");
    assert!(
        second.output.elapsed > Duration::from_secs(10),
        "the second pause is longer"
    );
    let lines: Vec<_> = second.output.stderr().lines().map(str::to_owned).collect();
    assert!(
        lines[0].contains("were asked to run again") && lines[0].contains("s ago: no token in"),
        "{lines:?}"
    );
    assert!(lines[1].contains("Vault rejects the token"), "{lines:?}");
    assert!(
        !start.token_file().exists(),
        "what Vault does not accept helps nobody"
    );
    let third = start.run().unwrap();
    assert_eq!(third.code(), Some(118), "{third:?}");
    assert!(
        third.output.stderr().contains("2 reruns gave no token"),
        "{third:?}"
    );
    // kubelet waits before the start after that, which asks once.
    let fourth = start.run().unwrap();
    assert_eq!(fourth.code(), Some(117), "{fourth:?}");
    assert!(fourth.output.elapsed > Duration::from_secs(10));
    assert_eq!(start.run().unwrap().code(), Some(118));
    assert_eq!(start.run().unwrap().code(), Some(117));
    // A program that starts begins the count anew.
    let (_, conformance) = Vault::start_shared().unwrap();
    start.put_token(&conformance.token).unwrap();
    let started = start.run().unwrap();
    assert_eq!(started.variable("V").unwrap(), "secret");
    assert!(
        started.output.stderr().contains("s ago: no token in"),
        "{started:?}"
    );
    assert_eq!(read_record(&start)["reruns"], json!([]));
}

#[test]
fn reruns_that_give_no_token_that_vault_accepts() {
    let start = build_start("rerun");
    let ends = [
        (117, "expired, revoked or used up; asking kubelet"),
        (117, "expired, revoked or used up; asking kubelet"),
        (115, "the role needs token_num_uses=0"),
        // The other container of the pod has asked: no pause of kubelet's is behind this.
        (115, "the role needs token_num_uses=0"),
    ];
    for (code, sentence) in ends {
        start.put_token("hvs.unknown").unwrap();
        let run = start.run().unwrap();
        assert_eq!(run.code(), Some(code), "{run:?}");
        // The line before tells of the rerun before.
        let said = run.output.stderr();
        let last = said.lines().last().unwrap_or_default();
        assert!(last.contains(sentence), "{said}");
    }
    // Nobody has, so kubelet has waited.
    assert_eq!(start.run().unwrap().code(), Some(117));
    assert_eq!(read_record(&start)["reruns"].as_array().unwrap().len(), 2);
}

/// A secret that is made long after its pod, whose tokens have expired meanwhile, more than once.
#[test]
fn starts_that_fail_for_another_reason_count_for_nothing() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let start = build_start("rerun").with_variable("V", "vault:secret/data/made-later#password");
    for _ in 0..3 {
        start.put_token("hvs.expired").unwrap();
        let asks = start.run().unwrap();
        assert_eq!(asks.code(), Some(117), "{asks:?}");
        assert!(
            asks.output.elapsed < Duration::from_secs(5),
            "this is the first in a row"
        );
        start.put_token(&conformance.token).unwrap();
        for told in [true, false] {
            let fails = start.run().unwrap();
            assert_eq!(fails.code(), Some(114), "{fails:?}");
            let said = fails.output.stderr();
            assert_eq!(said.contains("were asked to run again"), told, "{said}");
        }
    }
    vault
        .write(
            "secret/data/made-later",
            &json!({ "data": { "password": "late" } }),
        )
        .unwrap();
    assert_eq!(start.run().unwrap().variable("V").unwrap(), "late");
    vault.delete("secret/metadata/made-later").unwrap();
}

#[test]
fn a_policy_that_denies_is_no_reason_for_a_rerun() {
    let (vault, _) = Vault::start_shared().unwrap();
    let token = vault
        .create_token(&json!({ "policies": ["default"] }))
        .unwrap();
    let start = build_start("rerun");
    start.put_token(&token).unwrap();
    assert_end(
        &start.run().unwrap(),
        115,
        "`secret/data/account`: permission denied",
    );
    assert!(start.token_file().exists());
}

/// What Vault answers for each kind of token that is not good, and what env-exec makes of it.
#[test]
fn tokens_that_vault_does_not_accept() {
    let (vault, _) = Vault::start_shared().unwrap();
    let create = |more: Value| {
        let mut fields = json!({ "policies": ["conformance"] });
        fields
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        vault.create_token(&fields).unwrap()
    };
    let revoked = create(json!({}));
    vault
        .write("auth/token/revoke", &json!({ "token": revoked }))
        .unwrap();
    let used_up = create(json!({ "num_uses": 1 }));
    vault
        .request(&reqwest::Method::GET, "secret/data/account", &used_up, None)
        .unwrap();
    let expired = [
        create(json!({ "ttl": "1s" })),
        create(json!({ "ttl": "1s", "type": "batch" })),
    ];
    for token in &expired {
        wait_for("a token to expire", LIMIT, || {
            vault
                .request(&reqwest::Method::GET, "secret/data/account", token, None)
                .is_err()
        })
        .unwrap();
    }
    let [expired, expired_batch] = expired;
    for token in [
        "garbage".into(),
        "hvs.garbage".into(),
        revoked,
        used_up,
        expired,
        expired_batch,
    ] {
        let answer = vault.request(&reqwest::Method::GET, "secret/data/account", &token, None);
        let answer = answer.unwrap_err().to_string();
        assert!(
            answer.contains("403") && answer.contains("invalid token"),
            "{answer}"
        );
        let start = build_start("fail");
        start.put_token(&token).unwrap();
        assert_end(&start.run().unwrap(), 115, "Vault rejects the token");
    }
}

#[test]
fn whoever_comes_after_the_program_is_told_so() {
    let directory = temp::create_directory("second-process").unwrap();
    let start = build_start("rerun").with_program(["sleep", "1000"]);
    let program = Background::start(
        &mut start.build_command().unwrap(),
        &directory.path().join("log"),
    )
    .unwrap();
    wait_for("the program to start", LIMIT, || {
        start.record_file().exists() && !start.token_file().exists()
    })
    .unwrap();
    // As `kubectl exec` and a probe would: same volume, another process.
    let started = start.run().unwrap();
    assert_end(&started, 118, "this container's program already runs");
    assert_eq!(
        read_record(&start)["reruns"],
        json!([]),
        "it is not counted"
    );
    drop(program);
    let restarted = start.with_setting("restart", json!("fail")).run().unwrap();
    assert_end(
        &restarted,
        118,
        "an earlier start of this container used the token",
    );
}

#[test]
fn garbage_in_the_record_is_nothing() {
    for garbage in ["", "{", "[1]", "\u{0}", &"x".repeat(100_000)] {
        let start = build_start("rerun");
        fs::write(start.record_file(), garbage).unwrap();
        assert_eq!(start.run().unwrap().code(), Some(0));
        assert_eq!(read_record(&start)["reruns"], json!([]));
    }
    let start = build_start("rerun");
    symlink("/etc/passwd", start.record_file()).unwrap();
    assert_eq!(start.run().unwrap().code(), Some(0));
    assert!(fs::symlink_metadata(start.record_file()).unwrap().is_file());
}

#[test]
fn no_rerun_that_cannot_be_counted() {
    let start = build_start("rerun");
    fs::remove_dir_all(start.volume().join("handover")).unwrap();
    assert_end(&start.run().unwrap(), 118, "no token was ever handed over");
}

#[test]
fn a_signal_ends_the_pause_before_a_rerun() {
    let start = build_start("rerun");
    // The pause behind another rerun is long.
    assert_eq!(start.run().unwrap().code(), Some(0));
    assert_eq!(start.run().unwrap().code(), Some(117));
    let asked = read_record(&start)["reruns"].clone();
    start.put_token("hvs.unknown").unwrap();
    let directory = temp::create_directory("pause").unwrap();
    let mut process = Background::start(
        &mut start.build_command().unwrap(),
        &directory.path().join("log"),
    )
    .unwrap();
    wait_for(
        "the end of the token, which is before the pause",
        LIMIT,
        || !start.token_file().exists(),
    )
    .unwrap();
    process.signal(process::Signal::TERM).unwrap();
    let status = process.wait(LIMIT).unwrap();
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&status),
        Some(15)
    );
    let now = &read_record(&start)["reruns"];
    assert_eq!(now, &asked, "what was told to end has asked for no rerun");
}

/// A program's exit code of its own may be the one that has the init containers run again.
#[test]
fn program_that_ends_with_the_rerun_code_is_slowed_down() {
    let (_, conformance) = Vault::start_shared().unwrap();
    let start = build_start("rerun").with_program(["sh", "-c", "exit 117"]);
    // kubelet runs the init containers, which write a token, without a pause.
    let run = || {
        start.put_token(&conformance.token).unwrap();
        let run = start.run().unwrap();
        assert_eq!(run.code(), Some(117), "{run:?}");
        run
    };
    for _ in 0..2 {
        let run = run();
        assert!(run.output.elapsed < Duration::from_secs(5), "{run:?}");
        assert_eq!(run.line(), "");
    }
    let third = run();
    assert!(third.output.elapsed > Duration::from_secs(10), "{third:?}");
    let line = third.line();
    assert!(
        line.contains("waiting 10 s") && line.contains("exit code 117"),
        "{line}"
    );
    assert_eq!(read_record(&start)["started"]["unasked"], 2);
    // A signal ends the pause. The token stays, so that the next start needs no login.
    start.put_token(&conformance.token).unwrap();
    let directory = temp::create_directory("slow-start").unwrap();
    let log = directory.path().join("log");
    let mut process = Background::start(&mut start.build_command().unwrap(), &log).unwrap();
    wait_for("the pause", LIMIT, || {
        process.log().contains("waiting 20 s")
    })
    .unwrap();
    process.signal(process::Signal::TERM).unwrap();
    let status = process.wait(LIMIT).unwrap();
    let signal = std::os::unix::process::ExitStatusExt::signal(&status);
    assert_eq!(signal, Some(15));
    assert!(start.token_file().exists());
    // A program that has run for long begins a new row.
    let mut before = read_record(&start);
    before["started"]["at"] = json!(1);
    fs::write(start.record_file(), before.to_string()).unwrap();
    assert!(run().output.elapsed < Duration::from_secs(5));
    assert_eq!(read_record(&start)["started"]["unasked"], 0);
}

/// A crash asks for a rerun by env-exec, and kubelet waits before that: no second pause is added.
#[test]
fn program_that_crashes_is_not_slowed_down_twice() {
    let (_, conformance) = Vault::start_shared().unwrap();
    let start = build_start("rerun").with_program(["sh", "-c", "exit 1"]);
    for _ in 0..4 {
        start.put_token(&conformance.token).unwrap();
        let crash = start.run().unwrap();
        assert_eq!(crash.code(), Some(1), "{crash:?}");
        assert!(crash.output.elapsed < Duration::from_secs(5), "{crash:?}");
        let asks = start.run().unwrap();
        assert_eq!(asks.code(), Some(117), "{asks:?}");
        assert!(asks.line().contains("asking kubelet"), "{asks:?}");
    }
    // Where the token stays, kubelet itself waits between starts.
    let retained = build_start("retain").with_program(["sh", "-c", "exit 117"]);
    for _ in 0..4 {
        let run = retained.run().unwrap();
        assert_eq!(run.code(), Some(117), "{run:?}");
        assert!(run.output.elapsed < Duration::from_secs(5), "{run:?}");
    }
}

#[test]
fn the_token_is_revoked_where_nothing_was_leased() {
    let (vault, _) = Vault::start_shared().unwrap();
    let usable = |token: &str| {
        vault
            .request(&reqwest::Method::GET, "auth/token/lookup-self", token, None)
            .is_ok()
    };
    let token = vault
        .create_token(&json!({ "policies": ["conformance"] }))
        .unwrap();
    let start = build_start("fail").with_setting("revoke", json!(true));
    start.put_token(&token).unwrap();
    let started = start.run().unwrap();
    assert_eq!(started.variable("V").unwrap(), "secret");
    assert!(!usable(&token), "{started:?}");
    // A batch token cannot be revoked: a warning, and the program starts.
    let batch = json!({ "policies": ["conformance"], "type": "batch", "ttl": "5m" });
    start
        .put_token(&vault.create_token(&batch).unwrap())
        .unwrap();
    let started = start.run().unwrap();
    assert_eq!(started.variable("V").unwrap(), "secret");
    assert!(
        started
            .line()
            .contains("warning: the token could not be revoked"),
        "{started:?}"
    );
}

#[test]
fn an_error_shows_no_token() {
    let answer = |_: &integration::network::Request| {
        Answer::new(
            "400 Bad Request",
            &["Content-Type: application/json"],
            r#"{"errors":["no"]}"#,
        )
    };
    let vault = Responder::start(answer).unwrap();
    let start = Start::in_pod(&format!("http://{}", vault.address()), "hvs.canary")
        .unwrap()
        .with_variable("V", "vault:secret/data/app#key");
    let started = start.run().unwrap();
    assert_eq!(started.code(), Some(115), "{started:?}");
    assert_eq!(
        vault.requests()[0].header("x-vault-token"),
        Some("hvs.canary")
    );
    assert!(!started.line().contains("canary"), "{started:?}");
}
