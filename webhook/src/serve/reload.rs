//! Files that change while the server runs.
//!
//! Contents are compared, at intervals. kubelet replaces a mounted ConfigMap or Secret by swapping
//! a symbolic link, of which a watch on the file itself sees the first time at most.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::certificate::{Certificate, Change, Source};
use super::connections::Connections;
use super::state::State;
use crate::config::{Config, ConfigError, read_file};

const INTERVAL: Duration = Duration::from_secs(2);

/// Takes a changed configuration, or says why not and keeps the old one.
pub(super) async fn watch_config(path: PathBuf, state: Arc<State>) {
    let mut known = Sources::of(&state.config());
    loop {
        tokio::time::sleep(INTERVAL).await;
        let found = Sources::read(&path, &state.config());
        if known == found {
            continue;
        }
        if found.is_of_another_release(&state.config()) {
            known = found;
            tracing::info!(
                "configuration of another release, left to the replicas that come with it"
            );
            continue;
        }
        let loaded = found.parse(&path);
        let is_good = loaded.is_ok();
        match loaded {
            Ok(config) => {
                known = Sources::of(&config);
                log_warnings(&config);
                state.set_config(config);
                tracing::info!("configuration taken");
            }
            Err(error) => {
                known = found;
                tracing::error!("configuration refused, the old one stays: {error}");
            }
        }
        // Last: who sees it counted may rely on it.
        state.metrics.config_reload(is_good);
    }
}

/// Logs what the operator should know of a configuration that is taken.
pub(super) fn log_warnings(config: &Config) {
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
}

/// The text of the configuration and of the CA files that it names.
#[derive(PartialEq, Eq)]
struct Sources {
    text: Option<String>,
    authorities: Vec<Option<String>>,
}

impl Sources {
    /// Those that a configuration was made of.
    fn of(config: &Config) -> Self {
        Self {
            text: Some(config.source.clone()),
            authorities: named(config).map(|(_, ca)| ca.map(str::to_owned)).collect(),
        }
    }

    /// What lies there now, with the files that the current configuration names.
    fn read(path: &Path, config: &Config) -> Self {
        let read = |path: &Path| read_file(path).ok();
        Self {
            text: read(path),
            authorities: named(config).map(|(path, _)| read(path)).collect(),
        }
    }

    /// Looked at before the rest, which may have keys that this release does not know.
    fn is_of_another_release(&self, config: &Config) -> bool {
        #[derive(Deserialize)]
        struct File {
            #[serde(default)]
            server: Server,
        }
        #[derive(Default, Deserialize)]
        struct Server {
            release: Option<String>,
        }
        let text = self.text.as_deref().unwrap_or_default();
        serde_yaml::from_str(text)
            .is_ok_and(|file: File| file.server.release != config.server.release)
    }

    fn parse(&self, path: &Path) -> Result<Config, ConfigError> {
        match &self.text {
            Some(text) => Config::parse(text),
            // For its sentence.
            None => Config::load(path),
        }
    }
}

fn named(config: &Config) -> impl Iterator<Item = (&Path, Option<&str>)> {
    config
        .connections
        .values()
        .filter_map(|connection| Some((connection.ca_file.as_deref()?, connection.ca.as_deref())))
}

/// Takes a changed certificate, or says why not and keeps the old one.
pub(super) async fn watch_certificate(
    mut source: Source,
    certificate: Certificate,
    connections: Arc<Connections>,
    state: Arc<State>,
) {
    // An error is told once.
    let mut refused = None;
    let mut clients_refused = None;
    loop {
        if let Some(not_after) = certificate.not_after() {
            state.metrics.certificate_not_after(not_after);
        }
        tokio::time::sleep(source.interval()).await;
        watch_clients(&certificate, &connections, &mut clients_refused);
        match source.renew(&certificate).await {
            Ok(false) => refused = None,
            Ok(true) => {
                refused = None;
                state.metrics.certificate_reload(true);
                tracing::info!("certificate taken");
            }
            Err(error) => {
                let sentence = format!("{error:#}");
                if refused.as_ref() != Some(&sentence) {
                    state.metrics.certificate_reload(false);
                    tracing::error!("no new certificate, the old one stays: {sentence}");
                    refused = Some(sentence);
                }
            }
        }
    }
}

/// Takes changed authorities of client certificates, or logs once why not. Connections that one of the
/// former authorities let in end, if not all of those are still trusted.
fn watch_clients(
    certificate: &Certificate,
    connections: &Connections,
    refused: &mut Option<String>,
) {
    match certificate.renew_clients() {
        Ok(change) => {
            *refused = None;
            if change != Change::None {
                tracing::info!("authorities of client certificates taken");
            }
            if change == Change::Fewer {
                connections.retire();
            }
        }
        Err(error) => {
            let sentence = format!("{error:#}");
            if refused.as_ref() != Some(&sentence) {
                tracing::error!(
                    "authorities of client certificates refused, the old ones stay: {sentence}"
                );
                *refused = Some(sentence);
            }
        }
    }
}
