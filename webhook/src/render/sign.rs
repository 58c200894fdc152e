//! Whether an object has anything of tokenpipe's: an annotation, or a reference.

use contract::names::ANNOTATION_PREFIX;
use serde_json::Value;
use templates::EnvValue;

/// Anywhere in it.
pub(super) fn is_in(value: &Value) -> bool {
    match value {
        Value::String(text) => is_reference(text),
        Value::Array(list) => list.iter().any(is_in),
        Value::Object(map) => map
            .iter()
            .any(|(key, value)| key.starts_with(ANNOTATION_PREFIX) || is_in(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Text that only might be one, such as `image: vault:1.13.3`, is none.
fn is_reference(text: &str) -> bool {
    let value = text.contains("vault:").then(|| EnvValue::parse(text));
    matches!(value, Some(Ok(value)) if value.references().next().is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_in;

    #[test]
    fn annotations_and_references_are_signs_and_other_texts_are_not() {
        for (value, expected) in [
            (
                json!({"metadata": {"annotations": {"tokenpipe.dev/inject": "true"}}}),
                true,
            ),
            (
                json!({"spec": [{"env": [{"value": "vault:secret/data/db#password"}]}]}),
                true,
            ),
            (json!({"spec": {"args": ["--x=${vault:a#b}"]}}), true),
            (
                json!({"spec": {"value": ">>vault:pki/issue/x#cert#{\"a\": \"b\"}"}}),
                true,
            ),
            (
                json!({"spec": {"image": "vault:1.13.3", "text": "vault: bump to 1.21"}}),
                false,
            ),
            (
                json!({"spec": {"url": "https://tokenpipe.dev/docs"}}),
                false,
            ),
            (
                json!({"metadata": {"annotations": {"other.dev/tokenpipe.dev": "x"}}}),
                false,
            ),
            (json!(null), false),
        ] {
            assert_eq!(is_in(&value), expected, "{value}");
        }
    }
}
