//! A pod that logs in by a certificate of its own (`PodCertificateRequest`): no Secret, and no token of
//! the API server's.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::time::Duration;

use contract::names;
use integration::e2e::{Fixture, Pod, Signer};
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(120);
const SIGNER: &str = "e2e.tokenpipe.dev/pods";
const LOGIN: &str = "auth/cert/login";
const ANNOTATIONS: &[(&str, &str)] = &[
    ("auth-method", "cert"),
    ("auth-pod-certificate", SIGNER),
    ("restart", "rerun"),
];

/// A fixture whose Vault takes certificates of a signer's for those of the pods of one `ServiceAccount`.
fn install_trusting(scenario: &str, account: &str) -> Option<(Fixture, Signer)> {
    let fixture = Fixture::install(scenario).unwrap()?;
    let signer = Signer::start(fixture.cluster, fixture.namespace.name(), SIGNER).unwrap();
    let vault = fixture.installation.vault();
    vault.enable_auth("cert", "cert").unwrap();
    let role = json!({
        "certificate": signer.authority(),
        "allowed_common_names": Signer::common_name(fixture.namespace.name(), account),
        "token_policies": "shop",
        "token_ttl": "10m",
    });
    vault.write("auth/cert/certs/shop", &role).unwrap();
    Some((fixture, signer))
}

#[test]
fn a_pod_logs_in_by_its_own_certificate_and_does_so_again() {
    let Some((fixture, _signer)) = install_trusting("certificate", "default") else {
        return;
    };
    let web = fixture.build_container("web", Fixture::PROGRAM).unwrap();
    let pod = fixture.build_pod("web", ANNOTATIONS, &[web]);
    fixture.namespace.apply_objects(&[pod]).unwrap();
    let mut pod = fixture
        .namespace
        .wait_for_pods("app=web", 1)
        .unwrap()
        .remove(0);
    fixture.check_password([&pod], "web").unwrap();
    let vault = fixture.installation.vault();
    assert_eq!(vault.count_requests("update", LOGIN).unwrap(), 1);
    assert_eq!(
        fixture.count_logins().unwrap(),
        0,
        "nobody needs a ServiceAccount token"
    );
    let volumes = pod.object()["spec"]["volumes"].to_string();
    for other in ["\"secret\"", "serviceAccountToken"] {
        assert!(!volumes.contains(other), "{volumes}");
    }

    let before = pod.container_id("web").to_owned();
    if pod.kill_program("web").unwrap().is_some() {
        pod.wait_for_restart("web", &before, LIMIT).unwrap();
        fixture.check_password([&pod], "web").unwrap();
        assert_eq!(vault.count_requests("update", LOGIN).unwrap(), 2);
    }
    let leaks = fixture.namespace.find_leaks(&[&fixture.password]).unwrap();
    assert_eq!(leaks, Vec::<String>::new());
}

#[test]
fn a_certificate_of_another_account_is_refused_and_the_pod_says_so() {
    let Some((fixture, _signer)) = install_trusting("certificate-other", "somebody") else {
        return;
    };
    let web = fixture.build_container("web", Fixture::PROGRAM).unwrap();
    let pod = fixture.build_pod("web", ANNOTATIONS, &[web]);
    fixture.namespace.apply_objects(&[pod]).unwrap();
    let mut pod = fixture.namespace.list_pods("app=web").unwrap().remove(0);
    let ended = |pod: &Pod<'_>| {
        let mut sentences = pod.status_sentences(names::AGENT_CONTAINER);
        sentences.next().map(str::to_owned)
    };
    pod.wait_for("an agent that gives up", LIMIT, |pod| ended(pod).is_some())
        .unwrap();
    let message = ended(&pod).unwrap();
    assert!(message.contains("auth/cert"), "{message}");
}
