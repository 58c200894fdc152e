//! One written value against its key's [`Kind`], into the type of the output.

use serde_json::Value;

use crate::auto_auth::{Mount, files};
use crate::problem::{Fault, list};
use crate::schema::{FileDefault, Form, Key, Kind};
use contract::duration;

/// Longest text of a value in bytes (`PATH_MAX` of Linux).
const MOST_BYTES: usize = 4096;

/// Longest credential in bytes: more than a key of 16384 bits with its JSON around it.
const MOST_CREDENTIAL_BYTES: usize = 16 * 1024;

/// The value to put out; `None` where the author said that there is none.
pub(super) fn value(
    key: &'static Key,
    written: &Value,
    mounts: &[Mount<'_>],
    allow_inline_credentials: bool,
) -> Result<Option<Value>, Fault> {
    Ok(Some(match key.kind {
        Kind::Path(FileDefault::MountedOrNone(_)) if written == "" => return Ok(None),
        Kind::Path(default) => {
            let path = text(key, written)?;
            files::check(key, default, path, mounts)?;
            path.into()
        }
        Kind::TextOrEmpty if written == "" => "".into(),
        Kind::Text | Kind::TextOrEmpty => text(key, written)?.into(),
        Kind::Credential { instead } if !allow_inline_credentials => {
            let key = key.name;
            return Err(Fault::Inline { key, instead });
        }
        Kind::Credential { .. } => credential(key, written)?.into(),
        Kind::OneOf(words) => one_of(key, words, written)?.into(),
        Kind::Integer { min, max, form } => integer(key, (min, max), form, written)?.into(),
        Kind::Boolean(form) => boolean(key, form, written)?.into(),
        Kind::Removal { .. } => boolean(key, Form::RealOrQuoted, written)?.into(),
        Kind::Duration => check_duration(key, written)?,
    }))
}

fn text<'a>(key: &'static Key, written: &'a Value) -> Result<&'a str, Fault> {
    let Value::String(text) = written else {
        return Err(wrong_type(key, written));
    };
    let key = key.name;
    if text.is_empty() {
        return Err(Fault::Empty { key });
    }
    if text.len() > MOST_BYTES {
        return Err(Fault::TooLong {
            key,
            most: MOST_BYTES,
        });
    }
    if let Some(character) = text.chars().find(|c| c.is_control()) {
        return Err(Fault::Character { key, character });
    }
    if text.trim() != text {
        return Err(Fault::OuterSpace { key });
    }
    Ok(text)
}

/// A private key and a credentials file have lines.
fn credential<'a>(key: &'static Key, written: &'a Value) -> Result<&'a str, Fault> {
    let Value::String(text) = written else {
        return Err(wrong_type(key, written));
    };
    let key = key.name;
    if text.trim().is_empty() {
        return Err(Fault::Empty { key });
    }
    if text.len() > MOST_CREDENTIAL_BYTES {
        return Err(Fault::TooLong {
            key,
            most: MOST_CREDENTIAL_BYTES,
        });
    }
    let is_wrong = |c: &char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    match text.chars().find(is_wrong) {
        Some(character) => Err(Fault::Character { key, character }),
        None => Ok(text),
    }
}

fn one_of(
    key: &'static Key,
    words: &'static [&'static str],
    written: &Value,
) -> Result<&'static str, Fault> {
    let Value::String(text) = written else {
        return Err(wrong_type(key, written));
    };
    let word = words.iter().find(|word| *word == text).copied();
    word.ok_or_else(|| Fault::NotOneOf {
        key: key.name,
        allowed: wanted(key),
        nearest: contract::nearest(text, words.iter().copied()),
    })
}

fn integer(
    key: &'static Key,
    (min, max): (i64, i64),
    form: Form,
    written: &Value,
) -> Result<i64, Fault> {
    let number = match (written, form) {
        (Value::Number(number), _) => number.as_i64(),
        (Value::String(text), Form::RealOrQuoted) => text.parse().ok(),
        _ => None,
    };
    let number = number.ok_or_else(|| wrong_type(key, written))?;
    if (min..=max).contains(&number) {
        Ok(number)
    } else {
        Err(Fault::Range {
            key: key.name,
            min,
            max,
        })
    }
}

fn boolean(key: &'static Key, form: Form, written: &Value) -> Result<bool, Fault> {
    match (written, form) {
        (Value::Bool(value), _) => Ok(*value),
        (Value::String(text), Form::RealOrQuoted) if text == "true" => Ok(true),
        (Value::String(text), Form::RealOrQuoted) if text == "false" => Ok(false),
        _ => Err(wrong_type(key, written)),
    }
}

/// A duration stays as it was written: the agent reads both forms.
fn check_duration(key: &'static Key, written: &Value) -> Result<Value, Fault> {
    let parsed = match written {
        Value::String(text) => duration::parse_positive(text),
        Value::Number(number) => match number.as_i64() {
            Some(seconds) => duration::from_seconds(seconds),
            None => return Err(wrong_type(key, written)),
        },
        _ => return Err(wrong_type(key, written)),
    };
    parsed
        .map(|_| written.clone())
        .map_err(|reason| Fault::Duration {
            key: key.name,
            reason,
        })
}

fn wrong_type(key: &'static Key, written: &Value) -> Fault {
    Fault::Type {
        key: key.name,
        wanted: wanted(key),
        found: found(written),
    }
}

/// What a key takes, for a sentence.
fn wanted(key: &Key) -> String {
    let without_quotes = |form| match form {
        Form::Real => " without quotes",
        Form::RealOrQuoted => "",
    };
    match key.kind {
        Kind::Text | Kind::TextOrEmpty | Kind::Credential { .. } => "text".to_owned(),
        Kind::Path(_) => "the path of a file".to_owned(),
        Kind::OneOf(words) => format!("one of {}", list(words.iter().copied())),
        Kind::Integer { min, max, form } => {
            let quotes = without_quotes(form);
            format!("a whole number from {min} to {max}{quotes}")
        }
        Kind::Boolean(form) => format!("`true` or `false`{}", without_quotes(form)),
        Kind::Removal { .. } => "`true` or `false`".to_owned(),
        Kind::Duration => "a duration such as `90`, `90s` or `5m`".to_owned(),
    }
}

/// The kind of a value, never the value.
fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false without quotes",
        Value::Number(number) if number.is_f64() => "a number with a fraction",
        Value::Number(_) => "a number without quotes",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}
