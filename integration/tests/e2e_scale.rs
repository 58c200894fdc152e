//! Many pods at once.

use std::time::{Duration, Instant};

use integration::demo::audit::Request;
use integration::e2e::{E2eError, Fixture};
use serde_json::{Value, json};

const PODS: usize = 100;
const LIMIT: Duration = Duration::from_secs(900);
/// How long the agent waits for one answer: a quarter of `loginDeadlineSeconds`.
const LOGIN_PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn a_hundred_pods_ask_vault_for_no_more_than_they_need() {
    let Some(fixture) = Fixture::install("scale").unwrap() else {
        return;
    };
    let vault = fixture.installation.vault();
    let cache = json!({ "url": "redis://cache" });
    vault.write_secret("shop", "cache", &cache).unwrap();
    // The one reads two paths, one of them for two variables; the other reads one of the two as well.
    let variables = [
        json!({ "name": "USERNAME", "value": "vault:secret/data/shop/db#username" }),
        json!({ "name": "CACHE", "value": "vault:secret/data/shop/cache#url" }),
    ];
    let web = build_container(&fixture, "web", &variables).unwrap();
    let worker = build_container(&fixture, "worker", &[]).unwrap();
    let started = Instant::now();
    fixture
        .namespace
        .apply_objects(&[fixture.build_deployment("web", PODS, &[], &[web, worker])])
        .unwrap();
    let pods = fixture
        .namespace
        .wait_for_pods_within("app=web", PODS, LIMIT)
        .unwrap();
    eprintln!(
        "{PODS} pods ready after {:.0} s",
        started.elapsed().as_secs_f64()
    );
    let answers = vault.read_answer_times(Fixture::LOGIN).unwrap();
    eprintln!(
        "the slowest of {} logins was answered after {:.1} s",
        answers.len(),
        answers.last().unwrap().as_secs_f64()
    );
    let requests = vault.read_requests().unwrap();
    let told: Vec<_> = requests
        .iter()
        .map(|(request, count)| format!("{count} {request}"))
        .collect();
    eprintln!("asked of Vault: {}", told.join(", "));
    // The agent renews its token on its way out, sometimes.
    let is_counted = |request: &Request| request.path != "auth/token/renew-self";
    let (counted, renewals): (Vec<_>, Vec<_>) = requests
        .iter()
        .partition(|(request, _)| is_counted(request));
    let renewals: usize = renewals.iter().map(|(_, count)| *count).sum();
    assert!(renewals <= PODS, "{renewals} renewals");
    // A machine that is too busy for a hundred logins answers some of them after the agent's patience: those
    // are asked again, and Vault logs an error for what was given up.
    let slowest = *answers.last().unwrap();
    let (denied, counted): (Vec<_>, Vec<_>) = counted
        .into_iter()
        .partition(|(request, _)| request.refused);
    assert!(
        denied.is_empty() || slowest > LOGIN_PATIENCE,
        "{denied:?} although no login took longer than {slowest:?}"
    );
    let counted: Vec<_> = counted
        .iter()
        .map(|(request, count)| format!("{count} {request}"))
        .collect();
    // In the order of operations and paths.
    let expected = [
        format!("{PODS} read of secret/data/shop/cache"),
        format!("{} read of {}", 2 * PODS, Fixture::PASSWORD_PATH),
        format!("{PODS} update of {}", Fixture::LOGIN),
    ];
    assert_eq!(counted, expected);
    for container in ["web", "worker"] {
        fixture.check_password(&pods, container).unwrap();
    }
    for pod in &pods {
        assert_eq!(
            pod.read_environment("web").unwrap()["CACHE"],
            "redis://cache"
        );
    }
}

/// A container of which a node runs many, with further variables.
fn build_container(fixture: &Fixture, name: &str, variables: &[Value]) -> Result<Value, E2eError> {
    let mut container = fixture.build_small_container(name)?;
    let own = container["env"].as_array().into_iter().flatten();
    container["env"] = own.chain(variables).cloned().collect();
    Ok(container)
}
