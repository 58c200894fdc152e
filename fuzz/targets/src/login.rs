//! The annotations of a login.

use agent_config::{AgentConfig, AutoAuth, Flavour, LoginSettings, Method, Mount};
use serde_json::{Map, Value};

use crate::assert_sentence;

/// The first line is the method's name, the rest is `auth-config`: the agent gets the same JSON each
/// time, or sentences say why not.
pub fn login(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else {
        return;
    };
    let (name, yaml) = text.split_once('\n').unwrap_or((text, "{}"));
    let config: Result<Map<String, Value>, _> =
        serde_yaml::from_str_with_options(yaml, webhook::yaml::options());
    let config = match config {
        Ok(config) => config,
        Err(error) => return assert_sentence(&webhook::yaml::place(&error)),
    };
    for flavour in Flavour::ALL {
        match Method::find(name, flavour) {
            Ok(method) => log_in(method, flavour, &config),
            Err(error) => assert_sentence(&error.to_string()),
        }
    }
}

fn log_in(method: &'static Method, flavour: Flavour, config: &Map<String, Value>) {
    let mounts = [Mount {
        path: contract::paths::AUTH,
        read_only: true,
    }];
    let settings = |mounts| LoginSettings {
        role: Some("web").filter(|_| method.role_key.is_some()),
        config: config.clone(),
        mounts,
        ..LoginSettings::default()
    };
    for mounts in [&mounts[..], &[]] {
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
