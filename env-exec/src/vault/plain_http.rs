//! Plain HTTP to a listener that speaks TLS: Go's server and nginx say so in plain words. Pure.

use http::StatusCode;

use super::error::VaultError;

/// What they say, somewhere in a 400.
const SAID: [&str; 2] = [
    "HTTP request to an HTTPS server",
    "plain HTTP request was sent to HTTPS port",
];

/// The error of such an answer.
pub(super) fn wants_tls(address: &str, status: StatusCode, body: &[u8]) -> Option<VaultError> {
    let rest = address.strip_prefix("http://")?;
    let is_said = || {
        let body = String::from_utf8_lossy(body);
        SAID.iter().any(|said| body.contains(said))
    };
    (status == StatusCode::BAD_REQUEST && is_said()).then(|| VaultError::SpeaksTls {
        address: address.to_owned(),
        https: format!("https://{rest}"),
    })
}

#[cfg(test)]
mod tests {
    use super::{StatusCode, wants_tls};

    #[test]
    fn wants_tls_only_where_the_listener_says_so() {
        let go = "Client sent an HTTP request to an HTTPS server.\n";
        let nginx = "<center>The plain HTTP request was sent to HTTPS port</center>";
        for (address, status, body, expected) in [
            ("http://vault:8200", 400, go, true),
            ("http://vault:8200", 400, nginx, true),
            ("http://vault:8200", 400, r#"{"errors":["no"]}"#, false),
            ("http://vault:8200", 404, go, false),
            ("https://vault:8200", 400, go, false),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            let error = wants_tls(address, status, body.as_bytes());
            assert_eq!(error.is_some(), expected, "{address} {status} {body}");
            if let Some(error) = error {
                assert_eq!(
                    error.to_string(),
                    "Vault at http://vault:8200 speaks TLS; set the address to https://vault:8200"
                );
                assert!(!error.is_passing());
            }
        }
    }
}
