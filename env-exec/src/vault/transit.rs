//! The transit engine: several ciphertexts in one request.

use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::json;

use super::endpoint::Call;
use super::envelope::{Asked, Envelope};
use super::error::{Said, VaultError};
use super::transport::Response;
use crate::environment::SecretBytes;

/// Decrypts several ciphertexts of the transit engine.
pub(super) fn decrypt(path: &str, ciphertexts: &[&str]) -> Call {
    let items = ciphertexts
        .iter()
        .map(|ciphertext| json!({ "ciphertext": ciphertext }));
    let batch = json!({ "batch_input": items.collect::<Vec<_>>() });
    Call::write(path, Some(batch.to_string().into_bytes()))
}

/// A decrypted value, or what Vault said instead.
pub(crate) type Plaintext = Result<SecretBytes, String>;

/// The meaning of an answer to a batch of `expected` ciphertexts. A batch of which one fails is
/// answered with 400, and with all its results.
pub(super) fn plaintexts(
    path: &str,
    response: &Response,
    expected: usize,
) -> Result<Vec<Plaintext>, VaultError> {
    #[derive(Deserialize)]
    struct Batch {
        batch_results: Vec<Item>,
    }
    #[derive(Deserialize)]
    struct Item {
        #[serde(default)]
        plaintext: String,
        #[serde(default)]
        error: String,
    }
    let asked = Asked::new(path, "update");
    let envelope = Envelope::open(&asked, response)?;
    let batch = envelope
        .data
        .map(|data| serde_json::from_str::<Batch>(data.get()));
    let items = match batch {
        Some(Ok(batch)) if batch.batch_results.len() == expected => batch.batch_results,
        _ if response.status().is_success() => {
            return Err(asked.malformed("it has not one result for each ciphertext"));
        }
        _ => return Err(asked.refused(response.status(), envelope.said(&asked))),
    };
    let plaintext = |item: Item| {
        if !item.error.is_empty() {
            return Err(Said::new([item.error.as_str()].into_iter(), &[]).into_text());
        }
        BASE64
            .decode(item.plaintext.as_bytes())
            .map(SecretBytes::from)
            .map_err(|_| "its plaintext is not base64".into())
    };
    Ok(items.into_iter().map(plaintext).collect())
}
