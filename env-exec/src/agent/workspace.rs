//! The agent's private tmpfs: its configuration, its CA file, the directory of its sink.

use std::fs::{self, DirBuilder};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use contract::AgentSettings;
use contract::paths::{AGENT, AGENT_CA, AGENT_CONFIG, AGENT_SINK};
use nix::fcntl::AT_FDCWD;
use nix::sys::stat::Mode;

use super::error::AgentError;
use crate::files;
use crate::report::Reporter;
use crate::token::{self, Token, TokenError};

/// The directory of the agent's sink, opened.
pub(super) struct Workspace {
    sink: PathBuf,
    directory: OwnedFd,
}

impl Workspace {
    /// Writes what the agent reads, and removes what an earlier run left.
    pub(super) fn lay_out(settings: &AgentSettings) -> Result<Self, AgentError> {
        let private = files::open_directory(AT_FDCWD, Path::new(AGENT))
            .map_err(|problem| wrong(AGENT, &problem))?;
        let owner_only = Mode::S_IRUSR | Mode::S_IWUSR;
        if let Some(config) = &settings.config {
            let config = serde_json::to_vec(config).map_err(|error| wrong(AGENT_CONFIG, &error))?;
            files::replace(private.as_fd(), name(AGENT_CONFIG), &config, owner_only)
                .map_err(|error| wrong(AGENT_CONFIG, &error))?;
        }
        if let Some(ca) = &settings.vault.ca {
            files::replace(private.as_fd(), name(AGENT_CA), ca.as_bytes(), owner_only)
                .map_err(|error| wrong(AGENT_CA, &error))?;
        }
        let sink = Path::new(settings.sink.as_deref().unwrap_or(AGENT_SINK));
        let shown = sink.display().to_string();
        let mut maker = DirBuilder::new();
        maker.recursive(true).mode(0o700);
        maker
            .create(parent(sink))
            .map_err(|error| wrong(&shown, &error))?;
        let directory = files::open_directory(AT_FDCWD, parent(sink))
            .map_err(|problem| wrong(&shown, &problem))?;
        let workspace = Self {
            sink: sink.to_owned(),
            directory,
        };
        workspace.clear()?;
        Ok(workspace)
    }

    /// What the agent wrote.
    pub(super) fn token(&self) -> Result<Option<Token>, TokenError> {
        let shown = self.sink.display().to_string();
        token::read_at(&self.directory, name(&shown), || shown.clone())
    }

    /// Has the redactor know the token, as soon as there is one.
    pub(super) fn learn(&self, report: &Reporter) {
        // What is no token yet is none to hide; what is no token at all is reported later.
        if let Ok(Some(token)) = self.token() {
            report.learn_token(&token);
        }
    }

    /// Shreds the sink's file, and the temporary files of writes that failed, each of which holds a
    /// live token. What else an author's file has the agent write beside them is left.
    pub(super) fn clear(&self) -> Result<(), AgentError> {
        let shown = self.sink.display().to_string();
        let entries = fs::read_dir(parent(&self.sink)).map_err(|error| wrong(&shown, &error))?;
        for entry in entries {
            let file = entry.map_err(|error| wrong(&shown, &error))?.file_name();
            let bytes = file.as_encoded_bytes();
            let rest = bytes.strip_prefix(name(&shown).as_bytes());
            if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b".tmp.")) {
                token::shred(self.directory.as_fd(), &file)
                    .map_err(|error| wrong(&shown, &error))?;
            }
        }
        Ok(())
    }
}

fn parent(sink: &Path) -> &Path {
    sink.parent().unwrap_or(sink)
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn wrong(place: &str, reason: &dyn std::fmt::Display) -> AgentError {
    AgentError::Place {
        place: place.into(),
        reason: reason.to_string(),
    }
}
