//! `kerberos`: <https://developer.hashicorp.com/vault/docs/agent-and-proxy/autoauth/methods/kerberos>

use crate::schema::FileDefault::Mounted;
use crate::schema::Form::RealOrQuoted;
use crate::schema::Kind::{Boolean, Path, Text};
use crate::schema::{Key, Method, Refused};

pub(super) static METHOD: Method = Method {
    name: "kerberos",
    summary: "A Kerberos principal with a keytab.",
    pod: "A Secret or volume with the files `krb5.keytab` and `krb5.conf`, and a KDC that the pod can \
          reach. A projected volume can hold a Secret and a ConfigMap together.",
    keys: &[
        Key::new("username", Text)
            .required()
            .note("The principal, without its realm."),
        Key::new("service", Text).required().note(
            "The principal of Vault's service, such as `HTTP/vault.example.com`. The auth mount \
                 must pass the ticket on: `passthrough_request_headers=Authorization`.",
        ),
        Key::new("realm", Text).required().note(
            "The realm of both, in capital letters. Where the KDC is MIT's, 1.20 or newer, it \
                 needs `disable_pac = true`, or Vault rejects its tickets.",
        ),
        Key::new("keytab_path", Path(Mounted("krb5.keytab")))
            .required()
            .note("File with the keytab of the principal."),
        Key::new("krb5conf_path", Path(Mounted("krb5.conf")))
            .required()
            .note("File that says where the realm's KDC is."),
        Key::new("disable_fast_negotiation", Boolean(RealOrQuoted))
            .default("`false`")
            .note("For a KDC without FAST, such as Active Directory before 2012."),
    ],
    refused: &[
        Refused {
            name: "role",
            sentence: "Vault finds its policies by the principal's LDAP groups",
        },
        Refused {
            name: "password",
            sentence: "the method logs in with a keytab; name that with `keytab_path`",
        },
        Refused {
            name: "krb5_conf_path",
            sentence: "the agent calls it `krb5conf_path`",
        },
    ],
    ..Method::BASE
};
