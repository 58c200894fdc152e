//! The settings variable must fit into what the kernel takes.

use contract::names::SETTINGS_VARIABLE;
use contract::{Settings, limits};

use super::init::settings_json;
use super::refusal::Refusal;

/// Told here, because at the container's start it would be no more than "argument list too long".
pub(super) fn check(container: &str, settings: &Settings) -> Result<(), Refusal> {
    let bytes = SETTINGS_VARIABLE.len() + "=".len() + settings_json(settings).len() + "\0".len();
    if bytes <= limits::LONGEST_STRING {
        return Ok(());
    }
    Err(Refusal::TooLarge {
        container: container.to_owned(),
        bytes,
    })
}
