//! Requests that vaultrs has no type for: any path, with its lease kept.

use rustify::endpoint::Endpoint;
use rustify::enums::{RequestMethod, RequestType, ResponseType};
use rustify::errors::ClientError;

/// One request below `/v1`; vaultrs adds version, token and namespace.
pub(super) struct Call {
    method: RequestMethod,
    path: String,
    query: Option<String>,
    body: Option<Vec<u8>>,
}

impl Call {
    /// `GET /v1/PATH[?version=N]`.
    pub(super) fn read(path: impl Into<String>, version: Option<u32>) -> Self {
        Self {
            method: RequestMethod::GET,
            path: path.into(),
            query: version.map(|version| format!("version={version}")),
            body: None,
        }
    }

    /// `PUT /v1/PATH`, with a JSON object or nothing.
    pub(super) fn write(path: impl Into<String>, body: Option<Vec<u8>>) -> Self {
        Self {
            method: RequestMethod::PUT,
            path: path.into(),
            query: None,
            body,
        }
    }
}

impl Endpoint for Call {
    type Response = ();
    const REQUEST_BODY_TYPE: RequestType = RequestType::JSON;
    const RESPONSE_BODY_TYPE: ResponseType = ResponseType::JSON;

    fn path(&self) -> String {
        self.path.clone()
    }

    fn method(&self) -> RequestMethod {
        self.method.clone()
    }

    fn query(&self) -> Result<Option<String>, ClientError> {
        Ok(self.query.clone())
    }

    fn body(&self) -> Result<Option<Vec<u8>>, ClientError> {
        Ok(self.body.clone())
    }
}
