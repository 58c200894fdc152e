//! The TLS client certificate that Vault wants to see, and its key.

use std::path::Path;

use contract::Connection;
use contract::names::AGENT_CONTAINER;
use contract::paths::{CLIENT, CLIENT_CERTIFICATE_FILE, CLIENT_KEY_FILE, HANDOVER};
use secrecy::SecretSlice;

use super::SettingsError;
use crate::files;

/// Longest file that is read. A chain of RSA certificates has a few KiB, and the token volume, which
/// it is handed over in, 1 MiB.
const LONGEST: u64 = 128 * 1024;

/// A client certificate. The PEM texts are named by where they came from.
pub(crate) struct Identity {
    /// Source and PEM text of the certificate chain.
    pub(crate) certificate: (String, Vec<u8>),
    /// Source and PEM text of the key.
    pub(crate) key: (String, SecretSlice<u8>),
}

impl Identity {
    /// In the agent's container: the Secret as kubelet mounts it.
    pub(crate) fn mounted(vault: &Connection) -> Result<Option<Self>, SettingsError> {
        let place = format!("in container {AGENT_CONTAINER}");
        Self::in_pod(vault, Path::new(CLIENT), &place)
    }

    /// In a wrapped container: what the agent's has put beside the token.
    pub(super) fn handed_over(
        vault: &Connection,
        token_volume: &Path,
    ) -> Result<Option<Self>, SettingsError> {
        let place = format!("from container {AGENT_CONTAINER}");
        Self::in_pod(vault, &token_volume.join(HANDOVER), &place)
    }

    fn in_pod(
        vault: &Connection,
        directory: &Path,
        place: &str,
    ) -> Result<Option<Self>, SettingsError> {
        let Some(secret) = &vault.client_cert_secret else {
            return Ok(None);
        };
        let read = |name: &str| {
            let file = directory.join(name).display().to_string();
            let source = format!("{file} (Secret {secret}) {place}");
            match read(directory, name) {
                Ok(bytes) => Ok((source, bytes)),
                Err(problem) => Err(SettingsError::ClientCertificate {
                    place: source,
                    problem,
                }),
            }
        };
        let certificate = read(CLIENT_CERTIFICATE_FILE)?;
        let (source, key) = read(CLIENT_KEY_FILE)?;
        Ok(Some(Self {
            certificate,
            key: (source, key.into()),
        }))
    }
}

/// kubelet puts each file of a Secret behind two links.
fn read(directory: &Path, name: &str) -> Result<Vec<u8>, String> {
    let bytes = files::locate(directory, Path::new(name))
        .and_then(|(directory, name)| files::read_regular(&directory, Path::new(&name), LONGEST))
        .map_err(|problem| problem.to_string())?;
    if bytes.trim_ascii().is_empty() {
        return Err("is empty".into());
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use contract::Connection;
    use secrecy::ExposeSecret as _;

    use super::Identity;

    fn connection(secret: Option<&str>) -> Connection {
        Connection {
            client_cert_secret: secret.map(str::to_owned),
            ..Connection::default()
        }
    }

    #[test]
    fn a_pair_is_read_where_one_is_wanted() {
        let volume = tempfile::tempdir().unwrap();
        let read = |secret| Identity::handed_over(&connection(secret), volume.path());
        assert!(read(None).unwrap().is_none(), "no file is looked for");
        let handover = volume.path().join("handover");
        fs::create_dir(&handover).unwrap();
        fs::write(handover.join("tls.crt"), "certificate").unwrap();
        fs::write(handover.join("tls.key"), "canary").unwrap();
        let identity = read(Some("shop-vault")).unwrap().unwrap();
        assert_eq!(identity.certificate.1, b"certificate");
        assert_eq!(identity.key.1.expose_secret(), b"canary");
        assert!(
            identity
                .key
                .0
                .contains("/handover/tls.key (Secret shop-vault)")
        );
    }

    #[test]
    fn a_secret_as_kubelet_mounts_it() {
        let mount = tempfile::tempdir().unwrap();
        fs::create_dir(mount.path().join("..version")).unwrap();
        symlink("..version", mount.path().join("..data")).unwrap();
        for name in ["tls.crt", "tls.key"] {
            fs::write(mount.path().join("..version").join(name), name).unwrap();
            symlink(format!("..data/{name}"), mount.path().join(name)).unwrap();
        }
        let vault = connection(Some("shop-vault"));
        let identity = Identity::in_pod(&vault, mount.path(), "here")
            .unwrap()
            .unwrap();
        assert_eq!(identity.key.1.expose_secret(), b"tls.key");
    }

    #[test]
    fn incomplete_client_certificate_is_rejected() {
        let long = "x".repeat(200_000);
        for (certificate, key, part) in [
            (
                None,
                Some("canary"),
                "tls.crt (Secret s) here does not exist",
            ),
            (Some("c"), None, "tls.key (Secret s) here does not exist"),
            (Some(""), Some("canary"), "tls.crt (Secret s) here is empty"),
            (Some("c"), Some(" \n"), "tls.key (Secret s) here is empty"),
            (Some("c"), Some(&*long), "is larger than 131072 bytes"),
        ] {
            let directory = tempfile::tempdir().unwrap();
            for (name, text) in [("tls.crt", certificate), ("tls.key", key)] {
                if let Some(text) = text {
                    fs::write(directory.path().join(name), text).unwrap();
                }
            }
            let vault = connection(Some("s"));
            let error = Identity::in_pod(&vault, directory.path(), "here")
                .err()
                .unwrap();
            let error = error.to_string();
            assert!(error.contains(part), "{error}");
            assert!(
                !error.contains("canary") && !error.contains('\n'),
                "{error}"
            );
        }
    }
}
