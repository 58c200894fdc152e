//! What the pod's annotations say of it from then on.

use contract::names::ANNOTATION_PREFIX;
use k8s_openapi::api::core::v1::Volume;
use serde_json::{Map, Value};

use super::Operations;
use crate::annotations::{SAFE_TO_EVICT_VOLUMES, STATUS};
use crate::plan::MutationPlan;
use crate::pod::PodView;

impl Operations {
    pub(super) fn annotations(
        &mut self,
        pod: &PodView<'_>,
        plan: &MutationPlan,
    ) -> Result<(), serde_json::Error> {
        let status = serde_json::to_string(&plan.status)?;
        let wanted = [
            Some((format!("{ANNOTATION_PREFIX}{STATUS}"), status)),
            evictable(pod, plan).map(|volumes| (SAFE_TO_EVICT_VOLUMES.to_owned(), volumes)),
        ];
        let missing = wanted
            .into_iter()
            .flatten()
            .filter(|(key, value)| pod.annotation(key) != Some(value.as_str()))
            .map(|(key, value)| (key, Value::String(value)));
        if pod.metadata.annotations.is_none() {
            let all: Map<_, _> = missing.collect();
            self.add(["metadata", "annotations"], Value::Object(all));
            return Ok(());
        }
        for (key, value) in missing {
            self.add(["metadata", "annotations", &key], value);
        }
        Ok(())
    }
}

/// The author's list with our volume on disk in it: the autoscaler leaves a node alone on which a pod has
/// any other, and what is in ours is there again wherever the pod starts.
fn evictable(pod: &PodView<'_>, plan: &MutationPlan) -> Option<String> {
    let is_on_disk = |volume: &&Volume| {
        let directory = volume.empty_dir.as_ref();
        directory.is_some_and(|directory| directory.medium.is_none())
    };
    let ours = &plan.volumes.iter().find(is_on_disk)?.name;
    let there = pod.annotation(SAFE_TO_EVICT_VOLUMES).unwrap_or_default();
    // As the autoscaler reads it: without spaces.
    Some(if there.split(',').any(|name| name == ours) {
        there.to_owned()
    } else if there.is_empty() {
        ours.clone()
    } else {
        format!("{there},{ours}")
    })
}
