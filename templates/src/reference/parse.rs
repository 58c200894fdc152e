//! Parser of one reference, direct or inline.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::shape::End;
use super::{
    Body, FromPath, READ, Reference, ReferenceError, Request, SecretReference, Selector, WRITE,
};
use crate::path::{PathError, VaultPath};
use crate::scan::{OPEN, end_of_action, end_of_object};

/// Parses the reference that begins at `start`; gives it with the offset behind its last byte,
/// which with [`End::AtBrace`] is that of the closing brace.
pub(crate) fn parse_at(
    text: &str,
    start: usize,
    end: End,
) -> Result<(Reference, usize), ReferenceError> {
    let is_write = text[start..].starts_with(WRITE);
    let path_start = start + if is_write { WRITE.len() } else { READ.len() };
    let stop = |c: char| c == '#' || (end == End::AtBrace && c == '}');
    let path_end = text[path_start..]
        .find(stop)
        .map_or(text.len(), |length| path_start + length);
    let path_text = &text[path_start..path_end];
    let names_key = text[path_end..].starts_with('#');

    if let Some(reference) = without_key(path_text).filter(|_| !is_write && !names_key) {
        closed(text, path_end, end)?;
        return Ok((reference, path_end));
    }
    if !names_key {
        closed(text, path_end, end)?;
    }
    let (path, optional) = split_path(path_text).map_err(ReferenceError::Path)?;
    if !names_key {
        return Err(ReferenceError::NoKey { path });
    }
    let (selector, selector_end) = selector(text, path_end + 1, end, &path)?;
    let (request, request_end) = if is_write {
        write_request(text, selector_end, end, path)?
    } else {
        read_request(text, selector_end, end, path)?
    };
    closed(text, request_end, end)?;
    Ok((
        Reference::Secret(SecretReference {
            request,
            optional,
            selector,
        }),
        request_end,
    ))
}

/// `login`, or `v1:…` of the transit engine.
fn without_key(text: &str) -> Option<Reference> {
    if text == "login" {
        return Some(Reference::Login);
    }
    let (version, ciphertext) = text.strip_prefix('v')?.split_once(':')?;
    let is_transit = !version.is_empty()
        && version.bytes().all(|b| b.is_ascii_digit())
        && !ciphertext.is_empty();
    is_transit.then(|| Reference::Transit(format!("{READ}{text}")))
}

fn split_path(text: &str) -> Result<(VaultPath, bool), PathError> {
    let (path, optional) = text
        .strip_suffix('?')
        .map_or((text, false), |path| (path, true));
    Ok((path.parse()?, optional))
}

/// The key or template that begins at `start`, and the offset of what ends it.
fn selector(
    text: &str,
    start: usize,
    end: End,
    path: &VaultPath,
) -> Result<(Selector, usize), ReferenceError> {
    let mut at = start;
    let mut is_template = false;
    while let Some(next) = text[at..].chars().next() {
        if text[at..].starts_with(OPEN) {
            is_template = true;
            at = end_of_action(text, at)
                .ok_or_else(|| ReferenceError::UnclosedAction { path: path.clone() })?;
        } else if next == '#' || (next == '}' && end == End::AtBrace) {
            break;
        } else {
            at += next.len_utf8();
        }
    }
    let source = &text[start..at];
    if is_template {
        return Ok((Selector::Template(source.to_owned()), at));
    }
    if end == End::AtBrace && at == text.len() {
        return Err(ReferenceError::UnclosedReference);
    }
    Ok((key(source, path)?, at))
}

fn key(source: &str, path: &VaultPath) -> Result<Selector, ReferenceError> {
    let (name, optional) = source
        .strip_suffix('?')
        .map_or((source, false), |name| (name, true));
    if name.is_empty() {
        return Err(ReferenceError::EmptyKey { path: path.clone() });
    }
    let is_wrong = |c: &char| matches!(c, '?' | '{' | '}') || c.is_control();
    match name.chars().find(is_wrong) {
        None => Ok(Selector::Key {
            name: name.to_owned(),
            optional,
        }),
        Some(character) => Err(ReferenceError::KeyCharacter {
            path: path.clone(),
            key: name.to_owned(),
            character,
        }),
    }
}

fn read_request(
    text: &str,
    start: usize,
    end: End,
    path: VaultPath,
) -> Result<(Request, usize), ReferenceError> {
    let Some(rest) = text[start..].strip_prefix('#') else {
        return Ok((
            Request::Read {
                path,
                version: None,
            },
            start,
        ));
    };
    let length = match end {
        End::OfText => rest.len(),
        End::AtBrace => rest.find('}').ok_or(ReferenceError::UnclosedReference)?,
    };
    let version = parse_version(&rest[..length], &path)?;
    Ok((Request::Read { path, version }, start + 1 + length))
}

/// `0` is the latest version, as for Vault itself.
fn parse_version(text: &str, path: &VaultPath) -> Result<Option<u32>, ReferenceError> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(version) if digits => Ok(Some(version).filter(|version| *version > 0)),
        _ => Err(ReferenceError::Version {
            path: path.clone(),
            version: text.chars().take(64).collect(),
        }),
    }
}

fn write_request(
    text: &str,
    start: usize,
    end: End,
    path: VaultPath,
) -> Result<(Request, usize), ReferenceError> {
    let Some(rest) = text[start..].strip_prefix('#') else {
        return Ok((
            Request::Write {
                path,
                body: Body("{}".into()),
            },
            start,
        ));
    };
    let object_start = start + 1;
    let object_end = match end {
        End::OfText => Some(text.len()),
        End::AtBrace if rest.starts_with('{') => end_of_object(text, object_start),
        End::AtBrace => None,
    };
    let body = object_end
        .ok_or("it must begin with `{` and end with `}`")
        .and_then(|object_end| parse_body(&text[object_start..object_end]))
        .map_err(|reason| ReferenceError::Body {
            path: path.clone(),
            reason,
        })?;
    Ok((
        Request::Write { path, body },
        object_end.unwrap_or(text.len()),
    ))
}

/// Sorted, so that two spellings of one object are one request. `serde_json`'s own message is not
/// shown: it can quote the input.
fn parse_body(text: &str) -> Result<Body, &'static str> {
    let object: BTreeMap<String, serde_json::Value> =
        serde_json::from_str(text).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => "it is JSON, but not an object",
            serde_json::error::Category::Eof => "it ends too early",
            _ => "it is not JSON",
        })?;
    serde_json::to_string(&object)
        .map(Body)
        .map_err(|_| "it is not JSON")
}

fn closed(text: &str, at: usize, end: End) -> Result<(), ReferenceError> {
    if end == End::OfText || text[at..].starts_with('}') {
        Ok(())
    } else {
        Err(ReferenceError::UnclosedReference)
    }
}

impl FromStr for FromPath {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Self, ReferenceError> {
        let (path_text, version) = text
            .split_once('#')
            .map_or((text, None), |(path, version)| (path, Some(version)));
        let (path, optional) = split_path(path_text).map_err(ReferenceError::FromPath)?;
        let version = version.map_or(Ok(None), |version| parse_version(version, &path))?;
        Ok(Self {
            request: Request::Read { path, version },
            optional,
        })
    }
}
