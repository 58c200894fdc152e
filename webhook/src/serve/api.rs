//! The API server, asked with a limit of time, and its refusals as one sentence.

use std::time::Duration;

use anyhow::Context;
use kube::Client;

/// An answer is waited for so long.
const LIMIT: Duration = Duration::from_secs(10);

/// A client as a pod's `ServiceAccount` or by a kubeconfig; `None` without either.
pub(super) async fn client() -> Option<Client> {
    Client::try_default().await.ok()
}

/// The outcome of what is asked of the API server, or that it took too long.
pub(super) async fn within_limit<T>(
    future: impl Future<Output = anyhow::Result<T>>,
) -> anyhow::Result<T> {
    tokio::time::timeout(LIMIT, future)
        .await
        .with_context(|| format!("the API server does not answer within {LIMIT:?}"))?
}

/// Whether somebody else has changed the object since it was read.
pub(super) fn is_conflict<T>(result: &kube::Result<T>) -> bool {
    matches!(result, Err(kube::Error::Api(status)) if status.is_conflict())
}

/// The API server's own sentence where it refused: kube prints the whole status.
pub(super) fn told<T>(result: kube::Result<T>) -> anyhow::Result<T> {
    result.map_err(|error| match error {
        kube::Error::Api(status) => anyhow::anyhow!("{}", status.message),
        error => anyhow::Error::new(error),
    })
}
