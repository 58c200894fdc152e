//! A read-only view of a pod: just the fields that a decision needs, borrowed from the request.
//!
//! Unknown fields are skipped, never written back: the patch is made of explicit operations on the
//! raw object. The view is our own and not `k8s_openapi`'s `Pod`, which takes about four times as
//! long to read a pod with a thousand variables (`make bench`).

mod bounded;
mod container_path;
mod text;
mod view;
mod windows;

use contract::message::shorten;
use contract::names::SETTINGS_VARIABLE;
use serde::Deserialize;
use serde_json::value::RawValue;
use thiserror::Error;

pub use container_path::ContainerPath;
pub use text::Text;
pub use view::{
    Container, ContainerSecurity, EnvVar, ExitCodes, Handler, KeyRef, Lifecycle, Metadata,
    PodSecurity, Probe, Quantity, Resources, RestartRule, Spec, ValueFrom, Volume, VolumeDevice,
    VolumeMount, VolumeSource,
};

/// A field that is not what Kubernetes has there.
#[derive(Debug, Error)]
#[error("{field}: {reason}")]
pub struct PodError {
    /// Where it is, as `spec.containers[0].env[1].value`.
    pub field: String,
    /// What was found and what is expected.
    pub reason: String,
    /// Nothing is wrong but that there is more of it than is read.
    pub is_too_large: bool,
}

impl From<serde_path_to_error::Error<serde_json::Error>> for PodError {
    fn from(error: serde_path_to_error::Error<serde_json::Error>) -> Self {
        let reason = error.inner().to_string();
        // A position in JSON that no author has seen says less than the field does.
        let end = reason.rfind(" at line ").unwrap_or(reason.len());
        let is_too_large = reason.starts_with("more than ");
        Self {
            field: shorten(error.path().to_string()),
            reason: shorten(reason[..end].to_owned()),
            is_too_large,
        }
    }
}

/// The pod under review.
#[derive(Debug)]
pub struct PodView<'a> {
    /// `metadata`.
    pub metadata: Metadata<'a>,
    /// `spec`.
    pub spec: Spec<'a>,
    text: &'a str,
}

#[derive(Deserialize)]
struct Fields<'a> {
    #[serde(borrow, default, deserialize_with = "view::null_is_empty")]
    metadata: Metadata<'a>,
    #[serde(borrow, default, deserialize_with = "view::null_is_empty")]
    spec: Spec<'a>,
}

impl<'a> PodView<'a> {
    /// Reads a pod from its JSON text. The error names the field.
    pub fn parse(text: &'a str) -> Result<Self, PodError> {
        let Ok(Fields { metadata, spec }) = serde_json::from_str(text) else {
            // Keeping track of the field costs, so it is done for the error alone.
            let deserializer = &mut serde_json::Deserializer::from_str(text);
            let Fields { metadata, spec } = serde_path_to_error::deserialize(deserializer)?;
            return Ok(Self {
                metadata,
                spec,
                text,
            });
        };
        Ok(Self {
            metadata,
            spec,
            text,
        })
    }

    /// `metadata.annotations`, none if absent.
    pub fn annotations(&self) -> impl Iterator<Item = (&Text<'a>, &Text<'a>)> {
        self.metadata.annotations.iter().flatten()
    }

    /// One annotation, by its whole key.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        let found = self.metadata.annotations.as_ref()?.get(key);
        found.map(Text::as_str)
    }

    /// All containers in the order in which they start, with the place where each stands.
    pub fn containers(&self) -> impl Iterator<Item = (Place, &Container<'a>)> {
        let init = self
            .spec
            .init_containers
            .iter()
            .enumerate()
            .map(|(i, c)| (Place::Init(i), c));
        let app = self
            .spec
            .containers
            .iter()
            .enumerate()
            .map(|(i, c)| (Place::App(i), c));
        init.chain(app)
    }

    /// Whether the pod can hold anything that looks like a reference to a key: one search for the
    /// character that each has. The API server does not escape it.
    pub fn may_hold_key(&self) -> bool {
        self.text.contains('#')
    }

    /// The containers and volumes as they were sent, for what bears our names.
    pub fn raw(&self) -> Result<RawPod<'a>, serde_json::Error> {
        #[derive(Deserialize)]
        struct Fields<'a> {
            #[serde(borrow)]
            spec: RawPod<'a>,
        }
        serde_json::from_str::<Fields<'a>>(self.text).map(|fields| fields.spec)
    }

    /// Whether a Job's controller made this pod.
    pub fn is_of_job(&self) -> bool {
        self.metadata
            .owner_references
            .iter()
            .any(|owner| owner.kind.as_str() == "Job")
    }
}

/// Whether a pod's JSON text can have anything to do with tokenpipe: a reference, an annotation or a
/// name of ours. Looked at where the pod is too large to be read. The API server escapes no letter.
pub fn has_sign(text: &str) -> bool {
    let holds = |sign: &str| text.contains(sign);
    ["vault:", "tokenpipe", SETTINGS_VARIABLE]
        .into_iter()
        .any(holds)
        || (holds("vault") && holds("$("))
}

impl<'a> Metadata<'a> {
    /// Only this of a pod's JSON text. `None` where it cannot be read either.
    pub fn of_pod(text: &'a str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Fields<'a> {
            #[serde(borrow, default)]
            metadata: Metadata<'a>,
        }
        let fields: Fields<'a> = serde_json::from_str(text).ok()?;
        Some(fields.metadata)
    }
}

/// Where a container stands in its pod.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// `spec.initContainers[i]`; native sidecars too.
    Init(usize),
    /// `spec.containers[i]`.
    App(usize),
}

/// `spec.initContainers` and `spec.volumes` as they were sent.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RawPod<'a> {
    /// `spec.initContainers`.
    #[serde(borrow, default, deserialize_with = "bounded::list")]
    pub init_containers: Vec<&'a RawValue>,
    /// `spec.volumes`.
    #[serde(borrow, default, deserialize_with = "bounded::list")]
    pub volumes: Vec<&'a RawValue>,
}
