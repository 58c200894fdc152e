//! The pods that the webhook is asked about.

use serde_json::{Value, json};

/// One container with one reference, as a controller submits it: 1.5 kB as a review.
pub(super) fn build_small_pod() -> Value {
    let plain = json!({ "name": "LOG_LEVEL", "value": "info" });
    build_pod(&[build_container(0, &[plain, build_reference(0)])])
}

/// Ten containers with a hundred variables each, every tenth of them a reference: 36 kB as a review.
pub(super) fn build_large_pod() -> Value {
    let variable = |index: usize| match index % 10 {
        0 => build_reference(index),
        _ => json!({ "name": format!("V{index:02}"), "value": "val" }),
    };
    ten_containers(variable)
}

/// As large, with nothing in it that is meant for tokenpipe.
pub(super) fn build_foreign_pod() -> Value {
    let variable = |index| json!({ "name": format!("VARIABLE_{index:02}"), "value": "val" });
    let mut pod = ten_containers(variable);
    pod["metadata"]["annotations"] = json!({ "prometheus.io/scrape": "true" });
    pod
}

/// With a hundred variables in each.
fn ten_containers(variable: impl Fn(usize) -> Value) -> Value {
    let variables: Vec<_> = (0..100).map(variable).collect();
    let containers: Vec<_> = (0..10)
        .map(|index| build_container(index, &variables))
        .collect();
    build_pod(&containers)
}

fn build_reference(index: usize) -> Value {
    let reference = "vault:secret/data/shop/db#password";
    json!({ "name": format!("SECRET_{index:02}"), "value": reference })
}

fn build_container(index: usize, variables: &[Value]) -> Value {
    json!({
        "name": format!("web-{index}"),
        "image": "registry.example/shop/web:1.0",
        "command": ["/usr/local/bin/web"],
        "args": ["--listen=:8080"],
        "env": variables,
        "imagePullPolicy": "IfNotPresent",
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "resources": {},
        "securityContext": { "allowPrivilegeEscalation": false },
    })
}

fn build_pod(containers: &[Value]) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "web-7c9f6d5b8-x2k4p",
            "generateName": "web-7c9f6d5b8-",
            "namespace": "shop",
            "labels": { "app": "web", "pod-template-hash": "7c9f6d5b8" },
            "annotations": { "tokenpipe.dev/auth-role": "web" },
        },
        "spec": {
            "serviceAccountName": "web",
            "automountServiceAccountToken": false,
            "securityContext": { "runAsNonRoot": true, "runAsUser": 1000 },
            "containers": containers,
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": 30,
            "dnsPolicy": "ClusterFirst",
            "schedulerName": "default-scheduler",
            "tolerations": [{
                "key": "node.kubernetes.io/not-ready",
                "operator": "Exists",
                "effect": "NoExecute",
                "tolerationSeconds": 300,
            }],
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::webhook::build_review;

    #[test]
    fn pods_are_as_large_as_is_said() {
        let size = |pod: &Value| build_review(pod).to_string().len();
        let (small, large) = (size(&build_small_pod()), size(&build_large_pod()));
        assert!((1400..1600).contains(&small), "{small}");
        assert!((35_000..38_000).contains(&large), "{large}");
        let foreign = size(&build_foreign_pod());
        assert!((35_000..60_000).contains(&foreign), "{foreign}");
    }
}
