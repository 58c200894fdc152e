//! Documents that begin with `{` and are JSON. Several may follow each other.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::split::Piece;
use super::{Content, Document, ManifestError, Repeated, number};

/// The documents of a piece that is JSON; `None` for one that is not, and may be YAML.
pub(super) fn read<'t>(piece: &Piece<'t>) -> Option<Vec<Document<'t>>> {
    if !piece.text.trim_start().starts_with('{') || piece.check_separator().is_err() {
        return None;
    }
    let mut documents: Vec<Document<'t>> = Vec::new();
    let mut stream = serde_json::Deserializer::from_str(piece.text).into_iter::<Read>();
    let mut start = 0;
    while let Some(read) = stream.next() {
        let line = piece.line + piece.text[..start].matches('\n').count();
        let content = match read {
            Ok(Read(value, keys)) => Ok(Content {
                value,
                is_json: true,
                has_comments: false,
                repeated: keys
                    .into_iter()
                    .map(|key| Repeated { line: None, key })
                    .collect(),
            }),
            // kubectl takes YAML after one object too, but not after more.
            Err(_) if documents.len() < 2 && !looks_like_json(piece.text) => return None,
            Err(error) => Err(sentence(&error, piece.line)),
        };
        let end = match &content {
            Ok(_) => end_of_document(piece.text, stream.byte_offset()),
            Err(_) => piece.text.len(),
        };
        let is_first = documents.is_empty();
        documents.push(Document {
            separator: if is_first { piece.separator } else { "" },
            text: &piece.text[start..end],
            line,
            content,
        });
        start = end;
        if start == piece.text.len() {
            break;
        }
    }
    Some(documents)
}

/// With the rest of its line, if nothing is there.
fn end_of_document(text: &str, end: usize) -> usize {
    let rest = &text[end..];
    let line = rest.find('\n').map_or(rest.len(), |end| end + 1);
    if text[end..].trim().is_empty() {
        text.len()
    } else if rest[..line].trim().is_empty() {
        end + line
    } else {
        end
    }
}

/// YAML in braces, or a template of Helm's, has no quote there.
fn looks_like_json(text: &str) -> bool {
    let behind = text.trim_start().trim_start_matches('{').trim_start();
    behind.starts_with(['"', '}'])
}

fn sentence(error: &serde_json::Error, first: usize) -> ManifestError {
    let text = error.to_string();
    let reason = text
        .rfind(" at line ")
        .map_or(&text[..], |end| &text[..end]);
    ManifestError::Json {
        line: first + error.line().saturating_sub(1),
        reason: format!("{reason} (column {})", error.column()),
    }
}

/// A value, and the keys that are in a map twice.
struct Read(Value, BTreeSet<String>);

impl<'de> Deserialize<'de> for Read {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Read;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Read, E> {
        Ok(plain(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Read, E> {
        Ok(plain(value.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Read, E> {
        Ok(plain(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Read, E> {
        Ok(plain(number::unsigned(number)))
    }

    fn visit_f64<E: Error>(self, float: f64) -> Result<Read, E> {
        let value = number::float(float);
        value
            .map(plain)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Read, E> {
        Ok(plain(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Read, E> {
        Ok(plain(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Read, A::Error> {
        let (mut list, mut repeated) = (Vec::new(), BTreeSet::new());
        while let Some(Read(value, keys)) = access.next_element()? {
            list.push(value);
            repeated.extend(keys);
        }
        Ok(Read(list.into(), repeated))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Read, A::Error> {
        let (mut map, mut repeated) = (Map::new(), BTreeSet::new());
        while let Some((key, Read(value, keys))) = access.next_entry::<String, Read>()? {
            repeated.extend(keys);
            if map.contains_key(&key) {
                repeated.insert(key.clone());
            }
            map.insert(key, value);
        }
        Ok(Read(map.into(), repeated))
    }
}

fn plain(value: Value) -> Read {
    Read(value, BTreeSet::new())
}
