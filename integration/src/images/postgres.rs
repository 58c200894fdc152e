//! What the image of `PostgreSQL` holds: the distribution's programs, where they expect each other.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::ImageError;
use super::recipe::link_applets;
use crate::process;
use crate::tools::{self, Tool};

const LIMIT: Duration = Duration::from_secs(60);
const PROGRAMS: [&str; 3] = ["initdb", "postgres", "psql"];
/// Modules that a new database asks for.
const MODULES: [&str; 2] = ["dict_snowball.so", "plpgsql.so"];
/// That of Vault's connections.
const TIME_ZONE: &str = "/usr/share/zoneinfo/UTC";
/// Its user, which must have a name.
const PASSWD: &str = "postgres:x:70:70::/tmp:/bin/sh\n";

/// Puts the image's files below `root` in a directory.
pub(super) fn fill_context(context: &Path) -> Result<(), ImageError> {
    let root = context.join("root");
    fs::create_dir_all(root.join("etc"))?;
    fs::create_dir_all(root.join("bin"))?;
    fs::write(root.join("etc/passwd"), PASSWD)?;
    let busybox = root.join("bin/busybox");
    fs::copy(tools::find_tool(Tool::Busybox)?, &busybox)?;
    link_applets(&busybox)?;

    let programs = tools::find_postgresql()?;
    let version = programs.parent().unwrap_or(&programs);
    let mut files: BTreeSet<PathBuf> = PROGRAMS.iter().map(|name| programs.join(name)).collect();
    files.extend(MODULES.iter().map(|name| version.join("lib").join(name)));
    for file in files.clone() {
        files.extend(list_libraries(&file)?);
    }
    files.insert(PathBuf::from(TIME_ZONE));
    // `/usr/lib/postgresql/15` has its data in `/usr/share/postgresql/15`.
    if let Some(name) = version.file_name() {
        files.insert(Path::new("/usr/share/postgresql").join(name));
    }
    let mut copy = Command::new("cp");
    copy.args(["--recursive", "--dereference", "--parents"]);
    let output = process::run_command(copy.args(files).arg(&root), LIMIT)?;
    if output.status.success() {
        Ok(())
    } else {
        Err(std::io::Error::other(output.stderr()).into())
    }
}

/// The shared libraries of a program, and what loads them.
fn list_libraries(program: &Path) -> Result<Vec<PathBuf>, ImageError> {
    let output = process::run_command(Command::new("ldd").arg(program), LIMIT)?;
    let paths = output.stdout();
    let paths = paths
        .split_whitespace()
        .filter(|word| word.starts_with('/'));
    Ok(paths.map(PathBuf::from).collect())
}
