//! What the Vault of a scenario has logged of requests.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::clock::{DAY, time_of_day};
use super::{E2eError, Vault};
use crate::demo::audit::{self, Request};

impl Vault<'_> {
    /// The requests of pods, each with how often it was made.
    pub fn read_requests(&self) -> Result<BTreeMap<Request, usize>, E2eError> {
        audit::count_requests(&self.audit_log()?)
            .map_err(|error| E2eError::Unexpected(error.to_string()))
    }

    /// How often a request was made, whatever the answer was.
    pub fn count_requests(&self, operation: &str, path: &str) -> Result<usize, E2eError> {
        let is_meant = |request: &Request| request.operation == operation && request.path == path;
        let requests = self.read_requests()?;
        Ok(requests
            .iter()
            .filter(|(request, _)| is_meant(request))
            .map(|(_, count)| count)
            .sum())
    }

    /// When a request for a path came in: how long after the first one, in order. It can be told for a day.
    pub fn read_request_times(&self, path: &str) -> Result<Vec<Duration>, E2eError> {
        let entries = self.read_entries(path)?;
        let requests = entries.iter().filter(|entry| entry["type"] == "request");
        let times: Vec<_> = requests.filter_map(read_time).collect();
        let first = times.first().copied().unwrap_or_default();
        Ok(times
            .into_iter()
            .map(|time| elapsed_since(time, first))
            .collect())
    }

    /// How long it took over each request for a path that it answered, the longest last.
    pub fn read_answer_times(&self, path: &str) -> Result<Vec<Duration>, E2eError> {
        let entries = self.read_entries(path)?;
        let is_of = |entry: &Value, kind: &str| entry["type"] == kind;
        let mut took: Vec<_> = entries
            .iter()
            .filter(|entry| is_of(entry, "response"))
            .filter_map(|answer| {
                let id = &answer["request"]["id"];
                let is_asked =
                    |entry: &&Value| is_of(entry, "request") && entry["request"]["id"] == *id;
                let asked = entries.iter().find(is_asked)?;
                Some(elapsed_since(read_time(answer)?, read_time(asked)?))
            })
            .collect();
        took.sort();
        Ok(took)
    }

    /// The entries about a path.
    fn read_entries(&self, path: &str) -> Result<Vec<Value>, E2eError> {
        let log = self.audit_log()?;
        let entries = log
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        Ok(entries
            .filter(|entry: &Value| entry["request"]["path"] == path)
            .collect())
    }

    /// The lines of its log that are entries of the audit.
    fn audit_log(&self) -> Result<String, E2eError> {
        let log = self.read_log()?;
        let entries = log.lines().filter(|line| line.starts_with('{'));
        Ok(entries.collect::<Vec<_>>().join("\n"))
    }
}

/// When an entry was written, within its day.
fn read_time(entry: &Value) -> Option<Duration> {
    time_of_day(entry["time"].as_str()?)
}

/// How long a time is after another one, which may be of the day before. Lines are not always in order:
/// a little before it is no time at all.
fn elapsed_since(time: Duration, earlier: Duration) -> Duration {
    let time = if time + DAY / 2 < earlier {
        time + DAY
    } else {
        time
    };
    time.saturating_sub(earlier)
}
