//! The transit engine: several ciphertexts in one request.

use data_encoding::BASE64;
use rustify::endpoint::Endpoint;
use rustify::enums::{RequestMethod, RequestType, ResponseType};
use rustify::errors::ClientError;
use serde::{Deserialize, Serialize};

use super::envelope::{Asked, Envelope};
use super::error::VaultError;
use super::transport::Response;
use crate::environment::SecretBytes;

/// `PUT /v1/MOUNT/decrypt/KEY` for several ciphertexts of the transit engine.
pub(super) struct Decrypt<'a> {
    pub(super) mount: &'a str,
    pub(super) key: &'a str,
    pub(super) ciphertexts: &'a [&'a str],
}

#[derive(Serialize)]
struct Batch<'a> {
    batch_input: Vec<BatchItem<'a>>,
}

#[derive(Serialize)]
struct BatchItem<'a> {
    ciphertext: &'a str,
}

impl Endpoint for Decrypt<'_> {
    type Response = ();
    const REQUEST_BODY_TYPE: RequestType = RequestType::JSON;
    const RESPONSE_BODY_TYPE: ResponseType = ResponseType::JSON;

    fn path(&self) -> String {
        format!("{}/decrypt/{}", self.mount, self.key)
    }

    fn method(&self) -> RequestMethod {
        RequestMethod::PUT
    }

    fn body(&self) -> Result<Option<Vec<u8>>, ClientError> {
        let items = self.ciphertexts.iter();
        let batch = Batch {
            batch_input: items.map(|ciphertext| BatchItem { ciphertext }).collect(),
        };
        rustify::http::build_body(&batch, RequestType::JSON).map(Some)
    }
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
            return Err(item.error);
        }
        BASE64
            .decode(item.plaintext.as_bytes())
            .map(SecretBytes::from)
            .map_err(|_| "its plaintext is not base64".into())
    };
    Ok(items.into_iter().map(plaintext).collect())
}
