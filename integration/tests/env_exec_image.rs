//! An image made from scratch: nothing in it but env-exec and the program.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use integration::image::Image;
use integration::process::{self, Background, Output};
use integration::tools::{self, Tool};
use integration::vault::Vault;
use integration::wait::wait_for;
use integration::{product, temp};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(120);

/// Shows its environment; static, because an image made from scratch has no libraries.
fn build_probe() -> &'static Path {
    static PROBE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let build = || {
        let directory = temp::create_directory("probe").unwrap();
        let program = directory.path().join("probe");
        let mut rustc = Command::new("rustc");
        rustc
            .args([
                "--edition=2024",
                "-Ctarget-feature=+crt-static",
                "-Copt-level=1",
                "-o",
            ])
            .arg(&program)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/probe/main.rs"));
        let output = process::run_command(&mut rustc, LIMIT).unwrap();
        assert_eq!(output.code(), Some(0), "{output:?}");
        (directory, program)
    };
    &PROBE.get_or_init(build).1
}

/// An image with env-exec, the probe and a token volume.
struct Container {
    image: Image,
    volume: tempfile::TempDir,
    settings: Value,
}

impl Container {
    fn new(address: &str, token: &str) -> Self {
        let mut image = Image::from_scratch().unwrap();
        image
            .copy_program(product::find_env_exec().unwrap(), "/tokenpipe/bin/env-exec")
            .unwrap();
        image.copy_program(build_probe(), "/probe").unwrap();
        let volume = temp::create_directory("token-volume").unwrap();
        let handover = volume.path().join("handover");
        fs::create_dir(&handover).unwrap();
        fs::write(handover.join("token"), token).unwrap();
        for (path, mode) in [
            (volume.path().to_owned(), 0o1777),
            (handover.clone(), 0o777),
            (handover.join("token"), 0o666),
        ] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        image.mount_path(volume.path(), "/tokenpipe/token").unwrap();
        let settings = json!({
            "vault": { "address": address },
            "token_volume": "/tokenpipe/token",
            "sources": { "named": { "literal": ["V"] } },
            "restart": "fail",
            "deadline_seconds": 10,
            "termination_message": "/dev/termination-log",
        });
        Self {
            image,
            volume,
            settings,
        }
    }

    fn run_container(&self, user: u32) -> Output {
        let mut command = self
            .image
            .build_command(user, &["/tokenpipe/bin/env-exec", "--", "/probe"]);
        let settings = json!({ "exec": self.settings }).to_string();
        command
            .env("TOKENPIPE_SETTINGS", settings)
            .env("V", "vault:secret/data/account#password");
        process::run_command(&mut command, LIMIT).unwrap()
    }
}

fn assert_success(output: &Output) {
    assert_eq!(output.code(), Some(0), "{output:?}");
    assert!(
        output.stdout().split('\0').any(|entry| entry == "V=secret"),
        "{output:?}"
    );
}

#[test]
fn it_needs_nothing_of_an_image_and_of_a_user() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    for user in [0, 1000, 65534, 1_000_660_000] {
        let container = Container::new(vault.address(), &conformance.token);
        assert_success(&container.run_container(user));
        let left: Vec<_> = fs::read_dir(container.volume.path().join("handover"))
            .unwrap()
            .collect();
        assert_eq!(left.len(), 1, "the record alone: {left:?}");
        assert_eq!(container.image.termination_message().unwrap(), "");
    }
}

#[test]
fn it_speaks_tls_there() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let mut container = Container::new(vault.tls_address(), &conformance.token);
    let none = container.run_container(1000);
    assert_eq!(none.code(), Some(113), "{none:?}");
    let message = "no CA certificates were found here";
    assert!(none.stderr().contains(message), "{none:?}");
    assert!(
        container
            .image
            .termination_message()
            .unwrap()
            .starts_with(message)
    );
    container.settings["vault"]["ca"] = json!(vault.authority().certificate());
    assert_success(&container.run_container(1000));
}

/// Even `/proc` may be missing.
#[test]
fn it_runs_below_a_bare_chroot() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let root = temp::create_directory("bare").unwrap();
    fs::copy(
        product::find_env_exec().unwrap(),
        root.path().join("env-exec"),
    )
    .unwrap();
    fs::copy(build_probe(), root.path().join("probe")).unwrap();
    let mut command = Command::new("chroot");
    command
        .arg(root.path())
        .args(["/env-exec", "/probe"])
        .env_clear();
    command
        .env("PATH", "/usr/sbin")
        .env("VAULT_ADDR", vault.address())
        .env("VAULT_TOKEN", &conformance.token)
        .env("V", "vault:secret/data/account#password");
    assert_success(&process::run_command(&mut command, LIMIT).unwrap());
}

/// A name server as a cluster has one, on a loopback address of its own.
fn name_server(address: &str, log: &Path) -> Background {
    let dnsmasq = tools::find_tool(Tool::Dnsmasq).unwrap();
    let mut command = Command::new(dnsmasq);
    command
        .args([
            "--keep-in-foreground",
            "--no-resolv",
            "--no-hosts",
            "--conf-file=/dev/null",
            "--bind-interfaces",
        ])
        .args([
            "--port=53",
            "--user=root",
            "--log-queries",
            "--log-facility=-",
            "--local=/cluster.test/",
            "--local=/nowhere/",
        ])
        .arg(format!("--listen-address={address}"))
        .arg("--address=/vault.vault.svc.cluster.test/127.0.0.1");
    let server = Background::start(&mut command, log).unwrap();
    wait_for("dnsmasq to listen", LIMIT, || {
        server.log().contains("started")
    })
    .unwrap();
    server
}

#[test]
fn names_are_looked_up_as_a_cluster_wants_it() {
    let (vault, conformance) = Vault::start_shared().unwrap();
    let directory = temp::create_directory("names").unwrap();
    let server = name_server("127.53.0.1", &directory.path().join("log"));
    let port = vault.address().rsplit(':').next().unwrap();
    let run = |host: &str, resolv: &str, hosts: &str| {
        let mut container = Container::new(&format!("http://{host}:{port}"), &conformance.token);
        container.settings["deadline_seconds"] = json!(10);
        container
            .image
            .write_file("/etc/resolv.conf", resolv)
            .unwrap();
        container.image.write_file("/etc/hosts", hosts).unwrap();
        container.run_container(1000)
    };
    let cluster = "nameserver 127.53.0.1\nsearch app.svc.cluster.test svc.cluster.test cluster.test\noptions ndots:5\n";
    for host in [
        "vault.vault",
        "vault.vault.svc",
        "vault.vault.svc.cluster.test",
        "vault.vault.svc.cluster.test.",
    ] {
        assert_success(&run(host, cluster, ""));
    }
    let asked = server.log();
    assert!(
        asked.contains("query[A] vault.vault.app.svc.cluster.test"),
        "the search list in its order: {asked}"
    );
    assert_success(&run("by-hosts-file", cluster, "127.0.0.1 by-hosts-file\n"));
    assert_success(&run("localhost", "", "127.0.0.1 localhost\n"));
    let unknown = run("vault.nowhere", cluster, "");
    assert_eq!(unknown.code(), Some(116), "{unknown:?}");
    assert!(
        unknown
            .stderr()
            .contains("its name is not known (within 10 s)"),
        "{unknown:?}"
    );
    // Without a search list the short name is nobody's.
    assert_eq!(
        run("vault.vault", "nameserver 127.53.0.1\n", "").code(),
        Some(116)
    );
}

#[test]
fn a_name_server_that_is_away_is_no_public_one() {
    let (_, conformance) = Vault::start_shared().unwrap();
    for resolv in [Some("nameserver 127.53.0.2\n"), Some(""), None] {
        let mut container = Container::new("http://vault.vault:8200", &conformance.token);
        container.settings["deadline_seconds"] = json!(2);
        if let Some(resolv) = resolv {
            container
                .image
                .write_file("/etc/resolv.conf", resolv)
                .unwrap();
        }
        let output = container.run_container(1000);
        assert_eq!(output.code(), Some(116), "{output:?}");
        assert!(
            output.stderr().contains(
                "Vault at http://vault.vault:8200 cannot be reached: no name server answers"
            ),
            "{output:?}"
        );
    }
}

/// The image of `tokenpipe-prepare`, with a bin volume.
fn run_prepare(user: u32, volume: &Path) -> (Image, Output) {
    let mut image = Image::from_scratch().unwrap();
    image
        .copy_program(product::find_env_exec().unwrap(), "/env-exec")
        .unwrap();
    image.mount_path(volume, "/tokenpipe/bin").unwrap();
    let output = process::run_command(
        &mut image.build_command(user, &["/env-exec", "prepare"]),
        LIMIT,
    )
    .unwrap();
    (image, output)
}

#[test]
fn prepare_fills_the_bin_volume_as_any_user() {
    for user in [0, 1000, 65534] {
        let volume = temp::create_directory("bin-volume").unwrap();
        fs::set_permissions(volume.path(), fs::Permissions::from_mode(0o777)).unwrap();
        let (_, output) = run_prepare(user, volume.path());
        assert_eq!(
            (output.code(), output.stderr()),
            (Some(0), String::new()),
            "{output:?}"
        );
        let copy = volume.path().join("env-exec");
        let metadata = fs::metadata(&copy).unwrap();
        assert_eq!((metadata.mode() & 0o7777, metadata.uid()), (0o111, user));
        assert_eq!(
            fs::read(&copy).unwrap(),
            fs::read(product::find_env_exec().unwrap()).unwrap()
        );
        assert_eq!(fs::read_dir(volume.path()).unwrap().count(), 1);
        let version = process::run_command(Command::new(&copy).arg("--version"), LIMIT).unwrap();
        assert!(version.stdout().starts_with("env-exec "), "{version:?}");
        // Once more, as after a rerun, and over a copy that is broken.
        let (_, again) = run_prepare(user, volume.path());
        assert_eq!(again.code(), Some(0), "{again:?}");
        let replaced = fs::metadata(&copy).unwrap();
        assert_eq!((replaced.mode() & 0o7777, replaced.uid()), (0o111, user));
        assert_eq!(fs::read_dir(volume.path()).unwrap().count(), 1);
        fs::write(&copy, "half").unwrap();
        let (_, repaired) = run_prepare(user, volume.path());
        assert_eq!(repaired.code(), Some(0), "{repaired:?}");
        assert_eq!(fs::read(&copy).unwrap().len() as u64, metadata.len());
    }
}

#[test]
fn prepare_says_what_is_wrong_with_a_volume() {
    let volume = temp::create_directory("bin-volume").unwrap();
    fs::set_permissions(volume.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let (_, output) = run_prepare(1000, volume.path());
    assert_eq!(output.code(), Some(113), "{output:?}");
    assert!(
        output
            .stderr()
            .contains("cannot be copied to /tokenpipe/bin/env-exec: Permission denied"),
        "{output:?}"
    );
    let image = Image::from_scratch().unwrap();
    image
        .copy_program(product::find_env_exec().unwrap(), "/env-exec")
        .unwrap();
    let output = process::run_command(
        &mut image.build_command(1000, &["/env-exec", "prepare"]),
        LIMIT,
    )
    .unwrap();
    assert!(
        output
            .stderr()
            .contains("cannot be copied to /tokenpipe/bin/env-exec: No such file"),
        "{output:?}"
    );
}
