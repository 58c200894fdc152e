//! Bringing a node up.

use std::fmt::Display;
use std::fs;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use reqwest::blocking::Client;
use serde_json::Value;

use super::daemons::Daemon;
use super::files::{self, API};
use super::namespaces::{self, start_error};
use super::place::{self, Place};
use super::{NAME, Node, NodeError, network, sweep};
use crate::http;
use crate::images::{Builder, Image};
use crate::progress::{self, Progress, format_clock};
use crate::tools::{self, Tool};
use crate::wait::{Probe, wait_for};

const READY: Duration = Duration::from_secs(180);
/// What a node needs besides its daemons.
const NEEDED: [Tool; 9] = [
    Tool::Kubectl,
    Tool::ContainerdShimRuncV2,
    Tool::Ctr,
    Tool::Runc,
    Tool::Podman,
    Tool::Catatonit,
    Tool::Busybox,
    Tool::Ip,
    Tool::Nft,
];

pub(super) fn start_node(place: Place) -> Result<Node, NodeError> {
    if !rustix::process::geteuid().is_root() {
        return Err(NodeError::NotRoot);
    }
    let daemons = Daemon::ALL.map(Daemon::tool);
    tools::find_all(&[&daemons[..], &NEEDED].concat())?;
    sweep::sweep_node(&place)?;

    let started = Instant::now();
    let progress = Progress::start("test cluster");
    progress.show_detail("namespaces");
    fs::create_dir_all(place.directory())?;
    let (authority, admin) = files::write_files(&place)?;
    let client = http::build_client_with_certificate(&authority, &admin)?;
    let init = namespaces::make_namespaces(&place)?;
    let node = Node { place, init };
    network::make_network(&node)?;
    sweep::make_control_groups()?;

    progress.show_detail("containerd");
    let mut containerd = node.launch_daemon(Daemon::Containerd)?;
    node.control_plane(&client, &progress)?;
    node.wait_for_containerd(&mut containerd)?;
    progress.show_detail("kubelet");
    node.provide_images(&[Image::Pause])?;
    node.start_kubelet(&client)?;
    fs::write(node.place.file_path(place::COMPLETE), "")?;
    drop(progress);
    progress::print_line(&format!(
        "the test cluster is up after {}",
        format_clock(started.elapsed())
    ));
    Ok(node)
}

impl Node {
    fn control_plane(&self, client: &Client, progress: &Progress) -> Result<(), NodeError> {
        progress.show_detail("etcd and API server");
        let mut etcd = self.launch_daemon(Daemon::Etcd)?;
        let mut api_server = self.launch_daemon(Daemon::ApiServer)?;
        self.wait_for(
            "the API server",
            Daemon::ApiServer,
            &mut api_server,
            || match etcd.try_wait() {
                Ok(Some(status)) => Err(format!("etcd ended: {status}")),
                _ => get(client, "readyz").map(drop),
            },
        )?;
        progress.show_detail("controllers and scheduler");
        self.launch_daemon(Daemon::Scheduler)?;
        let mut manager = self.launch_daemon(Daemon::ControllerManager)?;
        let account = "api/v1/namespaces/default/serviceaccounts/default";
        self.wait_for(
            "the first ServiceAccount",
            Daemon::ControllerManager,
            &mut manager,
            || get(client, account),
        )?;
        Ok(())
    }

    fn start_kubelet(&self, client: &Client) -> Result<(), NodeError> {
        self.launch_daemon(Daemon::Proxy)?;
        let mut kubelet = self.launch_daemon(Daemon::Kubelet)?;
        self.wait_for(
            "a node that is ready",
            Daemon::Kubelet,
            &mut kubelet,
            || check_readiness(client),
        )?;
        Ok(())
    }

    /// Waits until an attempt succeeds, while the program runs.
    pub(super) fn wait_for<T, E: Display>(
        &self,
        what: &str,
        daemon: Daemon,
        child: &mut Child,
        mut attempt: impl FnMut() -> Result<T, E>,
    ) -> Result<T, NodeError> {
        wait_for(what, READY, || match (attempt(), child.try_wait()) {
            (Ok(value), _) => Probe::Ready(value),
            (Err(_), Ok(Some(status))) => {
                Probe::Failed(format!("{} ended: {status}", daemon.tool().name()))
            }
            (Err(error), _) => Probe::NotYet(error.to_string()),
        })
        .map_err(|wait| start_error(&self.place, daemon.tool().name(), wait))
    }

    /// Has containerd have the current states of images; gives their names.
    pub fn provide_images(&self, images: &[Image]) -> Result<Vec<String>, NodeError> {
        let builder = Builder::new()?;
        let mut names = Vec::new();
        for image in images {
            let name = Builder::image_name(*image)?;
            if !self.has_image(&name)? {
                self.import_archive(builder.build_image(*image)?.archive())?;
            }
            names.push(name);
        }
        Ok(names)
    }

    /// Has containerd have the current states of images under the names that the chart has for them, as if
    /// it had pulled them.
    pub fn publish_images(&self, images: &[Image]) -> Result<(), NodeError> {
        let ctr = tools::find_tool(Tool::Ctr)?;
        for (image, name) in images.iter().zip(self.provide_images(images)?) {
            if let Some(published) = image.published_name() {
                // As containerd has a name in which no registry is.
                let published = format!("docker.io/{published}");
                let tag = [
                    "--namespace=k8s.io",
                    "images",
                    "tag",
                    "--force",
                    &name,
                    &published,
                ];
                self.run_in_node(&ctr, &tag)?;
            }
        }
        Ok(())
    }

    /// Gives containerd the images of an archive.
    fn import_archive(&self, archive: &Path) -> Result<(), NodeError> {
        let ctr = tools::find_tool(Tool::Ctr)?;
        let archive = archive.to_string_lossy();
        self.run_in_node(ctr, &["--namespace=k8s.io", "images", "import", &archive])?;
        Ok(())
    }

    /// Whether containerd has an image.
    fn has_image(&self, name: &str) -> Result<bool, NodeError> {
        let ctr = tools::find_tool(Tool::Ctr)?;
        let filter = format!("name=={name}");
        let list = self.run_in_node(
            ctr,
            &["--namespace=k8s.io", "images", "list", "--quiet", &filter],
        )?;
        Ok(list.stdout().lines().any(|line| line == name))
    }
}

fn get(client: &Client, path: &str) -> Result<Value, String> {
    match http::send_request(client.get(format!("{API}/{path}"))) {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(refusal)) => Err(format!("{}: {}", refusal.status, refusal.answer)),
        Err(error) => Err(http::describe_error(&error)),
    }
}

fn check_readiness(client: &Client) -> Result<(), String> {
    let node = get(client, &format!("api/v1/nodes/{NAME}"))?;
    let conditions = node["status"]["conditions"].as_array();
    let condition = conditions
        .into_iter()
        .flatten()
        .find(|condition| condition["type"] == "Ready");
    match condition {
        Some(condition) if condition["status"] == "True" => Ok(()),
        Some(condition) => Err(condition["message"].to_string()),
        None => Err("it says nothing of itself".to_owned()),
    }
}
