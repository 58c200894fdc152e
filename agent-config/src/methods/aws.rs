//! `aws`: <https://developer.hashicorp.com/vault/docs/agent-and-proxy/autoauth/methods/aws>
//!
//! With `iam` the agent signs a request to STS, which Vault then makes; with `ec2` it sends the
//! instance's identity document.

use crate::flavour::Flavours;
use crate::schema::Form::Real;
use crate::schema::Kind::{Credential, Integer, OneOf, Text, TextOrEmpty};
use crate::schema::{Key, Method, Rule, Variable};
use crate::values::Values;

const INSTEAD: &str =
    "give the ServiceAccount an IAM role, or mount the file `credentials` by `auth-secret`";

fn is_iam(values: &Values) -> bool {
    values.text("type") == Some("iam")
}

fn is_ec2(values: &Values) -> bool {
    values.text("type") == Some("ec2")
}

pub(super) static METHOD: Method = Method {
    name: "aws",
    summary: "An IAM identity (`iam`), or the EC2 instance that the pod runs on (`ec2`).",
    pod: "With `iam`, one of three identities. The first is a ServiceAccount with an IAM role \
          (IRSA or EKS Pod Identity): the agent's container gets its variables and token file from \
          the wrapped container. The second is a Secret or volume with the file `credentials` of \
          the AWS tools. The third is the instance's own role. This role and `ec2` need the \
          metadata service at 169.254.169.254 within two hops.",
    flavours: Flavours::VaultOnly,
    role_key: Some("role"),
    keys: &[
        Key::new("type", OneOf(&["iam", "ec2"]))
            .required()
            .note("Identity that logs in."),
        Key::new("role", Text).required().note("Name of the role."),
        Key::new("region", TextOrEmpty)
            .default("`us-east-1`")
            .note(
                "Region of the STS endpoint that the request is signed for; it must be that of \
                 Vault's `sts_endpoint`. `AWS_REGION` only counts with `\"\"`.",
            ),
        Key::new("header_value", Text).default("none").note(
            "Value of `X-Vault-AWS-IAM-Server-ID`, where Vault's `iam_server_id_header_value` is set.",
        ),
        Key::new("nonce", Text)
            .default("another one at each start")
            .note("With `ec2`: what Vault remembers the instance by. A later login must bring the same."),
        Key::new("access_key", Text)
            .default("the identity of the pod")
            .note("With `iam`: the id of an access key, together with `secret_key`."),
        Key::new("secret_key", Credential { instead: INSTEAD })
            .default("the identity of the pod")
            .note("With `iam`: the secret of that key."),
        Key::new("session_token", Credential { instead: INSTEAD })
            .default("none")
            .note("With `iam`: the session token of a key that STS gave."),
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
    variables: &[Variable {
        name: "AWS_SHARED_CREDENTIALS_FILE",
        file: "credentials",
        applies: |values| is_iam(values) && !values.has("access_key"),
        required: false,
        note: "Profile `default` of this file, with `iam`.",
    }],
    asks_cloud: true,
    identity: &[
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_ROLE_SESSION_NAME",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_STS_REGIONAL_ENDPOINTS",
    ],
    rules: &[
        Rule::refuse(
            "`access_key` and `secret_key` are given together or not at all",
            |values| values.has("access_key") != values.has("secret_key"),
        ),
        Rule::refuse("`session_token` belongs to an `access_key`", |values| {
            values.has("session_token") && !values.has("access_key")
        }),
        Rule::refuse(
            "`access_key`, `secret_key` and `session_token` are only read with `type: iam`",
            |values| is_ec2(values) && values.has("access_key"),
        ),
        Rule::warn("`header_value` is only read with `type: iam`", |values| {
            is_ec2(values) && values.has("header_value")
        }),
        Rule::warn("`region` is only read with `type: iam`", |values| {
            is_ec2(values) && values.has("region")
        }),
        Rule::warn("`nonce` is only read with `type: ec2`", |values| {
            is_iam(values) && values.has("nonce")
        }),
        Rule::warn(
            "without `nonce` Vault denies every login from this instance but the first, also of \
             other pods; set one",
            |values| is_ec2(values) && !values.has("nonce"),
        ),
        Rule::single_use(
            "without `nonce` each login brings another one, and Vault takes only the first",
            |values| is_ec2(values) && !values.has("nonce"),
        ),
    ],
    ..Method::BASE
};
