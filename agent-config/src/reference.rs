//! The reference page of the methods, Markdown, from the same tables that validation reads.

use std::fmt::{self, Write};

use contract::names::ANNOTATION_PREFIX;
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

A pod selects its login by annotations. All of them begin with `{ANNOTATION_PREFIX}`.

`auth-method` names the method. Without it the connection's `auth.method` applies: `kubernetes`,
unless the operator sets another (chart value `vault.auth.method`).

`auth-config` holds the method's own settings as a YAML map. These annotations hold the settings
that methods have in common:

| annotation | meaning |
|---|---|
| `auth-role` | The role. You may set it in `auth-config` instead. If you set both, they must be the same. Default: the connection's `auth.role`, if the method needs a role. |
| `auth-mount-path` | Where the method is mounted, default `auth/METHOD`. `kubernetes`, `auth/kubernetes` and `/auth/kubernetes/` are the same; a mount whose own path begins with `auth/` is written `auth/auth/…`. |
| `auth-namespace` | The namespace to log in to, with or without `/` at its ends. |
| `auth-wrap-ttl` | The agent hands over a response-wrapped token, and env-exec must unwrap it within this time, a second or more. Then env-exec can run in exactly one container of the pod. |
| `auth-audience` | Audience of the projected ServiceAccount token. Default: the connection's. Empty: the API server's own. |
| `auth-token-expiration` | Lifetime of that token, as seconds or a duration (`1h`): {MIN_TOKEN_EXPIRATION} s or more. Default: the connection's. kubelet renews it. |
| `auth-secret`, `auth-volume` | A Secret, or a volume of the pod, that the agent's container mounts at `{AUTH}`. |
| `auth-pod-certificate` | Signer of a certificate that kubelet gets for this pod, for method `cert`; the agent's container mounts it at `{AUTH}`. |

A pod can have one of `auth-secret`, `auth-volume` and `auth-pod-certificate`.

Each method below begins with an example. Replace the role `web`, the Secret `vault-login` and the
words in capitals.

The webhook rejects unknown keys, wrong types and contradictions. A path must be absolute and below
`{AUTH}`. Durations are whole seconds, or text with the units `ns`, `us`, `ms`, `s`, `m`, `h`
(`1m30s`) or `d` (`2d`), and more than zero.

The webhook also rejects a credential in clear text, because every user who may read the pod may
read its annotations. The operator can allow it by `auth.allowInlineCredentials` of the connection.

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

With `auth-secret`, `auth-volume` or `auth-pod-certificate` these files below `{AUTH}` are
the defaults. A pod's certificate is there as `tls.crt`, and its key as `tls.key`.

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
    write_example(page, method)?;
    if method.flavours == Flavours::VaultOnly {
        writeln!(page, "Only Vault's agent has it, not OpenBao's.\n")?;
    }
    writeln!(page, "The pod provides: {}\n", method.pod)?;
    match method.role_key {
        Some(key) => writeln!(page, "`auth-role` sets `{key}`.\n")?,
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

/// What a pod needs at least. Words in capitals are the author's to replace.
fn write_example(page: &mut String, method: &Method) -> fmt::Result {
    writeln!(
        page,
        "```yaml\n{ANNOTATION_PREFIX}auth-method: {}",
        method.name
    )?;
    if method.role_key.is_some() {
        writeln!(page, "{ANNOTATION_PREFIX}auth-role: web")?;
    }
    if needs_file(method) {
        writeln!(page, "{ANNOTATION_PREFIX}auth-secret: vault-login")?;
    }
    let settings = example_settings(method);
    if !settings.is_empty() {
        writeln!(page, "{ANNOTATION_PREFIX}auth-config: |")?;
    }
    for (name, value) in settings {
        writeln!(page, "  {name}: {value}")?;
    }
    writeln!(page, "```\n")
}

/// Whether the example's login reads a file that no default provides.
fn needs_file(method: &Method) -> bool {
    let is_mounted =
        |key: &Key| key.required && matches!(key.kind, Kind::Path(FileDefault::Mounted(_)));
    method.keys.iter().any(is_mounted) || method.variables.iter().any(|variable| variable.required)
}

/// The method's own settings that have no default, each with a value of its type.
fn example_settings(method: &Method) -> Vec<(&'static str, String)> {
    let own_keys = method
        .keys
        .iter()
        .filter(|key| key.required && method.role_key != Some(key.name));
    own_keys
        .filter_map(|key| match key.kind {
            Kind::OneOf(words) => Some((key.name, (*words.first()?).to_owned())),
            Kind::Text => Some((key.name, key.name.to_uppercase())),
            _ => None,
        })
        .collect()
}

fn write_variables(page: &mut String, method: &Method) -> fmt::Result {
    for variable in method.variables {
        let Variable {
            name, file, note, ..
        } = variable;
        writeln!(
            page,
            "\nWith `auth-secret` or `auth-volume` the agent's container gets `{name}`, the path \
             of the file `{file}`. {note}"
        )?;
    }
    if !method.identity.is_empty() {
        let names = list(method.identity.iter().copied());
        writeln!(
            page,
            "\nIf the wrapped container has one of these variables, the agent's container gets it \
             too, with the volume of its file: {names}."
        )?;
    }
    if method.asks_cloud {
        writeln!(
            page,
            "\nThe agent sends requests to the cloud. If the wrapped container has `HTTPS_PROXY` \
             and `NO_PROXY`, the agent's container gets them too. Requests to Vault do not use \
             that proxy."
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
    writeln!(
        page,
        "\nA second login works with the same files and settings."
    )?;
    if !reasons.is_empty() {
        writeln!(
            page,
            "In these cases it does not, and `restart: rerun` becomes `fail`:\n"
        )?;
        write_list(page, reasons)?;
    }
    if method.second_login.is_empty() {
        return Ok(());
    }
    writeln!(page, "\n{}", method.second_login)
}

fn write_rules(page: &mut String, method: &Method) -> fmt::Result {
    let sentences = |outcome: Outcome| -> Vec<String> {
        let rules = method.rules.iter();
        rules
            .filter(move |rule| rule.outcome == outcome)
            .map(|rule| rule.sentence.to_owned())
            .collect()
    };
    let refused = method.refused.iter();
    let names: Vec<_> = refused
        .map(|refused| format!("`{}`: {}", refused.name, refused.sentence))
        .collect();
    let lists: [(&str, Vec<String>); 3] = [
        (
            "The webhook rejects the pod unless this holds:",
            sentences(Outcome::Refuse),
        ),
        ("The webhook warns:", sentences(Outcome::Warn)),
        ("The webhook rejects these settings:", names),
    ];
    for (heading, sentences) in lists {
        if !sentences.is_empty() {
            writeln!(page, "\n{heading}\n")?;
            write_list(page, sentences)?;
        }
    }
    Ok(())
}

fn write_list(page: &mut String, sentences: Vec<String>) -> fmt::Result {
    for sentence in sentences {
        writeln!(page, "- {sentence}.")?;
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
            " The agent does so before the login, so a failed login cannot be tried again. The \
             webhook rejects `true` where the mount is read-only, as a Secret's is.",
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
