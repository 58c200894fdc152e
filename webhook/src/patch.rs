//! The plan as JSON Patch (RFC 6902) against the pod as it was submitted: the only place where a
//! pod is written.
//!
//! Operations are explicit and touch only what is ours; a diff of typed objects would remove every
//! field that our crates do not know yet. Where an earlier admission already did the same, there
//! is no operation, so that admitting twice changes nothing.

mod annotations;
mod merge;

use std::collections::BTreeMap;

use contract::limits::POD_LIST;
use contract::names::{self, ANNOTATION_PREFIX, SETTINGS_VARIABLE};
use json_patch::jsonptr::PointerBuf;
use json_patch::{AddOperation, Patch, PatchOperation, RemoveOperation, ReplaceOperation};
use serde::de::Error as _;
use serde_json::{Value, json, value::RawValue};

use crate::annotations::STATUS;
use crate::plan::{
    AddedMount, CopiedMounts, MutationPlan, RestartChange, Wrap, is_ours, is_rerun_rule,
    rerun_rule, settings_text,
};
use crate::pod::{Container, Place, PodView, Text};

/// Writes the plan for this pod. Our images may stand behind the names of `mirrors`.
pub fn patch(
    pod: &PodView<'_>,
    plan: &MutationPlan,
    mirrors: &[String],
) -> Result<Patch, serde_json::Error> {
    let mut operations = Operations::default();
    for wrap in &plan.wraps {
        operations.wrap(container(pod, wrap.place), wrap);
    }
    for copies in &plan.copies {
        operations.remove_mounts(container(pod, copies.place), copies);
    }
    operations.volumes(pod, plan)?;
    operations.init_containers(pod, plan, mirrors)?;
    operations.annotations(pod, plan)?;
    Ok(Patch(operations.0))
}

/// Takes away what an earlier admission, or somebody who pretends to be one, says of a pod to which
/// nothing is done.
pub fn forget_status(pod: &PodView<'_>) -> Option<Patch> {
    let key = format!("{ANNOTATION_PREFIX}{STATUS}");
    pod.annotation(&key)?;
    let mut operations = Operations::default();
    operations.remove(["metadata", "annotations", &key]);
    Some(Patch(operations.0))
}

fn container<'p, 'a>(pod: &'p PodView<'a>, place: Place) -> &'p Container<'a> {
    match place {
        Place::Init(index) => &pod.spec.init_containers[index],
        Place::App(index) => &pod.spec.containers[index],
    }
}

/// Tokens of the pointer to a container.
fn tokens(place: Place) -> [String; 3] {
    let (list, index) = match place {
        Place::Init(index) => ("initContainers", index),
        Place::App(index) => ("containers", index),
    };
    ["spec".into(), list.into(), index.to_string()]
}

#[derive(Default)]
struct Operations(Vec<PatchOperation>);

impl Operations {
    /// `add` sets a member whether it is there or not, and inserts into a list.
    fn add<T: AsRef<str>>(&mut self, path: impl IntoIterator<Item = T>, value: Value) {
        let path = pointer(path);
        self.0
            .push(PatchOperation::Add(AddOperation { path, value }));
    }

    fn replace<T: AsRef<str>>(&mut self, path: impl IntoIterator<Item = T>, value: Value) {
        let path = pointer(path);
        self.0
            .push(PatchOperation::Replace(ReplaceOperation { path, value }));
    }

    fn remove<T: AsRef<str>>(&mut self, path: impl IntoIterator<Item = T>) {
        self.0.push(PatchOperation::Remove(RemoveOperation {
            path: pointer(path),
        }));
    }

    /// Appends to a list, which is made if it is not there.
    fn append(&mut self, base: &[&str], is_there: bool, values: Vec<Value>) {
        if values.is_empty() {
            return;
        }
        if is_there {
            for value in values {
                self.add(base.iter().chain(&["-"]), value);
            }
        } else {
            self.add(base, Value::Array(values));
        }
    }

    fn wrap(&mut self, container: &Container<'_>, wrap: &Wrap) {
        let [spec, list, index] = tokens(wrap.place);
        let at = |field| [spec.as_str(), list.as_str(), index.as_str(), field];
        if !container.command.iter().map(Text::as_str).eq(&wrap.command) {
            self.add(at("command"), json!(wrap.command));
        }
        for (variable, value) in &wrap.values {
            let position = variable.to_string();
            self.replace(
                at("env").iter().chain(&[position.as_str(), "value"]),
                json!(value),
            );
        }
        self.settings(container, &at("env"), settings_text(&wrap.settings));
        let is_missing = |mount: &&AddedMount| {
            !container.volume_mounts().iter().any(|there| {
                mount.name == there.name.as_str() && mount.mount_path == there.mount_path.as_str()
            })
        };
        let mounts = wrap.mounts.iter().filter(is_missing);
        let mounts = mounts.map(|mount| json!(mount)).collect();
        self.append(
            &at("volumeMounts"),
            container.volume_mounts.is_some(),
            mounts,
        );
        match &wrap.restart {
            RestartChange::Keep => {}
            RestartChange::Rerun { policy } => self.rerun_rule(container, &at, policy),
            RestartChange::Forget {
                rules,
                is_policy_stale,
            } => {
                self.remove_all_or_some(
                    &at("restartPolicyRules"),
                    rules,
                    container.restart_policy_rules().len(),
                );
                if *is_policy_stale {
                    self.remove(at("restartPolicy"));
                }
            }
        }
    }

    fn rerun_rule<'a>(
        &mut self,
        container: &Container<'_>,
        at: &impl Fn(&'a str) -> [&'a str; 4],
        policy: &str,
    ) {
        if container.restart_policy.is_none() {
            self.add(at("restartPolicy"), json!(policy));
        }
        let rules = at("restartPolicyRules");
        match &container.restart_policy_rules {
            Some(there) if there.first().is_some_and(is_rerun_rule) => {}
            Some(_) => self.add(rules.iter().chain(&["0"]), json!(rerun_rule())),
            None => self.add(rules, json!([rerun_rule()])),
        }
    }

    fn remove_mounts(&mut self, container: &Container<'_>, copies: &CopiedMounts) {
        let [spec, list, index] = tokens(copies.place);
        let mounts = [&*spec, &*list, &*index, "volumeMounts"];
        self.remove_all_or_some(&mounts, &copies.mounts, container.volume_mounts().len());
    }

    /// Removes elements of a list, or the list where none would be left. From the last, so that each
    /// index is still that of its element.
    fn remove_all_or_some(&mut self, list: &[&str], indices: &[usize], length: usize) {
        if !indices.is_empty() && indices.len() == length {
            return self.remove(list);
        }
        for index in indices.iter().rev() {
            self.remove(list.iter().chain(&[index.to_string().as_str()]));
        }
    }

    fn settings(&mut self, container: &Container<'_>, env: &[&str], text: String) {
        let ours = container
            .env()
            .iter()
            .position(|variable| variable.name.as_str() == SETTINGS_VARIABLE);
        match ours {
            None => {
                let variable = json!({"name": SETTINGS_VARIABLE, "value": text});
                self.append(env, container.env.is_some(), vec![variable]);
            }
            Some(index) if container.env()[index].value.as_deref() == Some(text.as_str()) => {}
            Some(index) => {
                let index = index.to_string();
                self.add(
                    env.iter().chain(&[index.as_str(), "value"]),
                    Value::String(text),
                );
            }
        }
    }

    fn volumes(&mut self, pod: &PodView<'_>, plan: &MutationPlan) -> Result<(), serde_json::Error> {
        let mut missing = Vec::new();
        // From the last, so that of two of a name the first counts.
        let submitted = pod.spec.volumes.iter().enumerate().rev();
        let ours = submitted.filter(|(_, volume)| volume.name.starts_with(names::PREFIX));
        let ours: BTreeMap<_, _> = ours
            .map(|(at, volume)| (volume.name.as_str(), at))
            .collect();
        let raw = if ours.is_empty() {
            Vec::new()
        } else {
            pod.raw()?.volumes
        };
        for volume in &plan.volumes {
            let wanted = serde_json::to_value(volume)?;
            let Some(index) = ours.get(volume.name.as_str()).copied() else {
                missing.push(wanted);
                continue;
            };
            let there = parse(raw[index])?;
            let merged = merge::volume(&there, wanted);
            if merged != there {
                self.replace(["spec", "volumes", &index.to_string()], merged);
            }
        }
        self.append(&["spec", "volumes"], !pod.spec.volumes.is_empty(), missing);
        Ok(())
    }

    /// Behind everything that addresses containers by index.
    fn init_containers(
        &mut self,
        pod: &PodView<'_>,
        plan: &MutationPlan,
        mirrors: &[String],
    ) -> Result<(), serde_json::Error> {
        let submitted = &pod.spec.init_containers;
        let ours: Vec<_> = (0..submitted.len())
            .filter(|index| is_ours(Place::Init(*index), &submitted[*index].name))
            .collect();
        let raw = if ours.is_empty() {
            Vec::new()
        } else {
            pod.raw()?.init_containers
        };
        let there = ours
            .iter()
            .map(|index| parse(raw[*index]))
            .collect::<Result<Vec<_>, _>>()?;
        let wanted = plan
            .init_containers
            .iter()
            .map(|container| {
                let wanted = serde_json::to_value(container)?;
                Ok(merged_container(&there, wanted, mirrors))
            })
            .collect::<Result<Vec<_>, serde_json::Error>>()?;

        let first = plan.init_position;
        let in_place = ours.iter().copied().eq(first..first + wanted.len())
            && there
                .iter()
                .zip(&wanted)
                .all(|(there, wanted)| there["name"] == wanted["name"]);
        if in_place {
            for ((index, there), wanted) in ours.iter().zip(&there).zip(wanted) {
                if *there != wanted {
                    self.replace(["spec", "initContainers", &index.to_string()], wanted);
                }
            }
            return Ok(());
        }
        for index in ours.iter().rev() {
            self.remove(["spec", "initContainers", &index.to_string()]);
        }
        if submitted.is_empty() {
            self.add(["spec", "initContainers"], Value::Array(wanted));
        } else {
            for (offset, container) in wanted.into_iter().enumerate() {
                self.add(
                    ["spec", "initContainers", &(first + offset).to_string()],
                    container,
                );
            }
        }
        Ok(())
    }
}

/// Our container, with what others have added to an earlier copy of it.
fn merged_container(there: &[Value], wanted: Value, mirrors: &[String]) -> Value {
    match there.iter().find(|there| there["name"] == wanted["name"]) {
        Some(there) => merge::container(there, wanted, mirrors),
        None => wanted,
    }
}

/// An earlier copy of something of ours, which another may have submitted: as a tree each of its values
/// takes a hundred bytes, and is copied.
fn parse(raw: &RawValue) -> Result<Value, serde_json::Error> {
    let separators = raw
        .get()
        .bytes()
        .filter(|byte| matches!(byte, b',' | b'[' | b'{'));
    if separators.count() > POD_LIST {
        return Err(serde_json::Error::custom(
            "a container or volume with a name of tokenpipe's has too many fields; remove it",
        ));
    }
    serde_json::from_str(raw.get())
}

fn pointer<T: AsRef<str>>(tokens: impl IntoIterator<Item = T>) -> PointerBuf {
    PointerBuf::from_tokens(tokens.into_iter().map(|token| token.as_ref().to_owned()))
}
