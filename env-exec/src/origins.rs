//! What a variable's value may ask of Vault, by where it comes from. The rule is
//! [`contract::sources::may`]; this applies it to the environment that kubelet made.

use std::collections::BTreeMap;
use std::ffi::OsStr;

use contract::names::ANNOTATION_PREFIX as P;
use contract::sources::may;
use contract::{Permissions, Source, Sources, Use};
use templates::{Composed, EnvValue, FillError, Reference, ReferenceError, Request};
use thiserror::Error;

use crate::environment::Environment;

/// Which values are trusted with what.
pub(crate) enum Origins {
    /// Outside a pod: the caller set every variable.
    Caller,
    /// In a pod: as the webhook says.
    Pod(Known),
}

/// What the webhook knows about a container's variables.
pub(crate) struct Known {
    allow: Permissions,
    sources: BTreeMap<String, Source>,
    composed: BTreeMap<String, Vec<String>>,
}

/// What is to be done with a value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Judged {
    /// This, which may be nothing.
    Resolve(EnvValue),
    /// This, of which a part is left although it looks like a reference.
    ResolvePart(EnvValue),
    /// Nothing, although it looks like a reference: its source may never hold one.
    Leave,
}

/// Why a value may not be resolved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum OriginError {
    #[error(
        "the value, from {}, holds a reference, and the pod does not ask to resolve it: set \
         {P}inject to \"true\", or list the container in {P}containers", .0.phrase()
    )]
    NotAsked(Source),
    #[error(
        "the value, from {}, must not {}: set it by `value:` in the manifest, or add {} to \
         {P}allow-write-from", .origin.phrase(), asked_for(*.wanted), .word
    )]
    NotAllowed {
        origin: Source,
        wanted: Use,
        word: &'static str,
    },
    #[error("the value, from {}, must not {}: set it by `value:` in the manifest", .origin.phrase(), asked_for(*.wanted))]
    Never { origin: Source, wanted: Use },
    #[error(transparent)]
    Fill(#[from] FillError),
    #[error(
        "kubelet did not expand the value from the variables that env-exec sees: define each `$(NAME)` once"
    )]
    Expansion,
}

const fn asked_for(wanted: Use) -> &'static str {
    match wanted {
        Use::Read => "read",
        Use::Write => "write (`>>vault:`)",
        Use::Login => "be `vault:login`",
    }
}

impl Origins {
    /// As the webhook says.
    pub(crate) fn of_pod(told: Sources) -> Self {
        let mut sources: BTreeMap<String, Source> = BTreeMap::new();
        for (source, names) in told.named {
            for name in names {
                let lower = sources
                    .get(&name)
                    .map_or(source, |other| other.lower(source));
                sources.insert(name, lower);
            }
        }
        Self::Pod(Known {
            allow: told.allow,
            sources,
            composed: told.composed,
        })
    }

    /// Whether the variable's value is text, whatever it looks like.
    pub(crate) fn is_text(&self, name: &OsStr) -> bool {
        match (self, name.to_str()) {
            (Self::Pod(known), Some(name)) => known.source(name).is_text(),
            _ => false,
        }
    }

    /// Parses a value and says what is to be done with it.
    pub(crate) fn judge<E>(
        &self,
        name: &str,
        text: &str,
        environment: &Environment,
    ) -> Result<Judged, E>
    where
        E: From<OriginError> + From<ReferenceError>,
    {
        let Self::Pod(known) = self else {
            return Ok(Judged::Resolve(EnvValue::parse(text)?));
        };
        let segments = known.composed.get(name);
        if let Some((segments, composed)) =
            segments.and_then(|segments| Some((segments, Composed::parse(segments)?)))
        {
            let values = inserted(text, segments, environment).ok_or(OriginError::Expansion)?;
            return known.composed(name, text, &composed, &values);
        }
        match EnvValue::parse(text) {
            Ok(EnvValue::Plain) => Ok(Judged::Resolve(EnvValue::Plain)),
            _ if known.source(name).is_text() => Ok(Judged::Leave),
            parsed => {
                let value = parsed?;
                known.check(name, &value)?;
                Ok(Judged::Resolve(value))
            }
        }
    }
}

impl Known {
    fn source(&self, name: &str) -> Source {
        let source = self.sources.get(name).copied();
        source.unwrap_or(Source::Unnamed)
    }

    fn check(&self, name: &str, value: &EnvValue) -> Result<(), OriginError> {
        let source = self.source(name);
        let wanted = value.references().map(use_of);
        let denied = wanted.filter(|wanted| !may(source, *wanted, self.allow));
        match denied.last() {
            None => Ok(()),
            Some(_) if !self.allow.asked => Err(OriginError::NotAsked(source)),
            Some(wanted) => Err(match source {
                Source::ConfigMap | Source::Secret => OriginError::NotAllowed {
                    origin: source,
                    wanted,
                    word: word(source),
                },
                _ => OriginError::Never {
                    origin: source,
                    wanted,
                },
            }),
        }
    }

    /// What the author wrote is resolved. What kubelet put into it is text, unless its source may
    /// hold references too.
    fn composed<E>(
        &self,
        name: &str,
        text: &str,
        composed: &Composed<'_>,
        values: &[&str],
    ) -> Result<Judged, E>
    where
        E: From<OriginError> + From<ReferenceError>,
    {
        let authors = composed.fill(values).map_err(OriginError::from)?;
        match EnvValue::parse(text) {
            Ok(whole) if whole.references().eq(authors.references()) => {
                Ok(Judged::Resolve(authors))
            }
            _ if self.source(name).is_text() => Ok(Judged::ResolvePart(authors)),
            whole => {
                let whole = whole?;
                self.check(name, &whole)?;
                Ok(Judged::Resolve(whole))
            }
        }
    }
}

fn use_of(reference: &Reference) -> Use {
    match reference {
        Reference::Login => Use::Login,
        Reference::Transit(_) => Use::Read,
        Reference::Secret(secret) => match secret.request {
            Request::Read { .. } => Use::Read,
            Request::Write { .. } => Use::Write,
        },
    }
}

/// The value in `allow-write-from`.
fn word(source: Source) -> &'static str {
    contract::sources::WriteFrom::ALL
        .into_iter()
        .find(|from| from.source() == source)
        .map_or("", contract::sources::WriteFrom::word)
}

/// What kubelet put in the places of `$(NAME)`: the variable's value, or the text `$(NAME)` itself
/// where it knew no such variable.
fn inserted<'e>(
    text: &'e str,
    segments: &[String],
    environment: &'e Environment,
) -> Option<Vec<&'e str>> {
    let mut rest = text;
    let mut values = Vec::new();
    for (place, segment) in segments.iter().enumerate() {
        if place % 2 == 0 {
            rest = rest.strip_prefix(segment.as_str())?;
            continue;
        }
        let unknown = format!("$({segment})");
        let known = environment.get(segment).and_then(OsStr::to_str);
        let length = known
            .filter(|value| rest.starts_with(value))
            .map(str::len)
            .or_else(|| rest.starts_with(&unknown).then_some(unknown.len()))?;
        let (value, behind) = rest.split_at(length);
        values.push(value);
        rest = behind;
    }
    rest.is_empty().then_some(values)
}

#[cfg(test)]
mod tests;
