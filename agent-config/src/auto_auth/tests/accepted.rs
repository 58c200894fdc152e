use serde_json::{Value, json};

use super::{SECRET, VOLUME, object, vault};
use crate::auto_auth::{LoginDefaults, LoginSettings, Mount, ProjectedToken};
use crate::names::{MountPath, Namespace};
use crate::problem::Fault;

fn config_of(name: &str, config: Value, mounts: &[Mount<'_>]) -> Value {
    let settings = LoginSettings {
        config: object(config),
        mounts,
        ..LoginSettings::default()
    };
    vault(name, &settings).unwrap().config.into()
}

#[test]
fn files_are_taken_from_conventional_places() {
    assert_eq!(
        config_of("approle", json!({}), SECRET),
        json!({
            "remove_secret_id_file_after_reading": false,
            "role_id_file_path": "/tokenpipe/auth/role-id",
            "secret_id_file_path": "/tokenpipe/auth/secret-id",
        })
    );
    assert_eq!(
        config_of("cert", json!({}), SECRET),
        json!({
            "client_cert": "/tokenpipe/auth/tls.crt",
            "client_key": "/tokenpipe/auth/tls.key",
        })
    );
    assert_eq!(
        config_of("jwt", json!({ "role": "web" }), SECRET),
        json!({
            "path": "/tokenpipe/auth/jwt",
            "remove_jwt_after_reading": false,
            "role": "web",
        })
    );
    assert_eq!(
        config_of("kubernetes", json!({ "role": "web" }), SECRET),
        json!({ "role": "web", "token_path": "/tokenpipe/auth/token" })
    );
    assert_eq!(
        config_of("token_file", json!({}), SECRET),
        json!({ "token_file_path": "/tokenpipe/auth/token" })
    );
}

#[test]
fn the_projected_token_is_read_where_nothing_is_mounted() {
    for (name, key) in [("kubernetes", "token_path"), ("jwt", "path")] {
        let settings = LoginSettings {
            role: Some("web"),
            audience: Some("vault"),
            ..LoginSettings::default()
        };
        let auto_auth = vault(name, &settings).unwrap();
        assert_eq!(auto_auth.config[key], "/tokenpipe/auth-token/token");
        assert_eq!(auto_auth.config["role"], "web");
        assert_ne!(
            auto_auth.config.get("remove_jwt_after_reading"),
            Some(&true.into())
        );
        assert_eq!(
            auto_auth.projected_token(),
            Some(&ProjectedToken {
                audience: Some("vault".into()),
                expiration_seconds: 600,
            })
        );
        assert!(auto_auth.files().is_empty());
        assert!(auto_auth.survives_second_login());
    }
}

#[test]
fn the_projected_token_cannot_be_removed() {
    let settings = LoginSettings {
        role: Some("web"),
        config: object(json!({ "remove_jwt_after_reading": true })),
        ..LoginSettings::default()
    };
    let problems = vault("jwt", &settings).unwrap_err();
    assert!(
        matches!(
            problems.iter().next().unwrap().fault,
            Fault::ReadOnly { .. }
        ),
        "{problems}"
    );
}

#[test]
fn the_projected_token_may_be_named() {
    let settings = LoginSettings {
        role: Some("web"),
        config: object(json!({ "path": "/tokenpipe/auth-token/token" })),
        token_expiration: Some(7200),
        ..LoginSettings::default()
    };
    let auto_auth = vault("jwt", &settings).unwrap();
    assert_eq!(
        auto_auth.projected_token().unwrap().expiration_seconds,
        7200
    );
    assert_eq!(auto_auth.config["remove_jwt_after_reading"], false);
}

#[test]
fn a_file_of_the_authors_needs_no_projected_token() {
    let settings = LoginSettings {
        role: Some("web"),
        mounts: SECRET,
        defaults: LoginDefaults {
            audience: Some("vault"),
            ..LoginDefaults::default()
        },
        ..LoginSettings::default()
    };
    let auto_auth = vault("kubernetes", &settings).unwrap();
    assert_eq!(auto_auth.projected_token(), None);
    assert_eq!(auto_auth.files(), ["/tokenpipe/auth/token"]);
}

#[test]
fn an_empty_secret_id_file_says_that_there_is_none() {
    assert_eq!(
        config_of("approle", json!({ "secret_id_file_path": "" }), SECRET),
        json!({ "role_id_file_path": "/tokenpipe/auth/role-id" })
    );
}

/// The agent removes them before it logs in: a login that fails could not be tried again.
#[test]
fn files_are_only_removed_if_the_author_says_so() {
    let remove = "remove_secret_id_file_after_reading";
    for mounts in [SECRET, VOLUME] {
        assert_eq!(config_of("approle", json!({}), mounts)[remove], false);
    }
    for (written, removed) in [
        (json!(true), true),
        (json!("true"), true),
        (json!(false), false),
        (json!("false"), false),
    ] {
        let config = json!({ remove: written });
        assert_eq!(config_of("approle", config, VOLUME)[remove], removed);
    }
}

#[test]
fn the_innermost_mount_decides() {
    let mounts = [
        Mount {
            path: "/tokenpipe/auth",
            read_only: false,
        },
        Mount {
            path: "/tokenpipe/auth/fixed",
            read_only: true,
        },
    ];
    for (path, is_removable) in [
        ("/tokenpipe/auth/jwt", true),
        ("/tokenpipe/auth/fixed/jwt", false),
        ("/tokenpipe/auth/fixed-not", true),
    ] {
        let settings = LoginSettings {
            role: Some("web"),
            config: object(json!({ "path": path, "remove_jwt_after_reading": true })),
            mounts: &mounts,
            ..LoginSettings::default()
        };
        assert_eq!(vault("jwt", &settings).is_ok(), is_removable, "{path}");
    }
}

#[test]
fn method_with_single_use_input_does_not_survive_a_second_login() {
    let removed = json!({ "remove_secret_id_file_after_reading": true });
    let wrapped = json!({ "secret_id_response_wrapping_path": "auth/approle/role/w/secret-id" });
    let cases = [
        ("approle", json!({}), SECRET, ""),
        ("approle", json!({}), VOLUME, ""),
        ("approle", removed, VOLUME, "removes the file"),
        ("approle", wrapped, SECRET, "a wrapping token works once"),
        ("jwt", json!({ "role": "w" }), VOLUME, ""),
        (
            "jwt",
            json!({ "role": "w", "remove_jwt_after_reading": true }),
            VOLUME,
            "removes the file",
        ),
        ("token_file", json!({}), VOLUME, ""),
        (
            "ldap",
            json!({ "username": "w", "remove_password_after_reading": true }),
            VOLUME,
            "removes the file",
        ),
        (
            "aws",
            json!({ "role": "w", "type": "ec2" }),
            SECRET,
            "takes only the first",
        ),
        (
            "aws",
            json!({ "role": "w", "type": "ec2", "nonce": "n" }),
            SECRET,
            "",
        ),
        ("aws", json!({ "role": "w", "type": "iam" }), SECRET, ""),
    ];
    for (name, config, mounts, reason) in cases {
        let settings = LoginSettings {
            config: object(config),
            mounts,
            ..LoginSettings::default()
        };
        let auto_auth = vault(name, &settings).unwrap();
        let reasons = auto_auth.single_use_reasons().join("; ");
        assert_eq!(
            auto_auth.survives_second_login(),
            reason.is_empty(),
            "{reasons}"
        );
        assert!(reasons.contains(reason), "{reasons}");
    }
}

#[test]
fn files_that_a_variable_names() {
    let cases = [
        (
            "aws",
            json!({ "type": "iam" }),
            "AWS_SHARED_CREDENTIALS_FILE=/tokenpipe/auth/credentials",
        ),
        ("aws", json!({ "type": "ec2" }), ""),
        (
            "cf",
            json!({}),
            "CF_INSTANCE_CERT=/tokenpipe/auth/tls.crt CF_INSTANCE_KEY=/tokenpipe/auth/tls.key",
        ),
        ("gcp", json!({ "type": "gce" }), ""),
        (
            "gcp",
            json!({ "type": "iam", "service_account": "" }),
            "GOOGLE_APPLICATION_CREDENTIALS=/tokenpipe/auth/credentials.json",
        ),
        (
            "oci",
            json!({ "type": "apikey" }),
            "OCI_CONFIG_FILE=/tokenpipe/auth/config",
        ),
        ("oci", json!({ "type": "instance" }), ""),
    ];
    for (name, config, expected) in cases {
        let settings = LoginSettings {
            role: Some("web"),
            config: object(config),
            mounts: SECRET,
            ..LoginSettings::default()
        };
        let auto_auth = vault(name, &settings).unwrap();
        let variables = auto_auth.variables().iter();
        let variables: Vec<_> = variables
            .map(|(name, path)| format!("{name}={path}"))
            .collect();
        assert_eq!(variables.join(" "), expected, "{name}");
    }
}

#[test]
fn a_file_that_a_variable_names_must_come_from_somewhere() {
    let mut settings = LoginSettings {
        role: Some("web"),
        variables: &["CF_INSTANCE_CERT"],
        ..LoginSettings::default()
    };
    insta::assert_snapshot!(
        vault("cf", &settings).unwrap_err(),
        @"tokenpipe.dev/auth-config: method `cf` needs the file `tls.key` (the agent's `CF_INSTANCE_KEY`); mount a Secret with that key by `auth-secret`, or a volume by `auth-volume`"
    );
    settings.variables = &["CF_INSTANCE_CERT", "CF_INSTANCE_KEY"];
    assert_eq!(vault("cf", &settings).unwrap().variables(), []);
}

#[test]
fn a_credential_in_clear_text_is_the_operators_to_allow() {
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let mut settings = LoginSettings {
        role: Some("web"),
        config: object(json!({
            "region": "eu-central-1",
            "private_key": key,
            "public_key_id": "k",
            "session_expiration": 900,
        })),
        ..LoginSettings::default()
    };
    assert!(vault("alicloud", &settings).is_err());
    settings.allow_inline_credentials = true;
    let auto_auth = vault("alicloud", &settings).unwrap();
    assert_eq!(auto_auth.config["private_key"], key);
    assert!(!format!("{auto_auth:?}").contains("BEGIN"));
    for wrong in ["", " \n", "a\0b"] {
        settings.config.insert("private_key".into(), wrong.into());
        assert!(vault("alicloud", &settings).is_err(), "{wrong:?}");
    }
}

#[test]
fn setting_that_loses_a_login_is_warned_about() {
    let cases = [
        (
            "aws",
            json!({ "type": "ec2" }),
            "method `aws`: without `nonce` Vault denies every login",
        ),
        (
            "aws",
            json!({ "type": "iam", "nonce": "n" }),
            "only read with `type: ec2`",
        ),
        (
            "azure",
            json!({ "resource": "r", "scope": "s" }),
            "`scope` is only read",
        ),
        (
            "azure",
            json!({ "resource": "r", "client_id": "c", "authenticate_from_environment": true }),
            "`AZURE_CLIENT_ID` is",
        ),
        ("cf", json!({}), "Korifi"),
        (
            "gcp",
            json!({ "type": "gce", "jwt_exp": 5 }),
            "`jwt_exp` is only read",
        ),
        (
            "gcp",
            json!({ "type": "gce", "project": "p" }),
            "ignores it",
        ),
    ];
    for (name, config, part) in cases {
        let settings = LoginSettings {
            role: Some("web"),
            config: object(config),
            mounts: SECRET,
            ..LoginSettings::default()
        };
        let warnings = vault(name, &settings).unwrap().warnings().join("\n");
        assert!(warnings.contains(part), "{name}: {warnings}");
    }
}

#[test]
fn setting_without_effect_is_warned_about() {
    let config = json!({
        "role": "w",
        "jwt_read_period": "1m",
        "remove_jwt_follows_symlinks": true,
    });
    let settings = LoginSettings {
        config: object(config),
        mounts: SECRET,
        ..LoginSettings::default()
    };
    insta::assert_snapshot!(vault("jwt", &settings).unwrap().warnings().join("\n"), @r"
    method `jwt`: `remove_jwt_follows_symlinks` does nothing, because the file is not removed
    method `jwt`: `jwt_read_period` does nothing, because the agent ends after its first login
    ");
}

#[test]
fn the_role_has_an_annotation_or_a_key() {
    let default = LoginDefaults {
        role: Some("default"),
        ..LoginDefaults::default()
    };
    let cases = [
        ("kubernetes", Some("web"), json!({}), "role", Some("web")),
        (
            "kubernetes",
            None,
            json!({ "role": "web" }),
            "role",
            Some("web"),
        ),
        (
            "kubernetes",
            Some("web"),
            json!({ "role": "web" }),
            "role",
            Some("web"),
        ),
        ("kubernetes", None, json!({}), "role", Some("default")),
        ("cert", Some("web"), json!({}), "name", Some("web")),
        ("cert", None, json!({}), "name", None),
        ("approle", None, json!({}), "role", None),
    ];
    for (name, role, config, key, expected) in cases {
        let settings = LoginSettings {
            role,
            config: object(config),
            mounts: SECRET,
            defaults: default,
            ..LoginSettings::default()
        };
        let auto_auth = vault(name, &settings).unwrap();
        let found = auto_auth.config.get(key).and_then(Value::as_str);
        assert_eq!(found, expected, "{name} {role:?}");
    }
}

#[test]
fn the_connections_defaults_count_where_nothing_was_written() {
    let mount_path: MountPath = "k8s-prod".parse().unwrap();
    let namespace: Namespace = "team-a/".parse().unwrap();
    let defaults = LoginDefaults {
        role: Some("web"),
        mount_path: Some(&mount_path),
        namespace: Some(&namespace),
        audience: Some("vault"),
        token_expiration: Some(1200),
    };
    let by_default = LoginSettings {
        defaults,
        ..LoginSettings::default()
    };
    let auto_auth = vault("kubernetes", &by_default).unwrap();
    assert_eq!(auto_auth.mount_path, Some(mount_path.clone()));
    assert_eq!(auto_auth.namespace, Some(namespace.clone()));
    let token = auto_auth.projected_token().unwrap();
    assert_eq!(token.audience.as_deref(), Some("vault"));
    assert_eq!(token.expiration_seconds, 1200);

    let written = LoginSettings {
        mount_path: Some("/auth/other/"),
        namespace: Some("team-b"),
        audience: Some("other"),
        token_expiration: Some(3600),
        defaults,
        ..LoginSettings::default()
    };
    let auto_auth = vault("kubernetes", &written).unwrap();
    assert_eq!(auto_auth.mount_path.unwrap().as_str(), "auth/other");
    assert_eq!(auto_auth.namespace.unwrap().as_str(), "team-b");
    let token = auto_auth.projected_token.unwrap();
    assert_eq!(token.audience.as_deref(), Some("other"));
    assert_eq!(token.expiration_seconds, 3600);

    let empty = LoginSettings {
        audience: Some(""),
        defaults,
        ..LoginSettings::default()
    };
    let token = vault("kubernetes", &empty).unwrap().projected_token;
    assert_eq!(token.unwrap().audience, None);

    let token_file = LoginSettings {
        mounts: SECRET,
        defaults,
        ..LoginSettings::default()
    };
    assert_eq!(vault("token_file", &token_file).unwrap().mount_path, None);
}
