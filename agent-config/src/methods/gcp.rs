//! `gcp`: <https://developer.hashicorp.com/vault/docs/agent-and-proxy/autoauth/methods/gcp>
//!
//! With `gce` the metadata service gives a signed token; with `iam` Google's IAM signs one for a
//! service account. The agent's `credentials` is JSON, never a path, whatever its documentation
//! says; a file is found by `GOOGLE_APPLICATION_CREDENTIALS`.

use crate::flavour::Flavours;
use crate::schema::Form::RealOrQuoted;
use crate::schema::Kind::{Credential, Integer, OneOf, Text, TextOrEmpty};
use crate::schema::{Key, Method, Refused, Rule, Variable};
use crate::values::Values;

fn is_iam(values: &Values) -> bool {
    values.text("type") == Some("iam")
}

fn is_gce(values: &Values) -> bool {
    values.text("type") == Some("gce")
}

pub(super) static METHOD: Method = Method {
    name: "gcp",
    summary: "The Google service account of the node or, with GKE's Workload Identity, of the pod \
              (`gce`), or any service account that IAM signs for (`iam`).",
    pod: "The metadata service (`http://metadata/`); or for `iam` a Secret or volume with the file \
          `credentials.json`, or the variable `GOOGLE_APPLICATION_CREDENTIALS` of the wrapped \
          container with its file, as Workload Identity Federation gives it.",
    flavours: Flavours::VaultOnly,
    role_key: Some("role"),
    keys: &[
        Key::new("type", OneOf(&["gce", "iam"]))
            .required()
            .note("Who signs the token that is sent to Vault."),
        Key::new("role", Text).required().note("Name of the role."),
        Key::new("service_account", TextOrEmpty)
            .default("`default` with `gce`; `iam` needs one")
            .note(
                "The service account, by its e-mail address. With `iam`, `\"\"` takes the address \
                 from the credentials file; the agent's own default is an account called \
                 `default`, for which IAM signs nothing.",
            ),
        Key::new(
            "credentials",
            Credential {
                instead: "put it as `credentials.json` into a Secret and name that by \
                          `auth-secret`",
            },
        )
        .default("Google's Application Default Credentials")
        .note("With `iam`: the JSON of a service account's key, not a path."),
        Key::new(
            "jwt_exp",
            Integer {
                min: 1,
                max: 720,
                form: RealOrQuoted,
            },
        )
        .default("`15`")
        .note("With `iam`: life of the signed token in minutes; at most the role's `max_jwt_exp`."),
        Key::new("project", Text)
            .default("none")
            .note("The agent reads it and does nothing with it."),
    ],
    variables: &[Variable {
        name: "GOOGLE_APPLICATION_CREDENTIALS",
        file: "credentials.json",
        applies: |values| is_iam(values) && !values.has("credentials"),
        required: false,
        note: "The key of a service account, with `iam`.",
    }],
    asks_cloud: true,
    identity: &["GOOGLE_APPLICATION_CREDENTIALS"],
    rules: &[
        Rule::refuse(
            "`type: iam` needs `service_account`; set its e-mail address, or `\"\"` for the one in \
             the credentials file",
            |values| is_iam(values) && !values.has("service_account"),
        ),
        Rule::refuse(
            "`service_account` is only empty with `type: iam`",
            |values| is_gce(values) && values.text("service_account") == Some(""),
        ),
        Rule::refuse("`credentials` is only read with `type: iam`", |values| {
            is_gce(values) && values.has("credentials")
        }),
        Rule::warn("`jwt_exp` is only read with `type: iam`", |values| {
            is_gce(values) && values.has("jwt_exp")
        }),
        Rule::warn("`project` does nothing: the agent ignores it", |values| {
            values.has("project")
        }),
    ],
    refused: &[Refused {
        name: "credentials_file",
        sentence: "mount the file by `auth-secret` or `auth-volume` as `credentials.json`",
    }],
    ..Method::BASE
};
