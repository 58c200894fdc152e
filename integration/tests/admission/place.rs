//! The cluster and the webhook that all tests of this process share.

use std::sync::OnceLock;

use contract::names::{self, ANNOTATION_PREFIX};
use integration::cluster::{Cluster, Namespace, Registration, mutating_webhook};
use reqwest::Method;
use serde_json::{Value, json};

use crate::tokenpipe::{Serve, Tls, build_config};

/// The label of namespaces whose pods are reviewed.
const SELECTED: [(&str, &str); 1] = [("tests.tokenpipe.dev/admission", "tokenpipe")];

/// The registration's name; webhooks are asked in the order of theirs.
pub(crate) const NAME: &str = "m-tokenpipe";

struct Place {
    cluster: &'static Cluster,
    serve: Serve,
    _registration: Registration<'static>,
}

fn shared_place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| {
        let cluster = Cluster::start_shared().unwrap();
        // The version is that of the cluster, which this webhook has no account to ask.
        let mut config = build_config();
        config["kubernetesVersion"] = json!("1.37");
        let serve = Serve::start(&config, Tls::Files);
        let webhook = mutating_webhook(NAME, &serve.url(), &serve.authority(), &SELECTED);
        let registration = cluster.register_webhook(&webhook).unwrap();
        Place {
            cluster,
            serve,
            _registration: registration,
        }
    })
}

pub(crate) fn shared_cluster() -> &'static Cluster {
    shared_place().cluster
}

pub(crate) fn shared_serve() -> &'static Serve {
    &shared_place().serve
}

/// A namespace whose pods are reviewed, and which has further labels.
pub(crate) fn create_namespace(test: &str, labels: &[(&str, &str)]) -> Namespace<'static> {
    let labels = [&SELECTED[..], labels].concat();
    shared_place()
        .cluster
        .create_namespace(test, &labels)
        .unwrap()
}

/// A namespace whose pods nobody reviews.
pub(crate) fn create_unselected_namespace(test: &str) -> Namespace<'static> {
    Cluster::start_shared()
        .unwrap()
        .create_namespace(test, &[])
        .unwrap()
}

/// Has a pod admitted and validated, but not stored.
pub(crate) fn dry_run(namespace: &Namespace<'_>, pod: &Value) -> Result<Value, String> {
    let path = format!("api/v1/namespaces/{}/pods?dryRun=All", namespace.name());
    let answer = shared_cluster().request(&Method::POST, &path, Some(pod));
    answer.map_err(|error| error.to_string())
}

/// Has a pod admitted and stored; gives what is stored then.
pub(crate) fn create_pod(namespace: &Namespace<'_>, pod: &Value) -> Value {
    let path = format!("api/v1/namespaces/{}/pods", namespace.name());
    let created = shared_cluster().create_object(&path, pod).unwrap();
    let name = created["metadata"]["name"].as_str().unwrap();
    namespace.get("pods", name).unwrap()
}

/// A pod with one container that has a reference.
pub(crate) fn build_pod() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "web" },
        "spec": { "containers": [build_container("app")] },
    })
}

/// A container with a reference.
pub(crate) fn build_container(name: &str) -> Value {
    json!({
        "name": name, "image": "shop/web:3", "command": ["/web"],
        "env": [{ "name": "DB_PASSWORD", "value": "vault:secret/data/db#password" }],
    })
}

/// What is submitted again is what was admitted, without what the API server alone may set.
pub(crate) fn build_resubmission(stored: &Value) -> Value {
    let metadata = &stored["metadata"];
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": metadata["name"], "annotations": metadata["annotations"],
            "labels": metadata["labels"],
        },
        "spec": stored["spec"],
    })
}

/// What the webhook says that it has done.
pub(crate) fn read_status(pod: &Value) -> Value {
    let key = format!("{ANNOTATION_PREFIX}status");
    let text = pod["metadata"]["annotations"][key].as_str();
    serde_json::from_str(text.unwrap_or("null")).unwrap()
}

/// The entry of this name.
pub(crate) fn find_named<'v>(list: &'v Value, name: &str) -> &'v Value {
    let found = list
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {list:#}"))
}

/// The names of all entries.
pub(crate) fn entry_names(list: &Value) -> Vec<&str> {
    let entries = list.as_array().into_iter().flatten();
    entries
        .map(|entry| entry["name"].as_str().unwrap())
        .collect()
}

/// What env-exec is told in this container, as it reads it after kubelet.
pub(crate) fn read_settings(container: &Value) -> Value {
    let text = &find_named(&container["env"], names::SETTINGS_VARIABLE)["value"];
    serde_json::from_str(&text.as_str().unwrap().replace("$$", "$")).unwrap()
}
