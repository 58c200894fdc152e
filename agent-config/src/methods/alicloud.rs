//! `alicloud`: <https://developer.hashicorp.com/vault/docs/agent-and-proxy/autoauth/methods/alicloud>
//!
//! The agent takes the first of: a whole access key in `ALICLOUD_*` variables, what its
//! configuration gives, the instance's RAM role. Half a set of keys counts as none, without a word.

use crate::flavour::Flavours;
use crate::schema::Form::Real;
use crate::schema::Kind::{Credential, Integer, Text};
use crate::schema::{Key, Method, Rule};

const INSTEAD: &str = "leave it out to use the RAM role of the instance (`role_name`)";

/// What the SDK takes for a session, in seconds.
const SESSION: crate::schema::Kind = Integer {
    min: 900,
    max: 3600,
    form: Real,
};

pub(super) static METHOD: Method = Method {
    name: "alicloud",
    summary: "A RAM identity of Alibaba Cloud.",
    pod: "The metadata service at 100.100.100.200, for the RAM role of the instance.",
    flavours: Flavours::VaultOnly,
    role_key: Some("role"),
    keys: &[
        Key::new("role", Text).required().note("Name of the role."),
        Key::new("region", Text)
            .required()
            .note("Region of the STS endpoint that the request is signed for."),
        Key::new("role_name", Text)
            .default("that of the instance")
            .note("Name of the instance's RAM role."),
        Key::new("access_key", Text)
            .default("the instance's RAM role")
            .note("Id of an access key, together with `access_secret`."),
        Key::new("access_secret", Credential { instead: INSTEAD })
            .default("the instance's RAM role")
            .note("Secret of that key."),
        Key::new("access_token", Credential { instead: INSTEAD })
            .default("none")
            .note("Session token of a key that STS gave."),
        Key::new("role_arn", Text)
            .default("none")
            .note("RAM role to assume with the access key."),
        Key::new("role_session_name", Text)
            .default("none")
            .note("Name of that session."),
        Key::new("role_session_expiration", SESSION)
            .default("none")
            .note("Its life in seconds."),
        Key::new("private_key", Credential { instead: INSTEAD })
            .default("none")
            .note("Private key of an RSA key pair."),
        Key::new("public_key_id", Text)
            .default("none")
            .note("Id of that pair."),
        Key::new("session_expiration", SESSION)
            .default("none")
            .note("Life of its session in seconds."),
        Key::new(
            "credential_poll_interval",
            Integer {
                min: 1,
                max: 86_400,
                form: Real,
            },
        )
        .default("`60`")
        .idle()
        .note("How often the agent looks for new credentials, in seconds."),
    ],
    asks_cloud: true,
    rules: &[
        Rule::refuse(
            "`access_key` and `access_secret` are given together or not at all",
            |values| values.has("access_key") != values.has("access_secret"),
        ),
        Rule::refuse("`access_token` belongs to an `access_key`", |values| {
            values.has("access_token") && !values.has("access_key")
        }),
        Rule::refuse(
            "`role_arn`, `role_session_name` and `role_session_expiration` are given together, and \
             with an `access_key`, or not at all",
            |values| {
                let keys = ["role_arn", "role_session_name", "role_session_expiration"];
                let given = keys.iter().filter(|key| values.has(key)).count();
                given != 0 && (given != keys.len() || !values.has("access_key"))
            },
        ),
        Rule::refuse(
            "`private_key`, `public_key_id` and `session_expiration` are given together or not at all",
            |values| {
                let keys = ["private_key", "public_key_id", "session_expiration"];
                let given = keys.iter().filter(|key| values.has(key)).count();
                given != 0 && given != keys.len()
            },
        ),
        Rule::refuse(
            "an `access_key`, a `role_name` and a `private_key` exclude each other, because the \
             agent takes the first",
            |values| {
                let keys = ["access_key", "role_name", "private_key"];
                keys.iter().filter(|key| values.has(key)).count() > 1
            },
        ),
    ],
    ..Method::BASE
};
