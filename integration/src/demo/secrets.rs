//! What the demo has in Vault, and what the example's program must get of it.

use ring::rand::{SecureRandom, SystemRandom};
use serde_json::json;

use super::{DemoError, examples};
use crate::kubelet::Issuer;
use crate::vault::Vault;

const USER: &str = "shop";

/// A database password, made up anew for each run.
pub struct Secrets {
    random: String,
}

impl Secrets {
    /// Makes up a password.
    pub fn new() -> Result<Self, DemoError> {
        let mut bytes = [0; 8];
        SystemRandom::new()
            .fill(&mut bytes)
            .map_err(|_| DemoError::Random)?;
        let random = format!("{:016x}", u64::from_ne_bytes(bytes));
        Ok(Self { random })
    }

    /// The password. Some of it has a meaning of its own in a URL.
    pub fn password(&self) -> String {
        format!("{}/&?", self.random)
    }

    /// Writes the secrets, and the policy that lets pods read them.
    pub fn write(&self, vault: &Vault) -> Result<(), DemoError> {
        let data = json!({ "data": { "username": USER, "password": self.password() } });
        vault.write("secret/data/shop/db", &data)?;
        vault.write(
            "secret/data/shop/settings",
            &json!({ "data": { "country": "DE" } }),
        )?;
        Ok(vault.write_policy("web", examples::POLICY)?)
    }

    /// The variables of the example, with the values that its program must get.
    pub fn expected_variables(&self) -> [(&'static str, String); 4] {
        let random = &self.random;
        let url = format!("postgres://{USER}:{random}%2F%26%3F@db.shop:5432/shop");
        [
            ("LOG_LEVEL", "info".to_owned()),
            ("DB_PASSWORD", self.password()),
            ("DATABASE_URL", url),
            ("CURRENCY", "EUR".to_owned()),
        ]
    }
}

/// Has Vault's jwt method at a mount path accept the tokens of an issuer, for the example's role.
pub fn set_up_login(vault: &Vault, path: &str, issuer: &Issuer) -> Result<(), DemoError> {
    vault.enable_auth(path, "jwt")?;
    let config = json!({
        "jwt_validation_pubkeys": [issuer.public_key()],
        "jwt_supported_algs": ["ES256"],
        "bound_issuer": Issuer::NAME,
    });
    vault.write(&format!("auth/{path}/config"), &config)?;
    vault.write(&format!("auth/{path}/role/web"), &examples::read_role()?)?;
    Ok(())
}
