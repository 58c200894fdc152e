//! What tests ask of a Vault, with its root token unless said otherwise.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::{Value, json};

use super::{READY, Vault, VaultError};
use crate::digest;
use crate::http::{self, Refusal};
use crate::tools::{self, Tool};
use crate::wait::wait_for;

/// Attempts of a request whose connection is lost, and the pause between them.
const MOST_TRIES: usize = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// The API of a Vault, wherever it runs.
pub struct VaultClient {
    client: Client,
    address: String,
}

impl VaultClient {
    /// For a Vault at this address, which `/v1` is put behind.
    pub fn new(client: Client, address: String) -> Self {
        Self { client, address }
    }

    /// Its address.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Makes a request below `/v1` with a token of one's own; gives the JSON of the answer, or
    /// null where there is none. A status that is not 2xx is an error.
    pub fn request(
        &self,
        method: &Method,
        path: &str,
        token: &str,
        body: Option<&Value>,
    ) -> Result<Value, VaultError> {
        self.send_request(method, path, &[("X-Vault-Token", token)], body)
    }

    /// Makes a request, again where the API server's proxy lost its connection on the way, as it does on a
    /// busy machine.
    fn send_request(
        &self,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, VaultError> {
        let mut tries = MOST_TRIES;
        loop {
            tries -= 1;
            match self.send_once(method, path, headers, body) {
                Err(error) if tries > 0 && error.is_lost_connection() => thread::sleep(PAUSE),
                result => return result,
            }
        }
    }

    fn send_once(
        &self,
        method: &Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<Value, VaultError> {
        let mut request = self
            .client
            .request(method.clone(), format!("{}/v1/{path}", self.address));
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        http::send_request(request)?.map_err(|Refusal { status, answer }| VaultError::Refused {
            method: method.to_string(),
            path: path.to_owned(),
            status,
            answer,
        })
    }

    /// `GET /v1/PATH`.
    pub fn read(&self, path: &str) -> Result<Value, VaultError> {
        self.request(&Method::GET, path, Vault::ROOT_TOKEN, None)
    }

    /// `POST /v1/PATH`.
    pub fn write(&self, path: &str, body: &Value) -> Result<Value, VaultError> {
        self.request(&Method::POST, path, Vault::ROOT_TOKEN, Some(body))
    }

    /// `POST /v1/PATH`, and has the answer wrapped: gives the token that unwraps it, once and within
    /// ten minutes.
    pub fn write_wrapped(&self, path: &str, body: &Value) -> Result<String, VaultError> {
        let headers = [
            ("X-Vault-Token", Vault::ROOT_TOKEN),
            ("X-Vault-Wrap-TTL", "10m"),
        ];
        let answer = self.send_request(&Method::POST, path, &headers, Some(body))?;
        read_text(&answer["wrap_info"]["token"], path, "wrap_info.token")
    }

    /// Takes what a token wraps.
    pub fn unwrap_token(&self, token: &str) -> Result<Value, VaultError> {
        self.request(&Method::POST, "sys/wrapping/unwrap", token, None)
    }

    /// `DELETE /v1/PATH`.
    pub fn delete(&self, path: &str) -> Result<Value, VaultError> {
        self.request(&Method::DELETE, path, Vault::ROOT_TOKEN, None)
    }

    /// Enables a secrets engine, such as `kv` with the options `{"version": "2"}`, and waits until
    /// it can be used.
    pub fn enable_secrets(
        &self,
        path: &str,
        kind: &str,
        options: &Value,
    ) -> Result<(), VaultError> {
        self.write(
            &format!("sys/mounts/{path}"),
            &json!({ "type": kind, "options": options }),
        )?;
        if kind == "kv" && options["version"] == "2" {
            // For a moment it is "upgrading from non-versioned to versioned data".
            let config = format!("{path}/config");
            wait_for(&format!("the engine at {path}"), READY, || {
                self.read(&config)
            })?;
        }
        Ok(())
    }

    /// Enables an auth method at a mount path.
    pub fn enable_auth(&self, path: &str, kind: &str) -> Result<(), VaultError> {
        self.write(&format!("sys/auth/{path}"), &json!({ "type": kind }))
            .map(drop)
    }

    /// Enables the kubernetes auth method, whose plugin lies in Vault's directory of plugins.
    pub(crate) fn enable_kubernetes_plugin(&self, path: &str) -> Result<(), VaultError> {
        self.enable_plugin(path, "kubernetes", Tool::VaultPluginAuthKubernetes, &[])
    }

    /// Registers an auth method whose plugin lies there under the tool's name, and enables it.
    fn enable_plugin(
        &self,
        path: &str,
        kind: &str,
        tool: Tool,
        args: &[&str],
    ) -> Result<(), VaultError> {
        self.register_plugin("auth", kind, tool, args)?;
        self.enable_auth(path, kind)
    }

    /// Enables the database engine, with the plugin for a database that lies in Vault's directory of
    /// plugins.
    pub(crate) fn enable_database(&self, path: &str, plugin: &str) -> Result<(), VaultError> {
        self.register_plugin("database", plugin, Tool::VaultPlugins, &[plugin])?;
        self.enable_secrets(path, "database", &json!({}))
    }

    fn register_plugin(
        &self,
        of: &str,
        name: &str,
        tool: Tool,
        args: &[&str],
    ) -> Result<(), VaultError> {
        let sha256 = digest::hash_sha256(&fs::read(tools::find_tool(tool)?)?);
        let entry = json!({ "sha256": sha256, "command": tool.name(), "args": args });
        self.write(&format!("sys/plugins/catalog/{of}/{name}"), &entry)
            .map(drop)
    }

    /// Writes a policy in Vault's own language.
    pub fn write_policy(&self, name: &str, rules: &str) -> Result<(), VaultError> {
        self.write(
            &format!("sys/policies/acl/{name}"),
            &json!({ "policy": rules }),
        )
        .map(drop)
    }

    /// Creates a token with the fields of `auth/token/create`, such as `policies` and `ttl`.
    pub fn create_token(&self, fields: &Value) -> Result<String, VaultError> {
        let path = "auth/token/create";
        read_text(
            &self.write(path, fields)?["auth"]["client_token"],
            path,
            "client_token",
        )
    }

    /// Encrypts a text with a key of the transit engine at `transit/`: `vault:v1:…`.
    pub fn encrypt_text(&self, key: &str, plaintext: &str) -> Result<String, VaultError> {
        let path = format!("transit/encrypt/{key}");
        let answer = self.write(
            &path,
            &json!({ "plaintext": BASE64_STANDARD.encode(plaintext) }),
        )?;
        read_text(&answer["data"]["ciphertext"], &path, "ciphertext")
    }

    /// Seals it: from now on it answers 503 to everything but its own state.
    pub fn seal(&self) -> Result<(), VaultError> {
        self.write("sys/seal", &Value::Null).map(drop)
    }

    /// Unseals it with its key, and waits until it can be used again.
    pub(crate) fn unseal_with(&self, key: &str) -> Result<(), VaultError> {
        self.write("sys/unseal", &json!({ "key": key }))?;
        wait_for("the unsealed Vault", READY, || self.read("secret/config"))?;
        Ok(())
    }
}

impl Vault {
    /// Enables the kubernetes auth method, which the pinned Vault has only as a plugin.
    pub fn enable_kubernetes_auth(&self, path: &str) -> Result<(), VaultError> {
        self.install_plugin(Tool::VaultPluginAuthKubernetes)?;
        self.enable_kubernetes_plugin(path)
    }

    /// Enables `aws`, `kerberos` or `ldap` at a path of that name: the pinned Vault has none of
    /// them, and takes them as plugins.
    pub fn enable_plugin_auth(&self, kind: &str) -> Result<(), VaultError> {
        self.install_plugin(Tool::VaultPlugins)?;
        self.enable_plugin(kind, kind, Tool::VaultPlugins, &[kind])
    }

    fn install_plugin(&self, tool: Tool) -> Result<(), VaultError> {
        let place = self.directory.path().join("plugins").join(tool.name());
        if !place.exists() {
            fs::copy(tools::find_tool(tool)?, place)?;
        }
        Ok(())
    }

    /// Has every request from now on logged to a file, one JSON object a line; gives the file.
    pub fn enable_audit(&self) -> Result<PathBuf, VaultError> {
        let file = self.directory.path().join("audit.log");
        let fields = json!({ "type": "file", "options": { "file_path": file } });
        self.write("sys/audit/file", &fields)?;
        Ok(file)
    }

    /// Unseals it, and waits until it can be used again.
    pub fn unseal(&self) -> Result<(), VaultError> {
        // Dev mode writes it a moment after it can be used.
        let key = wait_for("the key in Vault's log", READY, || unseal_key(&self.log()))?;
        self.unseal_with(&key)
    }
}

/// The key that dev mode has logged.
pub(crate) fn unseal_key(log: &str) -> Option<String> {
    let mut lines = log.lines();
    let key = lines.find_map(|line| line.trim().strip_prefix("Unseal Key: "))?;
    Some(key.to_owned())
}

pub(super) fn read_text(
    value: &Value,
    path: &str,
    field: &'static str,
) -> Result<String, VaultError> {
    let missing = || VaultError::Field {
        path: path.to_owned(),
        field,
    };
    value.as_str().map(str::to_owned).ok_or_else(missing)
}
