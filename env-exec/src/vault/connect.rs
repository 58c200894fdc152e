//! The way to Vault: straight, through a socket in the file system, or through a proxy.

use std::error::Error;
use std::future::Future;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::{HeaderValue, Uri};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tower_service::Service;

use super::client_error::ClientError;
use super::no_proxy::exceptions;
use super::resolver::Resolver;
use crate::settings::{Address, Proxy, VaultSettings};

/// Longest time for one TCP connection; there may be several addresses.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// The errors of hyper's connectors.
pub(super) type BoxError = Box<dyn Error + Send + Sync>;

/// How connections are made.
#[derive(Clone)]
pub(super) enum Connector {
    /// Straight to the address.
    Direct(HttpConnector<Resolver>),
    /// To a proxy that passes on plain HTTP requests.
    Forward(HttpConnector<Resolver>, Uri),
    /// To a proxy that connects us through to the address.
    Tunnel(Tunnel<HttpConnector<Resolver>>),
    /// To a socket in the file system.
    Unix(Arc<Path>),
}

impl Connector {
    /// Decides the way; looking up a name may take `lookup`. The second part is the header that a
    /// forwarding proxy wants.
    pub(super) fn new(
        settings: &VaultSettings,
        lookup: Duration,
    ) -> Result<(Self, Option<HeaderValue>), ClientError> {
        let mut tcp = HttpConnector::new_with_resolver(Resolver::new(lookup));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        if let Address::Unix(path) = &settings.address {
            return Ok((Self::Unix(path.as_path().into()), None));
        }
        let Some(proxy) = intercept(&settings.address, &settings.proxy)? else {
            return Ok((Self::Direct(tcp), None));
        };
        let uri = proxy.uri().clone();
        let credentials = proxy.basic_auth().cloned();
        if !settings.address.is_https() {
            return Ok((Self::Forward(tcp, uri), credentials));
        }
        let tunnel = Tunnel::new(uri, tcp);
        Ok(match credentials {
            Some(credentials) => (Self::Tunnel(tunnel.with_auth(credentials)), None),
            None => (Self::Tunnel(tunnel), None),
        })
    }

    async fn connect(self, to: Uri) -> Result<Stream, BoxError> {
        Ok(match self {
            Self::Direct(mut tcp) => Stream::new(tcp.call(to).await?, false),
            Self::Forward(mut tcp, proxy) => Stream::new(tcp.call(proxy).await?, true),
            Self::Tunnel(mut tunnel) => Stream::new(tunnel.call(to).await?, false),
            Self::Unix(path) => Stream::new(TokioIo::new(UnixStream::connect(path).await?), false),
        })
    }
}

/// The proxy for the address, if there is one. As for Vault's own client, what runs on this
/// machine needs none unless one is named for Vault alone.
fn intercept(address: &Address, proxy: &Proxy) -> Result<Option<Intercept>, ClientError> {
    let Address::Tcp { base, .. } = address else {
        return Ok(None);
    };
    let uri: Uri = base.as_str().parse().map_err(|_| ClientError::Address)?;
    let (name, matcher) = match proxy {
        Proxy::None => return Ok(None),
        Proxy::Always(name, all) => (*name, Matcher::builder().all(all.as_str()).build()),
        Proxy::Environment { .. } if is_local(base) => return Ok(None),
        Proxy::Environment { http, https, no } => {
            let (name, value) = if address.is_https() {
                ("HTTPS_PROXY", https)
            } else {
                ("HTTP_PROXY", http)
            };
            if value.is_empty() {
                return Ok(None);
            }
            // The matcher gives nothing both for an exception and for what it cannot parse.
            let all = Matcher::builder().all(value.as_str()).build();
            if all.intercept(&uri).is_none() {
                return Err(ClientError::Proxy { name });
            }
            (
                name,
                Matcher::builder()
                    .all(value.as_str())
                    .no(exceptions(no, base))
                    .build(),
            )
        }
    };
    match matcher.intercept(&uri) {
        Some(found) if found.uri().scheme_str() == Some("http") => Ok(Some(found)),
        None if matches!(proxy, Proxy::Environment { .. }) => Ok(None),
        _ => Err(ClientError::Proxy { name }),
    }
}

fn is_local(base: &url::Url) -> bool {
    match base.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        Box::pin(self.clone().connect(to))
    }
}

/// One connection, of whatever kind.
pub(super) struct Stream {
    io: Pin<Box<dyn ReadWrite>>,
    is_proxied: bool,
}

trait ReadWrite: Read + Write + Send {}
impl<T: Read + Write + Send> ReadWrite for T {}

impl Stream {
    fn new(io: impl ReadWrite + 'static, is_proxied: bool) -> Self {
        Self {
            io: Box::pin(io),
            is_proxied,
        }
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        Connected::new().proxy(self.is_proxied)
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.io.as_mut().poll_read(context, buffer)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.io.as_mut().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.as_mut().poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::intercept;
    use crate::settings::Proxy;

    fn way(address: &str, proxy: &Proxy) -> Result<Option<String>, String> {
        intercept(&address.parse().unwrap(), proxy)
            .map(|found| found.map(|found| found.uri().to_string()))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn which_proxy_is_taken() {
        let usual = |http: &str, https: &str, no: &str| Proxy::Environment {
            http: http.into(),
            https: https.into(),
            no: no.into(),
        };
        let both = usual("http://p:1", "http://p:2", "");
        let but = usual(
            "http://p:1",
            "http://p:2",
            "vault.svc,10.0.0.0/8,vault.corp:8200,*.example,[fd00::5]:8200",
        );
        let cases = [
            ("https://vault:8200", Proxy::None, None),
            (
                "https://vault:8200",
                Proxy::Always("X", "http://p:3".into()),
                Some("http://p:3/"),
            ),
            (
                "https://127.0.0.1",
                Proxy::Always("X", "p:3".into()),
                Some("http://p:3/"),
            ),
            ("http://vault:8200", both.clone(), Some("http://p:1/")),
            ("https://vault:8200", both.clone(), Some("http://p:2/")),
            ("https://127.0.0.1:8200", both.clone(), None),
            ("https://localhost:8200", both, None),
            ("https://vault.svc:8200", but.clone(), None),
            ("https://10.1.2.3:8200", but.clone(), None),
            ("http://vault.corp:8200", but.clone(), None),
            ("http://vault.corp:8201", but.clone(), Some("http://p:1/")),
            ("https://vault.example:8200", but.clone(), None),
            ("https://[fd00::5]:8200", but.clone(), None),
            ("https://vault:8200", but, Some("http://p:2/")),
            ("https://vault:8200", usual("http://p:1", "", ""), None),
        ];
        for (address, proxy, expected) in cases {
            let found = way(address, &proxy);
            assert_eq!(found, Ok(expected.map(Into::into)), "{address} {proxy:?}");
        }
    }

    #[test]
    fn a_proxy_of_another_kind_is_refused_without_its_password() {
        for proxy in [
            "socks5://u:canary@p:1",
            "https://u:canary@p:1",
            "ftp://p",
            "http://",
        ] {
            let error = way(
                "https://vault",
                &Proxy::Always("VAULT_PROXY_ADDR", proxy.into()),
            );
            let error = error.unwrap_err();
            assert!(error.starts_with("VAULT_PROXY_ADDR"), "{error}");
            assert!(!error.contains("canary"), "{error}");
            let usual = Proxy::Environment {
                http: String::new(),
                https: proxy.into(),
                no: String::new(),
            };
            assert!(
                way("https://vault", &usual)
                    .unwrap_err()
                    .starts_with("HTTPS_PROXY")
            );
        }
    }
}
