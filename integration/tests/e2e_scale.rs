//! Many pods at once.

use std::time::{Duration, Instant};

use integration::demo::audit::Request;
use integration::e2e::Scene;

const PODS: usize = 100;
/// Logins that are made again, where a hundred agents and Vault share a machine's few cores: 10 and 29
/// were seen on two.
const AGAIN: usize = 50;
const LIMIT: Duration = Duration::from_secs(900);

#[test]
fn a_hundred_pods_ask_vault_for_no_more_than_they_need() {
    let Some(scene) = Scene::set("scale").unwrap() else {
        return;
    };
    let mut web = scene.container("web", Scene::PROGRAM).unwrap();
    web["resources"] = serde_json::json!({ "requests": { "cpu": "1m", "memory": "1Mi" } });
    // Of the path that is read already.
    let user =
        serde_json::json!({ "name": "USERNAME", "value": "vault:secret/data/shop/db#username" });
    web["env"].as_array_mut().unwrap().push(user);
    let started = Instant::now();
    scene
        .space
        .apply(&[scene.deployment("web", PODS, &[], &[web])])
        .unwrap();
    let pods = scene.space.ready_within("app=web", PODS, LIMIT).unwrap();
    eprintln!(
        "{PODS} pods ready after {:.0} s",
        started.elapsed().as_secs_f64()
    );
    let requests = scene.installation.vault().requests().unwrap();
    let told: Vec<_> = requests
        .iter()
        .map(|(request, count)| format!("{count} {request}"))
        .collect();
    eprintln!("asked of Vault: {}", told.join(", "));
    // The agent renews its token on its way out, sometimes.
    let is_counted =
        |request: &Request| request.path != "auth/token/renew-self" && request.path != Scene::LOGIN;
    let counted = requests.iter().filter(|(request, _)| is_counted(request));
    let counted: Vec<_> = counted
        .map(|(request, count)| format!("{count} {request}"))
        .collect();
    let expected = [
        format!("{PODS} read of {}", Scene::PASSWORD_PATH),
        format!("{PODS} update of auth/token/revoke-self"),
    ];
    assert_eq!(counted, expected);
    // One that a busy Vault refuses, or answers when the agent waits no longer, is made again.
    let logins = scene.logins().unwrap();
    assert!(
        (PODS..PODS + AGAIN).contains(&logins),
        "{logins} logins of {PODS} pods"
    );
    scene.check_password(&pods, "web").unwrap();
}
