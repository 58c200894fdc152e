//! What Vault has logged of requests.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fmt, fs};

use serde_json::Value;

use super::DemoError;

/// A request that Vault answered.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// `read`, `update`, `list` …
    pub operation: String,
    /// Below `/v1`.
    pub path: String,
    /// Whether it was refused.
    pub refused: bool,
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused = if self.refused { ", refused" } else { "" };
        write!(f, "{} of {}{refused}", self.operation, self.path)
    }
}

/// The requests of everybody but root, each with how often it was made.
pub fn read_requests(log: &Path) -> Result<BTreeMap<Request, usize>, DemoError> {
    count_requests(&fs::read_to_string(log)?)
}

/// The same, of a log that was read already.
pub fn count_requests(log: &str) -> Result<BTreeMap<Request, usize>, DemoError> {
    let mut requests = BTreeMap::new();
    for line in log.lines() {
        let entry: Value =
            serde_json::from_str(line).map_err(|error| DemoError::Audit(error.to_string()))?;
        if (entry["type"] == "response" || is_too_many(&entry)) && !is_root(&entry["auth"]) {
            *requests.entry(parse_request(&entry)).or_default() += 1;
        }
    }
    Ok(requests)
}

fn parse_request(entry: &Value) -> Request {
    let text = |field: &str| {
        entry["request"][field]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    // The second is what a login says that refuses.
    let refused = !entry["error"].as_str().unwrap_or_default().is_empty()
        || entry["response"]["data"]["error"].is_string();
    Request {
        operation: text("operation"),
        path: text("path"),
        refused,
    }
}

fn is_root(auth: &Value) -> bool {
    auth["policies"]
        .as_array()
        .is_some_and(|policies| policies.contains(&Value::from("root")))
}

/// Whether this is all that Vault logs of a request that it refused with 429: it has no response.
fn is_too_many(entry: &Value) -> bool {
    let error = entry["error"].as_str().unwrap_or_default();
    entry["type"] == "request" && error.contains("rate limit quota exceeded")
}
