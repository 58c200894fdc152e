//! What is known about the cluster, kept current.

mod nodes;
mod rules;
mod steady;
mod version;

use std::sync::Arc;

use kube::Client;

use super::api::within_limit;
use super::state::State;
use crate::config::KubernetesVersion;
use crate::plan::Facts;
use steady::Steady;

/// Nodes are many and change rarely: they are listed every so many times.
const NODES_EVERY: u32 = 5;

/// Asks the API server.
pub(super) struct Cluster {
    client: Option<Client>,
    kept: Steady,
    run: Steady,
    knows_nodes: bool,
    looks: u32,
}

impl Cluster {
    /// Without a client what the operator says counts, or nothing is known.
    pub(super) fn new(client: Option<Client>) -> Self {
        Self {
            client,
            kept: Steady::default(),
            run: Steady::default(),
            knows_nodes: false,
            looks: 0,
        }
    }

    /// Asks once. What cannot be had stays as it was.
    pub(super) async fn refresh(&mut self, state: &State) {
        if let Some(client) = self.client.clone() {
            let found = self.look(&client, state).await;
            state.set_facts(found);
        }
        state.metrics.cluster(state.facts());
    }

    /// Asks again and again.
    pub(super) async fn watch(mut self, state: Arc<State>) {
        loop {
            tokio::time::sleep(state.config().cluster.interval.get()).await;
            self.refresh(&state).await;
        }
    }

    async fn look(&mut self, client: &Client, state: &State) -> Facts {
        let config = state.config();
        let before = state.found();
        let version = told("its version", within_limit(version::ask(client)).await);
        let rules_kept = self
            .rules(client, config.cluster.probe_namespace.as_deref())
            .await;
        let (rules_run, nodes) = if config.cluster.list_nodes {
            self.nodes(client, before.nodes).await
        } else {
            (self.run, self.knows_nodes) = Default::default();
            (None, None)
        };
        self.looks = self.looks.wrapping_add(1);
        Facts {
            kubernetes: version.or(before.kubernetes),
            rules_kept,
            rules_run,
            nodes,
        }
    }

    /// Whether the API server keeps restart rules, where somebody is to look.
    async fn rules(&mut self, client: &Client, namespace: Option<&str>) -> Option<bool> {
        let Some(namespace) = namespace else {
            self.kept = Steady::default();
            return None;
        };
        let kept = within_limit(rules::are_kept(client, namespace)).await;
        self.kept
            .heard(told("whether it keeps restart rules", kept))
    }

    /// Whether all nodes carry such rules out, and the version of the oldest one.
    async fn nodes(
        &mut self,
        client: &Client,
        oldest: Option<KubernetesVersion>,
    ) -> (Option<bool>, Option<KubernetesVersion>) {
        let is_due = !self.knows_nodes || self.looks.is_multiple_of(NODES_EVERY);
        let found = if is_due {
            told("its nodes", within_limit(nodes::look(client)).await)
        } else {
            None
        };
        self.knows_nodes |= found.is_some();
        let run = self.run.heard(found.and_then(|nodes| nodes.run_rules));
        // An operator who has nodes looked at does not mean `rerun` to rely on them unseen.
        let run = if self.knows_nodes { run } else { Some(false) };
        (run, found.map_or(oldest, |nodes| nodes.oldest))
    }
}

fn told<T>(what: &str, answer: anyhow::Result<T>) -> Option<T> {
    answer
        .inspect_err(|error| tracing::warn!("the API server does not tell {what}: {error:#}"))
        .ok()
}
