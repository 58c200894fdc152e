//! The reference page of the methods, Markdown, from the same tables that validation reads.

use std::fmt::{self, Write};

use contract::paths::AUTH;

use crate::auto_auth::MIN_TOKEN_EXPIRATION;
use crate::flavour::Flavours;
use crate::methods;
use crate::problem::list;
use crate::schema::{FileDefault, Form, Key, Kind, Method, Outcome, Request, Variable};

/// `docs/auth-methods.md`.
pub fn reference_page() -> String {
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write(&mut page);
    page
}

fn write(page: &mut String) -> fmt::Result {
    write_introduction(page)?;
    write_conventional_files(page)?;
    for method in methods::ALL {
        write_method(page, method)?;
    }
    Ok(())
}

fn write_introduction(page: &mut String) -> fmt::Result {
    writeln!(
        page,
        "# Auth methods

This page is generated from the tables that admission checks `auth-config` against.

`auth-method` names the method, `auth-config` holds its own settings as a YAML map, and these
annotations hold the settings that methods have in common:

| annotation | meaning |
|---|---|
| `auth-role` | The role. Default: the connection's `auth.role`, for methods that require a role. `auth-config` may have the role instead, but must not have another one. |
| `auth-mount-path` | Where the method is mounted, default `auth/METHOD`. `kubernetes`, `auth/kubernetes` and `/auth/kubernetes/` are the same; a mount whose own path begins with `auth/` is written `auth/auth/…`. |
| `auth-namespace` | The namespace to log in to, with or without `/` at its ends. |
| `auth-wrap-ttl` | The token travels response-wrapped and must be unwrapped within this time, a duration of a second or more. Exactly one container can be wrapped then. |
| `auth-audience` | Audience of the projected ServiceAccount token. Default: the connection's. Empty: the API server's own. |
| `auth-token-expiration` | Its life, as seconds or a duration (`1h`): {MIN_TOKEN_EXPIRATION} s or more. Default: the connection's. kubelet renews it. |
| `auth-secret`, `auth-volume` | A Secret, or a volume of the pod, that the agent's container mounts at `{AUTH}`. |
| `auth-pod-certificate` | Signer of a certificate that kubelet gets for this pod, for method `cert`; the agent's container mounts it at `{AUTH}`. One of these three. |

The webhook rejects unknown keys, wrong types and contradictions. A path is absolute and is below
`{AUTH}`. The webhook also rejects a credential in clear text, unless the operator sets
`auth.allowInlineCredentials` of the connection. The reason: every user who may read the pod may
read its annotations. Durations are whole seconds, or text with the units `ns`, `us`, `ms`, `s`,
`m`, `h` (`1m30s`) or `d` (`2d`), and more than zero.

Two settings of Vault can make every login useless, whatever the method. The role's
`token_num_uses` must be 0, because the agent may use its token up before the program has it. The
mount must not enforce login MFA, because no user is there to answer.
"
    )
}

fn write_conventional_files(page: &mut String) -> fmt::Result {
    writeln!(
        page,
        "## Conventional files

With `auth-secret`, `auth-volume` or `auth-pod-certificate`, a path that is left out is the file of
this name below `{AUTH}`. A pod's certificate is there as `tls.crt` and its key as
`tls.key`.

| file | method | setting |
|---|---|---|"
    )?;
    for method in methods::ALL {
        for key in method.keys {
            if let Kind::Path(default) = key.kind
                && let Some(file) = default.file_name()
            {
                writeln!(page, "| `{file}` | `{}` | `{}` |", method.name, key.name)?;
            }
        }
        for Variable { name, file, .. } in method.variables {
            writeln!(page, "| `{file}` | `{}` | variable `{name}` |", method.name)?;
        }
    }
    Ok(())
}

fn write_method(page: &mut String, method: &Method) -> fmt::Result {
    writeln!(page, "\n## `{}`\n", method.name)?;
    writeln!(page, "{}\n", method.summary)?;
    if method.flavours == Flavours::VaultOnly {
        writeln!(page, "Only Vault's agent has it, not OpenBao's.\n")?;
    }
    writeln!(page, "The pod provides: {}\n", method.pod)?;
    match method.role_key {
        Some(key) => writeln!(page, "`auth-role` is its `{key}`.\n")?,
        None => writeln!(page, "It takes no `auth-role`.\n")?,
    }
    if method.request == Request::LookupSelf {
        writeln!(
            page,
            "It takes no `auth-mount-path` and no `auth-wrap-ttl`.\n"
        )?;
    }
    writeln!(
        page,
        "| setting | type | default | meaning |\n|---|---|---|---|"
    )?;
    for key in method.keys {
        writeln!(
            page,
            "| `{}` | {} | {} | {} |",
            key.name,
            type_of(key),
            default_of(key),
            notes_of(key)
        )?;
    }
    write_variables(page, method)?;
    write_second_login(page, method)?;
    write_rules(page, method)
}

fn write_variables(page: &mut String, method: &Method) -> fmt::Result {
    for variable in method.variables {
        let Variable {
            name, file, note, ..
        } = variable;
        writeln!(
            page,
            "\nWith `auth-secret` or `auth-volume` the agent's container gets `{name}`, the path of \
             the file `{file}`: {note}"
        )?;
    }
    if !method.identity.is_empty() {
        let names = list(method.identity.iter().copied());
        writeln!(
            page,
            "\nTaken over from the wrapped container, with the volumes that their files lie in: {names}."
        )?;
    }
    if method.asks_cloud {
        writeln!(
            page,
            "\nThe agent asks the cloud itself. Where the wrapped container has `HTTPS_PROXY` and `NO_PROXY`, \
             the agent's gets them too; requests to Vault do not go that way."
        )?;
    }
    Ok(())
}

/// What `restart: rerun` needs.
fn write_second_login(page: &mut String, method: &Method) -> fmt::Result {
    let removals = method
        .keys
        .iter()
        .filter(|key| matches!(key.kind, Kind::Removal { .. }))
        .map(|key| format!("`{}` is true", key.name));
    let rules = method
        .rules
        .iter()
        .filter(|rule| rule.outcome == Outcome::SingleUse)
        .map(|rule| rule.sentence.to_owned());
    let reasons: Vec<_> = rules.chain(removals).collect();
    let mut paragraph = "A second login works with the same files and settings".to_owned();
    if !reasons.is_empty() {
        paragraph.push_str(", unless ");
        paragraph.push_str(&reasons.join("; or "));
        paragraph.push_str(". Then `restart: rerun` becomes `fail`");
    }
    paragraph.push('.');
    if !method.second_login.is_empty() {
        paragraph.push(' ');
        paragraph.push_str(method.second_login);
    }
    writeln!(page, "\n{paragraph}")
}

fn write_rules(page: &mut String, method: &Method) -> fmt::Result {
    let mut separator = "\n";
    for rule in method.rules {
        let outcome = match rule.outcome {
            Outcome::Refuse => "Refused otherwise",
            Outcome::Warn => "Warned of",
            Outcome::SingleUse => continue,
        };
        writeln!(page, "{separator}- {outcome}: {}.", rule.sentence)?;
        separator = "";
    }
    for refused in method.refused {
        writeln!(
            page,
            "{separator}- No `{}`: {}.",
            refused.name, refused.sentence
        )?;
        separator = "";
    }
    Ok(())
}

fn type_of(key: &Key) -> String {
    let quoted = |form| match form {
        Form::Real => ", not quoted",
        Form::RealOrQuoted => "",
    };
    match key.kind {
        Kind::Text | Kind::TextOrEmpty => "text".to_owned(),
        Kind::Credential { .. } => "text, a credential".to_owned(),
        Kind::Path(_) => "path".to_owned(),
        Kind::OneOf(words) => words
            .iter()
            .map(|word| format!("`{word}`"))
            .collect::<Vec<_>>()
            .join(" or "),
        Kind::Integer { min, max, form } => {
            format!("whole number from {min} to {max}{}", quoted(form))
        }
        Kind::Boolean(form) => format!("`true` or `false`{}", quoted(form)),
        Kind::Removal { .. } => "`true` or `false`".to_owned(),
        Kind::Duration => "duration".to_owned(),
    }
}

fn default_of(key: &Key) -> String {
    match key.kind {
        Kind::Path(FileDefault::Mounted(file) | FileDefault::MountedOrNone(file)) => {
            format!("`{AUTH}/{file}`")
        }
        Kind::Path(FileDefault::MountedOrToken(file)) => {
            format!("`{AUTH}/{file}` with `auth-secret` or `auth-volume`, else the projected token")
        }
        Kind::Removal { .. } => "`false`, unlike the agent's own `true`".to_owned(),
        _ if key.required => "required".to_owned(),
        _ => key.default.to_owned(),
    }
}

fn notes_of(key: &Key) -> String {
    let mut notes = key.note.to_owned();
    if matches!(key.kind, Kind::Removal { .. }) {
        notes.push_str(
            " It does so at once, before the login, so a login that fails cannot be tried again. \
             Refused where the mount is read-only, as a Secret's is.",
        );
    }
    if key.flavours == Flavours::VaultOnly {
        notes.push_str(" Not in OpenBao.");
    }
    if key.idle {
        notes.push_str(" Without effect here: the agent ends after its first login.");
    }
    notes
}

#[cfg(test)]
mod tests;
