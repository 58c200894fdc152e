//! The webhook's own certificate where somebody else makes it: a Secret of the operator's, cert-manager.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::slice::from_ref;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use integration::certificates::{Authority, Identity};
use integration::e2e::{CertManager, Cluster, E2eError, Fixture, Installation, Namespace, Options};
use integration::wait::{Probe, wait_for};
use serde_json::{Value, json};

/// kubelet takes up to a minute and a half until a Secret that has changed is so in its pods.
const LIMIT: Duration = Duration::from_secs(180);
const SECRET: &str = "given";
/// The end of the certificate that a replica shows, among its metrics.
const SHOWN: &str = "tokenpipe_certificate_not_after_timestamp_seconds ";

/// What a Secret for a server holds, PEM.
struct Served {
    authorities: String,
    identity: Identity,
}

impl Served {
    /// What is in a Secret.
    fn read(system: &Namespace<'_>, name: &str) -> Self {
        let secret = system.get("secrets", name).unwrap();
        let part = |name: &str| {
            let bytes = BASE64_STANDARD.decode(secret["data"][name].as_str().unwrap());
            String::from_utf8(bytes.unwrap()).unwrap()
        };
        Self {
            authorities: part("ca.crt"),
            identity: Identity {
                certificate: part("tls.crt"),
                key: part("tls.key"),
            },
        }
    }

    /// Writes the operator's Secret.
    fn write(&self, system: &Namespace<'_>) -> Result<(), E2eError> {
        let secret = json!({
            "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": { "name": SECRET },
            "stringData": {
                "ca.crt": self.authorities,
                "tls.crt": self.identity.certificate, "tls.key": self.identity.key,
            },
        });
        system.apply_objects(&[secret]).map(drop)
    }
}

/// Installs with these values for the certificate, and has a pod run, which is one to ask for.
fn install_fixture(scenario: &str, certificate: &Value) -> Option<(Fixture, Value)> {
    let fixture = Fixture::install_with(
        scenario,
        &build_options(certificate),
        &json!({}),
        &json!({}),
    );
    let fixture = fixture.unwrap()?;
    let web = fixture.build_container("web", Fixture::PROGRAM).unwrap();
    let pod = fixture.build_pod("web", &[], &[web]);
    fixture.namespace.apply_objects(from_ref(&pod)).unwrap();
    let pods = fixture.namespace.wait_for_pods("app=web", 1).unwrap();
    fixture.check_password(&pods, "web").unwrap();
    drop(pods);
    Some((fixture, pod))
}

fn build_options(certificate: &Value) -> Options {
    Options::with_values(json!({ "replicas": 2, "certificate": certificate }))
}

/// Which certificate each replica shows, by its end.
fn read_shown_certificates(system: &Namespace<'_>) -> Result<Vec<String>, E2eError> {
    let mut shown = Vec::new();
    for pod in system.list_pods(Installation::PODS)? {
        let (namespace, name) = (system.name(), pod.name());
        let path = format!("/api/v1/namespaces/{namespace}/pods/{name}:9090/proxy/metrics");
        let metrics = system.run_kubectl(&["get", "--raw", &path])?;
        let line = metrics.lines().find_map(|line| line.strip_prefix(SHOWN));
        let missing = || E2eError::Unexpected(format!("{name} has no {SHOWN}"));
        shown.push(line.ok_or_else(missing)?.to_owned());
    }
    Ok(shown)
}

/// Waits until every replica shows another certificate than before, and then has the API server see it: it
/// keeps its connections, so replicas are replaced.
fn others_are_shown(installation: &Installation<'_>, before: &[String]) -> Result<(), E2eError> {
    let system = installation.system();
    wait_for(
        "another certificate of every replica",
        LIMIT,
        || match read_shown_certificates(system) {
            Ok(now) if now.len() == 2 && now.iter().all(|end| !before.contains(end)) => {
                Probe::Ready(())
            }
            Ok(now) => Probe::NotYet(format!("{now:?}, before {before:?}")),
            Err(error) => Probe::NotYet(error.to_string()),
        },
    )?;
    let deployment = format!("deployment/{}", system.name());
    system.run_kubectl(&["rollout", "restart", &deployment])?;
    installation.rolled_out()
}

/// Waits until the API server trusts exactly these, PEM.
fn is_trusted(installation: &Installation<'_>, authorities: &str) -> Result<(), E2eError> {
    wait_for(
        "the caBundle of these authorities",
        LIMIT,
        || match installation.read_authorities() {
            Ok(found) if found == authorities => Probe::Ready(()),
            Ok(found) => Probe::NotYet(found),
            Err(error) => Probe::NotYet(error.to_string()),
        },
    )?;
    Ok(())
}

/// The calm way of the chart's README to a given Secret: with a copy of the one in use.
fn hand_over(fixture: &Fixture, pod: &Value, in_use: &str) {
    let installation = &fixture.installation;
    let system = installation.system();
    let name = format!("{}-{in_use}", system.name());
    Served::read(system, &name).write(system).unwrap();
    let given = json!({
        "mode": "secret", "secret": { "name": SECRET }, "selfSigned": { "interval": "1s" },
    });
    let change = || {
        installation.run_helm("upgrade", &build_options(&given))?;
        installation.rolled_out()
    };
    fixture.check_injection_during(pod, change).unwrap();
}

/// Three steps to another authority, as the chart's README has them.
#[test]
fn a_given_secret_takes_over_and_changes_its_authority_unnoticed() {
    let Some((fixture, pod)) = install_fixture("given", &json!({})) else {
        return;
    };
    hand_over(&fixture, &pod, "tls");

    let installation = &fixture.installation;
    let system = installation.system();
    let next = Authority::new("next").unwrap();
    let name = format!("{0}.{0}.svc", system.name());
    let server = next.issue_server(&[&name]).unwrap();
    let mut secret = Served::read(system, SECRET);
    let before = read_shown_certificates(system).unwrap();

    secret.authorities = [next.certificate(), &secret.authorities].concat();
    let both_are_trusted = || {
        secret.write(system)?;
        is_trusted(installation, &secret.authorities)
    };
    fixture
        .check_injection_during(&pod, both_are_trusted)
        .unwrap();

    secret.identity = server;
    let the_new_one_is_shown = || {
        secret.write(system)?;
        others_are_shown(installation, &before)
    };
    fixture
        .check_injection_during(&pod, the_new_one_is_shown)
        .unwrap();

    next.certificate().clone_into(&mut secret.authorities);
    let the_old_one_is_gone = || {
        secret.write(system)?;
        is_trusted(installation, next.certificate())
    };
    fixture
        .check_injection_during(&pod, the_old_one_is_gone)
        .unwrap();
}

/// The real one, with an authority of the release's own, as the chart has it unless it is told another
/// issuer.
#[test]
fn cert_manager_makes_the_certificate_and_renews_it_unnoticed() {
    let Some(cluster) = Cluster::connect_or_skip().unwrap() else {
        return;
    };
    let _cert_manager = CertManager::start(cluster).unwrap();
    let (fixture, pod) =
        install_fixture("cert-manager", &json!({ "mode": "cert-manager" })).unwrap();
    let installation = &fixture.installation;
    let system = installation.system();

    let before = read_shown_certificates(system).unwrap();
    // The condition that `cmctl renew` sets.
    let renewal = json!({ "status": { "conditions": [{
        "type": "Issuing", "status": "True", "reason": "ManuallyTriggered", "message": "for a test",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }] } });
    let renewal = format!("--patch={renewal}");
    let certificate = format!("certificate/{}", system.name());
    let patch = [
        "patch",
        &certificate,
        "--subresource=status",
        "--type=merge",
    ];
    let patch = [&patch[..], &[&renewal]].concat();
    let change = || {
        system.run_kubectl(&patch)?;
        others_are_shown(installation, &before)
    };
    fixture.check_injection_during(&pod, change).unwrap();

    // Without it. What it has made stays, as documented.
    hand_over(&fixture, &pod, "cert-manager");
    let left = ["get", "certificates,issuers", "--output=name"];
    assert_eq!(system.run_kubectl(&left).unwrap(), "");
    for secret in ["cert-manager", "authority"] {
        let name = format!("{}-{secret}", system.name());
        system.get("secrets", &name).unwrap();
    }
}
