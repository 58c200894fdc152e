//! `jwt`: <https://developer.hashicorp.com/vault/docs/agent-and-proxy/autoauth/methods/jwt>

use crate::schema::FileDefault::MountedOrToken;
use crate::schema::Form::RealOrQuoted;
use crate::schema::Kind::{Boolean, Duration, Path, Removal, Text};
use crate::schema::{Key, Method, Refused, Rule};

pub(super) static METHOD: Method = Method {
    name: "jwt",
    summary: "A JWT: the pod's own ServiceAccount token, or any other on a mount of type jwt or oidc.",
    pod: "Nothing, a ServiceAccount token with `auth-audience` is projected into the agent's \
          container; or a Secret or volume with the file `jwt`.",
    role_key: Some("role"),
    keys: &[
        Key::new("role", Text)
            .required()
            .note("Name of the role. The mount's `default_role` is not used."),
        Key::new("path", Path(MountedOrToken("jwt")))
            .required()
            .note(
                "File with the JWT. The agent sends it as it is, with a line break at its end if \
                 there is one, which Vault's own jwt method takes.",
            ),
        Key::new("remove_jwt_after_reading", Removal { file: "path" })
            .note("Whether the agent removes the file when it reads it."),
        Key::new("remove_jwt_follows_symlinks", Boolean(RealOrQuoted))
            .default("`false`")
            .note("Whether it removes the target of a symbolic link, and not the link."),
        Key::new("jwt_read_period", Duration)
            .default("`500ms` if the file is removed, else `1m`")
            .idle()
            .note("How often the agent looks for a new JWT."),
    ],
    rules: &[Rule::warn(
        "`remove_jwt_follows_symlinks` does nothing, because the file is not removed",
        |values| {
            values.is_true("remove_jwt_follows_symlinks")
                && !values.is_true("remove_jwt_after_reading")
        },
    )],
    refused: &[
        Refused {
            name: "token_path",
            sentence: "the `jwt` method calls it `path`; `token_path` is the `kubernetes` method's",
        },
        Refused {
            name: "jwt",
            sentence: "every reader of the pod sees it; put it into a file and name that with \
                       `path`",
        },
        Refused {
            name: "token",
            sentence: "every reader of the pod sees it; put it into a file and name that with \
                       `path`",
        },
    ],
    ..Method::BASE
};
