//! Many pods at once.

use std::time::{Duration, Instant};

use integration::demo::audit::Request;
use integration::e2e::Scene;

const PODS: usize = 100;
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
    // The agent renews its token on its way out, sometimes. What a busy Vault refuses is asked again, and
    // so is a login that it answers when the agent waits no longer.
    let is_counted = |request: &Request| {
        let is_of_agent = ["auth/token/renew-self", Scene::LOGIN].contains(&request.path.as_str());
        !is_of_agent && !request.refused
    };
    let counted = requests.iter().filter(|(request, _)| is_counted(request));
    let counted: Vec<_> = counted
        .map(|(request, count)| format!("{count} {request}"))
        .collect();
    let expected = [
        format!("{PODS} read of {}", Scene::PASSWORD_PATH),
        format!("{PODS} update of auth/token/revoke-self"),
    ];
    assert_eq!(counted, expected);
    // 110 to 147 were seen where a hundred agents and Vault share two cores.
    let logins = scene.logins().unwrap();
    assert!(
        (PODS..2 * PODS).contains(&logins),
        "{logins} logins of {PODS} pods"
    );
    scene.check_password(&pods, "web").unwrap();
}
