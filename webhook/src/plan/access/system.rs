//! Directories that a volume of the agent's container must not take the place of.

use crate::pod::ContainerPath;

/// Where images have programs, their libraries and the authorities that they trust.
const SYSTEM: [&str; 13] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc/ca-certificates",
    "/etc/pki",
    "/etc/ssl",
    "/lib",
    "/lib64",
    "/proc",
    "/sbin",
    "/sys",
    "/usr",
    "/var/lib/ca-certificates",
];

/// Whether a volume at this path would hide any of them, or a part of one.
pub(super) fn is_hidden_by_volume_at(path: &str) -> bool {
    SYSTEM
        .iter()
        .any(|system| is_at_or_below(path, system) || is_at_or_below(system, path))
}

pub(super) fn is_at_or_below(path: &str, directory: &str) -> bool {
    ContainerPath::new(path).is_at_or_below(directory)
}
