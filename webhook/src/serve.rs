//! `tokenpipe serve`: the webhook's server.
//!
//! Two listeners: reviews over TLS, and metrics and probes in clear text, so that kubelet and
//! Prometheus need no certificate. Beside them three loops keep the configuration, the certificate
//! and what is known about the cluster current; none of them can end the server.

mod api;
mod certificate;
mod cluster;
mod handler;
mod listener;
mod log;
mod metrics;
mod reload;
mod self_signed;
mod state;
mod stop;

use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt::System;
use actix_web::{App, HttpServer, web};
use anyhow::Context;
use futures_util::future::{Either, join, select};

use crate::config::{Config, Server};
use certificate::{Certificate, Source};
use cluster::Cluster;
pub use metrics::Metrics;
use state::State;

/// How long a client may take for the head of a request, and to finish a connection.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(5);
/// Longer than the API server keeps an idle connection (90 s), so that it is never the one that
/// finds it closed.
const KEEP_ALIVE: Duration = Duration::from_secs(120);

/// Serves until SIGTERM or SIGINT.
pub fn serve(config_path: PathBuf) -> anyhow::Result<()> {
    let config = Config::load(&config_path)?;
    System::new().block_on(run(config_path, config))
}

async fn run(config_path: PathBuf, config: Config) -> anyhow::Result<()> {
    let mut signals = stop::Signals::listen()?;
    let server = config.server.clone();
    let state = web::Data::new(State::new(config));
    let client = api::client().await;
    let mut source = Source::new(&server.tls, client.as_ref())?;
    // Before the certificate, which may have to be waited for: kubelet asks how we are.
    let mut probes = actix_web::rt::spawn(probes(&server, state.clone())?);
    let certificate = match select(
        pin!(source.first()),
        select(pin!(signals.next()), &mut probes),
    )
    .await
    {
        Either::Left((certificate, _)) => certificate?,
        Either::Right((Either::Left(_), _)) => return Ok(()),
        Either::Right((Either::Right((ended, _)), _)) => return Ok(ended??),
    };

    actix_web::rt::spawn(reload::watch_config(config_path, Arc::clone(&state)));
    actix_web::rt::spawn(reload::watch_certificate(
        source,
        certificate.clone(),
        Arc::clone(&state),
    ));
    let mut cluster = Cluster::new(client);
    cluster.refresh(&state).await;
    actix_web::rt::spawn(cluster.watch(Arc::clone(&state)));

    let reviews = reviews(&server, state.clone(), &certificate)?;
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

fn reviews(
    server: &Server,
    state: web::Data<State>,
    certificate: &Certificate,
) -> anyhow::Result<actix_web::dev::Server> {
    let limits = server.limits.clone();
    let workers = limits.workers.unwrap_or_else(num_workers);
    let builder = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            // Not `App::route`, by which another method would be answered 404.
            .service(web::resource("/mutate").post(handler::mutate))
    })
    .workers(workers)
    // It counts them by worker.
    .max_connections(limits.connections.div_ceil(workers))
    // An answer of several TLS records would wait for the acknowledgement of the first, 40 ms.
    .tcp_nodelay(true)
    .tls_handshake_timeout(CLIENT_TIMEOUT)
    .client_request_timeout(CLIENT_TIMEOUT)
    .client_disconnect_timeout(CLIENT_TIMEOUT)
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(limits.stop_seconds)
    .disable_signals();
    let listener = listener::bind(server.listen)?;
    let server = builder.listen_openssl(listener, certificate.acceptor()?)?;
    Ok(server.run())
}

fn probes(server: &Server, state: web::Data<State>) -> anyhow::Result<actix_web::dev::Server> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .service(web::resource("/metrics").get(handler::metrics))
            .service(web::resource("/healthz").get(handler::healthz))
            .service(web::resource("/readyz").get(handler::readyz))
    })
    .workers(1)
    .disable_signals()
    .listen(listener::bind(server.listen_metrics)?)
    .context("metrics")?;
    Ok(server.run())
}

fn num_workers() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
