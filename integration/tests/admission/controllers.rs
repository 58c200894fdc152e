//! Pods that controllers make.

use integration::cluster::Namespace;
use integration::wait::{Probe, wait_for};
use reqwest::Method;
use serde_json::{Value, json};

use crate::place::{NAME, build_pod, create_namespace, read_status, shared_cluster};
use crate::tokenpipe::LIMIT;

fn create_deployment(namespace: &Namespace<'_>, spec: &Value) {
    let labels = json!({ "app": "web" });
    let path = format!("apis/apps/v1/namespaces/{}/deployments", namespace.name());
    let object = json!({
        "metadata": { "name": "web" },
        "spec": {
            "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": spec },
        },
    });
    shared_cluster().create_object(&path, &object).unwrap();
}

fn list_objects(namespace: &Namespace<'_>, kind: &str) -> Vec<Value> {
    let path = format!("api/v1/namespaces/{}/{kind}", namespace.name());
    let list = shared_cluster().request(&Method::GET, &path, None).unwrap();
    list["items"].as_array().unwrap().clone()
}

#[test]
fn a_deployment_s_pods_are_injected_and_its_template_is_left_alone() {
    let namespace = create_namespace("deployment", &[]);
    let spec = build_pod()["spec"].clone();
    create_deployment(&namespace, &spec);
    let pod = wait_for("the Deployment's pod", LIMIT, || {
        list_objects(&namespace, "pods").pop()
    })
    .unwrap();
    assert!(
        pod["metadata"]["name"]
            .as_str()
            .unwrap()
            .starts_with("web-")
    );
    assert_eq!(read_status(&pod)["containers"], json!(["app"]));
    assert_eq!(pod["spec"]["initContainers"][1]["name"], "tokenpipe-agent");

    let path = format!(
        "apis/apps/v1/namespaces/{}/deployments/web",
        namespace.name()
    );
    let deployment = shared_cluster().request(&Method::GET, &path, None).unwrap();
    let template = &deployment["spec"]["template"];
    assert_eq!(
        template["spec"]["containers"][0]["command"],
        json!(["/web"])
    );
    assert_eq!(template["spec"]["initContainers"], Value::Null);
}

#[test]
fn a_job_s_pod_keeps_its_token_for_another_try() {
    let namespace = create_namespace("job", &[]);
    let mut spec = build_pod()["spec"].clone();
    spec["restartPolicy"] = json!("OnFailure");
    let path = format!("apis/batch/v1/namespaces/{}/jobs", namespace.name());
    let job =
        json!({ "metadata": { "name": "migrate" }, "spec": { "template": { "spec": spec } } });
    shared_cluster().create_object(&path, &job).unwrap();
    let pod = wait_for("the Job's pod", LIMIT, || {
        list_objects(&namespace, "pods").pop()
    })
    .unwrap();
    assert_eq!(read_status(&pod)["restart"], "retain");
    assert_eq!(
        pod["spec"]["containers"][0]["restartPolicyRules"],
        Value::Null
    );
}

#[test]
fn a_refusal_is_told_where_people_look() {
    let namespace = create_namespace("refused", &[]);
    let mut spec = build_pod()["spec"].clone();
    spec["containers"][0]["command"] = json!([]);
    create_deployment(&namespace, &spec);
    let sentence = format!(
        "admission webhook \"{NAME}.tokenpipe.dev\" denied the request: container app has a reference \
         but has no command; add `command:` and `args:` with ENTRYPOINT and CMD of image shop/web:3"
    );
    let path = format!(
        "apis/apps/v1/namespaces/{}/deployments/web",
        namespace.name()
    );
    let condition = wait_for("the Deployment's condition", LIMIT, || {
        let deployment = shared_cluster().request(&Method::GET, &path, None).unwrap();
        let conditions = deployment["status"]["conditions"].as_array().cloned();
        let failure = conditions
            .into_iter()
            .flatten()
            .find(|c| c["type"] == "ReplicaFailure");
        Probe::from(failure)
    });
    assert_eq!(condition.unwrap()["message"], sentence);

    // The same each time, so that the events of many tries become one that counts.
    let count = |event: &Value| event["count"].as_u64().unwrap_or(1);
    let events = wait_for("the ReplicaSet to try again", LIMIT, || {
        let mut events = list_objects(&namespace, "events");
        events.retain(|event| event["reason"] == "FailedCreate");
        let tries: u64 = events.iter().map(count).sum();
        if tries >= 3 {
            Probe::Ready(events)
        } else {
            Probe::NotYet(format!("{tries} tries"))
        }
    });
    let events = events.unwrap();
    assert_eq!(events.len(), 1, "{events:#?}");
    assert_eq!(events[0]["message"], format!("Error creating: {sentence}"));
}
