//! Many runs of one thing.

use std::time::Duration;

use super::effort::Effort;

/// The times of many runs, and the processor time of all of them together.
#[derive(Default)]
pub(super) struct Samples {
    times: Vec<Duration>,
    effort: Effort,
}

impl Samples {
    pub(super) fn add(&mut self, time: Duration, effort: Effort) {
        let place = self.times.partition_point(|other| *other < time);
        self.times.insert(place, time);
        self.effort = self.effort + effort;
    }

    pub(super) fn len(&self) -> usize {
        self.times.len()
    }

    /// Half of the runs took no longer.
    pub(super) fn median(&self) -> Duration {
        self.quantile(2)
    }

    /// A quarter of the runs took no longer, and a quarter no less.
    pub(super) fn quartiles(&self) -> (Duration, Duration) {
        (self.quantile(1), self.quantile(3))
    }

    /// Processor time of one run, on average.
    pub(super) fn effort(&self) -> Effort {
        self.effort / u32::try_from(self.len()).unwrap_or(u32::MAX)
    }

    /// In quarters; between two runs it is taken from both.
    fn quantile(&self, quarters: usize) -> Duration {
        let Some(last) = self.times.len().checked_sub(1) else {
            return Duration::ZERO;
        };
        let (index, rest) = (last * quarters / 4, last * quarters % 4);
        let (low, high) = (self.times[index], self.times[(index + 1).min(last)]);
        low + high.saturating_sub(low) * u32::try_from(rest).unwrap_or(0) / 4
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build_samples(milliseconds: &[u64]) -> Samples {
        let mut samples = Samples::default();
        for time in milliseconds {
            samples.add(Duration::from_millis(*time), Effort::default());
        }
        samples
    }

    #[test]
    fn medians_and_quartiles() {
        let cases: [(&[u64], f64, (f64, f64)); 6] = [
            (&[], 0.0, (0.0, 0.0)),
            (&[7], 7.0, (7.0, 7.0)),
            (&[9, 1], 5.0, (3.0, 7.0)),
            (&[3, 1, 2], 2.0, (1.5, 2.5)),
            (&[4, 1, 3, 2], 2.5, (1.75, 3.25)),
            (&[5, 1, 4, 2, 1000], 4.0, (2.0, 5.0)),
        ];
        for (times, median, quartiles) in cases {
            let samples = build_samples(times);
            let ms = |time: Duration| time.as_secs_f64() * 1000.0;
            assert!((ms(samples.median()) - median).abs() < 1e-6, "{times:?}");
            let (low, high) = samples.quartiles();
            assert!((ms(low) - quartiles.0).abs() < 1e-6, "{times:?}: {low:?}");
            assert!((ms(high) - quartiles.1).abs() < 1e-6, "{times:?}: {high:?}");
        }
    }

    #[test]
    fn the_effort_is_that_of_one_run() {
        let mut samples = Samples::default();
        for (user, system) in [(3, 1), (5, 1)] {
            let ms = Duration::from_millis;
            samples.add(
                ms(9),
                Effort {
                    user: ms(user),
                    system: ms(system),
                },
            );
        }
        assert_eq!(samples.effort().user, Duration::from_millis(4));
        assert_eq!(samples.effort().system, Duration::from_millis(1));
    }
}
