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
    let started = Instant::now();
    scene
        .space
        .apply(&[scene.deployment("web", PODS, &[], &[web])])
        .unwrap();
    scene.space.ready_within("app=web", PODS, LIMIT).unwrap();
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
    // The agent renews its token on its way out, sometimes; and a login that a busy Vault is too slow
    // for is made again.
    let is_excused = |request: &Request| {
        request.path == "auth/token/renew-self" || request.path == Scene::LOGIN && request.refused
    };
    let counted = requests.iter().filter(|(request, _)| !is_excused(request));
    let counted: Vec<_> = counted
        .map(|(request, count)| format!("{count} {request}"))
        .collect();
    let expected = [
        format!("{PODS} read of {}", Scene::PASSWORD_PATH),
        format!("{PODS} update of {}", Scene::LOGIN),
        format!("{PODS} update of auth/token/revoke-self"),
    ];
    assert_eq!(counted, expected);
    let refused = requests
        .iter()
        .filter(|(request, _)| request.path == Scene::LOGIN && request.refused);
    let refused: usize = refused.map(|(_, count)| count).sum();
    assert!(
        refused < PODS,
        "{refused} logins that Vault was too slow for"
    );
}
