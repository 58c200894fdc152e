//! For the fuzzer: what an agent says.

use super::agent_log::{AgentLog, Stream};
use super::child::{Ended, Run};
use super::outcome::{Verdict, judge};

/// Longest reason that may come of it: with the words around it, it is far from the 4 KiB that
/// kubelet takes.
const LONGEST: usize = 2000;

/// However a run ends, and whatever was said, the reason is a bounded text of one line.
///
/// # Panics
/// Where that is not so.
pub fn output(bytes: &[u8]) {
    for stream in [Stream::Out, Stream::Err] {
        for ended in [
            Ended::Exited(0),
            Ended::Exited(1),
            Ended::Killed(9),
            Ended::TookTooLong,
            Ended::Hopeless,
        ] {
            let mut log = AgentLog::default();
            log.bytes(stream, bytes);
            log.bytes(stream, b"\n");
            let run = Run {
                ended,
                log,
                asked_to_end: None,
            };
            let reason = match judge(&run, Ok(None), None) {
                Verdict::Refused(reason)
                | Verdict::Settings(reason)
                | Verdict::Passing(reason)
                | Verdict::Silent(reason) => reason,
                Verdict::Token(_) => unreachable!("there is none"),
            };
            assert!(!reason.is_empty() && reason.chars().count() <= LONGEST);
            assert!(!reason.contains('\n'), "{reason:?}");
        }
    }
}
