//! The chart in `helm/tokenpipe`, rendered and installed with the real helm.

mod error;
mod replica;
mod schemas;
mod values;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

pub use error::ChartError;
pub use replica::{Replica, with_name};
pub use schemas::{LOCATION, Schemas};
pub use values::{Documented, read_documented, render_table};

use crate::process::{self, Output};
use crate::temp;
use crate::tools::{self, Tool};

/// The release's name, and its namespace.
pub const RELEASE: &str = "tokenpipe";

/// The chart's directory.
pub fn chart_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../helm/tokenpipe")
}

/// Runs helm without a user's own settings, plugins and repositories. That it failed shows in the
/// output's status.
pub fn run_helm(arguments: &[&str], kubeconfig: Option<&Path>) -> Result<Output, ChartError> {
    // A little more than helm's own, whose message says what it waited for.
    const LIMIT: Duration = Duration::from_secs(330);
    let home = temp::create_directory("helm")?;
    let mut command = Command::new(tools::find_tool(Tool::Helm)?);
    command.env_clear().env("HOME", home.path()).args(arguments);
    if let Some(kubeconfig) = kubeconfig {
        command.env("KUBECONFIG", kubeconfig);
    }
    Ok(process::run_command(&mut command, LIMIT)?)
}

/// Values without a default, and what the tests take where a case does not set them.
const REQUIRED: [(&str, &str, &str); 3] = [
    ("vault", "address", "https://vault.example:8200"),
    ("image", "repository", "registry.example/team/tokenpipe"),
    ("images", "envExec", "registry.example/env-exec:test"),
];

/// Those values, as `--set` takes them.
pub fn required_values() -> String {
    let value = |(section, key, value)| format!("{section}.{key}={value}");
    REQUIRED.map(value).join(",")
}

/// Renders the chart with these values on top of its own; [`REQUIRED`] ones are given.
pub fn render_chart(values: &Value) -> Result<String, ChartError> {
    render_as(RELEASE, values)
}

/// The same for a release of another name, in the namespace of that name.
pub fn render_as(release: &str, values: &Value) -> Result<String, ChartError> {
    expect_stdout(&run_helm_template(release, values)?)
}

/// `helm template` with these values; that it failed shows in the output's status.
pub fn run_helm_template(release: &str, values: &Value) -> Result<Output, ChartError> {
    with_values(&["template", release, "--namespace", release], values)
}

/// What an installation with these values would print.
pub fn render_notes(values: &Value) -> Result<String, ChartError> {
    expect_stdout(&with_values(
        &["install", RELEASE, "--dry-run=client"],
        values,
    )?)
}

fn with_values(arguments: &[&str], values: &Value) -> Result<Output, ChartError> {
    let directory = temp::create_directory("values")?;
    let file = directory.path().join("values.json");
    let mut values = values.clone();
    for (section, key, value) in REQUIRED {
        if values[section].get(key).is_none() {
            values[section][key] = json!(value);
        }
    }
    std::fs::write(&file, values.to_string())?;
    let (chart, file) = (directory_text(), file.display().to_string());
    run_helm(&[arguments, &[&chart, "--values", &file]].concat(), None)
}

fn expect_stdout(output: &Output) -> Result<String, ChartError> {
    if output.status.success() {
        Ok(output.stdout())
    } else {
        Err(ChartError::Helm(output.stderr()))
    }
}

/// The chart's directory as an argument.
pub fn directory_text() -> String {
    chart_directory().display().to_string()
}

/// The objects of rendered manifests.
pub fn parse_objects(manifests: &str) -> Result<Vec<Value>, ChartError> {
    let parsed = serde_yaml::from_multiple::<Value>(manifests);
    let objects = parsed.map_err(|error| ChartError::Yaml(error.to_string()))?;
    Ok(objects
        .into_iter()
        .filter(|object| !object.is_null())
        .collect())
}

/// The one object of a kind.
pub fn find_object<'o>(objects: &'o [Value], kind: &str) -> Result<&'o Value, ChartError> {
    let mut of_kind = objects.iter().filter(|object| object["kind"] == kind);
    match (of_kind.next(), of_kind.next()) {
        (Some(object), None) => Ok(object),
        (found, _) => Err(ChartError::Objects {
            kind: kind.to_owned(),
            found: if found.is_some() { "several" } else { "none" },
        }),
    }
}

/// The operator's file among rendered objects.
pub fn parse_config(objects: &[Value]) -> Result<Value, ChartError> {
    let mut texts = objects
        .iter()
        .filter_map(|object| object["data"]["config.yaml"].as_str());
    let text = texts.next_back().unwrap_or_default();
    serde_yaml::from_str(text).map_err(|error| ChartError::Yaml(error.to_string()))
}
