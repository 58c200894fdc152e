//! What the API server's own plugins do to what we add.

use contract::paths::API_TOKEN;
use integration::cluster::Namespace;
use serde_json::{Value, json};

use crate::place::{build_pod, create_namespace, create_pod, dry_run, find_named, shared_cluster};

const OURS: [&str; 2] = ["tokenpipe-prepare", "tokenpipe-agent"];

fn create_trap(namespace: &Namespace<'_>, kind: &str, spec: &Value) {
    let path = format!("api/v1/namespaces/{}/{kind}", namespace.name());
    let object = json!({ "metadata": { "name": "trap" }, "spec": spec });
    shared_cluster().create_object(&path, &object).unwrap();
}

#[test]
fn our_init_containers_see_no_api_token() {
    let namespace = create_namespace("token", &[]);
    let stored = create_pod(&namespace, &build_pod());
    let spec = &stored["spec"];
    let at_its_path = |container: &Value| {
        let mounts = container["volumeMounts"].as_array().unwrap();
        let mut found = mounts
            .iter()
            .filter(|mount| mount["mountPath"] == API_TOKEN);
        let name = found
            .next()
            .unwrap_or_else(|| panic!("nothing is there in {container:#}"));
        let name = name["name"].as_str().unwrap().to_owned();
        assert!(found.next().is_none());
        name
    };
    assert!(at_its_path(&spec["containers"][0]).starts_with("kube-api-access-"));
    for name in OURS {
        let container = find_named(&spec["initContainers"], name);
        assert_eq!(at_its_path(container), "tokenpipe-no-api-token");
        assert!(
            !container["volumeMounts"]
                .to_string()
                .contains("kube-api-access")
        );
    }
    // The agent's own token is for Vault alone.
    let token = &find_named(&spec["volumes"], "tokenpipe-auth-token")["projected"];
    assert_eq!(token["sources"].as_array().unwrap().len(), 1);
    assert_eq!(
        token["sources"][0]["serviceAccountToken"]["audience"],
        "vault"
    );
}

#[test]
fn a_limit_range_does_not_starve_the_agent() {
    let namespace = create_namespace("limit-range", &[]);
    let limits = json!({ "limits": [{
        "type": "Container",
        "default": { "cpu": "500m", "memory": "64Mi" }, "defaultRequest": { "cpu": "50m", "memory": "48Mi" },
    }] });
    create_trap(&namespace, "limitranges", &limits);
    let stored = create_pod(&namespace, &build_pod());
    let spec = &stored["spec"];
    assert_eq!(
        spec["containers"][0]["resources"]["limits"]["memory"],
        "64Mi"
    );
    let agent = find_named(&spec["initContainers"], "tokenpipe-agent");
    assert_eq!(agent["resources"]["limits"]["memory"], "256Mi");
    assert_eq!(stored["status"]["qosClass"], "Burstable");
}

#[test]
fn a_quota_on_cpu_limits_lets_pods_in_that_have_them() {
    let namespace = create_namespace("quota", &[]);
    let hard = json!({ "hard": {
        "limits.cpu": "2", "limits.memory": "1Gi", "requests.cpu": "1", "requests.memory": "1Gi",
    } });
    create_trap(&namespace, "resourcequotas", &hard);
    let mut pod = build_pod();
    let resources = json!({
        "requests": { "cpu": "100m", "memory": "64Mi" }, "limits": { "cpu": "500m", "memory": "128Mi" },
    });
    pod["spec"]["containers"][0]["resources"] = resources;
    let admitted = dry_run(&namespace, &pod).unwrap();
    for name in OURS {
        let container = find_named(&admitted["spec"]["initContainers"], name);
        assert_eq!(container["resources"]["limits"]["cpu"], "500m", "{name}");
        assert_eq!(container["resources"]["requests"]["cpu"], "100m", "{name}");
    }
}

#[test]
fn qualities_of_service_stay() {
    let namespace = create_namespace("quality", &[]);
    let resources = |cpu: &str, limit: &str| json!({ "requests": { "cpu": cpu, "memory": "64Mi" }, "limits": { "cpu": limit, "memory": "64Mi" } });
    let cases = [
        ("BestEffort", json!({})),
        ("Burstable", resources("100m", "200m")),
        (
            "Burstable",
            json!({ "requests": { "cpu": "1m" }, "limits": { "cpu": "2m" } }),
        ),
        ("Guaranteed", resources("100m", "100m")),
    ];
    for (class, resources) in cases {
        let mut pod = build_pod();
        pod["spec"]["containers"][0]["resources"] = resources;
        let admitted = dry_run(&namespace, &pod).unwrap();
        assert_eq!(admitted["status"]["qosClass"], class, "{}", pod["spec"]);
    }
    let mut of_pod = build_pod();
    of_pod["spec"]["resources"] = resources("100m", "100m");
    let admitted = dry_run(&namespace, &of_pod).unwrap();
    assert_eq!(admitted["status"]["qosClass"], "Guaranteed");
}

#[test]
fn injected_parts_satisfy_restricted() {
    let label = ("pod-security.kubernetes.io/enforce", "restricted");
    let namespace = create_namespace("restricted", &[label]);
    let mut pod = build_pod();
    let refused = dry_run(&namespace, &pod).unwrap_err();
    assert!(
        refused.contains("container \\\"app\\\" must set"),
        "{refused}"
    );
    for name in OURS {
        assert!(!refused.contains(name), "{refused}");
    }
    pod["spec"]["containers"][0]["securityContext"] = json!({
        "allowPrivilegeEscalation": false, "capabilities": { "drop": ["ALL"] }, "runAsNonRoot": true,
        "seccompProfile": { "type": "RuntimeDefault" },
    });
    dry_run(&namespace, &pod).unwrap();
}
