//! What a scalar is: the rules of go-yaml v2, by which kubectl reads.
//!
//! YAML 1.1 without numbers of base 60, and with `0o` of YAML 1.2. A date is text.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::integer::{self, Integer};
use super::{float, number};
use crate::excerpt::excerpt;

/// The tags that YAML itself has.
pub(super) const CORE: &str = "tag:yaml.org,2002:";

/// A scalar's value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Integer(Integer),
    Float(f64),
    Text(String),
}

/// What a scalar without quotes and without a tag is.
pub(crate) fn is_text(text: &str) -> bool {
    matches!(plain(text), Scalar::Text(_))
}

/// Reads a plain scalar.
pub(super) fn plain(text: &str) -> Scalar {
    word(text)
        .or_else(|| read_number(text))
        .unwrap_or_else(|| Scalar::Text(text.to_owned()))
}

/// Reads a scalar with a tag, quoted or not.
pub(super) fn tagged(tag: &str, text: &str) -> Result<Scalar, String> {
    let as_text = || Ok(Scalar::Text(text.to_owned()));
    let Some(name) = tag.strip_prefix(CORE) else {
        return as_text();
    };
    let read = match name {
        "binary" => return binary(text),
        "bool" | "int" | "float" | "null" => plain(text),
        _ => return as_text(),
    };
    match (name, read) {
        ("bool", value @ Scalar::Bool(_))
        | ("int", value @ Scalar::Integer(_))
        | ("float", value @ (Scalar::Float(_) | Scalar::Integer(_)))
        | ("null", value @ Scalar::Null) => Ok(value),
        _ => Err(format!("`{}` is no !!{name}", excerpt(text))),
    }
}

fn word(text: &str) -> Option<Scalar> {
    Some(match text {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        _ => return None,
    })
}

fn read_number(text: &str) -> Option<Scalar> {
    match text.as_bytes().first()? {
        b'.' => float::parse_after_dot(text).map(Scalar::Float),
        b'0'..=b'9' | b'+' | b'-' => {
            let digits = text.replace('_', "");
            integer::parse(&digits)
                .map(Scalar::Integer)
                .or_else(|| float::parse(&digits).map(Scalar::Float))
        }
        _ => None,
    }
}

fn binary(text: &str) -> Result<Scalar, String> {
    let encoded = text.replace(['\r', '\n'], "");
    let bytes = STANDARD.decode(encoded);
    let bytes = bytes.map_err(|_| "a !!binary is not base64".to_owned())?;
    // What is no UTF-8 does not survive JSON, in kubectl neither.
    Ok(Scalar::Text(String::from_utf8_lossy(&bytes).into_owned()))
}

impl Scalar {
    /// As JSON.
    pub(super) fn into_value(self) -> Result<Value, String> {
        Ok(match self {
            Self::Null => Value::Null,
            Self::Bool(value) => value.into(),
            Self::Integer(Integer::Signed(number)) => number.into(),
            Self::Integer(Integer::Unsigned(number)) => number::unsigned(number),
            Self::Float(number) => {
                return number::float(number)
                    .ok_or_else(|| "JSON has no such number; put it in quotes".to_owned());
            }
            Self::Text(text) => text.into(),
        })
    }

    /// As the key of a map.
    pub(super) fn into_key(self) -> Result<String, String> {
        Ok(match self {
            Self::Bool(value) => value.to_string(),
            Self::Integer(Integer::Signed(number)) => number.to_string(),
            Self::Float(number) => float::key(number),
            Self::Text(text) => text,
            Self::Null | Self::Integer(Integer::Unsigned(_)) => {
                return Err("kubectl takes no such key; put it in quotes".to_owned());
            }
        })
    }
}

#[cfg(test)]
mod tests;
