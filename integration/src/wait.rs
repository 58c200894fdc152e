//! Waiting for a condition, never for luck.

use std::fmt;
use std::thread;
use std::time::{Duration, Instant};

use thiserror::Error;

/// What one look at a condition found.
pub enum Probe<T> {
    /// It holds, and this came of it.
    Ready(T),
    /// Not yet, for this reason.
    NotYet(String),
    /// It will never hold, for this reason.
    Failed(String),
}

impl From<bool> for Probe<()> {
    fn from(holds: bool) -> Self {
        if holds {
            Self::Ready(())
        } else {
            Self::NotYet("it does not hold".to_owned())
        }
    }
}

impl<T> From<Option<T>> for Probe<T> {
    fn from(found: Option<T>) -> Self {
        found.map_or_else(|| Self::NotYet("it is not there".to_owned()), Self::Ready)
    }
}

/// An error is a reason to look again.
impl<T, E: fmt::Display> From<Result<T, E>> for Probe<T> {
    fn from(result: Result<T, E>) -> Self {
        result.map_or_else(|error| Self::NotYet(error.to_string()), Self::Ready)
    }
}

/// Looks until the condition holds or `limit` has passed; the first pauses are short.
///
/// `what` completes "waited for …".
pub fn wait_for<T, P: Into<Probe<T>>>(
    what: &str,
    limit: Duration,
    mut probe: impl FnMut() -> P,
) -> Result<T, WaitError> {
    const LONGEST_PAUSE: Duration = Duration::from_millis(200);
    let started = Instant::now();
    let mut pause = Duration::from_millis(2);
    loop {
        match probe().into() {
            Probe::Ready(value) => return Ok(value),
            Probe::Failed(reason) => {
                return Err(WaitError::Failed {
                    what: what.into(),
                    reason,
                });
            }
            Probe::NotYet(reason) if started.elapsed() >= limit => {
                return Err(WaitError::Deadline {
                    what: what.into(),
                    limit,
                    reason,
                });
            }
            Probe::NotYet(_) => thread::sleep(pause.min(limit.saturating_sub(started.elapsed()))),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Why waiting ended without the condition.
#[derive(Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum WaitError {
    #[error("waited {:.1} s for {what}; at last: {reason}", .limit.as_secs_f64())]
    Deadline {
        what: String,
        limit: Duration,
        reason: String,
    },
    #[error("gave up waiting for {what}: {reason}")]
    Failed { what: String, reason: String },
}

debug_is_display!(WaitError);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_until_it_holds() {
        let mut looks = 0;
        let found = wait_for("the third look", Duration::from_secs(5), || {
            looks += 1;
            (looks == 3).then_some(looks)
        });
        assert_eq!(found.unwrap(), 3);
    }

    #[test]
    fn a_deadline_names_what_and_why() {
        let limit = Duration::from_millis(20);
        let error = wait_for::<(), _>("the door", limit, || Err("it is locked")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "waited 0.0 s for the door; at last: it is locked"
        );
        assert_eq!(format!("{error:?}"), error.to_string());
    }

    #[test]
    fn failed_probe_ends_the_wait_at_once() {
        let started = Instant::now();
        let error = wait_for("the server", Duration::from_secs(60), || {
            Probe::<()>::Failed("it ended with status 1".into())
        });
        assert!(started.elapsed() < Duration::from_secs(10));
        assert_eq!(
            error.unwrap_err().to_string(),
            "gave up waiting for the server: it ended with status 1"
        );
    }

    #[test]
    fn a_condition_is_looked_at_even_without_time() {
        wait_for("now", Duration::ZERO, || true).unwrap();
    }
}
