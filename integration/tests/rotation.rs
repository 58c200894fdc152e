//! The certificate that replicas of the webhook make and share, on a real API server.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test"
)]

#[path = "support/later.rs"]
mod later;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::prelude::{BASE64_STANDARD, Engine};
use integration::certificates::Authority;
use integration::chart::{self, Replica};
use integration::cluster::{Cluster, ClusterError, mutating_webhook};
use integration::http;
use integration::wait::{Probe, wait_for};
use reqwest::Method;
use serde_json::{Value, json};

use later::Later;

const CONFIGURATIONS: &str = "apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
const LIMIT: Duration = Duration::from_secs(30);

/// The chart's part of a release that is about the certificate: the account, its rights, the empty
/// Secret, and the webhook configuration, which the API server reaches the replicas by.
struct Release {
    cluster: &'static Cluster,
    name: String,
    config: Value,
    kubeconfig: PathBuf,
}

impl Release {
    fn new(name: &str, certificate: &Value) -> Self {
        let cluster = Cluster::start_shared().unwrap();
        let namespace = json!({ "metadata": { "name": name } });
        cluster
            .create_object("api/v1/namespaces", &namespace)
            .unwrap();
        let values = json!({ "certificate": certificate });
        let objects = chart::parse_objects(&chart::render_as(name, &values).unwrap()).unwrap();
        let kinds = [
            "ServiceAccount",
            "Role",
            "RoleBinding",
            "ClusterRole",
            "ClusterRoleBinding",
            "Secret",
            "MutatingWebhookConfiguration",
        ];
        for object in objects
            .iter()
            .filter(|object| kinds.contains(&object["kind"].as_str().unwrap()))
        {
            let created = cluster
                .run_kubectl_with_input(&["create", "-f", "-"], &object.to_string())
                .unwrap();
            assert!(created.status.success(), "{created:?}");
        }
        let mut config = chart::parse_config(&objects).unwrap();
        let issue = config["server"]["tls"]["secret"].get_mut("issue");
        if let Some(names) = issue.and_then(|issue| issue["dnsNames"].as_array_mut()) {
            // What the API server calls a process of this machine.
            names.push(json!("localhost"));
        }
        Self {
            cluster,
            name: name.to_owned(),
            config,
            kubeconfig: cluster.account_kubeconfig(name, name).unwrap(),
        }
    }

    fn start_replica(&self) -> Replica {
        Replica::start(&self.config, &self.kubeconfig).unwrap()
    }

    /// Has the API server ask each of the replicas about every pod of this namespace; there is no
    /// node whose Service could choose one of them.
    fn send_reviews_to(&self, replicas: &[Replica]) {
        let path = format!("{CONFIGURATIONS}/{}", self.name);
        let mut configuration = self.cluster.request(&Method::GET, &path, None).unwrap();
        let webhook = configuration["webhooks"][0].clone();
        let webhooks = replicas.iter().enumerate().map(|(number, replica)| {
            let mut webhook = webhook.clone();
            webhook["name"] = json!(format!("replica-{number}.tokenpipe.dev"));
            let mut client =
                json!({ "url": format!("https://localhost:{}/mutate", replica.port()) });
            client["caBundle"] = webhook["clientConfig"]["caBundle"].clone();
            webhook["clientConfig"] = client;
            webhook["failurePolicy"] = json!("Fail");
            webhook["namespaceSelector"] =
                json!({ "matchLabels": { "kubernetes.io/metadata.name": self.name } });
            webhook
        });
        configuration["webhooks"] = webhooks.collect();
        self.cluster
            .request(&Method::PUT, &path, Some(&configuration))
            .unwrap();
        wait_for("the API server to ask the replicas", LIMIT, || {
            match self.admit_pod() {
                Ok(pod) => Probe::from(is_injected(&pod)),
                Err(error) => Probe::NotYet(error.to_string()),
            }
        })
        .unwrap();
    }

    /// The authorities in the webhook configuration, PEM.
    fn read_bundle(&self) -> String {
        let path = format!("{CONFIGURATIONS}/{}", self.name);
        let configuration = self.cluster.request(&Method::GET, &path, None).unwrap();
        let bundle = &configuration["webhooks"][0]["clientConfig"]["caBundle"];
        String::from_utf8(BASE64_STANDARD.decode(bundle.as_str().unwrap()).unwrap()).unwrap()
    }

    /// What becomes of a pod with a reference.
    fn admit_pod(&self) -> Result<Value, ClusterError> {
        let pod = json!({
            "metadata": { "generateName": "pod-", "annotations": { "tokenpipe.dev/auth-role": "app" } },
            "spec": { "containers": [{
                "name": "app", "image": "app", "command": ["app"],
                "env": [{ "name": "A", "value": "vault:secret/data/a#b" }],
            }] },
        });
        self.cluster.create_object(
            &format!("api/v1/namespaces/{}/pods?dryRun=All", self.name),
            &pod,
        )
    }
}

fn is_injected(pod: &Value) -> bool {
    pod["spec"]["initContainers"]
        .as_array()
        .is_some_and(|init| !init.is_empty())
}

fn split_certificates(bundle: &str) -> Vec<String> {
    let parts = bundle.split_inclusive("-----END CERTIFICATE-----\n");
    parts
        .filter(|part| part.contains("BEGIN"))
        .map(str::to_owned)
        .collect()
}

/// A new connection, as an API server makes one that has just started: it trusts what is in the
/// webhook configuration now.
fn shake_hands(port: u16, trusted: &str) -> Result<(), String> {
    let client = http::build_client(trusted).map_err(|error| error.to_string())?;
    let answer = client.get(format!("https://localhost:{port}/")).send();
    answer.map(|_| ()).map_err(|error| format!("{error:?}"))
}

#[test]
fn no_admission_fails_while_authorities_come_and_go() {
    // An authority lives 36 s and gets a successor after 24, a certificate lives 12 and gets one
    // after 8.
    let certificate = json!({ "selfSigned": {
        "authorityLifetime": "36s", "certificateLifetime": "12s", "settle": "2s", "interval": "500ms",
    } });
    let release = Release::new("rotation", &certificate);
    let replicas = [release.start_replica(), release.start_replica()];
    for replica in &replicas {
        replica.wait_until_ready().unwrap();
    }
    release.send_reviews_to(&replicas);

    let first = split_certificates(&release.read_bundle()).remove(0);
    let mut seen = BTreeSet::from([first.clone()]);
    let (mut overlaps, mut admissions, mut failures) = (0, 0, Vec::new());
    let started = Instant::now();
    let is_gone = loop {
        let bundle = release.read_bundle();
        let now = split_certificates(&bundle);
        overlaps += usize::from(now.len() > 1);
        seen.extend(now.iter().cloned());
        for replica in &replicas {
            failures.extend(shake_hands(replica.port(), &bundle).err());
        }
        match release.admit_pod() {
            Ok(pod) if is_injected(&pod) => admissions += 1,
            Ok(_) => failures.push("admitted as it was".to_owned()),
            Err(error) => failures.push(error.to_string()),
        }
        let is_gone = !now.contains(&first);
        if (seen.len() >= 3 && is_gone) || started.elapsed() > Duration::from_secs(150) {
            break is_gone;
        }
    };
    assert_eq!(failures, Vec::<String>::new(), "{}", replicas[0].log());
    assert!(
        seen.len() >= 3,
        "only {} authorities in {:?}",
        seen.len(),
        started.elapsed()
    );
    assert!(is_gone, "the first authority is still trusted");
    assert!(overlaps > 0, "never two at once");
    assert!(admissions > 50, "{admissions} admissions");
    let made: usize = replicas
        .iter()
        .map(|replica| replica.log().matches("certificate made").count())
        .sum();
    let taken: Vec<_> = replicas
        .iter()
        .map(|replica| {
            replica
                .read_metric("tokenpipe_certificate_reloads_total{result=\"taken\"}")
                .unwrap()
        })
        .collect();
    assert!(
        taken
            .iter()
            .all(|taken| taken.is_some_and(|taken| taken >= 3.0)),
        "{taken:?}"
    );
    println!(
        "{admissions} admissions, {} authorities, {made} steps, {:?}",
        seen.len(),
        started.elapsed()
    );
}

#[test]
fn replicas_that_start_at_once_agree() {
    let release = Release::new("agreement", &json!({}));
    // All have read the empty Secret before the first of them has written it.
    let together = Later::once_asked(4);
    let labels = [("kubernetes.io/metadata.name", "agreement")];
    let mut webhook = mutating_webhook("writes", &together.url(), &together.authority(), &labels);
    let rule = &mut webhook["webhooks"][0]["rules"][0];
    (rule["operations"], rule["resources"]) = (json!(["UPDATE"]), json!(["secrets"]));
    let _registration = release.cluster.register_webhook(&webhook).unwrap();
    let replicas: Vec<_> = (0..4).map(|_| release.start_replica()).collect();
    for replica in &replicas {
        replica.wait_until_ready().unwrap();
    }
    let bundle = release.read_bundle();
    assert_eq!(split_certificates(&bundle).len(), 1);
    for replica in &replicas {
        shake_hands(replica.port(), &bundle).unwrap();
    }
    let made: usize = replicas
        .iter()
        .map(|replica| replica.log().matches("certificate made").count())
        .sum();
    assert_eq!(made, 1, "the others took what the first had made");
}

#[test]
fn a_replica_waits_for_its_rights_and_says_which() {
    let release = Release::new("rights", &json!({}));
    let role = "apis/rbac.authorization.k8s.io/v1/clusterroles/rights";
    let whole = release.cluster.request(&Method::GET, role, None).unwrap();
    let mut without = whole.clone();
    without["rules"] = json!([]);
    release
        .cluster
        .request(&Method::PUT, role, Some(&without))
        .unwrap();
    let replica = release.start_replica();
    wait_for("its complaint", LIMIT, || {
        let log = replica.log();
        Probe::from(
            log.contains("no certificate yet: MutatingWebhookConfiguration rights cannot be read")
                && log.contains("cannot get resource"),
        )
    })
    .unwrap();
    assert!(
        replica.read_metrics().is_ok(),
        "kubelet is answered meanwhile"
    );
    let mut again = whole;
    again["metadata"]
        .as_object_mut()
        .unwrap()
        .remove("resourceVersion");
    release
        .cluster
        .request(&Method::PUT, role, Some(&again))
        .unwrap();
    replica.wait_until_ready().unwrap();
    shake_hands(replica.port(), &release.read_bundle()).unwrap();
}

/// A Secret that somebody else keeps, such as a company's own authority.
#[test]
fn a_given_secret_is_followed() {
    let certificate = json!({
        "mode": "secret", "secret": { "name": "given" }, "selfSigned": { "interval": "200ms" },
    });
    let release = Release::new("given", &certificate);
    let path = "api/v1/namespaces/given/secrets";
    let secret = |authority: &Authority, trusted: &str| {
        let identity = authority.issue_server(&["localhost"]).unwrap();
        json!({
            "metadata": { "name": "given" },
            "type": "kubernetes.io/tls",
            "stringData": { "ca.crt": trusted, "tls.crt": identity.certificate, "tls.key": identity.key },
        })
    };
    let replica = release.start_replica();
    wait_for("its complaint", LIMIT, || {
        Probe::from(
            replica
                .log()
                .contains("no certificate yet: Secret given cannot be read"),
        )
    })
    .unwrap();
    let (old, new) = (
        Authority::new("old").unwrap(),
        Authority::new("new").unwrap(),
    );
    release
        .cluster
        .create_object(path, &secret(&old, old.certificate()))
        .unwrap();
    replica.wait_until_ready().unwrap();
    assert_eq!(release.read_bundle(), old.certificate());
    shake_hands(replica.port(), old.certificate()).unwrap();

    let both = [new.certificate(), old.certificate()].concat();
    let path = format!("{path}/given");
    release
        .cluster
        .request(&Method::PUT, &path, Some(&secret(&new, &both)))
        .unwrap();
    wait_for("the new certificate", LIMIT, || {
        shake_hands(replica.port(), new.certificate())
    })
    .unwrap();
    assert_eq!(split_certificates(&release.read_bundle()).len(), 2);
    // Nothing that is broken replaces what works.
    let mut broken = secret(&new, &both);
    broken["stringData"]["tls.key"] = json!(old.issue_server(&["localhost"]).unwrap().key);
    release
        .cluster
        .request(&Method::PUT, &path, Some(&broken))
        .unwrap();
    wait_for("the complaint about it", LIMIT, || {
        Probe::from(
            replica
                .log()
                .contains("no new certificate, the old one stays"),
        )
    })
    .unwrap();
    shake_hands(replica.port(), new.certificate()).unwrap();
    let log = replica.log();
    assert!(!log.contains("PRIVATE KEY"), "{log}");
}
