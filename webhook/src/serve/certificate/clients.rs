//! Client certificates: who may ask for reviews.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use contract::limits::CLIENT_CA_BYTES;
use openssl::ssl::{SslAcceptorBuilder, SslOptions, SslSessionCacheMode, SslVerifyMode};
use openssl::x509::X509;
use openssl::x509::store::X509StoreBuilder;

/// The authorities of the client certificates that a connection must show.
#[derive(Clone)]
pub(in super::super) struct Clients {
    path: PathBuf,
    pem: Vec<u8>,
    authorities: Vec<X509>,
}

impl Clients {
    /// Reads `server.clientCaFile`.
    pub(in super::super) fn read(path: &Path) -> anyhow::Result<Self> {
        let sentence = |what: &str| format!("server.clientCaFile: {what} {}", path.display());
        let file = File::open(path).with_context(|| sentence("cannot read"))?;
        let mut pem = Vec::new();
        let read = file.take(CLIENT_CA_BYTES + 1).read_to_end(&mut pem);
        let read = read.with_context(|| sentence("cannot read"))?;
        ensure!(
            u64::try_from(read)? <= CLIENT_CA_BYTES,
            "{} is larger than {CLIENT_CA_BYTES} bytes; give only the API server's authority",
            sentence("the file")
        );
        match X509::stack_from_pem(&pem) {
            Ok(authorities) if !authorities.is_empty() => Ok(Self {
                path: path.to_owned(),
                pem,
                authorities,
            }),
            _ => bail!("{}", sentence("no certificate in PEM form in")),
        }
    }

    /// Reads the file again. `None` if it has not changed.
    pub(super) fn reread(&self) -> anyhow::Result<Option<Self>> {
        let found = Self::read(&self.path)?;
        Ok((found.pem != self.pem).then_some(found))
    }

    /// Whether each authority of `former` is among these.
    pub(super) fn trusts_all_of(&self, former: &Self) -> bool {
        let ders = |clients: &Self| {
            let ders = clients.authorities.iter().map(|one| one.to_der().ok());
            ders.collect::<BTreeSet<_>>()
        };
        ders(self).is_superset(&ders(former))
    }

    /// Has every handshake demand a certificate of one of the authorities that is made for clients.
    /// No session is resumed, so that none outlives a change of the authorities.
    pub(super) fn demand(&self, builder: &mut SslAcceptorBuilder) -> anyhow::Result<()> {
        let mut store = X509StoreBuilder::new()?;
        for authority in &self.authorities {
            store.add_cert(authority.clone())?;
        }
        builder.set_verify_cert_store(store.build())?;
        builder.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
        builder.set_session_cache_mode(SslSessionCacheMode::OFF);
        builder.set_options(SslOptions::NO_TICKET);
        builder.set_num_tickets(0)?;
        Ok(())
    }
}
