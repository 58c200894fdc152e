//! A real LDAP directory: `slapd` of the distribution, with a few users, in a directory of its own.

use std::fs;
use std::io;
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

const LIMIT: Duration = Duration::from_secs(30);

/// What all names end with.
const SUFFIX: &str = "dc=shop,dc=example";

/// A running directory. It ends when this is dropped.
pub struct Directory {
    // Before the directory that it works in.
    process: Background,
    _files: TempDir,
    url: String,
}

/// A directory that could not be started.
#[derive(Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum DirectoryError {
    #[error(transparent)]
    Tool(#[from] ToolError),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("slapadd failed:\n{0}")]
    Add(String),
    #[error("{wait}; the end of its log:\n{log}")]
    Start { wait: WaitError, log: String },
}

debug_is_display!(DirectoryError);

impl Directory {
    /// Where the users are.
    pub const USERS: &'static str = "ou=people,dc=shop,dc=example";

    /// Where the groups are.
    pub const GROUPS: &'static str = "ou=groups,dc=shop,dc=example";

    /// Starts one that holds these users (name and password) in one group.
    pub fn start(users: &[(&str, &str)], group: &str) -> Result<Self, DirectoryError> {
        let lost = |error: &DirectoryError| match error {
            DirectoryError::Start { log, .. } => log.contains("in use"),
            _ => false,
        };
        start_on_free_ports(|| Self::start_once(users, group), lost)
    }

    fn start_once(users: &[(&str, &str)], group: &str) -> Result<Self, DirectoryError> {
        let slapd = tools::find_tool(Tool::Slapd)?;
        let files = temp::create_directory("directory")?;
        let config = files.path().join("slapd.conf");
        fs::create_dir(files.path().join("data"))?;
        fs::write(&config, render_configuration(files.path()))?;
        let entries = files.path().join("entries.ldif");
        fs::write(&entries, render_ldif(users, group))?;
        // Of the same package.
        let mut add = Command::new(slapd.with_file_name("slapadd"));
        add.arg("-f").arg(&config).arg("-l").arg(&entries);
        let output = process::run_command(&mut add, LIMIT)?;
        if !output.status.success() {
            return Err(DirectoryError::Add(output.stderr()));
        }
        let url = format!("ldap://127.0.0.1:{}", free_port()?);
        let mut command = Command::new(slapd);
        command
            .env_clear()
            .args(["-d", "stats", "-h", &url, "-f"])
            .arg(&config);
        let process = Background::start(&mut command, &files.path().join("slapd.log"))?;
        let directory = Self {
            process,
            _files: files,
            url,
        };
        wait_for("the LDAP directory", LIMIT, || directory.probe_readiness()).map_err(|wait| {
            DirectoryError::Start {
                wait,
                log: directory.process.log_tail(),
            }
        })?;
        Ok(directory)
    }

    /// Where it answers.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn probe_readiness(&self) -> Probe<()> {
        match self.process.log() {
            log if log.contains("slapd starting") => Probe::Ready(()),
            log if self.process.is_running() => Probe::NotYet(log),
            log => Probe::Failed(log),
        }
    }
}

fn render_configuration(directory: &Path) -> String {
    let directory = directory.display();
    format!(
        "include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {directory}/slapd.pid
database mdb
maxsize 16777216
suffix \"{SUFFIX}\"
directory {directory}/data
"
    )
}

fn render_ldif(users: &[(&str, &str)], group: &str) -> String {
    let (people, groups) = (Directory::USERS, Directory::GROUPS);
    let entry = |(name, password): &(&str, &str)| {
        format!(
            "
dn: cn={name},{people}
objectClass: inetOrgPerson
cn: {name}
sn: {name}
userPassword: {password}
"
        )
    };
    let member = |(name, _): &(&str, &str)| format!("member: cn={name},{people}\n");
    let entries: Vec<_> = users.iter().map(entry).collect();
    let members: Vec<_> = users.iter().map(member).collect();
    format!(
        "dn: {SUFFIX}
objectClass: dcObject
objectClass: organization
o: shop
dc: shop

dn: {people}
objectClass: organizationalUnit
ou: people

dn: {groups}
objectClass: organizationalUnit
ou: groups
{}
dn: cn={group},{groups}
objectClass: groupOfNames
cn: {group}
{}",
        entries.concat(),
        members.concat()
    )
}
