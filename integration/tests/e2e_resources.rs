//! What a namespace imposes on its pods: quality of service, limits, quotas, users.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::collections::BTreeSet;
use std::time::Duration;

use integration::e2e::{Fixture, Options};
use integration::wait::wait_for;
use serde_json::{Value, json};

/// As OpenShift would choose for a namespace.
const ASSIGNED: u32 = 1_000_740_000;
const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn the_quality_of_service_is_the_authors() {
    let Some(fixture) = Fixture::install("quality").unwrap() else {
        return;
    };
    let all = json!({ "cpu": "20m", "memory": "32Mi" });
    let cases = [
        ("Guaranteed", json!({ "requests": all, "limits": all })),
        ("Burstable", json!({ "requests": { "memory": "32Mi" } })),
        ("BestEffort", json!({})),
    ];
    for (class, resources) in cases {
        let name = class.to_lowercase();
        let mut web = fixture.build_container("web", Fixture::PROGRAM).unwrap();
        web["resources"] = resources;
        fixture
            .namespace
            .apply_objects(&[fixture.build_pod(&name, &[], &[web])])
            .unwrap();
        let pod = fixture
            .namespace
            .wait_for_pods(&format!("app={name}"), 1)
            .unwrap()
            .remove(0);
        assert_eq!(pod.object()["status"]["qosClass"], class);
        assert!(pod.container_names().len() > 1, "it is injected");
        fixture.check_password([&pod], "web").unwrap();
    }
}

#[test]
fn limits_and_quotas_of_a_namespace_are_kept() {
    let Some(fixture) = Fixture::install("limits").unwrap() else {
        return;
    };
    let limits = json!({
        "apiVersion": "v1", "kind": "LimitRange", "metadata": { "name": "limits" },
        "spec": { "limits": [{
            "type": "Container",
            // Less than the agent needs.
            "default": { "cpu": "200m", "memory": "64Mi" },
            "max": { "memory": "300Mi" },
        }] },
    });
    let quota = json!({
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": { "name": "quota" },
        "spec": { "hard": { "limits.cpu": "450m", "limits.memory": "600Mi", "pods": "4" } },
    });
    fixture.namespace.apply_objects(&[limits, quota]).unwrap();
    for name in ["one", "two"] {
        let web = fixture.build_container("web", Fixture::PROGRAM).unwrap();
        fixture
            .namespace
            .apply_objects(&[fixture.build_pod(name, &[], &[web])])
            .unwrap();
        let pod = fixture
            .namespace
            .wait_for_pods(&format!("app={name}"), 1)
            .unwrap()
            .remove(0);
        fixture.check_password([&pod], "web").unwrap();
    }
    // The larger of what the login and the program may take counts, not their sum.
    let used = fixture.namespace.get("resourcequotas", "quota").unwrap()["status"]["used"].clone();
    assert_eq!(used["limits.memory"], "512Mi", "{used}");
    assert_eq!(used["limits.cpu"], "400m", "{used}");
    let web = fixture.build_container("web", Fixture::PROGRAM).unwrap();
    let refused = fixture
        .namespace
        .apply_objects(&[fixture.build_pod("three", &[], &[web])])
        .unwrap_err();
    assert!(refused.to_string().contains("exceeded quota"), "{refused}");
}

/// The double of OpenShift's admission, which runs before webhooks and again after them, and allows
/// nobody another user than the namespace's.
fn build_assigning_policies(name: &str, namespace: &str) -> [Value; 4] {
    let here = json!({ "matchLabels": { "kubernetes.io/metadata.name": namespace } });
    let pods = json!([{
        "apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"],
    }]);
    let assign = format!(
        "Object{{spec: Object.spec{{securityContext: Object.spec.securityContext{{\
         runAsUser: {ASSIGNED}, fsGroup: {ASSIGNED}}}}}}}"
    );
    let allowed = format!(
        "(object.spec.containers + object.spec.?initContainers.orValue([])).all(c, \
         c.?securityContext.?runAsUser.orValue({ASSIGNED}) == {ASSIGNED})"
    );
    let version = "admissionregistration.k8s.io/v1";
    let metadata = json!({ "name": name });
    let constraints = json!({ "resourceRules": pods, "namespaceSelector": here });
    [
        json!({
            "apiVersion": version, "kind": "MutatingAdmissionPolicy", "metadata": metadata,
            "spec": {
                "matchConstraints": constraints,
                "reinvocationPolicy": "IfNeeded",
                "mutations": [{
                    "patchType": "ApplyConfiguration",
                    "applyConfiguration": { "expression": assign },
                }],
            },
        }),
        json!({
            "apiVersion": version, "kind": "MutatingAdmissionPolicyBinding", "metadata": metadata,
            "spec": { "policyName": name },
        }),
        json!({
            "apiVersion": version, "kind": "ValidatingAdmissionPolicy", "metadata": metadata,
            "spec": {
                "matchConstraints": constraints,
                "validations": [{ "expression": allowed, "message": "not the namespace's user" }],
            },
        }),
        json!({
            "apiVersion": version, "kind": "ValidatingAdmissionPolicyBinding", "metadata": metadata,
            "spec": { "policyName": name, "validationActions": ["Deny"] },
        }),
    ]
}

/// Removes what is in no namespace.
struct Removed<'s>(&'s Fixture, [Value; 4]);

impl Drop for Removed<'_> {
    fn drop(&mut self) {
        for object in &self.1 {
            let kind = object["kind"].as_str().unwrap();
            let name = object["metadata"]["name"].as_str().unwrap();
            let _ = self.0.cluster.api.run_kubectl(&["delete", kind, name]);
        }
    }
}

#[test]
fn a_platform_that_assigns_users() {
    let nobody = Options::with_values(json!({ "defaults": { "runAsUser": null } }));
    let labels = json!({ "pod-security.kubernetes.io/enforce": "restricted" });
    let fixture = Fixture::install_with("assigned", &nobody, &json!({}), &labels).unwrap();
    let Some(fixture) = fixture else { return };
    let policies = build_assigning_policies(fixture.namespace.name(), fixture.namespace.name());
    fixture.namespace.apply_objects(&policies).unwrap();
    let removed = Removed(&fixture, policies);
    let told =
        "while read name value; do [ $name = Uid: ] && echo user $value; done </proc/self/status";
    let containers = ["web", "api"].map(|name| {
        fixture
            .build_container(name, &format!("{told}; {}", Fixture::PROGRAM))
            .unwrap()
    });
    // The policies take a moment, each its own.
    let pod = fixture.build_pod("web", &[("restart", "rerun")], &containers);
    let mut other = pod.clone();
    other["spec"]["containers"][0]["securityContext"]["runAsUser"] = json!(1);
    wait_for("both policies of the platform", LIMIT, || {
        let denied = fixture.namespace.dry_run(&other);
        let is_denied =
            denied.is_err_and(|error| error.to_string().contains("not the namespace's user"));
        let assigned = fixture.namespace.dry_run(&pod);
        let is_assigned =
            assigned.is_ok_and(|pod| pod["spec"]["securityContext"]["runAsUser"] == ASSIGNED);
        (is_denied && is_assigned)
            .then_some(())
            .ok_or_else(|| format!("another user denied: {is_denied}, one assigned: {is_assigned}"))
    })
    .unwrap();

    fixture.namespace.apply_objects(&[pod]).unwrap();
    let pod = fixture
        .namespace
        .wait_for_pods("app=web", 1)
        .unwrap()
        .remove(0);
    let mut users = BTreeSet::new();
    for name in ["web", "api"] {
        fixture.check_password([&pod], name).unwrap();
        let log = pod.read_log(name, false).unwrap();
        users.extend(log.lines().find_map(|line| {
            line.strip_prefix("user ").map(|line| {
                line.split_whitespace()
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            })
        }));
    }
    assert_eq!(users, BTreeSet::from([ASSIGNED.to_string()]));
    drop(removed);
}
