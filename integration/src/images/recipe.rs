//! Which images there are, and what each is made from.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{ImageError, postgres};
use crate::digest::hash_sha256;
use crate::tools::{self, Tool};
use crate::{process, product};

/// The vendor's image, as the chart and our Containerfiles name it.
const VAULT: &str = "hashicorp/vault:1.21.1";
/// The same of env-exec's.
const ENV_EXEC: &str = concat!("tokenpipe/env-exec:", env!("CARGO_PKG_VERSION"));

/// An image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the images")]
pub enum Image {
    EnvExec,
    Tokenpipe,
    /// Vault's image with env-exec in it.
    Agent,
    /// Vault as the tests build it, in place of the vendor's image.
    Vault,
    /// A shell for the tests' programs.
    Shell,
    /// A database for the tests' programs, and its client.
    Postgres,
    /// What holds the namespaces of a pod.
    Pause,
}

impl Image {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::EnvExec,
        Self::Tokenpipe,
        Self::Vault,
        Self::Agent,
        Self::Shell,
        Self::Postgres,
        Self::Pause,
    ];

    /// Its name, without what tells its states apart.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EnvExec => "tokenpipe/env-exec",
            Self::Tokenpipe => "tokenpipe/tokenpipe",
            Self::Agent => "tokenpipe/agent",
            Self::Vault => "tokenpipe-test/vault",
            Self::Shell => "tokenpipe-test/shell",
            Self::Postgres => "tokenpipe-test/postgres",
            Self::Pause => "tokenpipe-test/pause",
        }
    }

    /// What the chart, its README or `examples/web.yaml` calls it, as a registry has it.
    pub const fn published_name(self) -> Option<&'static str> {
        match self {
            Self::EnvExec => Some(ENV_EXEC),
            Self::Tokenpipe => Some(concat!("tokenpipe/tokenpipe:", env!("CARGO_PKG_VERSION"))),
            Self::Vault => Some(VAULT),
            // Of the same programs.
            Self::Shell => Some("library/busybox:1.37"),
            _ => None,
        }
    }

    /// The images that its Containerfile names, and what it calls them.
    pub(super) const fn bases(self) -> &'static [(Self, &'static str)] {
        match self {
            Self::Agent => &[(Self::Vault, VAULT), (Self::EnvExec, ENV_EXEC)],
            _ => &[],
        }
    }

    pub(super) fn containerfile(self) -> PathBuf {
        let directory = match self {
            Self::EnvExec => "../images/env-exec",
            Self::Tokenpipe => "../images/tokenpipe",
            Self::Agent => "../images/agent",
            Self::Vault => "images/vault",
            Self::Shell => "images/shell",
            Self::Postgres => "images/postgres",
            Self::Pause => "images/pause",
        };
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(directory)
            .join("Containerfile")
    }

    /// The programs that it holds: where each is, and where its Containerfile looks for it.
    fn list_programs(self) -> Result<Vec<(PathBuf, &'static str)>, ImageError> {
        let tool = |tool: Tool| Ok::<_, ImageError>((tools::find_tool(tool)?, tool.name()));
        Ok(match self {
            Self::EnvExec => vec![(product::find_env_exec()?.to_owned(), "env-exec")],
            Self::Tokenpipe => vec![(product::find_tokenpipe()?.to_owned(), "tokenpipe")],
            Self::Agent => vec![],
            Self::Vault => vec![
                tool(Tool::Vault)?,
                tool(Tool::VaultPluginAuthKubernetes)?,
                tool(Tool::VaultPlugins)?,
            ],
            Self::Shell => vec![(tools::find_tool(Tool::Busybox)?, "bin/busybox")],
            // Its other files are of the same package.
            Self::Postgres => vec![(tools::find_postgresql()?.join("postgres"), "postgres")],
            Self::Pause => vec![tool(Tool::Catatonit)?],
        })
    }

    /// Twelve hexadecimal digits that change with anything that it is made from.
    pub(super) fn compute_state(self) -> Result<String, ImageError> {
        let mut parts = hash_sha256(&read_file(&self.containerfile())?);
        for (program, _) in self.list_programs()? {
            parts.push_str(&hash_sha256(&read_file(&program)?));
        }
        for (base, _) in self.bases() {
            parts.push_str(&base.compute_state()?);
        }
        Ok(hash_sha256(parts.as_bytes())[..12].to_owned())
    }

    /// Puts what the Containerfile copies into a directory.
    pub(super) fn fill_context(self, context: &Path) -> Result<(), ImageError> {
        if self == Self::Postgres {
            return postgres::fill_context(context);
        }
        for (program, name) in self.list_programs()? {
            let to = context.join(name);
            if let Some(directory) = to.parent() {
                fs::create_dir_all(directory)?;
            }
            fs::copy(&program, &to).map_err(|source| ImageError::File {
                path: program,
                source,
            })?;
            fs::set_permissions(&to, fs::Permissions::from_mode(0o755))?;
            if self == Self::Shell {
                link_applets(&to)?;
            }
        }
        Ok(())
    }
}

/// busybox is each of its programs, by the name that it is called by.
pub(super) fn link_applets(busybox: &Path) -> Result<(), ImageError> {
    const LIMIT: Duration = Duration::from_secs(20);
    let list = process::run_command(Command::new(busybox).arg("--list"), LIMIT)?;
    for name in list.stdout().lines().filter(|name| *name != "busybox") {
        symlink("busybox", busybox.with_file_name(name))?;
    }
    Ok(())
}

fn read_file(path: &Path) -> Result<Vec<u8>, ImageError> {
    fs::read(path).map_err(|source| ImageError::File {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_containerfile_names_its_bases_as_they_are_stored() {
        for image in Image::ALL {
            let text = fs::read_to_string(image.containerfile()).unwrap();
            let named = text
                .lines()
                .filter(|line| line.starts_with("FROM ") && *line != "FROM scratch");
            let copied = text.lines().filter(|line| line.contains("--from="));
            assert_eq!(
                named.chain(copied).count(),
                image.bases().len(),
                "{image:?}"
            );
            for (_, name) in image.bases() {
                assert!(text.contains(name), "{image:?}: {name}");
            }
        }
    }
}
