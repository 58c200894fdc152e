use contract::paths::AUTH;
use serde_json::{Map, Value, json};

use super::{AgentConfig, Backoff};
use crate::auto_auth::{AutoAuth, LoginSettings, Mount};
use crate::flavour::Flavour;
use crate::methods::ALL;
use crate::schema::Method;

const SECRET: &[Mount<'_>] = &[Mount {
    path: AUTH,
    read_only: true,
}];

fn auto_auth(name: &str, flavour: Flavour, settings: &LoginSettings<'_>) -> AutoAuth {
    AutoAuth::new(Method::find(name, flavour).unwrap(), flavour, settings).unwrap()
}

fn config(auto_auth: &AutoAuth) -> AgentConfig<'_> {
    AgentConfig {
        address: "https://vault.example:8200",
        auto_auth,
        exit_on_err: true,
        backoff: None,
    }
}

/// The least that a pod's author writes for each method.
fn least(method: &Method) -> LoginSettings<'static> {
    let reads_token = matches!(method.name, "kubernetes" | "jwt");
    let config = match method.name {
        "alicloud" => json!({ "region": "eu-central-1" }),
        "aws" => json!({ "type": "iam" }),
        "azure" => json!({ "resource": "https://management.azure.com/" }),
        "gcp" => json!({ "type": "iam", "service_account": "" }),
        "kerberos" => json!({ "username": "web", "service": "HTTP/vault", "realm": "SHOP" }),
        "ldap" => json!({ "username": "web" }),
        "oci" => json!({ "type": "apikey" }),
        _ => json!({}),
    };
    LoginSettings {
        role: method.role_key.map(|_| "web"),
        config: config.as_object().cloned().unwrap_or_default(),
        mounts: if reads_token { &[] } else { SECRET },
        ..LoginSettings::default()
    }
}

/// The methods that `OpenBao`'s agent has.
fn of_openbao() -> impl Iterator<Item = &'static &'static Method> {
    ALL.iter()
        .filter(|method| method.flavours.include(Flavour::OpenBao))
}

#[test]
fn every_method_byte_for_byte() {
    for method in ALL {
        let auto_auth = auto_auth(method.name, Flavour::Vault, &least(method));
        insta::assert_snapshot!(method.name, config(&auto_auth));
    }
}

#[test]
fn the_agent_of_openbao_leaves_the_sinks_owner_by_itself() {
    for method in of_openbao() {
        let vault = config(&auto_auth(method.name, Flavour::Vault, &least(method))).to_json();
        let mut bao = config(&auto_auth(method.name, Flavour::OpenBao, &least(method))).to_json();
        let sink = &mut bao["auto_auth"]["sink"][0]["config"];
        assert_eq!(
            sink,
            &json!({ "mode": 384, "path": "/tokenpipe/agent/sink/token" })
        );
        sink["group"] = (-1).into();
        sink["owner"] = (-1).into();
        assert_eq!(bao, vault);
    }
}

#[test]
fn everything_that_can_be_said() {
    let settings = LoginSettings {
        mount_path: Some("k8s/prod"),
        namespace: Some("team-a/web/"),
        wrap_ttl: Some("2m"),
        ..least(Method::find("kubernetes", Flavour::Vault).unwrap())
    };
    let auto_auth = auto_auth("kubernetes", Flavour::Vault, &settings);
    let config = AgentConfig {
        exit_on_err: false,
        backoff: Backoff::new(1, 5),
        ..config(&auto_auth)
    };
    insta::assert_snapshot!(config);
}

/// The agent's JSON reader panics at an escaped surrogate pair and refuses an escaped slash.
#[test]
fn characters_that_the_agents_reader_minds() {
    let role = "a/b \"c\" \\d ${e $(f) <g>&h' \u{2028}é🔑";
    let settings = LoginSettings {
        role: Some(role),
        ..LoginSettings::default()
    };
    let auto_auth = auto_auth("kubernetes", Flavour::Vault, &settings);
    let text = config(&auto_auth).to_string();
    assert!(
        text.contains("\"role\":\"a/b \\\"c\\\" \\\\d ${e $(f) <g>&h' \u{2028}é🔑\""),
        "{text}"
    );
}

/// An object of nothing but objects would be merged into its parent.
#[test]
fn method_and_sink_are_lists() {
    for method in ALL {
        let json = config(&auto_auth(method.name, Flavour::Vault, &least(method))).to_json();
        for block in ["method", "sink"] {
            assert_eq!(json["auto_auth"][block].as_array().unwrap().len(), 1);
        }
    }
}

#[test]
fn keys_are_in_order_whatever_map_serde_json_has() {
    fn check(value: &Value) {
        let values: Vec<&Value> = match value {
            Value::Object(map) => {
                assert!(Map::keys(map).is_sorted(), "{value}");
                map.values().collect()
            }
            Value::Array(list) => list.iter().collect(),
            _ => vec![],
        };
        values.into_iter().for_each(check);
    }
    for method in ALL {
        for flavour in Flavour::ALL {
            if method.flavours.include(flavour) {
                check(&config(&auto_auth(method.name, flavour, &least(method))).to_json());
            }
        }
    }
}

#[test]
fn a_backoff_that_the_agent_takes() {
    assert!(Backoff::new(1, 1).is_some());
    assert!(Backoff::new(0, 1).is_none());
    assert!(Backoff::new(2, 1).is_none());
}
