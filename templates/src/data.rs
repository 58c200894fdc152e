//! What a server answered, as templates and single keys see it: a map of named values.
//!
//! Everything in it may be secret: nothing here can be printed, compared or serialised, texts and
//! numbers are wiped when they are dropped, and no error quotes what it found.

mod json;
mod value;

use secrecy::SecretString;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

pub use value::{Data, NotScalar, Value};

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)
            .map_err(|_| D::Error::custom("the data cannot be read as JSON"))?;
        let text = SecretString::from(Box::<str>::from(raw));
        match json::parse(&text) {
            Ok(Value::Map(data)) => Ok(data),
            Ok(other) => Err(D::Error::custom(format_args!(
                "the data is {}, not a JSON object",
                other.kind()
            ))),
            Err(error) => Err(D::Error::custom(error)),
        }
    }
}

#[cfg(test)]
mod tests;
