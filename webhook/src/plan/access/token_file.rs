//! A token that somebody else writes: another injector, or a CSI driver.

use contract::Restart;
use contract::names::{self, ANNOTATION_PREFIX as P};

use super::files::{find_volume, no_volume};
use super::unused::refuse_unused;
use crate::annotations::Login;
use crate::plan::context::Context;
use crate::plan::neighbours;
use crate::plan::refusal::Refusal;
use crate::plan::surveyed::Surveyed;

/// The annotation.
pub(super) const KEY: &str = "token-from";

/// The file, and what becomes of it.
#[derive(Debug)]
pub(in crate::plan) struct TokenFile {
    /// The pod's volume that it lies in.
    pub(in crate::plan) volume: String,
    /// Its path below the volume's root.
    pub(in crate::plan) file: String,
    /// Whether env-exec shreds it.
    pub(in crate::plan) is_shredded: bool,
}

impl TokenFile {
    pub(super) fn choose(context: &Context<'_>) -> Result<Self, Refusal> {
        let annotations = context.annotations;
        let logins = [Login::Generated, Login::Agent];
        refuse_unused(annotations, &logins, KEY, "tokenpipe does not log in")?;
        let (volume, file) = match &annotations.token_from {
            Some(from) => (from.volume.clone(), from.file.clone()),
            None => return Err(no_volume(context.pod, KEY, "")),
        };
        if volume.starts_with(names::PREFIX) {
            return Err(Refusal::ReservedName {
                what: "volume",
                name: volume,
            });
        }
        let found = find_volume(context.pod, &volume);
        if found.is_none() && !neighbours::will_bring(context.pod, &volume) {
            return Err(no_volume(context.pod, KEY, &volume));
        }
        let is_read_only = found.is_some_and(crate::pod::Volume::is_read_only);
        let is_shredded = is_shredded(annotations.restart, is_read_only, context.wrapped)?;
        Ok(Self {
            volume,
            file,
            is_shredded,
        })
    }

    /// What env-exec is told by it.
    pub(in crate::plan) fn restart(&self) -> Restart {
        if self.is_shredded {
            Restart::Fail
        } else {
            Restart::Retain
        }
    }
}

/// Whether the author wants the file shredded, which only `restart: fail` says.
fn is_shredded(
    restart: Option<Restart>,
    is_read_only: bool,
    wrapped: &[&Surveyed<'_, '_>],
) -> Result<bool, Refusal> {
    let refused = |reason: String| {
        Err(Refusal::Combination {
            key: "restart",
            reason,
        })
    };
    match restart {
        None | Some(Restart::Retain) => Ok(false),
        Some(Restart::Rerun) => refused(format!(
            "is \"rerun\", but {P}{KEY} has no login to run again; set it to retain, or to fail to \
             shred the token"
        )),
        Some(Restart::Fail) if is_read_only => refused(format!(
            "is \"fail\", but the token in the read-only volume of {P}{KEY} cannot be shredded; \
             set it to retain"
        )),
        Some(Restart::Fail) if wrapped.len() > 1 => {
            let names: Vec<_> = wrapped.iter().map(|surveyed| surveyed.name()).collect();
            refused(format!(
                "is \"fail\", but the first of {} would shred the token of {P}{KEY}; set it to \
                 retain, or use {P}skip-containers",
                names.join(", ")
            ))
        }
        Some(Restart::Fail) => Ok(true),
    }
}
