use std::io::Read as _;

use super::{Config, Tls, read_bounded};

const MINIMAL: &str = "connections: {default: {address: 'https://vault.example:8200'}}";

#[test]
fn an_address_is_enough() {
    let config = Config::parse(MINIMAL).unwrap();
    let connection = &config.connections["default"];
    assert_eq!(connection.auth.method, "kubernetes");
    assert!(connection.allows("anybody"));
    assert!(matches!(config.server.tls, Tls::SelfSigned { .. }));
}

#[test]
fn built_in_is_what_an_address_gives() {
    let mut built_in = Config::built_in();
    built_in.connections.get_mut("default").unwrap().address = "https://vault.example:8200".into();
    built_in.source = MINIMAL.into();
    assert_eq!(
        format!("{built_in:?}"),
        format!("{:?}", Config::parse(MINIMAL).unwrap())
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "a table of cases")]
fn wrong_configuration_is_named() {
    let cases = [
        ("", "expected"),
        ("connections: {}", "connections: at least one is needed"),
        ("connections: {a: {}}", "address"),
        ("connections: {a: {adress: x}}", "unknown field `adress`"),
        (
            "connections: {a: {address: vault}}",
            "connections.a.address: must be a URL",
        ),
        (
            "connections: {a: {address: 'ftp://vault'}}",
            "connections.a.address: must be a URL",
        ),
        (
            "connections: {a: {address: 'https://u:canary@v'}}",
            "must have no user",
        ),
        (
            "connections: {a: {address: 'https://v/?x=1'}}",
            "must have no user, query or fragment",
        ),
        (
            "connections: {a: {address: 'https://v', ca: nonsense}}",
            "holds no certificate",
        ),
        (
            "connections: {a: {address: 'https://v', caFile: /nowhere}}",
            "cannot read /nowhere",
        ),
        (
            "connections: {a: {address: 'https://v', auth: {mountPath: 'a//b'}}}",
            "mount path",
        ),
        (
            "connections: {a: {address: 'https://v', auth: {tokenExpirationSeconds: 60}}}",
            "600",
        ),
        (
            "connections: {a: {address: 'https://v', auth: {tokenExpirationSeconds: 4294967297}}}",
            "4294967296",
        ),
        (
            "connections: {a: {address: 'https://v', allowedNamespaces: []}}",
            "at least one",
        ),
        (
            "connections: {a: {address: 'https://v'}}\ndefaults: {runAsUser: 0}",
            "greater than 0",
        ),
        (
            "connections: {a: {address: 'https://v'}}\ndefaults: {restartFallback: rerun}",
            "retain",
        ),
        (
            "connections: {a: {address: 'https://v'}}\nimages: {mirrors: ['https://mirror.example']}",
            "images.mirrors",
        ),
        (
            "connections: {a: {address: 'https://v'}}\nimages: {mirrors: ['']}",
            "images.mirrors",
        ),
        (
            "connections: {a: {address: 'https://v'}}\nkubernetesVersion: new",
            "1.37",
        ),
        (
            "connections: {a: {address: 'https://v'}}\ndelivery: sidecar",
            "sidecar",
        ),
        (
            "connections: {a: {address: 'https://v'}}\nserver: {tls: {selfSigned: {dnsNames: []}}}",
            "at least one name",
        ),
        (
            "connections: {a: {address: 'https://v'}}\nserver: {tls: {secret: {name: s, interval: soon}}}",
            "duration",
        ),
        (
            "connections: {a: {address: 'https://v'}}\nserver: {tls: {secret: {name: s, issue: {dnsNames: []}}}}",
            "dnsNames: at least one name",
        ),
        (
            "connections: {a: {address: 'https://v'}}\nserver: {tls: {secret: {name: s, issue: {dnsNames: [a], authorityLifetime: 269h, certificateLifetime: 90h}}}}",
            "authorityLifetime: must be at least three times",
        ),
        (
            "connections: {a: {address: 'https://v'}}\nserver: {tls: {secret: {name: s, issue: {dnsNames: [a], certificateLifetime: 31m}}}}",
            "certificateLifetime: must be at least three times",
        ),
        (
            "connections: {a: {address: 'https://v'}, a: {address: 'https://w'}}",
            "duplicate",
        ),
    ];
    for (text, part) in cases {
        let error = Config::parse(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
        assert!(
            !error.contains('\n') && !error.contains("canary"),
            "{text}: {error}"
        );
    }
}

#[test]
fn malformed_client_certificate_secret_is_rejected() {
    let parse = |scheme: &str, name: &str| {
        Config::parse(&format!(
            "connections: {{a: {{address: '{scheme}://v', clientCertSecret: '{name}'}}}}"
        ))
    };
    for name in ["vault-client", "vault.client.2"] {
        let config = parse("https", name).unwrap();
        let settings = config.connections["a"].settings(None);
        assert_eq!(settings.client_cert_secret.as_deref(), Some(name));
    }
    let long = "a".repeat(254);
    for name in [
        "",
        "shop/vault",
        "Vault",
        "-vault",
        "vault.",
        "va ult",
        &*long,
    ] {
        let error = parse("https", name).unwrap_err().to_string();
        assert!(
            error.starts_with("connections.a.clientCertSecret: must be the name of a Secret"),
            "{name}: {error}"
        );
    }
    let error = parse("http", "vault-client").unwrap_err().to_string();
    assert!(error.contains("needs an https:// address"), "{error}");
}

#[test]
fn agent_config_maps_are_allowed_only_where_listed() {
    let connection = |namespaces: &str| {
        let text = format!("connections: {{a: {{address: 'https://v'{namespaces}}}}}");
        Config::parse(&text).unwrap().connections["a"].clone()
    };
    for (namespaces, namespace, is_allowed) in [
        ("", "shop", false),
        ("", "*", false),
        (", agentConfigMapNamespaces: []", "shop", false),
        (", agentConfigMapNamespaces: [shop]", "shop", true),
        (", agentConfigMapNamespaces: [shop]", "shopping", false),
        (", agentConfigMapNamespaces: [shop]", "", false),
        (", agentConfigMapNamespaces: ['*']", "shop", true),
        (", allowedNamespaces: ['*']", "shop", false),
    ] {
        let found = connection(namespaces).allows_agent_config_map(namespace);
        assert_eq!(found, is_allowed, "{namespaces} {namespace}");
    }
}

#[test]
fn file_beyond_its_bound_is_not_read() {
    let text = "x".repeat(1024 * 1024);
    assert_eq!(read_bounded(text.as_bytes(), text.len()).unwrap(), text);
    // One that does not end, such as a device.
    for source in [
        std::io::repeat(b'x').take(u64::MAX),
        std::io::repeat(b'x').take(1_048_577),
    ] {
        let error = read_bounded(source, text.len()).unwrap_err();
        assert_eq!(error.to_string(), "it is larger than 1 MiB");
    }
}

#[test]
fn address_without_tls_beyond_the_pod_is_warned_about() {
    let warnings = |address: &str| {
        let text = format!(
            "{{connections: {{default: {{address: '{address}'}}}}, images: {{envExec: r/env-exec}}}}"
        );
        Config::parse(&text).unwrap().warnings().collect::<Vec<_>>()
    };
    for address in [
        "http://vault.vault.svc:8200",
        "http://10.0.0.7:8200",
        "HTTP://[fd00::7]:8200",
        "http://localhost.example:8200",
        "http://127.0.0.1.example:8200",
    ] {
        let expected = "connections.default.address: http:// sends tokens and secrets in clear text; \
                        use https://";
        assert_eq!(warnings(address), [expected], "{address}");
    }
    for address in [
        "https://vault.vault.svc:8200",
        "http://127.0.0.1:8200",
        "http://localhost:8200",
        "http://[::1]:8200",
        "https://http.example:8200",
    ] {
        assert_eq!(warnings(address), Vec::<String>::new(), "{address}");
    }
}

#[test]
fn unpublished_image_is_warned_about_where_it_is_used() {
    for (more, is_warned) in [
        ("", true),
        ("images: {envExec: tokenpipe/env-exec:0.1.0}", true),
        ("delivery: image-volume", true),
        ("delivery: agent-image", false),
        ("images: {envExec: registry.example/env-exec:0.1.0}", false),
    ] {
        let text = format!("connections: {{default: {{address: 'https://v:8200'}}}}\n{more}");
        let warnings: Vec<_> = Config::parse(&text).unwrap().warnings().collect();
        assert_eq!(
            warnings.len(),
            usize::from(is_warned),
            "{more}: {warnings:?}"
        );
        assert!(
            warnings
                .iter()
                .all(|warning| warning.starts_with("images.envExec: "))
        );
    }
}
