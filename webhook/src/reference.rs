//! The reference pages, each written from the table that the code itself uses.

mod configuration;
mod migration;
mod wrap;

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use clap::ValueEnum;
use contract::names::ANNOTATION_PREFIX;
use contract::{ExitCode, startup_names};

use crate::annotations::ENTRIES;
use crate::serve::Metrics;
use wrap::wrap_prose;

/// Second line of each page.
const NOTICE: &str = "<!-- Written by `make docs` from the code. Changes made here are lost. -->";

/// The page of exit codes, down to its rows.
const EXIT_CODES: &str = "# Exit codes of env-exec

env-exec ends with one of these codes if it cannot become the program. Its last line on stderr, in
the container's log, has the reason. The line begins with `env-exec:`, or has `\"level\":\"error\"` as
JSON. In a pod `Message` in `kubectl describe pod` has the same sentence.

Once the program runs, every exit code is the program's own, even if it has one of these numbers.
The log then does not end with such a line.

The init containers `tokenpipe-prepare` and `tokenpipe-agent` run env-exec too, and end with the
same codes. A signal that ends env-exec gives 128 and the signal's number.

| code | name | meaning | check first |
|---|---|---|---|
";

/// A page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Page {
    /// Annotations of a pod
    Annotations,
    /// JSON Schema of the annotation auth-config, for editors
    AuthConfigSchema,
    /// Auto-Auth methods and their settings
    AuthMethods,
    /// Keys of the operator's configuration file
    Configuration,
    /// Exit codes of env-exec
    ExitCodes,
    /// Metrics of the webhook
    Metrics,
    /// What `tokenpipe migrate` makes of other annotations
    Migration,
    /// Variables that `from-path` sets only where they are named
    StartupNames,
    /// Functions of the template language
    TemplateFunctions,
}

impl Page {
    /// The page as Markdown, the schema as JSON.
    pub fn text(self) -> String {
        if self == Self::AuthConfigSchema {
            return self.body();
        }
        let text = wrap_prose(&self.body());
        // Behind the title: in front of it some programs would not show it as one.
        match text.split_once('\n') {
            Some((title, rest)) => format!("{title}\n\n{NOTICE}\n{rest}"),
            None => text,
        }
    }

    /// Writes every page as `PAGE.md` into a directory, and the schema as `PAGE.json`.
    pub fn write_all(directory: &Path) -> io::Result<()> {
        fs::create_dir_all(directory)?;
        for page in Self::value_variants() {
            let name = page.to_possible_value();
            let name = name.as_ref().map_or("", |value| value.get_name());
            let extension = match page {
                Self::AuthConfigSchema => "json",
                _ => "md",
            };
            fs::write(directory.join(name).with_extension(extension), page.text())?;
        }
        Ok(())
    }

    fn body(self) -> String {
        match self {
            Self::Annotations => annotations(),
            Self::AuthConfigSchema => format!("{:#}\n", agent_config::config_schema()),
            Self::AuthMethods => agent_config::reference_page(),
            Self::Configuration => configuration::page(),
            Self::ExitCodes => exit_codes(),
            Self::Metrics => metrics(),
            Self::Migration => migration::page(),
            Self::StartupNames => startup_names_page(),
            Self::TemplateFunctions => templates::reference_page(),
        }
    }
}

fn annotations() -> String {
    let mut page = format!(
        "# Annotations\n\nAll keys begin with `{ANNOTATION_PREFIX}`. They are on the pod, or on \
         the pod template of a workload. The webhook rejects an unknown key.\n\n\
         | key | values | meaning |\n|---|---|---|\n"
    );
    for entry in ENTRIES {
        let meaning = entry.meaning.trim();
        let _ = writeln!(page, "| `{}` | {} | {meaning} |", entry.key, entry.values);
    }
    page.push_str(
        "\nThe webhook itself writes `status`: the result of the injection, as JSON, with the \
         warnings. When a controller creates the pod, no user sees these warnings elsewhere.\n",
    );
    page
}

fn startup_names_page() -> String {
    format!(
        "# Startup names\n\nA key of `{ANNOTATION_PREFIX}from-path` that has one of these names ends \
         the start, unless `{ANNOTATION_PREFIX}from-path-keys` lists it. `*` is any ending. Upper and \
         lower case differ.\n\n{}",
        startup_names::table()
    )
}

fn exit_codes() -> String {
    let mut page = EXIT_CODES.to_owned();
    for code in ExitCode::ALL {
        let _ = writeln!(
            page,
            "| {} | `{}` | {} | {} |",
            code.code(),
            code.name(),
            code.meaning(),
            code.first_step()
        );
    }
    page.push_str("\n[Troubleshooting](../troubleshooting.md) begins with the symptom.\n");
    page
}

/// From what an unused set of metrics says of itself.
fn metrics() -> String {
    let text = Metrics::new().text();
    let mut page = "# Metrics of the webhook\n\nAt `/metrics` of `server.listenMetrics`, as \
                    OpenMetrics text.\n\n| name | type | meaning |\n|---|---|---|\n"
        .to_owned();
    let kind = |name: &str| {
        let prefix = format!("# TYPE {name} ");
        text.lines()
            .find_map(|line| line.strip_prefix(&prefix))
            .unwrap_or_default()
            .to_owned()
    };
    for (name, help) in text
        .lines()
        .filter_map(|line| line.strip_prefix("# HELP ")?.split_once(' '))
    {
        let kind = kind(name);
        let suffix = if kind == "counter" { "_total" } else { "" };
        let _ = writeln!(
            page,
            "| `{name}{suffix}` | {kind} | {} |",
            help.trim_end_matches('.')
        );
    }
    page
}
