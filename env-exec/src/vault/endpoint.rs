//! Requests that vaultrs has no type for: any path, with its lease kept.

use rustify::endpoint::Endpoint;
use rustify::enums::{RequestMethod, RequestType, ResponseType};
use rustify::errors::ClientError;
use templates::VaultPath;
use templates::reference::Body;

/// `GET /v1/PATH[?version=N]`.
pub(super) struct Read<'a> {
    pub(super) path: &'a VaultPath,
    pub(super) version: Option<u32>,
}

impl Endpoint for Read<'_> {
    type Response = ();
    const REQUEST_BODY_TYPE: RequestType = RequestType::JSON;
    const RESPONSE_BODY_TYPE: ResponseType = ResponseType::JSON;

    fn path(&self) -> String {
        self.path.to_string()
    }

    fn method(&self) -> RequestMethod {
        RequestMethod::GET
    }

    fn query(&self) -> Result<Option<String>, ClientError> {
        Ok(self.version.map(|version| format!("version={version}")))
    }
}

/// `PUT /v1/PATH` with a JSON object.
pub(super) struct Write<'a> {
    pub(super) path: &'a VaultPath,
    pub(super) body: &'a Body,
}

impl Endpoint for Write<'_> {
    type Response = ();
    const REQUEST_BODY_TYPE: RequestType = RequestType::JSON;
    const RESPONSE_BODY_TYPE: ResponseType = ResponseType::JSON;

    fn path(&self) -> String {
        self.path.to_string()
    }

    fn method(&self) -> RequestMethod {
        RequestMethod::PUT
    }

    fn body(&self) -> Result<Option<Vec<u8>>, ClientError> {
        Ok(Some(self.body.expose().as_bytes().to_vec()))
    }
}
