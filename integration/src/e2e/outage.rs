//! What can be wrong with the Vault of a scenario.

use reqwest::Method;
use serde_json::json;

use super::vault::{NAME, READY};
use super::{E2eError, Vault};
use crate::vault::unseal_key;
use crate::wait::{Probe, wait_for};

impl Vault<'_> {
    /// Unseals it, and waits until it can be used again.
    pub fn unseal(&self) -> Result<(), E2eError> {
        let key = wait_for("the key in Vault's log", READY, || {
            unseal_key(&self.read_log().unwrap_or_default())
        })?;
        // Everybody who was refused meanwhile asks at once, so its answer may be late.
        wait_for("an unsealed Vault", READY, || self.client.unseal_with(&key))?;
        Ok(())
    }

    /// Has its Service lead nowhere, so that nobody reaches it, until [`Vault::reconnect`].
    pub fn cut_off(&self) -> Result<(), E2eError> {
        self.lead_to("nobody")?;
        wait_for("a Vault that cannot be reached", READY, || {
            match self.client.read("secret/config") {
                Ok(_) => Probe::NotYet("it answers".to_owned()),
                // As the API server says it. A Vault that refuses is there.
                Err(error) if error.to_string().contains("no endpoints") => Probe::Ready(()),
                Err(error) => Probe::NotYet(error.to_string()),
            }
        })?;
        Ok(())
    }

    /// Has its Service lead to it again.
    pub fn reconnect(&self) -> Result<(), E2eError> {
        self.lead_to(NAME)?;
        wait_for("a Vault that can be reached", READY, || {
            self.client.read("secret/config")
        })?;
        Ok(())
    }

    fn lead_to(&self, app: &str) -> Result<(), E2eError> {
        let path = format!("api/v1/namespaces/{}/services/{NAME}", self.namespace);
        let mut service = self.cluster.api.request(&Method::GET, &path, None)?;
        service["spec"]["selector"]["app"] = json!(app);
        self.cluster
            .api
            .request(&Method::PUT, &path, Some(&service))?;
        Ok(())
    }

    /// Has it answer 429 to more requests of one address below a mount in a time than this, and log
    /// them.
    pub fn limit_rate(&self, mount: &str, rate: f64, interval: &str) -> Result<(), E2eError> {
        let logged = json!({ "enable_rate_limit_audit_logging": true });
        self.write("sys/quotas/config", &logged)?;
        let name = mount.replace('/', "-");
        let quota = json!({ "path": format!("{mount}/"), "rate": rate, "interval": interval });
        self.write(&format!("sys/quotas/rate-limit/{name}"), &quota)?;
        Ok(())
    }
}
