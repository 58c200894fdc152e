//! A pod that runs.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::clock::{resolve_moment, time_of_day};
use super::{E2eError, Namespace};
use crate::demo::processes::Process;
use crate::node::Node;
use crate::process::Signal;
use crate::wait::{Probe, wait_for};

/// A pod, as it was when it was last read.
pub struct Pod<'s> {
    namespace: &'s Namespace<'s>,
    object: Value,
}

impl<'s> Pod<'s> {
    pub(super) fn new(namespace: &'s Namespace<'s>, object: Value) -> Self {
        Self { namespace, object }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        self.object["metadata"]["name"].as_str().unwrap_or_default()
    }

    /// The identifier that no other pod ever has.
    pub fn uid(&self) -> &str {
        self.object["metadata"]["uid"].as_str().unwrap_or_default()
    }

    /// Its address.
    pub fn ip(&self) -> &str {
        self.object["status"]["podIP"].as_str().unwrap_or_default()
    }

    /// The whole object.
    pub fn object(&self) -> &Value {
        &self.object
    }

    /// Reads it again.
    pub fn refresh(&mut self) -> Result<(), E2eError> {
        self.object = self.namespace.get("pods", self.name())?;
        Ok(())
    }

    /// Whether its condition `Ready` holds.
    pub fn is_ready(&self) -> bool {
        let conditions = self.object["status"]["conditions"].as_array();
        conditions
            .into_iter()
            .flatten()
            .any(|condition| condition["type"] == "Ready" && condition["status"] == "True")
    }

    /// The names of all its containers, in the order in which they start.
    pub fn container_names(&self) -> Vec<String> {
        let of = |field: &str| self.object["spec"][field].as_array().into_iter().flatten();
        of("initContainers")
            .chain(of("containers"))
            .filter_map(|container| container["name"].as_str().map(str::to_owned))
            .collect()
    }

    /// A container's status.
    pub fn container_status(&self, container: &str) -> &Value {
        let of = |field: &str| {
            self.object["status"][field]
                .as_array()
                .into_iter()
                .flatten()
        };
        of("initContainerStatuses")
            .chain(of("containerStatuses"))
            .find(|status| status["name"] == container)
            .unwrap_or(&Value::Null)
    }

    /// The sentences that a container's last starts left in its status when they ended. Where one left
    /// none, kubelet takes the last lines of its log, which are several.
    pub fn status_sentences(&self, container: &str) -> impl Iterator<Item = &str> {
        let status = self.container_status(container);
        ["state", "lastState"]
            .into_iter()
            .filter_map(|which| status[which]["terminated"]["message"].as_str())
            .filter(|message| message.lines().count() == 1)
    }

    /// One line: phase and what each container does, for a person.
    pub fn describe_state(&self) -> String {
        let containers = self.container_names().into_iter().map(|name| {
            let status = self.container_status(&name);
            format!(" {name}×{} {}", status["restartCount"], status["state"])
        });
        let phase = self.object["status"]["phase"].as_str().unwrap_or("unknown");
        format!("{} {phase}{}", self.name(), containers.collect::<String>())
    }

    /// What a container has written since it started, or did at its start before.
    pub fn read_log(&self, container: &str, previous: bool) -> Result<String, E2eError> {
        let previous = format!("--previous={previous}");
        let arguments = [self.name(), "--container", container, &previous];
        self.namespace
            .cluster
            .read_log(self.namespace.name(), &arguments)
    }

    /// Reads it again until what is asked of it holds.
    pub fn wait_for(
        &mut self,
        what: &str,
        limit: Duration,
        holds: impl Fn(&Self) -> bool,
    ) -> Result<(), E2eError> {
        let what = format!("{what}, of pod {}", self.name());
        wait_for(&what, limit, || match self.refresh() {
            Ok(()) if holds(self) => Probe::Ready(()),
            Ok(()) => Probe::NotYet(self.describe_state()),
            Err(error) => Probe::NotYet(error.to_string()),
        })?;
        Ok(())
    }

    /// Waits until the program of another start of a container than this one has said `ready`. That
    /// the pod is ready does not tell: env-exec runs before the program does.
    pub fn wait_for_restart(
        &mut self,
        container: &str,
        before: &str,
        limit: Duration,
    ) -> Result<(), E2eError> {
        let what = format!("a new start of {container}");
        self.wait_for(&what, limit, |pod| {
            let log = pod.read_log(container, false).unwrap_or_default();
            pod.is_ready() && pod.container_id(container) != before && log.contains("ready")
        })
    }

    /// Waits until the log of a container has a text in it, and gives the log. Just after a rerun kubelet may
    /// still look for the container that it has removed.
    pub fn wait_for_log(
        &self,
        container: &str,
        text: &str,
        limit: Duration,
    ) -> Result<String, E2eError> {
        let what = format!("{text:?} in the log of {container} of pod {}", self.name());
        Ok(wait_for(&what, limit, || {
            match self.read_log(container, false) {
                Ok(log) if log.contains(text) => Probe::Ready(log),
                Ok(log) => Probe::NotYet(log),
                Err(error) => Probe::NotYet(error.to_string()),
            }
        })?)
    }

    /// When a container's start wrote the lines that have this in them, since 1970.
    pub fn times_of(&self, container: &str, part: &str) -> Result<Vec<Duration>, E2eError> {
        let lines = self.timed_lines(container)?.into_iter();
        let meant = lines.filter(|(_, line)| line.contains(part));
        Ok(meant.map(|(time, _)| time).collect())
    }

    /// When the program of a container's start said this first, on a line of its own, since 1970; it is
    /// waited for.
    pub fn said_at(
        &self,
        container: &str,
        said: &str,
        limit: Duration,
    ) -> Result<Duration, E2eError> {
        Ok(wait_for(
            &format!("{said:?} of {container}"),
            limit,
            || {
                let lines = self.timed_lines(container);
                let lines = lines.map_err(|error| error.to_string())?;
                let found = lines.iter().find(|(_, line)| line == said);
                found
                    .map(|(time, _)| *time)
                    .ok_or_else(|| format!("{lines:?}"))
            },
        )?)
    }

    /// The lines of a container's start, each with when it was written.
    fn timed_lines(&self, container: &str) -> Result<Vec<(Duration, String)>, E2eError> {
        let logs = [self.name(), "--container", container, "--timestamps"];
        let log = self
            .namespace
            .cluster
            .read_log(self.namespace.name(), &logs)?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let now = now.unwrap_or_default();
        let lines = log.lines().filter_map(|line| {
            let (time, line) = line.split_once(' ')?;
            Some((resolve_moment(time_of_day(time)?, now), line.to_owned()))
        });
        Ok(lines.collect())
    }

    /// The first process of a container, as the node sees it.
    pub fn find_process(&self, node: &Node, container: &str) -> Result<Process, E2eError> {
        let id = self.container_status(container)["containerID"]
            .as_str()
            .unwrap_or_default();
        let mut processes = if id.is_empty() {
            vec![]
        } else {
            node.find_processes(id)?
        };
        if processes.is_empty() {
            let state = self.describe_state();
            return Err(E2eError::Unexpected(format!(
                "{container} has no process: {state}"
            )));
        }
        Ok(processes.swap_remove(0))
    }

    /// Kills the program of a container from outside, as nothing inside could. `None` where the node
    /// is elsewhere.
    pub fn kill_program(&self, container: &str) -> Result<Option<()>, E2eError> {
        let Some(node) = self
            .namespace
            .cluster
            .node_or_skip("a program that is killed from outside")
        else {
            return Ok(None);
        };
        let process = self.find_process(node, container)?;
        crate::node::signal_process(process.id, Signal::KILL)?;
        Ok(Some(()))
    }

    /// Has a container's program, a shell, do what it has a trap for.
    pub fn signal_program(&self, container: &str, signal: &str) -> Result<(), E2eError> {
        const KILLED: i32 = 137;
        let arguments = [
            "--namespace",
            self.namespace.name(),
            "exec",
            self.name(),
            "--container",
            container,
            "--",
            "kill",
            "-s",
            signal,
            "1",
        ];
        let output = self.namespace.cluster.api.run_kubectl(&arguments)?;
        match output.code() {
            // The program may have ended, and all that ran beside it, before the answer was there.
            Some(0 | KILLED) => Ok(()),
            _ => Err(E2eError::Kubectl {
                what: "exec".to_owned(),
                output,
            }),
        }
    }

    /// How often a container was started again.
    pub fn restart_count(&self, container: &str) -> u64 {
        self.container_status(container)["restartCount"]
            .as_u64()
            .unwrap_or_default()
    }

    /// Whether a container runs.
    pub fn is_running(&self, container: &str) -> bool {
        self.container_status(container)["state"]["running"].is_object()
    }

    /// The identifier of a container's current start.
    pub fn container_id(&self, container: &str) -> &str {
        self.container_status(container)["containerID"]
            .as_str()
            .unwrap_or_default()
    }

    /// What `kubectl describe` tells a person.
    pub fn run_describe(&self) -> Result<String, E2eError> {
        self.namespace
            .run_kubectl(&["describe", "pod", self.name()])
    }

    /// The environment that a container's program was really started with: from the node, or told by
    /// the program's own `/proc` where the node is elsewhere. While env-exec runs it is waited for.
    pub fn read_environment(&self, container: &str) -> Result<BTreeMap<String, String>, E2eError> {
        const LIMIT: Duration = Duration::from_secs(90);
        let what = format!("the program of {container} in {}", self.name());
        Ok(wait_for(&what, LIMIT, || {
            match self.read_environment_now(container) {
                Ok(found) => match before_program(&found) {
                    Some(whose) => Probe::NotYet(format!("its environment is {whose}")),
                    None => Probe::Ready(found),
                },
                Err(error) => Probe::NotYet(error.to_string()),
            }
        })?)
    }

    fn read_environment_now(&self, container: &str) -> Result<BTreeMap<String, String>, E2eError> {
        if let Some(node) = self.namespace.cluster.own_node() {
            return Ok(self.find_process(node, container)?.read_environment()?);
        }
        let cat = [
            "exec",
            self.name(),
            "--container",
            container,
            "--",
            "cat",
            "/proc/1/environ",
        ];
        let text = self.namespace.run_kubectl(&cat)?;
        let pairs = text.split('\0').filter_map(|entry| entry.split_once('='));
        Ok(pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect())
    }

    /// The volumes of ours through which tokens are handed, as the node sees them.
    pub fn token_volumes(&self, node: &Node) -> Vec<PathBuf> {
        let volumes = self.object["spec"]["volumes"]
            .as_array()
            .into_iter()
            .flatten();
        volumes
            .filter_map(|volume| volume["name"].as_str())
            .filter(|name| {
                name.starts_with(contract::names::TOKEN_VOLUME_PREFIX)
                    || *name == contract::names::AGENT_VOLUME
            })
            .map(|name| node.empty_dir(self.uid(), name))
            .collect()
    }
}

/// Whose environment it is, if not the program's: a process that is about to exec has none for a moment.
fn before_program(environment: &BTreeMap<String, String>) -> Option<&'static str> {
    let has = |is_meant: fn(&str) -> bool| environment.keys().any(|name| is_meant(name));
    if environment.is_empty() {
        Some("nobody's yet")
    } else if has(|name| name.starts_with("_LIBCONTAINER_")) {
        Some("the container runtime's")
    } else if has(|name| name == contract::names::SETTINGS_VARIABLE) {
        Some("env-exec's")
    } else {
        None
    }
}
