//! Vault's address.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use thiserror::Error;
use url::Url;

/// Longest path in front of `/v1`. With the longest path of a reference, percent-encoded, it stays
/// far below what an HTTP URI may have.
const MAX_PREFIX: usize = 1024;

/// Where Vault listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// `http://` or `https://`.
    Tcp {
        /// Scheme, host and port.
        base: Url,
        /// Path in front of `/v1`, without slashes at its ends.
        prefix: String,
    },
    /// `unix://` and the path of a socket.
    Unix(PathBuf),
}

/// Why a text is no address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum AddressError {
    #[error("address {address:?} is not a URL: {reason}; write `https://HOST:PORT`")]
    NotUrl { address: String, reason: String },
    #[error("address {address:?} begins with neither `https://`, `http://` nor `unix://`")]
    Scheme { address: String },
    #[error("the address must not contain a user name or password")]
    UserInfo,
    #[error("address {address:?} must end with its path; remove `?` and `#`")]
    Query { address: String },
    #[error("the address's path is longer than {MAX_PREFIX} bytes")]
    TooLong,
    #[error("address {address:?} names no absolute path of a socket; write `unix:///PATH`")]
    Socket { address: String },
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let address = || shown(text);
        if let Some(path) = text.strip_prefix("unix://") {
            return if Path::new(path).is_absolute() {
                Ok(Self::Unix(path.into()))
            } else {
                Err(AddressError::Socket { address: address() })
            };
        }
        if !["http://", "https://"]
            .iter()
            .any(|scheme| text.starts_with(scheme))
        {
            return Err(AddressError::Scheme { address: address() });
        }
        let mut base = url(text)?;
        if !base.username().is_empty() || base.password().is_some() {
            return Err(AddressError::UserInfo);
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(AddressError::Query { address: address() });
        }
        let prefix = base.path().trim_matches('/').to_owned();
        if prefix.len() > MAX_PREFIX {
            return Err(AddressError::TooLong);
        }
        base.set_path("");
        Ok(Self::Tcp { base, prefix })
    }
}

/// An address in a message: without a password, wherever it may stand.
fn shown(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, rest)) => format!("…@{rest}"),
        None => text.to_owned(),
    }
}

/// A URL that the HTTP client understands too: the two libraries need not agree.
fn url(text: &str) -> Result<Url, AddressError> {
    let wrong = |reason: String| AddressError::NotUrl {
        address: shown(text),
        reason,
    };
    let url: Url = text
        .parse()
        .map_err(|error: url::ParseError| wrong(error.to_string()))?;
    match url.as_str().parse::<http::Uri>() {
        Ok(_) => Ok(url),
        Err(error) => Err(wrong(error.to_string())),
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { base, prefix } => {
                let url = format!("{base}{prefix}");
                f.write_str(url.trim_end_matches('/'))
            }
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
        }
    }
}

impl Address {
    /// The URL to which paths are added: that of a socket is never connected to.
    pub(crate) fn base(&self) -> &str {
        match self {
            Self::Tcp { base, .. } => base.as_str(),
            Self::Unix(_) => "http://localhost",
        }
    }

    /// What stands between the base and a path: `v1`, behind the address's own path.
    pub(crate) fn version(&self) -> String {
        match self {
            Self::Tcp { prefix, .. } if !prefix.is_empty() => format!("{prefix}/v1"),
            _ => "v1".into(),
        }
    }

    /// Whether TLS is spoken there.
    pub(crate) fn is_https(&self) -> bool {
        matches!(self, Self::Tcp { base, .. } if base.scheme() == "https")
    }
}

#[cfg(test)]
mod tests {
    use super::Address;
    use proptest::prelude::*;

    #[test]
    fn address_is_parsed() {
        let cases = [
            ("https://vault:8200", "https://vault:8200/", "v1"),
            ("https://vault:8200/", "https://vault:8200/", "v1"),
            ("http://127.0.0.1", "http://127.0.0.1/", "v1"),
            ("https://[::1]:8200", "https://[::1]:8200/", "v1"),
            ("https://gate/vault/", "https://gate/", "vault/v1"),
            ("https://gate/a/b%20c", "https://gate/", "a/b%20c/v1"),
            ("unix:///run/vault.sock", "http://localhost", "v1"),
        ];
        for (text, base, version) in cases {
            let address: Address = text.parse().unwrap();
            assert_eq!(
                (address.base(), address.version().as_str()),
                (base, version)
            );
        }
        let shown: Address = "https://gate/vault/".parse().unwrap();
        assert_eq!(shown.to_string(), "https://gate/vault");
    }

    proptest! {
        #[test]
        fn any_text_is_an_address_or_refused(text in "(https?://|unix://)?\\PC{0,40}") {
            if let Ok(address) = text.parse::<Address>() {
                let whole = format!("{}/{}", address.base().trim_end_matches('/'), address.version());
                prop_assert!(whole.parse::<http::Uri>().is_ok(), "{}", whole);
            }
        }
    }

    #[test]
    fn malformed_address_is_rejected() {
        let cases = [
            ("", "neither"),
            ("vault:8200", "neither"),
            ("ftp://vault", "neither"),
            ("https://", "not a URL"),
            ("https://vault:99999", "not a URL"),
            ("https://user:secret@vault", "user name"),
            ("https://user:secret@vault:99999", "not a URL"),
            ("ftp://user:secret@vault", "neither"),
            ("https://vault?x=1", "`?`"),
            ("https://vault/#x", "`?`"),
            ("unix://vault.sock", "unix:///PATH"),
            ("unix://", "unix:///PATH"),
        ];
        for (text, part) in cases {
            let error = text.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
            assert!(!error.contains("secret"), "{text}: {error}");
        }
        let long = format!("https://vault/{}", "a".repeat(2000));
        assert!(long.parse::<Address>().is_err());
    }
}
