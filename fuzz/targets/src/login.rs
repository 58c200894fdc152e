//! The annotations of a login, and the agent's configuration that is made of them.

use agent_config::{AgentConfig, AutoAuth, Flavour, LoginSettings, Method, Mount};
use serde_json::{Map, Value};

use crate::assert_sentence;

const MOUNTS: [Mount<'_>; 1] = [Mount {
    path: contract::paths::AUTH,
    read_only: true,
}];

/// The first line is the method's name, the rest is `auth-config`: the agent gets the same JSON each
/// time, or sentences say why not.
pub fn login(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let (name, yaml) = text.split_once('\n').unwrap_or((text, "{}"));
    let Some(config) = auth_config(yaml) else {
        return;
    };
    for flavour in Flavour::ALL {
        match Method::find(name, flavour) {
            Ok(method) => log_in(method, flavour, &config),
            Err(error) => assert_sentence(&error.to_string()),
        }
    }
}

fn auth_config(yaml: &str) -> Option<Map<String, Value>> {
    match webhook::yaml::read(yaml) {
        Ok(config) => Some(config),
        Err(error) => {
            assert_sentence(&webhook::yaml::place(&error));
            None
        }
    }
}

/// Everything that an author can put into the agent's configuration, where the operator allows
/// credentials in it: method, role, mount path, namespace and wrapping time, each ended by a zero byte,
/// then `auth-config`. It comes out where it belongs, as it went in, and nothing else with it.
pub fn agent_file(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let parts: Vec<_> = text.splitn(6, '\0').collect();
    let [name, role, mount_path, namespace, wrap_ttl, yaml] = parts[..] else {
        return;
    };
    let Some(config) = auth_config(yaml) else {
        return;
    };
    for flavour in Flavour::ALL {
        let Ok(method) = Method::find(name, flavour) else {
            continue;
        };
        let settings = LoginSettings {
            role: some(role),
            mount_path: some(mount_path),
            namespace: some(namespace),
            wrap_ttl: some(wrap_ttl),
            config: config.clone(),
            mounts: &MOUNTS,
            allow_inline_credentials: true,
            ..LoginSettings::default()
        };
        match AutoAuth::new(method, flavour, &settings) {
            Ok(auto_auth) => assert_written(&auto_auth, method, &settings),
            Err(problems) => assert_sentence(&problems.to_string()),
        }
    }
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn assert_written(auto_auth: &AutoAuth, method: &Method, settings: &LoginSettings<'_>) {
    let file: Value = serde_json::from_str(&written(auto_auth)).unwrap_or_default();
    let block = &file["auto_auth"]["method"][0];
    assert_eq!(
        file["auto_auth"]["method"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(block["type"], method.name);
    // A slash at either end means nothing.
    let namespace = settings.namespace.map(|text| {
        let text = text.strip_prefix('/').unwrap_or(text);
        text.strip_suffix('/').unwrap_or(text)
    });
    assert_eq!(block["namespace"].as_str(), namespace);
    assert_eq!(block["wrap_ttl"].is_null(), settings.wrap_ttl.is_none());
    for (key, value) in &settings.config {
        let found = &block["config"][key];
        assert!(!found.is_null(), "{key} was lost");
        if let (Some(given), Some(found)) = (value.as_str(), found.as_str()) {
            assert_eq!(given, found, "{key}");
        }
    }
}

fn log_in(method: &'static Method, flavour: Flavour, config: &Map<String, Value>) {
    let settings = |mounts| LoginSettings {
        role: Some("web").filter(|_| method.role_key.is_some()),
        config: config.clone(),
        mounts,
        ..LoginSettings::default()
    };
    for mounts in [&MOUNTS[..], &[]] {
        match AutoAuth::new(method, flavour, &settings(mounts)) {
            Ok(auto_auth) => {
                let json = |auto_auth: &AutoAuth| written(auto_auth);
                let first = json(&auto_auth);
                let again = AutoAuth::new(method, flavour, &settings(mounts));
                assert_eq!(again.ok().as_ref().map(json), Some(first));
            }
            Err(problems) => assert_sentence(&problems.to_string()),
        }
    }
}

fn written(auto_auth: &AutoAuth) -> String {
    let config = AgentConfig {
        address: "https://vault.example:8200",
        auto_auth,
        exit_on_err: false,
        backoff: None,
    };
    let text = config.to_string();
    assert!(serde_json::from_str::<Value>(&text).is_ok_and(|json| json.is_object()));
    text
}
