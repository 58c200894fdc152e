//! Finds the references in one variable after the other.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use contract::names::SETTINGS_VARIABLE;
use templates::{
    EnvValue, FromPath, Reference, ReferenceError, SecretReference, Selector, Template,
};

use super::{References, TOKEN_VARIABLE, ValueError, Variable};
use crate::environment::Environment;
use crate::origins::{Judged, Origins};
use crate::per_variable::PerVariable;

impl References {
    /// Finds them; all values that are wrong are named together.
    pub(crate) fn find(
        environment: &Environment,
        from_paths: Vec<FromPath>,
        origins: &Origins,
    ) -> Result<Self, PerVariable<ValueError>> {
        let mut found = Finding::default();
        for (index, (name, value)) in environment.iter().enumerate() {
            if name == SETTINGS_VARIABLE {
                continue;
            }
            let name = name.to_string_lossy();
            let judged = judge(&name, value, origins, environment);
            found.add(index, &name, judged);
        }
        if !found.errors.is_empty() {
            return Err(PerVariable(found.errors));
        }
        Ok(Self {
            from_paths,
            ..found.references
        })
    }
}

/// What was found so far.
#[derive(Default)]
struct Finding {
    references: References,
    errors: Vec<(Option<String>, ValueError)>,
}

impl Finding {
    fn add(&mut self, index: usize, name: &str, judged: Result<Judged, ValueError>) {
        let found = &mut self.references;
        let resolved = judged.and_then(|judged| {
            match judged {
                Judged::ResolvePart(_) | Judged::Leave => found.left.push(name.to_owned()),
                Judged::LeaveJson => found.left_json.push(name.to_owned()),
                Judged::Resolve(_) => {}
            }
            prepare(name, judged, &mut found.templates)
        });
        match resolved {
            Ok(EnvValue::Plain) => {}
            Ok(value) => found.variables.push(Variable {
                index,
                name: name.to_owned(),
                value,
            }),
            Err(error) => self.errors.push((Some(name.to_owned()), error)),
        }
    }
}

/// What is to be resolved, with its templates parsed before anything is asked of Vault.
fn prepare(
    name: &str,
    judged: Judged,
    templates: &mut BTreeMap<String, Template>,
) -> Result<EnvValue, ValueError> {
    let (Judged::Resolve(value) | Judged::ResolvePart(value)) = judged else {
        return Ok(EnvValue::Plain);
    };
    let is_token = value == EnvValue::Direct(Reference::Login) && name == TOKEN_VARIABLE;
    if !is_token && value.references().any(|found| *found == Reference::Login) {
        return Err(ReferenceError::Login.into());
    }
    for reference in value.references() {
        if let Reference::Secret(SecretReference {
            selector: Selector::Template(source),
            ..
        }) = reference
            && !templates.contains_key(source)
        {
            templates.insert(source.clone(), Template::parse(source)?);
        }
    }
    Ok(value)
}

/// Parses a value and applies the rule about its source.
fn judge(
    name: &str,
    value: &OsStr,
    origins: &Origins,
    environment: &Environment,
) -> Result<Judged, ValueError> {
    if let Some(text) = value.to_str() {
        return origins.judge(name, text, environment);
    }
    match EnvValue::parse(&value.to_string_lossy()) {
        Ok(EnvValue::Plain) => Ok(Judged::Resolve(EnvValue::Plain)),
        _ if origins.skips(name) => Ok(Judged::Resolve(EnvValue::Plain)),
        _ if origins.is_text(name.as_ref()) => Ok(Judged::Leave),
        _ => Err(ValueError::NotUtf8),
    }
}
