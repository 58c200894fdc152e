//! Whether every node carries restart rules out, and how old the oldest one is.

use k8s_openapi::api::core::v1::Node;
use kube::Client;
use kube::api::{Api, ListParams};

use crate::config::KubernetesVersion;
use crate::serve::api;

/// What such a node declares in `status.declaredFeatures`.
const FEATURE: &str = "RestartAllContainersOnContainerExits";
/// Nodes of one answer.
const PAGE: u32 = 500;

/// What can be relied on wherever a pod runs; `None` where there is no node to put one on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Nodes {
    /// Whether each of them carries the rule out.
    pub(super) run_rules: Option<bool>,
    /// The oldest version of kubelet.
    pub(super) oldest: Option<KubernetesVersion>,
}

pub(super) async fn look(client: &Client) -> anyhow::Result<Nodes> {
    let nodes: Api<Node> = Api::all(client.clone());
    let mut parameters = ListParams::default().limit(PAGE);
    let mut all = Nodes::default();
    loop {
        let page = api::told(nodes.list(&parameters).await)?;
        all = all.and(every(&page.items));
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => parameters = parameters.continue_token(&token),
            None => return Ok(all),
        }
    }
}

impl Nodes {
    fn of(node: &Node) -> Self {
        Self {
            run_rules: Some(declares(node)),
            oldest: kubelet(node),
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            run_rules: least(self.run_rules, other.run_rules),
            oldest: least(self.oldest, other.oldest),
        }
    }
}

fn every(nodes: &[Node]) -> Nodes {
    let nodes = nodes.iter().filter(|node| takes_pods(node));
    nodes.map(Nodes::of).fold(Nodes::default(), Nodes::and)
}

fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    one.into_iter().chain(other).min()
}

/// A version that cannot be read is none that decides.
fn kubelet(node: &Node) -> Option<KubernetesVersion> {
    let info = node.status.as_ref()?.node_info.as_ref()?;
    info.kubelet_version.parse().ok()
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

    use super::{FEATURE, Node, Nodes, every};

    fn node(os: &str, unschedulable: bool, kubelet: &str, features: &[&str]) -> Node {
        let node = json!({
            "metadata": { "labels": { "kubernetes.io/os": os } },
            "spec": { "unschedulable": unschedulable },
            "status": {
                "declaredFeatures": features,
                "nodeInfo": { "kubeletVersion": kubelet },
            },
        });
        from_value(node).unwrap()
    }

    #[test]
    fn the_least_capable_node_decides() {
        let new = || node("linux", false, "v1.37.2", &["Other", FEATURE]);
        let old = || node("linux", false, "v1.35.0+k3s1", &["Other"]);
        let found = |nodes: &[Node]| {
            let Nodes { run_rules, oldest } = every(nodes);
            (run_rules, oldest.map(|version| version.to_string()))
        };
        let expected = |run_rules, oldest: &str| (Some(run_rules), Some(oldest.to_owned()));
        assert_eq!(found(&[]), (None, None));
        assert_eq!(found(&[Node::default()]), (Some(false), None));
        assert_eq!(found(&[new(), new()]), expected(true, "1.37"));
        assert_eq!(found(&[new(), old()]), expected(false, "1.35"));
        assert_eq!(found(&[old(), new()]), expected(false, "1.35"));
        let odd = node("linux", false, "unknown", &[FEATURE]);
        assert_eq!(found(&[odd, new()]), expected(true, "1.37"));
        let others = [
            node("windows", false, "v1.34.0", &[]),
            node("linux", true, "v1.34.0", &[]),
        ];
        assert_eq!(found(&others), (None, None));
        assert_eq!(
            found(&[&others[..], &[new()]].concat()),
            expected(true, "1.37")
        );
    }
}
