//! The values of an answer. None can be printed; an error shows names of fields and kinds alone.

use std::collections::BTreeMap;
use std::fmt;

use secrecy::SecretString;
use thiserror::Error;

/// The fields of one answer: `data` of Vault's envelope, or what a KV 2 secret has below that.
///
/// Reads a JSON object through `serde_json` (and only through that: numbers are kept as they are
/// written, which its raw values make possible). Nesting deeper than 64 levels is refused.
#[derive(Default)]
pub struct Data(pub(super) BTreeMap<String, Value>);

/// One value of an answer.
pub enum Value {
    /// JSON's `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as the server wrote it: `9007199254740993`, `1.50` and `1e3` stay as they are.
    Number(SecretString),
    /// A text.
    Text(SecretString),
    /// An array.
    List(Vec<Self>),
    /// An object.
    Map(Data),
}

impl Data {
    /// The field of that name.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.get(key)
    }

    /// Takes the field of that name out, such as the inner `data` of a KV 2 secret.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.0.remove(key)
    }

    /// Puts a field in; gives what had the name before.
    pub fn insert(&mut self, key: String, value: Value) -> Option<Value> {
        self.0.insert(key, value)
    }

    /// The names of all fields, in byte order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// All fields, in the byte order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Value {
    /// The fields, if it is a map.
    pub fn as_map(&self) -> Option<&Data> {
        match self {
            Self::Map(data) => Some(data),
            _ => None,
        }
    }

    /// The fields, if it is a map.
    pub fn into_map(self) -> Option<Data> {
        match self {
            Self::Map(data) => Some(data),
            _ => None,
        }
    }

    /// The value as an environment variable has it: `null` is empty, a boolean is `true` or
    /// `false`, a number stays as the server wrote it.
    pub fn to_env(&self) -> Result<SecretString, NotScalar> {
        match self {
            Self::Null => Ok(SecretString::default()),
            Self::Bool(true) => Ok("true".into()),
            Self::Bool(false) => Ok("false".into()),
            Self::Number(text) | Self::Text(text) => Ok(text.clone()),
            Self::List(_) => Err(NotScalar { kind: "a list" }),
            Self::Map(_) => Err(NotScalar { kind: "a map" }),
        }
    }

    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// A list or map where an environment variable needs one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("it is {kind}, and an environment variable needs a text, a number or a boolean")]
pub struct NotScalar {
    /// "a list" or "a map".
    pub kind: &'static str,
}

/// Shows the names of the fields, as an error that lists them would.
impl fmt::Debug for Data {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys()).finish()
    }
}

/// Shows the kind alone.
impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}>", self.kind())
    }
}
