//! The container images: what is in them, and that they are the same whenever they are built.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use integration::images::{Builder, Built, Image};
use integration::process::{Output, ProcessError};
use integration::{process, product, skip_test, temp};
use serde_json::Value;

/// A file of an image's archive, by its name or its digest.
fn read_file(archive: &Built, name: &str) -> Result<Value, Box<dyn Error>> {
    let path = name.replace("sha256:", "blobs/sha256/");
    let mut tar = Command::new("tar");
    tar.arg("--extract")
        .arg("--to-stdout")
        .arg("--file")
        .arg(archive.archive());
    let output = process::run_command(tar.arg(path), Duration::from_secs(60))?;
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Whether podman has the namespaces and mounts that it needs.
fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().any(|line| line.starts_with("Uid:\t0\t"))
}

/// What stands before each place in a program where a crate's source is named.
fn find_homes(program: &str) -> BTreeSet<&str> {
    let before = |(at, _)| {
        let mut words =
            program[..at].rsplit(|c: char| !(c.is_ascii_alphanumeric() || "/._-".contains(c)));
        words.next().unwrap_or_default()
    };
    program
        .match_indices("/registry/src/")
        .map(before)
        .collect()
}

#[test]
fn images_name_neither_the_day_nor_the_builder() {
    let text = |program: &Path| String::from_utf8_lossy(&fs::read(program).unwrap()).into_owned();
    let tokenpipe = text(product::find_tokenpipe().unwrap());
    for program in [&text(product::find_env_exec().unwrap()), &tokenpipe] {
        let homes = find_homes(program);
        assert!(
            !homes.is_empty() && homes.iter().all(|home| home.ends_with("/crates")),
            "{homes:?}"
        );
        assert!(!program.contains("lib/rustlib/src/"));
    }
    assert!(tokenpipe.contains("built on: Thu Jan  1 00:00:01 1970"));
}

#[test]
fn image_is_one_static_program_of_an_ordinary_user() {
    if !is_root() {
        return skip_test("building images needs root");
    }
    let builder = Builder::new().unwrap();
    for (image, program, files) in [
        (
            Image::EnvExec,
            "env-exec",
            "drwxr-xr-x copy/\n-rwxr-xr-x copy/env-exec\n---x--x--x env-exec\n",
        ),
        (
            Image::Tokenpipe,
            "bin/tokenpipe",
            "drwxr-xr-x bin/\n-rwxr-xr-x bin/tokenpipe\n",
        ),
    ] {
        let built = builder.build_image(image).unwrap();
        let manifest = read_file(&built, &built.digest).unwrap();
        let layers = manifest["layers"].as_array().unwrap();
        assert_eq!(layers.len(), 1, "{manifest}");
        let config = read_file(&built, manifest["config"]["digest"].as_str().unwrap()).unwrap();
        assert_eq!(config["config"]["User"], "65532:65532");
        assert_eq!(config["config"]["Entrypoint"][0], format!("/{program}"));

        let directory = temp::create_directory("layer").unwrap();
        let layer = layers[0]["digest"]
            .as_str()
            .unwrap()
            .replace("sha256:", "blobs/sha256/");
        let list = format!(
            "tar -xOf {} {layer} | tar -tvzf - | awk '{{ print $1, $NF }}'",
            built.archive().display()
        );
        let mut shell = Command::new("sh");
        let output = process::run_command(
            shell.args(["-ec", &list]).current_dir(&directory),
            Duration::from_secs(60),
        );
        let output = output.unwrap();
        assert_eq!(output.stdout(), files, "{output:?}");
    }
}

#[test]
fn built_twice_an_image_is_the_same() {
    if !is_root() {
        return skip_test("building images needs root");
    }
    for image in [Image::EnvExec, Image::Tokenpipe, Image::Shell] {
        let [first, second] = [(); 2].map(|()| Builder::new().unwrap().build_image(image).unwrap());
        assert_eq!(first.name, second.name);
        assert_eq!(first.digest, second.digest, "{}", first.name);
    }
}

/// `images/push` in an environment of its own.
fn run_push(environment: &[(&str, &str)]) -> Result<Output, ProcessError> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../images/push");
    let mut command = Command::new(script);
    command.env_clear().envs(environment.iter().copied());
    process::run_command(&mut command, Duration::from_secs(60))
}

#[test]
fn push_without_what_it_needs_says_what_to_set() {
    let nothing = temp::create_directory("path").unwrap();
    let nothing = nothing.path().to_str().unwrap();
    let registry = ("REGISTRY", "registry.example/team");
    for (environment, expected) in [
        (&[][..], "REGISTRY is not set; name the registry"),
        (
            &[("REGISTRY", "/")],
            "REGISTRY is not set; name the registry",
        ),
        (
            &[registry, ("PATH", nothing)],
            "neither docker nor podman is on PATH; install one, or set CONTAINER_TOOL",
        ),
        (
            &[registry, ("PATH", nothing), ("CONTAINER_TOOL", "buildah")],
            "CONTAINER_TOOL: buildah is not on PATH",
        ),
    ] {
        let output = run_push(environment).unwrap();
        assert_eq!(output.code(), Some(2), "{output:?}");
        assert!(output.stderr().contains(expected), "{output:?}");
    }
}

/// A double of the container tool shows what it was asked; `e2e_first_minutes.rs` has a real one.
#[test]
fn push_pushes_both_images_with_the_version_of_the_chart() {
    let directory = temp::create_directory("push").unwrap();
    let tool = directory.path().join("tool");
    fs::write(&tool, "#!/bin/sh\necho \"$1 $5 $2\"\n").unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    let output = run_push(&[
        ("REGISTRY", "registry.example:5000/team/"),
        ("PATH", "/usr/bin:/bin"),
        ("CONTAINER_TOOL", tool.to_str().unwrap()),
        ("ENV_EXEC_BIN", "/bin/true"),
        ("TOKENPIPE_BIN", "/bin/true"),
    ]);
    let output = output.unwrap();
    let expected = ["env-exec", "tokenpipe"].map(|name| {
        let version = env!("CARGO_PKG_VERSION");
        let image = format!("registry.example:5000/team/{name}:{version}");
        format!("build {image} --file\npush  {image}\n")
    });
    let expected = expected.concat();
    assert!(output.stdout().starts_with(&expected), "{output:?}");
    assert_eq!(output.code(), Some(0), "{output:?}");
}
