//! A JSON Schema of `auth-config`, for editors, from the same tables that validation reads.
//!
//! An editor sees one map without knowing the method, so the whole schema is any of the methods',
//! and each method's own stands below `$defs` under its name. What only a pod knows (whether a file
//! is mounted) and rules between keys are not in it: admission checks them.

use contract::paths::AUTH;
use serde_json::{Map, Value, json};

use crate::flavour::Flavours;
use crate::methods;
use crate::schema::{Form, Key, Kind, Method};

/// The schema (draft 2020-12).
pub fn config_schema() -> Value {
    let names = methods::ALL.iter().map(|method| method.name);
    let any: Vec<_> = names
        .map(|name| json!({ "$ref": format!("#/$defs/{name}") }))
        .collect();
    let methods: Map<_, _> = methods::ALL
        .iter()
        .map(|method| (method.name.to_owned(), of_method(method)))
        .collect();
    json!({
        "$defs": methods,
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "anyOf": any,
        "description": "The annotation tokenpipe.dev/auth-config: an Auto-Auth method's own settings.",
        "title": "auth-config",
    })
}

fn of_method(method: &Method) -> Value {
    let properties: Map<_, _> = method
        .keys
        .iter()
        .map(|key| (key.name.to_owned(), of_key(key)))
        .collect();
    // A role can stand in its own annotation, and a file lie in its conventional place.
    let required: Vec<_> = method
        .keys
        .iter()
        .filter(|key| key.required && method.role_key != Some(key.name))
        .filter(|key| !matches!(key.kind, Kind::Path(_)))
        .map(|key| key.name)
        .collect();
    let mut schema = json!({
        "additionalProperties": false,
        "description": with_flavour(method.summary, method.flavours),
        "properties": properties,
        "title": method.name,
        "type": "object",
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn of_key(key: &Key) -> Value {
    let mut schema = of_kind(key.kind);
    schema["description"] = with_flavour(key.note, key.flavours).into();
    schema
}

fn of_kind(kind: Kind) -> Value {
    match kind {
        Kind::Text => json!({ "type": "string", "minLength": 1 }),
        Kind::TextOrEmpty => json!({ "type": "string" }),
        Kind::Credential { .. } => json!({ "type": "string", "minLength": 1, "writeOnly": true }),
        Kind::Path(default) => {
            let example = format!("{AUTH}/{}", default.file_name().unwrap_or("ca.crt"));
            json!({ "type": "string", "examples": [example] })
        }
        Kind::OneOf(words) => json!({ "enum": words }),
        Kind::Integer {
            min,
            max,
            form: Form::Real,
        } => json!({ "type": "integer", "minimum": min, "maximum": max }),
        Kind::Integer {
            min,
            max,
            form: Form::RealOrQuoted,
        } => json!({
            "type": ["integer", "string"], "minimum": min, "maximum": max, "pattern": "^[+-]?[0-9]+$",
        }),
        Kind::Boolean(Form::Real) => json!({ "type": "boolean" }),
        Kind::Boolean(Form::RealOrQuoted) | Kind::Removal { .. } => {
            json!({ "enum": [true, false, "true", "false"] })
        }
        Kind::Duration => json!({ "type": ["integer", "string"], "minimum": 1, "minLength": 1 }),
    }
}

fn with_flavour(text: &str, flavours: Flavours) -> String {
    match flavours {
        Flavours::Both => text.to_owned(),
        Flavours::VaultOnly => format!("{text} Not in OpenBao."),
    }
}

#[cfg(test)]
mod tests;
