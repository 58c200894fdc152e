//! `oci`: <https://developer.hashicorp.com/vault/docs/agent-and-proxy/autoauth/methods/oci>
//!
//! With `apikey` the agent reads `~/.oci/config` of its user, which an image of Vault's does not
//! have, and then the file that `OCI_CONFIG_FILE` names.

use crate::flavour::Flavours;
use crate::schema::Kind::{Duration, OneOf, Text};
use crate::schema::{Key, Method, Rule, Variable};

pub(super) static METHOD: Method = Method {
    name: "oci",
    summary: "A user of Oracle Cloud with an API key (`apikey`), or the instance that the pod runs on \
              (`instance`).",
    pod: "For `apikey` a Secret or volume with the file `config` as the OCI tools have it; its \
          `key_file` names another file of the same, such as `/tokenpipe/auth/key.pem`. For \
          `instance` the metadata service at 169.254.169.254.",
    flavours: Flavours::VaultOnly,
    role_key: Some("role"),
    keys: &[
        Key::new("type", OneOf(&["apikey", "instance"]))
            .required()
            .note("Identity that logs in."),
        Key::new("role", Text)
            .required()
            .note("Name of the role. It becomes part of the login path."),
        Key::new("credential_poll_interval", Duration)
            .default("`60s`")
            .idle()
            .note("How often the agent looks for new credentials."),
    ],
    variables: &[Variable {
        name: "OCI_CONFIG_FILE",
        file: "config",
        applies: |values| values.text("type") == Some("apikey"),
        required: true,
        note: "Profile `DEFAULT` of this file, with `apikey`.",
    }],
    asks_cloud: true,
    identity: &["OCI_CONFIG_FILE"],
    rules: &[Rule::refuse(
        "`role` must be one segment of the login path, without `/`, and not `.` or `..`",
        |values| {
            values
                .text("role")
                .is_some_and(|name| name.contains('/') || matches!(name, "." | ".."))
        },
    )],
    ..Method::BASE
};
