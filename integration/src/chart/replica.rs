//! A replica of the webhook as the chart configures it, as a process of this machine.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::ChartError;
use crate::network::free_port;
use crate::process::Background;
use crate::wait::{Probe, wait_for};
use crate::{http, product, temp};

/// The operator's file.
const CONFIG: &str = "config.yaml";

/// A running `tokenpipe serve` that acts by a kubeconfig. It ends when this is dropped.
pub struct Replica {
    // Before the directory, which its log lies in.
    process: Background,
    directory: TempDir,
    port: u16,
    metrics: String,
}

impl Replica {
    /// Starts it with an operator's configuration, of which it changes the addresses alone.
    pub fn start(config: &Value, kubeconfig: &Path) -> Result<Self, ChartError> {
        let directory = temp::create_directory("replica")?;
        let file = |name: &str| directory.path().join(name);
        let (port, metrics) = (free_port()?, free_port()?);
        let mut config = config.clone();
        config["server"]["listen"] = json!(format!("127.0.0.1:{port}"));
        config["server"]["listenMetrics"] = json!(format!("127.0.0.1:{metrics}"));
        // JSON is YAML.
        fs::write(file(CONFIG), config.to_string())?;
        let mut command = Command::new(product::find_tokenpipe()?);
        command
            .env_clear()
            .env("KUBECONFIG", kubeconfig)
            .args(["serve", "--config"])
            .arg(file(CONFIG));
        let process = Background::start(&mut command, &file("replica.log"))?;
        Ok(Self {
            process,
            directory,
            port,
            metrics: format!("http://127.0.0.1:{metrics}"),
        })
    }

    /// Changes a part of its configuration while it runs.
    pub fn change_config(&self, part: &str, value: &Value) -> Result<(), ChartError> {
        let file = self.directory.path().join(CONFIG);
        let text = fs::read_to_string(&file)?;
        let config = serde_json::from_str(&text);
        let mut config: Value = config.map_err(|error| ChartError::Yaml(error.to_string()))?;
        config[part] = value.clone();
        fs::write(&file, config.to_string())?;
        Ok(())
    }

    /// Waits until it says that it is ready.
    pub fn wait_until_ready(&self) -> Result<(), ChartError> {
        let ready = wait_for("the replica", Duration::from_secs(30), || {
            if !self.process.is_running() {
                return Probe::Failed("it has ended".to_owned());
            }
            self.get("readyz").map(|_| ()).into()
        });
        ready.map_err(|wait| ChartError::Replica {
            wait,
            log: self.process.log_tail(),
        })
    }

    /// The port of 127.0.0.1 where it answers reviews.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// All that it has logged so far.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// The text of its metrics.
    pub fn read_metrics(&self) -> Result<String, ChartError> {
        self.get("metrics").map_err(ChartError::Helm)
    }

    /// A metric's value, by the whole of its name and labels.
    pub fn read_metric(&self, name: &str) -> Result<Option<f64>, ChartError> {
        let metrics = self.read_metrics()?;
        let value = metrics
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        Ok(value.and_then(|value| value.parse().ok()))
    }

    fn get(&self, path: &str) -> Result<String, String> {
        let client = http::build_client("").map_err(|error| http::describe_error(&error))?;
        let answer = client.get(format!("{}/{path}", self.metrics)).send();
        let answer = answer.and_then(reqwest::blocking::Response::error_for_status);
        answer
            .and_then(reqwest::blocking::Response::text)
            .map_err(|error| http::describe_error(&error))
    }
}

/// An object under another name.
pub fn with_name(object: &Value, name: &str) -> Value {
    let mut object = object.clone();
    object["metadata"]["name"] = json!(name);
    object
}
