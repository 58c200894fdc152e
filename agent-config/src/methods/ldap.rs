//! `ldap`: <https://developer.hashicorp.com/vault/docs/agent-and-proxy/autoauth/methods/ldap>

use crate::flavour::Flavours;
use crate::schema::FileDefault::Mounted;
use crate::schema::Form::RealOrQuoted;
use crate::schema::Kind::{Boolean, Duration, Path, Removal, Text};
use crate::schema::{Key, Method, Refused, Rule};

pub(super) static METHOD: Method = Method {
    name: "ldap",
    summary: "A user of an LDAP directory.",
    pod: "A Secret or volume with the file `password`. The whole file is the password: a line \
          break at its end belongs to it, and the directory then rejects it.",
    flavours: Flavours::VaultOnly,
    keys: &[
        Key::new("username", Text)
            .required()
            .note("The user. It becomes part of the login path."),
        Key::new("password_file_path", Path(Mounted("password")))
            .required()
            .note("File with the password, without a line break at its end."),
        Key::new(
            "remove_password_after_reading",
            Removal {
                file: "password_file_path",
            },
        )
        .note("Whether the agent removes the file when it reads it."),
        Key::new("remove_password_follows_symlinks", Boolean(RealOrQuoted))
            .default("`false`")
            .note("Whether it removes the target of a symbolic link, and not the link."),
        Key::new("password_read_period", Duration)
            .default("`500ms` if the file is removed, else `1m`")
            .idle()
            .note("How often the agent looks for a new password."),
    ],
    rules: &[
        Rule::refuse(
            "`username` must be one segment of the login path, without `/`, and not `.` or `..`",
            |values| {
                values
                    .text("username")
                    .is_some_and(|name| name.contains('/') || matches!(name, "." | ".."))
            },
        ),
        Rule::warn(
            "`remove_password_follows_symlinks` does nothing, because the file is not removed",
            |values| {
                values.is_true("remove_password_follows_symlinks")
                    && !values.is_true("remove_password_after_reading")
            },
        ),
    ],
    refused: &[
        Refused {
            name: "role",
            sentence: "Vault finds its policies by the user and the user's groups",
        },
        Refused {
            name: "password",
            sentence: "every reader of the pod sees it; put it into a file and name that with \
                       `password_file_path`",
        },
    ],
    ..Method::BASE
};
