//! Collects what is found in one variable after the other.

use std::collections::BTreeMap;

use templates::{EnvValue, Reference, ReferenceError, SecretReference, Selector, Template};

use super::{References, TOKEN_VARIABLE, ValueError, Variable};
use crate::origins::Judged;

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
