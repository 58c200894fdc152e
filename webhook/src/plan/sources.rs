//! Where the values of a wrapped container's variables come from, as far as the manifest says.
//!
//! env-exec applies the rule ([`contract::sources::may`]) to what kubelet made of them. The webhook
//! tells it the names, and of a literal that takes the value of another variable by `$(NAME)` the
//! author's part.

use std::collections::BTreeMap;

use contract::names::ANNOTATION_PREFIX;
use contract::sources::may;
use contract::{Permissions, Source, Sources, Use};
use templates::Composed;

use super::expand::{Meaning, may_take, pieces};
use super::expansion::{Room, TooLong, check};
use super::refusal::Refusal;
use super::surveyed::{Surveyed, Variable, author_variables, taken};
use super::text::TextRules;
use crate::annotations::Annotations;
use crate::pod::{EnvVar, ValueFrom};

/// What the annotations allow all wrapped containers: with `containers` each of them is listed.
pub(super) fn permissions(annotations: &Annotations) -> Result<Permissions, Refusal> {
    let asked = annotations.asks();
    let from = annotations.allow_write_from.as_ref();
    if from.is_some() && !asked {
        return Err(Refusal::Combination {
            key: "allow-write-from",
            reason: format!(
                "has no effect without {ANNOTATION_PREFIX}inject: \"true\" or \
                 {ANNOTATION_PREFIX}containers; set one of them"
            ),
        });
    }
    let writes = |source: Source| from.is_some_and(|from| from.allows(source));
    Ok(Permissions {
        asked,
        config_maps_write: writes(Source::ConfigMap),
        secrets_write: writes(Source::Secret),
    })
}

/// The sources of one container's variables.
pub(super) fn sources(
    surveyed: &Surveyed<'_, '_>,
    annotations: &Annotations,
    allow: Permissions,
    room: &mut Room,
) -> Result<Sources, Refusal> {
    let skipped = annotations.skip_variables.as_ref();
    let mut sources = Sources {
        allow,
        skip: skipped
            .map(|names| names.0.iter().cloned().collect())
            .unwrap_or_default(),
        ..Sources::default()
    };
    for (name, known) in known(surveyed, room) {
        let variable = surveyed.variable(known.index);
        let is_needed = match known.source {
            Source::Unnamed => false,
            Source::Literal => variable.is_some_and(Variable::has_reference),
            _ => true,
        };
        if is_needed {
            let names = sources.named.entry(known.source).or_default();
            names.push(name.to_owned());
        }
        let KnownText::Segments(segments) = known.text else {
            continue;
        };
        if segments.len() == 1 {
            continue;
        }
        let authors = variable.and_then(|_| Composed::parse(&segments));
        if let Some(composed) = &authors {
            check_inside(composed, surveyed, name, annotations)?;
        }
        // Where the author asks, env-exec looks for references in what kubelet puts in.
        if authors.is_some() || (allow.asked && !is_another(&segments)) {
            sources.composed.insert(name.to_owned(), segments);
        }
    }
    Ok(sources)
}

/// A value that is another one as a whole, and so its reference as a whole.
fn is_another(segments: &[String]) -> bool {
    matches!(segments, [first, _, last] if first.is_empty() && last.is_empty())
}

/// The variables whose values may hold references that only kubelet sees, and their sources.
pub(super) fn readable_hidden<'s>(
    surveyed: &'s Surveyed<'_, '_>,
    annotations: &Annotations,
    allow: Permissions,
) -> BTreeMap<&'s str, Source> {
    let rules = TextRules::new(annotations);
    let mut hidden = BTreeMap::new();
    for variable in surveyed.container.env() {
        let name = variable.name.as_str();
        let source = variable.hidden().map(source);
        match source.filter(|source| may(*source, Use::Read, allow) && !rules.skip(name)) {
            Some(source) => hidden.insert(name, source),
            None => hidden.remove(name),
        };
    }
    hidden
}

/// A value inside a reference decides which secret is read, so the author must have meant it.
fn check_inside(
    composed: &Composed<'_>,
    surveyed: &Surveyed<'_, '_>,
    name: &str,
    annotations: &Annotations,
) -> Result<(), Refusal> {
    let allowed = annotations.expand_in_references.as_ref();
    let mut inside = composed.names_inside().into_iter();
    match inside.find(|inside| !allowed.is_some_and(|names| names.0.contains(*inside))) {
        None => Ok(()),
        Some(inside) => Err(Refusal::reference(
            surveyed.container,
            name,
            &format!(
                "$({inside}) is part of a reference and known only to kubelet; add {inside} to \
                 {ANNOTATION_PREFIX}expand-in-references, or write $$({inside}) for this text"
            ),
        )),
    }
}

/// The variable of a name that counts, which is the last of that name.
struct Known<'s> {
    index: usize,
    source: Source,
    text: KnownText<'s>,
}

/// What of a value is known before kubelet starts the container.
enum KnownText<'s> {
    /// All of it, and kubelet changes nothing: it has no `$`, as most values.
    Plain(&'s str),
    /// Texts at even places, names that only kubelet knows at odd ones.
    Segments(Vec<String>),
    /// Nothing, or it would be too long.
    Unknown,
}

fn known<'s>(surveyed: &'s Surveyed<'_, '_>, room: &mut Room) -> BTreeMap<&'s str, Known<'s>> {
    let taken = taken(surveyed.container);
    let is_optional = |v: &EnvVar<'_>| v.hidden().is_some_and(ValueFrom::is_optional);
    let has_optional = surveyed.container.env().iter().any(is_optional);
    let mut known = BTreeMap::new();
    for (index, variable) in author_variables(surveyed.container) {
        let name = variable.name.as_str();
        let (source, text) = if let Some(from) = variable.hidden() {
            (hidden_source(from, known.get(name)), KnownText::Unknown)
        } else {
            let visible = surveyed.variable(index);
            let raw = visible.and_then(|variable| variable.rewritten.as_deref());
            let raw = raw.or(variable.value.as_deref()).unwrap_or_default();
            let is_needed = visible.is_some() || has_optional || taken.has(name);
            if !is_needed && !raw.contains('$') {
                // A text of which nothing has to be said, as most are.
                known.remove(name);
                continue;
            }
            read_literal(raw, &known, room)
        };
        let entry = Known {
            index,
            source,
            text,
        };
        known.insert(name, entry);
    }
    known
}

/// Of a value that kubelet takes from elsewhere. Without its key kubelet may leave it out, and what had
/// the name before has it.
fn hidden_source(from: &ValueFrom, before: Option<&Known<'_>>) -> Source {
    let source = source(from);
    if from.is_optional() {
        source.lower(before.map_or(Source::Unnamed, |known| known.source))
    } else {
        source
    }
}

fn source(from: &ValueFrom) -> Source {
    let kinds = [
        (from.field_ref.is_some(), Source::FieldRef),
        (from.resource_field_ref.is_some(), Source::ResourceFieldRef),
        (from.file_key_ref.is_some(), Source::FileKeyRef),
        (from.config_map_key_ref.is_some(), Source::ConfigMap),
        (from.secret_key_ref.is_some(), Source::Secret),
    ];
    let mut kinds = kinds.into_iter();
    kinds
        .find(|(is_given, _)| *is_given)
        .map_or(Source::Other, |(_, source)| source)
}

fn read_literal<'s>(
    raw: &'s str,
    known: &BTreeMap<&str, Known<'s>>,
    room: &mut Room,
) -> (Source, KnownText<'s>) {
    if !raw.contains('$') {
        return (Source::Literal, KnownText::Plain(raw));
    }
    let segments = segments(raw, known, room);
    let text = segments.map_or(KnownText::Unknown, KnownText::Segments);
    (literal_source(raw, known), text)
}

/// A value that takes others has the lowest source of them all.
fn literal_source(raw: &str, known: &BTreeMap<&str, Known<'_>>) -> Source {
    super::expand::variables(raw).fold(Source::Literal, |source, name| {
        source.lower(known.get(name).map_or(Source::Unnamed, |k| k.source))
    })
}

fn segments(
    raw: &str,
    known: &BTreeMap<&str, Known<'_>>,
    room: &mut Room,
) -> Result<Vec<String>, TooLong> {
    if !may_take(raw) {
        return Ok(vec![raw.replace("$$", "$")]);
    }
    check(raw)?;
    let mut segments = vec![String::new()];
    for piece in pieces(raw) {
        match piece.meaning {
            Meaning::Text(text) => push(&mut segments, &[text], room)?,
            Meaning::Variable(name) => match known.get(name).map(|known| &known.text) {
                Some(KnownText::Plain(text)) => push(&mut segments, &[text], room)?,
                Some(KnownText::Segments(inner)) => push(&mut segments, inner, room)?,
                Some(KnownText::Unknown) | None => push(&mut segments, &["", name, ""], room)?,
            },
        }
    }
    Ok(segments)
}

/// Adds segments, the first of which continues the last text.
fn push(
    segments: &mut Vec<String>,
    more: &[impl AsRef<str>],
    room: &mut Room,
) -> Result<(), TooLong> {
    let mut more = more.iter().map(AsRef::as_ref);
    let first = more.next().unwrap_or_default();
    room.take(first.len())?;
    if let Some(last) = segments.last_mut() {
        last.push_str(first);
    }
    for segment in more {
        room.take(segment.len() + size_of::<String>())?;
        segments.push(segment.to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{BTreeMap, Known, KnownText, Room, Source, literal_source, read_literal, segments};

    fn literal<'s>(raw: &'s str, known: &BTreeMap<&str, Known<'s>>) -> Known<'s> {
        let (source, text) = read_literal(raw, known, &mut Room::of_a_pod());
        Known {
            index: 0,
            source,
            text,
        }
    }

    fn hidden(source: Source) -> Known<'static> {
        Known {
            index: 0,
            source,
            text: KnownText::Unknown,
        }
    }

    #[test]
    fn literal_has_the_lowest_source_of_its_parts() {
        let mut known: BTreeMap<&str, Known<'_>> = [
            ("FIELD", hidden(Source::FieldRef)),
            ("SECRET", hidden(Source::Secret)),
            ("MAP", hidden(Source::ConfigMap)),
        ]
        .into();
        known.insert("PLAIN", literal("a", &known));
        known.insert("TEAM", literal("team-$(FIELD)", &known));
        for (raw, expected) in [
            ("$$(FIELD) $(PLAIN)", Source::Literal),
            ("$(SECRET)", Source::Secret),
            ("$(SECRET)$(MAP)", Source::Unnamed),
            ("$(SECRET)$(LATER)", Source::Unnamed),
            ("<$(TEAM)>$(SECRET)", Source::FieldRef),
        ] {
            assert_eq!(literal_source(raw, &known), expected, "{raw}");
        }
    }

    #[test]
    fn segments_are_what_kubelet_puts_together() {
        let mut known: BTreeMap<&str, Known<'_>> = [("H", hidden(Source::FieldRef))].into();
        known.insert("A", literal("a$$(H)", &known));
        known.insert("B", literal("$(A)-$(H)", &known));
        known.insert("P", literal("plain", &known));
        let found = |raw: &str| segments(raw, &known, &mut Room::of_a_pod()).unwrap();
        assert_eq!(found("cost $$5"), ["cost $5"]);
        assert_eq!(found("$(B)$(B)"), ["a$(H)-", "H", "a$(H)-", "H", ""]);
        assert_eq!(found("<$(P)>$(H)"), ["<plain>", "H", ""]);
        assert_eq!(found("$(NONE)"), ["", "NONE", ""]);
    }

    #[test]
    fn short_text_cannot_stand_for_many_segments() {
        let mut known: BTreeMap<&str, Known<'_>> = BTreeMap::new();
        let mut room = Room::of_a_pod();
        let thousand = |name: &str| format!("$({name})").repeat(1_000);
        let inner = thousand("X");
        known.insert("A", literal(&inner, &known));
        let many = segments(&thousand("A"), &known, &mut room);
        assert!(many.is_err());
    }
}
