//! What a variable's value may ask of Vault, by where it comes from. The rule is
//! [`contract::sources::may`]; this applies it to the environment that kubelet made.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;

use contract::names::{ANNOTATION_PREFIX as P, CONTROLLER_VARIABLES};
use contract::sources::may;
use contract::{Permissions, Source, Sources, Use};
use templates::reference::is_json;
use templates::{
    Composed, EnvValue, FillError, Reference, ReferenceError, Request, embed_references,
};
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
    skip: BTreeSet<String>,
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
    /// Nothing, although there is a reference in it: it is JSON, and the author did not ask.
    LeaveJson,
}

/// Why a value may not be resolved.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum OriginError {
    #[error(
        "the reference, from {}, is not resolved; set {P}inject to \"true\", or name the container \
         in {P}containers", .0.phrase()
    )]
    NotAsked(Source),
    #[error(
        "the value, from {}, must not {}; set it by `value:` in the manifest, or add {} to \
         {P}allow-write-from", .origin.phrase(), asked_for(*.wanted), .word
    )]
    NotAllowed {
        origin: Source,
        wanted: Use,
        word: &'static str,
    },
    #[error("the value, from {}, must not {}; set it by `value:` in the manifest", .origin.phrase(), asked_for(*.wanted))]
    Never { origin: Source, wanted: Use },
    #[error(transparent)]
    Fill(#[from] FillError),
    #[error(
        "kubelet did not expand the value from the variables that env-exec sees; define each \
         `$(NAME)` once"
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
            skip: told.skip.into_iter().collect(),
        })
    }

    /// Whether the variable's value is text, whatever it looks like.
    pub(crate) fn is_text(&self, name: &OsStr) -> bool {
        match (self, name.to_str()) {
            (Self::Pod(known), Some(name)) => known.source(name).is_text(),
            _ => false,
        }
    }

    /// Whether the author, or the list of names that controllers write, exempts the variable.
    pub(crate) fn skips(&self, name: &str) -> bool {
        CONTROLLER_VARIABLES.contains(&name)
            || matches!(self, Self::Pod(known) if known.skip.contains(name))
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
        if self.skips(name) {
            return Ok(Judged::Resolve(EnvValue::Plain));
        }
        let Self::Pod(known) = self else {
            return Ok(Judged::Resolve(EnvValue::parse(text)?));
        };
        if !known.allow.asked && is_json(text) {
            return Ok(left_json(text));
        }
        if let Some(segments) = known.composed.get(name) {
            let values = inserted(name, text, segments, environment);
            if let Some(composed) = Composed::parse(segments) {
                let values = values.ok_or(OriginError::Expansion)?;
                return known.composed(name, text, &composed, &values);
            }
            let embedded = values.map(|values| embed_references(interleaved(segments, &values)));
            if let Some(value) = embedded.filter(|value| *value != EnvValue::Plain) {
                return Ok(known.embedded(name, value)?);
            }
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

    /// A value whose references are all those of others, each as a whole.
    fn embedded(&self, name: &str, value: EnvValue) -> Result<Judged, OriginError> {
        if self.source(name).is_text() {
            return Ok(Judged::Leave);
        }
        self.check(name, &value)?;
        Ok(Judged::Resolve(value))
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
        let embedded = composed.embed(values).map_err(OriginError::from)?;
        if embedded.references().count() > authors.references().count() {
            if self.source(name).is_text() {
                return Ok(Judged::ResolvePart(authors));
            }
            self.check(name, &embedded)?;
            return Ok(Judged::Resolve(embedded));
        }
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

fn left_json(text: &str) -> Judged {
    match EnvValue::parse(text) {
        Ok(value) if value.references().next().is_none() => Judged::Resolve(EnvValue::Plain),
        _ => Judged::LeaveJson,
    }
}

/// The author's texts, and between them the values of others.
fn interleaved<'t>(segments: &'t [String], values: &'t [&'t str]) -> impl Iterator<Item = &'t str> {
    let mut values = values.iter().copied();
    segments
        .iter()
        .enumerate()
        .map(move |(place, segment)| match place % 2 {
            0 => segment.as_str(),
            _ => values.next().unwrap_or_default(),
        })
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
    name: &str,
    text: &'e str,
    segments: &[String],
    environment: &'e Environment,
) -> Option<Vec<&'e str>> {
    let mut segments = segments.iter().map(String::as_str).peekable();
    let mut rest = text.strip_prefix(segments.next()?)?;
    let mut values = Vec::new();
    while let (Some(variable), Some(literal)) = (segments.next(), segments.next()) {
        // A variable that takes its own name had another value before.
        let known = (variable != name)
            .then(|| environment.get(variable).and_then(OsStr::to_str))
            .flatten();
        let is_last = segments.peek().is_none();
        let value = value_before(rest, variable, known, literal, is_last)?;
        values.push(value);
        rest = rest.strip_prefix(value)?.strip_prefix(literal)?;
    }
    rest.is_empty().then_some(values)
}

/// The part of `rest` before the author's next text. kubelet may have had another value than the
/// environment has now, where a name is given twice: then the author's text must be there just once.
fn value_before<'e>(
    rest: &'e str,
    variable: &str,
    known: Option<&str>,
    literal: &str,
    is_last: bool,
) -> Option<&'e str> {
    let unknown = format!("$({variable})");
    let fits = |value: &str| {
        let behind = rest.strip_prefix(value)?.strip_prefix(literal)?;
        (!is_last || behind.is_empty()).then_some(value.len())
    };
    let candidates = [Some(unknown.as_str()), known];
    let length = candidates.into_iter().flatten().find_map(fits);
    let searched = || match (literal, is_last) {
        ("", true) => Some(rest.len()),
        ("", false) => None,
        _ => rest
            .find(literal)
            .filter(|at| rest.rfind(literal) == Some(*at)),
    };
    rest.get(..length.or_else(searched)?)
}

#[cfg(test)]
mod tests;
