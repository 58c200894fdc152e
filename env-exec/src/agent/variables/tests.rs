use std::time::Duration;

use contract::settings::AgentFile;
use contract::{AgentSettings, Connection, LogFormat};
use serde_json::json;

use super::{environment, request_limit};
use crate::environment::Environment;

const DEADLINE: Duration = Duration::from_secs(120);

/// With the configuration that the webhook makes, in this namespace.
fn settings(vault: &Connection, namespace: Option<&str>) -> AgentSettings {
    let mut method = json!({ "type": "cert" });
    if let Some(namespace) = namespace {
        method["namespace"] = json!(namespace);
    }
    AgentSettings {
        vault: vault.clone(),
        config: Some(AgentFile(json!({ "auto_auth": { "method": [method] } }))),
        sink: None,
        containers: vec![],
        same_uid: false,
        deadline_seconds: 120,
        install: false,
        log: LogFormat::Text,
    }
}

fn pairs(environment: &Environment) -> Vec<String> {
    environment
        .iter()
        .map(|(name, value)| format!("{}={}", name.display(), value.display()))
        .collect()
}

#[test]
fn agent_gets_its_variables_and_no_others() {
    let current = [
        ("PATH", "/bin"),
        ("AWS_ROLE_ARN", "arn"),
        ("HOME", "/root"),
        ("VAULT_WRAP_TTL", "60s"),
        ("VAULT_AGENT_ADDR", "http://evil"),
        ("VAULT_TOKEN", "x"),
        ("VAULT_ADDR", ""),
        ("VAULT_SKIP_VERIFY", "yes"),
        ("VAULT_CLIENT_CERT", "/mine.crt"),
        ("VAULT_CLIENT_KEY", "/mine.key"),
        ("BAO_ADDR", "http://evil"),
        ("http_proxy", "http://evil"),
        ("NO_PROXY", "*"),
        ("ALL_PROXY", "x"),
        ("TOKENPIPE_SETTINGS", "{}"),
        ("TOKENPIPE_SERVICE_HOST", "10.0.0.1"),
    ];
    let current = Environment::new(current.map(|(n, v)| (n.into(), v.into())));
    let plain = Connection {
        address: "http://vault:8200".into(),
        ..Connection::default()
    };
    let always = [
        "PATH=/bin",
        "AWS_ROLE_ARN=arn",
        "TOKENPIPE_SERVICE_HOST=10.0.0.1",
        "HOME=/tokenpipe/agent",
        "VAULT_ADDR=http://vault:8200",
        "VAULT_CLIENT_TIMEOUT=30s",
        "VAULT_LOG_FORMAT=json",
    ];
    assert_eq!(
        pairs(&environment(&current, &settings(&plain, None), DEADLINE)),
        always
    );
    let full = Connection {
        ca: Some("PEM".into()),
        tls_server_name: Some("vault.internal".into()),
        proxy: Some("http://proxy:3128".into()),
        tls_skip_verify: true,
        client_cert_secret: Some("shop-vault".into()),
        namespace: Some("team".into()),
        ..plain
    };
    let more = [
        "VAULT_CACERT=/tokenpipe/agent/ca.pem",
        "VAULT_TLS_SERVER_NAME=vault.internal",
        "VAULT_PROXY_ADDR=http://proxy:3128",
        "VAULT_NAMESPACE=team",
        "VAULT_CLIENT_CERT=/tokenpipe/client/tls.crt",
        "VAULT_CLIENT_KEY=/tokenpipe/client/tls.key",
        "VAULT_SKIP_VERIFY=true",
    ];
    assert_eq!(
        pairs(&environment(&current, &settings(&full, None), DEADLINE)),
        [&always[..], &more].concat()
    );
}

/// The login's own namespace counts, and an author's file has its own.
#[test]
fn namespace_of_the_login_is_a_variable() {
    let vault = |namespace: Option<&str>| Connection {
        address: "http://vault:8200".into(),
        namespace: namespace.map(Into::into),
        ..Connection::default()
    };
    let found = |settings: &AgentSettings| {
        let current = [
            ("VAULT_NAMESPACE".into(), "mine".into()),
            ("BAO_NAMESPACE".into(), "b".into()),
        ];
        let pairs = pairs(&environment(&Environment::new(current), settings, DEADLINE));
        let mut found: Vec<_> = pairs
            .into_iter()
            .filter(|pair| pair.contains("NAMESPACE"))
            .collect();
        assert!(found.len() < 2, "{found:?}");
        found.pop()
    };
    for (connection, method, expected) in [
        (None, None, None),
        (Some("team"), None, Some("VAULT_NAMESPACE=team")),
        (Some("team"), Some("team"), Some("VAULT_NAMESPACE=team")),
        (
            Some("team"),
            Some("team/login"),
            Some("VAULT_NAMESPACE=team/login"),
        ),
        (None, Some("login"), Some("VAULT_NAMESPACE=login")),
    ] {
        let settings = settings(&vault(connection), method);
        assert_eq!(found(&settings).as_deref(), expected);
        let own_file = AgentSettings {
            config: None,
            ..settings
        };
        assert_eq!(found(&own_file), None);
    }
}

/// Requests to Vault never take the way to a cloud, whatever the pod says.
#[test]
fn an_egress_proxy_is_for_everything_but_vault() {
    let proxies = |current: &[(&str, &str)], address: &str| {
        let current = current.iter().map(|(n, v)| (n.into(), v.into()));
        let vault = Connection {
            address: address.into(),
            ..Connection::default()
        };
        let settings = settings(&vault, None);
        let pairs = pairs(&environment(
            &Environment::new(current),
            &settings,
            DEADLINE,
        ));
        let mut found: Vec<_> = pairs
            .into_iter()
            .filter(|pair| pair.to_ascii_uppercase().contains("PROXY"))
            .collect();
        found.sort();
        found
    };
    let way = ("https_proxy", "http://egress:3128");
    assert_eq!(
        proxies(&[way], "https://vault.example:8200/behind"),
        ["HTTPS_PROXY=http://egress:3128", "NO_PROXY=vault.example"]
    );
    assert_eq!(
        proxies(
            &[
                way,
                ("HTTP_PROXY", "http://egress:3128"),
                ("no_proxy", "a,.b")
            ],
            "https://[fd00::1]:8200"
        ),
        ["HTTPS_PROXY=http://egress:3128", "NO_PROXY=a,.b,fd00::1"]
    );
    // The upper case is the one that counts, unless it is empty.
    let both = [("HTTPS_PROXY", ""), way, ("NO_PROXY", "c")];
    assert_eq!(
        proxies(&both, "http://vault"),
        ["HTTPS_PROXY=http://egress:3128", "NO_PROXY=c,vault"]
    );
    assert_eq!(proxies(&[way], "unix:///run/vault"), [""; 0]);
    assert_eq!(
        proxies(&[("HTTP_PROXY", "x"), ("ALL_PROXY", "x")], "http://vault"),
        [""; 0]
    );
}

#[test]
fn a_request_has_a_quarter_of_the_deadline_and_a_second_at_least() {
    for (deadline, expected) in [(1, 1), (10, 2), (60, 15), (120, 30), (600, 30)] {
        let limit = request_limit(Duration::from_secs(deadline));
        assert_eq!(limit.as_secs(), expected, "{deadline}");
    }
}
