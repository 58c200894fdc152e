//! The page of `tokenpipe migrate`, from its tables.

use std::fmt::Write as _;

use contract::names::ANNOTATION_PREFIX as P;

use crate::migrate::{
    BANK_VAULTS, Carry, Mapping, OF_BANK_VAULTS, OF_SECRETS_WEBHOOK, OF_VAULT_K8S, RENAMED,
    SECRETS_WEBHOOK, VAULT_K8S,
};

pub(super) fn page() -> String {
    let mut page =
        "# What becomes of other annotations\n\n`tokenpipe migrate -f FILE` prints a file \
                    with these lines replaced, and leaves every other one as it is. What has no \
                    counterpart becomes a comment, and standard error says for each line what to \
                    do. A document whose pods would work less stays as it is.\n"
            .to_owned();
    table(
        &mut page,
        "bank-vaults' vault-secrets-webhook",
        BANK_VAULTS,
        OF_BANK_VAULTS,
    );
    table(
        &mut page,
        "bank-vaults' secrets-webhook",
        SECRETS_WEBHOOK,
        OF_SECRETS_WEBHOOK,
    );
    for (newer, older) in RENAMED {
        let _ = writeln!(page, "| `{newer}` | as `{older}` of the other one |");
    }
    page.push_str("\nAll other keys are those of the other one, `bao-…` excepted.\n");
    table(&mut page, "The login of vault-k8s", VAULT_K8S, OF_VAULT_K8S);
    let _ = writeln!(
        page,
        "| `auth-config-…` | the key `…` of `{P}auth-config`, with `_` for `-` |"
    );
    page
}

fn table(page: &mut String, title: &str, prefix: &str, mappings: &[Mapping]) {
    let _ = write!(
        page,
        "\n## {title}\n\nAll keys begin with `{prefix}`.\n\n| key | becomes |\n|---|---|\n"
    );
    for mapping in mappings {
        let mut becomes = becomes(&mapping.carry);
        if let Some(note) = mapping.note {
            let _ = write!(becomes, "; {note}");
        }
        if let Some(mount) = &mapping.mount {
            let _ = write!(becomes, "; {}", mount.note);
        }
        let _ = writeln!(page, "| `{}` | {becomes} |", mapping.key);
    }
}

fn becomes(carry: &Carry) -> String {
    match carry {
        Carry::Stays(why) => format!("stays: {why}"),
        Carry::Key(key) => format!("`{P}{key}`"),
        Carry::Role { method } => format!(
            "`{P}auth-role`, or a comment where the agent does not read it for the method in `{method}`"
        ),
        Carry::VolumeFile(key) => format!("`{P}{key}`, with `/` for `:`"),
        Carry::Nothing(why) => format!("a comment: {why}"),
        Carry::Breaks(why) => format!("its document stays as it is: {why}"),
        Carry::Words(words) => {
            let words = words.iter().map(|word| {
                let to: Vec<_> = word
                    .to
                    .iter()
                    .map(|(key, value)| format!("`{P}{key}: {value}`"))
                    .collect();
                let to = if word.breaks {
                    "its document stays as it is".to_owned()
                } else if to.is_empty() {
                    "a comment".to_owned()
                } else {
                    to.join(" and ")
                };
                let why = if word.why.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", word.why)
                };
                format!("`{}`: {to}{why}", word.from)
            });
            words.collect::<Vec<_>>().join("; ")
        }
    }
}
