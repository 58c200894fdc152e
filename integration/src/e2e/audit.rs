//! What the Vault of a scenario has logged of requests.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::clock::{DAY, time_of_day};
use super::{E2eError, Vault};
use crate::demo::audit::{self, Request};

impl Vault<'_> {
    /// The requests of pods, each with how often it was made.
    pub fn requests(&self) -> Result<BTreeMap<Request, usize>, E2eError> {
        audit::requests_in(&self.audit_log()?)
            .map_err(|error| E2eError::Unexpected(error.to_string()))
    }

    /// How often a request was made, whatever the answer was.
    pub fn count(&self, operation: &str, path: &str) -> Result<usize, E2eError> {
        let is_meant = |request: &Request| request.operation == operation && request.path == path;
        let requests = self.requests()?;
        Ok(requests
            .iter()
            .filter(|(request, _)| is_meant(request))
            .map(|(_, count)| count)
            .sum())
    }

    /// When a request for a path came in: how long after the first one, in order. It can be told for a day.
    pub fn times(&self, path: &str) -> Result<Vec<Duration>, E2eError> {
        let log = self.audit_log()?;
        let entries = log
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        let of_path = entries
            .filter(|entry: &Value| entry["type"] == "request" && entry["request"]["path"] == path);
        let times = of_path.filter_map(|entry| time_of_day(entry["time"].as_str()?));
        let times: Vec<_> = times.collect();
        let first = times.first().copied().unwrap_or_default();
        let since = |time: Duration| {
            let time = if time < first { time + DAY } else { time };
            time.saturating_sub(first)
        };
        Ok(times.into_iter().map(since).collect())
    }

    /// The lines of its log that are entries of the audit.
    fn audit_log(&self) -> Result<String, E2eError> {
        let log = self.log()?;
        let entries = log.lines().filter(|line| line.starts_with('{'));
        Ok(entries.collect::<Vec<_>>().join("\n"))
    }
}
