//! What the starts of one container tell each other through its token volume: how often and why
//! the init containers were asked to run again, and which process the program became.

use std::time::{SystemTime, UNIX_EPOCH};
use std::{fs, process};

use serde::{Deserialize, Serialize};

/// Contents of [`contract::paths::RERUN_FILE`]. A program can write there too: what cannot be
/// read is taken for nothing, and nothing in it is trusted further than for a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Record {
    /// The last reruns that this container asked for in a row: since its program was started, or a start
    /// failed for another reason than its token.
    pub(crate) reruns: Vec<Rerun>,
    /// Whether the last start gave up, so that kubelet's back-off is behind the next one, unless another
    /// container of the pod had the init containers run again meanwhile.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) gave_up: bool,
    /// The process that became the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) program: Option<Process>,
    /// When that was, unless a start failed since: then kubelet waits before the next one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) started: Option<ProgramStart>,
}

/// A start of the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ProgramStart {
    /// Seconds since 1970.
    at: u64,
    /// How many starts in a row there were before it that env-exec did not ask for, each soon after the
    /// one before.
    pub(crate) unasked: u32,
}

/// After so many seconds without a crash kubelet forgets the ones before, and so does the row.
const FORGOTTEN_AFTER: u64 = 600;

/// One time that the init containers were asked to run again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rerun {
    /// Seconds since 1970.
    at: u64,
    /// Why, in words.
    reason: String,
}

/// A process, told apart from a later one of the same number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Process {
    id: u32,
    /// Field 22 of `/proc/PID/stat`: clock ticks since boot.
    start: u64,
}

impl Rerun {
    /// A rerun that is asked for now.
    pub(crate) fn now(reason: String) -> Self {
        Self { at: now(), reason }
    }

    /// `4 s ago: no token …`, as one line of bounded length.
    pub(crate) fn describe(&self) -> String {
        let seconds = now().saturating_sub(self.at);
        let reason: String = self.reason.chars().take(512).collect();
        format!("{seconds} s ago: {reason}")
    }
}

impl Record {
    /// Reads what a start left.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        serde_json::from_slice(bytes).unwrap_or_default()
    }

    /// A start asks for a rerun; the last `most` of them are kept.
    pub(crate) fn ask(&mut self, rerun: Rerun, most: usize) {
        self.gave_up = false;
        self.reruns.push(rerun);
        let forgotten = self.reruns.len().saturating_sub(most);
        self.reruns.drain(..forgotten);
    }

    /// The start of the program that this process is about to make.
    pub(crate) fn next_start(&self) -> ProgramStart {
        self.start_at(now())
    }

    fn start_at(&self, at: u64) -> ProgramStart {
        let before = self.started.as_ref().filter(|_| self.reruns.is_empty());
        let soon = |before: &&ProgramStart| {
            at.checked_sub(before.at)
                .is_some_and(|since| since < FORGOTTEN_AFTER)
        };
        ProgramStart {
            at,
            unasked: before
                .filter(soon)
                .map_or(0, |before| before.unasked.saturating_add(1)),
        }
    }

    /// What the next start will read.
    pub(crate) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Whether the program that an earlier start became is another process and still runs: then
    /// this one is not the container's first, but came by `kubectl exec`, a probe or a hook.
    pub(crate) fn program_runs(&self) -> bool {
        self.program.as_ref().is_some_and(|program| {
            program.id != process::id() && start_of(program.id) == Some(program.start)
        })
    }
}

/// This process, which will be the program.
pub(crate) fn this_process() -> Option<Process> {
    let id = process::id();
    start_of(id).map(|start| Process { id, start })
}

fn start_of(id: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The second field is the program's name in parentheses and may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    fields.split_ascii_whitespace().nth(19)?.parse().ok()
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::{FORGOTTEN_AFTER, Process, ProgramStart, Record, Rerun, start_of, this_process};
    use proptest::prelude::*;
    use std::process::Command;

    #[test]
    fn written_record_is_read_back() {
        let record = Record {
            reruns: vec![Rerun::now("no token".into())],
            program: this_process(),
            ..Record::default()
        };
        assert_eq!(Record::parse(&record.to_json()), record);
        assert!(record.reruns[0].describe().ends_with("s ago: no token"));
    }

    #[test]
    fn the_last_reruns_are_kept() {
        let mut record = Record {
            gave_up: true,
            ..Record::default()
        };
        let [a, b, c] = ["a", "b", "c"].map(|why| Rerun::now(why.into()));
        for rerun in [&a, &b, &c] {
            record.ask(rerun.clone(), 2);
        }
        assert_eq!(record.reruns, [b, c]);
        assert!(!record.gave_up);
    }

    #[test]
    fn garbage_is_nothing() {
        for garbage in [
            &b""[..],
            b"{",
            b"[]",
            b"null",
            b"\xff",
            br#"{"reruns":7}"#,
            br#"{"program":{"id":-1}}"#,
        ] {
            assert_eq!(Record::parse(garbage), Record::default());
        }
        let far = br#"{"reruns":[{"at":99999999999999,"reason":"x"}]}"#;
        assert_eq!(Record::parse(far).reruns[0].describe(), "0 s ago: x");
    }

    #[test]
    fn unasked_starts_in_a_row_are_counted() {
        const NOW: u64 = 1_000_000;
        let record = |at, unasked| Record {
            started: Some(ProgramStart { at, unasked }),
            ..Record::default()
        };
        let asked = Record {
            reruns: vec![Rerun::now("no token".into())],
            ..record(NOW - 1, 7)
        };
        for (record, unasked) in [
            (Record::default(), 0),
            (record(NOW - 1, 0), 1),
            (record(NOW, 7), 8),
            (record(NOW - FORGOTTEN_AFTER + 1, 7), 8),
            (record(NOW - FORGOTTEN_AFTER, 7), 0),
            (record(0, 7), 0),
            // The clock was set back, or the program wrote this.
            (record(NOW + 1, 7), 0),
            (record(NOW - 1, u32::MAX), u32::MAX),
            (asked, 0),
        ] {
            let start = record.start_at(NOW);
            assert_eq!((start.at, start.unasked), (NOW, unasked), "{record:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_record(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Record::parse(&bytes).program_runs();
        }
    }

    #[test]
    fn a_program_runs_until_it_ends() {
        let mut child = Command::new("/bin/sleep").arg("60").spawn().unwrap();
        let start = start_of(child.id()).unwrap();
        let record = |start| Record {
            program: Some(Process {
                id: child.id(),
                start,
            }),
            ..Record::default()
        };
        let (running, reused) = (record(start), record(start + 1));
        assert!(running.program_runs());
        assert!(!reused.program_runs(), "another process of that number");
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!running.program_runs());
        let this = Record {
            program: this_process(),
            ..Record::default()
        };
        assert!(this.program.is_some() && !this.program_runs());
    }
}
