//! What is known about the cluster, kept current.

mod nodes;
mod rules;
mod steady;
mod version;

use std::sync::Arc;

use kube::Client;

use super::api::within_limit;
use super::state::State;
use crate::plan::Facts;
use steady::Steady;

/// Nodes are many and change rarely: they are listed every so many times.
const NODES_EVERY: u32 = 5;

/// Asks the API server.
pub(super) struct Cluster {
    client: Option<Client>,
    kept: Steady,
    run: Steady,
    looks: u32,
}

impl Cluster {
    /// Without a client what the operator says counts, or nothing is known.
    pub(super) fn new(client: Option<Client>) -> Self {
        Self {
            client,
            kept: Steady::default(),
            run: Steady::default(),
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
        let kept = match &config.cluster.probe_namespace {
            Some(namespace) => told(
                "whether it keeps restart rules",
                within_limit(rules::are_kept(client, namespace)).await,
            ),
            None => None,
        };
        let looks_at_nodes = config.cluster.list_nodes && self.looks.is_multiple_of(NODES_EVERY);
        let nodes = if looks_at_nodes {
            told("its nodes", within_limit(nodes::look(client)).await)
        } else {
            None
        };
        self.looks = self.looks.wrapping_add(1);
        Facts {
            kubernetes: version.or(before.kubernetes),
            rules_kept: self.kept.heard(kept),
            rules_run: self.run.heard(nodes.and_then(|nodes| nodes.run_rules)),
            nodes: nodes.map_or(before.nodes, |nodes| nodes.oldest),
        }
    }
}

fn told<T>(what: &str, answer: anyhow::Result<T>) -> Option<T> {
    answer
        .inspect_err(|error| tracing::warn!("the API server does not tell {what}: {error:#}"))
        .ok()
}
