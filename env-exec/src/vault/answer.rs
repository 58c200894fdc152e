//! The meaning of an answer to a read or write. Pure: the same bytes always mean the same.

use std::fmt;
use std::time::Duration;

use http::StatusCode;
use serde::Deserialize;
use templates::reference::Body;
use templates::{Data, Request, Value};

use super::envelope::{Asked, Envelope};
use super::error::{Said, VaultError};
use super::transport::Response;
use crate::foreign;

/// What Vault has at a path.
pub(crate) enum Answer {
    /// Fields, perhaps none.
    Found(Secret),
    /// Nothing: 404, or a version that was deleted.
    Absent(Absence),
}

/// The fields of an answer, those of a KV 2 secret already taken out of their envelope.
pub(crate) struct Secret {
    /// The fields.
    pub(crate) data: Data,
    /// How long they are good for, where Vault leased them.
    pub(crate) lease: Option<Duration>,
    /// What Vault warned about.
    pub(crate) warnings: Option<String>,
}

/// Why there is nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Absence(pub(crate) String);

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The meaning of an answer to a read or write.
pub(super) fn secret(request: &Request, response: &Response) -> Result<Answer, VaultError> {
    let asked = asked(request);
    let envelope = Envelope::open(&asked, response)?;
    match response.status() {
        status if status.is_success() => found(request, &asked, envelope),
        StatusCode::NOT_FOUND => Ok(Answer::Absent(absent(request, &asked, &envelope))),
        status => Err(asked.refused(status, envelope.said(&asked))),
    }
}

fn asked(request: &Request) -> Asked<'_> {
    let path = request.path().as_str();
    match request {
        Request::Write { body, .. } => Asked {
            hidden: texts(body),
            ..Asked::new(path, "update")
        },
        Request::Read { .. } => Asked {
            hint: with_data(path)
                .map(|path| format!(" (if it is a KV 2 secret, its path is `{path}`)")),
            ..Asked::new(path, "read")
        },
    }
}

fn found(
    request: &Request,
    asked: &Asked<'_>,
    envelope: Envelope<'_>,
) -> Result<Answer, VaultError> {
    let data: Data = match envelope.data {
        None => Data::default(),
        Some(raw) => serde_json::from_str(raw.get()).map_err(|error: serde_json::Error| {
            asked.malformed(&foreign::quote(&error.to_string()))
        })?,
    };
    let is_versioned = is_versioned(asked.path, &data);
    match request {
        Request::Read {
            version: Some(version),
            ..
        } if !is_versioned => Err(VaultError::NotVersioned {
            path: asked.path.into(),
            version: *version,
        }),
        _ if is_versioned => Ok(unversioned(data).map_or_else(
            || Answer::Absent(Absence(format!("`{}` is deleted", asked.path))),
            |data| Answer::Found(envelope.into_secret(data, asked)),
        )),
        _ => Ok(Answer::Found(envelope.into_secret(data, asked))),
    }
}

impl Envelope<'_> {
    fn into_secret(self, data: Data, asked: &Asked<'_>) -> Secret {
        let warnings = self.warnings.filter(|warnings| !warnings.is_empty());
        Secret {
            data,
            lease: (!self.lease_id.is_empty()).then(|| Duration::from_secs(self.lease_duration)),
            warnings: warnings.map(|texts| {
                Said::new(texts.iter().map(String::as_str), &asked.hidden).to_string()
            }),
        }
    }
}

/// A KV 2 secret: `data` and `metadata` and nothing else, of the shape that KV 2 writes, at a
/// path with the segment that KV 2 asks for. A KV 1 secret may well have a field called `data`.
fn is_versioned(path: &str, data: &Data) -> bool {
    let Some(metadata) = data.get("metadata").and_then(Value::as_map) else {
        return false;
    };
    path.split('/').any(|segment| segment == "data")
        && data.keys().eq(["data", "metadata"])
        && matches!(metadata.get("version"), Some(Value::Number(_)))
        && matches!(metadata.get("created_time"), Some(Value::Text(_)))
}

fn unversioned(mut data: Data) -> Option<Data> {
    data.remove("data").and_then(Value::into_map)
}

fn absent(request: &Request, asked: &Asked<'_>, envelope: &Envelope<'_>) -> Absence {
    #[derive(Deserialize)]
    struct Versioned {
        metadata: Metadata,
    }
    #[derive(Deserialize)]
    struct Metadata {
        version: u64,
        destroyed: bool,
    }
    let versioned = envelope
        .data
        .and_then(|data| serde_json::from_str::<Versioned>(data.get()).ok());
    let path = asked.path;
    if let Some(Versioned { metadata }) = versioned {
        let state = if metadata.destroyed {
            "destroyed"
        } else {
            "deleted"
        };
        let version = metadata.version;
        return Absence(format!("version {version} of `{path}` is {state}"));
    }
    let said = envelope.said(asked);
    let hint = with_data(path).filter(|_| said.contains("versioned K/V"));
    Absence(match (hint, request) {
        (Some(hint), _) => format!("`{path}` was not found: for a KV 2 secret write `{hint}`"),
        // KV 2 answers the same, whichever of the two is missing.
        (
            None,
            Request::Read {
                version: Some(version),
                ..
            },
        ) => format!(
            "version {version} of `{path}` was not found, or there is no such path{said}; without \
             `#{version}` the latest is read"
        ),
        _ => format!("`{path}` was not found{said}"),
    })
}

/// The path that KV 2 wants, if its engine is mounted at the first segment, where most are.
fn with_data(path: &str) -> Option<String> {
    let (mount, rest) = path.split_once('/')?;
    let has_data = rest.split('/').any(|segment| segment == "data");
    (!has_data).then(|| format!("{mount}/data/{rest}"))
}

/// The values in a body that are long enough to be looked for, as they are and as JSON quotes
/// them, which is nearly how Go does; the longest first, so that none hides a part of another.
fn texts(body: &Body) -> Vec<String> {
    fn collect(value: &serde_json::Value, texts: &mut Vec<String>) {
        match value {
            serde_json::Value::String(text) => {
                let quoted = value.to_string();
                texts.push(quoted[1..quoted.len() - 1].to_owned());
                texts.push(text.clone());
            }
            serde_json::Value::Number(number) => texts.push(number.to_string()),
            serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, texts)),
            serde_json::Value::Object(map) => map.values().for_each(|item| collect(item, texts)),
            serde_json::Value::Null | serde_json::Value::Bool(_) => {}
        }
    }
    let mut texts = Vec::new();
    if let Ok(value) = serde_json::from_str(body.expose()) {
        collect(&value, &mut texts);
    }
    texts.retain(|text| text.len() > 3);
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    texts.dedup();
    texts
}

#[cfg(test)]
mod tests;
