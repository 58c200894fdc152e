//! Vault in the cluster, as pods reach it.

use std::ops::Deref;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::cluster::restricted_context;
use super::{Cluster, E2eError, Namespace, is_kept};
use crate::certificates::Authority;
use crate::http;
use crate::images::Image;
use crate::vault::{self, VaultClient};
use crate::wait::wait_for;

pub(super) const READY: Duration = Duration::from_secs(120);
pub(super) const NAME: &str = "vault";
/// Role and secret of `helm test`, as the chart's values have them.
const CHART_TEST: &str = "tokenpipe-test";
/// The port without TLS.
const CLEAR: u16 = 8300;

/// A Vault in dev mode in a pod, with a Service and a certificate of an authority of its own. Whatever
/// can be asked of a Vault is asked through the API server, which reaches it in any cluster.
pub struct Vault<'s> {
    pub(super) cluster: &'s Cluster,
    pub(super) namespace: String,
    pub(super) client: VaultClient,
    ip: String,
    authority: String,
    /// Whether it stays when this handle goes.
    stays: bool,
}

impl<'s> Vault<'s> {
    /// Starts it in a namespace, and waits until it can be used. It logs every request, and takes
    /// `ServiceAccount` tokens of this cluster for logins at `auth/kubernetes`.
    pub fn install(namespace: &Namespace<'s>) -> Result<Self, E2eError> {
        let cluster = namespace.cluster;
        let name = namespace.name().to_owned();
        let path = format!("api/v1/namespaces/{name}/services");
        let service = cluster.api.create_object(&path, &build_service())?;
        let ip = service["spec"]["clusterIP"].as_str().unwrap_or_default();
        let authority = Authority::new("Vault of the scenario")?;
        let server = authority.issue_server(&[ip, "vault", &format!("vault.{name}.svc")])?;
        let files = json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": { "name": NAME },
            "stringData": {
                "tls.crt": server.certificate, "tls.key": server.key,
                "vault.json": build_configuration().to_string(),
            },
        });
        let account = json!({
            "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": NAME },
        });
        namespace.apply_objects(&[account, build_reviewer(&name), files, build_pod(cluster)?])?;
        let proxy = cluster.api.address();
        let vault = Self {
            cluster,
            client: VaultClient::new(
                http::build_client("").map_err(vault::VaultError::from)?,
                format!("{proxy}/{path}/https:{NAME}:8200/proxy"),
            ),
            ip: ip.to_owned(),
            authority: authority.certificate().to_owned(),
            stays: namespace.stays || is_kept(),
            namespace: name,
        };
        let what = format!("Vault in {}", vault.namespace);
        wait_for(&what, READY, || vault.read("secret/config"))?;
        let audit = json!({ "type": "file", "options": { "file_path": "stdout" } });
        vault.write("sys/audit/file", &audit)?;
        vault.set_up_login()?;
        Ok(vault)
    }

    /// Where pods reach it.
    pub fn address(&self) -> String {
        format!("https://{}:8200", self.ip)
    }

    /// The same without TLS, where nobody need know its authority.
    pub fn clear_address(&self) -> String {
        format!("http://{}:{CLEAR}", self.ip)
    }

    /// The authority that signed its certificate, PEM.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// Its own `ServiceAccount` may review tokens, and it knows the cluster's authority from its pod.
    fn set_up_login(&self) -> Result<(), E2eError> {
        self.enable_kubernetes_plugin("kubernetes")?;
        let path = "api/v1/namespaces/default/services/kubernetes";
        let service = self.cluster.api.request(&Method::GET, path, None)?;
        let ip = service["spec"]["clusterIP"].as_str().unwrap_or_default();
        let config = json!({ "kubernetes_host": format!("https://{ip}:443") });
        self.write("auth/kubernetes/config", &config)?;
        Ok(())
    }

    /// Lets the pods of a namespace log in as a role, with these fields besides, and read secrets below
    /// `secret/NAME/`.
    pub fn allow_login(&self, role: &str, namespace: &str, fields: &Value) -> Result<(), E2eError> {
        let rules = format!("path \"secret/data/{role}/*\" {{ capabilities = [\"read\"] }}");
        self.write_policy(role, &rules)?;
        let mut body = json!({
            "bound_service_account_names": "*",
            "bound_service_account_namespaces": namespace,
            "audience": "vault",
            "token_policies": role,
            "token_ttl": "10m",
        });
        for (name, value) in fields.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.write(&format!("auth/kubernetes/role/{role}"), &body)?;
        Ok(())
    }

    /// Has what `helm test` of the chart needs: a role, which pods of these namespaces may log in as, and
    /// the secret that it reads.
    pub fn allow_chart_test(&self, namespaces: &str) -> Result<(), E2eError> {
        self.allow_login(CHART_TEST, namespaces, &json!({}))?;
        let path = format!("secret/data/{CHART_TEST}");
        let rules = format!("path \"{path}\" {{ capabilities = [\"read\"] }}");
        self.write_policy(CHART_TEST, &rules)?;
        self.write(&path, &json!({ "data": { "value": "a value" } }))?;
        Ok(())
    }

    /// Writes a secret of a role.
    pub fn write_secret(&self, role: &str, name: &str, data: &Value) -> Result<(), E2eError> {
        self.write(
            &format!("secret/data/{role}/{name}"),
            &json!({ "data": data }),
        )?;
        Ok(())
    }

    /// All that it has logged. While parts of the node start again nobody can read it.
    pub fn read_log(&self) -> Result<String, E2eError> {
        let log = || self.cluster.read_log(&self.namespace, &[NAME]);
        Ok(wait_for("Vault's log", READY, log)?)
    }
}

impl Deref for Vault<'_> {
    type Target = VaultClient;

    fn deref(&self) -> &VaultClient {
        &self.client
    }
}

impl Drop for Vault<'_> {
    fn drop(&mut self) {
        if self.stays {
            return;
        }
        let name = reviewer_name(&self.namespace);
        let path = format!("apis/rbac.authorization.k8s.io/v1/clusterrolebindings/{name}");
        // A binding to an account that is gone gives nobody anything.
        let _ = self.cluster.api.request(&Method::DELETE, &path, None);
    }
}

fn reviewer_name(namespace: &str) -> String {
    format!("{namespace}-token-reviewer")
}

fn build_service() -> Value {
    json!({
        "metadata": { "name": NAME },
        "spec": { "selector": { "app": NAME }, "ports": [
            { "name": "tls", "port": 8200, "targetPort": 8200 },
            { "name": "clear", "port": CLEAR, "targetPort": CLEAR },
        ] },
    })
}

fn build_reviewer(namespace: &str) -> Value {
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": { "name": reviewer_name(namespace) },
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": "system:auth-delegator",
        },
        "subjects": [{ "kind": "ServiceAccount", "name": NAME, "namespace": namespace }],
    })
}

/// What dev mode has no flags for.
fn build_configuration() -> Value {
    json!({
        "disable_mlock": true,
        "plugin_directory": "/plugins",
        "listener": [
            { "tcp": {
                "address": "0.0.0.0:8200",
                "tls_cert_file": "/etc/vault/tls.crt",
                "tls_key_file": "/etc/vault/tls.key",
            } },
            { "tcp": { "address": format!("0.0.0.0:{CLEAR}"), "tls_disable": true } },
        ],
    })
}

fn build_pod(cluster: &Cluster) -> Result<Value, E2eError> {
    let token = format!("-dev-root-token-id={}", vault::Vault::ROOT_TOKEN);
    Ok(json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": NAME, "labels": { "app": NAME } },
        "spec": {
            "serviceAccountName": NAME,
            "terminationGracePeriodSeconds": 0,
            "containers": [{
                "name": NAME,
                "image": cluster.provide_image(Image::Vault)?,
                "imagePullPolicy": cluster.pull_policy(),
                "args": [
                    "server", "-dev", "-dev-no-store-token", token,
                    "-dev-listen-address=127.0.0.1:8100", "-config=/etc/vault/vault.json",
                ],
                "securityContext": restricted_context(),
                "volumeMounts": [
                    { "name": "configuration", "mountPath": "/etc/vault" },
                    { "name": "sockets", "mountPath": "/tmp" },
                ],
            }],
            "volumes": [
                { "name": "configuration", "secret": { "secretName": NAME } },
                { "name": "sockets", "emptyDir": {} },
            ],
        },
    }))
}
