//! `token_file`: <https://developer.hashicorp.com/vault/docs/agent-and-proxy/autoauth/methods/token_file>

use crate::schema::FileDefault::Mounted;
use crate::schema::Kind::Path;
use crate::schema::{Key, Method, Refused, Request};

pub(super) static METHOD: Method = Method {
    name: "token_file",
    summary: "A Vault token that another component put into a file. It must be allowed to read \
              `auth/token/lookup-self`, as the policy `default` is.",
    pod: "A Secret or volume with the file `token`.",
    request: Request::LookupSelf,
    keys: &[Key::new("token_file_path", Path(Mounted("token")))
        .required()
        .note("File with the token.")],
    refused: &[
        Refused {
            name: "role",
            sentence: "the token already has its policies",
        },
        Refused {
            name: "token",
            sentence: "every reader of the pod sees it; put it into a file and name that with \
                       `token_file_path`",
        },
    ],
    ..Method::BASE
};
