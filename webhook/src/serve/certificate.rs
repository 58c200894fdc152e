//! The server's certificate, which can be replaced while connections are served.

mod clients;
mod pair;
mod publish;
mod secret;
mod source;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use openssl::ssl::{NameType, SniError, SslAcceptorBuilder, SslContext, SslRef};

pub(super) use clients::Clients;
pub(super) use pair::{Pair, seconds};
pub(super) use source::Source;

/// How the authorities of client certificates have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Not at all.
    None,
    /// All of the former ones are still trusted.
    More,
    /// One of the former ones is no longer trusted.
    Fewer,
}

/// The certificate that is in use.
#[derive(Clone)]
pub(super) struct Certificate {
    current: Arc<RwLock<Current>>,
}

struct Current {
    pair: Pair,
    clients: Option<Clients>,
    context: SslContext,
}

impl Current {
    fn new(pair: Pair, clients: Option<Clients>) -> anyhow::Result<Self> {
        let context = acceptor(&pair, clients.as_ref())?.build().into_context();
        Ok(Self {
            pair,
            clients,
            context,
        })
    }
}

fn acceptor(pair: &Pair, clients: Option<&Clients>) -> anyhow::Result<SslAcceptorBuilder> {
    let mut builder = pair.acceptor()?;
    if let Some(clients) = clients {
        clients.demand(&mut builder)?;
    }
    Ok(builder)
}

impl Certificate {
    /// With `clients` each connection must show a client certificate.
    pub(super) fn new(pair: Pair, clients: Option<Clients>) -> anyhow::Result<Self> {
        Ok(Self {
            current: Arc::new(RwLock::new(Current::new(pair, clients)?)),
        })
    }

    /// An acceptor that uses the current certificate for every new connection.
    pub(super) fn acceptor(&self) -> anyhow::Result<SslAcceptorBuilder> {
        let mut builder = {
            let current = self.current();
            acceptor(&current.pair, current.clients.as_ref())?
        };
        let current = Arc::clone(&self.current);
        // OpenSSL calls this for every handshake, also where the client names no server.
        builder.set_servername_callback(move |ssl: &mut SslRef, _| {
            let _: Option<&str> = ssl.servername(NameType::HOST_NAME);
            let current = current.read().unwrap_or_else(PoisonError::into_inner);
            ssl.set_ssl_context(&current.context)
                .map_err(|_| SniError::ALERT_FATAL)
        });
        Ok(builder)
    }

    /// Uses another certificate from now on; tells whether it is another.
    pub(super) fn replace(&self, pair: Pair) -> anyhow::Result<bool> {
        if pair.is_same(&self.current().pair) {
            return Ok(false);
        }
        let clients = self.current().clients.clone();
        self.set(Current::new(pair, clients)?);
        Ok(true)
    }

    /// Reads the authorities of client certificates again.
    pub(super) fn renew_clients(&self) -> anyhow::Result<Change> {
        let (pair, former) = {
            let current = self.current();
            (current.pair.clone(), current.clients.clone())
        };
        let Some(former) = former else {
            return Ok(Change::None);
        };
        let Some(clients) = former.reread()? else {
            return Ok(Change::None);
        };
        let trusts_all = clients.trusts_all_of(&former);
        self.set(Current::new(pair, Some(clients))?);
        Ok(if trusts_all {
            Change::More
        } else {
            Change::Fewer
        })
    }

    fn set(&self, current: Current) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = current;
    }

    /// End of validity, seconds since the epoch.
    pub(super) fn not_after(&self) -> Option<i64> {
        self.current().pair.not_after()
    }

    fn current(&self) -> RwLockReadGuard<'_, Current> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }
}
