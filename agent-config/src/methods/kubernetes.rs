//! `kubernetes`: <https://developer.hashicorp.com/vault/docs/agent-and-proxy/autoauth/methods/kubernetes>

use crate::schema::FileDefault::MountedOrToken;
use crate::schema::Kind::{Path, Text};
use crate::schema::{Key, Method, Refused};

pub(super) static METHOD: Method = Method {
    name: "kubernetes",
    summary: "The pod's ServiceAccount token, which Vault has reviewed by the API server.",
    pod: "Nothing, a ServiceAccount token with `auth-audience` is projected into the agent's \
          container; or a Secret or volume with the file `token`.",
    role_key: Some("role"),
    keys: &[
        Key::new("role", Text).required().note("Name of the role."),
        Key::new("token_path", Path(MountedOrToken("token")))
            .note("File with the ServiceAccount token."),
    ],
    refused: &[
        Refused {
            name: "path",
            sentence: "the `kubernetes` method calls it `token_path`; `path` is the `jwt` method's",
        },
        Refused {
            name: "token",
            sentence: "every reader of the pod sees it; leave it out to use the pod's own",
        },
    ],
    ..Method::BASE
};
