//! What is known about the cluster, kept current.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::version::Info;
use kube::Client;

use super::state::State;
use crate::config::KubernetesVersion;
use crate::plan::Facts;

const INTERVAL: Duration = Duration::from_secs(60);
/// The first answer is waited for: until it is there no review would be decided as later ones.
const FIRST_ANSWER: Duration = Duration::from_secs(5);

/// Asks the API server for its version (`/version`, which every authenticated user may read).
pub(super) struct Cluster {
    client: Option<Client>,
}

impl Cluster {
    /// Connects as a pod's ServiceAccount or by a kubeconfig; without either the configured
    /// version counts, or none is known.
    pub(super) async fn connect() -> Self {
        Self {
            client: Client::try_default().await.ok(),
        }
    }

    /// Asks once.
    pub(super) async fn refresh(&self, state: &State) {
        if let (None, Some(client)) = (state.config().kubernetes_version, &self.client)
            && let Some(version) = ask(client).await
        {
            state.set_facts(Facts {
                kubernetes: Some(version),
            });
        }
        let minor = state.facts().kubernetes.map_or(0, |version| version.minor);
        state.metrics.kubernetes_minor(minor);
    }

    /// Asks again and again.
    pub(super) async fn watch(self, state: Arc<State>) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            self.refresh(&state).await;
        }
    }
}

async fn ask(client: &Client) -> Option<KubernetesVersion> {
    match tokio::time::timeout(FIRST_ANSWER, client.apiserver_version()).await {
        Ok(Ok(info)) => version(&info),
        Ok(Err(error)) => {
            tracing::warn!("the API server does not tell its version: {error}");
            None
        }
        Err(_) => {
            tracing::warn!("the API server does not tell its version within {FIRST_ANSWER:?}");
            None
        }
    }
}

/// The emulated version, where the server emulates one: features are switched by that.
fn version(info: &Info) -> Option<KubernetesVersion> {
    let emulated = info
        .emulation_major
        .as_deref()
        .zip(info.emulation_minor.as_deref());
    let (major, minor) = emulated
        .filter(|(major, minor)| !major.is_empty() && !minor.is_empty())
        .unwrap_or((&info.major, &info.minor));
    // Some distributions write "37+".
    let digits = |text: &str| {
        text.trim_end_matches(|c: char| !c.is_ascii_digit())
            .parse()
            .ok()
    };
    Some(KubernetesVersion {
        major: digits(major)?,
        minor: digits(minor)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Info, version};

    #[test]
    fn the_emulated_version_decides() {
        let mut info = Info {
            major: "1".into(),
            minor: "37+".into(),
            ..Info::default()
        };
        assert_eq!(version(&info).unwrap().to_string(), "1.37");
        info.emulation_major = Some("1".into());
        info.emulation_minor = Some("35".into());
        assert_eq!(version(&info).unwrap().to_string(), "1.35");
    }
}
