//! The search for what must be nowhere: secret values and tokens, in API objects, logs and files.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use ring::rand::{SecureRandom, SystemRandom};

use super::{E2eError, Namespace};
use crate::digest::hash_sha256;
use crate::process;
use crate::wait::wait_for;

const LIMIT: Duration = Duration::from_secs(120);
/// What a token of Vault's looks like. The root token of the tests does not.
const TOKEN: &str = r"hvs\.[A-Za-z0-9_-]{20}";
/// Where the node's programs write: etcd's data, what containers say.
const WRITTEN: [&str; 2] = ["/var/lib/etcd", "/var/log"];

/// A value that stands nowhere else, made up anew for each run.
pub struct Secret(String);

impl Secret {
    /// A new one.
    pub fn new() -> Result<Self, E2eError> {
        let mut bytes = [0; 12];
        let random = SystemRandom::new().fill(&mut bytes);
        random.map_err(|_| E2eError::Unexpected("there is no randomness".to_owned()))?;
        let digits = bytes.iter().map(|byte| format!("{byte:02x}"));
        Ok(Self(digits.collect()))
    }

    /// The value.
    pub fn value(&self) -> &str {
        &self.0
    }

    /// Its SHA-256, which a program may tell in a log.
    pub fn sha256(&self) -> String {
        hash_sha256(self.0.as_bytes())
    }
}

impl Namespace<'_> {
    /// Where one of the secrets, or any token of Vault's, is to be found: in an object of the API, in a
    /// log of this namespace's pods, or in what the node's programs have written.
    pub fn find_leaks(&self, secrets: &[&Secret]) -> Result<Vec<String>, E2eError> {
        let patterns = build_patterns(secrets);
        let mut found = Vec::new();
        let objects = self.all_objects()?;
        found.extend(find_matches(&patterns, &objects, "an object of the API")?);
        let pods = self.list_pods("")?;
        for pod in &pods {
            for container in pod.container_names() {
                for previous in [false, true] {
                    // There is none of a start that was not made.
                    let is_there =
                        !previous && pod.container_status(&container)["state"]["waiting"].is_null();
                    let log = if is_there {
                        wait_for("a log", LIMIT, || pod.read_log(&container, false))?
                    } else {
                        pod.read_log(&container, previous).unwrap_or_default()
                    };
                    found.extend(find_matches(
                        &patterns,
                        &log,
                        &format!("the log of {container}"),
                    )?);
                }
            }
        }
        if let Some(node) = self.cluster.own_node() {
            let written = WRITTEN.map(|path| node.host_path(path)).into_iter();
            // What kubelet keeps of a pod: its volumes, above all. Other scenarios' may have a token.
            let kept = pods.iter().map(|pod| node.pod_directory(pod.uid()));
            let places: Vec<_> = written.chain(kept).chain([node.daemon_logs()]).collect();
            found.extend(files_with(&patterns, &places)?);
        }
        Ok(found)
    }

    /// Every object that can be listed, of all namespaces, as JSON.
    fn all_objects(&self) -> Result<String, E2eError> {
        let resources = self.run_kubectl(&["api-resources", "--verbs=list", "--output=name"])?;
        let resources = resources.lines().collect::<Vec<_>>().join(",");
        self.run_kubectl(&[
            "get",
            &resources,
            "--all-namespaces",
            "--output=json",
            "--show-managed-fields",
        ])
    }
}

/// Regular expressions, one a line: each secret as it is and as a Secret's data would have it.
fn build_patterns(secrets: &[&Secret]) -> String {
    let mut patterns = TOKEN.to_owned();
    for secret in secrets {
        let encoded = BASE64_STANDARD.encode(secret.value());
        // Its end depends on what follows.
        patterns = format!(
            "{patterns}\n{}\n{}",
            secret.value(),
            &encoded[..encoded.len() - 4]
        );
    }
    patterns
}

/// Lines of a text with one of the patterns, each with what stands before it.
fn find_matches(patterns: &str, text: &str, place: &str) -> Result<Vec<String>, E2eError> {
    let mut grep = Command::new("grep");
    grep.args([
        "--extended-regexp",
        "--only-matching",
        "--text",
        "--regexp",
        patterns,
    ]);
    let output = process::run_with_input(&mut grep, text.as_bytes(), LIMIT);
    let output = output.map_err(|error| E2eError::Unexpected(error.to_string()))?;
    check_grep_status(output.code(), FOUND_NOTHING)?;
    Ok(output
        .stdout()
        .lines()
        .map(|line| format!("{line} in {place}"))
        .collect())
}

/// Files below some directories that hold one of the patterns.
fn files_with(patterns: &str, places: &[PathBuf]) -> Result<Vec<String>, E2eError> {
    let mut grep = Command::new("grep");
    grep.args([
        "--recursive",
        "--no-messages",
        "--extended-regexp",
        "--files-with-matches",
    ]);
    grep.args(["--text", "--devices=skip", "--regexp", patterns, "--"]);
    if let Some(place) = places.iter().find(|place| !place.exists()) {
        let missing = format!("{} is not there to be searched", place.display());
        return Err(E2eError::Unexpected(missing));
    }
    let output = process::run_command(grep.args(places), LIMIT);
    let output = output.map_err(|error| E2eError::Unexpected(error.to_string()))?;
    // A file may have gone meanwhile, which is not ours to prevent.
    check_grep_status(output.code(), COULD_NOT_READ)?;
    Ok(output
        .stdout()
        .lines()
        .map(|line| format!("the file {line}"))
        .collect())
}

/// What grep ends with.
const FOUND_NOTHING: i32 = 1;
const COULD_NOT_READ: i32 = 2;

/// Any other end of grep than these up to `most` is an error.
fn check_grep_status(code: Option<i32>, most: i32) -> Result<(), E2eError> {
    match code {
        Some(code) if (0..=most).contains(&code) => Ok(()),
        code => Err(E2eError::Unexpected(format!("grep ended with {code:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn value_in_a_file_is_found() {
        let secret = Secret::new().unwrap();
        let patterns = build_patterns(&[&secret]);
        let encoded = BASE64_STANDARD.encode(format!("{}, and more", secret.value()));
        let token = "hvs.CAESIJ3t2yKnrZ0nKXv0Yq9mE5bG5k8w";
        for text in [secret.value(), &encoded, token] {
            let found =
                find_matches(&patterns, &format!("a line\nbefore{text}after\n"), "it").unwrap();
            assert_eq!(found.len(), 1, "{text}: {found:?}");
        }
        let harmless = "hvs.short root-token-of-the-tests vault:secret/data/shop#password";
        assert_eq!(
            find_matches(&patterns, harmless, "it").unwrap(),
            Vec::<String>::new()
        );

        let directory = crate::temp::create_directory("leak").unwrap();
        std::fs::write(
            directory.path().join("file"),
            [b"\0\xff", secret.value().as_bytes()].concat(),
        )
        .unwrap();
        let found = files_with(&patterns, &[directory.path().to_owned()]).unwrap();
        assert_eq!(found.len(), 1);
    }
}
