//! What a program should not inherit.

use std::env;
use std::process::Command;

const PREFIXES: [&str; 5] = [
    "CARGO_BIN_",
    "CARGO_CRATE_",
    "CARGO_MANIFEST_",
    "CARGO_PKG_",
    "CARGO_PRIMARY_",
];
const NAMES: [&str; 6] = [
    "CARGO",
    "CARGO_TARGET_TMPDIR",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
    "OUT_DIR",
];

/// Keeps a command from what `make`, `cargo run` and `cargo test` tell the programs that they start.
/// Some build scripts ask to be run again when it changes, and every crate above them is then built
/// anew.
pub(crate) fn forget_cargo(command: &mut Command) {
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if NAMES.contains(&&*text) || PREFIXES.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
}
