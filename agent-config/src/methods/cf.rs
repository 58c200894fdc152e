//! `cf`: <https://developer.hashicorp.com/vault/docs/agent-and-proxy/autoauth/methods/cf>

use crate::flavour::Flavours;
use crate::schema::Kind::Text;
use crate::schema::{Key, Method, Rule, Variable};

pub(super) static METHOD: Method = Method {
    name: "cf",
    summary: "The certificate that Cloud Foundry gives to an instance of an application.",
    pod: "A Secret or volume with the files `tls.crt` and `tls.key`; or the variables \
          `CF_INSTANCE_CERT` and `CF_INSTANCE_KEY` of the wrapped container with their files.",
    flavours: Flavours::VaultOnly,
    role_key: Some("role"),
    keys: &[Key::new("role", Text).required().note("Name of the role.")],
    variables: &[
        Variable {
            name: "CF_INSTANCE_CERT",
            file: "tls.crt",
            applies: |_| true,
            required: true,
            note: "The certificate and its chain, PEM.",
        },
        Variable {
            name: "CF_INSTANCE_KEY",
            file: "tls.key",
            applies: |_| true,
            required: true,
            note: "Its RSA private key, PEM in the form of PKCS #1 (`BEGIN RSA PRIVATE KEY`).",
        },
    ],
    identity: &["CF_INSTANCE_CERT", "CF_INSTANCE_KEY"],
    rules: &[Rule::warn(
        "only Cloud Foundry, or a platform such as Korifi, makes the certificates that it takes",
        |_| true,
    )],
    ..Method::BASE
};
