//! A real Kerberos realm: `krb5kdc` of the distribution, in a directory of its own.

use std::fs;
use std::io;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tempfile::TempDir;
use thiserror::Error;

use crate::network::{free_port, start_on_free_ports};
use crate::process::{self, Background, ProcessError};
use crate::temp;
use crate::tools::{self, Tool, ToolError};
use crate::wait::{Probe, WaitError, wait_for};

const LIMIT: Duration = Duration::from_secs(60);

/// A running realm. It ends when this is dropped.
pub struct Realm {
    // Before the directory that it works in.
    process: Background,
    files: TempDir,
    port: u16,
}

/// A realm that could not be made.
#[derive(Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum RealmError {
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("{program} failed:\n{output}")]
    Command { program: String, output: String },
    #[error("{wait}; the end of its log:\n{log}")]
    Start { wait: WaitError, log: String },
}

debug_is_display!(RealmError);

impl Realm {
    /// Its name.
    pub const NAME: &'static str = "SHOP.EXAMPLE";

    /// Starts an empty one.
    pub fn start() -> Result<Self, RealmError> {
        let lost = |error: &RealmError| match error {
            RealmError::Start { log, .. } => log.contains("in use"),
            _ => false,
        };
        start_on_free_ports(Self::start_once, lost)
    }

    fn start_once() -> Result<Self, RealmError> {
        let kdc = tools::find_tool(Tool::Krb5kdc)?;
        let files = temp::create_directory("realm")?;
        let port = free_port()?;
        fs::write(files.path().join("krb5.conf"), render_client_config(port))?;
        fs::write(
            files.path().join("kdc.conf"),
            render_server_config(files.path(), port),
        )?;
        // Of the same package.
        let create = ["create", "-s", "-P", "of the database", "-r", Self::NAME];
        run_in_realm(files.path(), &kdc.with_file_name("kdb5_util"), &create)?;
        let mut command = in_realm(&kdc, files.path());
        command.arg("-n");
        let process = Background::start(&mut command, &files.path().join("kdc.log"))?;
        let realm = Self {
            process,
            files,
            port,
        };
        wait_for("the KDC", LIMIT, || realm.probe_readiness()).map_err(|wait| {
            RealmError::Start {
                wait,
                log: realm.process.log_tail(),
            }
        })?;
        Ok(realm)
    }

    /// Makes a principal with a key of its own, and gives its keytab.
    pub fn make_keytab(&self, principal: &str) -> Result<Vec<u8>, RealmError> {
        let file = self.files.path().join("new.keytab");
        let kadmin = tools::find_tool(Tool::KadminLocal)?;
        for query in [
            format!("addprinc -randkey {principal}"),
            format!("ktadd -k {} {principal}", file.display()),
        ] {
            run_in_realm(
                self.files.path(),
                &kadmin,
                &["-r", Self::NAME, "-q", &query],
            )?;
        }
        let keytab = fs::read(&file)?;
        fs::remove_file(file)?;
        Ok(keytab)
    }

    /// The `krb5.conf` of its clients.
    pub fn render_client_config(&self) -> String {
        render_client_config(self.port)
    }

    fn probe_readiness(&self) -> Probe<()> {
        match TcpStream::connect(("127.0.0.1", self.port)) {
            Ok(_) => Probe::Ready(()),
            Err(error) if self.process.is_running() => Probe::NotYet(error.to_string()),
            Err(error) => Probe::Failed(error.to_string()),
        }
    }
}

fn render_client_config(port: u16) -> String {
    let realm = Realm::NAME;
    format!(
        "[libdefaults]
    default_realm = {realm}
    dns_lookup_kdc = false
    dns_lookup_realm = false
    udp_preference_limit = 1
[realms]
    {realm} = {{
        kdc = 127.0.0.1:{port}
    }}
"
    )
}

/// Without the PAC of Active Directory: of it MIT's KDC issues less than Vault's library asks for.
fn render_server_config(directory: &Path, port: u16) -> String {
    let (realm, directory) = (Realm::NAME, directory.display());
    format!(
        "[kdcdefaults]
    kdc_listen = 127.0.0.1:{port}
    kdc_tcp_listen = 127.0.0.1:{port}
[realms]
    {realm} = {{
        database_name = {directory}/principal
        key_stash_file = {directory}/stash
        acl_file = {directory}/acl
        disable_pac = true
    }}
[logging]
    kdc = STDERR
"
    )
}

fn in_realm(program: &Path, directory: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .env("KRB5_CONFIG", directory.join("krb5.conf"))
        .env("KRB5_KDC_PROFILE", directory.join("kdc.conf"));
    command
}

fn run_in_realm(directory: &Path, program: &Path, arguments: &[&str]) -> Result<(), RealmError> {
    let output = process::run_command(in_realm(program, directory).args(arguments), LIMIT)?;
    // kadmin.local ends with 0 whatever became of its query, and says then why on stderr.
    let failed = |line: &str| line.contains(" while ");
    if output.status.success() && !output.stderr().lines().any(failed) {
        return Ok(());
    }
    Err(RealmError::Command {
        program: program.display().to_string(),
        output: output.stdout() + &output.stderr(),
    })
}
