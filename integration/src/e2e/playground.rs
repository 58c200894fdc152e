//! What `make cluster` leaves running for a person: a Vault with a secret, and values for the chart.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::vault::READY;
use super::{Cluster, E2eError, Namespace, Vault};
use crate::images::Image;
use crate::node::Node;
use crate::tools::{self, Tool};
use crate::wait::{Probe, wait_for};

/// The namespace of Vault.
const NAMESPACE: &str = "vault";
/// The role and the secret of the example.
const EXAMPLE: &str = "hello";
/// What `helm test` needs, as the chart has it.
const TEST: &str = "tokenpipe-test";
/// The label of namespaces that are injected.
const SELECTED: &str = "tokenpipe.dev/injection";

/// Has the node run a Vault, unless it does, and gives what a person may do next, a line each.
pub fn prepare_playground(node: &Node) -> Result<Vec<String>, E2eError> {
    let cluster = Cluster::connect(&node.kubeconfig())?;
    let values = node.file_path("values.json");
    let mut content = match std::fs::read_to_string(&values) {
        Ok(text) => serde_json::from_str(&text).unwrap_or_default(),
        Err(_) => Value::Null,
    };
    // Written last, so that an interrupted start is made again.
    if content.is_null() {
        content = seed_vault(&cluster)?;
    }
    // The repository may have changed since.
    json_patch::merge(&mut content, &provide_images(&cluster)?);
    let authority = node.file_path("vault-ca.crt");
    std::fs::write(&authority, read_text(&content["vault"]["ca"]))?;
    std::fs::write(&values, content.to_string())?;
    next(
        &cluster,
        &values,
        &authority,
        read_text(&content["vault"]["address"]),
    )
}

fn read_text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// A Vault with what the example and `helm test` need; the values that lead to it.
fn seed_vault(cluster: &Cluster) -> Result<Value, E2eError> {
    let left = ["delete", "namespace", NAMESPACE, "--ignore-not-found"];
    wait_for("the end of the Vault before", READY, || {
        match cluster.api.run_kubectl(&left) {
            Ok(deleted) if deleted.status.success() => Probe::Ready(()),
            Ok(deleted) => Probe::NotYet(deleted.stderr()),
            Err(error) => Probe::NotYet(error.to_string()),
        }
    })?;
    let namespace = Namespace::create_lasting(cluster, NAMESPACE)?;
    let vault = Vault::install(&namespace)?;
    let greeting = json!({ "greeting": "hello from Vault" });
    let value = json!({ "value": "it works" });
    for (role, pods_namespace, data) in [(EXAMPLE, "default", greeting), (TEST, TEST, value)] {
        let path = format!("secret/data/{role}");
        vault.allow_login(role, pods_namespace, &json!({}))?;
        let rules = format!("path \"{path}\" {{ capabilities = [\"read\"] }}");
        vault.write_policy(role, &rules)?;
        vault.write(&path, &json!({ "data": data }))?;
    }
    // The policy keeps to the namespaces that are selected, so that `make e2e` works beside it.
    let selected = json!({ "matchLabels": { SELECTED: "enabled" } });
    Ok(json!({
        "vault": { "address": vault.address(), "ca": vault.authority() },
        "policy": { "namespaceSelector": selected },
    }))
}

fn provide_images(cluster: &Cluster) -> Result<Value, E2eError> {
    Ok(json!({
        "image": cluster.provide_chart_image(Image::Tokenpipe)?,
        "images": {
            "envExec": cluster.provide_image(Image::EnvExec)?,
            "agent": cluster.provide_image(Image::Vault)?,
            "pullPolicy": cluster.pull_policy(),
        },
    }))
}

fn next(
    cluster: &Cluster,
    values: &Path,
    authority: &Path,
    vault: &str,
) -> Result<Vec<String>, E2eError> {
    let [helm, kubectl] = [Tool::Helm, Tool::Kubectl].map(shell_name);
    let (helm, kubectl, shell) = (helm?, kubectl?, cluster.provide_image(Image::Shell)?);
    let (values, authority) = (values.display(), authority.display());
    let (chart, root) = (
        crate::chart::chart_directory().canonicalize()?,
        crate::vault::Vault::ROOT_TOKEN,
    );
    let (chart, policy) = (chart.display(), cluster.pull_policy());
    let lines = format!(
        "# A Vault in dev mode runs there, with a secret and a role \"{EXAMPLE}\":\n\
         export VAULT_ADDR={vault} VAULT_CACERT={authority} VAULT_TOKEN={root}\n\
         # tokenpipe, and one real injection:\n\
         {helm} install tokenpipe {chart} --namespace tokenpipe --create-namespace --values {values} --wait\n\
         {helm} test tokenpipe --namespace tokenpipe\n\
         # A pod that greets:\n\
         {kubectl} label namespace default {SELECTED}=enabled\n\
         {kubectl} run {EXAMPLE} --image={shell} --image-pull-policy={policy} --restart=Never \
         --annotations=tokenpipe.dev/auth-role={EXAMPLE} \
         --env='GREETING=vault:secret/data/{EXAMPLE}#greeting' --command -- sh -c 'echo \"$GREETING\"'\n\
         {kubectl} wait --for=jsonpath='{{.status.phase}}'=Succeeded pod/{EXAMPLE}\n\
         {kubectl} logs pod/{EXAMPLE} --container {EXAMPLE}\n\
         # The scenarios, which install it themselves, and the end of it all:\n\
         {helm} uninstall tokenpipe --namespace tokenpipe --wait\n\
         make e2e\n\
         make cluster-down"
    );
    Ok(lines.lines().map(str::to_owned).collect())
}

/// A program by its name where a shell finds it, else by its path.
fn shell_name(tool: Tool) -> Result<String, E2eError> {
    let path: PathBuf = tools::find_tool(tool)?;
    let places = std::env::var_os("PATH").unwrap_or_default();
    let is_found = std::env::split_paths(&places).any(|place| place.join(tool.name()) == path);
    Ok(if is_found {
        tool.name().to_owned()
    } else {
        path.display().to_string()
    })
}
