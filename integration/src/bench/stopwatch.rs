//! Starts that take turns, and how long each takes.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::BenchError;
use super::effort::Effort;
use super::samples::Samples;

/// Rounds that are not counted: what is read for the first time comes from a disk.
const WARM_UP: usize = 2;

/// One of those that take turns.
pub(super) struct Contestant<'a> {
    command: Command,
    prepare: Box<dyn FnMut() -> Result<(), BenchError> + 'a>,
}

impl<'a> Contestant<'a> {
    /// A command that can be run again and again; `prepare` lays out its files before each run,
    /// outside of the time.
    pub(super) fn new(
        mut command: Command,
        prepare: impl FnMut() -> Result<(), BenchError> + 'a,
    ) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Self {
            command,
            prepare: Box::new(prepare),
        }
    }

    /// Nothing but two system calls for the clock and the start itself lies in the time. No limit
    /// is set: env-exec has a deadline of its own.
    fn measure_run(&mut self) -> Result<(Duration, Effort), BenchError> {
        (self.prepare)()?;
        let before = Effort::of_children()?;
        let started = Instant::now();
        let status = self.command.status()?;
        let elapsed = started.elapsed();
        if !status.success() {
            return Err(BenchError::Ended {
                program: self.command.get_program().to_string_lossy().into_owned(),
                status: status.to_string(),
            });
        }
        Ok((elapsed, Effort::of_children()? - before))
    }
}

/// Runs all of them in turn, so often.
pub(super) fn take_turns<const N: usize>(
    rounds: usize,
    mut contestants: [Contestant<'_>; N],
) -> Result<[Samples; N], BenchError> {
    let mut samples = [(); N].map(|()| Samples::default());
    for round in 0..WARM_UP + rounds {
        for (contestant, samples) in contestants.iter_mut().zip(&mut samples) {
            let (time, effort) = contestant.measure_run()?;
            if round >= WARM_UP {
                samples.add(time, effort);
            }
        }
    }
    Ok(samples)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn they_take_turns() {
        let order = RefCell::new(String::new());
        let contestant = |name| {
            let order = &order;
            Contestant::new(Command::new("true"), move || {
                order.borrow_mut().push(name);
                Ok(())
            })
        };
        let [a, b] = take_turns(3, [contestant('a'), contestant('b')]).unwrap();
        assert_eq!((a.len(), b.len()), (3, 3));
        assert_eq!(*order.borrow(), "ababababab");
        assert!(a.median() > Duration::ZERO);
    }

    #[test]
    fn a_start_that_fails_is_no_figure() {
        let contestant = Contestant::new(Command::new("false"), || Ok(()));
        let error = take_turns(1, [contestant]).map(drop).unwrap_err();
        assert_eq!(error.to_string(), "`false` ended with exit status: 1");
    }
}
