//! The two servers: reviews over TLS, probes and metrics in clear text.
//!
//! ```text
//! socket ─► tracked ─► TLS ─► one request at a time ─► HTTP/1.1 ─► endpoint
//! ```
//!
//! They are put together here and not by `actix_web::HttpServer`, which shows a connection only
//! after its handshake: until then an idle one could not be closed for a newer one. HTTP/2 is not
//! offered: the API server asks by HTTP/1.1 alone.

use std::fmt::Debug;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{HttpService, Request};
use actix_service::{
    IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config,
};
use actix_tls::accept::max_concurrent_tls_connect;
use actix_tls::accept::openssl::{Acceptor, TlsStream};
use actix_web::dev::{self, AppConfig, ServiceResponse};
use actix_web::rt::net::TcpStream;
use actix_web::{App, Error, web};
use anyhow::Context;
use contract::limits::WIRE_PIECE;
use tokio::io::{AsyncRead, AsyncWrite};

use super::answer::Answer;
use super::certificate::Certificate;
use super::connections::Connections;
use super::descriptors;
use super::exchange::Wire;
use super::follow::follow;
use super::state::State;
use super::stream::{Stream, Tracked};
use super::{handler, listener};
use crate::config::Server;

/// How long a client may take for the handshake, for the head of a request, and to finish a
/// connection.
const CLIENT_TIMEOUT: Duration = Duration::from_secs(5);

/// Longer than the API server keeps an idle connection (90 s). Were it shorter, a review could meet
/// the end of its connection: Go does not repeat a POST, so the pod would go unreviewed. Idle
/// connections need no shorter time to leave room, because a newer one closes them.
const KEEP_ALIVE: Duration = Duration::from_secs(120);

/// The same for probes and scrapes, which come every few seconds.
const PROBES_KEEP_ALIVE: Duration = Duration::from_secs(30);

/// Connections to probes and metrics at once: kubelet's, Prometheus' and a person's.
const PROBES_CONNECTIONS: usize = 128;

/// Connections of one thread above its share: those that were closed and have not ended yet, and
/// those that it has not looked at yet.
const HEADROOM: usize = 64;

/// Places for the connections to `/mutate`, as many as the process may have open.
pub(super) fn places(server: &Server, state: &State) -> Arc<Connections> {
    let limits = &server.limits;
    let reserved = PROBES_CONNECTIONS + (workers(server) + 1) * HEADROOM;
    let bound = descriptors::allow(limits.connections, reserved);
    Connections::new(bound, state.metrics.closed_connections())
}

/// The server of `/mutate`.
pub(super) fn reviews(
    server: &Server,
    state: web::Data<State>,
    certificate: &Certificate,
    connections: Arc<Connections>,
) -> anyhow::Result<dev::Server> {
    let limits = &server.limits;
    let workers = workers(server);
    let of_a_worker = connections.bound().div_ceil(workers) + HEADROOM;
    let tls = certificate.acceptor()?.build();
    // A thread takes no connection while so many shake hands, whichever could be closed for it.
    max_concurrent_tls_connect(of_a_worker);
    let builder = dev::Server::build()
        .workers(workers)
        .max_concurrent_connections(of_a_worker)
        .shutdown_timeout(limits.stop_seconds)
        .disable_signals();
    let stopping = builder.graceful_shutdown_signal();
    let listener = listener::bind(server.listen)?;
    let builder = builder.listen("reviews", listener, move || {
        let app = App::new()
            .app_data(state.clone())
            .wrap_fn(follow)
            // Not `App::route`, by which another method would be answered 404.
            .service(web::resource("/mutate").post(handler::mutate));
        let mut tls = Acceptor::new(tls.clone());
        tls.set_handshake_timeout(CLIENT_TIMEOUT);
        let stopping = stopping.clone();
        let stopping = move || {
            let stopping = stopping.clone();
            async move { stopping.notified().await }
        };
        track(&connections)
            .and_then(tls.map_err(drop))
            .map(|stream: TlsStream<Stream>| (Wire::new(stream), None))
            .and_then(speak(KEEP_ALIVE, stopping, app))
    })?;
    Ok(builder.run())
}

/// The server of `/metrics`, `/healthz` and `/readyz`.
pub(super) fn probes(server: &Server, state: web::Data<State>) -> anyhow::Result<dev::Server> {
    let connections = Connections::new(PROBES_CONNECTIONS, state.metrics.closed_connections());
    let builder = dev::Server::build()
        .workers(1)
        .max_concurrent_connections(PROBES_CONNECTIONS + HEADROOM)
        .disable_signals();
    let listener = listener::bind(server.listen_metrics).context("metrics")?;
    let builder = builder.listen("probes", listener, move || {
        let app = App::new()
            .app_data(state.clone())
            .wrap_fn(follow)
            .service(web::resource("/metrics").get(handler::metrics))
            .service(web::resource("/healthz").get(handler::healthz))
            .service(web::resource("/readyz").get(handler::readyz));
        track(&connections)
            .map(|stream: Stream| (Wire::new(stream), None))
            .and_then(speak(PROBES_KEEP_ALIVE, std::future::pending, app))
    })?;
    Ok(builder.run())
}

/// Gives every new connection its place, before it has sent anything.
fn track(
    connections: &Arc<Connections>,
) -> impl ServiceFactory<TcpStream, Config = (), Response = Stream, Error = (), InitError = ()> + use<>
{
    let connections = Arc::clone(connections);
    fn_service(move |tcp: TcpStream| {
        let stream = Stream::new(tcp, connections.open());
        async move { Ok(stream) }
    })
}

/// HTTP/1.1 on a connection, whose exchange its requests can find.
fn speak<T, Stopping, A, S>(
    keep_alive: Duration,
    stopping: impl Fn() -> Stopping + 'static,
    app: A,
) -> impl ServiceFactory<
    (Wire<T>, Option<SocketAddr>),
    Config = (),
    Response = (),
    Error = (),
    InitError = (),
>
where
    T: AsyncRead + AsyncWrite + Unpin + Tracked + 'static,
    Stopping: Future<Output = ()> + 'static,
    A: IntoServiceFactory<S, Request>,
    S: ServiceFactory<
            Request,
            Config = AppConfig,
            Response = ServiceResponse<Answer>,
            Error = Error,
            InitError: Debug,
        > + 'static,
{
    let app = map_config(app, |()| AppConfig::default());
    HttpService::<Wire<T>, _, _>::build()
        .keep_alive(keep_alive)
        .client_request_timeout(CLIENT_TIMEOUT)
        .client_disconnect_timeout(CLIENT_TIMEOUT)
        .h1_write_buffer_size(WIRE_PIECE)
        .graceful_shutdown_signal(stopping)
        .on_connect_ext(|wire: &Wire<T>, data| {
            data.insert(Rc::clone(wire.exchange()));
        })
        .h1(app.map_err(|error| error.error_response()))
        .map_err(drop)
}

fn workers(server: &Server) -> usize {
    server.limits.workers.unwrap_or_else(count_cores)
}

fn count_cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
