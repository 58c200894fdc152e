//! The files that a login reads: where they lie by convention, and that the agent can see them.

use contract::paths::{AUTH, AUTH_TOKEN, AUTH_TOKEN_FILE};

use crate::problem::{Fault, list};
use crate::schema::{FileDefault, Key, Kind};
use crate::values::Values;

/// A directory that the agent's container mounts for the method's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mount<'a> {
    /// Its `mountPath`.
    pub path: &'a str,
    /// Nothing can be removed from it: the mount says so, or the volume is a Secret, a `ConfigMap`
    /// or projected.
    pub read_only: bool,
}

/// Where kubelet puts the projected token.
pub(super) fn projected_token() -> String {
    format!("{AUTH_TOKEN}/{AUTH_TOKEN_FILE}")
}

/// Whether a Secret or volume of the author's is there.
pub(super) fn is_mounted(mounts: &[Mount<'_>]) -> bool {
    mounts.iter().any(|mount| mount.path == AUTH)
}

/// What a path key is when it is left out.
pub(super) fn default(default: FileDefault, mounts: &[Mount<'_>]) -> Option<String> {
    match (default, default.file_name()) {
        (_, Some(name)) if is_mounted(mounts) => Some(format!("{AUTH}/{name}")),
        (FileDefault::MountedOrToken(_), _) => Some(projected_token()),
        _ => None,
    }
}

/// What would have made `key` complete.
pub(super) fn how_to_provide(key: &Key) -> String {
    match key.kind {
        Kind::Path(default) => default.file_name().map_or_else(
            || format!("set it in `auth-config` to a file below `{AUTH}`"),
            |name| {
                format!(
                    "mount a Secret with the key `{name}` by `auth-secret`, or a volume with that \
                     file by `auth-volume`"
                )
            },
        ),
        _ => "set it in `auth-config`".to_owned(),
    }
}

/// Refuses a path that the agent's container does not have.
pub(super) fn check(
    key: &'static Key,
    default: FileDefault,
    path: &str,
    mounts: &[Mount<'_>],
) -> Result<(), Fault> {
    let key = key.name;
    let Some(relative) = path.strip_prefix('/') else {
        return Err(Fault::RelativePath {
            key,
            example: format!("{AUTH}/{}", default.file_name().unwrap_or("ca.crt")),
        });
    };
    if relative
        .split('/')
        .any(|segment| matches!(segment, "" | "." | ".."))
    {
        return Err(Fault::PathSegment { key });
    }
    let takes_token = matches!(default, FileDefault::MountedOrToken(_));
    if mount_of(path, mounts).is_some() || (takes_token && path == projected_token()) {
        return Ok(());
    }
    Err(Fault::NotMounted {
        key,
        hint: allowed(takes_token, mounts),
    })
}

fn allowed(takes_token: bool, mounts: &[Mount<'_>]) -> String {
    let mounted = if mounts.is_empty() {
        "mount it by `auth-secret` or `auth-volume`".to_owned()
    } else {
        let paths = list(mounts.iter().map(|mount| mount.path));
        format!("name a file below {paths}")
    };
    if takes_token {
        format!("{mounted}, or leave it out for the pod's own token")
    } else {
        mounted
    }
}

/// Whether nothing can be removed where `path` lies.
pub(super) fn is_read_only(path: &str, mounts: &[Mount<'_>]) -> bool {
    mount_of(path, mounts).is_none_or(|mount| mount.read_only)
}

/// The innermost mount that `path` lies below.
fn mount_of<'a>(path: &str, mounts: &'a [Mount<'a>]) -> Option<&'a Mount<'a>> {
    mounts
        .iter()
        .filter(|mount| is_below(path, mount.path))
        .max_by_key(|mount| mount.path.len())
}

fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory.trim_end_matches('/'))
        .and_then(|rest| rest.strip_prefix('/'))
        .is_some_and(|rest| !rest.is_empty())
}

/// Whether one of the values is the projected token.
pub(super) fn reads_projected_token(values: &Values) -> bool {
    paths(values).any(|path| path == projected_token())
}

/// The files that must already be there.
pub(super) fn read(values: &Values) -> Vec<String> {
    paths(values)
        .filter(|path| *path != projected_token())
        .map(str::to_owned)
        .collect()
}

fn paths(values: &Values) -> impl Iterator<Item = &str> {
    values
        .keys()
        .filter(|key| matches!(key.kind, Kind::Path(_)))
        .filter_map(|key| values.text(key.name))
}
