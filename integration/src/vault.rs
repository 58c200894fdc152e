//! A real Vault in dev mode: in memory, unsealed, with a KV 2 engine at `secret/`.
//!
//! One Vault listens on HTTP, on HTTPS with a certificate of an authority of its own, on HTTPS for
//! clients with a certificate alone, and on a unix socket, all with the same data.

mod api;
mod conformance;
mod error;
mod start;

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use tempfile::TempDir;

pub use api::VaultClient;
pub(crate) use api::unseal_key;
pub use conformance::{Conformance, REFERENCES};
pub use error::VaultError;

use crate::certificates::Authority;
use crate::process::Background;

pub(crate) const READY: Duration = Duration::from_secs(60);

/// A running Vault. It ends when this is dropped.
pub struct Vault {
    // Before the directory, which its log lies in.
    process: Background,
    directory: TempDir,
    api: VaultClient,
    authority: Authority,
    tls_address: String,
    strict_address: String,
    program: PathBuf,
}

impl Vault {
    /// The token that may do everything.
    pub const ROOT_TOKEN: &'static str = "root-token-of-the-tests";

    /// Starts a Vault and waits until it can be used.
    pub fn start() -> Result<Self, VaultError> {
        start::start_vault()
    }

    /// The one Vault of this test process, for tests that keep to mounts and policies of their own
    /// or only read; started when it is first asked for, seeded with [`Vault::seed_conformance`].
    pub fn start_shared() -> Result<(&'static Self, &'static Conformance), VaultError> {
        static SHARED: OnceLock<Result<(Vault, Conformance), String>> = OnceLock::new();
        let start = || {
            let vault = Self::start()?;
            let conformance = vault.seed_conformance()?;
            Ok::<_, VaultError>((vault, conformance))
        };
        match SHARED.get_or_init(|| start().map_err(|error| error.to_string())) {
            Ok((vault, conformance)) => Ok((vault, conformance)),
            Err(reason) => Err(VaultError::Shared(reason.clone())),
        }
    }

    /// Where it listens without TLS, as `http://127.0.0.1:8200`.
    pub fn address(&self) -> &str {
        self.api.address()
    }

    /// Where it listens with TLS, as `https://127.0.0.1:8201`. The certificate is for `127.0.0.1`,
    /// `localhost` and `vault.example.internal`; a client certificate may be shown.
    pub fn tls_address(&self) -> &str {
        &self.tls_address
    }

    /// The same for those alone who show a client certificate of [`Vault::authority`].
    pub fn strict_address(&self) -> &str {
        &self.strict_address
    }

    /// The unix socket on which it listens without TLS.
    pub fn socket(&self) -> PathBuf {
        self.directory.path().join("vault.sock")
    }

    /// The authority that signed its certificate, for more certificates of the same.
    pub fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Its program, which is also that of the agent.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// All that it has logged so far.
    pub fn log(&self) -> String {
        self.process.log()
    }
}

/// What can be asked of any Vault can be asked of this one.
impl Deref for Vault {
    type Target = VaultClient;

    fn deref(&self) -> &VaultClient {
        &self.api
    }
}
