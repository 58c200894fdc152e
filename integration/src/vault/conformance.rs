//! The data that `tests/conformance/references.json` asks for.

use serde_json::{Value, json};

use super::{Vault, VaultError};

/// The cases of what `env-exec` must give a program, with the data that they need.
pub const REFERENCES: &str = include_str!("../../tests/conformance/references.json");

/// What the cases need besides the data.
#[derive(Clone)]
pub struct Conformance {
    /// A token that may do what the cases allow, and no more.
    pub token: String,
    /// The text `secret`, encrypted with transit key `mykey`: `vault:v1:…`.
    pub ciphertext: String,
}

/// What the data calls "`token_policy`", in Vault's language.
const POLICY: &str = r#"
path "secret/data/*" { capabilities = ["read"] }
path "kv1/*" { capabilities = ["read"] }
path "transit/*" { capabilities = ["read", "create", "update"] }
path "pki/*" { capabilities = ["read", "create", "update"] }
path "secret/data/forbidden/*" { capabilities = ["deny"] }
"#;

impl Vault {
    /// Writes the conformance data, once for each Vault.
    pub fn seed_conformance(&self) -> Result<Conformance, VaultError> {
        let file: Value = serde_json::from_str(REFERENCES)
            .map_err(|error| VaultError::Seed(error.to_string()))?;
        for mount in read_list(&file["seed"]["mounts"])? {
            self.seed_mount(mount)?;
        }
        for write in read_list(&file["seed"]["writes"])? {
            self.seed_secret(write)?;
        }
        self.write_policy("conformance", POLICY)?;
        Ok(Conformance {
            token: self.create_token(&json!({ "policies": ["conformance"] }))?,
            ciphertext: self.encrypt_text("mykey", "secret")?,
        })
    }

    fn seed_mount(&self, mount: &Value) -> Result<(), VaultError> {
        let (path, kind) = (read_field(mount, "path")?, read_field(mount, "type")?);
        // Dev mode has the first one already.
        if path != "secret" {
            let version = mount["version"].as_u64();
            let options =
                version.map_or_else(|| json!({}), |v| json!({ "version": v.to_string() }));
            self.enable_secrets(path, kind, &options)?;
        }
        match kind {
            "transit" => {
                for key in read_list(&mount["keys"])? {
                    let key = key.as_str().unwrap_or_default();
                    self.write(&format!("{path}/keys/{key}"), &Value::Null)?;
                }
            }
            "pki" => {
                let common_name = read_field(mount, "root")?.trim_start_matches("common_name=");
                let root = json!({ "common_name": common_name });
                self.write(&format!("{path}/root/generate/internal"), &root)?;
                let role = json!({ "allow_any_name": true, "ttl": "1h" });
                self.write(&format!("{path}/roles/app"), &role)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn seed_secret(&self, write: &Value) -> Result<(), VaultError> {
        let path = read_field(write, "path")?;
        for version in read_list(&write["versions"])? {
            // The data engine of version 2 wraps what it stores.
            let versioned = path.starts_with("secret/data/");
            let body = if versioned {
                json!({ "data": version })
            } else {
                version.clone()
            };
            self.write(path, &body)?;
        }
        Ok(())
    }
}

fn read_list(value: &Value) -> Result<&Vec<Value>, VaultError> {
    value
        .as_array()
        .ok_or_else(|| VaultError::Seed(format!("not a list: {value}")))
}

fn read_field<'a>(object: &'a Value, name: &str) -> Result<&'a str, VaultError> {
    object[name]
        .as_str()
        .ok_or_else(|| VaultError::Seed(format!("no text `{name}` in {object}")))
}
