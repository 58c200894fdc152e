//! The files that the agent finds by an environment variable.

use contract::paths::AUTH;

use super::files;
use super::login_settings::LoginSettings;
use crate::problem::{Fault, Problem, Setting};
use crate::schema::Method;
use crate::values::Values;

/// Every variable that this login needs, with the path of its file in the mounted Secret or volume.
/// One that the container has already is left as it is, unless a file was mounted for it.
pub(super) fn of(
    method: &'static Method,
    values: &Values,
    settings: &LoginSettings<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<(&'static str, String)> {
    let needed = method
        .variables
        .iter()
        .filter(|variable| (variable.applies)(values));
    if files::is_mounted(settings.mounts) {
        return needed
            .map(|variable| (variable.name, format!("{AUTH}/{}", variable.file)))
            .collect();
    }
    let missing =
        needed.filter(|variable| variable.required && !settings.variables.contains(&variable.name));
    problems.extend(missing.map(|variable| Problem {
        setting: Setting::Config,
        fault: Fault::MissingFile {
            method: method.name,
            variable: variable.name,
            file: variable.file,
        },
    }));
    Vec::new()
}
