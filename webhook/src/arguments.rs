//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::config::KubernetesVersion;
use crate::reference::Page;
use crate::render::Format;

/// Secrets from Vault or OpenBao into a program's environment on Kubernetes, without a sidecar.
#[derive(Debug, Parser)]
// The package is named otherwise.
#[command(name = "tokenpipe", version)]
pub struct Arguments {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// Form of log lines
    #[arg(long, global = true, value_enum, default_value_t)]
    pub log: LogFormat,
    /// Least level of log lines: error, warn, info, debug or trace
    #[arg(long, global = true, default_value = "info")]
    pub log_level: tracing::Level,
}

/// Form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For a person.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the admission webhook
    Serve {
        /// The operator's configuration file (YAML)
        #[arg(long)]
        config: PathBuf,
    },
    /// Print what admission would make of manifests
    Render {
        /// File with YAML or JSON documents, - for standard input
        #[arg(short, long)]
        filename: PathBuf,
        /// The operator's configuration file; a built-in one if absent
        #[arg(long)]
        config: Option<PathBuf>,
        /// Version of the API server, such as 1.37
        #[arg(long)]
        kubernetes_version: Option<KubernetesVersion>,
        /// Namespace of objects that name none
        #[arg(short, long, default_value = "default")]
        namespace: String,
        /// What to print
        #[arg(short, long, value_enum, default_value_t)]
        output: Format,
        /// Print the other objects also where some are refused; the exit code stays 1
        #[arg(long)]
        keep_going: bool,
    },
    /// Print a rendered template
    Template {
        /// File with the fields of a secret (a JSON object), - for standard input
        #[arg(long)]
        data: PathBuf,
        /// The template, as it stands behind # in a reference
        text: String,
    },
    /// Print manifests with the annotations of bank-vaults' webhook, and the login of vault-k8s,
    /// written as tokenpipe's; what must be done by hand goes to standard error
    Migrate {
        /// File with manifests, also with the templates of Helm; - for standard input
        #[arg(short, long)]
        filename: PathBuf,
    },
    /// Print a page of the reference (Markdown) or a schema (JSON), or write all of them
    Reference {
        /// The page
        #[arg(value_enum, required_unless_present = "directory")]
        page: Option<Page>,
        /// Write every page into this directory, as PAGE.md, a schema as PAGE.json
        #[arg(long, conflicts_with = "page")]
        directory: Option<PathBuf>,
    },
}
