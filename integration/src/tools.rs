//! Programs that the tests need and this machine may lack.
//!
//! [`find_tool`] takes the first of: the one that an environment variable names (`VAULT_BIN`,
//! `KUBE_APISERVER_BIN`, …); one on `PATH` whose version fits; a pinned one, which it builds or
//! installs once. Pinned builds are kept under `${XDG_CACHE_HOME:-~/.cache}/tokenpipe/tools`, in
//! a directory per digest of what they are built from.

mod apt;
mod cache;
mod catalog;
mod crates;
mod error;
mod go;
mod module;
mod python;
mod version;

use std::env;
use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

pub use catalog::Tool;
pub use error::ToolError;
pub use version::Version;

use crate::process::{self, ProcessError};
use catalog::Source;

/// Finds a program, and builds or installs it if need be.
pub fn find_tool(tool: Tool) -> Result<PathBuf, ToolError> {
    find_all(&[tool]).map(|mut paths| paths.swap_remove(0))
}

/// Finds several programs, in the order asked for; what must be built is built together.
pub fn find_all(tools: &[Tool]) -> Result<Vec<PathBuf>, ToolError> {
    let mut missing = Vec::new();
    let mut paths = Vec::new();
    for &tool in tools {
        let found = find_installed(tool)?;
        if found.is_none() && !missing.contains(&tool) {
            missing.push(tool);
        }
        paths.push(found);
    }
    let obtained = obtain_missing(&missing)?;
    let lookup = |tool| {
        obtained
            .iter()
            .find(|(name, _)| *name == tool)
            .map(|(_, path)| path)
    };
    tools
        .iter()
        .zip(paths)
        .map(|(&tool, path)| {
            path.or_else(|| lookup(tool).cloned())
                .ok_or_else(|| ToolError::Absent(tool.name().to_owned()))
        })
        .collect()
}

/// Whether a program is there, so that nothing has to be built or installed for it.
pub fn is_there(tool: Tool) -> Result<bool, ToolError> {
    if find_installed(tool)?.is_some() {
        return Ok(true);
    }
    match module::MODULES.iter().find(|module| module.has_tool(tool)) {
        Some(module) => module.has_built(tool),
        None => Ok(false),
    }
}

/// The one that the variable names, or one on `PATH` that fits.
fn find_installed(tool: Tool) -> Result<Option<PathBuf>, ToolError> {
    if let Some(path) = env::var_os(tool.variable()).filter(|path| !path.is_empty()) {
        return check_explicit(tool, &path).map(Some);
    }
    // One on `PATH` is some environment's, and need not say which version it is.
    if matches!(tool.source(), Source::Python { .. }) {
        return Ok(None);
    }
    Ok(search_path()
        .into_iter()
        .map(|directory| directory.join(tool.name()))
        .find(|path| is_executable(path) && matches!(find_old_version(tool, path), Ok(None))))
}

fn check_explicit(tool: Tool, path: &OsStr) -> Result<PathBuf, ToolError> {
    let path = PathBuf::from(path);
    if !is_executable(&path) {
        return Err(ToolError::NotExecutable { tool, path });
    }
    match find_old_version(tool, &path)? {
        None => Ok(path),
        Some(found) => Err(ToolError::TooOld { tool, path, found }),
    }
}

/// If the program is too old, what it says that it is.
fn find_old_version(tool: Tool, path: &Path) -> Result<Option<String>, ProcessError> {
    const LIMIT: Duration = Duration::from_secs(20);
    let Some((arguments, oldest)) = tool.oldest_version() else {
        return Ok(None);
    };
    let output = process::run_command(Command::new(path).args(arguments), LIMIT)?;
    Ok(match Version::find(&output.stdout()) {
        Some(version) if version >= oldest => None,
        Some(version) => Some(version.to_string()),
        None => Some("of an unknown version".to_owned()),
    })
}

fn obtain_missing(missing: &[Tool]) -> Result<Vec<(Tool, PathBuf)>, ToolError> {
    let mut obtained = Vec::new();
    for module in module::MODULES {
        let of_module: Vec<_> = missing
            .iter()
            .copied()
            .filter(|tool| module.has_tool(*tool))
            .collect();
        obtained.extend(module.obtain_tools(&of_module)?);
    }
    for &tool in missing {
        match tool.source() {
            Source::Go { .. } => {}
            Source::Debian { package } => obtained.push((tool, apt::install_tool(tool, package)?)),
            Source::Crate { version } => {
                obtained.push((tool, crates::obtain_crate(tool, version)?));
            }
            Source::Python {
                module,
                requirements,
            } => obtained.push((tool, python::obtain_program(tool, module, requirements)?)),
        }
    }
    Ok(obtained)
}

/// Where this project keeps what is the user's and not the repository's:
/// `${XDG_CACHE_HOME:-~/.cache}/tokenpipe`.
pub(crate) fn cache_directory() -> Result<PathBuf, ToolError> {
    cache::root_directory()
}

/// Where the sources lie that a program is built from, for what else they hold.
pub fn find_sources(tool: Tool) -> Result<PathBuf, ToolError> {
    match module::MODULES.iter().find(|module| module.has_tool(tool)) {
        Some(module) => module.find_files(),
        None => Err(ToolError::Absent(format!("sources of {}", tool.name()))),
    }
}

/// The directory of the plugins of the Container Network Interface, which is on no `PATH`.
pub fn cni_plugins() -> Result<PathBuf, ToolError> {
    const PLACES: [&str; 2] = ["/usr/lib/cni", "/opt/cni/bin"];
    const NEEDED: [&str; 3] = ["bridge", "host-local", "loopback"];
    let find = || {
        let has_all = |place: &PathBuf| {
            NEEDED
                .iter()
                .all(|plugin| is_executable(&place.join(plugin)))
        };
        PLACES.map(PathBuf::from).into_iter().find(has_all)
    };
    match find() {
        Some(place) => Ok(place),
        None => apt::install_package("containernetworking-plugins", "the CNI plugins", find),
    }
}

/// The directory of `PostgreSQL`'s own programs, which is on no `PATH` either.
pub fn find_postgresql() -> Result<PathBuf, ToolError> {
    const PLACE: &str = "/usr/lib/postgresql";
    let find = || {
        let versions = std::fs::read_dir(PLACE).ok()?.flatten();
        let mut places: Vec<_> = versions.map(|version| version.path().join("bin")).collect();
        places.sort();
        places.retain(|place| {
            ["initdb", "postgres", "psql"]
                .iter()
                .all(|name| is_executable(&place.join(name)))
        });
        places.pop()
    };
    match find() {
        Some(place) => Ok(place),
        None => apt::install_package("postgresql", "PostgreSQL", find),
    }
}

/// The directories of `PATH`, and those of system programs, which a user's `PATH` may lack.
fn search_path() -> Vec<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/local/sbin", "/usr/sbin", "/sbin"].map(PathBuf::from);
    env::split_paths(&path).chain(system).collect()
}

pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    search_path()
        .into_iter()
        .map(|directory| directory.join(name))
        .find(|path| is_executable(path))
}

fn is_executable(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests;
