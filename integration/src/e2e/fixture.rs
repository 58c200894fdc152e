//! What most scenarios begin with.

use std::thread;

use serde_json::{Value, json};

use super::{Cluster, E2eError, Installation, Namespace, Options, Pod, Secret};

/// The role of a fixture's pods, and the directory of their secrets.
const ROLE: &str = "shop";

/// An installation, a namespace that it serves, and a password that the namespace's pods may read, at
/// [`Fixture::PASSWORD`].
pub struct Fixture {
    /// The cluster.
    pub cluster: &'static Cluster,
    /// The namespace.
    pub namespace: Namespace<'static>,
    /// Vault and webhook.
    pub installation: Installation<'static>,
    /// The password.
    pub password: Secret,
}

impl Fixture {
    /// The reference that a pod has in its manifest.
    pub const PASSWORD: &'static str = "vault:secret/data/shop/db#password";
    /// The path of the same, as Vault's audit log has it.
    pub const PASSWORD_PATH: &'static str = "secret/data/shop/db";
    /// The path of a login.
    pub const LOGIN: &'static str = "auth/kubernetes/login";
    /// What most programs of the scenarios do, in a shell: say that they run, and wait for their end.
    pub const PROGRAM: &'static str = "trap 'exit 0' TERM; echo ready; sleep infinity & wait";

    /// Installs the fixture. Where there is no cluster the test is skipped.
    pub fn install(scenario: &str) -> Result<Option<Self>, E2eError> {
        Self::install_with(scenario, &Options::default(), &json!({}), &json!({}))
    }

    /// Installs the fixture, with an operator's options, fields of the pods' role, and labels of their
    /// namespace.
    pub fn install_with(
        scenario: &str,
        options: &Options,
        role: &Value,
        labels: &Value,
    ) -> Result<Option<Self>, E2eError> {
        let Some(cluster) = Cluster::connect_or_skip()? else {
            return Ok(None);
        };
        let installation = Installation::install(cluster, scenario, options)?;
        Self::in_installation(cluster, installation, scenario, role, labels).map(Some)
    }

    /// Adds the namespace and the password to an installation that is there.
    pub fn in_installation(
        cluster: &'static Cluster,
        installation: Installation<'static>,
        scenario: &str,
        role: &Value,
        labels: &Value,
    ) -> Result<Self, E2eError> {
        let namespace = installation.create_namespace(scenario, labels)?;
        let password = Secret::new()?;
        let vault = installation.vault();
        let data = json!({ "username": "shop", "password": password.value() });
        vault
            .allow_login(ROLE, namespace.name(), role)
            .and_then(|()| vault.write_secret(ROLE, "db", &data))
            .map_err(|error| installation.system().explain_error(&error))?;
        Ok(Self {
            cluster,
            namespace,
            installation,
            password,
        })
    }

    /// A container that has the password in `PASSWORD` and runs a script.
    pub fn build_container(&self, name: &str, script: &str) -> Result<Value, E2eError> {
        let mut container = self.cluster.build_shell_container(name, script)?;
        container["env"] = json!([{ "name": "PASSWORD", "value": Self::PASSWORD }]);
        Ok(container)
    }

    /// The same of which a node runs many, with [`Fixture::PROGRAM`].
    pub fn build_small_container(&self, name: &str) -> Result<Value, E2eError> {
        let mut container = self.build_container(name, Self::PROGRAM)?;
        container["resources"] = json!({ "requests": { "cpu": "1m", "memory": "1Mi" } });
        Ok(container)
    }

    /// A pod of these containers, with the label `app=NAME`, annotations without our prefix, and
    /// nothing that needs a `ServiceAccount` token.
    pub fn build_pod(
        &self,
        name: &str,
        annotations: &[(&str, &str)],
        containers: &[Value],
    ) -> Value {
        let template = Self::build_template(name, annotations, containers);
        let mut pod = json!({ "apiVersion": "v1", "kind": "Pod" });
        pod["metadata"] = template["metadata"].clone();
        pod["metadata"]["name"] = json!(name);
        pod["spec"] = template["spec"].clone();
        pod
    }

    /// A Deployment of such pods.
    pub fn build_deployment(
        &self,
        name: &str,
        replicas: usize,
        annotations: &[(&str, &str)],
        containers: &[Value],
    ) -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name },
            "spec": {
                "replicas": replicas,
                "selector": { "matchLabels": { "app": name } },
                "template": Self::build_template(name, annotations, containers),
            },
        })
    }

    /// The part of a controller's manifest that is a pod.
    pub fn build_template(name: &str, annotations: &[(&str, &str)], containers: &[Value]) -> Value {
        let prefix = contract::names::ANNOTATION_PREFIX;
        let mut all = json!({ format!("{prefix}auth-role"): ROLE });
        for (key, value) in annotations {
            all[format!("{prefix}{key}")] = json!(value);
        }
        json!({
            "metadata": { "labels": { "app": name }, "annotations": all },
            "spec": {
                "automountServiceAccountToken": false,
                "terminationGracePeriodSeconds": 1,
                "containers": containers,
            },
        })
    }

    /// Asks for a pod as a dry run; it must be injected.
    pub fn check_injection(&self, pod: &Value) -> Result<(), E2eError> {
        let mut pod = pod.clone();
        pod["metadata"]["name"] = json!("asked-for");
        let pod = self.namespace.dry_run(&pod)?;
        if pod["spec"]["initContainers"].is_array() {
            return Ok(());
        }
        Err(E2eError::Unexpected(format!("admitted bare: {pod}")))
    }

    /// Changes something while such a pod is asked for again and again. Whoever creates pods must not see
    /// any of it.
    pub fn check_injection_during(
        &self,
        pod: &Value,
        change: impl FnOnce() -> Result<(), E2eError> + Send,
    ) -> Result<(), E2eError> {
        let (mut asked, mut failed) = (0, Vec::new());
        let changed = thread::scope(|scope| {
            let changes = scope.spawn(change);
            while !changes.is_finished() {
                asked += 1;
                failed.extend(
                    self.check_injection(pod)
                        .err()
                        .map(|error| error.to_string()),
                );
            }
            let panicked = |_| Err(E2eError::Unexpected("the change panicked".to_owned()));
            changes.join().unwrap_or_else(panicked)
        });
        if failed.is_empty() {
            changed?;
            return self.check_injection(pod);
        }
        let (count, failed) = (failed.len(), failed.join("\n"));
        let noticed = format!("{count} of {asked} pods were not injected:\n{failed}\n{changed:?}");
        Err(E2eError::Unexpected(noticed))
    }

    /// Reads it in the environment of each pod's program. That it is another one is an error.
    pub fn check_password<'p>(
        &self,
        pods: impl IntoIterator<Item = &'p Pod<'p>>,
        container: &str,
    ) -> Result<(), E2eError> {
        for pod in pods {
            let environment = pod.read_environment(container)?;
            let found = environment.get("PASSWORD").map(String::as_str);
            if found != Some(self.password.value()) {
                let what = found.map_or("no", |_| "another");
                let wrong = format!("{container} of {} has {what} password", pod.name());
                return Err(E2eError::Unexpected(wrong));
            }
        }
        Ok(())
    }

    /// How many logins there were.
    pub fn count_logins(&self) -> Result<usize, E2eError> {
        self.installation
            .vault()
            .count_requests("update", Self::LOGIN)
    }
}
