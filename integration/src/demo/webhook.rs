//! `tokenpipe serve`, and the part of the API server that asks it.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine};
use json_patch::Patch;
use reqwest::blocking::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::DemoError;
use crate::network::free_port;
use crate::process::Background;
use crate::wait::{Probe, wait_for};
use crate::{http, product, temp};

const READY: Duration = Duration::from_secs(30);

/// The name that the API server knows the webhook by: its Service's.
const NAME: &str = "tokenpipe.tokenpipe.svc";

/// A running `tokenpipe serve`. It ends when this is dropped.
pub struct Webhook {
    // Before the directory, which its log lies in.
    process: Background,
    _directory: TempDir,
    client: Client,
    url: String,
    metrics: String,
}

/// What the webhook answered to a pod.
#[derive(Debug)]
pub struct Admitted {
    /// The pod with the patch applied.
    pub pod: Value,
    /// Operations of the patch.
    pub operations: usize,
    /// From question to answer.
    pub elapsed: Duration,
    /// What `kubectl apply` would print.
    pub warnings: Vec<String>,
}

impl Webhook {
    /// Starts it with an operator's configuration; addresses and certificate are its own. Tries
    /// again if another process took one of the ports.
    pub fn start(config: &Value) -> Result<Self, DemoError> {
        let mut tries = 3;
        loop {
            tries -= 1;
            match Self::start_once(config) {
                Err(DemoError::Webhook { log, .. }) if tries > 0 && log.contains("in use") => {}
                result => return result,
            }
        }
    }

    fn start_once(config: &Value) -> Result<Self, DemoError> {
        let directory = temp::create_directory("webhook")?;
        let file = |name: &str| directory.path().join(name);
        let (port, metrics) = (free_port()?, free_port()?);
        let authority = file("ca.crt");
        let mut config = config.clone();
        config["server"] = json!({
            "listen": format!("127.0.0.1:{port}"),
            "listenMetrics": format!("127.0.0.1:{metrics}"),
            "tls": { "selfSigned": { "dnsNames": [NAME], "caFile": authority } },
        });
        // JSON is YAML.
        fs::write(file("config.yaml"), config.to_string())?;
        let mut command = Command::new(product::find_tokenpipe()?);
        command
            .env_clear()
            .args(["serve", "--config"])
            .arg(file("config.yaml"));
        let process = Background::start(&mut command, &file("webhook.log"))?;

        let metrics = format!("http://127.0.0.1:{metrics}");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let client = wait_for("the webhook", READY, || {
            probe_client(&process, &authority, &metrics, address)
        });
        let client = client.map_err(|wait| DemoError::Webhook {
            wait,
            log: process.log_tail(),
        })?;
        let url = format!("https://{NAME}:{port}");
        Ok(Self {
            process,
            _directory: directory,
            client,
            url,
            metrics,
        })
    }

    /// Where it answers, as the API server sees it.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The address of its reviews, for a client that knows no names.
    pub fn loopback_url(&self) -> String {
        format!("{}/mutate", self.url.replace(NAME, "127.0.0.1"))
    }

    /// Where its metrics are.
    pub fn metrics(&self) -> &str {
        &self.metrics
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// All that it has logged so far.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Asks it about a new pod, as the API server does, and applies its patch.
    pub fn admit_pod(&self, pod: &Value) -> Result<Admitted, DemoError> {
        let url = format!("{}/mutate", self.url);
        let started = Instant::now();
        let answer = self
            .client
            .post(url)
            .json(&build_review(pod))
            .send()
            .map_err(|error| DemoError::from_http(&error))?;
        let status = answer.status();
        let text = answer
            .text()
            .map_err(|error| DemoError::from_http(&error))?;
        let elapsed = started.elapsed();
        let unusable = || DemoError::Answer {
            status: status.as_u16(),
            text: text.clone(),
        };
        let answer: Value = serde_json::from_str(&text).map_err(|_| unusable())?;
        let response = &answer["response"];
        match response["allowed"].as_bool() {
            Some(true) => {}
            Some(false) => {
                let reason = response["status"]["message"].as_str().unwrap_or_default();
                return Err(DemoError::Refused(reason.to_owned()));
            }
            None => return Err(unusable()),
        }
        let patch = response["patch"].as_str().unwrap_or_default();
        let patch = BASE64_STANDARD.decode(patch).map_err(|_| unusable())?;
        let patch = if patch.is_empty() {
            Patch::default()
        } else {
            serde_json::from_slice(&patch).map_err(|_| unusable())?
        };
        let mut pod = pod.clone();
        json_patch::patch(&mut pod, &patch).map_err(|_| unusable())?;
        let warnings = response["warnings"].as_array().into_iter().flatten();
        let warnings = warnings
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        Ok(Admitted {
            pod,
            operations: patch.0.len(),
            elapsed,
            warnings,
        })
    }
}

/// A client that trusts the webhook's authority, once the webhook is ready: before that the file may
/// be half written.
fn probe_client(
    process: &Background,
    authority: &Path,
    metrics: &str,
    address: SocketAddr,
) -> Probe<Client> {
    if !process.is_running() {
        return Probe::Failed("it has ended".to_owned());
    }
    let client = || -> Result<Client, String> {
        let client = http::build_client("").map_err(|error| http::describe_error(&error))?;
        let answer = client.get(format!("{metrics}/readyz")).send();
        let answer = answer.and_then(reqwest::blocking::Response::error_for_status);
        answer.map_err(|error| http::describe_error(&error))?;
        let authority = fs::read_to_string(authority).map_err(|error| error.to_string())?;
        let client = http::client_builder(&authority).map(|builder| builder.resolve(NAME, address));
        let client = client.and_then(reqwest::blocking::ClientBuilder::build);
        client.map_err(|error| http::describe_error(&error))
    };
    client().into()
}

/// The question of the API server.
pub fn build_review(pod: &Value) -> Value {
    let (group, version) = ("", "v1");
    json!({
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "6f2c4a1e-8f0b-4d57-9b53-0c1d2e3f4a5b",
            "kind": { "group": group, "version": version, "kind": "Pod" },
            "resource": { "group": group, "version": version, "resource": "pods" },
            "name": pod["metadata"]["name"],
            "namespace": pod["metadata"]["namespace"],
            "operation": "CREATE",
            "userInfo": { "username": "system:serviceaccount:kube-system:replicaset-controller" },
            "object": pod,
            "oldObject": null,
            "dryRun": false,
            "options": { "apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions" },
        },
    })
}
