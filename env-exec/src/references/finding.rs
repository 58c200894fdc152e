//! Collects what is found in one variable after the other.

use std::collections::{BTreeMap, BTreeSet};

use contract::names::SETTINGS_VARIABLE;
use templates::{EnvValue, Reference, ReferenceError, SecretReference, Selector, Template};

use super::{References, TOKEN_VARIABLE, ValueError, Variable};
use crate::embedded::Direct;
use crate::environment::Environment;
use crate::origins::{Judged, Origins};

/// What was found so far.
#[derive(Default)]
pub(super) struct Finding {
    pub(super) references: References,
    pub(super) errors: Vec<(Option<String>, ValueError)>,
}

impl Finding {
    pub(super) fn add(&mut self, index: usize, name: &str, judged: Result<Judged, ValueError>) {
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

    /// Finds the whole references of others in values that have none of their own.
    pub(super) fn embed(&mut self, environment: &Environment, origins: &Origins) {
        let found = &self.references;
        let direct = Direct::of(environment, &found.variables);
        let is_touched: BTreeSet<_> = found.variables.iter().map(|v| v.index).collect();
        let left: BTreeSet<_> = found.left.iter().chain(&found.left_json).cloned().collect();
        let mut more = Vec::new();
        for (index, (name, value)) in environment.iter().enumerate() {
            let name = name.to_string_lossy();
            if is_touched.contains(&index)
                || name == SETTINGS_VARIABLE
                || left.contains(&*name)
                || direct.find(value).is_none()
            {
                continue;
            }
            let judged = match value
                .to_str()
                .and_then(|text| Some((text, direct.embed(text)?)))
            {
                Some((text, value)) => {
                    let judged = origins.judge_embedded(&name, text, value);
                    judged.map_err(ValueError::from)
                }
                None if origins.is_text(name.as_ref().as_ref()) => Ok(Judged::Leave),
                None => Err(ValueError::NotUtf8),
            };
            more.push((index, name.into_owned(), judged));
        }
        for (index, name, judged) in more {
            self.add(index, &name, judged);
        }
        self.references
            .variables
            .sort_by_key(|variable| variable.index);
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
