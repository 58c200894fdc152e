//! The role, which has an annotation of its own, becomes the method's key for it.

use serde_json::{Map, Value};

use super::login_settings::LoginSettings;
use crate::problem::{Fault, Problem, Setting};
use crate::schema::Method;

/// The method's settings with the role among them, where the method has one.
pub(super) fn merge(
    method: &Method,
    settings: &LoginSettings<'_>,
    problems: &mut Vec<Problem>,
) -> Map<String, Value> {
    let mut config = settings.config.clone();
    let problem = |fault| Problem {
        setting: Setting::Role,
        fault,
    };
    match (method.role_key, settings.role) {
        (None, None) => {}
        (None, Some(_)) => problems.push(problem(Fault::NoRole {
            method: method.name,
            sentence: method.refusal("role").unwrap_or("its settings have none"),
        })),
        (Some(key), Some(role)) => {
            if config.get(key).is_some_and(|written| written != role) {
                problems.push(problem(Fault::TwoRoles { key }));
            }
            config.insert(key.to_owned(), role.into());
        }
        (Some(key), None) => {
            let is_required = method.key(key).is_some_and(|key| key.required);
            if let Some(role) = settings.defaults.role.filter(|_| is_required) {
                config.entry(key).or_insert_with(|| role.into());
            }
        }
    }
    config
}
