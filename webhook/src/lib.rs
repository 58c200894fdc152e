//! The admission webhook, and the offline tools that share its decisions.
//!
//! ```text
//! bytes ─► PodRequest ─► PodView ─► Decision ─► Patch ─► Answer
//!          review.rs     pod.rs     plan.rs     patch.rs
//! ```
//!
//! `tokenpipe serve` answers the API server: [`serve`] reads a request, [`admission`] decides by
//! pure functions over the pod, the operator's [`config`] and what is known about the cluster, and
//! [`mod@patch`] alone writes. `tokenpipe render` does the same for manifests.
//!
//! | file | holds |
//! |---|---|
//! | [`admission`] | the flow: request to answer |
//! | [`review`] | AdmissionReview, bytes to request and answer to bytes |
//! | [`pod`] | a read-only view of a pod |
//! | [`annotations`] | what a pod author may write: one table |
//! | [`plan`] | what is done to a pod |
//! | [`mod@patch`] | the plan as JSON Patch |
//! | [`config`] | the operator's file |
//! | [`serve`] | the server: TLS, limits, metrics, reload |
//! | [`render`], [`template`], [`mod@migrate`], [`reference`](mod@reference) | the offline tools |
//! | [`mod@manifest`] | manifests as kubectl reads them, and YAML that it reads |
//! | [`yaml`] | bounded YAML |
//! | [`dns`] | names as Kubernetes takes them |
//! | [`mod@excerpt`] | what a message shows of a long text |

#![forbid(unsafe_code)]

pub mod admission;
pub mod annotations;
pub mod arguments;
pub mod config;
mod dns;
mod excerpt;
mod log;
mod manifest;
pub mod migrate;
pub mod patch;
pub mod plan;
pub mod pod;
pub mod reference;
pub mod render;
pub mod review;
pub mod serve;
pub mod template;
pub mod yaml;

use std::fs::File;
use std::io::Write;
use std::path::Path;

use anyhow::Context;
use contract::limits::MANIFEST_FILE;

use arguments::{Arguments, Command};
use config::{Config, read_bounded};
use plan::Facts;
use reference::Page;

/// Runs a command.
pub fn run(arguments: Arguments) -> anyhow::Result<()> {
    log::start(arguments.log, arguments.log_level);
    match arguments.command {
        Command::Serve { config } => serve::serve(config),
        Command::Render {
            filename,
            config,
            kubernetes_version,
            namespace,
            output,
            keep_going,
        } => {
            let config =
                config.map_or_else(|| Ok(Config::built_in()), |path| Config::load(&path))?;
            let facts = config.facts(Facts::default());
            let facts = Facts {
                kubernetes: kubernetes_version.or(facts.kubernetes),
                ..facts
            };
            let rendered = render::render(&read(&filename)?, &namespace, &config, facts, output)?;
            for warning in &rendered.warnings {
                note(&format!("warning: {warning}"));
            }
            if keep_going || rendered.refusals.is_empty() {
                print(&rendered.text)?;
            }
            anyhow::ensure!(
                rendered.refusals.is_empty(),
                "{}",
                rendered.refusals.join("\n")
            );
            Ok(())
        }
        Command::Template { data, text } => print(&template::render(&read(&data)?, &text)?),
        Command::Migrate { filename } => {
            let migrated = migrate::migrate(&read(&filename)?);
            for line in &migrated.notes {
                note(&line.to_string());
            }
            print(&migrated.text)
        }
        Command::Reference { page, directory } => {
            if let Some(directory) = directory {
                Page::write_all(&directory)
                    .with_context(|| format!("cannot write to {}", directory.display()))?;
            }
            page.map_or(Ok(()), |page| print(&page.text()))
        }
    }
}

fn read(path: &Path) -> anyhow::Result<String> {
    if path == Path::new("-") {
        return read_bounded(std::io::stdin(), MANIFEST_FILE).context("cannot read standard input");
    }
    File::open(path)
        .and_then(|file| read_bounded(file, MANIFEST_FILE))
        .with_context(|| format!("cannot read {}", path.display()))
}

fn print(text: &str) -> anyhow::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever reads has seen enough, as with `| head`.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to standard output"),
    }
}

/// Says why a command failed.
pub fn complain(error: &anyhow::Error) {
    note(&format!("tokenpipe: {error:#}"));
}

fn note(line: &str) {
    // There is nowhere left to say that this failed.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
