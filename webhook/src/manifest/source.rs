//! Where the values of a YAML document are in its text.

use std::ops::Range;

use granit_parser::{Event, Parser, Span, StrInput, StructureStyle};

use super::tree;

/// A value's place.
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Of a block without what is behind its last value.
    pub(super) range: Range<usize>,
    /// The column of its first character.
    pub(super) column: usize,
}

/// What can be changed without the rest.
pub(super) enum Kind {
    /// A map of lines; keys as kubectl has them.
    Map(Vec<(String, Node)>),
    /// A list of lines.
    List(Vec<Node>),
    /// Anything that is written on one line, or as a text.
    Whole,
    /// An anchor, an alias or a tag: what changes here changes elsewhere.
    Shared,
}

/// Reads a document that has been read already; `None` for what cannot be changed in parts.
pub(super) fn read(text: &str) -> Option<Node> {
    let mut source = Source {
        events: Parser::new_from_str_with_options(text, tree::options()),
    };
    loop {
        if let (Event::DocumentStart(..), _) = source.next()? {
            let first = source.next()?;
            return source.node(first);
        }
    }
}

struct Source<'t> {
    events: Parser<'t, StrInput<'t>>,
}

type Found<'t> = (Event<'t>, Span);

impl<'t> Source<'t> {
    fn next(&mut self) -> Option<Found<'t>> {
        loop {
            match self.events.next_event()?.ok()? {
                (Event::Comment(..), _) => {}
                found => return Some(found),
            }
        }
    }

    fn node(&mut self, (event, span): Found<'t>) -> Option<Node> {
        let range = span.byte_range()?;
        let column = span.start.col();
        let (kind, end) = match event {
            Event::Scalar(_, _, 0, None) => (Kind::Whole, range.end),
            Event::Alias(_) | Event::Scalar(..) => (Kind::Shared, range.end),
            Event::SequenceStart(StructureStyle::Block, 0, None) => self.list()?,
            Event::MappingStart(StructureStyle::Block, 0, None) => self.map()?,
            Event::SequenceStart(_, anchor, tag) | Event::MappingStart(_, anchor, tag) => {
                let is_own = anchor == 0 && tag.is_none();
                let end = self.skip()?;
                (if is_own { Kind::Whole } else { Kind::Shared }, end)
            }
            _ => return None,
        };
        Some(Node {
            kind,
            range: range.start..end.max(range.start),
            column,
        })
    }

    fn list(&mut self) -> Option<(Kind, usize)> {
        let (mut items, mut end) = (Vec::new(), 0);
        loop {
            let found = self.next()?;
            if matches!(found.0, Event::SequenceEnd) {
                return Some((Kind::List(items), end));
            }
            let item = self.node(found)?;
            end = item.range.end;
            items.push(item);
        }
    }

    fn map(&mut self) -> Option<(Kind, usize)> {
        let (mut entries, mut end, mut is_shared) = (Vec::new(), 0, false);
        loop {
            let found = self.next()?;
            if matches!(found.0, Event::MappingEnd) {
                let kind = if is_shared {
                    Kind::Shared
                } else {
                    Kind::Map(entries)
                };
                return Some((kind, end));
            }
            let key = match &found.0 {
                Event::Scalar(text, style, 0, None) if text != "<<" => {
                    tree::scalar(text, *style, None).ok()?.into_key().ok()
                }
                _ => None,
            };
            let of_key = self.node(found)?;
            let value = self.next()?;
            let value = self.node(value)?;
            end = value.range.end.max(of_key.range.end);
            is_shared |= key.is_none();
            entries.push((key.unwrap_or_default(), value));
        }
    }

    /// To the end of a collection that has begun.
    fn skip(&mut self) -> Option<usize> {
        let (mut depth, mut end) = (1, 0);
        while depth > 0 {
            let (event, span) = self.next()?;
            match event {
                Event::SequenceStart(..) | Event::MappingStart(..) => depth += 1,
                Event::SequenceEnd | Event::MappingEnd => depth -= 1,
                _ => {}
            }
            end = span.byte_range()?.end.max(end);
        }
        Some(end)
    }
}
