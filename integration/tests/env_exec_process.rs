//! The process: before exec it is one thread that ends when it is asked to, after exec there is
//! only the program.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use integration::env_exec::Start;
use integration::network::{Answer, Relay, Responder};
use integration::process::{self, Background, Signal};
use integration::vault::Vault;
use integration::wait::wait_for;
use integration::{product, temp};
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(30);

/// A start that waits for a Vault that never answers, and that Vault.
fn build_waiting_start() -> (Start, Responder) {
    let silent = Responder::start(|_| Answer::Never).unwrap();
    let address = format!("http://{}", silent.address());
    let start = Start::in_pod(&address, "hvs.token").unwrap();
    (
        start.with_variable("V", "vault:secret/data/app#key"),
        silent,
    )
}

/// Starts it in the background, and waits until it has asked.
fn start_until_asked(command: &mut Command, silent: &Responder, log: &Path) -> Background {
    let process = Background::start(command, log).unwrap();
    wait_for("env-exec to ask Vault", LIMIT, || {
        !silent.requests().is_empty()
    })
    .unwrap();
    process
}

fn status_line(id: u32, name: &str) -> String {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line[name.len()..].trim().to_owned()
}

#[test]
fn arguments_and_exit_codes_pass_unchanged() {
    let arguments: Vec<OsString> = [&b"a b"[..], b"", b"\xff\n", b"--version", b"--", b"$(X)"]
        .iter()
        .map(|bytes| OsString::from_vec(bytes.to_vec()))
        .collect();
    let program = ["printf", "%s\\0"]
        .map(OsString::from)
        .into_iter()
        .chain(arguments.clone());
    let started = Start::bare().with_program(program).run().unwrap();
    let printed: Vec<_> = started.output.stdout.split(|byte| *byte == 0).collect();
    let expected: Vec<_> = arguments
        .iter()
        .map(|argument| argument.as_bytes())
        .collect();
    assert_eq!(printed[..printed.len() - 1], expected);
    for code in [0, 1, 7, 113, 255] {
        let exit = format!("exit {code}");
        let started = Start::bare()
            .with_program(["sh", "-c", &exit])
            .run()
            .unwrap();
        assert_eq!(started.code(), Some(code));
    }
    let killed = Start::bare()
        .with_program(["sh", "-c", "kill -KILL $$"])
        .run()
        .unwrap();
    assert_eq!(killed.output.signal(), Some(9));
}

#[test]
fn untouched_variables_pass_byte_for_byte() {
    let bytes = OsString::from_vec((1..=255).filter(|byte| *byte != b'=').collect());
    let start = Start::bare()
        .with_variable("BYTES", bytes.clone())
        .with_variable("EMPTY", "")
        .with_variable("LINES", "a\nb\n")
        .with_variable("dotted.name-1", "x")
        .with_variable(OsStr::from_bytes(b"N\xff"), "y");
    let environment = start.run().unwrap().environment();
    let get = |name: &[u8]| {
        let found = environment.iter().find(|(key, _)| key.as_bytes() == name);
        found.map(|(_, value)| value.as_bytes().to_vec())
    };
    assert_eq!(get(b"BYTES").unwrap(), bytes.into_vec());
    assert_eq!(get(b"EMPTY").unwrap(), b"");
    assert_eq!(get(b"LINES").unwrap(), b"a\nb\n");
    assert_eq!(get(b"dotted.name-1").unwrap(), b"x");
    assert_eq!(get(b"N\xff").unwrap(), b"y");
}

#[test]
fn bytes_that_begin_like_a_reference_are_refused_by_name() {
    let bytes = OsStr::from_bytes(b"vault:secret/data/app#\xff");
    let started = Start::bare().with_variable("ODD", bytes).run().unwrap();
    assert_eq!(started.code(), Some(114));
    assert_eq!(
        started.line(),
        "env-exec: ODD: the value holds a reference and is not UTF-8"
    );
}

#[test]
fn programs_are_found_as_a_shell_finds_them() {
    let directory = temp::create_directory("programs").unwrap();
    let at = |name: &str| directory.path().join(name);
    fs::create_dir(at("first")).unwrap();
    fs::create_dir(at("second")).unwrap();
    fs::create_dir(at("second/directory")).unwrap();
    for (name, text, mode) in [
        ("first/tool", "not executable", 0o644),
        ("second/tool", "#!/bin/sh\necho \"$0\"\n", 0o755),
        ("second/plain", "no magic\n", 0o755),
        ("second/orphan", "#!/no/such/bash -e\n", 0o755),
        ("second/windows", "#!/bin/sh\r\nexit 0\r\n", 0o755),
        ("first/only", "", 0o644),
    ] {
        fs::write(at(name), text).unwrap();
        fs::set_permissions(at(name), fs::Permissions::from_mode(mode)).unwrap();
    }
    let path = format!("{}:{}", at("first").display(), at("second").display());
    let run = |program: &str| {
        let mut command = Command::new(product::find_env_exec().unwrap());
        command
            .env_clear()
            .env("PATH", &path)
            .arg("--")
            .arg(program);
        process::run_command(command.current_dir(directory.path()), LIMIT).unwrap()
    };
    assert_eq!(
        run("tool").stdout(),
        format!("{}\n", at("second/tool").display())
    );
    assert_eq!(run("second/tool").stdout(), "second/tool\n");
    for (program, code, part) in [
        ("nothing", 127, "`nothing` was not found in PATH"),
        ("./nothing", 127, "`./nothing` was not found"),
        ("second/tool/below", 127, "not found"),
        ("", 127, "not found"),
        ("only", 126, "Permission denied"),
        ("first/only", 126, "Permission denied"),
        ("second/directory", 126, "it is a directory"),
        (
            "orphan",
            127,
            "needs `/no/such/bash`, which its `#!` line names and the image does not have; add it",
        ),
        (
            "windows",
            127,
            "carriage return; save the script with Unix line ends",
        ),
        (
            "plain",
            126,
            "neither a program for this machine nor a script",
        ),
    ] {
        let output = run(program);
        assert_eq!(output.code(), Some(code), "{program}: {output:?}");
        assert!(output.stderr().contains(part), "{program}: {output:?}");
        assert_eq!(output.stderr().lines().count(), 1);
    }
}

#[test]
fn a_secret_path_does_not_choose_the_program() {
    let start = |program: &str| {
        let mut command = Command::new(product::find_env_exec().unwrap());
        command
            .env_clear()
            .env("PATH", "vault:secret/data/app#path")
            .arg(program);
        process::run_command(&mut command, LIMIT).unwrap()
    };
    let output = start("true");
    assert_eq!(output.code(), Some(114), "{output:?}");
    assert!(
        output.stderr().contains("PATH holds a reference"),
        "{output:?}"
    );
    // Named by its path it is found, and only the value is missing.
    assert!(!start("/bin/true").stderr().contains("PATH holds"));
}

#[test]
fn command_line_with_bad_arguments_ends_with_113() {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(product::find_env_exec().unwrap());
        process::run_command(command.env_clear().args(arguments), LIMIT).unwrap()
    };
    let help = run(&["--help"]);
    assert!(
        help.code() == Some(0) && help.stdout().contains("Usage:"),
        "{help:?}"
    );
    let version = run(&["--version"]).stdout();
    assert!(
        version.starts_with("env-exec ") && version.lines().count() == 1,
        "{version}"
    );
    for (arguments, part) in [
        (&[][..], "no program to run"),
        (&["--"], "no program to run"),
        (&["--hlep"], "did you mean \"--help\"?"),
        (&["-x", "true"], "unknown option `-x`"),
        (&["prepare", "x"], "takes no arguments"),
        (&["agent", "vault"], "behind `--`"),
        (&["agent", "--", "true"], "runs only in a pod"),
    ] {
        let output = run(arguments);
        assert_eq!(output.code(), Some(113), "{arguments:?}: {output:?}");
        assert!(output.stderr().contains(part), "{arguments:?}: {output:?}");
    }
    for before in [&["--"][..], &[]] {
        let arguments = [before, &["/bin/sh", "-c", "echo \"$0\"", "--version"]].concat();
        assert_eq!(run(&arguments).stdout(), "--version\n");
    }
}

/// Lines of `/proc/self/status`. Of signals only those that programs use: glibc keeps 32 and 33 for
/// itself, and what a child inherits of them depends on how it was made.
fn select_status_lines(status: &str) -> Vec<String> {
    let line = |line: &str| match line
        .strip_prefix("Sig")
        .and_then(|line| line.split_once(":\t"))
    {
        Some((name, mask)) => {
            let mask = u64::from_str_radix(mask, 16).unwrap() & 0x7fff_ffff;
            format!("Sig{name} {mask:x}")
        }
        None => line.to_owned(),
    };
    status.lines().map(line).collect()
}

/// Signal dispositions and mask, capabilities, descriptors: with env-exec before the program they
/// are what they are without.
#[test]
fn nothing_of_env_exec_is_left_in_the_process() {
    const STATUS: [&str; 4] = [
        "grep",
        "-E",
        "^(Sig(Pnd|Blk|Ign|Cgt)|Cap|NoNewPrivs|Threads|Seccomp|Uid|Gid|Groups)",
        "/proc/self/status",
    ];
    let (vault, conformance) = Vault::start_shared().unwrap();
    for program in [
        &STATUS[..],
        &["ls", "/proc/self/fd"],
        &["cat", "/proc/self/limits"],
    ] {
        let with = Start::in_pod(vault.address(), &conformance.token)
            .unwrap()
            .with_variable("V", "vault:secret/data/account#password")
            .with_program(program);
        let mut without = Command::new(program[0]);
        with.set_environment(without.args(&program[1..]));
        let with = with.run().unwrap();
        assert_eq!(with.code(), Some(0), "{with:?}");
        let expected =
            select_status_lines(&process::run_command(&mut without, LIMIT).unwrap().stdout());
        assert_eq!(select_status_lines(&with.output.stdout()), expected);
    }
    let started = Start::bare().with_program(STATUS).run().unwrap();
    let lines = select_status_lines(&started.output.stdout());
    for line in ["SigBlk 0", "SigIgn 0"] {
        assert!(lines.iter().any(|found| found == line), "{lines:?}");
    }
}

/// The program gets exactly the capabilities that it would have got.
#[test]
fn capabilities_pass_as_the_manifest_gave_them() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let directory = temp::create_directory("capabilities").unwrap();
    let copy = public_copy(directory.path());
    let user = ["--reuid=1234", "--regid=1234", "--clear-groups"];
    let drop_all = ["--bounding-set=-all", "--inh-caps=-all"];
    let ambient = [
        "--inh-caps=+net_bind_service",
        "--ambient-caps=+net_bind_service",
    ];
    for options in [
        vec![],
        vec!["--bounding-set=-sys_admin,-net_raw"],
        drop_all.to_vec(),
        user.to_vec(),
        [&user[..], &drop_all].concat(),
        [&user[..], &ambient].concat(),
        [&user[..], &["--no-new-privs"]].concat(),
    ] {
        let start = Start::standalone(vault.address(), &conformance.token)
            .with_variable("V", "vault:secret/data/account#password");
        let show = |with: Option<&Path>| {
            let mut command = Command::new("setpriv");
            start.set_environment(&mut command);
            command.args(&options).arg("--").args(with);
            command.args([
                "grep",
                "-E",
                "^(Cap|NoNewPrivs|Uid|Gid|Groups)",
                "/proc/self/status",
            ]);
            process::run_command(&mut command, LIMIT).unwrap()
        };
        let (with, without) = (show(Some(&copy)), show(None));
        assert_eq!(with.stdout(), without.stdout(), "{options:?}: {with:?}");
        assert!(without.stdout().contains("CapAmb"), "{without:?}");
    }
}

#[test]
fn ignored_and_blocked_signals_stay_so() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let start = Start::standalone(vault.address(), &conformance.token)
        .with_variable("V", "vault:secret/data/account#password");
    let mut command = Command::new("env");
    start.set_environment(&mut command);
    command
        .args(["--ignore-signal=HUP,PIPE", "--block-signal=USR1"])
        .arg(product::find_env_exec().unwrap())
        .args(["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"]);
    let output = process::run_command(&mut command, LIMIT).unwrap();
    assert_eq!(
        select_status_lines(&output.stdout()),
        ["SigBlk 200", "SigIgn 1001"],
        "{output:?}"
    );
}

#[test]
fn the_program_has_the_same_process_id() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let directory = temp::create_directory("same-process").unwrap();
    let log = directory.path().join("log");
    let start = Start::in_pod(vault.address(), &conformance.token)
        .unwrap()
        .with_variable("V", "vault:secret/data/account#password")
        .with_program(["sh", "-c", "echo $$"]);
    let mut process = Background::start(&mut start.build_command().unwrap(), &log).unwrap();
    let id = process.id();
    assert!(process.wait(LIMIT).unwrap().success());
    assert_eq!(fs::read_to_string(&log).unwrap(), format!("{id}\n"));
}

#[test]
fn one_thread_and_no_capability_in_effect_while_vault_is_asked() {
    let (start, silent) = build_waiting_start();
    let directory = temp::create_directory("one-thread").unwrap();
    let process = start_until_asked(
        &mut start.build_command().unwrap(),
        &silent,
        &directory.path().join("log"),
    );
    let tasks = fs::read_dir(format!("/proc/{}/task", process.id())).unwrap();
    assert_eq!(tasks.count(), 1);
    assert_eq!(status_line(process.id(), "Threads:"), "1");
    assert_eq!(status_line(process.id(), "CapEff:"), "0000000000000000");
    assert_ne!(
        status_line(process.id(), "CapPrm:"),
        "0000000000000000",
        "the test runs as root"
    );
}

#[test]
fn other_processes_of_the_same_user_cannot_look_into_it() {
    let (start, silent) = build_waiting_start();
    let directory = temp::create_directory("not-dumpable").unwrap();
    for path in [start.volume(), &start.token_file()] {
        std::os::unix::fs::chown(path, Some(1234), Some(1234)).unwrap();
    }
    let mut command = Command::new("setpriv");
    start.set_environment(&mut command);
    let program = public_copy(directory.path());
    command
        .args(["--reuid=1234", "--regid=1234", "--clear-groups", "--"])
        .args([program.as_os_str(), OsStr::new("true")]);
    let process = start_until_asked(&mut command, &silent, &directory.path().join("log"));
    let owner = fs::metadata(format!("/proc/{}/environ", process.id()))
        .unwrap()
        .uid();
    assert_eq!(owner, 0, "a process that can be dumped belongs to its user");
}

/// Starts a program and looks into its environment and root as soon as it is env-exec, and often; says
/// whether it was let in.
const POLLER: &str = r#"
    "$@" &
    looks=0
    while read -r name < /proc/$!/comm && [ $looks -lt 300 ]; do
        [ "$name" = env-exec ] || continue
        looks=$((looks + 1))
        if true 3< /proc/$!/environ || [ -e /proc/$!/root/proc ]; then
            echo seen
            break
        fi
    done 2> /dev/null
    echo "$looks looks"
    kill -KILL $!
"#;

/// Whether a process of the same user sees anything of one start of env-exec, whose file has this mode.
fn is_seen_from_its_first_instruction(mode: u32) -> bool {
    let (start, silent) = build_waiting_start();
    let directory = temp::create_directory("poller").unwrap();
    for path in [start.volume(), &start.token_file()] {
        std::os::unix::fs::chown(path, Some(1234), Some(1234)).unwrap();
    }
    let program = public_copy(directory.path());
    fs::set_permissions(&program, fs::Permissions::from_mode(mode)).unwrap();
    let mut command = Command::new("setpriv");
    start.set_environment(&mut command);
    command
        .args(["--reuid=1234", "--regid=1234", "--clear-groups", "--"])
        .args(["sh", "-c", POLLER, "sh"])
        .args([program.as_os_str(), OsStr::new("true")]);
    let output = process::run_command(&mut command, LIMIT).unwrap();
    drop(silent);
    let text = output.stdout();
    assert!(text.ends_with(" looks\n"), "{output:?}");
    assert_ne!(text, "0 looks\n", "{output:?}");
    text.contains("seen")
}

/// The kernel makes a process undumpable at exec where its user may not read the program; `prctl` would
/// come a millisecond later.
#[test]
fn unreadable_program_is_closed_to_its_user_from_its_first_instruction() {
    for _ in 0..25 {
        assert!(!is_seen_from_its_first_instruction(0o111));
    }
    // The same poller gets in where the program is readable.
    assert!((0..100).any(|_| is_seen_from_its_first_instruction(0o755)));
}

#[test]
fn unreadable_program_gets_as_far_as_its_vault() {
    let (start, silent) = build_waiting_start();
    let directory = temp::create_directory("unreadable").unwrap();
    for path in [start.volume(), &start.token_file()] {
        std::os::unix::fs::chown(path, Some(1234), Some(1234)).unwrap();
    }
    let program = public_copy(directory.path());
    fs::set_permissions(&program, fs::Permissions::from_mode(0o111)).unwrap();
    let mut command = Command::new("setpriv");
    start.set_environment(&mut command);
    command
        .args(["--reuid=1234", "--regid=1234", "--clear-groups", "--"])
        .args([program.as_os_str(), OsStr::new("true")]);
    start_until_asked(&mut command, &silent, &directory.path().join("log"));
}

/// env-exec where every user may run it.
fn public_copy(directory: &Path) -> std::path::PathBuf {
    let copy = directory.join("env-exec");
    fs::copy(product::find_env_exec().unwrap(), &copy).unwrap();
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
    copy
}

#[test]
fn signals_end_it_at_once_and_shred_the_token() {
    for signal in [
        Signal::TERM,
        Signal::INT,
        Signal::HUP,
        Signal::QUIT,
        Signal::USR1,
    ] {
        let (start, silent) = build_waiting_start();
        let directory = temp::create_directory("signals").unwrap();
        let mut process = start_until_asked(
            &mut start.build_command().unwrap(),
            &silent,
            &directory.path().join("log"),
        );
        let begin = Instant::now();
        process.signal(signal).unwrap();
        let status = process.wait(LIMIT).unwrap();
        let number = std::os::unix::process::ExitStatusExt::signal(&status);
        assert_eq!(number, Some(signal.as_raw()), "{status}");
        assert!(begin.elapsed() < Duration::from_secs(10), "{signal:?}");
        assert!(!start.token_file().exists(), "{signal:?}");
        assert_eq!(process.log(), "", "{signal:?}");
    }
}

/// A template may work for a moment, and there may be many: a signal does not wait for all of them.
#[test]
fn a_signal_ends_it_between_two_templates() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let relay = Relay::to_target(vault.address()).unwrap().start().unwrap();
    let mut start =
        Start::in_pod(&format!("http://{}", relay.address()), &conformance.token).unwrap();
    for number in 0..2000 {
        let template = format!("${{range 900}}${{range 100}}${{end}}${{end}}{number}");
        let value = format!("vault:secret/data/account#{template}");
        start = start.with_variable(format!("V{number:04}"), value);
    }
    let directory = temp::create_directory("signals").unwrap();
    let log = directory.path().join("log");
    let mut process = Background::start(&mut start.build_command().unwrap(), &log).unwrap();
    wait_for("the request", LIMIT, || !relay.requests().is_empty()).unwrap();
    let begin = Instant::now();
    process.signal(Signal::TERM).unwrap();
    let status = process.wait(LIMIT).unwrap();
    let number = std::os::unix::process::ExitStatusExt::signal(&status);
    assert_eq!(
        number,
        Some(Signal::TERM.as_raw()),
        "{status} {}",
        process.log()
    );
    // All of them take more than a minute.
    assert!(
        begin.elapsed() < Duration::from_secs(20),
        "{:?}",
        begin.elapsed()
    );
    assert!(!start.token_file().exists());
}

#[test]
fn a_token_that_is_retained_outlives_a_signal() {
    let (start, silent) = build_waiting_start();
    let start = start.with_setting("restart", json!("retain"));
    let directory = temp::create_directory("retained").unwrap();
    let mut process = start_until_asked(
        &mut start.build_command().unwrap(),
        &silent,
        &directory.path().join("log"),
    );
    process.signal(Signal::TERM).unwrap();
    process.wait(LIMIT).unwrap();
    assert_eq!(fs::read_to_string(start.token_file()).unwrap(), "hvs.token");
}

#[test]
fn a_signal_that_was_ignored_does_not_end_it() {
    let (start, silent) = build_waiting_start();
    let start = start.with_setting("deadline_seconds", json!(3));
    let directory = temp::create_directory("ignored").unwrap();
    let mut command = Command::new("env");
    start.set_environment(&mut command);
    command
        .arg("--ignore-signal=HUP")
        .arg(product::find_env_exec().unwrap())
        .arg("true");
    let mut process = start_until_asked(&mut command, &silent, &directory.path().join("log"));
    process.signal(Signal::HUP).unwrap();
    assert_eq!(
        process.wait(LIMIT).unwrap().code(),
        Some(116),
        "{}",
        process.log()
    );
}

/// The kernel shields the first process of a PID namespace from signals that it has no handler
/// for: env-exec must end by itself, with the code that a shell would show.
#[test]
fn as_a_containers_first_process_it_ends_with_128_and_the_signal() {
    // WINCH is what some images want to be stopped by.
    for (signal, code) in [("TERM", 143), ("WINCH", 156)] {
        let (start, silent) = build_waiting_start();
        let directory = temp::create_directory("first-process").unwrap();
        let mut command = Command::new("unshare");
        start.set_environment(&mut command);
        command
            .args(["--pid", "--fork", "--mount-proc", "--kill-child"])
            .arg(product::find_env_exec().unwrap())
            .arg("true");
        let mut unshare = start_until_asked(&mut command, &silent, &directory.path().join("log"));
        let children = format!("/proc/{0}/task/{0}/children", unshare.id());
        let child = fs::read_to_string(children).unwrap().trim().to_owned();
        let mut kill = Command::new("kill");
        let kill = kill.args(["-s", signal, &child]).status().unwrap();
        assert!(kill.success());
        let status = unshare.wait(LIMIT).unwrap();
        assert_eq!(status.code(), Some(code), "{}", unshare.log());
        assert!(!start.token_file().exists());
    }
}

/// Elsewhere it tells of a terminal that has another size.
#[test]
fn a_window_that_changes_ends_nothing() {
    let (start, silent) = build_waiting_start();
    let directory = temp::create_directory("window").unwrap();
    let log = directory.path().join("log");
    let process = start_until_asked(&mut start.build_command().unwrap(), &silent, &log);
    let held = u64::from_str_radix(&status_line(process.id(), "SigBlk:"), 16).unwrap();
    let is_held = |signal: Signal| held & (1 << (signal.as_raw() - 1)) != 0;
    assert!(is_held(Signal::TERM) && !is_held(Signal::WINCH), "{held:x}");
}

#[test]
fn without_references_nothing_is_asked_and_nothing_needed() {
    let silent = Responder::start(|_| Answer::Never).unwrap();
    let started = Start::standalone(&format!("http://{}", silent.address()), "bad\ntoken")
        .with_variable("VAULT_SKIP_VERIFY", "junk")
        .with_variable("VAULT_CACERT", "/nonexistent")
        .with_variable("ESCAPED", "\\vault:secret/data/app#key")
        .run()
        .unwrap();
    assert_eq!(started.code(), Some(0), "{started:?}");
    assert_eq!(
        started.variable("ESCAPED").unwrap(),
        "vault:secret/data/app#key"
    );
    assert_eq!(started.variable("VAULT_TOKEN"), None);
    let start = Start::in_pod(&format!("http://{}", silent.address()), "hvs.token").unwrap();
    let started = start.run().unwrap();
    assert_eq!(started.code(), Some(0), "{started:?}");
    assert_eq!(
        started.added_variables(),
        Vec::<String>::new(),
        "our variable is gone"
    );
    assert!(!start.token_file().exists(), "the token goes all the same");
    assert!(silent.requests().is_empty());
}

#[test]
fn too_large_environment_is_rejected_by_name_and_the_token_stays() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    vault
        .enable_secrets("large", "kv", &json!({ "version": "1" }))
        .unwrap();
    let secrets = json!({
        "nul": "a\u{0}b",
        "fits": "x".repeat(131_072 - "FITS=".len() - 1),
        "long": "x".repeat(131_072 - "LONG=".len()),
        "much": "x".repeat(120_000),
    });
    vault.write("large/app", &secrets).unwrap();
    vault
        .write_policy("large", r#"path "large/*" { capabilities = ["read"] }"#)
        .unwrap();
    let token = vault
        .create_token(&json!({ "policies": ["large"] }))
        .unwrap();
    let start = || Start::in_pod(vault.address(), &token).unwrap();

    let fits = start()
        .with_variable("FITS", "vault:large/app#fits")
        .run()
        .unwrap();
    assert_eq!(fits.variable("FITS").unwrap().len(), 131_066);

    let nul = start()
        .with_variable("A", "vault:large/app#nul")
        .with_variable("B", "x${vault:large/app#nul}");
    let started = nul.run().unwrap();
    assert_eq!(started.code(), Some(114));
    assert!(
        started
            .line()
            .starts_with("env-exec: A, B: the value contains a NUL byte"),
        "{started:?}"
    );
    assert!(nul.token_file().exists());

    let long = start().with_variable("LONG", "vault:large/app#long");
    let started = long.run().unwrap();
    assert_eq!(started.code(), Some(114));
    assert!(
        started
            .line()
            .starts_with("env-exec: LONG: with its name the value has 131072 bytes"),
        "{started:?}"
    );
    assert!(long.token_file().exists());

    let mut total = start();
    for number in 0..60 {
        total = total.with_variable(format!("MUCH{number:02}"), "vault:large/app#much");
    }
    let started = total.run().unwrap();
    assert_eq!(started.code(), Some(114));
    assert!(started.line().contains("the kernel allows"), "{started:?}");
    assert!(
        started.line().contains("MUCH00, MUCH01, MUCH02"),
        "{started:?}"
    );
    assert!(total.token_file().exists());
    assert!(!conformance.token.is_empty());
}

#[test]
fn expanded_reference_is_refused_in_arguments_and_resolved_in_values() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let start = || {
        Start::in_pod(vault.address(), &conformance.token)
            .unwrap()
            .with_variable("PASSWORD", "vault:secret/data/account#password")
    };
    let argument = "--dsn=db://u:vault:secret/data/account#password@host";
    let refused = start().with_program(["env", "-0", argument]);
    let started = refused.run().unwrap();
    assert_eq!(started.code(), Some(114));
    assert!(
        started
            .line()
            .contains("argument 2 contains the reference of PASSWORD"),
        "{started:?}"
    );
    assert!(refused.token_file().exists(), "nothing was read");
    let value = "db://u:vault:secret/data/account#password@host";
    let sources = json!({
        "allow": { "asked": true },
        "named": { "secret": ["DSN", "PASSWORD"] },
        "composed": { "DSN": ["db://u:", "PASSWORD", "@host"] },
    });
    let started = start()
        .with_setting("sources", sources)
        .with_variable("DSN", value)
        .run()
        .unwrap();
    assert_eq!(
        started.variable("DSN").as_deref(),
        Some("db://u:secret@host"),
        "{started:?}"
    );
}

#[test]
fn report_is_one_line_of_text_or_json() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let start = || {
        Start::in_pod(vault.address(), &conformance.token)
            .unwrap()
            .with_variable("A", "vault:secret/data/none#k")
            .with_variable("B", "vault:secret/data/account#nope")
    };
    let text = start();
    fs::write(text.termination_log(), "").unwrap();
    let started = text.run().unwrap();
    // A value has the name `username` in it, so the redactor takes that out.
    let message = "A: `secret/data/none` was not found; B: `secret/data/account` has no key `nope`; there are \
                   \"password\" and \"[redacted]\"";
    assert_eq!(started.line(), format!("env-exec: {message}"));
    assert_eq!(fs::read_to_string(text.termination_log()).unwrap(), message);
    let json: serde_json::Value = serde_json::from_str(
        &start()
            .with_setting("log", json!("json"))
            .run()
            .unwrap()
            .line(),
    )
    .unwrap();
    let expected = json!({
        "level": "error",
        "code": "reference",
        "message": message,
        "variables": ["A", "B"],
    });
    assert_eq!(json, expected);
}
