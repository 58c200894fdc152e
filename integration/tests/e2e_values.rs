//! Values that kubelet alone knows: behind `envFrom` and `valueFrom`.

use std::slice::from_ref;
use std::time::Duration;

use integration::e2e::{Fixture, Options, Pod};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(120);

fn build_sources(map: &str, secret: &str) -> [Value; 2] {
    let metadata = json!({ "name": "web" });
    [
        json!({
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata,
            "data": { "FROM_MAP": map, "REGION": "eu-1" },
        }),
        json!({
            "apiVersion": "v1", "kind": "Secret", "metadata": metadata,
            "stringData": { "FROM_SECRET": secret },
        }),
    ]
}

/// Whether all that was given is there; the API server adds its defaults.
fn contains_value(found: &Value, given: &Value) -> bool {
    match (found, given) {
        (Value::Object(found), Value::Object(given)) => given.iter().all(|(key, value)| {
            found
                .get(key)
                .is_some_and(|found| contains_value(found, value))
        }),
        (found, given) => found == given,
    }
}

#[test]
fn env_from_is_read_at_each_start_and_fields_of_the_pod_are_left_alone() {
    let Some(fixture) = Fixture::install("values").unwrap() else {
        return;
    };
    let mut web = fixture.build_container("web", Fixture::PROGRAM).unwrap();
    web["resources"] = json!({
        "requests": { "cpu": "7m", "memory": "16Mi" }, "limits": { "memory": "48Mi" },
    });
    web["envFrom"] = json!([
        { "configMapRef": { "name": "web" } }, { "secretRef": { "name": "web" }, "prefix": "S_" },
    ]);
    web["env"] = json!([
        { "name": "POD", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } },
        { "name": "ADDRESS", "valueFrom": { "fieldRef": { "fieldPath": "status.podIP" } } },
        { "name": "MEMORY", "valueFrom": { "resourceFieldRef": { "resource": "limits.memory" } } },
        { "name": "CPU", "valueFrom": {
            "resourceFieldRef": { "resource": "requests.cpu", "divisor": "1m" },
        } },
        { "name": "ONE_KEY", "valueFrom": {
            "configMapKeyRef": { "name": "web", "key": "FROM_MAP" },
        } },
        { "name": "PLAIN", "value": "$(POD) costs $$5" },
    ]);
    let password = fixture.password.value();
    let url = "postgres://${vault:secret/data/shop/db#username}@db";
    let rounds = [
        (
            "one",
            build_sources(url, Fixture::PASSWORD),
            "postgres://shop@db",
            password,
        ),
        (
            "two",
            build_sources("no reference", "vault:secret/data/shop/db#username"),
            "no reference",
            "shop",
        ),
    ];
    for (name, objects, from_map, from_secret) in rounds {
        fixture.namespace.apply_objects(&objects).unwrap();
        let pod = fixture.build_pod(name, &[("inject", "true")], from_ref(&web));
        let annotations = &pod["metadata"]["annotations"]["tokenpipe.dev/inject"];
        assert_eq!(annotations, "true");
        let given = pod["spec"]["containers"][0]["env"].clone();
        fixture.namespace.apply_objects(&[pod]).unwrap();
        let pod = fixture
            .namespace
            .wait_for_pods(&format!("app={name}"), 1)
            .unwrap()
            .remove(0);
        let environment = pod.read_environment("web").unwrap();
        for (variable, expected) in [
            ("FROM_MAP", from_map),
            ("ONE_KEY", from_map),
            ("S_FROM_SECRET", from_secret),
            ("REGION", "eu-1"),
            ("POD", name),
            ("ADDRESS", pod.ip()),
            ("MEMORY", "50331648"),
            ("CPU", "7"),
            ("PLAIN", &*format!("{name} costs $5")),
        ] {
            let found = environment.get(variable).map(String::as_str);
            assert_eq!(found, Some(expected), "{variable} of {name}");
        }
        // In the manifest they stand as their author wrote them.
        let admitted = &pod.object()["spec"]["containers"][0]["env"];
        for entry in given.as_array().unwrap() {
            let kept = admitted.as_array().unwrap();
            let same = kept
                .iter()
                .find(|other| other["name"] == entry["name"])
                .unwrap();
            assert!(contains_value(same, entry), "{same} for {entry}");
        }
    }
    assert_eq!(fixture.count_logins().unwrap(), 2);
    assert_eq!(
        fixture.namespace.find_leaks(&[&fixture.password]).unwrap(),
        Vec::<String>::new()
    );
}

/// Metadata can be changed at any time by one who may patch the pod, and kubelet expands `$(NAME)`
/// before env-exec sees the value.
#[test]
fn value_from_metadata_stays_text_and_adds_only_a_word_to_a_reference() {
    let Some(fixture) = Fixture::install("sources").unwrap() else {
        return;
    };
    let reference = "${vault:secret/data/shop/db#password}";
    let field = |name: &str, key: &str| {
        let path = format!("metadata.annotations['example.com/{key}']");
        json!({ "name": name, "valueFrom": { "fieldRef": { "fieldPath": path } } })
    };
    let mut web = fixture.build_container("web", Fixture::PROGRAM).unwrap();
    web["env"] = json!([
        field("TEAM", "team"),
        field("TENANT", "tenant"),
        { "name": "WHOLE", "value": "$(TEAM)" },
        { "name": "LABEL", "value": "team-$(TEAM)" },
        { "name": "URL", "value": "db://${vault:secret/data/shop/db#username}@$(TEAM)" },
        { "name": "PASSWORD", "value": "vault:secret/data/$(TENANT)/db#password" },
    ]);
    let annotations = [("expand-in-references", "TENANT"), ("inject", "true")];
    let mut pod = fixture.build_pod("sources", &annotations, from_ref(&web));
    pod["metadata"]["annotations"]["example.com/team"] = json!(reference);
    pod["metadata"]["annotations"]["example.com/tenant"] = json!("shop");
    fixture.namespace.apply_objects(&[pod]).unwrap();
    let pod = fixture
        .namespace
        .wait_for_pods("app=sources", 1)
        .unwrap()
        .remove(0);
    let environment = pod.read_environment("web").unwrap();
    for (variable, expected) in [
        ("TEAM", reference),
        ("WHOLE", reference),
        ("LABEL", &*format!("team-{reference}")),
        ("URL", &*format!("db://shop@{reference}")),
        ("PASSWORD", fixture.password.value()),
    ] {
        let found = environment.get(variable).map(String::as_str);
        assert_eq!(found, Some(expected), "{variable}");
    }
}

/// A public chart does this: the Secret gives the password, which may be a reference, and the URL takes it.
#[test]
fn reference_of_a_secret_is_resolved_in_the_url_that_takes_it() {
    let Some(fixture) = Fixture::install("composed").unwrap() else {
        return;
    };
    let [_, mut secret] = build_sources("", "vault:secret/data/shop/db#password");
    secret["stringData"]["USER"] = json!("vault:secret/data/shop/db#username");
    fixture.namespace.apply_objects(&[secret]).unwrap();
    let key = |name: &str, key: &str| json!({ "name": name, "valueFrom": { "secretKeyRef": { "name": "web", "key": key } } });
    let mut web = fixture.build_container("web", Fixture::PROGRAM).unwrap();
    web["env"] = json!([
        key("POSTGRES_USER", "USER"),
        key("POSTGRES_PASSWORD", "FROM_SECRET"),
        { "name": "POD", "valueFrom": { "fieldRef": { "fieldPath": "metadata.name" } } },
        { "name": "DATABASE_URL", "value": "postgres://$(POSTGRES_USER):$(POSTGRES_PASSWORD)@db" },
        { "name": "PAIR", "value": "$(POSTGRES_USER):$(POSTGRES_PASSWORD)" },
        { "name": "BESIDE", "value": "$(POD)/$(POSTGRES_USER)" },
        { "name": "IMAGE", "value": "vault:1.13.3" },
    ]);
    let pod = fixture.build_pod("composed", &[("inject", "true")], from_ref(&web));
    fixture.namespace.apply_objects(&[pod]).unwrap();
    let pod = fixture
        .namespace
        .wait_for_pods("app=composed", 1)
        .unwrap()
        .remove(0);
    let environment = pod.read_environment("web").unwrap();
    let password = fixture.password.value();
    for (variable, expected) in [
        ("POSTGRES_PASSWORD", password),
        ("DATABASE_URL", &*format!("postgres://shop:{password}@db")),
        ("PAIR", &*format!("shop:{password}")),
        // Metadata is in it, which anybody may change who may patch the pod.
        ("BESIDE", "composed/vault:secret/data/shop/db#username"),
        ("IMAGE", "vault:1.13.3"),
    ] {
        let found = environment.get(variable).map(String::as_str);
        assert_eq!(found, Some(expected), "{variable}");
    }
    assert_eq!(
        fixture.namespace.find_leaks(&[&fixture.password]).unwrap(),
        Vec::<String>::new()
    );
}

/// A reference that writes a secret and gives its version.
fn build_write(name: &str) -> String {
    format!(">>vault:secret/data/shop/{name}#version#{{\"data\":{{\"k\":\"v\"}}}}")
}

/// The rows of `docs/references.md` that ask for more than a read, and the file that another container
/// writes: kubelet reads it, and copies it into other values, before env-exec starts.
#[test]
fn value_of_each_source_writes_logs_in_or_stays_text_as_allowed() {
    let role = json!({ "token_policies": ["shop", "written"] });
    let fixture = Fixture::install_with("writes", &Options::default(), &role, &json!({})).unwrap();
    let Some(fixture) = fixture else {
        return;
    };
    let rules = "path \"secret/data/shop/*\" { capabilities = [\"create\", \"read\", \"update\"] }";
    let vault = fixture.installation.vault();
    vault.write_policy("written", rules).unwrap();
    let [mut map, mut secret] = build_sources("", "");
    map["data"]["WRITE"] = json!(build_write("of-the-map"));
    secret["stringData"]["WRITE"] = json!(build_write("of-the-secret"));
    secret["stringData"]["LOGIN"] = json!("vault:login");
    fixture.namespace.apply_objects(&[map, secret]).unwrap();
    let key = |name: &str, kind: &str, key: &str| json!({ "name": name, "valueFrom": { kind: { "name": "web", "key": key } } });
    let of_map = key("OF_MAP", "configMapKeyRef", "WRITE");
    let of_secret = key("OF_SECRET", "secretKeyRef", "WRITE");
    let login = key("VAULT_TOKEN", "secretKeyRef", "LOGIN");
    let of_file = json!({ "name": "OF_FILE", "valueFrom": {
        "fileKeyRef": { "volumeName": "file", "path": "app.env", "key": "TITLE" },
    } });
    let taken = json!({ "name": "TAKEN", "value": "title: $(OF_FILE)" });
    let literal = json!({ "name": "LITERAL", "value": build_write("of-the-pod") });

    let mut web = fixture.build_container("web", Fixture::PROGRAM).unwrap();
    web["env"] = json!([of_map, of_secret, login, of_file, taken, literal]);
    let allowed = [
        ("inject", "true"),
        ("allow-write-from", "config-map,secret"),
    ];
    let mut pod = fixture.build_pod("allowed", &allowed, from_ref(&web));
    let script = format!("echo \"TITLE='{}'\" > /file/app.env", Fixture::PASSWORD);
    let mut writer = fixture
        .cluster
        .build_shell_container("writer", &script)
        .unwrap();
    writer["volumeMounts"] = json!([{ "name": "file", "mountPath": "/file" }]);
    pod["spec"]["initContainers"] = json!([writer]);
    pod["spec"]["volumes"] = json!([{ "name": "file", "emptyDir": {} }]);

    // Without the annotation the same values end the start.
    let cases = [
        ("of-map", of_map),
        ("of-secret", of_secret),
        ("of-login", login),
    ];
    let containers = cases.clone().map(|(name, variable)| {
        let mut container = fixture.build_container(name, Fixture::PROGRAM).unwrap();
        container["env"] = json!([variable]);
        container
    });
    let denied = fixture.build_pod("denied", &[("inject", "true")], &containers);
    fixture.namespace.apply_objects(&[pod, denied]).unwrap();

    let pod = fixture
        .namespace
        .wait_for_pods("app=allowed", 1)
        .unwrap()
        .remove(0);
    let environment = pod.read_environment("web").unwrap();
    for (variable, expected) in [
        ("OF_MAP", "1"),
        ("OF_SECRET", "1"),
        ("LITERAL", "1"),
        ("OF_FILE", Fixture::PASSWORD),
        ("TAKEN", &*format!("title: {}", Fixture::PASSWORD)),
    ] {
        let found = environment.get(variable).map(String::as_str);
        assert_eq!(found, Some(expected), "{variable}");
    }
    assert!(environment["VAULT_TOKEN"].starts_with("hvs."));

    let mut pod = fixture.namespace.list_pods("app=denied").unwrap().remove(0);
    for (container, variable) in cases {
        let name = variable["name"].as_str().unwrap();
        let sentence = format!("{name}: the value, from");
        let has_ended = |pod: &Pod<'_>| {
            let mut sentences = pod.status_sentences(container);
            sentences.any(|line| line.contains(&sentence))
        };
        pod.wait_for(
            &format!("the end of {container} with {sentence:?}"),
            LIMIT,
            has_ended,
        )
        .unwrap();
        let status = pod.container_status(container);
        let codes =
            ["state", "lastState"].map(|state| status[state]["terminated"]["exitCode"].clone());
        assert!(codes.contains(&json!(114)), "{status}");
    }
    // Only what was allowed wrote: each secret has its first version.
    for name in ["of-the-map", "of-the-secret", "of-the-pod"] {
        let written = vault.read(&format!("secret/metadata/shop/{name}")).unwrap();
        assert_eq!(written["data"]["current_version"], 1, "{name}: {written}");
    }
}
