//! Starting the programs of a cluster.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use reqwest::Method;

use super::{Cluster, ClusterError};
use crate::certificates::{Authority, Identity, signing_keys};
use crate::network::{free_port, start_on_free_ports};
use crate::process::Background;
use crate::tools::{self, Tool};
use crate::wait::{Probe, wait_for};
use crate::{http, temp};

const READY: Duration = Duration::from_secs(120);
/// The names that a client may call the API server by, in and outside of a pod.
pub(crate) const SERVER_NAMES: [&str; 6] = [
    "127.0.0.1",
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "10.96.0.1",
];

pub(super) fn start_cluster(flags: &[&str]) -> Result<Cluster, ClusterError> {
    let lost = |error: &ClusterError| match error {
        ClusterError::Start { logs, .. } => logs.contains("address already in use"),
        _ => false,
    };
    start_on_free_ports(|| start_once(flags), lost)
}

fn start_once(flags: &[&str]) -> Result<Cluster, ClusterError> {
    let programs = tools::find_all(&[
        Tool::Etcd,
        Tool::KubeApiserver,
        Tool::KubeControllerManager,
        Tool::Kubectl,
    ])?;
    let directory = temp::create_directory("cluster")?;
    let authority = Authority::new("Kubernetes of the tests")?;
    let admin = authority.issue_client("admin", Some("system:masters"))?;
    let ports = Ports {
        etcd: free_port()?,
        etcd_peer: free_port()?,
        api: free_port()?,
    };
    let address = format!("https://127.0.0.1:{}", ports.api);
    write_files(directory.path(), &authority, &admin, &address)?;

    let mut cluster = Cluster {
        processes: Vec::new(),
        client: http::build_client_with_certificate(authority.certificate(), &admin)?,
        authority: authority.certificate().to_owned(),
        address,
        directory,
        kubectl: programs[3].clone(),
        namespaces: AtomicU32::new(0),
    };
    cluster.launch_server(&programs[0], &etcd_arguments(&ports))?;
    let mut arguments = api_server(&ports);
    arguments.extend(flags.iter().map(|flag| (*flag).to_owned()));
    cluster.launch_server(&programs[1], &arguments)?;
    cluster.wait_for_path("the API server", "readyz")?;
    // It gives up if the API server is not there after ten seconds.
    cluster.launch_server(&programs[2], &controller_manager())?;
    let account = "api/v1/namespaces/default/serviceaccounts/default";
    cluster.wait_for_path("the first ServiceAccount", account)?;
    Ok(cluster)
}

struct Ports {
    etcd: u16,
    etcd_peer: u16,
    api: u16,
}

fn etcd_arguments(ports: &Ports) -> Vec<String> {
    let client = format!("http://127.0.0.1:{}", ports.etcd);
    let peer = format!("http://127.0.0.1:{}", ports.etcd_peer);
    vec![
        "--data-dir=etcd".to_owned(),
        format!("--listen-client-urls={client}"),
        format!("--advertise-client-urls={client}"),
        format!("--listen-peer-urls={peer}"),
        format!("--initial-advertise-peer-urls={peer}"),
        format!("--initial-cluster=default={peer}"),
    ]
}

fn api_server(ports: &Ports) -> Vec<String> {
    let mut arguments = vec![
        format!("--etcd-servers=http://127.0.0.1:{}", ports.etcd),
        format!("--secure-port={}", ports.api),
    ];
    let fixed = [
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        // An Endpoints object must not hold a loopback address, and nobody reads it here.
        "--endpoint-reconciler-type=none",
        "--tls-cert-file=server.crt",
        "--tls-private-key-file=server.key",
        "--client-ca-file=ca.crt",
        "--cert-dir=certificates",
        "--authorization-mode=Node,RBAC",
        "--allow-privileged=true",
        "--service-cluster-ip-range=10.96.0.0/16",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=service-account.pub",
        "--service-account-signing-key-file=service-account.key",
    ];
    arguments.extend(fixed.map(str::to_owned));
    arguments
}

fn controller_manager() -> Vec<String> {
    let fixed = [
        "--kubeconfig=kubeconfig",
        "--root-ca-file=ca.crt",
        "--service-account-private-key-file=service-account.key",
        "--leader-elect=false",
        "--secure-port=0",
        "--cert-dir=certificates",
    ];
    fixed.map(str::to_owned).to_vec()
}

fn write_files(
    directory: &Path,
    authority: &Authority,
    admin: &Identity,
    address: &str,
) -> Result<(), ClusterError> {
    let server = authority.issue_server(&SERVER_NAMES)?;
    let (private, public) = signing_keys()?;
    let kubeconfig = render_kubeconfig(directory, address, "admin");
    for (name, text) in [
        ("ca.crt", authority.certificate()),
        ("server.crt", &server.certificate),
        ("server.key", &server.key),
        ("admin.crt", &admin.certificate),
        ("admin.key", &admin.key),
        ("service-account.key", &private),
        ("service-account.pub", &public),
        ("kubeconfig", &kubeconfig),
    ] {
        fs::write(directory.join(name), text)?;
    }
    Ok(())
}

/// A kubeconfig for the user whose certificate and key lie in the directory. JSON is YAML.
pub(crate) fn render_kubeconfig(directory: &Path, address: &str, user: &str) -> String {
    let file = |name: &str| directory.join(name);
    serde_json::json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{ "name": "tests", "cluster": {
            "server": address, "certificate-authority": file("ca.crt"),
        } }],
        "users": [{ "name": user, "user": {
            "client-certificate": file(&format!("{user}.crt")),
            "client-key": file(&format!("{user}.key")),
        } }],
        "contexts": [{ "name": "tests", "context": { "cluster": "tests", "user": user } }],
        "current-context": "tests",
    })
    .to_string()
}

impl Cluster {
    fn launch_server(&mut self, program: &Path, arguments: &[String]) -> Result<(), ClusterError> {
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        let log = self.file_path(&format!("{name}.log"));
        let mut command = Command::new(program);
        // Nothing of the environment may change a server.
        command
            .env_clear()
            .env("HOME", self.directory.path())
            .current_dir(&self.directory);
        self.processes
            .push(Background::start(command.args(arguments), &log)?);
        Ok(())
    }

    fn wait_for_path(&self, what: &str, path: &str) -> Result<(), ClusterError> {
        let ready = wait_for(
            &format!("{what} at {}", self.address),
            READY,
            || match self.request(&Method::GET, path, None) {
                Ok(_) => Probe::Ready(()),
                Err(_) if !self.processes.iter().all(Background::is_running) => {
                    Probe::Failed("one of its programs has ended".to_owned())
                }
                Err(error) => Probe::NotYet(error.to_string()),
            },
        );
        ready.map_err(|wait| ClusterError::Start {
            wait,
            logs: self.describe_logs(),
        })
    }

    fn describe_logs(&self) -> String {
        let part = |process: &Background| {
            format!(
                "\nthe end of the log of {}:\n{}",
                process.program(),
                process.log_tail()
            )
        };
        self.processes.iter().map(part).collect()
    }
}
