//! What became of a pod: claims, each with a look at what would be otherwise if it did not hold.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use contract::{names, paths};
use reqwest::Method;

use super::processes::{self, Process};
use super::{InjectedPod, audit};
use crate::vault::Vault;

/// What was found, or what was found instead.
pub type Found = Result<Vec<String>, String>;

/// A look at one claim.
pub type Check = fn(&InjectedPod<'_>) -> Found;

/// All claims, each with its check.
pub const CHECKS: [(&str, Check); 8] = [
    ("The program got the values.", check_values),
    (
        "Nothing else came into its environment, and nothing of tokenpipe stayed there.",
        check_environment,
    ),
    (
        "The program is the process that env-exec was.",
        check_process,
    ),
    (
        "It sees two directories of tokenpipe: env-exec's, and the one that held the token.",
        check_mounts,
    ),
    ("The token file is gone.", check_token_file),
    (
        "No file of the pod, no log and no message holds a token or the password.",
        check_files,
    ),
    ("No process of tokenpipe is left.", check_no_process),
    (
        "Vault saw one login, each secret read once, and the token given back.",
        check_vault_log,
    ),
];

/// The prefix of every token that Vault 1.10 and newer gives to a service.
const TOKEN_PREFIX: &[u8] = b"hvs.";

/// The program's variables have the values that were to be expected.
pub fn check_values(injected: &InjectedPod<'_>) -> Found {
    let environment = read_program(injected)?
        .read_environment()
        .map_err(describe_failure("its environment"))?;
    let mut found = Vec::new();
    for (name, expected) in injected.secrets.expected_variables() {
        let value = environment
            .get(name)
            .ok_or_else(|| format!("{name} is not there"))?;
        if *value != expected {
            return Err(format!("{name} is {value:?}, not {expected:?}"));
        }
        found.push(format!("{name}={value}"));
    }
    Ok(found)
}

/// Its variables are those of the manifest and of the container runtime, and no others.
pub fn check_environment(injected: &InjectedPod<'_>) -> Found {
    const OF_THE_RUNTIME: [&str; 3] = ["HOME", "HOSTNAME", "PATH"];
    let environment = read_program(injected)?
        .read_environment()
        .map_err(describe_failure("its environment"))?;
    let written = injected.written["spec"]["containers"][0]["env"].as_array();
    let written = written
        .into_iter()
        .flatten()
        .filter_map(|variable| variable["name"].as_str());
    let expected: BTreeSet<&str> = written.chain(OF_THE_RUNTIME).collect();
    let found: BTreeSet<&str> = environment.keys().map(String::as_str).collect();
    if found == expected {
        Ok(vec![found.into_iter().collect::<Vec<_>>().join(" ")])
    } else {
        let odd: Vec<_> = found.symmetric_difference(&expected).copied().collect();
        Err(format!("too much or too little: {}", odd.join(" ")))
    }
}

/// The process that was started as env-exec is now something else, in the same place.
pub fn check_process(injected: &InjectedPod<'_>) -> Found {
    let started_as = injected.admitted.pod["spec"]["containers"][0]["command"][0].as_str();
    let process = read_program(injected)?;
    let (id, program) = (process.id, process.program.display().to_string());
    let inner = process.inner_id().map_err(describe_failure("its number"))?;
    if started_as != Some(paths::ENV_EXEC) || process.name() == "env-exec" || inner != Some(1) {
        return Err(format!(
            "process {id}, inside {inner:?}, started as {started_as:?}, is {program}"
        ));
    }
    let descriptors = fs::read_dir(format!("/proc/{id}/fd"))
        .map_err(describe_failure("its files"))?
        .count();
    if descriptors != 3 {
        return Err(format!("it has {descriptors} open files"));
    }
    Ok(vec![format!(
        "Process {id} was started as {} and is now {program}; in its container it is process 1, \
         with no open files but stdin, stdout and stderr.",
        paths::ENV_EXEC
    )])
}

/// What is mounted below `/tokenpipe` in the program's container.
pub fn check_mounts(injected: &InjectedPod<'_>) -> Found {
    let file = format!("/proc/{}/mountinfo", injected.program);
    let mounts = fs::read_to_string(file).map_err(describe_failure("its mounts"))?;
    let mut found = Vec::new();
    for line in mounts.lines() {
        // proc(5): number, parent, device, root, place, options, …, "-", type, …
        let fields: Vec<_> = line.split(' ').collect();
        let kind = line
            .split_once(" - ")
            .and_then(|(_, rest)| rest.split(' ').next());
        if let ([_, _, _, _, place, options, ..], Some(kind)) = (&fields[..], kind)
            && place.starts_with(paths::ROOT)
        {
            let writable = options.split(',').next() == Some("rw");
            found.push((*place, writable, kind == "tmpfs"));
        }
    }
    found.sort_unstable();
    if found == [(paths::BIN, false, false), (paths::TOKEN, true, true)] {
        Ok(vec![format!(
            "{} (read-only), {} (tmpfs)",
            paths::BIN,
            paths::TOKEN
        )])
    } else {
        Err(format!("place, writable, tmpfs: {found:?}"))
    }
}

/// No token lies in the program's volume, nor in the agent's.
pub fn check_token_file(injected: &InjectedPod<'_>) -> Found {
    let volume = format!("{}web", names::TOKEN_VOLUME_PREFIX);
    let mut found = Vec::new();
    for name in [volume.as_str(), names::AGENT_VOLUME] {
        let place = injected
            .pod
            .find_volume(name)
            .ok_or_else(|| format!("there is no volume {name}"))?;
        let mut listing = Vec::new();
        for file in list_files(place)? {
            if file.ends_with(paths::TOKEN_FILE) {
                return Err(format!("{} is there", file.display()));
            }
            listing.push(
                file.strip_prefix(place)
                    .unwrap_or(&file)
                    .display()
                    .to_string(),
            );
        }
        let listing = if listing.is_empty() {
            "nothing".to_owned()
        } else {
            listing.join(", ")
        };
        found.push(format!("In volume {name} lies: {listing}"));
    }
    Ok(found)
}

/// Neither a token nor the password is in any file of the pod or any log.
pub fn check_files(injected: &InjectedPod<'_>) -> Found {
    let password = injected.secrets.password();
    let mut all = list_files(injected.pod.directory())?;
    let logs = [
        ("the webhook's log", injected.webhook.log()),
        ("Vault's log", injected.vault.log()),
    ];
    let audit = injected.audit.to_owned();
    all.push(audit);
    let is_secret = |bytes: &[u8]| {
        [TOKEN_PREFIX, password.as_bytes()]
            .iter()
            .any(|secret| bytes.windows(secret.len()).any(|window| window == *secret))
    };
    for file in &all {
        let bytes = fs::read(file).map_err(describe_failure("a file of the pod"))?;
        // env-exec and the agent's program know what a token looks like.
        if !bytes.starts_with(b"\x7fELF") && is_secret(&bytes) {
            return Err(format!("{} does", file.display()));
        }
    }
    for (name, text) in logs {
        if is_secret(text.as_bytes()) {
            return Err(format!("{name} does"));
        }
    }
    Ok(vec![format!(
        "Searched for the password and for {:?}, with which tokens begin: {} files, among them the \
         containers' logs and Vault's audit log; the logs of tokenpipe and of Vault.",
        String::from_utf8_lossy(TOKEN_PREFIX),
        all.len()
    )])
}

/// No env-exec and no agent descends from this process.
pub fn check_no_process(injected: &InjectedPod<'_>) -> Found {
    let all =
        processes::find_descendants(std::process::id()).map_err(describe_failure("a process"))?;
    let is_ours = |process: &&Process| {
        let is_agent = process
            .arguments
            .get(1)
            .is_some_and(|argument| argument == "agent");
        process.name().starts_with("env-exec") || is_agent
    };
    if let Some(left) = all.iter().find(is_ours) {
        return Err(format!(
            "process {} is {}",
            left.id,
            left.arguments.join(" ")
        ));
    }
    let inside =
        processes::find_descendants(injected.program).map_err(describe_failure("a process"))?;
    let inside = std::iter::once(read_program(injected)?).chain(inside);
    let inside: Vec<_> = inside
        .map(|p| format!("{} (process {})", p.arguments[0], p.id))
        .collect();
    Ok(vec![format!(
        "All that runs in the pod: {}.",
        inside.join(", ")
    )])
}

/// What Vault was asked, and which tokens it still knows.
pub fn check_vault_log(injected: &InjectedPod<'_>) -> Found {
    /// Whether the agent comes to renew its token before it is ended is a matter of luck, and so is
    /// whether Vault looks at that before or after the token was given back.
    const BY_THE_AGENT: &str = "auth/token/renew-self";
    let requests = audit::read_requests(injected.audit).map_err(|error| error.to_string())?;
    let mut found: Vec<_> = requests
        .iter()
        .filter(|(request, _)| request.path != BY_THE_AGENT)
        .map(|(request, times)| format!("{times} {request}"))
        .collect();
    let expected = [
        "1 read of secret/data/shop/db",
        "1 read of secret/data/shop/settings",
        "1 update of auth/jwt/login",
        "1 update of auth/token/revoke-self",
    ];
    if found != expected {
        return Err(found.join(", "));
    }
    let list = Method::from_bytes(b"LIST").map_err(describe_failure("a method"))?;
    let tokens = injected
        .vault
        .request(&list, "auth/token/accessors", Vault::ROOT_TOKEN, None);
    let tokens = tokens.map_err(|error| error.to_string())?;
    match tokens["data"]["keys"].as_array().map(Vec::len) {
        Some(1) => found.push("The only token that Vault still knows is root's.".to_owned()),
        others => {
            return Err(format!(
                "Vault knows {others:?} tokens, of which one is root's"
            ));
        }
    }
    Ok(found)
}

fn read_program(injected: &InjectedPod<'_>) -> Result<Process, String> {
    Process::read(injected.program).map_err(describe_failure("the program"))
}

/// All files below a directory, in a steady order; links are not followed.
fn list_files(directory: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut directories = vec![directory.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).map_err(describe_failure("a directory"))? {
            let path = entry.map_err(describe_failure("a directory"))?.path();
            if path.is_symlink() {
                continue;
            }
            if path.is_dir() {
                directories.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn describe_failure<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> String {
    move |error| format!("{what} cannot be read: {error}")
}
