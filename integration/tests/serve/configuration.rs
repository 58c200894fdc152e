//! The operator's file, while the server runs.

use std::process::Command;
use std::time::Duration;

use integration::wait::wait_for;
use integration::{process, product, temp};
use serde_json::{Value, json};

use crate::build_pod;
use crate::tokenpipe::{LIMIT, Serve, Tls, build_config, build_review, post_body};
use crate::traffic::Traffic;

fn count_reloads(serve: &Serve, result: &str) -> Option<f64> {
    serve.read_metric(&format!(
        "tokenpipe_config_reloads_total{{result=\"{result}\"}}"
    ))
}

/// Waits until so many files have had this result.
fn wait_for_reload(serve: &Serve, result: &str, count: f64) {
    wait_for(&format!("file {count} to be {result}"), LIMIT, || {
        count_reloads(serve, result) == Some(count)
    })
    .unwrap();
}

/// Vault's address, as it stands in what a pod gets.
/// The patch that it answers with.
fn read_patch(serve: &Serve) -> String {
    let (_, text) = post_body(
        &serve.build_client(),
        &serve.url(),
        build_review(&build_pod()).to_string(),
    );
    let answer: Value = serde_json::from_str(&text).unwrap();
    let patch = answer["response"]["patch"].as_str().unwrap();
    let patch = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, patch).unwrap();
    String::from_utf8(patch).unwrap()
}

fn read_address(serve: &Serve) -> String {
    let patch = read_patch(serve);
    let (_, rest) = patch.split_once(r#"\"address\":\""#).unwrap();
    rest.split_once('\\').unwrap().0.to_owned()
}

fn with_address(address: &str) -> Value {
    let mut config = build_config();
    config["connections"]["default"]["address"] = json!(address);
    config
}

#[test]
fn a_good_one_is_taken_and_a_bad_one_keeps_the_old() {
    let mut serve = Serve::start(&with_address("https://one.example"), Tls::Files);
    let traffic = Traffic::start(&serve);
    assert_eq!(read_address(&serve), "https://one.example");
    serve.replace_config(&with_address("https://two.example"));
    wait_for_reload(&serve, "taken", 1.0);
    assert_eq!(read_address(&serve), "https://two.example");

    let mut bad = with_address("https://three.example");
    bad["conections"] = json!({});
    serve.replace_config(&bad);
    wait_for_reload(&serve, "refused", 1.0);
    assert_eq!(read_address(&serve), "https://two.example");
    let log = serve.log();
    let line = log
        .lines()
        .find(|line| line.contains("configuration refused"));
    let line = line.expect(&log);
    assert!(
        line.contains("the old one stays: the configuration is not as expected"),
        "{line}"
    );
    assert!(line.contains("conections"), "{line}");

    serve.replace_config(&with_address("https://four.example"));
    wait_for_reload(&serve, "taken", 2.0);
    assert_eq!(read_address(&serve), "https://four.example");
    assert_eq!(count_reloads(&serve, "refused"), Some(1.0));
    traffic.stop().unwrap();
}

/// What `helm upgrade` does while the replicas from before still serve.
#[test]
fn one_of_another_release_is_for_other_replicas() {
    let mut serve = Serve::start(&with_address("https://one.example"), Tls::Files);
    let mut newer = with_address("https://two.example");
    for seen in [1, 2] {
        serve.replace_config_of(&json!("0.2.0"), &newer);
        wait_for("it to be seen", LIMIT, || {
            serve
                .log()
                .matches("configuration of another release")
                .count()
                == seen
        })
        .unwrap();
        newer["aKeyOfThatRelease"] = json!(true);
    }
    assert_eq!(read_address(&serve), "https://one.example");
    serve.replace_config(&with_address("https://three.example"));
    wait_for_reload(&serve, "taken", 1.0);
    assert_eq!(read_address(&serve), "https://three.example");
    assert_eq!(count_reloads(&serve, "refused"), Some(0.0));
}

#[test]
fn the_cluster_s_version_counts_from_the_moment_it_is_written() {
    let mut serve = Serve::start(&build_config(), Tls::Files);
    // Without a version the token is kept for restarts.
    let reruns = |serve: &Serve| read_patch(serve).contains("restartPolicyRules");
    assert!(!reruns(&serve));
    let mut with_version = build_config();
    with_version["kubernetesVersion"] = json!("1.37");
    serve.replace_config(&with_version);
    wait_for_reload(&serve, "taken", 1.0);
    assert!(reruns(&serve));
}

#[test]
fn a_bad_one_at_the_start_is_told_in_a_line() {
    let directory = temp::create_directory("config").unwrap();
    let path = directory.path().join("config.yaml");
    let run = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let mut command = Command::new(product::find_tokenpipe().unwrap());
        command.args(["serve", "--config"]).arg(&path);
        let output = process::run_command(&mut command, Duration::from_secs(20)).unwrap();
        (output.code(), output.stderr())
    };
    let told = "tokenpipe: connections.default.address: must be a URL such as https://host:8200\n";
    assert_eq!(
        run("connections: {default: {address: vault}}"),
        (Some(1), told.to_owned())
    );
    let (code, text) = run("connections: {default: {adress: 'https://vault'}}");
    assert_eq!((code, text.lines().count()), (Some(1), 1), "{text}");
    assert!(text.contains("adress"), "{text}");
}
