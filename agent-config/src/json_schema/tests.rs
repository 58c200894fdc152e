use serde_json::{Value, json};

use super::config_schema;
use crate::methods::ALL;

#[test]
fn the_schema() {
    insta::assert_snapshot!(format!("{:#}", config_schema()));
}

#[test]
fn every_method_and_key_is_in_it() {
    let schema = config_schema();
    for method in ALL {
        let of_method = &schema["$defs"][method.name];
        let properties = of_method["properties"].as_object().unwrap();
        assert_eq!(properties.len(), method.keys.len(), "{}", method.name);
        for key in method.keys {
            let description = properties[key.name]["description"].as_str().unwrap();
            assert!(description.starts_with(key.note), "{}", key.name);
        }
        for required in of_method["required"].as_array().into_iter().flatten() {
            assert!(properties.contains_key(required.as_str().unwrap()));
        }
    }
}

#[test]
fn schema_rejects_what_the_parser_rejects() {
    let schema = config_schema();
    let cases = [
        (json!({}), true),
        (
            json!({ "role_id_file_path": "/tokenpipe/auth/role-id" }),
            true,
        ),
        (
            json!({ "role_id_file_paht": "/tokenpipe/auth/role-id" }),
            false,
        ),
        (json!({ "type": "iam", "region": "eu-central-1" }), true),
        (json!({ "type": "sts", "region": "eu-central-1" }), false),
        (json!({ "region": "eu-central-1", "role": "web" }), true),
        (
            json!({ "type": "iam", "credential_poll_interval": 60 }),
            true,
        ),
        (
            json!({ "type": "iam", "credential_poll_interval": "60" }),
            false,
        ),
        (
            json!({ "type": "iam", "service_account": "", "jwt_exp": "15" }),
            true,
        ),
        (
            json!({ "type": "iam", "service_account": "", "jwt_exp": 0 }),
            false,
        ),
        (json!({ "reload": "true" }), false),
        (json!({ "remove_jwt_after_reading": "true" }), true),
        (json!(["a"]), false),
        (Value::Null, false),
    ];
    for (config, is_valid) in cases {
        assert_eq!(accepts(&schema, &schema, &config), is_valid, "{config}");
    }
}

/// Whether a schema accepts a value, as far as the keywords go that are used here; another one
/// fails.
fn accepts(root: &Value, schema: &Value, value: &Value) -> bool {
    schema.as_object().unwrap().iter().all(|(keyword, rule)| {
        let list = || rule.as_array().unwrap();
        match keyword.as_str() {
            // Of `properties` it is said where `additionalProperties` is.
            "$defs" | "$schema" | "description" | "examples" | "title" | "writeOnly"
            | "properties" => true,
            "$ref" => {
                let pointer = rule.as_str().unwrap().strip_prefix('#').unwrap();
                accepts(root, root.pointer(pointer).unwrap(), value)
            }
            "anyOf" => list().iter().any(|schema| accepts(root, schema, value)),
            "enum" => list().contains(value),
            "type" => match rule {
                Value::Array(types) => types.iter().any(|name| is_of(name, value)),
                name => is_of(name, value),
            },
            "minimum" => value.as_i64().is_none_or(|n| n >= rule.as_i64().unwrap()),
            "maximum" => value.as_i64().is_none_or(|n| n <= rule.as_i64().unwrap()),
            "minLength" => value.as_str().is_none_or(|text| !text.is_empty()),
            // The only pattern is that of a number.
            "pattern" => value
                .as_str()
                .is_none_or(|text| text.parse::<i64>().is_ok()),
            "required" => value.as_object().is_none_or(|map| {
                list()
                    .iter()
                    .all(|key| map.contains_key(key.as_str().unwrap()))
            }),
            "additionalProperties" => value.as_object().is_none_or(|map| {
                map.iter().all(|(key, value)| {
                    let of_key = schema["properties"].get(key);
                    of_key.is_some_and(|schema| accepts(root, schema, value))
                })
            }),
            other => panic!("keyword {other}"),
        }
    })
}

fn is_of(name: &Value, value: &Value) -> bool {
    match name.as_str().unwrap() {
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        other => panic!("type {other}"),
    }
}
