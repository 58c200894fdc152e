//! Which parts of environment, configuration and files are credentials.

use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use contract::names::{SETTINGS_VARIABLE, is_credential};
use serde_json::Value;

use super::{Kind, Redactor, view};
use crate::environment::Environment;
use crate::files;

/// Variables that hold a token of ours.
const TOKENS: [&str; 2] = ["VAULT_TOKEN", "BAO_TOKEN"];

/// Largest file of a credential: a chain of certificates with its key.
const LONGEST_FILE: u64 = 128 * 1024;

/// Most files of one directory that are looked at. A Secret with more is no credential's.
const MOST_FILES: usize = 64;

impl Redactor {
    /// Tokens, and passwords of proxies.
    pub(crate) fn learn_environment(&self, environment: &Environment) {
        for (name, value) in environment.iter() {
            let name = name.to_string_lossy().to_ascii_uppercase();
            // A reference is no token.
            let is_token = TOKENS.contains(&&*name) && !value.as_bytes().starts_with(b"vault:");
            if is_token {
                self.learn(Kind::Credential, value.as_bytes());
            } else if name.contains("PROXY") {
                self.learn_proxy(&value.to_string_lossy());
            }
        }
    }

    /// The password of a proxy, also as it is sent.
    pub(crate) fn learn_proxy(&self, address: &str) {
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let Some((login, _)) = authority.rsplit_once('@') else {
            return;
        };
        let decoded = percent_decoded(login);
        for login in [login.as_bytes(), &decoded] {
            self.learn(Kind::Credential, login);
            if let Some(colon) = login.iter().position(|byte| *byte == b':') {
                self.learn(Kind::Credential, &login[colon + 1..]);
            }
        }
    }

    /// What the agent's variables hold that its method logs in with, or name the file of.
    pub(crate) fn learn_agent_environment(&self, environment: &Environment) {
        for (name, value) in environment
            .iter()
            .filter(|(name, _)| *name != SETTINGS_VARIABLE)
        {
            let name = name.to_string_lossy().to_ascii_uppercase();
            if value.as_bytes().starts_with(b"/") {
                if name.contains("TOKEN") || name.contains("CREDENTIAL") {
                    self.learn_file(Path::new(value));
                }
            } else if is_credential(&name) {
                self.learn(Kind::Credential, value.as_bytes());
            }
        }
    }

    /// Credentials in the agent's configuration, and in the files that it names.
    pub(crate) fn learn_config(&self, config: &Value) {
        match config {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| match value {
                Value::String(text) if is_credential(name) && !text.starts_with('/') => {
                    self.learn_content(text.as_bytes());
                }
                value => self.learn_config(value),
            }),
            Value::Array(items) => items.iter().for_each(|item| self.learn_config(item)),
            Value::String(text) => self.learn_file(Path::new(text)),
            _ => {}
        }
    }

    /// The files of a directory in which credentials are mounted.
    pub(crate) fn learn_directory(&self, directory: &Path) {
        let entries = std::fs::read_dir(directory).into_iter().flatten();
        for entry in entries.flatten().take(MOST_FILES) {
            self.learn_file(&entry.path());
        }
    }

    /// A file, if there is one: the agent tells what is wrong with one that it wants.
    fn learn_file(&self, path: &Path) {
        if path.is_absolute()
            && path.is_file()
            && let Ok(content) = files::read_bounded(path, LONGEST_FILE)
        {
            self.learn_content(&content);
        }
    }

    /// The parts of a file that are secret: of JSON those fields, of PEM what is between its lines of
    /// dashes, of a line the whole. Of other texts what looks like `name = credential`.
    fn learn_content(&self, content: &[u8]) {
        if let Ok(value @ Value::Object(_)) = serde_json::from_slice(content) {
            return self.learn_fields(&value);
        }
        let content = content.trim_ascii();
        if !content.contains(&b'\n') {
            return self.learn(Kind::Credential, content);
        }
        let lines = || content.split(|byte| *byte == b'\n');
        if content.starts_with(b"-----") {
            let body: Vec<_> = lines().filter(|line| !line.starts_with(b"-----")).collect();
            return self.learn(Kind::Credential, &body.join(&b'\n'));
        }
        for line in lines() {
            if let Some(equals) = line.iter().position(|byte| b"=:".contains(byte))
                && is_credential(String::from_utf8_lossy(&line[..equals]).trim())
            {
                self.learn(Kind::Credential, &line[equals + 1..]);
            }
        }
    }

    fn learn_fields(&self, value: &Value) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| match value {
                Value::String(text) if is_credential(name) => {
                    self.learn_content(text.as_bytes());
                }
                value => self.learn_fields(value),
            }),
            Value::Array(items) => items.iter().for_each(|item| self.learn_fields(item)),
            _ => {}
        }
    }
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some(first) = rest.first() {
        let escaped = view::percent(rest);
        let byte = escaped.and_then(|(_, character)| u8::try_from(character).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = &rest[escaped.map_or(1, |(length, _)| length)..];
    }
    bytes
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "a list of ranges")]
mod tests {
    use super::Redactor;
    use crate::environment::Environment;
    use std::fs;

    fn assert_hides(redactor: &Redactor, secrets: &[&str]) {
        for secret in secrets {
            let found = redactor.redact(secret, &[0..secret.len()]);
            assert_eq!(found, "[redacted]", "{secret}");
        }
    }

    fn assert_shows(redactor: &Redactor, texts: &[&str]) {
        for text in texts {
            assert_eq!(redactor.redact(text, &[0..text.len()]), *text);
        }
    }

    #[test]
    fn learn_environment_takes_tokens_and_passwords_of_proxies() {
        let redactor = Redactor::default();
        let variables = [
            ("VAULT_TOKEN", "hvs.one-token"),
            ("BAO_TOKEN", "s.another-token"),
            ("https_proxy", "http://me:p%40ssword-x@proxy:3128"),
            ("VAULT_PROXY_ADDR", "you:hunter2@proxy"),
            ("DB_PASSWORD", "the program's own"),
        ];
        let variables = variables.map(|(name, value)| (name.into(), value.into()));
        redactor.learn_environment(&Environment::new(variables));
        assert_hides(
            &redactor,
            &[
                "hvs.one-token",
                "s.another-token",
                "p%40ssword-x",
                "p@ssword-x",
                "hunter2",
            ],
        );
        // Of `me:p@ssword-x`, but for the last bits.
        assert_hides(&redactor, &["bWU6cEBzc3dvcmQte"]);
        assert_shows(&redactor, &["proxy:3128", "the program's own"]);
        let redactor = Redactor::default();
        let login = [("VAULT_TOKEN".into(), "vault:login".into())];
        redactor.learn_environment(&Environment::new(login));
        assert_shows(&redactor, &["vault:login"]);
    }

    #[test]
    fn learn_config_takes_credentials_and_the_files_that_it_names() {
        let directory = tempfile::tempdir().unwrap();
        let file = |name: &str, content: &str| {
            let path = directory.path().join(name);
            fs::write(&path, content).unwrap();
            path
        };
        let secret_id = file("secret-id", "5f2c-secret-id\n");
        let credentials = file(
            "credentials.json",
            r#"{"type":"service_account","token_uri":"https://oauth2","private_key":"-----BEGIN\nMIIEvQIBADANBgkq\n-----END"}"#,
        );
        let config = serde_json::json!({
            "auto_auth": { "method": [{ "type": "aws", "config": {
                "role": "web-role-name",
                "secret_key": "inline-secret",
                "secret_id_file_path": secret_id,
                "other": credentials,
            }}]}
        });
        let redactor = Redactor::default();
        redactor.learn_config(&config);
        assert_hides(
            &redactor,
            &["5f2c-secret-id", "inline-secret", "MIIEvQIBADANBgkq"],
        );
        assert_shows(
            &redactor,
            &[
                "web-role-name",
                "service_account",
                "https://oauth2",
                "BEGIN",
            ],
        );
    }

    #[test]
    fn learn_directory_takes_keys_and_lines() {
        let directory = tempfile::tempdir().unwrap();
        let files = [
            (
                "tls.key",
                "-----BEGIN KEY-----\nAAAABBBBCCCC\nDDDD\n-----END KEY-----\n",
            ),
            (
                "credentials",
                "[default]\nregion = eu-central-1\naws_secret_access_key = wJalrXUtn",
            ),
            ("jwt", "eyJhbGciOi.eyJpc3Mi.c2lnbmF0"),
        ];
        for (name, content) in files {
            fs::write(directory.path().join(name), content).unwrap();
        }
        let redactor = Redactor::default();
        redactor.learn_directory(directory.path());
        redactor.learn_directory("/nonexistent".as_ref());
        assert_hides(
            &redactor,
            &["AAAABBBBCCCC", "wJalrXUtn", "eyJhbGciOi.eyJpc3Mi.c2lnbmF0"],
        );
        assert_shows(&redactor, &["BEGIN KEY", "eu-central-1", "[default]"]);
    }
}
