//! A pod that logs in: admitted by the real webhook, run up to the end of its init containers, in
//! which the real agent logs in with what admission made of the pod's annotations.

use std::collections::BTreeMap;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;

use contract::{names, paths};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::demo::DemoError;
use crate::demo::webhook::{Admitted, Webhook};
use crate::kubelet::{Data, Image, Issuer, Node, Pod};
use crate::network::{Answer, Request};
use crate::product;
use crate::temp;
use crate::tools::{self, Tool};

/// Where most clouds have their metadata service.
pub const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// What the agent finds beside Vault and a metadata service.
#[derive(Default)]
pub struct Outside<'a> {
    /// Names, and where they are.
    pub names: &'a [(&'a str, Ipv4Addr)],
    /// The authority that the agent's image trusts, PEM.
    pub authority: &'a str,
}

impl Outside<'_> {
    fn render_hosts(&self) -> String {
        let given = [("localhost", Ipv4Addr::LOCALHOST), ("metadata", METADATA)];
        let all = given.iter().chain(self.names);
        let lines: Vec<_> = all
            .map(|(name, address)| format!("{address} {name}\n"))
            .collect();
        lines.concat()
    }
}

/// A machine that runs pods, and the webhook that admits them.
pub struct Logins {
    /// The machine.
    pub node: Node,
    webhook: Webhook,
    _files: TempDir,
}

impl Logins {
    /// For the Vault at an address; `helper` is the program that [`Node::new`] needs. Further
    /// fields of the connection may say how it is used.
    pub fn new(helper: &Path, address: &str, connection: &Value) -> Result<Self, DemoError> {
        let node = Node::new(helper, Issuer::new()?)?;
        Self::on_node(node, address, connection)
    }

    /// The same on a machine that is there already.
    pub fn on_node(node: Node, address: &str, connection: &Value) -> Result<Self, DemoError> {
        Self::with_outside(node, address, connection, &Outside::default())
    }

    /// The same with something outside of the machine.
    pub fn with_outside(
        node: Node,
        address: &str,
        connection: &Value,
        outside: &Outside<'_>,
    ) -> Result<Self, DemoError> {
        let mut connection = connection.clone();
        connection["address"] = json!(address);
        let webhook = Webhook::start(&json!({
            "connections": { "default": connection },
            "kubernetesVersion": "1.37",
            "defaults": { "loginDeadlineSeconds": 30 },
        }))?;
        let env_exec = product::find_env_exec()?;
        // No shell, no user, no library: what the agent needs is what its container is given.
        // kubelet writes it for every pod; the name is that of Google's metadata service.
        let directory = temp::create_directory("login")?;
        let (hosts, trusted) = (directory.path().join("hosts"), directory.path().join("ca"));
        fs::write(&hosts, outside.render_hosts())?;
        fs::write(&trusted, outside.authority)?;
        let agent = Image::from_scratch()
            .with_file("/bin/vault", &tools::find_tool(Tool::Vault)?)
            .with_file("/etc/hosts", &hosts)
            .with_file("/etc/ssl/certs/ca-certificates.crt", &trusted);
        let prepare = Image::from_scratch().with_file(paths::IMAGE_ENV_EXEC, env_exec);
        let node = node
            .with_image("tokenpipe/env-exec", prepare)
            .with_image("hashicorp/vault", agent)
            .with_image("shop/web", Image::of_this_machine());
        Ok(Self {
            node,
            webhook,
            _files: directory,
        })
    }

    /// Asks for a pod with these annotations (keys without the prefix).
    pub fn admit_annotations(&self, annotations: &Value) -> Result<Admitted, DemoError> {
        self.admit_pod(&build_pod(annotations))
    }

    /// Asks for a pod that was made with [`build_pod`] and then changed.
    pub fn admit_pod(&self, pod: &Value) -> Result<Admitted, DemoError> {
        self.webhook.admit_pod(pod)
    }

    /// Runs an admitted pod's init containers; when this returns the login has worked. Its
    /// program is started, and may fail.
    pub fn start_pod(&self, admitted: &Admitted) -> Result<Pod<'_>, DemoError> {
        let mut pod = Pod::new(&self.node, &admitted.pod)?;
        pod.start()?;
        Ok(pod)
    }
}

/// A Vault that grants every login and knows nothing else: a double, for back ends and editions that no
/// test can have.
pub fn grant_login(request: &Request) -> Answer {
    if is_login(request) {
        return Answer::json(
            "200 OK",
            &json!({ "auth": {
                "client_token": "s.of-the-double", "accessor": "a", "policies": ["default"],
                "lease_duration": 3600, "renewable": false,
            } }),
        );
    }
    Answer::json("404 Not Found", &json!({ "errors": [] }))
}

/// Whether a request to Vault is a login.
pub fn is_login(request: &Request) -> bool {
    request.line.contains(" /v1/auth/") && request.line.contains("/login")
}

/// The Vault namespace that a request names, as `clouds`. The agent writes a slash at its end.
pub fn namespace_of(request: &Request) -> Option<&str> {
    let value = request.header("x-vault-namespace")?;
    Some(value.trim_end_matches('/'))
}

/// A pod with a reference and these annotations (keys without the prefix).
pub fn build_pod(annotations: &Value) -> Value {
    let annotations: Map<_, _> = annotations
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (format!("{}{key}", names::ANNOTATION_PREFIX), text.into())
        })
        .collect();
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": "web", "namespace": "shop", "annotations": annotations },
        "spec": { "containers": [{
            "name": "web",
            "image": "shop/web:1",
            "command": ["true"],
            "env": [{ "name": "PASSWORD", "value": "vault:secret/data/shop/db#password" }],
        }] },
    })
}

/// The agent's configuration in an admitted pod.
pub fn agent_config(admitted: &Admitted) -> Value {
    let containers = admitted.pod["spec"]["initContainers"].as_array();
    let agent = containers
        .into_iter()
        .flatten()
        .find(|container| container["name"] == names::AGENT_CONTAINER);
    let settings = agent
        .and_then(|agent| agent["env"].as_array())
        .into_iter()
        .flatten()
        .find(|variable| variable["name"] == names::SETTINGS_VARIABLE)
        .and_then(|variable| variable["value"].as_str())
        .unwrap_or_default()
        // As kubelet does.
        .replace("$$", "$");
    let settings: Value = serde_json::from_str(&settings).unwrap_or_default();
    settings["agent"]["config"].clone()
}

/// The data of a Secret.
pub fn secret_data<'a>(files: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> Data {
    files
        .into_iter()
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .collect::<BTreeMap<_, _>>()
}
