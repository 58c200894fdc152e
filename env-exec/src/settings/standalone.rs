//! The clients' own variables, as Vault's (`api/client.go`, 1.22) and `OpenBao`'s read them: `bao` looks
//! at `BAO_X` before `VAULT_X`, and takes an empty one for none.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use contract::LogFormat;
use secrecy::SecretString;

use super::address::Address;
use super::error::SettingsError;
use super::identity::Identity;
use super::token_source::TokenSource;
use super::vault::{Proxy, Trust, VaultSettings, address, namespace};
use crate::environment::Environment;

/// The client's default address.
const ADDRESS: &str = "https://127.0.0.1:8200";

/// The client's default time limit, and its default number of further attempts.
const TIMEOUT: Duration = Duration::from_secs(60);
const MAX_RETRIES: usize = 2;

/// Largest certificate or key file that is read.
const MAX_PEM: u64 = 4 * 1024 * 1024;

/// One setting, and the variables that may hold it. The first that is not empty does.
#[derive(Clone, Copy)]
struct Variable {
    bao: &'static str,
    vault: &'static str,
}

const fn variable(bao: &'static str, vault: &'static str) -> Variable {
    Variable { bao, vault }
}

const ADDR: Variable = variable("BAO_ADDR", "VAULT_ADDR");
const AGENT_ADDR: Variable = variable("BAO_AGENT_ADDR", "VAULT_AGENT_ADDR");
const NAMESPACE: Variable = variable("BAO_NAMESPACE", "VAULT_NAMESPACE");
const TOKEN: Variable = variable("BAO_TOKEN", "VAULT_TOKEN");
const TOKEN_PATH: Variable = variable("BAO_TOKEN_PATH", "VAULT_TOKEN_PATH");
const CACERT: Variable = variable("BAO_CACERT", "VAULT_CACERT");
const CACERT_BYTES: Variable = variable("BAO_CACERT_BYTES", "VAULT_CACERT_BYTES");
const CAPATH: Variable = variable("BAO_CAPATH", "VAULT_CAPATH");
const CLIENT_CERT: Variable = variable("BAO_CLIENT_CERT", "VAULT_CLIENT_CERT");
const CLIENT_KEY: Variable = variable("BAO_CLIENT_KEY", "VAULT_CLIENT_KEY");
const TLS_SERVER_NAME: Variable = variable("BAO_TLS_SERVER_NAME", "VAULT_TLS_SERVER_NAME");
const SKIP_VERIFY: Variable = variable("BAO_SKIP_VERIFY", "VAULT_SKIP_VERIFY");
const PROXY_ADDR: Variable = variable("BAO_PROXY_ADDR", "VAULT_PROXY_ADDR");
const HTTP_PROXY: Variable = variable("BAO_HTTP_PROXY", "VAULT_HTTP_PROXY");
const CLIENT_TIMEOUT: Variable = variable("BAO_CLIENT_TIMEOUT", "VAULT_CLIENT_TIMEOUT");
const RETRIES: Variable = variable("BAO_MAX_RETRIES", "VAULT_MAX_RETRIES");
const LOG_FORMAT: Variable = variable("BAO_LOG_FORMAT", "VAULT_LOG_FORMAT");

/// The name of the token's file; neither client knows it.
const TOKEN_FILE: &str = "VAULT_TOKEN_FILE";

impl Variable {
    /// Its name and value, where there is one that counts.
    fn find(self, environment: &Environment) -> Option<(&'static str, &OsStr)> {
        [self.bao, self.vault]
            .into_iter()
            .find_map(|name| Some((name, non_empty(environment, name)?)))
    }

    fn text(
        self,
        environment: &Environment,
    ) -> Result<Option<(&'static str, &str)>, SettingsError> {
        self.find(environment)
            .map(|(name, value)| Ok((name, to_text(name, value)?)))
            .transpose()
    }

    /// Its name of the client that reads `given`, a name of `other`.
    fn beside(self, other: Self, given: &str) -> &'static str {
        if given == other.bao {
            self.bao
        } else {
            self.vault
        }
    }
}

/// How to reach Vault.
pub(super) fn vault(environment: &Environment) -> Result<VaultSettings, SettingsError> {
    let skip_verify = boolean(SKIP_VERIFY.text(environment)?)?;
    let value = |variable: Variable| -> Result<_, SettingsError> {
        Ok(variable.text(environment)?.map(|(_, value)| value))
    };
    Ok(VaultSettings {
        address: vault_address(environment)?,
        namespace: namespace(value(NAMESPACE)?)?,
        trust: trust(environment)?,
        identity: identity(environment)?,
        server_name: value(TLS_SERVER_NAME)?.map(Into::into),
        skip_verify,
        proxy: proxy(environment)?,
        deadline: timeout(environment)?,
        max_retries: Some(max_retries(environment)?),
    })
}

/// Where the token is: a file that is named, a variable, or what `vault login` left.
pub(crate) fn token_source(environment: &Environment) -> Result<TokenSource, SettingsError> {
    let given = token_variables(environment).into_iter().next();
    let Some((name, value)) = given.and_then(|name| Some((name, environment.get(name)?))) else {
        let named = TOKEN_PATH.find(environment).map(|(_, path)| path.into());
        let home =
            || non_empty(environment, "HOME").map(|home| Path::new(home).join(".vault-token"));
        return Ok(TokenSource::Home(named.or_else(home)));
    };
    if name == TOKEN_FILE {
        return Ok(TokenSource::File(value.into()));
    }
    let token = to_text(name, value)?;
    Ok(TokenSource::Variable(name, SecretString::from(token)))
}

/// The variables that give a token, or the name of its file, the one that counts first. They are
/// env-exec's, not the program's, whether anything is asked of Vault or not.
pub(crate) fn token_variables(environment: &Environment) -> Vec<&'static str> {
    if non_empty(environment, TOKEN_FILE).is_some() {
        return vec![TOKEN_FILE];
    }
    // With `vault:login` the program asks for the token: it does not give it.
    [TOKEN.bao, TOKEN.vault]
        .into_iter()
        .filter(|name| non_empty(environment, name).is_some_and(|value| value != "vault:login"))
        .collect()
}

/// `json` asks for JSON lines.
pub(super) fn log_format(environment: &Environment) -> LogFormat {
    match LOG_FORMAT.find(environment) {
        Some((_, format)) if format.eq_ignore_ascii_case("json") => LogFormat::Json,
        _ => LogFormat::Text,
    }
}

/// An agent's address wins, as in the client.
fn vault_address(environment: &Environment) -> Result<Address, SettingsError> {
    for variable in [AGENT_ADDR, ADDR] {
        if let Some((name, value)) = variable.text(environment)? {
            return address(name, value);
        }
    }
    address(ADDR.vault, ADDRESS)
}

/// A file before bytes before a directory; else the system's.
fn trust(environment: &Environment) -> Result<Trust, SettingsError> {
    if let Some((name, path)) = CACERT.find(environment) {
        return Ok(Trust::Only(vec![pem(name, Path::new(path))?]));
    }
    if let Some((name, bytes)) = CACERT_BYTES.text(environment)? {
        return Ok(Trust::Only(vec![(name.into(), bytes.into())]));
    }
    let Some((name, directory)) = CAPATH.find(environment) else {
        return Ok(Trust::System);
    };
    let mut files = Vec::new();
    collect(name, Path::new(directory), &mut files)?;
    files.sort();
    let pems = files.iter().map(|path| pem(name, path));
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
    let half = |given, missing| Err(SettingsError::HalfIdentity { given, missing });
    match (CLIENT_CERT.find(environment), CLIENT_KEY.find(environment)) {
        (None, None) => Ok(None),
        (Some((given, _)), None) => half(given, CLIENT_KEY.beside(CLIENT_CERT, given)),
        (None, Some((given, _))) => half(given, CLIENT_CERT.beside(CLIENT_KEY, given)),
        (Some((name, certificate)), Some((key_name, key))) => {
            let (key_path, key) = pem(key_name, Path::new(key))?;
            Ok(Some(Identity {
                certificate: pem(name, Path::new(certificate))?,
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

/// The clients' own variables, each for everything; else the usual ones.
fn proxy(environment: &Environment) -> Result<Proxy, SettingsError> {
    for variable in [PROXY_ADDR, HTTP_PROXY] {
        if let Some((name, value)) = variable.text(environment)? {
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
    let Some((name, value)) = CLIENT_TIMEOUT.text(environment)? else {
        return Ok(TIMEOUT);
    };
    match contract::duration::parse(value) {
        Ok(Duration::ZERO) => Ok(TIMEOUT),
        Ok(timeout) => Ok(timeout.min(contract::duration::LONGEST)),
        Err(_) => Err(SettingsError::Variable {
            name,
            value: value.into(),
            wanted: "a number of seconds or a duration such as `30s`",
        }),
    }
}

fn max_retries(environment: &Environment) -> Result<usize, SettingsError> {
    let Some((name, value)) = RETRIES.text(environment)? else {
        return Ok(MAX_RETRIES);
    };
    value.parse().map_err(|_| SettingsError::Variable {
        name,
        value: value.into(),
        wanted: "a whole number",
    })
}

/// Go's `strconv.ParseBool`; unset and empty are false.
fn boolean(variable: Option<(&'static str, &str)>) -> Result<bool, SettingsError> {
    let Some((name, value)) = variable else {
        return Ok(false);
    };
    match value {
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(false),
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(true),
        value => Err(SettingsError::Variable {
            name,
            value: value.into(),
            wanted: "`true` or `false`",
        }),
    }
}

fn non_empty<'a>(environment: &'a Environment, name: &str) -> Option<&'a OsStr> {
    environment.get(name).filter(|value| !value.is_empty())
}

/// The value as text.
fn text<'a>(
    environment: &'a Environment,
    name: &'static str,
) -> Result<Option<&'a str>, SettingsError> {
    let value = non_empty(environment, name);
    value.map(|value| to_text(name, value)).transpose()
}

/// It is not shown where it is not UTF-8: it may be the token.
fn to_text<'a>(name: &'static str, value: &'a OsStr) -> Result<&'a str, SettingsError> {
    value.to_str().ok_or(SettingsError::NotUtf8 { name })
}

#[cfg(test)]
mod tests;
