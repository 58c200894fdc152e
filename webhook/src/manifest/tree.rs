//! A YAML document as a value: anchors, merge keys and tags as go-yaml v2 has them.

use std::collections::{BTreeMap, BTreeSet};

use contract::limits::{MANIFEST_ALIASES, MANIFEST_DEPTH};
use contract::message::shorten;
use granit_parser::{Event, Options, Parser, ScalarStyle, ScanError, Span, Tag};
use serde_json::{Map, Value};

use super::scalar::{self, CORE, Scalar};
use super::{Content, ManifestError, Repeated};

/// What a value costs beside its texts, when an alias repeats it.
const NODE: usize = 16;

/// Characters that end a line in YAML 1.1 and not in YAML 1.2, which the parser reads.
const OLD_BREAKS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];

/// Reads a document whose first line has this number.
pub(super) fn read(text: &str, first: usize) -> Result<Content, ManifestError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut tree = Tree {
        events: Parser::new_from_str_with_options(text, options()),
        content: Content::default(),
        anchors: BTreeMap::new(),
        made: 0,
        repeated: 0,
        depth: 0,
        line: 1,
    };
    let read = tree.check_breaks(text).and_then(|()| tree.document());
    let at = |line: usize| first + line.saturating_sub(1);
    match read {
        Ok(value) => {
            let mut content = tree.content;
            content.value = value;
            for repeated in &mut content.repeated {
                repeated.line = repeated.line.map(at);
            }
            Ok(content)
        }
        Err(Problem(reason)) => Err(ManifestError::Yaml {
            line: at(tree.line),
            reason: shorten(reason),
        }),
    }
}

pub(super) fn options() -> Options {
    granit_parser::options! {
        flow_nesting_limit: MANIFEST_DEPTH,
        block_nesting_limit: MANIFEST_DEPTH,
        // A licence may be longer than its default.
        max_buffered_comment_events: usize::MAX,
    }
}

/// A sentence; where it is, `Tree::line` knows.
struct Problem(String);

impl From<String> for Problem {
    fn from(reason: String) -> Self {
        Self(reason)
    }
}

struct Tree<'t> {
    events: Parser<'t, granit_parser::StrInput<'t>>,
    content: Content,
    /// The value of each anchor, and what it costs.
    anchors: BTreeMap<usize, (Value, usize)>,
    /// Cost of all values so far.
    made: usize,
    /// Cost of those that anchors and aliases repeat.
    repeated: usize,
    depth: usize,
    /// The line of the last event, from 1.
    line: usize,
}

type Found<'t> = (Event<'t>, Span);

impl<'t> Tree<'t> {
    fn document(&mut self) -> Result<Value, Problem> {
        let mut value = Value::Null;
        let mut documents = 0;
        loop {
            match self.next()?.0 {
                Event::StreamEnd => return Ok(value),
                Event::DocumentStart(..) if documents == 0 => {
                    documents = 1;
                    let first = self.next()?;
                    value = self.node(first)?;
                }
                Event::DocumentStart(..) => {
                    return Err(Problem(
                        "kubectl reads nothing after `...`; separate documents by `---`".into(),
                    ));
                }
                _ => {}
            }
        }
    }

    /// The next event that is not a comment.
    fn next(&mut self) -> Result<Found<'t>, Problem> {
        loop {
            let event = self
                .events
                .next_event()
                .unwrap_or_else(|| Ok((Event::StreamEnd, Span::default())));
            match event {
                Ok((Event::Comment(..), _)) => self.content.has_comments = true,
                Ok((event, span)) => {
                    self.line = span.start.line().max(self.line);
                    return Ok((event, span));
                }
                Err(error) => return Err(self.scan_error(&error)),
            }
        }
    }

    fn scan_error(&mut self, error: &ScanError) -> Problem {
        self.line = error.marker().line();
        Problem(format!(
            "{} (column {})",
            error.info(),
            error.marker().col() + 1
        ))
    }

    fn node(&mut self, (event, _): Found<'t>) -> Result<Value, Problem> {
        let before = self.made;
        let (value, anchor) = match event {
            Event::Alias(anchor) => return self.alias(anchor),
            Event::Scalar(text, style, anchor, tag) => {
                self.made += NODE + text.len();
                let scalar = scalar(&text, style, tag.as_deref())?;
                (scalar.into_value()?, anchor)
            }
            Event::SequenceStart(_, anchor, _) => (self.nested(Self::sequence)?, anchor),
            Event::MappingStart(_, anchor, _) => (self.nested(Self::mapping)?, anchor),
            _ => return Err(Problem("a value is missing".into())),
        };
        if anchor > 0 {
            let cost = self.made - before;
            self.repeat(cost)?;
            self.anchors.insert(anchor, (value.clone(), cost));
        }
        Ok(value)
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Value, Problem>,
    ) -> Result<Value, Problem> {
        self.made += NODE;
        self.depth += 1;
        if self.depth > MANIFEST_DEPTH {
            return Err(Problem(format!("more than {MANIFEST_DEPTH} levels")));
        }
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn sequence(&mut self) -> Result<Value, Problem> {
        let mut list = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(list.into()),
                element => list.push(self.node(element)?),
            }
        }
    }

    fn mapping(&mut self) -> Result<Value, Problem> {
        let mut map = Map::new();
        let mut merged = BTreeSet::new();
        loop {
            let event = self.next()?;
            if matches!(event.0, Event::MappingEnd) {
                return Ok(map.into());
            }
            let line = self.line;
            if is_merge(&event.0) {
                // Of all that are there so far, as go-yaml v2 has it: also of keys before it.
                for (key, value) in self.merge()? {
                    merged.insert(key.clone());
                    map.insert(key, value);
                }
                continue;
            }
            let key = self.key(event)?;
            let value = self.next()?;
            let value = self.node(value)?;
            if map.contains_key(&key) && !merged.remove(&key) {
                let key = key.clone();
                let line = Some(line);
                self.content.repeated.push(Repeated { line, key });
            }
            map.insert(key, value);
        }
    }

    fn key(&mut self, event: Found<'t>) -> Result<String, Problem> {
        if let Event::Scalar(text, style, anchor, tag) = &event.0
            && *anchor == 0
        {
            self.made += NODE + text.len();
            return Ok(scalar(text, *style, tag.as_deref())?.into_key()?);
        }
        Ok(match self.node(event)? {
            Value::String(text) => text,
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => {
                return Err(Problem(
                    "kubectl takes no such key; put it in quotes".into(),
                ));
            }
        })
    }

    /// The entries that a merge key brings; of several maps the first one counts.
    fn merge(&mut self) -> Result<Map<String, Value>, Problem> {
        let event = self.next()?;
        let is_list = matches!(event.0, Event::SequenceStart(..));
        let maps = match self.node(event)? {
            Value::Object(map) => return Ok(map),
            Value::Array(maps) if is_list => maps,
            _ => Vec::from([Value::Null]),
        };
        let mut entries = Map::new();
        for map in maps.into_iter().rev() {
            let Value::Object(map) = map else {
                return Err(Problem("`<<` takes a map or a list of maps".into()));
            };
            entries.extend(map);
        }
        Ok(entries)
    }

    fn alias(&mut self, anchor: usize) -> Result<Value, Problem> {
        let Some((value, cost)) = self.anchors.get(&anchor) else {
            return Err(Problem("an anchor's value contains itself".into()));
        };
        let (value, cost) = (value.clone(), *cost);
        self.made += cost;
        self.repeat(cost)?;
        Ok(value)
    }

    /// Charges for a value that is there once more.
    fn repeat(&mut self, cost: usize) -> Result<(), Problem> {
        self.repeated += cost;
        if self.repeated > MANIFEST_ALIASES {
            let mib = MANIFEST_ALIASES / 1024 / 1024;
            return Err(Problem(format!(
                "its aliases repeat more than {mib} MiB; write fewer of them"
            )));
        }
        Ok(())
    }

    fn check_breaks(&mut self, text: &str) -> Result<(), Problem> {
        match text.find(OLD_BREAKS) {
            None => Ok(()),
            Some(place) => {
                self.line = text[..place].matches('\n').count() + 1;
                Err(Problem(
                    "kubectl reads U+0085, U+2028 and U+2029 as line breaks; write them as \
                     \"\\u2028\" in quotes"
                        .into(),
                ))
            }
        }
    }
}

fn is_merge(event: &Event<'_>) -> bool {
    match event {
        Event::Scalar(text, style, _, tag) if text == "<<" => match tag {
            None => *style == ScalarStyle::Plain,
            Some(tag) => full(tag) == format!("{CORE}merge"),
        },
        _ => false,
    }
}

pub(super) fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Scalar, String> {
    match tag {
        Some(tag) => scalar::tagged(&full(tag), text),
        None if style == ScalarStyle::Plain => Ok(scalar::plain(text)),
        None => Ok(Scalar::Text(text.to_owned())),
    }
}

fn full(tag: &Tag) -> String {
    [tag.handle(), tag.suffix()].concat()
}

#[cfg(test)]
mod tests;
