//! Names to addresses, without a second thread: `/etc/hosts`, then DNS with the search domains and
//! `ndots` of `/etc/resolv.conf`.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;
use std::vec;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{LookupIpStrategy, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hyper_util::client::legacy::connect::dns::Name;
use thiserror::Error;
use tower_service::Service;

/// A resolver that reads the system's files when it is first asked.
#[derive(Clone)]
pub(super) struct Resolver {
    resolver: Arc<OnceLock<TokioResolver>>,
    limit: Duration,
}

/// Why a name has no address.
#[derive(Debug, Error)]
pub(super) enum ResolveError {
    #[error("its name is not known")]
    Unknown,
    #[error("no name server answers")]
    Timeout,
    #[error("its name cannot be looked up: {0}")]
    Other(NetError),
}

impl From<NetError> for ResolveError {
    fn from(error: NetError) -> Self {
        if error.is_no_records_found() {
            Self::Unknown
        } else {
            Self::Other(error)
        }
    }
}

impl Resolver {
    /// A lookup may take that long.
    pub(super) fn new(limit: Duration) -> Self {
        Self {
            resolver: Arc::default(),
            limit,
        }
    }

    async fn resolve(self, name: Name) -> Result<vec::IntoIter<SocketAddr>, ResolveError> {
        let resolver = if let Some(resolver) = self.resolver.get() {
            resolver
        } else {
            let resolver = from_system()?;
            self.resolver.get_or_init(|| resolver)
        };
        let lookup = tokio::time::timeout(self.limit, resolver.lookup_ip(name.as_str()));
        let found = lookup.await.map_err(|_| ResolveError::Timeout)??;
        let addresses: Vec<_> = found.iter().map(|ip| SocketAddr::new(ip, 0)).collect();
        Ok(addresses.into_iter())
    }
}

/// Without `/etc/resolv.conf` a server on this machine is asked, as glibc does. hickory itself
/// would not know whom to ask, and others have made it ask a public server.
fn from_system() -> Result<TokioResolver, NetError> {
    let mut builder = TokioResolver::builder_tokio().unwrap_or_else(|_| {
        let local = NameServerConfig::udp_and_tcp(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let config = ResolverConfig::from_parts(None, vec![], vec![local]);
        TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
    });
    builder.options_mut().ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
    builder.build()
}

impl Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = ResolveError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, ResolveError>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), ResolveError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        Box::pin(self.clone().resolve(name))
    }
}
