//! A certificate in a Secret that all replicas share, and its authority in the webhook configuration.
//!
//! Each replica looks at both at intervals. Who finds something to do does it; of two that do it at
//! once the API server refuses the second, which looks again. A replica reads the webhook
//! configuration first, then the Secret, and writes the configuration only if nobody has changed it
//! since: so what it writes is never older than what is there.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context;
use k8s_openapi::api::core::v1::Secret;
use kube::api::{Api, Patch, PatchParams};
use kube::{Client, ResourceExt};
use serde_json::json;

use super::super::self_signed::{Lifetimes, Step, Stored, decide, now};
use super::Pair;
use super::publish::Publisher;
use crate::config::{Issue, TlsSecret};
use crate::serve::api::{self, is_conflict};

/// How often a turn is begun anew because somebody else was quicker.
const TURNS: usize = 10;
/// Between attempts to get the first certificate.
const RETRY: Duration = Duration::from_secs(1);
/// As whom the API server's `managedFields` name us.
pub(super) const FIELD_MANAGER: &str = "tokenpipe";

/// The Secret, and what is known of it.
pub(in super::super) struct SharedSecret {
    secrets: Api<Secret>,
    name: String,
    publisher: Option<Publisher>,
    issue: Option<Issue>,
    interval: Duration,
    /// The newest authority that was seen in the webhook configuration, and since when.
    published: Option<(Vec<u8>, Instant)>,
}

enum Turn {
    Done(Pair),
    Conflict,
}

impl SharedSecret {
    pub(super) fn new(client: &Client, settings: &TlsSecret) -> Self {
        let secrets = match &settings.namespace {
            Some(namespace) => Api::namespaced(client.clone(), namespace),
            None => Api::default_namespaced(client.clone()),
        };
        Self {
            secrets,
            name: settings.name.clone(),
            publisher: settings
                .webhook_configuration
                .as_ref()
                .map(|name| Publisher::new(client, name)),
            issue: settings.issue.clone(),
            interval: settings.interval.get(),
            published: None,
        }
    }

    pub(super) fn interval(&self) -> Duration {
        self.interval
    }

    /// The first pair, however long that takes.
    pub(super) async fn first(&mut self) -> Pair {
        let mut told = String::new();
        loop {
            match self.sync().await {
                Ok(pair) => return pair,
                Err(error) => {
                    let sentence = format!("{error:#}");
                    if sentence != told {
                        tracing::warn!("no certificate yet: {sentence}");
                        told = sentence;
                    }
                }
            }
            tokio::time::sleep(RETRY).await;
        }
    }

    /// Does what is to be done, and gives the pair to serve with.
    pub(super) async fn sync(&mut self) -> anyhow::Result<Pair> {
        for _ in 0..TURNS {
            match api::within_limit(self.turn()).await? {
                Turn::Done(pair) => return Ok(pair),
                Turn::Conflict => {}
            }
        }
        anyhow::bail!(
            "Secret {} or the webhook configuration changes all the time",
            self.name
        )
    }

    async fn turn(&mut self) -> anyhow::Result<Turn> {
        let configuration = match &self.publisher {
            Some(publisher) => Some(publisher.read().await?),
            None => None,
        };
        let secret = api::told(self.secrets.get(&self.name).await)
            .with_context(|| format!("Secret {} cannot be read", self.name))?;
        let Some(stored) = self.brought_up_to_date(&secret).await? else {
            return Ok(Turn::Conflict);
        };
        let pair = stored.pair().with_context(|| {
            format!(
                "Secret {} has no tls.crt and tls.key that belong together",
                self.name
            )
        })?;
        if let Some((publisher, configuration)) = self.publisher.as_ref().zip(configuration)
            && !publisher.publish(&configuration, &stored.bundle()?).await?
        {
            return Ok(Turn::Conflict);
        }
        let pair = pair.clone();
        self.note_published(&stored);
        Ok(Turn::Done(pair))
    }

    /// What the Secret holds, or what it holds now that it was written; `None` where somebody else
    /// wrote it in between.
    async fn brought_up_to_date(&self, secret: &Secret) -> anyhow::Result<Option<Stored>> {
        let empty = BTreeMap::new();
        let stored = Stored::read(secret.data.as_ref().unwrap_or(&empty));
        let Some(issue) = &self.issue else {
            return Ok(Some(stored));
        };
        let lifetimes = Lifetimes::from(issue);
        let ages = stored.ages(now(), &issue.dns_names, self.published_for(&stored));
        let step = decide(ages, &lifetimes);
        if step == Step::Keep {
            return Ok(Some(stored));
        }
        let stored = stored.after(step, now(), &lifetimes, &issue.dns_names)?;
        let patch = json!({
            "metadata": { "resourceVersion": secret.resource_version() },
            "data": stored.data()?,
        });
        let parameters = PatchParams {
            field_manager: Some(FIELD_MANAGER.into()),
            ..PatchParams::default()
        };
        let written = self
            .secrets
            .patch(&self.name, &parameters, &Patch::Merge(patch))
            .await;
        if is_conflict(&written) {
            return Ok(None);
        }
        api::told(written).with_context(|| format!("Secret {} cannot be written", self.name))?;
        tracing::info!(step = step.name(), secret = self.name, "certificate made");
        Ok(Some(stored))
    }

    fn published_for(&self, stored: &Stored) -> Option<Duration> {
        let (authority, since) = self.published.as_ref()?;
        (stored.newest().as_ref() == Some(authority)).then(|| since.elapsed())
    }

    fn note_published(&mut self, stored: &Stored) {
        if self.published_for(stored).is_none() {
            self.published = stored.newest().map(|newest| (newest, Instant::now()));
        }
    }
}
