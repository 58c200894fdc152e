//! One Vault server that pods may use.

use std::fmt::Display;
use std::path::PathBuf;
use std::str::FromStr;

use agent_config::{DEFAULT_TOKEN_EXPIRATION, Flavour, MountPath, Namespace, ProjectedToken};
use contract::Connection;
use openssl::x509::X509;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};
use url::{Host, Url};

use crate::dns;

/// A CA bundle travels in the settings variable of each container: kubelet refuses a variable of
/// 128 KiB, and the API server a pod of 1.5 MiB.
const MAX_CA_BYTES: usize = 32 * 1024;

/// One Vault server, and who may use it how.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VaultConnection {
    /// `https://` or `http://` address. With `http://` to another host than the pod itself the webhook warns:
    /// tokens and secrets then travel in clear text.
    pub address: String,
    /// Which product answers: it decides about methods and the agent's program, `vault` or `bao`, which
    /// `images.agent` must have. That image is one for all connections.
    #[serde(default)]
    pub flavour: Product,
    /// Vault namespace for login and reads.
    #[serde(default, deserialize_with = "from_text")]
    #[schemars(with = "Option<String>")]
    pub namespace: Option<Namespace>,
    /// CA certificates, PEM. Without it the login trusts the certificates of the agent's image.
    /// Each read trusts those of the program's own image, or its `SSL_CERT_FILE`. Where an image
    /// has none, the start fails.
    #[serde(default)]
    pub ca: Option<String>,
    /// File with CA certificates, PEM, instead of `ca`; read when the configuration is.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// Name to expect in Vault's certificate, if it is not the address's host.
    #[serde(default)]
    pub tls_server_name: Option<String>,
    /// Accept any certificate. For test set-ups.
    #[serde(default)]
    pub tls_skip_verify: bool,
    /// Secret with `tls.crt` and `tls.key` (type `kubernetes.io/tls`) in the namespace of each pod:
    /// the client certificate that Vault's listener wants to see of agent and env-exec
    /// (`tls_require_and_verify_client_cert`). Pods with `token-from` cannot use such a connection.
    #[serde(default)]
    pub client_cert_secret: Option<String>,
    /// `http://` proxy for all requests to Vault.
    #[serde(default)]
    pub proxy: Option<String>,
    /// Kubernetes namespaces whose pods may use this connection; `*` for all.
    #[serde(default = "all_namespaces")]
    pub allowed_namespaces: Vec<String>,
    /// Kubernetes namespaces whose pods may run the agent with a file of their author's
    /// (`agent-config-map`); `*` for all. Such a file can send the pod's token anywhere: nothing
    /// checks it.
    #[serde(default)]
    pub agent_config_map_namespaces: Vec<String>,
    /// Login of pods whose annotations do not set it.
    #[serde(default)]
    pub auth: AuthDefaults,
}

/// The product behind an address, as the configuration file spells it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Product {
    /// HashiCorp Vault.
    #[default]
    Vault,
    /// OpenBao.
    OpenBao,
}

impl From<Product> for Flavour {
    fn from(product: Product) -> Self {
        match product {
            Product::Vault => Self::Vault,
            Product::OpenBao => Self::OpenBao,
        }
    }
}

/// Auto-Auth defaults of a connection.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct AuthDefaults {
    /// Auto-Auth method.
    pub method: String,
    /// Role of pods without the annotation `auth-role`, for methods that require a role.
    pub role: Option<String>,
    /// Mount path of the auth method, with or without `auth/`. Without it: the method's name.
    #[serde(deserialize_with = "from_text")]
    #[schemars(with = "Option<String>")]
    pub mount_path: Option<MountPath>,
    /// Audience of the projected `ServiceAccount` token. Empty: the API server's own, for roles
    /// that name none.
    pub audience: String,
    /// Lifetime of that token in seconds, from 600 to 4294967296.
    pub token_expiration_seconds: u64,
    /// Whether pods may write a method's credentials in clear text into their annotations, which
    /// everybody who may read the pod can read.
    pub allow_inline_credentials: bool,
}

impl Default for AuthDefaults {
    fn default() -> Self {
        Self {
            method: "kubernetes".into(),
            role: None,
            mount_path: None,
            audience: "vault".into(),
            token_expiration_seconds: DEFAULT_TOKEN_EXPIRATION,
            allow_inline_credentials: false,
        }
    }
}

fn all_namespaces() -> Vec<String> {
    vec!["*".into()]
}

fn lists(namespaces: &[String], namespace: &str) -> bool {
    namespaces
        .iter()
        .any(|listed| listed == "*" || listed == namespace)
}

impl VaultConnection {
    pub(super) fn built_in() -> Self {
        Self {
            address: "https://vault.vault.svc:8200".into(),
            flavour: Product::Vault,
            namespace: None,
            ca: None,
            ca_file: None,
            tls_server_name: None,
            tls_skip_verify: false,
            client_cert_secret: None,
            proxy: None,
            allowed_namespaces: all_namespaces(),
            agent_config_map_namespaces: Vec::new(),
            auth: AuthDefaults::default(),
        }
    }

    /// Whether pods of this Kubernetes namespace may use the connection.
    pub fn allows(&self, namespace: &str) -> bool {
        lists(&self.allowed_namespaces, namespace)
    }

    /// Whether pods of this Kubernetes namespace may run the agent with a file of their author's.
    pub fn allows_agent_config_map(&self, namespace: &str) -> bool {
        lists(&self.agent_config_map_namespaces, namespace)
    }

    /// Whether tokens and secrets travel to this address without TLS. Loopback is the pod's own network,
    /// where an author's proxy may listen: nothing leaves the pod.
    pub fn is_clear_text(&self) -> bool {
        let Ok(url) = Url::parse(&self.address) else {
            return false;
        };
        let is_loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        url.scheme() == "http" && !is_loopback
    }

    /// What env-exec is told. `namespace` is the Vault namespace that an annotation chose.
    pub fn settings(&self, namespace: Option<&str>) -> Connection {
        Connection {
            address: self.address.clone(),
            namespace: namespace
                .or_else(|| self.namespace.as_ref().map(Namespace::as_str))
                .map(str::to_owned),
            ca: self.ca.clone(),
            tls_server_name: self.tls_server_name.clone(),
            proxy: self.proxy.clone(),
            tls_skip_verify: self.tls_skip_verify,
            client_cert_secret: self.client_cert_secret.clone(),
        }
    }

    /// Reads `caFile` and checks every value; the error is the key and what is wrong with it.
    pub(super) fn complete(&mut self) -> Result<(), (&'static str, String)> {
        check_url(&self.address, &["https", "http"]).map_err(|reason| ("address", reason))?;
        if let Some(proxy) = &self.proxy {
            check_url(proxy, &["http"]).map_err(|reason| ("proxy", reason))?;
        }
        if let Some(secret) = &self.client_cert_secret {
            let is_https = Url::parse(&self.address).is_ok_and(|url| url.scheme() == "https");
            check_secret(secret, is_https).map_err(|reason| ("clientCertSecret", reason))?;
        }
        if let Some(path) = &self.ca_file {
            if self.ca.is_some() {
                return Err(("caFile", "give either ca or caFile".into()));
            }
            let text = super::read_file(path)
                .map_err(|error| ("caFile", format!("cannot read {}: {error}", path.display())))?;
            self.ca = Some(text);
        }
        if let Some(ca) = &self.ca {
            check_ca(ca).map_err(|reason| ("ca", reason))?;
        }
        ProjectedToken::check_expiration(self.auth.token_expiration_seconds)
            .map_err(|reason| ("auth.tokenExpirationSeconds", reason))?;
        if self.allowed_namespaces.is_empty() {
            return Err((
                "allowedNamespaces",
                "name at least one namespace, or \"*\"".into(),
            ));
        }
        Ok(())
    }
}

fn from_text<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: FromStr<Err: Display>,
{
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(de::Error::custom))
        .transpose()
}

fn check_url(text: &str, schemes: &[&str]) -> Result<(), String> {
    let wanted = format!("must be a URL such as {}://host:8200", schemes[0]);
    let url = Url::parse(text).map_err(|_| wanted.clone())?;
    if !schemes.contains(&url.scheme()) || url.host_str().is_none() {
        return Err(wanted);
    }
    let has_more = !url.username().is_empty()
        || url.password().is_some()
        || url.query().is_some()
        || url.fragment().is_some();
    if has_more {
        return Err("must have no user, query or fragment".into());
    }
    Ok(())
}

fn check_secret(name: &str, is_https: bool) -> Result<(), String> {
    if name.len() > 253 || !dns::is_name(name) {
        return Err(
            "must be the name of a Secret, such as vault-client: small letters, digits, - and ."
                .into(),
        );
    }
    if !is_https {
        return Err("needs an https:// address: without TLS no certificate is shown".into());
    }
    Ok(())
}

fn check_ca(pem: &str) -> Result<(), String> {
    if pem.len() > MAX_CA_BYTES {
        return Err(format!(
            "is larger than {MAX_CA_BYTES} bytes; give only the CAs of Vault"
        ));
    }
    match X509::stack_from_pem(pem.as_bytes()) {
        Ok(certificates) if !certificates.is_empty() => Ok(()),
        _ => Err("holds no certificate in PEM form".into()),
    }
}
