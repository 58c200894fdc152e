//! Settings of a method, each an annotation of vault-k8s, as lines of one map.

use agent_config::methods;
use agent_config::schema::Kind;
use contract::paths;

use super::entry::{Setting as Value, quoted};

/// Where vault-k8s mounts the Secret of `agent-extra-secret`.
const EXTRA_SECRET: &str = "/vault/custom/";

/// What a setting becomes.
pub(super) struct Setting {
    /// `key: value`.
    pub(super) line: String,
    /// What to know about it.
    pub(super) note: Option<&'static str>,
}

/// Why a role is none for a method: vault-k8s writes it whatever the method, as the setting `role`, which
/// only some methods read.
pub(super) fn ignores_role(method: &str) -> Option<String> {
    let method = methods::ALL.iter().find(|known| known.name == method)?;
    let name = method.name;
    match method.role_key {
        Some("role") => None,
        Some(key) => Some(format!(
            "vault-k8s's agent ignores it, because `{name}` calls it `{key}`; for this role alone \
             add tokenpipe.dev/auth-role"
        )),
        None => Some(format!(
            "`{name}` has no role, and vault-k8s's agent ignores it; nothing is left to do"
        )),
    }
}

/// One setting. There every value is text; here the method's table says what it is.
pub(super) fn setting(key: &str, value: &Value<'_>) -> Setting {
    let value = match value {
        Value::Text(text) => text.as_str(),
        Value::Template(template) => {
            return Setting {
                line: format!("{}: {template}", key.replace('-', "_")),
                note: None,
            };
        }
    };
    let key = key.replace('-', "_");
    if let Some(file) = value.strip_prefix(EXTRA_SECRET) {
        let path = quoted(&format!("{}/{file}", paths::AUTH));
        return Setting {
            line: format!("{key}: {path}"),
            note: Some("the Secret's files are below /tokenpipe/auth, not /vault/custom"),
        };
    }
    let note = value.starts_with('/').then_some(
        "tokenpipe's agent sees only files below /tokenpipe/auth; mount it there by auth-secret or \
         auth-volume",
    );
    let is_all = |is_kind: fn(&Kind) -> bool| {
        let mut keys = methods::ALL.iter().filter_map(|method| method.key(&key));
        methods::ALL.iter().any(|method| method.key(&key).is_some())
            && keys.all(|key| is_kind(&key.kind))
    };
    let is_boolean = is_all(|kind| matches!(kind, Kind::Boolean(_) | Kind::Removal { .. }));
    let is_integer = is_all(|kind| matches!(kind, Kind::Integer { .. }));
    let value = match boolean(value) {
        Some(boolean) if is_boolean => boolean.to_string(),
        _ if is_integer && value.parse::<i64>().is_ok() => value.to_owned(),
        _ => quoted(value),
    };
    Setting {
        line: format!("{key}: {value}"),
        note,
    }
}

/// As the agent reads a text for a truth value (Go's `strconv.ParseBool`).
fn boolean(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
