//! The agent's private tmpfs: its configuration, its CA file, the directory of its sink.

use std::fs;
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::Path;

use contract::AgentSettings;
use contract::paths::{AGENT, AGENT_CA, AGENT_CONFIG, AGENT_SINK};
use nix::errno::Errno;
use nix::fcntl::AT_FDCWD;
use nix::sys::stat::{Mode, mkdirat};

use super::AgentError;
use crate::files;
use crate::token::{self, Token, TokenError};

/// The directory of the agent's sink, opened.
pub(super) struct Workspace {
    sink: OwnedFd,
}

impl Workspace {
    /// Writes what the agent reads, and removes what an earlier run left.
    pub(super) fn lay_out(settings: &AgentSettings) -> Result<Self, AgentError> {
        let private = files::open_directory(AT_FDCWD, Path::new(AGENT))
            .map_err(|problem| wrong(AGENT, &problem))?;
        let owner_only = Mode::S_IRUSR | Mode::S_IWUSR;
        let config =
            serde_json::to_vec(&settings.config).map_err(|error| wrong(AGENT_CONFIG, &error))?;
        files::replace(private.as_fd(), name(AGENT_CONFIG), &config, owner_only)
            .map_err(|error| wrong(AGENT_CONFIG, &error))?;
        if let Some(ca) = &settings.vault.ca {
            files::replace(private.as_fd(), name(AGENT_CA), ca.as_bytes(), owner_only)
                .map_err(|error| wrong(AGENT_CA, &error))?;
        }
        let directory = sink_directory();
        match mkdirat(AT_FDCWD, directory, Mode::S_IRWXU) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(errno) => return Err(wrong(AGENT_SINK, &errno.desc())),
        }
        let sink = files::open_directory(AT_FDCWD, directory)
            .map_err(|problem| wrong(AGENT_SINK, &problem))?;
        let workspace = Self { sink };
        workspace.clear()?;
        Ok(workspace)
    }

    /// What the agent wrote.
    pub(super) fn token(&self) -> Result<Option<Token>, TokenError> {
        token::read_at(&self.sink, name(AGENT_SINK), || AGENT_SINK.into())
    }

    /// Shreds the sink's file, and the temporary files of writes that failed, each of which holds a
    /// live token.
    pub(super) fn clear(&self) -> Result<(), AgentError> {
        let entries = fs::read_dir(sink_directory()).map_err(|error| wrong(AGENT_SINK, &error))?;
        for entry in entries {
            let entry = entry.map_err(|error| wrong(AGENT_SINK, &error))?;
            token::shred(self.sink.as_fd(), &entry.file_name())
                .map_err(|error| wrong(AGENT_SINK, &error))?;
        }
        Ok(())
    }
}

fn sink_directory() -> &'static Path {
    let sink: &'static Path = Path::new(AGENT_SINK);
    sink.parent().unwrap_or(sink)
}

fn name(path: &'static str) -> &'static str {
    path.rsplit('/').next().unwrap_or(path)
}

fn wrong(place: &str, reason: &dyn std::fmt::Display) -> AgentError {
    AgentError::Place {
        place: place.into(),
        reason: reason.to_string(),
    }
}
