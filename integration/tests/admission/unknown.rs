//! Fields of Kubernetes 1.37 that the webhook does not read survive it.

use serde_json::json;

use crate::place::{create_namespace, create_pod, find_named};

#[test]
fn fields_of_kubernetes_1_37_survive() {
    let namespace = create_namespace("fields", &[]);
    let own_rule =
        json!({ "action": "Restart", "exitCodes": { "operator": "In", "values": [42] } });
    let from_file = json!({ "fileKeyRef": { "volumeName": "config", "path": "app.env", "key": "TITLE", "optional": false } });
    let stored = create_pod(
        &namespace,
        &json!({
            "metadata": { "name": "fields" },
            "spec": {
                "containers": [{
                    "name": "app", "image": "shop/web:3", "command": ["/web"],
                    "restartPolicy": "OnFailure", "restartPolicyRules": [own_rule],
                    "env": [
                        { "name": "TITLE", "valueFrom": from_file },
                        { "name": "P", "value": "vault:secret/data/db#password" },
                    ],
                    "volumeMounts": [
                        { "name": "model", "mountPath": "/model", "readOnly": true, "recursiveReadOnly": "Disabled" },
                        { "name": "config", "mountPath": "/config" },
                    ],
                    "resizePolicy": [{ "resourceName": "cpu", "restartPolicy": "NotRequired" }],
                }],
                "volumes": [
                    { "name": "model", "image": { "reference": "shop/model:1", "pullPolicy": "IfNotPresent" } },
                    { "name": "config", "emptyDir": {} },
                ],
                "hostnameOverride": "shop",
                "schedulingGates": [{ "name": "example.com/gate" }],
            },
        }),
    );
    let spec = &stored["spec"];
    let app = find_named(&spec["containers"], "app");
    let ours = json!({ "action": "RestartAllContainers", "exitCodes": { "operator": "In", "values": [117] } });
    assert_eq!(app["restartPolicyRules"], json!([ours, own_rule]));
    assert_eq!(app["restartPolicy"], "OnFailure");
    assert_eq!(find_named(&app["env"], "TITLE")["valueFrom"], from_file);
    assert_eq!(
        find_named(&app["volumeMounts"], "model")["recursiveReadOnly"],
        "Disabled"
    );
    assert_eq!(app["resizePolicy"][0]["resourceName"], "cpu");
    let image = &find_named(&spec["volumes"], "model")["image"];
    assert_eq!(
        *image,
        json!({ "reference": "shop/model:1", "pullPolicy": "IfNotPresent" })
    );
    assert_eq!(spec["hostnameOverride"], "shop");
    assert_eq!(spec["schedulingGates"][0]["name"], "example.com/gate");
}
