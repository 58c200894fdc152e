//! `cert`: <https://developer.hashicorp.com/vault/docs/agent-and-proxy/autoauth/methods/cert>
//!
//! The agent would also log in with a client certificate of its `vault` stanza or environment.
//! Ours has none, so the pair is required here. That also keeps two traps out: a pair of which
//! one half is missing is ignored, and `ca_cert` alone logs in without a certificate.

use crate::schema::FileDefault::{LeftOut, Mounted};
use crate::schema::Form::Real;
use crate::schema::Kind::{Boolean, Duration, Path, Text};
use crate::schema::{Key, Method, Refused, Rule};

pub(super) static METHOD: Method = Method {
    name: "cert",
    summary: "A TLS client certificate.",
    pod: "A Secret of type `kubernetes.io/tls` (`auth-secret`), a volume with the files `tls.crt` and \
          `tls.key` (`auth-volume`), or the signer of a certificate of the pod's own \
          (`auth-pod-certificate`, Kubernetes 1.37).",
    role_key: Some("name"),
    keys: &[
        Key::new("name", Text)
            .default("Vault tries every certificate role of the mount")
            .note("Name of the certificate role."),
        Key::new("client_cert", Path(Mounted("tls.crt")))
            .required()
            .note("File with the certificate and its chain, PEM."),
        Key::new("client_key", Path(Mounted("tls.key")))
            .required()
            .note("File with the private key, PEM."),
        Key::new("ca_cert", Path(LeftOut))
            .default("the connection's CA")
            .note(
                "File with the CA of Vault's own certificate, PEM. The Secret's `ca.crt` is not \
                 taken by itself: it is the CA of the client certificate, and not every Secret has it.",
            ),
        Key::new("reload", Boolean(Real))
            .default("`false`")
            .idle()
            .note("Whether the agent watches the files for a new certificate."),
        Key::new("reload_period", Duration)
            .default("`1m`")
            .vault_only()
            .idle()
            .note("How often it looks."),
    ],
    rules: &[
        Rule::refuse(
            "`client_cert` and `client_key` are given together or not at all",
            |values| values.given("client_cert") != values.given("client_key"),
        ),
        Rule::warn("`reload_period` is only read with `reload: true`", |values| {
            values.has("reload_period") && !values.is_true("reload")
        }),
    ],
    refused: &[
        Refused {
            name: "role",
            sentence: "the `cert` method calls it `name`",
        },
        Refused {
            name: "cert_file",
            sentence: "the agent calls it `client_cert`, whatever its messages say",
        },
        Refused {
            name: "cert_key",
            sentence: "the agent calls it `client_key`, whatever its messages say",
        },
    ],
    ..Method::BASE
};
