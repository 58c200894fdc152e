//! Why a pod could not be run.

use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::certificates::CertificateError;
use crate::process::ProcessError;

/// Why a pod could not be run.
#[derive(Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum KubeletError {
    #[error(
        "running pods needs root: it mounts file systems and starts programs as other users. Run \
         this as root, in a container or a virtual machine if you like"
    )]
    NotRoot,
    #[error(
        "root may not mount here (no CAP_SYS_ADMIN): if this is a container, start it as a \
         privileged one"
    )]
    NotPermitted,
    #[error("the stand-in for kubelet cannot honour {field}: {reason}")]
    Manifest { field: String, reason: String },
    #[error("container {0} has no command, and images have none of their own here")]
    NoCommand(String),
    #[error("container {container}: image {image} is not known here; known are {known}")]
    Image {
        container: String,
        image: String,
        known: String,
    },
    #[error("container {0} has runAsNonRoot and would run as root")]
    Root(String),
    #[error("container {container} mounts volume {volume}, which the pod does not have")]
    NoVolume { container: String, volume: String },
    #[error("container {container}, {variable}: {reason}")]
    Variable {
        container: String,
        variable: String,
        reason: String,
    },
    #[error("volume {volume}: {reason}")]
    Volume { volume: String, reason: String },
    #[error("cannot {action} {}: {source}", .path.display())]
    File {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("init container {container} ended with {code}: {message}\nits log ended with:\n{log}")]
    Init {
        container: String,
        code: i32,
        message: String,
        log: String,
    },
    #[error("the pod has no container {0} that was started")]
    NoContainer(String),
    #[error(transparent)]
    Process(#[from] ProcessError),
    #[error("cannot make a token: {0}")]
    Token(String),
    #[error(transparent)]
    Certificate(#[from] CertificateError),
}

debug_is_display!(KubeletError);

/// Says for an error of the operating system what was tried.
pub(super) fn file_error(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(io::Error) -> KubeletError {
    let path = path.to_owned();
    move |source| KubeletError::File {
        action,
        path,
        source,
    }
}
