//! `tokenpipe template`: a template and its data, without Vault.

use anyhow::anyhow;
use secrecy::ExposeSecret;
use templates::{Clock, Data, Template};

/// Where it is, and nothing of what stands there.
fn not_an_object(error: &serde_json::Error) -> anyhow::Error {
    let (line, column) = (error.line(), error.column());
    anyhow!("the data is not a JSON object: see line {line}, column {column}")
}

/// Renders a template with the fields of a JSON object.
pub fn render(data: &str, text: &str) -> anyhow::Result<String> {
    let data: Data = serde_json::from_str(data).map_err(|error| not_an_object(&error))?;
    let rendered = Template::parse(text)?.render(&data, Clock::system())?;
    Ok(format!("{}\n", rendered.expose_secret()))
}
