//! From answers to values. Pure.

mod error;
mod left_out;
pub(crate) mod options;

use std::collections::BTreeMap;
use std::time::Duration;

use contract::names::is_any_variable_name;
use contract::startup_names;
use secrecy::{ExposeSecret as _, SecretString};
use templates::{
    Data, EnvValue, Names, NotScalar, Part, Reference, Request, SecretReference, Selector,
    TemplateError,
};

pub(crate) use error::{RenderError, TransitError};
use left_out::LeftOut;
use options::Options;

use crate::environment::{Resolved, SecretBytes};
use crate::fetch::Fetched;
use crate::foreign;
use crate::lease::Life;
use crate::per_variable::PerVariable;
use crate::references::References;
use crate::token::Token;
use crate::vault::{Answer, Secret, VaultError};

/// What Vault gave.
pub(crate) struct Answers {
    /// By question.
    pub(crate) fetched: Fetched,
    /// By ciphertext.
    pub(crate) plaintexts: BTreeMap<String, Result<SecretBytes, TransitError>>,
    /// What is left of the token, asked if something was leased; `None` for ever.
    pub(crate) token_ttl: Result<Option<Duration>, VaultError>,
    /// The token itself, for `vault:login`.
    pub(crate) token: Option<Token>,
}

/// Gives every variable its value, or all errors together. One template may work for a second, and
/// there may be many: `go_on` is asked before each whether to.
pub(crate) fn all<E: From<PerVariable<RenderError>>>(
    references: &References,
    answers: &Answers,
    options: Options,
    mut go_on: impl FnMut() -> Result<(), E>,
) -> Result<Resolved, E> {
    let renderer = Renderer {
        references,
        answers,
        options,
    };
    let mut resolved = Resolved::default();
    let mut errors = Vec::new();
    for variable in &references.variables {
        go_on()?;
        match renderer.value(&variable.value) {
            Ok(value) => {
                resolved.values.insert(variable.index, value);
            }
            Err(error) if options.ignore_missing && error.is_missing() => {
                resolved.values.insert(variable.index, None);
            }
            Err(error) => errors.push((Some(variable.name.clone()), error)),
        }
    }
    for entry in &references.from_paths {
        match renderer.whole_path(&entry.request, entry.optional) {
            Ok(found) => {
                resolved
                    .warnings
                    .extend(left_out::warning(entry.request.path(), &found.left_out));
                resolved.from_paths.extend(found.variables);
            }
            Err(error) => errors.push((None, error)),
        }
    }
    if errors.is_empty() {
        Ok(resolved)
    } else {
        Err(PerVariable(errors).into())
    }
}

/// Which answers were leased, and for how long.
pub(crate) fn leases(fetched: &Fetched) -> impl Iterator<Item = (&Request, Duration)> {
    fetched.iter().filter_map(|(request, answer)| match answer {
        Ok(Answer::Found(secret)) => Some((request, secret.lease?)),
        _ => None,
    })
}

/// What one path gives.
#[derive(Default)]
struct WholePath {
    variables: Vec<(String, SecretBytes)>,
    left_out: Vec<LeftOut>,
}

/// What becomes of a key of a whole path.
enum Wanted<'k> {
    As(&'k str),
    Not,
    /// It can be no variable's name.
    Impossible,
}

struct Renderer<'a> {
    references: &'a References,
    answers: &'a Answers,
    options: Options,
}

impl Renderer<'_> {
    fn value(&self, value: &EnvValue) -> Result<Option<SecretBytes>, RenderError> {
        match value {
            EnvValue::Plain => Ok(None),
            EnvValue::Direct(reference) => self.reference(reference),
            EnvValue::Text(parts) => self.text(parts).map(Some),
        }
    }

    fn text(&self, parts: &[Part]) -> Result<SecretBytes, RenderError> {
        let mut bytes = Vec::new();
        for part in parts {
            match part {
                Part::Text(text) => bytes.extend_from_slice(text.as_bytes()),
                Part::Reference(reference) => {
                    if let Some(value) = self.reference(reference)? {
                        bytes.extend_from_slice(value.expose_secret());
                    }
                }
            }
        }
        Ok(bytes.into())
    }

    fn reference(&self, reference: &Reference) -> Result<Option<SecretBytes>, RenderError> {
        match reference {
            Reference::Login => match &self.answers.token {
                Some(token) => Ok(Some(token.expose().as_bytes().to_vec().into())),
                None => Err(RenderError::NoToken),
            },
            Reference::Transit(ciphertext) => match self.answers.plaintexts.get(ciphertext) {
                Some(Ok(plaintext)) => Ok(Some(plaintext.clone())),
                Some(Err(error)) => Err(error.clone().into()),
                None => Err(TransitError::NoKey.into()),
            },
            Reference::Secret(reference) => self.secret(reference),
        }
    }

    fn secret(&self, reference: &SecretReference) -> Result<Option<SecretBytes>, RenderError> {
        let path = reference.request.path().as_str();
        let found = self.found(&reference.request, reference.optional)?;
        match (&reference.selector, found) {
            (Selector::Key { .. }, None) => Ok(None),
            (Selector::Key { name, optional }, Some(secret)) => {
                key(path, &secret.data, name, *optional)
            }
            (Selector::Template(source), found) => {
                let empty = Data::default();
                let data = found.map_or(&empty, |secret| &secret.data);
                self.template(path, source, data)
                    .map(|text| Some(bytes(&text)))
            }
        }
    }

    /// The answer's fields; nothing if there are none and there need not be.
    fn found(&self, request: &Request, optional: bool) -> Result<Option<&Secret>, RenderError> {
        let secret = match self.answers.fetched.get(request) {
            Some(Ok(Answer::Found(secret))) => secret,
            Some(Ok(Answer::Absent(_))) if optional => return Ok(None),
            Some(Ok(Answer::Absent(absence))) => return Err(RenderError::Absent(absence.clone())),
            Some(Err(error)) => return Err(error.clone().into()),
            None => return Err(VaultError::OutOfTime(Duration::ZERO).into()),
        };
        if let (Some(lease), Some(wanted)) = (secret.lease, self.options.min_lease) {
            self.check_life(request, lease, wanted)?;
        }
        Ok(Some(secret))
    }

    fn check_life(
        &self,
        request: &Request,
        lease: Duration,
        wanted: Duration,
    ) -> Result<(), RenderError> {
        let path = || request.path().to_string();
        match &self.answers.token_ttl {
            Ok(token) => {
                Life::new(lease, *token)
                    .at_least(wanted)
                    .map_err(|error| RenderError::Lease {
                        path: path(),
                        error,
                    })
            }
            Err(error) => Err(RenderError::LifeUnknown {
                path: path(),
                error: error.clone(),
            }),
        }
    }

    fn template(&self, path: &str, source: &str, data: &Data) -> Result<SecretString, RenderError> {
        let wrong = |error: TemplateError| RenderError::Template {
            path: path.into(),
            error: Box::new(error.quote_names(foreign::quote)),
        };
        match self.references.templates.get(source) {
            Some(template) => template.render(data, self.options.clock).map_err(wrong),
            None => Err(RenderError::NoToken),
        }
    }

    fn whole_path(&self, request: &Request, optional: bool) -> Result<WholePath, RenderError> {
        let path = request.path().as_str();
        let secret = match self.found(request, optional) {
            Ok(Some(secret)) => secret,
            Ok(None) => return Ok(WholePath::default()),
            Err(error) if self.options.ignore_missing && error.is_missing() => {
                return Ok(WholePath::default());
            }
            Err(error) => return Err(error),
        };
        let mut found = WholePath::default();
        let mut sources = BTreeMap::new();
        for (key, value) in secret.data.iter() {
            let name = match self.variable_name(path, key)? {
                Wanted::As(name) => name,
                Wanted::Not => continue,
                Wanted::Impossible => {
                    found.left_out.push(LeftOut::new(key, "no variable name"));
                    continue;
                }
            };
            if let Some(other) = sources.insert(name, key) {
                return Err(RenderError::SameName {
                    path: path.into(),
                    keys: [other.into(), key.into()],
                    name: name.into(),
                });
            }
            match scalar(path, key, value) {
                Ok(value) => found.variables.push((name.to_owned(), value)),
                // What the author names must come.
                Err(error) if self.references.from_path_keys.contains_key(key) => {
                    return Err(error);
                }
                Err(RenderError::NotScalar { kind, .. }) => {
                    found.left_out.push(LeftOut::new(key, kind));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }

    /// The variable that a key of a whole path becomes, if any. The secret's writer chooses the
    /// keys, so those that decide more than a value need the author's word.
    fn variable_name<'k>(&'k self, path: &str, key: &'k str) -> Result<Wanted<'k>, RenderError> {
        if let Some(named) = self.references.from_path_keys.get(key) {
            return Ok(named.as_deref().map_or(Wanted::Not, Wanted::As));
        }
        if !is_any_variable_name(key) {
            return Ok(Wanted::Impossible);
        }
        match startup_names::decides(key) {
            None => Ok(Wanted::As(key)),
            Some(decides) => Err(RenderError::StartupName {
                path: path.into(),
                key: key.into(),
                decides,
            }),
        }
    }
}

fn key(
    path: &str,
    data: &Data,
    name: &str,
    optional: bool,
) -> Result<Option<SecretBytes>, RenderError> {
    match data.get(name) {
        Some(value) => scalar(path, name, value).map(Some),
        None if optional => Ok(None),
        None => Err(RenderError::NoKey {
            path: path.into(),
            key: name.into(),
            hint: missing_key(name, data),
        }),
    }
}

/// What to write for a key that is not there.
fn missing_key(name: &str, data: &Data) -> String {
    let outer = name.split_once('.').and_then(|(first, _)| data.get(first));
    if outer.is_some_and(|value| value.as_map().is_some()) {
        return format!("; write `#${{.{name}}}` for a field of a field");
    }
    Names::beside(name, data).quoted(foreign::quote).to_string()
}

fn scalar(path: &str, key: &str, value: &templates::Value) -> Result<SecretBytes, RenderError> {
    let text = value.to_env().map_err(|NotScalar { kind }| {
        let is_word = |c: char| c == '_' || c.is_alphanumeric();
        let field = if key.chars().all(is_word) {
            format!(".{key}")
        } else {
            format!("(index . {key:?})")
        };
        let part = match value.as_map() {
            Some(_) => format!("{field}.FIELD"),
            None => format!("index {field} 0"),
        };
        RenderError::NotScalar {
            path: path.into(),
            key: key.into(),
            kind,
            fix: format!("`#${{{part}}}` or `#${{{field} | toJson}}`"),
        }
    })?;
    Ok(bytes(&text))
}

fn bytes(text: &SecretString) -> SecretBytes {
    text.expose_secret().as_bytes().to_vec().into()
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            fetched: Fetched::default(),
            plaintexts: BTreeMap::default(),
            token_ttl: Ok(None),
            token: None,
        }
    }
}

#[cfg(test)]
mod tests;
