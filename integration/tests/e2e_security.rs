//! Pods as strict as Kubernetes allows, and users that nobody has heard of.

use std::collections::BTreeSet;
use std::fs;

use contract::paths;
use integration::e2e::{E2eError, Fixture, Options, Secret};
use serde_json::{Value, json};

/// Tells a checksum of the password, so that a log shows that it is the right one.
const TELL: &str = "echo \"password $(printf %s \"$PASSWORD\" | sha256sum)\"";
const WAIT: &str = "trap 'exit 0' TERM; sleep infinity & wait";

/// A container as another user; `None` leaves the image's.
fn as_user(
    fixture: &Fixture,
    name: &str,
    user: Option<u32>,
    script: &str,
) -> Result<Value, E2eError> {
    let mut container = fixture.build_container(name, script)?;
    if let Some(user) = user {
        container["securityContext"]["runAsUser"] = json!(user);
    }
    Ok(container)
}

fn shows_password(log: &str, password: &Secret) -> bool {
    log.contains(&format!("password {}", password.sha256()))
}

#[test]
fn a_restricted_namespace_with_every_kind_of_container_and_user() {
    let labels = json!({ "pod-security.kubernetes.io/enforce": "restricted" });
    let options = Options::default();
    let fixture = Fixture::install_with("restricted", &options, &json!({}), &labels).unwrap();
    let Some(fixture) = fixture else { return };
    let program = format!("{TELL}; {WAIT}");
    let users = [
        ("web", Some(1003)),
        ("api", Some(1_000_740_000)),
        ("log", None),
    ];
    let containers = users.map(|(name, user)| as_user(&fixture, name, user, &program).unwrap());
    let mut pod = fixture.build_pod("web", &[("restart", "rerun")], &containers);
    let migrate = as_user(&fixture, "migrate", Some(1001), TELL).unwrap();
    let mut shipper = as_user(&fixture, "shipper", Some(1002), &program).unwrap();
    shipper["restartPolicy"] = json!("Always");
    pod["spec"]["initContainers"] = json!([migrate, shipper]);
    fixture.namespace.apply_objects(&[pod]).unwrap();

    let pod = fixture
        .namespace
        .wait_for_pods("app=web", 1)
        .unwrap()
        .remove(0);
    for name in ["migrate", "shipper", "web", "api", "log"] {
        let log = pod.read_log(name, false).unwrap();
        assert!(shows_password(&log, &fixture.password), "{name}: {log}");
    }
    for name in ["shipper", "web", "api", "log"] {
        fixture.check_password([&pod], name).unwrap();
    }
    if let Some(node) = fixture.cluster.node_or_skip("the users of programs") {
        let user = |name: &str| {
            let id = pod.find_process(node, name).unwrap().id;
            let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
            let line = status
                .lines()
                .find(|line| line.starts_with("Uid:"))
                .unwrap();
            line.split_whitespace().nth(1).unwrap().to_owned()
        };
        let users: BTreeSet<_> = ["web", "api", "log"].map(user).into();
        assert_eq!(
            users,
            BTreeSet::from(["1003", "1000740000", "65532"].map(str::to_owned))
        );
        for volume in pod.token_volumes(node) {
            let token = volume.join(paths::HANDOVER).join(paths::TOKEN_FILE);
            assert!(volume.is_dir() && !token.exists(), "{}", token.display());
        }
    }
    assert_eq!(fixture.count_logins().unwrap(), 1);
    assert_eq!(
        fixture.namespace.find_leaks(&[&fixture.password]).unwrap(),
        Vec::<String>::new()
    );
}

#[test]
fn root_without_any_capability() {
    let Some(fixture) = Fixture::install("root").unwrap() else {
        return;
    };
    let mut web = as_user(&fixture, "web", Some(0), &format!("{TELL}; {WAIT}")).unwrap();
    web["securityContext"]["runAsNonRoot"] = json!(false);
    fixture
        .namespace
        .apply_objects(&[fixture.build_pod("web", &[], &[web])])
        .unwrap();
    let pod = fixture
        .namespace
        .wait_for_pods("app=web", 1)
        .unwrap()
        .remove(0);
    assert!(shows_password(
        &pod.read_log("web", false).unwrap(),
        &fixture.password
    ));
    if let Some(node) = fixture.cluster.node_or_skip("a token volume") {
        let id = pod.find_process(node, "web").unwrap().id;
        let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        assert!(status.contains("CapEff:\t0000000000000000"), "{status}");
        for volume in pod.token_volumes(node) {
            let token = volume.join(paths::HANDOVER).join(paths::TOKEN_FILE);
            assert!(volume.is_dir() && !token.exists(), "{}", token.display());
        }
    }
}
