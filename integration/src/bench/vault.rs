//! The Vault that env-exec asks.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::BenchError;
use crate::vault::{Vault, VaultError};

/// How many secrets there are, and how many keys each has.
const PATHS: usize = 50;
const KEYS: usize = 2;

/// A real Vault with secrets; started when it is first asked for.
#[derive(Default)]
pub(super) struct SeededVault(OnceLock<Seeded>);

/// A Vault, and a token that may read its secrets and nothing else, as a pod's.
pub(super) struct Seeded {
    pub(super) vault: Vault,
    pub(super) token: String,
}

impl SeededVault {
    pub(super) fn get(&self) -> Result<&Seeded, BenchError> {
        if let Some(seeded) = self.0.get() {
            return Ok(seeded);
        }
        let seeded = seed_vault()?;
        Ok(self.0.get_or_init(|| seeded))
    }
}

fn seed_vault() -> Result<Seeded, VaultError> {
    let vault = Vault::start()?;
    for path in 0..PATHS {
        let data: Map<String, Value> = (0..KEYS)
            .map(|key| (format!("key{key}"), json!(build_value(path, key))))
            .collect();
        vault.write(
            &format!("secret/data/bench/{path}"),
            &json!({ "data": data }),
        )?;
    }
    vault.write_policy(
        "bench",
        r#"path "secret/data/bench/*" { capabilities = ["read"] }"#,
    )?;
    let token = vault.create_token(&json!({ "policies": ["bench"], "ttl": "1h" }))?;
    Ok(Seeded { vault, token })
}

/// As long as a password is.
fn build_value(path: usize, key: usize) -> String {
    format!("correct-horse-{path:03}-{key}")
}

/// A variable's name, its reference, and the value that the program must get. The variables of a
/// start go once through all of its paths, and then again for the next key.
pub(super) fn build_variable(index: usize, paths: usize) -> (String, String, String) {
    let (path, key) = (index % paths, index / paths);
    let reference = format!("vault:secret/data/bench/{path}#key{key}");
    (
        format!("SECRET_{index:03}"),
        reference,
        build_value(path, key),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_variables_use_fifty_paths() {
        let all: Vec<_> = (0..100).map(|index| build_variable(index, PATHS)).collect();
        assert_eq!(all[0].1, "vault:secret/data/bench/0#key0");
        assert_eq!(all[99].1, "vault:secret/data/bench/49#key1");
        let mut references: Vec<_> = all.iter().map(|(_, reference, _)| reference).collect();
        references.sort();
        references.dedup();
        assert_eq!(references.len(), 100);
    }
}
