//! The Vault client's own variables, as its Go client (`api/client.go`, 1.22) reads them.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use contract::LogFormat;
use secrecy::SecretString;

use super::{Address, Identity, Proxy, SettingsError, TokenSource, Trust, VaultSettings};
use super::{address, namespace};
use crate::environment::Environment;

/// The client's default address.
const ADDRESS: &str = "https://127.0.0.1:8200";

/// The client's default time limit, and its default number of further attempts.
const TIMEOUT: Duration = Duration::from_secs(60);
const MAX_RETRIES: usize = 2;

/// Largest certificate or key file that is read.
const MAX_PEM: u64 = 4 * 1024 * 1024;

/// The variables that may hold the token, or the name of its file.
pub(crate) const TOKEN: &str = "VAULT_TOKEN";
pub(crate) const TOKEN_FILE: &str = "VAULT_TOKEN_FILE";

/// How to reach Vault.
pub(super) fn vault(environment: &Environment) -> Result<VaultSettings, SettingsError> {
    let skip_verify = boolean(environment, "VAULT_SKIP_VERIFY")?;
    Ok(VaultSettings {
        address: vault_address(environment)?,
        namespace: namespace(text(environment, "VAULT_NAMESPACE")?)?,
        trust: trust(environment)?,
        identity: identity(environment)?,
        server_name: text(environment, "VAULT_TLS_SERVER_NAME")?.map(Into::into),
        skip_verify,
        proxy: proxy(environment)?,
        deadline: timeout(environment)?,
        max_retries: Some(max_retries(environment)?),
    })
}

/// Where the token is: a file that is named, a variable, or what `vault login` left.
pub(crate) fn token_source(environment: &Environment) -> Result<TokenSource, SettingsError> {
    if let Some(path) = non_empty(environment, TOKEN_FILE) {
        return Ok(TokenSource::File(path.into()));
    }
    match text(environment, TOKEN)?.filter(|token| *token != "vault:login") {
        Some(token) => Ok(TokenSource::Variable(SecretString::from(token))),
        None => Ok(TokenSource::Home(
            non_empty(environment, "HOME").map(|home| Path::new(home).join(".vault-token")),
        )),
    }
}

/// `VAULT_LOG_FORMAT=json` asks for JSON lines.
pub(super) fn log_format(environment: &Environment) -> LogFormat {
    match environment.get("VAULT_LOG_FORMAT") {
        Some(format) if format.eq_ignore_ascii_case("json") => LogFormat::Json,
        _ => LogFormat::Text,
    }
}

/// `VAULT_AGENT_ADDR` wins, as in the client.
fn vault_address(environment: &Environment) -> Result<Address, SettingsError> {
    for name in ["VAULT_AGENT_ADDR", "VAULT_ADDR"] {
        if let Some(value) = text(environment, name)? {
            return address(name, value);
        }
    }
    address("VAULT_ADDR", ADDRESS)
}

/// `VAULT_CACERT` before `VAULT_CACERT_BYTES` before `VAULT_CAPATH`; else the system's.
fn trust(environment: &Environment) -> Result<Trust, SettingsError> {
    if let Some(path) = non_empty(environment, "VAULT_CACERT") {
        return Ok(Trust::Only(vec![pem("VAULT_CACERT", Path::new(path))?]));
    }
    if let Some(bytes) = text(environment, "VAULT_CACERT_BYTES")? {
        return Ok(Trust::Only(vec![(
            "VAULT_CACERT_BYTES".into(),
            bytes.into(),
        )]));
    }
    let Some(directory) = non_empty(environment, "VAULT_CAPATH") else {
        return Ok(Trust::System);
    };
    let mut files = Vec::new();
    collect("VAULT_CAPATH", Path::new(directory), &mut files)?;
    files.sort();
    let pems = files.iter().map(|path| pem("VAULT_CAPATH", path));
    Ok(Trust::Only(pems.collect::<Result<_, _>>()?))
}

/// All files below a directory. Symbolic links are read, and not walked into.
fn collect(
    name: &'static str,
    directory: &Path,
    files: &mut Vec<PathBuf>,
) -> Result<(), SettingsError> {
    let wrong = |error| unreadable(name, directory, &error);
    for entry in fs::read_dir(directory).map_err(wrong)? {
        let entry = entry.map_err(wrong)?;
        if entry.file_type().map_err(wrong)?.is_dir() {
            collect(name, &entry.path(), files)?;
        } else if entry.path().is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn identity(environment: &Environment) -> Result<Option<Identity>, SettingsError> {
    const NAMES: (&str, &str) = ("VAULT_CLIENT_CERT", "VAULT_CLIENT_KEY");
    let half = |given, missing| Err(SettingsError::HalfIdentity { given, missing });
    match (
        non_empty(environment, NAMES.0),
        non_empty(environment, NAMES.1),
    ) {
        (None, None) => Ok(None),
        (Some(_), None) => half(NAMES.0, NAMES.1),
        (None, Some(_)) => half(NAMES.1, NAMES.0),
        (Some(certificate), Some(key)) => {
            let (key_path, key) = pem(NAMES.1, Path::new(key))?;
            Ok(Some(Identity {
                certificate: pem(NAMES.0, Path::new(certificate))?,
                key: (key_path, key.into()),
            }))
        }
    }
}

fn pem(name: &'static str, path: &Path) -> Result<(String, Vec<u8>), SettingsError> {
    crate::files::read_bounded(path, MAX_PEM)
        .map(|bytes| (format!("{name} ({})", path.display()), bytes))
        .map_err(|error| unreadable(name, path, &error))
}

fn unreadable(name: &'static str, path: &Path, error: &std::io::Error) -> SettingsError {
    SettingsError::File {
        name,
        path: path.display().to_string(),
        reason: error.to_string(),
    }
}

/// `VAULT_PROXY_ADDR` before `VAULT_HTTP_PROXY`, each for everything; else the usual variables.
fn proxy(environment: &Environment) -> Result<Proxy, SettingsError> {
    for name in ["VAULT_PROXY_ADDR", "VAULT_HTTP_PROXY"] {
        if let Some(value) = text(environment, name)? {
            return Ok(Proxy::Always(name, value.into()));
        }
    }
    let usual = |upper, lower| -> Result<String, SettingsError> {
        let value = text(environment, upper)?.or(text(environment, lower)?);
        Ok(value.unwrap_or_default().into())
    };
    let http = usual("HTTP_PROXY", "http_proxy")?;
    let https = usual("HTTPS_PROXY", "https_proxy")?;
    let no = usual("NO_PROXY", "no_proxy")?;
    if http.is_empty() && https.is_empty() {
        return Ok(Proxy::None);
    }
    Ok(Proxy::Environment { http, https, no })
}

fn timeout(environment: &Environment) -> Result<Duration, SettingsError> {
    const NAME: &str = "VAULT_CLIENT_TIMEOUT";
    let Some(value) = text(environment, NAME)? else {
        return Ok(TIMEOUT);
    };
    match contract::duration::parse(value) {
        Some(Duration::ZERO) => Ok(TIMEOUT),
        Some(timeout) => Ok(timeout),
        None => Err(SettingsError::Variable {
            name: NAME,
            value: value.into(),
            wanted: "a number of seconds or a duration such as `30s`",
        }),
    }
}

fn max_retries(environment: &Environment) -> Result<usize, SettingsError> {
    const NAME: &str = "VAULT_MAX_RETRIES";
    let Some(value) = text(environment, NAME)? else {
        return Ok(MAX_RETRIES);
    };
    value.parse().map_err(|_| SettingsError::Variable {
        name: NAME,
        value: value.into(),
        wanted: "a whole number",
    })
}

/// Go's `strconv.ParseBool`; unset and empty are false.
fn boolean(environment: &Environment, name: &'static str) -> Result<bool, SettingsError> {
    match text(environment, name)? {
        None | Some("0" | "f" | "F" | "false" | "FALSE" | "False") => Ok(false),
        Some("1" | "t" | "T" | "true" | "TRUE" | "True") => Ok(true),
        Some(value) => Err(SettingsError::Variable {
            name,
            value: value.into(),
            wanted: "`true` or `false`",
        }),
    }
}

fn non_empty<'a>(environment: &'a Environment, name: &str) -> Option<&'a std::ffi::OsStr> {
    environment.get(name).filter(|value| !value.is_empty())
}

/// The value as text. It is not shown where it is not UTF-8: it may be the token.
fn text<'a>(
    environment: &'a Environment,
    name: &'static str,
) -> Result<Option<&'a str>, SettingsError> {
    let Some(value) = non_empty(environment, name) else {
        return Ok(None);
    };
    value
        .to_str()
        .map(Some)
        .ok_or(SettingsError::NotUtf8 { name })
}

#[cfg(test)]
mod tests;
