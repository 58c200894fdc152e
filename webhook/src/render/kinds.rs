//! Kinds of objects: in which the pods are, as their controllers make them.

use serde_json::Value;

/// Where pod templates are in a kind, for every version of its group. `*` is each element of a list.
///
/// Only kinds whose controller makes pods of the template as it is. Others change the command of what
/// is in the template (`RayCluster`), or make containers of something else (`Workflow`, `TaskRun`,
/// `SparkApplication`, `KafkaConnect`), so that only admission sees what runs.
const TEMPLATES: &[(&str, &str, &[&str])] = &[
    ("", "Pod", &[""]),
    ("", "PodTemplate", &["template"]),
    ("", "ReplicationController", &["spec/template"]),
    ("apps", "DaemonSet", &["spec/template"]),
    ("apps", "Deployment", &["spec/template"]),
    ("apps", "ReplicaSet", &["spec/template"]),
    ("apps", "StatefulSet", &["spec/template"]),
    ("apps.kruise.io", "CloneSet", &["spec/template"]),
    ("apps.kruise.io", "DaemonSet", &["spec/template"]),
    ("apps.kruise.io", "StatefulSet", &["spec/template"]),
    ("apps.openshift.io", "DeploymentConfig", &["spec/template"]),
    ("argoproj.io", "Rollout", &["spec/template"]),
    ("batch", "CronJob", &["spec/jobTemplate/spec/template"]),
    ("batch", "Job", &["spec/template"]),
    ("extensions", "DaemonSet", &["spec/template"]),
    ("extensions", "Deployment", &["spec/template"]),
    ("extensions", "ReplicaSet", &["spec/template"]),
    (
        "jobset.x-k8s.io",
        "JobSet",
        &["spec/replicatedJobs/*/template/spec/template"],
    ),
    ("keda.sh", "ScaledJob", &["spec/jobTargetRef/template"]),
    (
        "leaderworkerset.x-k8s.io",
        "LeaderWorkerSet",
        &[
            "spec/leaderWorkerTemplate/leaderTemplate",
            "spec/leaderWorkerTemplate/workerTemplate",
        ],
    ),
];

/// Kinds whose pods belong to a Job, on which a decision depends.
const OF_JOB: [&str; 4] = ["CronJob", "Job", "JobSet", "ScaledJob"];

/// Kubernetes' own groups. Of their kinds only those above have pods.
const BUILT_IN: &[&str] = &[
    "",
    "admissionregistration.k8s.io",
    "apiextensions.k8s.io",
    "apiregistration.k8s.io",
    "apps",
    "authentication.k8s.io",
    "authorization.k8s.io",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "extensions",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
    "storagemigration.k8s.io",
];

/// The pod templates of an object, each by the tokens of its path; `None` for a kind that is not known.
pub(super) fn paths(object: &Value) -> Option<Vec<Vec<String>>> {
    let (group, kind) = group_and_kind(object);
    let (_, _, paths) = TEMPLATES
        .iter()
        .find(|(of_group, of_kind, _)| (*of_group, *of_kind) == (group, kind))?;
    let mut found = Vec::new();
    for path in *paths {
        let tokens: Vec<_> = path.split('/').filter(|token| !token.is_empty()).collect();
        walk(object, &tokens, &mut Vec::new(), &mut found);
    }
    Some(found)
}

fn walk(value: &Value, tokens: &[&str], path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    let Some((token, rest)) = tokens.split_first() else {
        if value.is_object() {
            found.push(path.clone());
        }
        return;
    };
    let children: Vec<(String, &Value)> = match value {
        Value::Array(list) if *token == "*" => {
            (0..).map(|n: usize| n.to_string()).zip(list).collect()
        }
        value => value
            .get(*token)
            .map(|child| ((*token).to_owned(), child))
            .into_iter()
            .collect(),
    };
    for (token, child) in children {
        path.push(token);
        walk(child, rest, path, found);
        path.pop();
    }
}

/// Whether its pods are of a Job.
pub(super) fn is_of_job(object: &Value) -> bool {
    OF_JOB.contains(&group_and_kind(object).1)
}

/// Whether it is one of Kubernetes' own objects, which have no pods if they are not in the table.
pub(super) fn is_without_pods(object: &Value) -> bool {
    BUILT_IN.contains(&group_and_kind(object).0)
}

fn group_and_kind(object: &Value) -> (&str, &str) {
    let text = |field: &str| {
        object
            .get(field)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let version = text("apiVersion");
    let group = version.split_once('/').map_or("", |(group, _)| group);
    (group, text("kind"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{TEMPLATES, paths};

    /// An object in which everything that a path names is there twice, where it is in a list.
    fn object(group: &str, kind: &str, path: &str) -> Value {
        let filled = path.rsplit('/').filter(|token| !token.is_empty());
        let mut value = filled.fold(json!({"spec": {}}), |inner, token| match token {
            "*" => json!([inner, inner]),
            token => json!({ token: inner }),
        });
        value["apiVersion"] = json!(format!("{group}/v1").trim_start_matches('/'));
        value["kind"] = json!(kind);
        value
    }

    #[test]
    fn paths_of_every_kind_lead_to_its_templates() {
        for (group, kind, of_kind) in TEMPLATES {
            for path in *of_kind {
                let object = object(group, kind, path);
                let found = paths(&object).unwrap();
                let expected = if path.contains('*') { 2 } else { 1 };
                assert_eq!(found.len(), expected, "{kind}: {found:?}");
                for path in found {
                    let pointer = format!("/{}", path.join("/"));
                    let pointer = pointer.trim_end_matches('/');
                    assert!(
                        object.pointer(pointer).unwrap()["spec"].is_object(),
                        "{pointer}"
                    );
                }
            }
        }
    }

    #[test]
    fn group_decides_and_not_its_version() {
        let of = |version: &str, kind: &str| {
            paths(&json!({"apiVersion": version, "kind": kind, "spec": {"template": {}}}))
        };
        for version in [
            "apps/v1",
            "apps/v1beta2",
            "extensions/v1beta1",
            "apps.kruise.io/v1",
        ] {
            let kind = if version.starts_with("apps.kruise") {
                "CloneSet"
            } else {
                "Deployment"
            };
            assert_eq!(
                of(version, kind).map(|found| found.len()),
                Some(1),
                "{version}"
            );
        }
        assert_eq!(of("example.com/v1", "Deployment"), None);
        assert_eq!(of("v1", "Deployment"), None);
        assert_eq!(of("apps/v1", "Service"), None);
    }
}
