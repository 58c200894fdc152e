//! `tokenpipe template`: a template and its data, without Vault.

use anyhow::Context;
use secrecy::ExposeSecret;
use templates::{Clock, Data, Template};

/// Renders a template with the fields of a JSON object.
pub fn render(data: &str, text: &str) -> anyhow::Result<String> {
    let data: Data = serde_json::from_str(data).context("the data is not a JSON object")?;
    let rendered = Template::parse(text)?.render(&data, Clock::system())?;
    Ok(format!("{}\n", rendered.expose_secret()))
}
