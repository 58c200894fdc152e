//! What a container does that starts again: `retain`, `fail`, rules of its author's, Jobs.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where something unexpected happens; clippy takes only #[test] functions for tests"
)]

use std::slice::from_ref;
use std::time::Duration;

use contract::{ExitCode, names, paths};
use integration::e2e::{Fixture, Options, Pod};
use integration::wait::{Probe, wait_for};
use serde_json::{Value, json};

const LIMIT: Duration = Duration::from_secs(180);
/// Ends as it is told to.
const PROGRAM: &str = "trap 'exit 0' TERM; trap 'exit 1' USR1; trap 'exit 42' USR2; echo ready; \
    while :; do sleep 1000 & wait; done";
/// Fails twice, and then does well.
const THIRD_TIME: &str = "echo x >>/work/starts; [ $(wc -l </work/starts) -ge 3 ] && echo done";

/// Waits until a start of the container has ended with this sentence in its status.
fn ends_with(pod: &mut Pod<'_>, container: &str, sentence: &str) {
    ends_with_one(pod, container, &[sentence]);
}

/// The same, with one of these sentences.
fn ends_with_one(pod: &mut Pod<'_>, container: &str, sentences: &[&str]) {
    let wanted = format!("\"{}\" in its status", sentences.join("\" or \""));
    pod.wait_for(&wanted, LIMIT, |pod| {
        let is_one = |found: &str| sentences.iter().any(|sentence| found.contains(sentence));
        pod.status_sentences(container).any(is_one)
    })
    .unwrap();
}

#[test]
fn retain_starts_again_with_the_same_token_until_that_is_over() {
    let role = json!({ "token_ttl": "25s", "token_max_ttl": "25s" });
    let fixture = Fixture::install_with("retain", &Options::default(), &role, &json!({})).unwrap();
    let Some(fixture) = fixture else { return };
    let web = fixture.build_container("web", PROGRAM).unwrap();
    fixture
        .namespace
        .apply_objects(&[fixture.build_pod("web", &[("restart", "retain")], &[web])])
        .unwrap();
    let mut pod = fixture
        .namespace
        .wait_for_pods("app=web", 1)
        .unwrap()
        .remove(0);
    pod.read_environment("web").unwrap();
    let before = pod.container_id("web").to_owned();
    pod.signal_program("web", "USR1").unwrap();
    pod.wait_for_restart("web", &before, LIMIT).unwrap();
    fixture.check_password([&pod], "web").unwrap();
    assert_eq!(
        fixture.count_logins().unwrap(),
        1,
        "the token is the first one"
    );
    // It stays where it is documented to stay, and nowhere else.
    let token = format!("{}/{}/{}", paths::TOKEN, paths::HANDOVER, paths::TOKEN_FILE);
    let list = [
        "exec",
        "web",
        "--container",
        "web",
        "--",
        "find",
        paths::ROOT,
        "-type",
        "f",
    ];
    assert!(
        fixture
            .namespace
            .run_kubectl(&list)
            .unwrap()
            .contains(&token)
    );

    let vault = fixture.installation.vault();
    wait_for("the end of the token", LIMIT, || {
        match vault.read("auth/token/accessors?list=true") {
            Ok(list) if list["data"]["keys"].as_array().map_or(0, Vec::len) == 1 => {
                Probe::Ready(())
            }
            Ok(list) => Probe::NotYet(list.to_string()),
            Err(error) => Probe::NotYet(error.to_string()),
        }
    })
    .unwrap();
    pod.refresh().unwrap();
    pod.signal_program("web", "USR1").unwrap();
    // The first start that finds it expired says so, and each later one that it is missing. On a busy
    // machine the second start may be over before the status is read.
    let sentences = [
        "has expired or was revoked; delete the pod",
        "the token kept for restarts is missing; delete the pod to log in again",
    ];
    ends_with_one(&mut pod, "web", &sentences);
    assert_eq!(fixture.count_logins().unwrap(), 1);
}

/// The tokens of such a pod expire again and again, and each time `rerun` gets another.
#[test]
fn rerun_recovers_when_a_secret_is_made_long_after_its_pod() {
    let role = json!({ "token_ttl": "5s", "token_max_ttl": "5s" });
    let fixture = Fixture::install_with("late", &Options::default(), &role, &json!({})).unwrap();
    let Some(fixture) = fixture else { return };
    let mut web = fixture.build_container("web", PROGRAM).unwrap();
    let path = Fixture::PASSWORD_PATH.replace("/db", "/late");
    let variable = json!({ "name": "LATE", "value": format!("vault:{path}#value") });
    web["env"].as_array_mut().unwrap().push(variable);
    let pod = fixture.build_pod("web", &[("restart", "rerun")], from_ref(&web));
    fixture.namespace.apply_objects(&[pod]).unwrap();
    let mut pod = wait_for("the pod", LIMIT, || {
        let pods = fixture
            .namespace
            .list_pods("app=web")
            .map_err(|error| error.to_string())?;
        pods.into_iter()
            .next()
            .ok_or_else(|| "there is none".to_owned())
    })
    .unwrap();
    let uid = pod.uid().to_owned();

    let agent = names::AGENT_CONTAINER;
    pod.wait_for("the third rerun", LIMIT, |pod| {
        pod.restart_count(agent) >= 3
    })
    .unwrap();
    ends_with(&mut pod, "web", &format!("`{path}` was not found"));
    let vault = fixture.installation.vault();
    let data = json!({ "data": { "value": "at last" } });
    vault.write(&path, &data).unwrap();
    // kubelet's pause has grown to 80 seconds or more by then.
    let failed = pod.container_id("web").to_owned();
    pod.wait_for_restart("web", &failed, 2 * LIMIT).unwrap();
    let environment = pod.read_environment("web").unwrap();
    assert_eq!(environment.get("LATE").map(String::as_str), Some("at last"));
    assert_eq!(pod.uid(), uid, "it is the same pod");
    pod.refresh().unwrap();
    let reruns = usize::try_from(pod.restart_count(agent)).unwrap();
    assert_eq!(fixture.count_logins().unwrap(), 1 + reruns);
    let starts = pod.restart_count("web");
    eprintln!("after {reruns} reruns and {starts} restarts of the container");
}

#[test]
fn fail_says_why_it_does_not_start_again() {
    // The operator's fallback, where the cluster cannot rerun; or by the pod's own wish.
    let options = Options::with_values(json!({
        "defaults": { "restartFallback": "fail" },
        "cluster": { "restartAllContainers": false },
    }));
    let fixture = Fixture::install_with("fail", &options, &json!({}), &json!({})).unwrap();
    let Some(fixture) = fixture else { return };
    let web = fixture.build_container("web", PROGRAM).unwrap();
    let fallback = fixture.build_pod("fallback", &[], from_ref(&web));
    let asked = fixture.build_pod("asked", &[("restart", "fail")], &[web]);
    fixture.namespace.apply_objects(&[fallback, asked]).unwrap();
    for name in ["fallback", "asked"] {
        let label = format!("app={name}");
        let mut pod = fixture
            .namespace
            .wait_for_pods(&label, 1)
            .unwrap()
            .remove(0);
        pod.read_environment("web").unwrap();
        pod.signal_program("web", "USR1").unwrap();
        ends_with(
            &mut pod,
            "web",
            "an earlier start of this container used the token",
        );
    }
    assert_eq!(fixture.count_logins().unwrap(), 2);
}

#[test]
fn rules_of_the_authors_stay_and_ours_comes_first() {
    let Some(fixture) = Fixture::install("rules").unwrap() else {
        return;
    };
    let with_rules = |rules: Value| {
        let mut web = fixture.build_container("web", PROGRAM).unwrap();
        web["restartPolicy"] = json!("Never");
        web["restartPolicyRules"] = rules;
        fixture.build_pod("web", &[("restart", "rerun")], &[web])
    };
    let own = |operator: &str, code: i32| json!({ "action": "Restart", "exitCodes": { "operator": operator, "values": [code] } });
    for (rules, sentence) in [
        (json!([own("NotIn", 0)]), "NotIn covers exit code"),
        (
            json!(vec![own("In", 42); 20]),
            "the most that Kubernetes allows",
        ),
    ] {
        let refused = fixture
            .namespace
            .apply_objects(&[with_rules(rules)])
            .unwrap_err()
            .to_string();
        assert!(refused.contains(sentence), "{refused}");
    }
    fixture
        .namespace
        .apply_objects(&[with_rules(json!([own("In", 42)]))])
        .unwrap();
    let mut pod = fixture
        .namespace
        .wait_for_pods("app=web", 1)
        .unwrap()
        .remove(0);
    let container = &pod.object()["spec"]["containers"][0];
    let codes = container["restartPolicyRules"].as_array().unwrap().iter();
    let codes: Vec<_> = codes
        .map(|rule| rule["exitCodes"]["values"][0].clone())
        .collect();
    assert_eq!(codes, [json!(ExitCode::Rerun.code()), json!(42)]);
    // Theirs starts the container again, which then asks for a token by ours.
    pod.read_environment("web").unwrap();
    let before = pod.container_id("web").to_owned();
    pod.signal_program("web", "USR2").unwrap();
    pod.wait_for_restart("web", &before, LIMIT).unwrap();
    fixture.check_password([&pod], "web").unwrap();
    assert_eq!(fixture.count_logins().unwrap(), 2);
}

fn build_job(fixture: &Fixture, name: &str, annotations: &[(&str, &str)], limit: u32) -> Value {
    let mut work = fixture.build_container("work", THIRD_TIME).unwrap();
    work["volumeMounts"] = json!([{ "name": "work", "mountPath": "/work" }]);
    let mut template = Fixture::build_template(name, annotations, &[work]);
    template["spec"]["restartPolicy"] = json!("OnFailure");
    template["spec"]["volumes"] = json!([{ "name": "work", "emptyDir": {} }]);
    json!({
        "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": name },
        "spec": { "backoffLimit": limit, "template": template },
    })
}

/// How a Job came out, and why.
fn wait_for_outcome(fixture: &Fixture, name: &str) -> String {
    wait_for(&format!("the end of Job {name}"), LIMIT, || {
        let get = ["get", "job", name, "--output=json"];
        let job: Value = fixture
            .namespace
            .run_kubectl(&get)
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        let conditions = job["status"]["conditions"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let last = conditions.into_iter().find(|condition| {
            condition["status"] == "True"
                && (condition["type"] == "Complete" || condition["type"] == "Failed")
        });
        match last {
            Some(condition) => {
                Probe::Ready(format!("{} {}", condition["type"], condition["reason"]))
            }
            None => Probe::NotYet(job["status"].to_string()),
        }
    })
    .unwrap()
}

#[test]
fn a_job_pays_for_its_own_failures_alone_unless_it_asks_for_reruns() {
    let Some(fixture) = Fixture::install("jobs").unwrap() else {
        return;
    };
    let jobs = [
        // Two restarts, of which three would be one too many.
        build_job(&fixture, "plain", &[], 3),
        // Each crash costs one restart, and its rerun one for every container: as documented.
        build_job(&fixture, "few", &[("restart", "rerun")], 6),
        build_job(&fixture, "many", &[("restart", "rerun")], 20),
    ];
    fixture.namespace.apply_objects(&jobs).unwrap();
    assert!(wait_for_outcome(&fixture, "plain").contains("Complete"));
    assert!(wait_for_outcome(&fixture, "few").contains("BackoffLimitExceeded"));
    assert!(wait_for_outcome(&fixture, "many").contains("Complete"));
}
