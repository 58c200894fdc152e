//! JSON text to [`Value`], with numbers as they are written.
//!
//! `serde_json` would make a number an `f64` or, for every crate of the program, an
//! arbitrary-precision one. Its raw values leave the text of each element alone instead.

use std::collections::BTreeMap;

use contract::limits::templates::JSON_DEPTH;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

use super::value::{Data, Value};

/// Why a text is no data. Never quotes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub(super) enum JsonError {
    #[error("the data is not JSON")]
    Syntax,
    #[error("the data is nested deeper than {JSON_DEPTH} levels")]
    TooDeep,
}

/// Parses one JSON value.
pub(super) fn parse(text: &SecretString) -> Result<Value, JsonError> {
    value(text.expose_secret(), 0)
}

fn value(text: &str, depth: usize) -> Result<Value, JsonError> {
    if depth > JSON_DEPTH {
        return Err(JsonError::TooDeep);
    }
    let text = text.trim_ascii();
    match text.bytes().next() {
        Some(b'{') => map(text, depth),
        Some(b'[') => list(text, depth),
        Some(b'"') => typed::<String>(text).map(|text| Value::Text(text.into())),
        Some(b't' | b'f') => typed(text).map(Value::Bool),
        Some(b'n') => typed::<()>(text).map(|()| Value::Null),
        Some(b'-' | b'0'..=b'9') => number(text),
        _ => Err(JsonError::Syntax),
    }
}

fn map(text: &str, depth: usize) -> Result<Value, JsonError> {
    typed::<BTreeMap<String, &RawValue>>(text)?
        .into_iter()
        .map(|(key, raw)| Ok((key, value(raw.get(), depth + 1)?)))
        .collect::<Result<_, _>>()
        .map(|fields| Value::Map(Data(fields)))
}

fn list(text: &str, depth: usize) -> Result<Value, JsonError> {
    typed::<Vec<&RawValue>>(text)?
        .into_iter()
        .map(|raw| value(raw.get(), depth + 1))
        .collect::<Result<_, _>>()
        .map(Value::List)
}

/// `serde_json` checks what is a number; nothing is computed from it.
fn number(text: &str) -> Result<Value, JsonError> {
    typed::<&RawValue>(text).map(|raw| Value::Number(raw.get().into()))
}

fn typed<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, JsonError> {
    serde_json::from_str(text).map_err(|_| JsonError::Syntax)
}
