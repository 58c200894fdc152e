//! The demo: `examples/` through the whole pipeline, on real parts, and evidence of what became of it.
//!
//! What is not real is small and named on the screen: this machine is no node, so [`crate::kubelet`]
//! stands in for kubelet, and a pod reaches the webhook without an API server.
//!
//! | file | holds |
//! |---|---|
//! | [`steps`] | the steps, as they are told on the screen |
//! | [`examples`] | the files of `examples/` |
//! | [`secrets`] | what Vault is given, and what the program must get |
//! | [`webhook`] | `tokenpipe serve`, and how the API server asks it |
//! | [`evidence`] | the claims, and how each is checked |
//! | [`audit`], [`processes`] | what Vault and the kernel tell about what was done |
//! | [`screen`], [`diff`] | what is printed |

pub mod audit;
pub mod diff;
mod error;
pub mod evidence;
pub mod examples;
pub mod processes;
pub mod screen;
pub mod secrets;
mod steps;
pub mod webhook;

use std::path::Path;

use serde_json::Value;

use crate::kubelet::{Issuer, Node, Pod};
use crate::vault::Vault;
pub use error::DemoError;
pub use screen::Screen;
use secrets::Secrets;
pub use steps::add_images;
use webhook::{Admitted, Webhook};

/// A pod that was injected and runs, and everything that the evidence is taken from.
pub struct InjectedPod<'a> {
    /// The pod as its author wrote it.
    pub written: &'a Value,
    /// What admission made of it.
    pub admitted: &'a Admitted,
    /// What Vault was given.
    pub secrets: &'a Secrets,
    /// Vault.
    pub vault: &'a Vault,
    /// Its audit log.
    pub audit: &'a Path,
    /// The webhook.
    pub webhook: &'a Webhook,
    /// The pod.
    pub pod: &'a Pod<'a>,
    /// The process that became the program.
    pub program: u32,
}

/// Runs the demo. `helper` is the program that [`Node::new`] needs; with `keep` everything stays
/// until the process is ended.
pub fn run_demo(screen: &mut Screen, helper: &Path, keep: bool) -> Result<(), DemoError> {
    let node = Node::new(helper, Issuer::new()?)?;
    let secrets = Secrets::new()?;
    let written = examples::build_pod()?;

    steps::print_introduction(screen)?;
    let node = screen.run_step("Programs", |screen| steps::find_programs(screen, node))?;
    let vault = screen.run_step("Vault", |screen| {
        steps::start_vault(screen, &secrets, node.issuer())
    })?;
    let webhook = screen.run_step("The webhook", |screen| steps::start_webhook(screen, &vault))?;
    let audit = vault.enable_audit()?;
    let admitted = screen.run_step("Admission", |screen| {
        steps::admit_pod(screen, &webhook, &written)
    })?;
    let mut pod = Pod::new(&node, &admitted.pod)?;
    screen.run_step("The pod", |screen| steps::start_pod(screen, &mut pod))?;
    let injected = InjectedPod {
        written: &written,
        admitted: &admitted,
        secrets: &secrets,
        vault: &vault,
        audit: &audit,
        webhook: &webhook,
        program: pod.find_container(steps::CONTAINER)?.id(),
        pod: &pod,
    };
    screen.run_step("Evidence", |screen| steps::check_claims(screen, &injected))?;
    if keep {
        steps::wait_for_interrupt(screen, &injected)?;
    }
    screen.run_step("The end", |screen| steps::stop_pod(screen, &mut pod))?;
    screen.print_times()
}
