//! The variables of one container, one after the other, as kubelet expands them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use templates::reference::starts_reference;
use templates::{
    EnvValue, Part, Reference, ReferenceError, SecretReference, Selector, Template, TemplateError,
};

use crate::plan::budget::Budget;
use crate::plan::expand::{Meaning, may_take, pieces};
use crate::plan::expansion::{Expansion, Room, TooLong, check, push};
use crate::plan::refusal::{Refusal, Refusals};
use crate::plan::surveyed::{Variable, author_variables, taken};
use crate::plan::taken::Taken;
use crate::plan::text::{self, TextRules};
use crate::pod::{Container, EnvVar};

/// What was found in a container.
#[derive(Default)]
pub(super) struct Found<'p> {
    pub(super) variables: Vec<Variable<'p>>,
    /// Names of those that are JSON with references.
    pub(super) json: Vec<&'p str>,
}

/// Finds the variables with references or escapes. What is wrong with one is kept, so that all are
/// reported; an error is only that they take too much work.
pub(super) fn find<'p>(
    container: &'p Container<'_>,
    rules: &TextRules<'_>,
    room: &mut Room,
    budget: &mut Budget,
    wrong: &mut Refusals,
) -> Result<Found<'p>, Refusal> {
    let mut finder = Finder {
        container,
        rules,
        room,
        budget,
        wrong,
        found: Found::default(),
        taken: taken(container),
        places: BTreeMap::new(),
        known: Expansion::default(),
    };
    for (index, variable) in author_variables(container) {
        finder.add(index, variable)?;
    }
    Ok(finder.found)
}

struct Finder<'f, 'p, 'a> {
    container: &'p Container<'a>,
    rules: &'f TextRules<'f>,
    room: &'f mut Room,
    budget: &'f mut Budget,
    wrong: &'f mut Refusals,
    found: Found<'p>,
    taken: Taken<'p>,
    /// Where a name is given twice, the later one counts for what comes behind it.
    places: BTreeMap<&'p str, usize>,
    known: Expansion<'p>,
}

impl<'p> Finder<'_, 'p, '_> {
    fn add(&mut self, index: usize, variable: &'p EnvVar<'_>) -> Result<(), Refusal> {
        let name = variable.name.as_str();
        if variable.hidden().is_some() {
            self.forget(name);
            return Ok(());
        }
        let raw = variable.value.as_deref().unwrap_or_default();
        if self.rules.skip(name) {
            return self.keep_text(name, raw);
        }
        let places = &self.places;
        let found = &self.found.variables;
        let source = |name: &str| places.get(name).and_then(|place| found.get(*place));
        // What is wrong here is told beside what is wrong elsewhere; its text is taken as it is.
        let rewritten = rewrite(raw, source, self.container, name, self.room);
        let rewritten = self.wrong.take(rewritten).flatten();
        let expanded = match &rewritten {
            None => self.known.expand(raw, self.room),
            Some(text) => self
                .known
                .expand(text, self.room)
                .map(|v| v.into_owned().into()),
        };
        let expanded = expanded.map_err(|error| too_long(self.container, name, error))?;
        self.budget.charge_value(&expanded)?;
        if self.rules.leave(&expanded) {
            self.found
                .json
                .extend(text::has_reference(&expanded).then_some(name));
            return self.keep_text(name, raw);
        }
        // With a reference that cannot be read it has one, which is all that others need to know.
        let value = parse(self.container, name, &expanded);
        let value = self.wrong.take(value).flatten();
        self.remember(name, expanded);
        if value.as_ref() != Some(&EnvValue::Plain) {
            if self.taken.has(name) {
                self.places.insert(name, self.found.variables.len());
            }
            self.found.variables.push(Variable {
                index,
                name,
                value,
                rewritten,
            });
        }
        Ok(())
    }

    /// The value as kubelet makes it, whatever it looks like.
    fn keep_text(&mut self, name: &'p str, raw: &'p str) -> Result<(), Refusal> {
        let text = self.known.expand(raw, self.room);
        let text = text.map_err(|error| too_long(self.container, name, error))?;
        self.remember(name, text);
        Ok(())
    }

    /// The value that a later `$(NAME)` gets, which is no reference until that is said.
    fn remember(&mut self, name: &'p str, value: Cow<'p, str>) {
        if self.taken.has(name) {
            self.places.remove(name);
            self.known.set(name, value);
        }
    }

    fn forget(&mut self, name: &str) {
        if self.taken.has(name) {
            self.places.remove(name);
            self.known.forget(name);
        }
    }
}

/// The value, or `None` where it depends on what only kubelet knows.
fn parse(
    container: &Container<'_>,
    name: &str,
    expanded: &str,
) -> Result<Option<EnvValue>, Refusal> {
    let refused = |reason: &str| Err(Refusal::reference(container, name, reason));
    match EnvValue::parse(expanded) {
        Ok(EnvValue::Direct(Reference::Login)) if name != "VAULT_TOKEN" => {
            refused(&ReferenceError::Login.to_string())
        }
        Ok(value) => match bad_template(&value) {
            Some(error) => refused(&error.to_string()),
            None => Ok(Some(value)),
        },
        Err(_) if expanded.contains("$(") => Ok(None),
        Err(error) => refused(&text::explain(&error, name)),
    }
}

/// A template that cannot be parsed is told now, not when the container starts.
fn bad_template(value: &EnvValue) -> Option<TemplateError> {
    value.references().find_map(|reference| match reference {
        Reference::Secret(SecretReference {
            selector: Selector::Template(source),
            ..
        }) => Template::parse(source).err(),
        _ => None,
    })
}

/// kubelet would put the text of a direct reference into the middle of another value, where it is
/// no reference any more. The inline form is one there.
fn rewrite<'f, 'p: 'f>(
    raw: &str,
    source: impl Fn(&str) -> Option<&'f Variable<'p>>,
    container: &Container<'_>,
    name: &str,
    room: &mut Room,
) -> Result<Option<String>, Refusal> {
    let refused = |error| too_long(container, name, error);
    if !may_take(raw) {
        return Ok(None);
    }
    check(raw).map_err(refused)?;
    // A value that is another one as a whole is that one's reference as a whole.
    if pieces(raw).nth(1).is_none() {
        return Ok(None);
    }
    let mut text = String::new();
    let mut is_changed = false;
    for (position, piece) in pieces(raw).enumerate() {
        let source = match piece.meaning {
            Meaning::Text(_) => None,
            Meaning::Variable(name) => source(name),
        };
        let inserted = match source {
            None => None,
            Some(source) => inserted(container, source, position)?,
        };
        is_changed |= inserted.is_some();
        push(&mut text, inserted.as_deref().unwrap_or(piece.raw)).map_err(refused)?;
    }
    if !is_changed {
        return Ok(None);
    }
    room.take(text.len()).map_err(refused)?;
    Ok(Some(text))
}

fn too_long(container: &Container<'_>, name: &str, error: TooLong) -> Refusal {
    Refusal::reference(container, name, &error.to_string())
}

/// What to write instead of `$(source)` inside a text, where that must be something else.
fn inserted(
    container: &Container<'_>,
    source: &Variable<'_>,
    position: usize,
) -> Result<Option<String>, Refusal> {
    let raw = container.env()[source.index]
        .value
        .as_deref()
        .unwrap_or_default();
    match &source.value {
        Some(EnvValue::Direct(Reference::Login)) => Err(Refusal::LoginInText {
            container: container.name.to_string(),
        }),
        Some(EnvValue::Direct(_)) => Ok(Some(format!("${{{raw}}}"))),
        Some(EnvValue::Text(parts)) if position > 0 && is_escaped(parts) => {
            let text = raw.strip_prefix('\\');
            Ok(text.map(|text| format!("{text}{}", end_of_dollars(text))))
        }
        _ => Ok(None),
    }
}

/// Of an odd number of `$` at the end of a text the last is itself, and must stay so where a `(` follows.
fn end_of_dollars(text: &str) -> &'static str {
    let dollars = text.len() - text.trim_end_matches('$').len();
    if dollars % 2 == 1 { "$" } else { "" }
}

/// An escaped direct reference: nothing but text.
fn is_escaped(parts: &[Part]) -> bool {
    matches!(parts, [Part::Text(text)] if starts_reference(text))
}
