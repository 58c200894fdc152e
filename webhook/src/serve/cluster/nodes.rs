//! Whether every node carries restart rules out.

use k8s_openapi::api::core::v1::Node;
use kube::Client;
use kube::api::{Api, ListParams};

use crate::serve::api;

/// What such a node declares in `status.declaredFeatures`.
const FEATURE: &str = "RestartAllContainersOnContainerExits";
/// Nodes of one answer.
const PAGE: u32 = 500;

/// `None` where there is no node to put a pod on.
pub(super) async fn all_run_rules(client: &Client) -> anyhow::Result<Option<bool>> {
    let nodes: Api<Node> = Api::all(client.clone());
    let mut parameters = ListParams::default().limit(PAGE);
    let mut all = None;
    loop {
        let page = api::told(nodes.list(&parameters).await)?;
        all = and(all, every(&page.items));
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => parameters = parameters.continue_token(&token),
            None => return Ok(all),
        }
    }
}

fn every(nodes: &[Node]) -> Option<bool> {
    nodes
        .iter()
        .filter(|node| takes_pods(node))
        .map(|node| Some(declares(node)))
        .fold(None, and)
}

fn and(one: Option<bool>, other: Option<bool>) -> Option<bool> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one && other),
        (one, other) => one.or(other),
    }
}

/// Pods that we inject run on Linux, and on no node that is cordoned.
fn takes_pods(node: &Node) -> bool {
    let is_cordoned = node.spec.as_ref().and_then(|spec| spec.unschedulable) == Some(true);
    let labels = node.metadata.labels.as_ref();
    let os = labels.and_then(|labels| labels.get("kubernetes.io/os"));
    !is_cordoned && os.is_none_or(|os| os == "linux")
}

fn declares(node: &Node) -> bool {
    let features = node
        .status
        .as_ref()
        .and_then(|status| status.declared_features.as_ref());
    features.is_some_and(|features| features.iter().any(|feature| feature == FEATURE))
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json};

    use super::{FEATURE, Node, every};

    fn node(os: &str, unschedulable: bool, features: &[&str]) -> Node {
        let node = json!({
            "metadata": { "labels": { "kubernetes.io/os": os } },
            "spec": { "unschedulable": unschedulable },
            "status": { "declaredFeatures": features },
        });
        from_value(node).unwrap()
    }

    #[test]
    fn the_least_capable_node_decides() {
        let new = || node("linux", false, &["Other", FEATURE]);
        let old = || node("linux", false, &["Other"]);
        assert_eq!(every(&[]), None);
        assert_eq!(every(&[Node::default()]), Some(false));
        assert_eq!(every(&[new(), new()]), Some(true));
        assert_eq!(every(&[new(), old()]), Some(false));
        assert_eq!(every(&[old(), new()]), Some(false));
        let others = [node("windows", false, &[]), node("linux", true, &[])];
        assert_eq!(every(&others), None);
        assert_eq!(every(&[&others[..], &[new()]].concat()), Some(true));
    }
}
