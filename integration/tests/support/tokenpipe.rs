//! `tokenpipe serve` as a pod runs it: configuration and certificate lie in mounted volumes, which
//! kubelet replaces by swapping a symbolic link.

#![allow(dead_code, reason = "each test program uses its part")]

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{OpenOptionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

use integration::certificates::{Authority, Identity};
use integration::network::free_port;
use integration::process::{Background, Signal};
use integration::wait::{Probe, wait_for};
use integration::{http, product, temp};
use reqwest::blocking::Client;
use reqwest::header::CONTENT_TYPE;
use rustix::fs::OFlags;
use serde_json::{Value, json};
use tempfile::TempDir;

pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// Where the certificate comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tls {
    Files,
    SelfSigned,
}

/// A running `tokenpipe serve`. It ends when this is dropped.
pub(crate) struct Serve {
    // Before the directory, which its log lies in.
    process: Background,
    /// The end of its log that nobody reads, where the log is a pipe.
    pipe: Option<File>,
    certificate: Mounted,
    config: Mounted,
    directory: TempDir,
    authority: Authority,
    server: Value,
    tls: Tls,
    port: u16,
    metrics: u16,
}

impl Serve {
    /// Starts it with an operator's configuration, whose addresses and certificate are filled in,
    /// and waits until it is ready.
    pub(crate) fn start(config: &Value, tls: Tls) -> Self {
        Self::start_with(config, tls, false)
    }

    /// The same with a log that [`Self::fill_log`] lets no line into, until [`Self::read_log`].
    pub(crate) fn start_with_pipe(config: &Value) -> Self {
        Self::start_with(config, Tls::Files, true)
    }

    fn start_with(config: &Value, tls: Tls, has_pipe: bool) -> Self {
        let mut tries = 3;
        loop {
            tries -= 1;
            match Self::start_once(config, tls, has_pipe) {
                Ok(serve) => return serve,
                Err(log) if tries > 0 && log.contains("in use") => {}
                Err(log) => panic!("tokenpipe serve does not start: {log}"),
            }
        }
    }

    fn start_once(config: &Value, tls: Tls, has_pipe: bool) -> Result<Self, String> {
        let directory = temp::create_directory("serve").unwrap();
        let file = |name: &str| directory.path().join(name);
        let (port, metrics) = (free_port().unwrap(), free_port().unwrap());
        let authority = Authority::new("tokenpipe of the tests").unwrap();
        let mut server = config.get("server").cloned().unwrap_or_else(|| json!({}));
        server["listen"] = json!(format!("127.0.0.1:{port}"));
        server["listenMetrics"] = json!(format!("127.0.0.1:{metrics}"));
        server["tls"] = match tls {
            Tls::Files => json!({ "files": {
                "certificate": file("tls/tls.crt"), "key": file("tls/tls.key"),
            } }),
            Tls::SelfSigned => json!({ "selfSigned": {
                "dnsNames": ["tokenpipe.tokenpipe.svc", "127.0.0.1"], "caFile": file("ca.crt"),
            } }),
        };
        let mut command = Command::new(product::find_tokenpipe().unwrap());
        command
            .env_clear()
            .args(["serve", "--log", "json", "--config"])
            .arg(file("config/config.yaml"));
        let mut certificate = Mounted::new(file("tls"));
        certificate.replace_files(&identity_files(
            &authority.issue_server(&["127.0.0.1"]).unwrap(),
        ));
        let mut mounted = Mounted::new(file("config"));
        mounted.replace_files(&[("config.yaml", &render_config(config, &server))]);
        let pipe = has_pipe.then(|| create_pipe(&file("serve.log")));
        let serve = Self {
            pipe,
            process: Background::start(&mut command, &file("serve.log")).unwrap(),
            certificate,
            config: mounted,
            directory,
            authority,
            server,
            tls,
            port,
            metrics,
        };
        let ready = wait_for("tokenpipe serve", LIMIT, || match serve.get("readyz") {
            Some((200, _)) => Probe::Ready(()),
            _ if !serve.process.is_running() => Probe::Failed("it has ended".to_owned()),
            found => Probe::NotYet(format!("readyz: {found:?}")),
        });
        match ready {
            Ok(()) => Ok(serve),
            Err(error) if has_pipe => Err(error.to_string()),
            Err(error) => Err(format!("{error}: {}", serve.log())),
        }
    }

    /// From now on it waits wherever it writes a line of its log.
    pub(crate) fn fill_log(&self) {
        let mut pipe = self.pipe.as_ref().expect("a log that is a pipe");
        // A page as long as there is one, then what is left.
        for piece in [&[b'\n'; 4096][..], b"\n"] {
            while pipe.write(piece).is_ok() {}
        }
    }

    /// From now on somebody reads its log.
    pub(crate) fn read_log(&self) {
        let mut log = File::open(self.directory.path().join("serve.log")).unwrap();
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    }

    /// Most memory that it has had so far, in bytes.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let mut lines = status.lines();
        let peak = lines.find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }

    /// Where reviews are answered.
    pub(crate) fn url(&self) -> String {
        format!("https://127.0.0.1:{}/mutate", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn metrics_port(&self) -> u16 {
        self.metrics
    }

    /// The authority that signed its certificate, PEM.
    pub(crate) fn authority(&self) -> String {
        match self.tls {
            Tls::Files => self.authority.certificate().to_owned(),
            Tls::SelfSigned => fs::read_to_string(self.directory.path().join("ca.crt")).unwrap(),
        }
    }

    /// A client that trusts it.
    pub(crate) fn build_client(&self) -> Client {
        http::build_client(&self.authority()).unwrap()
    }

    /// What the clear port answers, if it does.
    pub(crate) fn get(&self, path: &str) -> Option<(u16, String)> {
        let url = format!("http://127.0.0.1:{}/{path}", self.metrics);
        let response = http::build_client("").unwrap().get(url).send().ok()?;
        Some((response.status().as_u16(), response.text().ok()?))
    }

    /// The value of a metric's line that begins so.
    pub(crate) fn read_metric(&self, line: &str) -> Option<f64> {
        let (_, text) = self.get("metrics")?;
        let value = text.lines().find_map(|found| found.strip_prefix(line))?;
        value.trim().parse().ok()
    }

    /// All that it has logged so far.
    pub(crate) fn log(&self) -> String {
        self.process.log()
    }

    /// The lines of its log with this message.
    pub(crate) fn find_logged(&self, message: &str) -> Vec<Value> {
        let log = self.log();
        // The last may still be on its way into the file.
        let whole = log.rfind('\n').map_or("", |end| &log[..end]);
        let lines = whole
            .lines()
            .map(|line| serde_json::from_str(line).expect(line));
        lines
            .filter(|line: &Value| line["message"] == message)
            .collect()
    }

    /// Gives it another certificate of its authority's, which is returned, PEM.
    pub(crate) fn replace_certificate(&mut self) -> String {
        let identity = self.authority.issue_server(&["127.0.0.1"]).unwrap();
        self.certificate.replace_files(&identity_files(&identity));
        identity.certificate
    }

    /// Gives it these files for its certificate.
    pub(crate) fn replace_certificate_files(&mut self, certificate: &str, key: &str) {
        self.certificate
            .replace_files(&[("tls.crt", certificate), ("tls.key", key)]);
    }

    /// Gives it another configuration; its server's part stays.
    pub(crate) fn replace_config(&mut self, config: &Value) {
        self.replace_config_of(&Value::Null, config);
    }

    /// The same with the file of another release.
    pub(crate) fn replace_config_of(&mut self, release: &Value, config: &Value) {
        let mut server = self.server.clone();
        server["release"] = release.clone();
        let text = render_config(config, &server);
        self.config.replace_files(&[("config.yaml", &text)]);
    }

    pub(crate) fn signal(&self, signal: Signal) {
        self.process.signal(signal).unwrap();
    }

    pub(crate) fn wait(&mut self, limit: Duration) -> ExitStatus {
        self.process.wait(limit).unwrap()
    }
}

/// Posts a body; status and text of the answer.
pub(crate) fn post_body(
    client: &Client,
    url: &str,
    body: impl Into<reqwest::blocking::Body>,
) -> (u16, String) {
    post_as(client, url, "application/json", body)
}

/// Posts a body of this content type.
pub(crate) fn post_as(
    client: &Client,
    url: &str,
    content_type: &str,
    body: impl Into<reqwest::blocking::Body>,
) -> (u16, String) {
    let request = client
        .post(url)
        .header(CONTENT_TYPE, content_type)
        .body(body);
    let response = request.send().unwrap();
    (response.status().as_u16(), response.text().unwrap())
}

/// The API server's question about the creation of a pod.
pub(crate) fn build_review(pod: &Value) -> Value {
    let kind = json!({ "group": "", "version": "v1", "kind": "Pod" });
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "6f2c4a1e-8f0b-4d57-9b53-0c1d2e3f4a5b", "kind": kind, "operation": "CREATE",
            "namespace": "shop", "object": pod, "oldObject": null, "dryRun": false,
        },
    })
}

/// An operator's configuration.
pub(crate) fn build_config() -> Value {
    json!({ "connections": { "default": {
        "address": "https://vault.example:8200", "auth": { "role": "shop" },
    } } })
}

/// Opened for reading and writing, so that neither end waits for the other.
fn create_pipe(path: &Path) -> File {
    let made = Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
    let mut options = File::options();
    let options = options.read(true).write(true);
    let nonblocking = OFlags::NONBLOCK.bits().cast_signed();
    options.custom_flags(nonblocking).open(path).unwrap()
}

// JSON is YAML.
fn render_config(config: &Value, server: &Value) -> String {
    let mut config = config.clone();
    config["server"] = server.clone();
    config.to_string()
}

fn identity_files(identity: &Identity) -> [(&str, &str); 2] {
    [
        ("tls.crt", &identity.certificate),
        ("tls.key", &identity.key),
    ]
}

/// A volume of a ConfigMap or Secret, laid out and replaced as kubelet's `AtomicWriter` does it: the
/// files are links through `..data`, which a rename makes another directory.
struct Mounted {
    directory: PathBuf,
    version: u32,
}

impl Mounted {
    fn new(directory: PathBuf) -> Self {
        fs::create_dir(&directory).unwrap();
        Self {
            directory,
            version: 0,
        }
    }

    fn replace_files(&mut self, files: &[(&str, &str)]) {
        let at = |name: &str| self.directory.join(name);
        let (old, new) = (self.version, self.version + 1);
        let stamp = |version: u32| format!("..2026_01_01_00_00_00.{version}");
        fs::create_dir(at(&stamp(new))).unwrap();
        for (name, text) in files {
            fs::write(at(&stamp(new)).join(name), text).unwrap();
            let link = at(name);
            if link.symlink_metadata().is_err() {
                symlink(Path::new("..data").join(name), link).unwrap();
            }
        }
        symlink(stamp(new), at("..data_tmp")).unwrap();
        fs::rename(at("..data_tmp"), at("..data")).unwrap();
        if old > 0 {
            fs::remove_dir_all(at(&stamp(old))).unwrap();
        }
        self.version = new;
    }
}
