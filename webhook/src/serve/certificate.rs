//! The server's certificate, which can be replaced while connections are served.

mod pair;
mod publish;
mod secret;
mod source;

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use openssl::ssl::{NameType, SniError, SslAcceptorBuilder, SslContext, SslRef};

pub(super) use pair::{Pair, seconds};
pub(super) use source::Source;

/// The certificate that is in use.
#[derive(Clone)]
pub(super) struct Certificate {
    current: Arc<RwLock<Current>>,
}

struct Current {
    pair: Pair,
    context: SslContext,
}

impl Certificate {
    pub(super) fn new(pair: Pair) -> anyhow::Result<Self> {
        let context = pair.acceptor()?.build().into_context();
        Ok(Self {
            current: Arc::new(RwLock::new(Current { pair, context })),
        })
    }

    /// An acceptor that uses the current certificate for every new connection.
    pub(super) fn acceptor(&self) -> anyhow::Result<SslAcceptorBuilder> {
        let mut builder = self.current().pair.acceptor()?;
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
        let context = pair.acceptor()?.build().into_context();
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Current { pair, context };
        Ok(true)
    }

    /// End of validity, seconds since the epoch.
    pub(super) fn not_after(&self) -> Option<i64> {
        self.current().pair.not_after()
    }

    fn current(&self) -> RwLockReadGuard<'_, Current> {
        self.current.read().unwrap_or_else(PoisonError::into_inner)
    }
}
