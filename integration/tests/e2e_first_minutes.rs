//! The first minutes with tokenpipe: the README's commands as they are copied, and `helm test` directly
//! after `helm install --wait`. Each installs the chart for all namespaces, so no other scenario runs
//! meanwhile.

use std::sync::{Mutex, PoisonError};

use integration::e2e::{Cluster, Fixture, Namespace, Reader, Release, Vault, is_kept};
use integration::images::Image;
use integration::readme;
use serde_json::json;

/// The scenarios of this program are not for each other's company.
static ALONE: Mutex<()> = Mutex::new(());

/// What the README's commands leave. It goes with this.
struct Leftover(&'static Cluster);

impl Drop for Leftover {
    fn drop(&mut self) {
        if is_kept() {
            return;
        }
        let uninstall = [
            "uninstall",
            "tokenpipe",
            "--namespace",
            "tokenpipe",
            "--wait",
        ];
        // A release that was never installed is no failure of its own.
        let _ = self.0.run_helm(&uninstall);
        let delete = [
            "delete",
            "namespace",
            "shop",
            "tokenpipe",
            "--ignore-not-found",
        ];
        let _ = self.0.run_kubectl(&delete);
    }
}

#[test]
fn readme_copied_line_by_line_on_a_fresh_cluster_runs_its_example() {
    let Some(cluster) = Cluster::connect_or_skip().unwrap() else {
        return;
    };
    let Some(node) = cluster.node_or_skip("the README with a registry of its own") else {
        return;
    };
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let namespace = Namespace::create(cluster, "readme", &json!({})).unwrap();
    let vault = Vault::install(&namespace).unwrap();
    // The reader enables it.
    vault.delete("sys/auth/kubernetes").unwrap();
    // What a cluster pulls from elsewhere: the agent, and the example's shell.
    node.publish_images(&[Image::Vault, Image::Shell]).unwrap();
    let reader = Reader::new(node).unwrap();

    let page = readme::read_readme().unwrap();
    let _leftover = Leftover(cluster);
    // For what happened there, if the commands fail.
    let _told = ["tokenpipe", "shop"].map(|name| Namespace::from_existing(cluster, name));
    let commands = readme::extract_script(&page).unwrap();
    let output = reader.run_commands(&commands, &vault).unwrap();
    assert_eq!(output.code(), Some(0), "{output:?}");
    let blocks = readme::parse_blocks(&page);
    let shown = blocks.iter().rfind(|block| block.language == "text");
    let shown = &shown.unwrap().text;
    assert!(output.stdout().ends_with(shown.as_str()), "{output:?}");
    assert_eq!(vault.count_requests("update", Fixture::LOGIN).unwrap(), 1);
    assert_eq!(
        vault
            .count_requests("read", Fixture::PASSWORD_PATH)
            .unwrap(),
        1
    );
}

#[test]
fn helm_test_directly_after_helm_install_succeeds_ten_times_of_ten() {
    const RELEASES: usize = 10;
    let Some(cluster) = Cluster::connect_or_skip().unwrap() else {
        return;
    };
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let namespace = Namespace::create(cluster, "helm-test", &json!({})).unwrap();
    let vault = Vault::install(&namespace).unwrap();
    vault.allow_chart_test("*").unwrap();
    let mut failures = Vec::new();
    for number in 1..=RELEASES {
        let name = format!("helm-test-{number}");
        let tested = Namespace::from_existing(cluster, &format!("{name}-test"));
        let release = Release::install(cluster, &vault, &name).unwrap();
        match release.run_helm_test() {
            Ok(1) => println!("{name}: succeeded at the first try"),
            Ok(tries) => println!("{name}: succeeded after {tries} tries"),
            Err(error) => failures.push(format!("{name}: {}", tested.explain_error(&error))),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
