//! How the wrapped containers get env-exec.

use super::context::Context;
use crate::config::{Delivery, KubernetesVersion};

/// The delivery of a pod, and what its author should know about it.
pub(super) struct Choice {
    pub(super) delivery: Delivery,
    pub(super) warning: Option<String>,
}

/// The operator's delivery, or `copy` where the cluster does not have what it needs.
pub(super) fn choose(context: &Context<'_>) -> Choice {
    let (delivery, facts) = (context.config.delivery, context.facts);
    let lacks = |version: &KubernetesVersion| !version.has_image_volumes();
    let more = if delivery != Delivery::ImageVolume {
        None
    } else if facts.kubernetes.as_ref().is_none_or(lacks) {
        Some(String::new())
    } else {
        let oldest = facts.nodes.filter(lacks);
        oldest.map(|oldest| format!(" on every node, and one has {oldest}"))
    };
    match more {
        None => Choice {
            delivery,
            warning: None,
        },
        Some(more) => Choice {
            delivery: Delivery::Copy,
            warning: Some(format!(
                "delivery image-volume needs Kubernetes 1.36{more}: env-exec is copied"
            )),
        },
    }
}
