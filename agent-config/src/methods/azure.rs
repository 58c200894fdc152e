//! `azure`: <https://developer.hashicorp.com/vault/docs/agent-and-proxy/autoauth/methods/azure>

use crate::flavour::Flavours;
use crate::schema::Form::RealOrQuoted;
use crate::schema::Kind::{Boolean, Text};
use crate::schema::{Key, Method, Rule};

pub(super) static METHOD: Method = Method {
    name: "azure",
    summary: "A managed identity of the node, or with `authenticate_from_environment` the pod's own \
              (Azure Workload Identity).",
    pod: "The instance metadata service at 169.254.169.254, which the agent asks in both modes; a \
          NetworkPolicy must let it. With `authenticate_from_environment` also what Azure Workload \
          Identity adds to the pod (label `azure.workload.identity/use`): its variables and token \
          file are taken over from the wrapped container.",
    flavours: Flavours::VaultOnly,
    role_key: Some("role"),
    keys: &[
        Key::new("role", Text).required().note("Name of the role."),
        Key::new("resource", Text).required().note(
            "The resource that Vault's `resource` names, such as `https://management.azure.com/`.",
        ),
        Key::new("authenticate_from_environment", Boolean(RealOrQuoted))
            .default("`false`")
            .note("Whether the identity comes from `AZURE_*` variables and not from the node."),
        Key::new("object_id", Text)
            .default("the node's only identity")
            .note("Object id of a managed identity."),
        Key::new("client_id", Text)
            .default("the node's only identity")
            .note("Client id of a managed identity."),
        Key::new("scope", Text)
            .default("`resource` and `/.default`")
            .note(
                "Scope of the token that the agent requests, with `authenticate_from_environment`.",
            ),
    ],
    asks_cloud: true,
    identity: &[
        "AZURE_CLIENT_ID",
        "AZURE_TENANT_ID",
        "AZURE_FEDERATED_TOKEN_FILE",
        "AZURE_AUTHORITY_HOST",
    ],
    rules: &[
        Rule::refuse("`object_id` and `client_id` exclude each other", |values| {
            values.has("object_id") && values.has("client_id")
        }),
        Rule::warn(
            "`object_id` and `client_id` are not read with `authenticate_from_environment: true`; \
             `AZURE_CLIENT_ID` is",
            |values| {
                values.is_true("authenticate_from_environment")
                    && (values.has("object_id") || values.has("client_id"))
            },
        ),
        Rule::warn(
            "`scope` is only read with `authenticate_from_environment: true`",
            |values| values.has("scope") && !values.is_true("authenticate_from_environment"),
        ),
    ],
    ..Method::BASE
};
