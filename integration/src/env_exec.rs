//! One start of env-exec: alone, or as in a container that the webhook changed.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::{Value, json};
use tempfile::TempDir;
use thiserror::Error;

use crate::process::{self, Output, ProcessError};
use crate::product::{self, ProductError};
use crate::temp;

const LIMIT: Duration = Duration::from_secs(60);

/// Variables, settings and program of one start. The program shows its environment unless another
/// is named.
#[must_use]
pub struct Start {
    variables: Vec<(OsString, OsString)>,
    program: Vec<OsString>,
    pod: Option<Pod>,
}

struct Pod {
    settings: Value,
    volume: TempDir,
}

/// How it ended, and what the program saw.
#[derive(Debug)]
pub struct Started {
    /// Of env-exec, or of the program that it became.
    pub output: Output,
    given: Vec<OsString>,
}

/// A start that could not be made.
#[derive(Error)]
pub enum StartError {
    /// There is no env-exec.
    #[error(transparent)]
    Product(#[from] ProductError),
    /// It could not be run.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// Its files could not be made.
    #[error(transparent)]
    Io(#[from] io::Error),
}

debug_is_display!(StartError);

impl Start {
    /// With nothing but a `PATH`.
    pub fn bare() -> Self {
        Self {
            variables: vec![("PATH".into(), "/usr/bin:/bin".into())],
            program: ["env", "-0"].map(OsString::from).into(),
            pod: None,
        }
    }

    /// With the address and token that Vault's own client would take.
    pub fn standalone(address: &str, token: &str) -> Self {
        Self::bare()
            .with_variable("VAULT_ADDR", address)
            .with_variable("VAULT_TOKEN", token)
    }

    /// With the settings of a pod and a token in its token volume; `restart` is `fail`. Unless the
    /// setting `sources` says something else, the manifest has all variables by `value`.
    pub fn in_pod(address: &str, token: &str) -> Result<Self, StartError> {
        let volume = temp::create_directory("token-volume")?;
        let handover = volume.path().join("handover");
        fs::create_dir(&handover)?;
        for directory in [volume.path(), &handover] {
            fs::set_permissions(directory, fs::Permissions::from_mode(0o777))?;
        }
        let settings = json!({
            "vault": { "address": address },
            "token_volume": volume.path(),
            "restart": "fail",
            "deadline_seconds": 20,
            "termination_message": volume.path().join("termination-log"),
        });
        let start = Self {
            pod: Some(Pod { settings, volume }),
            ..Self::bare()
        };
        start.put_token(token)?;
        Ok(start)
    }

    /// Adds a variable.
    pub fn with_variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.push((name.into(), value.into()));
        self
    }

    /// Sets a field of the pod's settings, or of its connection if the name is `vault.…`.
    pub fn with_setting(mut self, name: &str, value: Value) -> Self {
        if let Some(pod) = &mut self.pod {
            match name.split_once('.') {
                Some((object, field)) => pod.settings[object][field] = value,
                None => pod.settings[name] = value,
            }
        }
        self
    }

    /// Runs this instead of `env -0`.
    pub fn with_program<S: AsRef<OsStr>>(mut self, program: impl IntoIterator<Item = S>) -> Self {
        self.program = program
            .into_iter()
            .map(|word| word.as_ref().to_owned())
            .collect();
        self
    }

    /// The pod's token volume.
    pub fn volume(&self) -> &Path {
        self.pod
            .as_ref()
            .map_or_else(|| Path::new("/nonexistent"), |pod| pod.volume.path())
    }

    /// The pod's token file.
    pub fn token_file(&self) -> PathBuf {
        self.volume().join("handover/token")
    }

    /// The file in which the starts of one container leave what the next must know.
    pub fn record_file(&self) -> PathBuf {
        self.volume().join("handover/rerun.json")
    }

    /// Where the last error is left for kubelet.
    pub fn termination_log(&self) -> PathBuf {
        self.volume().join("termination-log")
    }

    /// Puts a token where the init container would, as one with another UID would.
    pub fn put_token(&self, token: &str) -> Result<(), StartError> {
        fs::write(self.token_file(), token)?;
        fs::set_permissions(self.token_file(), fs::Permissions::from_mode(0o666))?;
        Ok(())
    }

    /// The command, to be run in another way than by [`Start::run`].
    pub fn build_command(&self) -> Result<Command, StartError> {
        let mut command = Command::new(product::find_env_exec()?);
        command.arg("--").args(&self.program);
        self.set_environment(&mut command);
        Ok(command)
    }

    /// Gives another command this start's environment.
    pub fn set_environment(&self, command: &mut Command) {
        command
            .env_clear()
            .envs(self.variables.iter().map(|(n, v)| (n, v)));
        if let Some(pod) = &self.pod {
            let mut settings = pod.settings.clone();
            if settings.get("sources").is_none() {
                settings["sources"] = json!({ "named": { "literal": self.variable_names() } });
            }
            let settings = json!({ "exec": settings });
            command.env("TOKENPIPE_SETTINGS", settings.to_string());
        }
    }

    /// The variables' names, all of which a pod's manifest would give a value.
    fn variable_names(&self) -> Vec<&str> {
        let names = self.variables.iter();
        names.filter_map(|(name, _)| name.to_str()).collect()
    }

    /// Starts it and waits for its end.
    pub fn run(&self) -> Result<Started, StartError> {
        let output = process::run_command(&mut self.build_command()?, LIMIT)?;
        let given = self
            .variables
            .iter()
            .map(|(name, _)| name.clone())
            .collect();
        Ok(Started { output, given })
    }
}

impl Started {
    /// The exit code.
    pub fn code(&self) -> Option<i32> {
        self.output.code()
    }

    /// The one line that env-exec wrote, without its end.
    pub fn line(&self) -> String {
        self.output.stderr().trim_end().to_owned()
    }

    /// All variables that the program got, in their order.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        self.output
            .stdout
            .split(|byte| *byte == 0)
            .filter_map(|entry| {
                let equals = entry.iter().position(|byte| *byte == b'=')?;
                let (name, value) = entry.split_at(equals);
                Some((
                    OsString::from_vec(name.to_vec()),
                    OsString::from_vec(value[1..].to_vec()),
                ))
            })
            .collect()
    }

    /// A variable that the program got, as text.
    pub fn variable(&self, name: &str) -> Option<String> {
        let mut environment = self.environment().into_iter();
        let (_, value) = environment.find(|(key, _)| key == name)?;
        Some(value.to_string_lossy().into_owned())
    }

    /// The names of variables that the program got and the start was not given.
    pub fn added_variables(&self) -> Vec<String> {
        let environment = self.environment().into_iter();
        environment
            .filter(|(name, _)| !self.given.contains(name))
            .map(|(name, _)| name.to_string_lossy().into_owned())
            .collect()
    }
}
