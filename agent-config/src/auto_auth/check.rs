//! Each key of a method against its table: what was written, else its default.

mod typed;
mod unknown;

use contract::names::ANNOTATION_PREFIX;
use serde_json::{Map, Value};

use super::files::{self, Mount};
use super::login_settings::LoginSettings;
use crate::flavour::Flavour;
use crate::problem::{Fault, Problem, Setting};
use crate::schema::{Key, Kind, Method};
use crate::values::Values;

/// The values of the method's keys, defaults among them; what is wrong goes to `problems`.
pub(super) fn values(
    method: &'static Method,
    flavour: Flavour,
    mut config: Map<String, Value>,
    settings: &LoginSettings<'_>,
    problems: &mut Vec<Problem>,
) -> Values {
    let mut values = Values::default();
    let mut failed = Vec::new();
    for key in method
        .keys
        .iter()
        .filter(|key| key.flavours.include(flavour))
    {
        // What is removed is not known, and why is told already.
        if matches!(key.kind, Kind::Removal { file } if failed.contains(&file)) {
            config.remove(key.name);
            continue;
        }
        let written = config.remove(key.name);
        match value(method, key, written.as_ref(), &values, settings) {
            Ok(Some(value)) => values.insert(key, value, written.is_some()),
            Ok(None) => {}
            Err(fault) => {
                failed.push(key.name);
                problems.push(Problem {
                    setting: setting(method, key, settings),
                    fault,
                });
            }
        }
    }
    problems.extend(config.keys().map(|name| Problem {
        setting: Setting::Config,
        fault: unknown::fault(method, flavour, name),
    }));
    values
}

/// Where the value of `key` was written, or should be.
fn setting(method: &Method, key: &Key, settings: &LoginSettings<'_>) -> Setting {
    let is_role = method.role_key == Some(key.name);
    if is_role && (settings.role.is_some() || !settings.config.contains_key(key.name)) {
        Setting::Role
    } else {
        Setting::Config
    }
}

/// The value of one key in the type of the output; `None`: the key stays out.
fn value(
    method: &Method,
    key: &'static Key,
    written: Option<&Value>,
    before: &Values,
    settings: &LoginSettings<'_>,
) -> Result<Option<Value>, Fault> {
    let mounts = settings.mounts;
    let written = written
        .map(|written| typed::value(key, written, mounts, settings.allow_inline_credentials))
        .transpose()?;
    match (key.kind, written) {
        (Kind::Removal { file }, written) => removal(key, file, written.flatten(), before, mounts),
        (_, Some(value)) => Ok(value),
        (_, None) => default(method, key, mounts),
    }
}

/// Whether the agent removes `file`. It does so as soon as it has read it, also when the login then
/// fails, so left out it means no.
fn removal(
    key: &'static Key,
    file: &'static str,
    written: Option<Value>,
    before: &Values,
    mounts: &[Mount<'_>],
) -> Result<Option<Value>, Fault> {
    let key = key.name;
    let Some(path) = before.text(file) else {
        return match written {
            Some(_) => Err(Fault::NothingToRemove { key, file }),
            None => Ok(None),
        };
    };
    let value = written.unwrap_or(Value::Bool(false));
    if value == Value::Bool(true) && files::is_read_only(path, mounts) {
        return Err(Fault::ReadOnly { key, file });
    }
    Ok(Some(value))
}

fn default(
    method: &Method,
    key: &'static Key,
    mounts: &[Mount<'_>],
) -> Result<Option<Value>, Fault> {
    let path = match key.kind {
        Kind::Path(default) => files::default(default, mounts),
        _ => None,
    };
    match path {
        Some(path) => Ok(Some(path.into())),
        None if key.required => Err(Fault::Missing {
            method: method.name,
            key: key.name,
            hint: if method.role_key == Some(key.name) {
                format!(
                    "set this annotation on the pod template (`spec.template.metadata`), or \
                     {ANNOTATION_PREFIX}inject to \"false\""
                )
            } else {
                files::how_to_provide(key)
            },
        }),
        None => Ok(None),
    }
}
