//! When to ask Vault again, and until when.

use std::future::Future;
use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use tokio::time::{Instant, sleep, timeout_at};

use crate::vault::VaultError;

/// First and longest pause between two attempts, before jitter.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// When to ask again, and until when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// When everything must be over.
    end: Instant,
    /// The same as the length that was set, for messages.
    total: Duration,
    /// Attempts after the first; no limit but the deadline if absent.
    max_retries: Option<usize>,
}

impl Patience {
    /// Begins now.
    pub(crate) fn new(total: Duration, max_retries: Option<usize>) -> Self {
        Self {
            end: Instant::now() + total,
            total,
            max_retries,
        }
    }

    /// For something that is not worth waiting for: no longer and no more often than this.
    pub(crate) fn at_most(self, total: Duration, max_retries: usize) -> Self {
        let max_retries = self
            .max_retries
            .map_or(max_retries, |own| own.min(max_retries));
        let other = Self::new(total, Some(max_retries));
        Self {
            end: other.end.min(self.end),
            ..other
        }
    }

    fn pauses(&self) -> impl Iterator<Item = Duration> + use<> {
        let pauses = ExponentialBuilder::new()
            .with_min_delay(FIRST_PAUSE)
            .with_max_delay(LONGEST_PAUSE)
            .with_jitter();
        match self.max_retries {
            Some(times) => pauses.with_max_times(times),
            None => pauses.without_max_times(),
        }
        .build()
    }

    /// Makes attempts until one succeeds, one fails for good, or patience ends.
    pub(crate) async fn attempt<T, F>(&self, mut ask: impl FnMut() -> F) -> Result<T, VaultError>
    where
        F: Future<Output = Result<T, VaultError>>,
    {
        let mut pauses = self.pauses();
        let mut attempts = 0_usize;
        let mut last = None;
        loop {
            attempts += 1;
            let error = match timeout_at(self.end, ask()).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => error,
                Err(_) => return Err(self.out_of_time(last)),
            };
            if !error.is_passing() {
                return Err(error);
            }
            let Some(pause) = pauses.next() else {
                let limit = format!("after {attempts} attempts");
                return Err(gave_up(error, limit));
            };
            let left = self.end.saturating_duration_since(Instant::now());
            let asked_for = error.retry_after();
            if left < FIRST_PAUSE || left <= asked_for {
                return Err(self.out_of_time(Some(error)));
            }
            // On top of what Vault asked for, which it asks of all pods alike.
            let pause = pause.min(left.saturating_sub(asked_for) / 2);
            last = Some(error);
            sleep(asked_for + pause).await;
        }
    }

    fn out_of_time(&self, last: Option<VaultError>) -> VaultError {
        match last {
            None => VaultError::OutOfTime(self.total),
            Some(error) => gave_up(error, format!("within {} s", self.total.as_secs_f32())),
        }
    }
}

fn gave_up(error: VaultError, limit: String) -> VaultError {
    VaultError::GaveUp {
        error: Box::new(error),
        limit,
    }
}

#[cfg(test)]
mod tests {
    use super::{FIRST_PAUSE, LONGEST_PAUSE, Patience};
    use crate::vault::VaultError;
    use std::cell::Cell;
    use std::time::{Duration, Instant};

    fn run<T>(future: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
            .block_on(future)
    }

    fn passing() -> VaultError {
        VaultError::Unreachable {
            address: "http://vault".into(),
            reason: "Connection refused".into(),
        }
    }

    /// Answers with the error `failures` times, then with success; gives the number of attempts.
    fn attempts(
        patience: Patience,
        failures: usize,
        error: &VaultError,
    ) -> (usize, Result<(), VaultError>) {
        let count = Cell::new(0);
        let result = run(patience.attempt(|| {
            count.set(count.get() + 1);
            let failed = count.get() <= failures;
            let error = error.clone();
            async move { if failed { Err(error) } else { Ok(()) } }
        }));
        (count.get(), result)
    }

    fn within(milliseconds: u64) -> Patience {
        run(async { Patience::new(Duration::from_millis(milliseconds), None) })
    }

    #[test]
    fn passing_error_is_tried_again() {
        assert_eq!(attempts(within(60_000), 2, &passing()), (3, Ok(())));
    }

    #[test]
    fn final_error_is_not_tried_again() {
        let refused = VaultError::InvalidToken;
        assert_eq!(
            attempts(within(60_000), 9, &refused),
            (1, Err(refused.clone()))
        );
    }

    #[test]
    fn pauses_grow_and_are_never_the_same_for_all() {
        let pauses = || within(60_000).pauses().take(8).collect::<Vec<_>>();
        let mut first = std::collections::BTreeSet::new();
        for _ in 0..32 {
            let pauses = pauses();
            let base = |number: u32| (FIRST_PAUSE * 2_u32.pow(number)).min(LONGEST_PAUSE);
            for (pause, base) in pauses.iter().zip((0..).map(base)) {
                assert!(
                    base <= *pause && *pause <= base + FIRST_PAUSE.max(base),
                    "{pauses:?}"
                );
            }
            first.insert(pauses[0]);
        }
        assert!(first.len() > 8, "without jitter all pods would ask at once");
    }

    #[test]
    fn the_number_of_further_attempts_is_kept() {
        let patience = Patience {
            max_retries: Some(2),
            ..within(60_000)
        };
        let (count, result) = attempts(patience, 9, &passing());
        assert_eq!(count, 3);
        let error = result.unwrap_err().to_string();
        assert!(error.contains("refused (after 3 attempts)"), "{error}");
    }

    #[test]
    fn the_deadline_ends_it_with_the_last_reason() {
        let begin = Instant::now();
        let (_, result) = attempts(within(300), 99, &passing());
        assert!(begin.elapsed() < Duration::from_secs(10));
        let error = result.unwrap_err().to_string();
        assert!(error.contains("refused (within 0.3 s)"), "{error}");
    }

    #[test]
    fn vault_is_left_alone_for_as_long_as_it_asks() {
        let busy = |seconds| VaultError::Busy {
            status: "429".into(),
            said: crate::vault::Said::default(),
            retry_after: Some(Duration::from_secs(seconds)),
        };
        let begin = Instant::now();
        assert_eq!(attempts(within(60_000), 1, &busy(1)), (2, Ok(())));
        // And not for the same time as all the others are.
        assert!(begin.elapsed() >= Duration::from_secs(1) + FIRST_PAUSE);
        let (count, result) = attempts(within(500), 1, &busy(60));
        assert_eq!((count, result.is_err()), (1, true));
    }

    #[test]
    fn shorter_limit_ends_the_attempts() {
        let begin = Instant::now();
        let shorter = within(60_000).at_most(Duration::from_millis(300), 9);
        assert!(attempts(shorter, 99, &passing()).1.is_err());
        assert!(begin.elapsed() < Duration::from_secs(10));
        let (count, _) = attempts(
            within(60_000).at_most(Duration::from_secs(60), 1),
            9,
            &passing(),
        );
        assert_eq!(count, 2);
        let (_, result) = attempts(
            within(100).at_most(Duration::from_secs(60), 99),
            99,
            &passing(),
        );
        assert!(result.is_err());
        assert!(begin.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn an_answer_that_never_comes_is_not_waited_for() {
        let patience = within(100);
        let result = run(patience.attempt(std::future::pending::<Result<(), VaultError>>));
        assert_eq!(
            result,
            Err(VaultError::OutOfTime(Duration::from_millis(100)))
        );
    }
}
