//! `approle`: <https://developer.hashicorp.com/vault/docs/agent-and-proxy/autoauth/methods/approle>

use crate::schema::FileDefault::{Mounted, MountedOrNone};
use crate::schema::Kind::{Path, Removal, Text};
use crate::schema::{Key, Method, Refused, Rule};

pub(super) static METHOD: Method = Method {
    name: "approle",
    summary: "A role-id and, unless the role has `bind_secret_id=false`, a secret-id.",
    pod: "A Secret or volume with the files `role-id` and `secret-id`.",
    keys: &[
        Key::new("role_id_file_path", Path(Mounted("role-id")))
            .required()
            .note("File with the role-id."),
        Key::new("secret_id_file_path", Path(MountedOrNone("secret-id"))).note(
            "File with the secret-id, or with a wrapping token for it. `\"\"` means no secret-id, \
             because the role has `bind_secret_id=false`.",
        ),
        Key::new(
            "remove_secret_id_file_after_reading",
            Removal {
                file: "secret_id_file_path",
            },
        )
        .note("Whether the agent removes the file of the secret-id when it reads it."),
        Key::new("secret_id_response_wrapping_path", Text)
            .default("none")
            .note(
                "The file holds a wrapping token that was made at this path, such as \
             `auth/approle/role/web/secret-id`; the agent checks the path and unwraps it.",
            ),
    ],
    rules: &[
        Rule::refuse(
            "`secret_id_response_wrapping_path` needs `secret_id_file_path`, the file that holds \
             the wrapping token",
            |values| {
                values.has("secret_id_response_wrapping_path") && !values.has("secret_id_file_path")
            },
        ),
        Rule::refuse(
            "`secret_id_response_wrapping_path` must begin with the mount, without `/` or `v1/` \
             before it, as `auth/approle/role/web/secret-id` does",
            |values| {
                values
                    .text("secret_id_response_wrapping_path")
                    .is_some_and(|path| path.starts_with('/') || path.starts_with("v1/"))
            },
        ),
        Rule::single_use(
            "the secret-id is response-wrapped, and a wrapping token works once",
            |values| values.has("secret_id_response_wrapping_path"),
        ),
    ],
    second_login: "Only Vault knows how often and how long a secret-id may be used \
                   (`secret_id_num_uses` and `secret_id_ttl` of the role). Where one is good for \
                   a single login, Vault denies a second one, so set `restart: fail`.",
    refused: &[
        Refused {
            name: "role",
            sentence: "the role-id says which role it is",
        },
        Refused {
            name: "role_id",
            sentence: "the agent reads it from a file; name that with `role_id_file_path`",
        },
        Refused {
            name: "secret_id",
            sentence: "every reader of the pod sees it; put it into a file and name that with \
                       `secret_id_file_path`",
        },
    ],
    ..Method::BASE
};
