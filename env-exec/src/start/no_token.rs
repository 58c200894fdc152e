//! The end of a start whose token is missing or not accepted.

use backon::{BackoffBuilder as _, ExponentialBuilder};

use super::pod_token::PodToken;
use crate::error::{End, Error};
use crate::report::Reporter;
use crate::restart::{self, Decision, Lack, NoToken};
use crate::signals::Signals;
use crate::token::{ForeignToken, Record, Rerun, TokenError, TokenVolume};

/// The error of a token that another program writes: tokenpipe cannot have another one written.
pub(super) fn foreign_error(lack: Lack, file: &ForeignToken) -> Error {
    match (lack, file.is_shredded()) {
        (Lack::Invalid, _) => Error::NotAccepted(NoToken::NotRenewed),
        (Lack::Missing, false) => Error::NoToken(NoToken::NotWritten, file.path()),
        (Lack::Missing, true) => Error::NoToken(NoToken::NotWrittenAgain, file.path()),
    }
}

/// Ends a start of a pod: by a rerun, or by saying why there is none.
pub(super) fn end_in_pod(pod: &PodToken, lack: Lack, signals: Signals, report: &Reporter) -> End {
    let record = pod.record();
    let decision = restart::decide(
        pod.restart,
        lack,
        record.program_runs(),
        record.reruns.len(),
        record.gave_up,
    );
    let asked = match (decision, &pod.volume) {
        (Decision::GiveUp(why), _) => {
            if why.ends_reruns() {
                pod.note(report, |record| record.gave_up = true);
            }
            Err(match lack {
                Lack::Invalid => Error::NotAccepted(why),
                Lack::Missing => Error::NoToken(why, pod.path.clone()),
            })
        }
        // Without the volume reruns could not be counted.
        (Decision::Rerun { .. }, None) => {
            Err(Error::NoToken(NoToken::NeverHandedOver, pod.path.clone()))
        }
        (Decision::Rerun { pause }, Some(volume)) => Ok((pause, volume)),
    };
    // What Vault does not accept is of no use to the next start.
    let shredded = match (lack, &pod.volume) {
        (Lack::Invalid, Some(volume)) => volume.shred(),
        _ => Ok(()),
    };
    let (pause, volume) = match asked.and_then(|asked| Ok(shredded.map(|()| asked)?)) {
        Err(error) => return End::Failed(error),
        Ok(asked) => asked,
    };
    let jittered = ExponentialBuilder::new()
        .with_min_delay(pause)
        .with_jitter();
    if let Some(signal) = signals.wait(jittered.build().next().unwrap_or(pause)) {
        return End::Signalled(Box::new(signals), signal);
    }
    // Not before the pause: what is told to end in it has asked for nothing.
    match note_rerun(volume, record, report.redact(&reason(pod, lack))) {
        Err(error) => End::Failed(error),
        Ok(reason) => End::Failed(Error::Rerun(reason)),
    }
}

fn reason(pod: &PodToken, lack: Lack) -> String {
    match lack {
        Lack::Missing => format!("no token in {}: this container was restarted", pod.path),
        Lack::Invalid => "Vault rejects the token: it is expired, revoked or used up".into(),
    }
}

/// kubelet loses the cause of a rerun, so the next start must be able to tell it; and without a
/// count a rerun must not be asked for.
fn note_rerun(volume: &TokenVolume, mut record: Record, reason: String) -> Result<String, Error> {
    record.ask(Rerun::now(reason.clone()), restart::MOST_RERUNS);
    let noted = volume.set_record(&record);
    noted
        .map(|()| reason)
        .map_err(|error| Error::Token(TokenError::NotWritten(error)))
}
