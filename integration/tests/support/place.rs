//! What the example's pod needs to run: a Vault with its secrets, a webhook and a node.

use std::path::{Path, PathBuf};
use std::time::Duration;

use integration::demo::audit::{self, Request};
use integration::demo::secrets::Secrets;
use integration::demo::webhook::{Admitted, Webhook};
use integration::demo::{self, DemoError, InjectedPod, examples};
use integration::kubelet::{Container, Issuer, Node, Pod};
use integration::product;
use integration::vault::Vault;
use integration::wait::{Probe, wait_for};
use serde_json::Value;

pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// One of everything.
pub(crate) struct Place {
    pub(crate) vault: Vault,
    pub(crate) audit: PathBuf,
    pub(crate) secrets: Secrets,
    pub(crate) node: Node,
    pub(crate) webhook: Webhook,
}

impl Place {
    /// A place where nobody can log in yet, and whose operator has changed something in the
    /// examples' configuration.
    pub(crate) fn new(change: impl FnOnce(&mut Value)) -> Result<Self, DemoError> {
        let vault = Vault::start()?;
        let node = Node::new(Path::new(env!("CARGO_BIN_EXE_demo")), Issuer::new()?)?;
        let node = demo::add_images(node, product::find_env_exec()?, vault.program());
        let secrets = Secrets::new()?;
        secrets.write(&vault)?;
        let mut config = examples::build_config(&vault)?;
        change(&mut config);
        Ok(Self {
            webhook: Webhook::start(&config)?,
            audit: vault.enable_audit()?,
            vault,
            secrets,
            node,
        })
    }

    /// Looks at a running pod the way the demo does.
    pub(crate) fn injected_pod<'a>(
        &'a self,
        written: &'a Value,
        admitted: &'a Admitted,
        pod: &'a Pod<'a>,
    ) -> InjectedPod<'a> {
        let program = pod.starts().iter().rfind(|start| start.name() == "web");
        InjectedPod {
            written,
            admitted,
            secrets: &self.secrets,
            vault: &self.vault,
            audit: &self.audit,
            webhook: &self.webhook,
            pod,
            program: program.map_or(0, Container::id),
        }
    }

    /// How often Vault was asked for this, and gave it.
    pub(crate) fn count_requests(&self, operation: &str, path: &str) -> Result<usize, DemoError> {
        let (operation, path) = (operation.to_owned(), path.to_owned());
        let request = Request {
            operation,
            path,
            refused: false,
        };
        Ok(audit::read_requests(&self.audit)?
            .get(&request)
            .copied()
            .unwrap_or_default())
    }
}

/// Waits until a container has written this.
pub(crate) fn wait_for_log(pod: &mut Pod<'_>, name: &str, text: &str) -> Result<(), DemoError> {
    let container = pod.find_container(name)?;
    let what = format!("{text:?} of container {name}");
    wait_for(&what, LIMIT, || match container.log() {
        log if log.contains(text) => Probe::Ready(()),
        log if container.is_running() => Probe::NotYet(log),
        log => Probe::Failed(format!("it has ended, with the log {log:?}")),
    })?;
    Ok(())
}
