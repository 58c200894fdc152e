//! The few names and types that the webhook and env-exec must agree on. No I/O, no async.
//!
//! The webhook writes [`Settings`] into one variable of each container that runs env-exec, and
//! mounts volumes at the places that [`paths`] names; env-exec reads both and ends with one of
//! the codes of [`ExitCode`], which the webhook's restart rule and the user's scripts refer to.
//!
//! | file | holds |
//! |---|---|
//! | [`names`] | annotation prefix, container and volume names, the one variable |
//! | [`paths`] | where our volumes are mounted and what lies in them |
//! | [`settings`] | what the webhook tells env-exec |
//! | [`sources`] | where a variable's value comes from, and what it may ask of Vault |
//! | [`duration`] | durations as Vault and Go write them |
//! | [`exit`] | exit codes of env-exec |
//! | [`limits`] | what the kernel takes, and what an author, a server or a file may cost |
//! | [`message`] | messages of bounded length, and how many words one has |
//! | [`startup_names`] | variables that only the pod's author may have a secret set |
//! | [`mod@nearest`] | "did you mean" |

#![forbid(unsafe_code)]

pub mod duration;
pub mod exit;
pub mod limits;
pub mod message;
pub mod names;
pub mod nearest;
pub mod paths;
pub mod settings;
pub mod sources;
pub mod startup_names;

pub use exit::ExitCode;
pub use nearest::{did_you_mean, did_you_mean_or, nearest, suggest};
pub use settings::{
    AgentFile, AgentSettings, Connection, ExecSettings, LogFormat, Restart, Settings,
};
pub use sources::{Permissions, Source, Sources, Use};
