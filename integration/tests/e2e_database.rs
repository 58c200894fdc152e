//! Jobs that log in to a real `PostgreSQL` with a user that Vault makes for them.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::time::Duration;

use integration::e2e::{Database, Fixture, Pod};
use integration::wait::{Probe, wait_for};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(180);
/// Twice, with a pause: what Vault would have revoked at the start would be gone by then.
const PROGRAM: &str = "for round in 1 2; do \
    psql \"$DATABASE_URL\" --tuples-only --no-align --command=\"select 'user ' || current_user\" || exit 1; \
    sleep 3; done";

/// A Job of one pod, which is not tried again.
fn build_job(database: &Database<'_>, name: &str, annotations: &[(&str, &str)]) -> Value {
    let mut client = database.build_client("client", PROGRAM).unwrap();
    let user = "${vault:database/creds/shop#username}:${vault:database/creds/shop#password}";
    let url = format!("postgresql://{user}@{}", database.address());
    client["env"] = json!([{ "name": "DATABASE_URL", "value": url }]);
    let mut template = Fixture::build_template(name, annotations, &[client]);
    template["spec"]["restartPolicy"] = json!("Never");
    json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": name },
        "spec": { "backoffLimit": 0, "template": template },
    })
}

/// Waits until the one pod of a label has ended.
fn wait_for_end<'s>(fixture: &'s Fixture, label: &str) -> Pod<'s> {
    wait_for(&format!("the end of the pod with {label}"), LIMIT, || {
        let pods = fixture.namespace.list_pods(label);
        match pods.map(|mut pods| pods.pop()) {
            Err(error) => Probe::NotYet(error.to_string()),
            Ok(None) => Probe::NotYet("there is none".to_owned()),
            Ok(Some(pod)) => match pod.object()["status"]["phase"].as_str() {
                Some("Succeeded" | "Failed") => Probe::Ready(pod),
                _ => Probe::NotYet(pod.describe_state()),
            },
        }
    })
    .unwrap()
}

/// The two users that a client has told, which must be one.
fn read_user(pod: &Pod<'_>) -> String {
    let log = pod.read_log("client", false).unwrap();
    assert_eq!(
        pod.object()["status"]["phase"],
        "Succeeded",
        "{}: {log}",
        pod.describe_state()
    );
    let users: Vec<_> = log
        .lines()
        .filter_map(|line| line.strip_prefix("user "))
        .collect();
    assert_eq!(users.len(), 2, "{log}");
    assert_eq!(users[0], users[1]);
    assert!(users[0].starts_with("v-"), "made by Vault: {log}");
    users[0].to_owned()
}

#[test]
fn a_job_and_a_cron_job_have_users_of_their_own() {
    let Some(fixture) = Fixture::install("database").unwrap() else {
        return;
    };
    let vault = fixture.installation.vault();
    let database = Database::install(&fixture.namespace, vault, "shop", "1h").unwrap();
    let pod = build_job(&database, "cron", &[])["spec"]["template"].clone();
    let cron = json!({
        "apiVersion": "batch/v1", "kind": "CronJob", "metadata": { "name": "cron" },
        "spec": {
            "schedule": "* * * * *", "concurrencyPolicy": "Forbid",
            "jobTemplate": { "spec": { "backoffLimit": 0, "template": pod } },
        },
    });
    fixture
        .namespace
        .apply_objects(&[build_job(&database, "once", &[]), cron])
        .unwrap();
    let once = wait_for_end(&fixture, "app=once");
    let of_job = read_user(&once);
    // The smaller of the lease's hour and the token's ten minutes.
    let log = once.read_log("client", false).unwrap();
    let told = log
        .lines()
        .find(|line| line.contains("is leased and lives"))
        .unwrap();
    assert!(
        told.contains("lives 10m (lease 1h, token 10m") || told.contains("lives 9m5"),
        "{told}"
    );

    let of_cron = read_user(&wait_for_end(&fixture, "app=cron"));
    fixture
        .namespace
        .run_kubectl(&["delete", "cronjob", "cron"])
        .unwrap();
    assert_ne!(of_job, of_cron, "each has a user of its own");
    let revoked = vault
        .count_requests("update", "auth/token/revoke-self")
        .unwrap();
    assert_eq!(revoked, 0, "with the token the user would be gone");
    assert_eq!(
        vault.count_requests("read", "database/creds/shop").unwrap(),
        fixture.count_logins().unwrap()
    );

    // A life that is too short is an error before the program starts.
    let demanding = build_job(&database, "long", &[("min-lease", "30m")]);
    fixture.namespace.apply_objects(&[demanding]).unwrap();
    let failed = wait_for_end(&fixture, "app=long");
    assert_eq!(failed.object()["status"]["phase"], "Failed");
    let log = failed.read_log("client", false).unwrap();
    let sentence = "less than the 30m that were asked for";
    assert!(log.contains(sentence), "{log}");
    let is_told = failed
        .status_sentences("client")
        .any(|found| found.contains(sentence));
    assert!(is_told, "{}", failed.container_status("client"));
    let modest = build_job(&database, "short", &[("min-lease", "5m")]);
    fixture.namespace.apply_objects(&[modest]).unwrap();
    read_user(&wait_for_end(&fixture, "app=short"));
}
