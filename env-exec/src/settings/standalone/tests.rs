use std::fs;
use std::time::Duration;

use contract::LogFormat;
use secrecy::ExposeSecret as _;

use super::{log_format, token_source, token_variables, vault};
use crate::environment::Environment;
use crate::settings::token_source::TokenSource;
use crate::settings::{Proxy, SettingsError, Trust, VaultSettings};

fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment::new(variables.iter().map(|(n, v)| (n.into(), v.into())))
}

fn settings(variables: &[(&str, &str)]) -> Result<VaultSettings, SettingsError> {
    vault(&environment(variables))
}

#[test]
fn the_defaults_are_the_clients() {
    let settings = settings(&[]).unwrap();
    assert_eq!(settings.address.to_string(), "https://127.0.0.1:8200");
    assert_eq!(settings.deadline, Duration::from_secs(60));
    assert_eq!(settings.max_retries, Some(2));
    assert_eq!(settings.proxy, Proxy::None);
    assert!(matches!(settings.trust, Trust::System));
    assert!(settings.identity.is_none() && settings.namespace.is_none() && !settings.skip_verify);
}

#[test]
fn an_empty_variable_is_none() {
    let names = [
        "VAULT_ADDR",
        "VAULT_AGENT_ADDR",
        "VAULT_NAMESPACE",
        "VAULT_CACERT",
        "VAULT_CAPATH",
        "VAULT_CACERT_BYTES",
        "VAULT_CLIENT_CERT",
        "VAULT_SKIP_VERIFY",
        "VAULT_MAX_RETRIES",
        "VAULT_CLIENT_TIMEOUT",
        "VAULT_TLS_SERVER_NAME",
        "VAULT_PROXY_ADDR",
        "HTTPS_PROXY",
    ];
    let empty: Vec<_> = names.iter().map(|name| (*name, "")).collect();
    let settings = settings(&empty).unwrap();
    assert_eq!(settings.address.to_string(), "https://127.0.0.1:8200");
    assert!(settings.server_name.is_none() && settings.proxy == Proxy::None);
}

#[test]
fn an_agents_address_wins() {
    let both = [
        ("VAULT_ADDR", "http://vault"),
        ("VAULT_AGENT_ADDR", "unix:///run/agent.sock"),
    ];
    assert_eq!(
        settings(&both).unwrap().address.to_string(),
        "unix:///run/agent.sock"
    );
}

#[test]
fn booleans_are_gos() {
    for (text, expected) in [
        ("1", true),
        ("t", true),
        ("TRUE", true),
        ("0", false),
        ("False", false),
    ] {
        let settings = settings(&[("VAULT_SKIP_VERIFY", text)]).unwrap();
        assert_eq!(settings.skip_verify, expected, "{text}");
    }
}

#[test]
fn unusable_variable_is_named() {
    let cases = [
        ("VAULT_ADDR", "vault:8200", "neither"),
        ("VAULT_SKIP_VERIFY", "yes", "`true` or `false`"),
        ("VAULT_MAX_RETRIES", "-1", "whole number"),
        ("VAULT_CLIENT_TIMEOUT", "soon", "duration"),
        ("VAULT_CACERT", "/nonexistent/ca.pem", "No such file"),
        ("VAULT_CAPATH", "/nonexistent", "No such file"),
        ("VAULT_CLIENT_CERT", "/etc/hostname", "VAULT_CLIENT_KEY"),
        ("VAULT_CLIENT_KEY", "/etc/hostname", "VAULT_CLIENT_CERT"),
        ("VAULT_NAMESPACE", "a b", "namespace"),
    ];
    for (name, value, part) in cases {
        let error = settings(&[(name, value)]).err().unwrap().to_string();
        assert!(error.contains(part), "{name}={value}: {error}");
        assert!(error.contains(name) || name == "VAULT_NAMESPACE", "{error}");
    }
}

#[test]
fn certificate_authorities_in_their_order() {
    let directory = tempfile::tempdir().unwrap();
    let below = directory.path().join("below");
    fs::create_dir(&below).unwrap();
    fs::write(directory.path().join("b.pem"), "B").unwrap();
    fs::write(below.join("a.pem"), "A").unwrap();
    let path = directory.path().to_str().unwrap();
    let file = below.join("a.pem");
    let all = [
        ("VAULT_CAPATH", path),
        ("VAULT_CACERT_BYTES", "PEM"),
        ("VAULT_CACERT", file.to_str().unwrap()),
    ];
    let texts = |variables: &[(&str, &str)]| match settings(variables).unwrap().trust {
        Trust::Only(pems) => pems
            .into_iter()
            .map(|(_, pem)| String::from_utf8(pem).unwrap())
            .collect::<Vec<_>>(),
        Trust::System => vec![],
    };
    assert_eq!(texts(&all), ["A"]);
    assert_eq!(texts(&all[..2]), ["PEM"]);
    assert_eq!(texts(&all[..1]), ["B", "A"]);
}

#[test]
fn proxies_in_their_order() {
    let all = [
        ("VAULT_PROXY_ADDR", "http://a"),
        ("VAULT_HTTP_PROXY", "http://b"),
        ("https_proxy", "http://c"),
        ("NO_PROXY", "x"),
    ];
    let proxy = |variables: &[(&str, &str)]| settings(variables).unwrap().proxy;
    assert_eq!(
        proxy(&all),
        Proxy::Always("VAULT_PROXY_ADDR", "http://a".into())
    );
    assert_eq!(
        proxy(&all[1..]),
        Proxy::Always("VAULT_HTTP_PROXY", "http://b".into())
    );
    let usual = Proxy::Environment {
        http: String::new(),
        https: "http://c".into(),
        no: "x".into(),
    };
    assert_eq!(proxy(&all[2..]), usual);
    assert_eq!(proxy(&all[3..]), Proxy::None);
}

#[test]
fn where_the_token_is() {
    let all = [
        ("VAULT_TOKEN_FILE", "/run/token"),
        ("VAULT_TOKEN", "hvs.x"),
        ("HOME", "/home/me"),
    ];
    let source = |variables: &[(&str, &str)]| match token_source(&environment(variables)).unwrap() {
        TokenSource::File(path) => path.display().to_string(),
        TokenSource::Variable(name, token) => format!("{name}={}", token.expose_secret()),
        TokenSource::Home(path) => format!("{path:?}"),
    };
    assert_eq!(source(&all), "/run/token");
    assert_eq!(source(&all[1..]), "VAULT_TOKEN=hvs.x");
    assert_eq!(source(&all[2..]), "Some(\"/home/me/.vault-token\")");
    assert_eq!(
        source(&[("VAULT_TOKEN", "vault:login"), all[2]]),
        "Some(\"/home/me/.vault-token\")"
    );
    assert_eq!(source(&[]), "None");
}

#[test]
fn json_is_asked_for() {
    for (value, format) in [
        ("json", LogFormat::Json),
        ("JSON", LogFormat::Json),
        ("standard", LogFormat::Text),
        ("", LogFormat::Text),
    ] {
        assert_eq!(
            log_format(&environment(&[("VAULT_LOG_FORMAT", value)])),
            format
        );
    }
}

/// Each variable of the table, with a value that counts and one that does not.
#[test]
fn bao_variable_wins_over_vault_variable_unless_empty() {
    let file = |text: &str| {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, text).unwrap();
        file
    };
    let (one, two) = (file("one"), file("two"));
    let (one, two) = (one.path().to_str().unwrap(), two.path().to_str().unwrap());
    let shown = |settings: VaultSettings| {
        let trust = match settings.trust {
            Trust::Only(pems) => format!("{pems:?}"),
            Trust::System => String::new(),
        };
        let identity = settings.identity.map(|identity| identity.certificate.1);
        format!(
            "{} {:?} {trust} {identity:?} {:?} {} {:?} {:?} {:?}",
            settings.address,
            settings.namespace,
            settings.server_name,
            settings.skip_verify,
            settings.proxy,
            settings.deadline,
            settings.max_retries
        )
        .replace("VAULT_", "")
        .replace("BAO_", "")
    };
    for (name, value, other) in [
        ("ADDR", "http://one", "http://two"),
        ("AGENT_ADDR", "http://one", "http://two"),
        ("NAMESPACE", "one", "two"),
        ("CACERT", one, two),
        ("CACERT_BYTES", "one", "two"),
        ("CAPATH", "/proc/self/attr", "/nonexistent"),
        ("TLS_SERVER_NAME", "one", "two"),
        ("SKIP_VERIFY", "true", "junk"),
        ("PROXY_ADDR", "http://one", "http://two"),
        ("HTTP_PROXY", "http://one", "http://two"),
        ("CLIENT_TIMEOUT", "1s", "junk"),
        ("MAX_RETRIES", "1", "junk"),
    ] {
        let (bao, vault) = (format!("BAO_{name}"), format!("VAULT_{name}"));
        if name == "CAPATH" {
            let error = settings(&[(&bao, other)]).err().unwrap().to_string();
            assert!(error.contains("BAO_CAPATH"), "{error}");
            continue;
        }
        let expected = shown(settings(&[(&vault, value)]).unwrap());
        assert_ne!(expected, shown(settings(&[]).unwrap()), "{name}");
        for variables in [
            [(bao.as_str(), value), (vault.as_str(), other)],
            [(&bao, ""), (&vault, value)],
        ] {
            assert_eq!(
                shown(settings(&variables).unwrap()),
                expected,
                "{variables:?}"
            );
        }
    }
    let half = settings(&[("BAO_CLIENT_CERT", "/etc/hostname")])
        .err()
        .unwrap();
    assert!(half.to_string().contains("BAO_CLIENT_KEY is not"), "{half}");
    let format = environment(&[("BAO_LOG_FORMAT", "json"), ("VAULT_LOG_FORMAT", "x")]);
    assert_eq!(log_format(&format), LogFormat::Json);
}

#[test]
fn token_comes_from_the_variable_that_is_taken_away() {
    for (variables, names) in [
        (
            &[("BAO_TOKEN", "a"), ("VAULT_TOKEN", "b")][..],
            &["BAO_TOKEN", "VAULT_TOKEN"][..],
        ),
        (&[("BAO_TOKEN", ""), ("VAULT_TOKEN", "b")], &["VAULT_TOKEN"]),
        (
            &[("BAO_TOKEN", "vault:login"), ("VAULT_TOKEN", "b")],
            &["VAULT_TOKEN"],
        ),
        (
            &[("BAO_TOKEN", "a"), ("VAULT_TOKEN_FILE", "/f")],
            &["VAULT_TOKEN_FILE"],
        ),
        (
            &[("BAO_TOKEN_PATH", "/f"), ("VAULT_TOKEN", "vault:login")],
            &[],
        ),
        (&[], &[]),
    ] {
        let environment = environment(variables);
        let found = token_variables(&environment);
        assert_eq!(found, names, "{variables:?}");
        let name = names.first().copied();
        let named = match token_source(&environment).unwrap() {
            TokenSource::Variable(name, _) => Some(name),
            TokenSource::File(_) => Some("VAULT_TOKEN_FILE"),
            TokenSource::Home(path) => {
                assert_eq!(path, environment.get("BAO_TOKEN_PATH").map(Into::into));
                None
            }
        };
        assert_eq!(named, name, "{variables:?}");
    }
}
