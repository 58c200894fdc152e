//! `tokenpipe serve`: the webhook's server.
//!
//! Two listeners: reviews over TLS, and metrics and probes in clear text, so that kubelet and
//! Prometheus need no certificate. Beside them three loops keep the configuration, the certificate
//! and what is known about the cluster current; none of them can end the server.

mod answer;
mod api;
mod body;
mod budget;
mod certificate;
mod cluster;
mod connections;
mod decisions;
mod descriptors;
mod exchange;
mod follow;
mod handler;
mod invalid;
mod listener;
mod log;
mod metrics;
mod reload;
mod self_signed;
mod servers;
mod state;
mod stop;
mod stream;

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;

use actix_web::rt::System;
use actix_web::web;
use futures_util::future::{Either, join, select};

use crate::config::Config;
use certificate::{Clients, Source};
use cluster::Cluster;
pub use metrics::Metrics;
use state::State;

/// Serves until SIGTERM or SIGINT.
pub fn serve(config_path: PathBuf) -> anyhow::Result<()> {
    let config = Config::load(&config_path)?;
    reload::log_warnings(&config);
    System::new().block_on(run(config_path, config))
}

async fn run(config_path: PathBuf, config: Config) -> anyhow::Result<()> {
    let mut signals = stop::Signals::listen()?;
    let server = config.server.clone();
    let state = web::Data::new(State::new(config));
    let client = api::client().await;
    let clients = server.client_ca_file.as_deref().map(Clients::read);
    let clients = clients.transpose()?;
    let mut source = Source::new(&server.tls, client.as_ref())?;
    // Before the certificate, which may have to be waited for: kubelet asks how we are.
    let mut probes = actix_web::rt::spawn(servers::probes(&server, state.clone())?);
    let certificate = match select(
        pin!(source.first(clients)),
        select(pin!(signals.next()), &mut probes),
    )
    .await
    {
        Either::Left((certificate, _)) => certificate?,
        Either::Right((Either::Left(_), _)) => return Ok(()),
        Either::Right((Either::Right((ended, _)), _)) => return Ok(ended??),
    };

    let connections = servers::places(&server, &state);
    actix_web::rt::spawn(reload::watch_config(config_path, Arc::clone(&state)));
    actix_web::rt::spawn(reload::watch_certificate(
        source,
        certificate.clone(),
        Arc::clone(&connections),
        Arc::clone(&state),
    ));
    let mut cluster = Cluster::new(client);
    cluster.refresh(&state).await;
    actix_web::rt::spawn(cluster.watch(Arc::clone(&state)));

    let reviews = servers::reviews(&server, state.clone(), &certificate, connections)?;
    tracing::info!(listen = %server.listen, metrics = %server.listen_metrics, "ready");
    state.set_ready(true);
    let stop = stop::stop(signals, &server.limits, &state, reviews.handle());
    let servers = join(reviews, probes);
    if let Either::Right(((reviews, probes), _)) = select(pin!(stop), pin!(servers)).await {
        reviews.and(probes?)?;
    }
    tracing::info!("stopped");
    Ok(())
}
