//! Files that change while the server runs.
//!
//! Contents are compared, at intervals. kubelet replaces a mounted ConfigMap or Secret by swapping
//! a symbolic link, of which a watch on the file itself sees the first time at most.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::certificate::{Certificate, Source};
use super::state::State;
use crate::config::Config;

const INTERVAL: Duration = Duration::from_secs(2);

/// Takes a changed configuration, or says why not and keeps the old one.
pub(super) async fn watch_config(path: PathBuf, state: Arc<State>) {
    let mut known = contents(&path, &state.config());
    loop {
        tokio::time::sleep(INTERVAL).await;
        let found = contents(&path, &state.config());
        if known == found {
            continue;
        }
        let loaded = Config::load(&path);
        state.metrics.config_reload(loaded.is_ok());
        match loaded {
            Ok(config) => {
                state.set_config(config);
                tracing::info!("configuration taken");
            }
            Err(error) => tracing::error!("configuration refused, the old one stays: {error}"),
        }
        known = contents(&path, &state.config());
    }
}

/// The configuration file and the CA files that it names.
fn contents(path: &Path, config: &Config) -> Vec<Option<Vec<u8>>> {
    let named = config
        .connections
        .values()
        .filter_map(|connection| connection.ca_file.as_deref());
    [path]
        .into_iter()
        .chain(named)
        .map(|path| std::fs::read(path).ok())
        .collect()
}

/// Takes a changed certificate, or says why not and keeps the old one.
pub(super) async fn watch_certificate(
    mut source: Source,
    certificate: Certificate,
    state: Arc<State>,
) {
    loop {
        if let Some(not_after) = certificate.not_after() {
            state.metrics.certificate_not_after(not_after);
        }
        tokio::time::sleep(source.interval()).await;
        match source.renew(&certificate).await {
            Ok(false) => {}
            Ok(true) => {
                state.metrics.certificate_reload(true);
                tracing::info!("certificate taken");
            }
            Err(error) => {
                state.metrics.certificate_reload(false);
                tracing::error!("no new certificate, the old one stays: {error:#}");
            }
        }
    }
}
