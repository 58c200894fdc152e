//! Times as logs have them.

use std::time::Duration;

pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// How long after midnight a time such as `2026-11-23T14:51:26.514303Z` is, of whatever day.
pub(super) fn time_of_day(time: &str) -> Option<Duration> {
    let (_, clock) = time.trim_end_matches('Z').split_once('T')?;
    let mut parts = clock.split(':');
    let hours: u32 = parts.next()?.parse().ok()?;
    let minutes: u32 = parts.next()?.parse().ok()?;
    let seconds: f64 = parts.next()?.parse().ok()?;
    Some(Duration::from_secs_f64(
        f64::from(hours * 60 + minutes) * 60.0 + seconds,
    ))
}

/// The moment of the last day that was so long after midnight, since 1970.
pub(super) fn resolve_moment(of_day: Duration, now: Duration) -> Duration {
    let midnight = now.as_secs() - now.as_secs() % DAY.as_secs();
    let moment = Duration::from_secs(midnight) + of_day;
    // A little later than now is the clock of another machine; much later was yesterday.
    if moment > now + DAY / 2 {
        moment.saturating_sub(DAY)
    } else {
        moment
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read() {
        let read = time_of_day("2026-11-23T14:51:26.5Z").unwrap();
        let expected = ((14 * 60 + 51) * 60 + 26) * 1000 + 500;
        assert_eq!(read, Duration::from_millis(expected));
        assert_eq!(time_of_day("yesterday"), None);
    }

    #[test]
    fn a_moment_may_be_before_midnight() {
        let now = DAY * 3 + Duration::from_secs(5);
        let second = Duration::from_secs(1);
        assert_eq!(resolve_moment(second, now), DAY * 3 + second);
        let late = DAY.saturating_sub(second);
        assert_eq!(resolve_moment(late, now), DAY * 2 + late);
    }
}
