//! The fields, as in `k8s.io/api/core/v1/types.go`. `null` is the same as absent everywhere, as it
//! is for the API server.

use std::collections::BTreeMap;

use std::fmt;

use serde::de::{Error, IgnoredAny, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Number;

use super::{Text, bounded};

/// `metadata`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Metadata<'a> {
    /// `name`; absent while a controller's `generateName` is not yet resolved.
    #[serde(borrow)]
    pub name: Option<Text<'a>>,
    /// `generateName`.
    #[serde(borrow)]
    pub generate_name: Option<Text<'a>>,
    /// `namespace`.
    #[serde(borrow)]
    pub namespace: Option<Text<'a>>,
    /// `annotations`; `None` where the patch must make the map first.
    #[serde(borrow, deserialize_with = "bounded::annotations")]
    pub annotations: Option<BTreeMap<Text<'a>, Text<'a>>>,
    /// `labels`.
    #[serde(borrow, deserialize_with = "bounded::optional_map")]
    pub labels: Option<BTreeMap<Text<'a>, Text<'a>>>,
    /// `ownerReferences`.
    #[serde(borrow, deserialize_with = "bounded::list")]
    pub owner_references: Vec<OwnerReference<'a>>,
}

/// `metadata.ownerReferences[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct OwnerReference<'a> {
    /// `kind`.
    #[serde(borrow)]
    pub kind: Text<'a>,
}

/// `spec`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Spec<'a> {
    /// `containers`.
    #[serde(borrow, deserialize_with = "bounded::containers")]
    pub containers: Vec<Container<'a>>,
    /// `initContainers`; `None` where the patch must make the list first.
    #[serde(borrow, deserialize_with = "bounded::containers")]
    pub init_containers: Vec<Container<'a>>,
    /// `volumes`.
    #[serde(borrow, deserialize_with = "bounded::list")]
    pub volumes: Vec<Volume<'a>>,
    /// `restartPolicy`; `Always` if absent.
    #[serde(borrow)]
    pub restart_policy: Option<Text<'a>>,
    /// `securityContext`.
    pub security_context: Option<PodSecurity>,
    /// `shareProcessNamespace`.
    pub share_process_namespace: Option<bool>,
    /// `hostPID`.
    #[serde(rename = "hostPID")]
    pub host_pid: Option<bool>,
    /// `serviceAccountName`.
    #[serde(borrow)]
    pub service_account_name: Option<Text<'a>>,
    /// `os.name`.
    #[serde(borrow)]
    pub os: Option<Os<'a>>,
    /// `nodeSelector`.
    #[serde(borrow, deserialize_with = "bounded::map")]
    pub node_selector: BTreeMap<Text<'a>, Text<'a>>,
    /// Pod-level `resources` (Kubernetes 1.34+): they alone then decide the quality of service.
    pub resources: Option<IgnoredAny>,
}

/// `spec.os`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Os<'a> {
    /// `linux` or `windows`.
    #[serde(borrow)]
    pub name: Text<'a>,
}

/// `spec.securityContext`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PodSecurity {
    /// `runAsUser`.
    pub run_as_user: Option<i64>,
}

/// A container, init container or native sidecar.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Container<'a> {
    /// `name`.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// `image`.
    #[serde(borrow)]
    pub image: Option<Text<'a>>,
    /// `command`: the image's ENTRYPOINT if empty.
    #[serde(borrow, deserialize_with = "bounded::list")]
    pub command: Vec<Text<'a>>,
    /// `args`.
    #[serde(borrow, deserialize_with = "bounded::list")]
    pub args: Vec<Text<'a>>,
    /// `env`; `None` where the patch must make the list first.
    #[serde(borrow, deserialize_with = "bounded::optional_list")]
    pub env: Option<Vec<EnvVar<'a>>>,
    /// `envFrom`.
    #[serde(deserialize_with = "bounded::list")]
    pub env_from: Vec<IgnoredAny>,
    /// `volumeMounts`; `None` where the patch must make the list first.
    #[serde(borrow, deserialize_with = "bounded::optional_list")]
    pub volume_mounts: Option<Vec<VolumeMount<'a>>>,
    /// `volumeDevices`.
    #[serde(borrow, deserialize_with = "bounded::list")]
    pub volume_devices: Vec<VolumeDevice<'a>>,
    /// `securityContext`.
    pub security_context: Option<ContainerSecurity>,
    /// `resources`.
    #[serde(borrow)]
    pub resources: Option<Resources<'a>>,
    /// `restartPolicy`: `Always` on an init container makes it a native sidecar.
    #[serde(borrow)]
    pub restart_policy: Option<Text<'a>>,
    /// `restartPolicyRules` (Kubernetes 1.35+); `None` where the patch must make the list first.
    #[serde(borrow, deserialize_with = "bounded::optional_list")]
    pub restart_policy_rules: Option<Vec<RestartRule<'a>>>,
    /// `terminationMessagePath`.
    #[serde(borrow)]
    pub termination_message_path: Option<Text<'a>>,
    /// `livenessProbe`.
    #[serde(borrow)]
    pub liveness_probe: Option<Probe<'a>>,
    /// `readinessProbe`.
    #[serde(borrow)]
    pub readiness_probe: Option<Probe<'a>>,
    /// `startupProbe`.
    #[serde(borrow)]
    pub startup_probe: Option<Probe<'a>>,
    /// `lifecycle`.
    #[serde(borrow)]
    pub lifecycle: Option<Lifecycle<'a>>,
}

impl<'a> Container<'a> {
    /// `env`, empty if absent.
    pub fn env(&self) -> &[EnvVar<'a>] {
        self.env.as_deref().unwrap_or_default()
    }

    /// `volumeMounts`, empty if absent.
    pub fn volume_mounts(&self) -> &[VolumeMount<'a>] {
        self.volume_mounts.as_deref().unwrap_or_default()
    }

    /// Elements of its lists and maps, as [`contract::limits::POD_ELEMENTS`] counts them.
    pub(super) fn elements(&self) -> usize {
        let words = |handler: Option<&Handler<'_>>| {
            let exec = handler.and_then(|handler| handler.exec.as_ref());
            exec.map_or(0, |exec| exec.command.len())
        };
        let lifecycle = self.lifecycle.as_ref();
        let handlers = [
            self.liveness_probe.as_ref(),
            self.readiness_probe.as_ref(),
            self.startup_probe.as_ref(),
            lifecycle.and_then(|lifecycle| lifecycle.post_start.as_ref()),
            lifecycle.and_then(|lifecycle| lifecycle.pre_stop.as_ref()),
        ];
        let rules = self.restart_policy_rules();
        let codes = |rule: &RestartRule<'_>| rule.exit_codes.as_ref().map_or(0, |c| c.values.len());
        let resources = self.resources.as_ref();
        [
            self.command.len(),
            self.args.len(),
            self.env().len(),
            self.env_from.len(),
            self.volume_mounts().len(),
            self.volume_devices.len(),
            rules.len() + rules.iter().map(codes).sum::<usize>(),
            resources.map_or(0, |resources| {
                resources.requests.len() + resources.limits.len()
            }),
            handlers.into_iter().map(words).sum(),
        ]
        .into_iter()
        .sum()
    }

    /// `restartPolicyRules`, empty if absent.
    pub fn restart_policy_rules(&self) -> &[RestartRule<'a>] {
        self.restart_policy_rules.as_deref().unwrap_or_default()
    }
}

/// `env[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct EnvVar<'a> {
    /// `name`.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// `value`.
    #[serde(borrow)]
    pub value: Option<Text<'a>>,
    /// `valueFrom`.
    pub value_from: Option<ValueFrom>,
}

impl EnvVar<'_> {
    /// `valueFrom`, where it counts: the API server takes an empty `value` beside it.
    pub fn hidden(&self) -> Option<&ValueFrom> {
        let is_empty = self.value.as_deref().is_none_or(str::is_empty);
        self.value_from.as_ref().filter(|_| is_empty)
    }
}

/// `env[].valueFrom`: only what it points to, not where.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValueFrom {
    /// `configMapKeyRef`.
    pub config_map_key_ref: Option<KeyRef>,
    /// `secretKeyRef`.
    pub secret_key_ref: Option<KeyRef>,
    /// `fieldRef`.
    pub field_ref: Option<IgnoredAny>,
    /// `resourceFieldRef`.
    pub resource_field_ref: Option<IgnoredAny>,
    /// `fileKeyRef` (Kubernetes 1.34+).
    pub file_key_ref: Option<KeyRef>,
}

impl ValueFrom {
    /// Whether kubelet leaves the variable out where there is no such key.
    pub fn is_optional(&self) -> bool {
        let keys = [
            &self.config_map_key_ref,
            &self.secret_key_ref,
            &self.file_key_ref,
        ];
        let mut keys = keys.into_iter().flatten();
        keys.any(|key| key.optional == Some(true))
    }
}

/// A key of an object or file.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct KeyRef {
    /// `optional`.
    pub optional: Option<bool>,
}

/// `volumeMounts[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeMount<'a> {
    /// `name` of the volume.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// `mountPath`.
    #[serde(borrow)]
    pub mount_path: Text<'a>,
    /// `readOnly`.
    pub read_only: Option<bool>,
    /// `subPath`.
    #[serde(borrow)]
    pub sub_path: Option<Text<'a>>,
    /// `subPathExpr`.
    pub sub_path_expr: Option<IgnoredAny>,
    /// `mountPropagation`.
    pub mount_propagation: Option<IgnoredAny>,
}

impl VolumeMount<'_> {
    /// Mounts the volume's root, without propagation.
    pub fn is_simple(&self) -> bool {
        self.sub_path.is_none() && self.sub_path_expr.is_none() && self.mount_propagation.is_none()
    }
}

/// `volumeDevices[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeDevice<'a> {
    /// `name` of the volume.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// `devicePath`.
    #[serde(borrow)]
    pub device_path: Text<'a>,
}

/// `volumes[]`: its name, and whether anything can be removed from it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Volume<'a> {
    /// `name`.
    #[serde(borrow)]
    pub name: Text<'a>,
    /// `secret`.
    pub secret: Option<IgnoredAny>,
    /// `configMap`.
    pub config_map: Option<IgnoredAny>,
    /// `projected`.
    pub projected: Option<IgnoredAny>,
    /// `downwardAPI`.
    #[serde(rename = "downwardAPI")]
    pub downward_api: Option<IgnoredAny>,
    /// `image`.
    pub image: Option<IgnoredAny>,
    /// `csi`.
    pub csi: Option<VolumeSource>,
    /// `persistentVolumeClaim`.
    pub persistent_volume_claim: Option<VolumeSource>,
}

impl Volume<'_> {
    /// Whether every mount of it is read-only, whatever the mount says.
    pub fn is_read_only(&self) -> bool {
        let made_by_kubelet = [
            &self.secret,
            &self.config_map,
            &self.projected,
            &self.downward_api,
            &self.image,
        ];
        let sources = [&self.csi, &self.persistent_volume_claim];
        made_by_kubelet.iter().any(|source| source.is_some())
            || sources.iter().any(|source| {
                source
                    .as_ref()
                    .is_some_and(|source| source.read_only == Some(true))
            })
    }
}

/// A volume's source that can be read-only.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct VolumeSource {
    /// `readOnly`.
    pub read_only: Option<bool>,
}

/// A container's `securityContext`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ContainerSecurity {
    /// `runAsUser`.
    pub run_as_user: Option<i64>,
}

/// A container's `resources`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Resources<'a> {
    /// `requests`.
    #[serde(borrow, deserialize_with = "bounded::map")]
    pub requests: BTreeMap<Text<'a>, Quantity<'a>>,
    /// `limits`.
    #[serde(borrow, deserialize_with = "bounded::map")]
    pub limits: BTreeMap<Text<'a>, Quantity<'a>>,
}

/// A quantity: a string, or in a manifest also a number.
#[derive(Clone, Debug)]
pub enum Quantity<'a> {
    /// As in `500m`.
    Text(Text<'a>),
    /// As in `2`.
    Number(Number),
}

// Not `untagged`, which would keep whatever stands there before it says that it is none.
impl<'de: 'a, 'a> Deserialize<'de> for Quantity<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Quantity<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a number")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Quantity::Text(text.into()))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Quantity::Text(text.to_owned().into()))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Quantity::Number(number.into()))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Quantity::Number(number.into()))
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
                let number = Number::from_f64(number);
                number
                    .map(Quantity::Number)
                    .ok_or_else(|| E::custom("not a finite number"))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// `restartPolicyRules[]`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RestartRule<'a> {
    /// `Restart` or `RestartAllContainers`.
    #[serde(borrow)]
    pub action: Text<'a>,
    /// `exitCodes`.
    #[serde(borrow)]
    pub exit_codes: Option<ExitCodes<'a>>,
}

/// `restartPolicyRules[].exitCodes`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ExitCodes<'a> {
    /// `In` or `NotIn`.
    #[serde(borrow)]
    pub operator: Text<'a>,
    /// `values`.
    #[serde(deserialize_with = "bounded::list")]
    pub values: Vec<i64>,
}

/// A probe or a hook's handler.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Handler<'a> {
    /// `exec`.
    #[serde(borrow)]
    pub exec: Option<Exec<'a>>,
}

/// A probe, of which only its `exec` handler matters here.
pub type Probe<'a> = Handler<'a>;

/// `exec`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Exec<'a> {
    /// `command`.
    #[serde(borrow, deserialize_with = "bounded::list")]
    pub command: Vec<Text<'a>>,
}

/// `lifecycle`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Lifecycle<'a> {
    /// `postStart`.
    #[serde(borrow)]
    pub post_start: Option<Handler<'a>>,
    /// `preStop`.
    #[serde(borrow)]
    pub pre_stop: Option<Handler<'a>>,
}

/// `null` for a list or map is an empty one.
pub(super) fn null_is_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}
