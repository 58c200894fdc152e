//! `OpenBao`, for what it answers differently from Vault: a dead token.
//!
//! The tests build no `OpenBao`: a second server of Vault's size would cost every fresh machine a
//! quarter of an hour. A double plays its answers. `BAO_BIN` names a real one, on which the same tests
//! then run as well.

mod double;

use std::env;
use std::ops::Deref;
use std::process::Command;

use tempfile::TempDir;

use crate::certificates::Authority;
use crate::network::{Relay, Responder, free_port};
use crate::process::Background;
use crate::vault::{Vault, VaultClient, VaultError};
use crate::wait::{Probe, wait_for};
use crate::{http, temp};

/// The variable that names the program of a real one.
const PROGRAM: &str = "BAO_BIN";

/// A running `OpenBao`, or its double, behind a relay that records what is asked.
pub struct OpenBao {
    relay: Relay,
    api: VaultClient,
    _server: Server,
}

#[expect(dead_code, reason = "they end when they are dropped")]
enum Server {
    Double(Responder),
    Real(Background, TempDir),
}

impl OpenBao {
    /// The double.
    pub fn start_double() -> Result<Self, VaultError> {
        let responder = double::start_responder()?;
        let address = format!("http://{}", responder.address());
        Self::behind_relay(address, Server::Double(responder))
    }

    /// The one that `BAO_BIN` names, in dev mode; `None` if it names none.
    pub fn start_real() -> Result<Option<Self>, VaultError> {
        let Some(program) = env::var_os(PROGRAM).filter(|path| !path.is_empty()) else {
            return Ok(None);
        };
        let directory = temp::create_directory("openbao")?;
        let address = format!("127.0.0.1:{}", free_port()?);
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", directory.path())
            .current_dir(&directory);
        command.args(["server", "-dev", "-dev-no-store-token"]);
        command.arg(format!("-dev-root-token-id={}", Vault::ROOT_TOKEN));
        command.arg(format!("-dev-listen-address={address}"));
        let process = Background::start(&mut command, &directory.path().join("log"))?;
        let started = Self::behind_relay(
            format!("http://{address}"),
            Server::Real(process, directory),
        )?;
        wait_for("OpenBao", crate::vault::READY, || {
            match started.read("secret/config") {
                Ok(_) => Probe::Ready(()),
                Err(error) => Probe::NotYet(error.to_string()),
            }
        })?;
        Ok(Some(started))
    }

    fn behind_relay(address: String, server: Server) -> Result<Self, VaultError> {
        let unused = Authority::new("of nobody: there is no TLS")?;
        Ok(Self {
            relay: Relay::to_target(&address)?.start()?,
            api: VaultClient::new(http::build_client(unused.certificate())?, address),
            _server: server,
        })
    }

    /// Where env-exec asks it. The tests ask it elsewhere, so that the relay records only env-exec.
    pub fn recorded_address(&self) -> String {
        format!("http://{}", self.relay.address())
    }

    /// What was asked at [`OpenBao::recorded_address`], as `GET /v1/a`.
    pub fn requests(&self) -> Vec<String> {
        self.relay.requests()
    }
}

/// It is asked as Vault is.
impl Deref for OpenBao {
    type Target = VaultClient;

    fn deref(&self) -> &VaultClient {
        &self.api
    }
}
