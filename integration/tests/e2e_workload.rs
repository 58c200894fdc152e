//! A Deployment through the whole pipeline on a real node: admission, login, secrets, the program.

use std::fs;

use contract::{names, paths};
use integration::e2e::{Cluster, E2eError, Fixture, Installation, Namespace, Options, Secret};
use serde_json::{Value, json};

/// What Vault has for the program, and a ConfigMap that refers to some of it.
fn prepare_secrets(
    installation: &Installation<'_>,
    namespace: &Namespace<'_>,
    password: &Secret,
) -> Result<(), E2eError> {
    let vault = installation.vault();
    vault.allow_login("shop", namespace.name(), &json!({}))?;
    let database = json!({ "username": "shop", "password": format!("{}/&", password.value()) });
    vault.write_secret("shop", "db", &database)?;
    vault.write_secret("shop", "settings", &json!({ "country": "DE" }))?;
    let url = "postgres://${vault:secret/data/shop/db#username}:\
               ${vault:secret/data/shop/db#${.password | urlquery}}@db:5432/shop";
    let map = json!({
        "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "web" },
        "data": { "DATABASE_URL": url, "REGION": "eu-1" },
    });
    namespace.apply_objects(&[map]).map(drop)
}

fn build_deployment(cluster: &Cluster) -> Result<Value, E2eError> {
    let mut container = cluster.build_shell_container("web", Fixture::PROGRAM)?;
    container["env"] = json!([
        { "name": "LOG_LEVEL", "value": "info" },
        { "name": "DB_PASSWORD", "value": "vault:secret/data/shop/db#password" },
        { "name": "GREETING", "value": "hello ${vault:secret/data/shop/db#username}!" },
        { "name": "CURRENCY", "value": "vault:secret/data/shop/settings#${.currency | default \"EUR\"}" },
    ]);
    container["envFrom"] = json!([{ "configMapRef": { "name": "web" } }]);
    Ok(json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" },
        "spec": {
            "replicas": 2,
            "selector": { "matchLabels": { "app": "web" } },
            "template": {
                "metadata": {
                    "labels": { "app": "web" },
                    // A value from the ConfigMap is resolved where the author asks.
                    "annotations": {
                        "tokenpipe.dev/inject": "true",
                        "tokenpipe.dev/auth-role": "shop",
                    },
                },
                "spec": {
                    "automountServiceAccountToken": false,
                    "terminationGracePeriodSeconds": 1,
                    "containers": [container],
                },
            },
        },
    }))
}

#[test]
fn a_program_gets_its_secrets_and_nothing_is_left_of_how() {
    let Some(cluster) = Cluster::connect_or_skip().unwrap() else {
        return;
    };
    let installation = Installation::install(cluster, "workload", &Options::default()).unwrap();
    let namespace = installation
        .create_namespace("workload", &json!({}))
        .unwrap();
    let password = Secret::new().unwrap();
    prepare_secrets(&installation, &namespace, &password).unwrap();
    namespace
        .apply_objects(&[build_deployment(cluster).unwrap()])
        .unwrap();
    let pods = namespace.wait_for_pods("app=web", 2).unwrap();

    for pod in &pods {
        let environment = pod.read_environment("web").unwrap();
        let url = format!("postgres://shop:{}%2F%26@db:5432/shop", password.value());
        for (name, value) in [
            ("LOG_LEVEL", "info"),
            ("DB_PASSWORD", &*format!("{}/&", password.value())),
            ("GREETING", "hello shop!"),
            ("CURRENCY", "EUR"),
            ("DATABASE_URL", &*url),
            ("REGION", "eu-1"),
        ] {
            assert_eq!(
                environment.get(name).map(String::as_str),
                Some(value),
                "{name}"
            );
        }
        let ours = |name: &&String| name.starts_with("VAULT_") || *name == names::SETTINGS_VARIABLE;
        assert_eq!(
            environment.keys().filter(ours).collect::<Vec<_>>(),
            Vec::<&String>::new()
        );

        // From inside: what is left of ours is env-exec, and the record of starts.
        let list = [
            "exec",
            pod.name(),
            "--container",
            "web",
            "--",
            "find",
            paths::ROOT,
            "-type",
            "f",
        ];
        let files = namespace.run_kubectl(&list).unwrap();
        let token = format!("{}/{}/{}", paths::TOKEN, paths::HANDOVER, paths::TOKEN_FILE);
        assert!(files.contains(paths::ENV_EXEC), "{files}");
        assert!(!files.contains(&token), "{files}");

        // From the node: no volume has it, not the agent's either.
        let Some(node) = cluster.node_or_skip("a token volume") else {
            continue;
        };
        let volumes = pod.token_volumes(node);
        assert_eq!(volumes.len(), 2, "{volumes:?}");
        for volume in volumes {
            assert!(volume.is_dir(), "{}", volume.display());
            let directory = volume.join(paths::HANDOVER);
            assert!(
                !directory.join(paths::TOKEN_FILE).exists(),
                "{}",
                volume.display()
            );
            let sink = volume.join("sink");
            assert!(
                fs::read_dir(sink).map_or(0, Iterator::count) == 0,
                "{}",
                volume.display()
            );
        }
    }
    assert_eq!(
        namespace.find_leaks(&[&password]).unwrap(),
        Vec::<String>::new()
    );
    let vault = installation.vault();
    assert_eq!(
        vault
            .count_requests("update", "auth/kubernetes/login")
            .unwrap(),
        2
    );
    assert_eq!(
        vault.count_requests("read", "secret/data/shop/db").unwrap(),
        2
    );
    assert_eq!(
        vault
            .count_requests("read", "secret/data/shop/settings")
            .unwrap(),
        2
    );
}
