//! The parts of a pod that the stand-in knows. Whatever else a pod asks for is refused by its name,
//! so that nothing passes for honoured that is not.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::KubeletError;

/// A pod, as it comes from admission.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "of the kind nothing else matters than that it is there"
)]
pub(super) struct Manifest {
    api_version: IgnoredAny,
    kind: IgnoredAny,
    pub(super) metadata: Metadata,
    pub(super) spec: Spec,
}

#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    pub(super) name: String,
    #[serde(default = "default_name")]
    pub(super) namespace: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Spec {
    #[serde(default = "default_name")]
    pub(super) service_account_name: String,
    #[serde(default)]
    pub(super) restart_policy: RestartPolicy,
    #[serde(default)]
    pub(super) security_context: PodSecurity,
    #[serde(default)]
    pub(super) init_containers: Vec<Container>,
    pub(super) containers: Vec<Container>,
    #[serde(default)]
    pub(super) volumes: Vec<Volume>,
    /// The stand-in mounts no API token, so there is nothing to switch off.
    #[serde(default, rename = "automountServiceAccountToken")]
    _automount: IgnoredAny,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) enum RestartPolicy {
    #[default]
    Always,
    OnFailure,
    Never,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PodSecurity {
    pub(super) run_as_user: Option<u32>,
    pub(super) run_as_group: Option<u32>,
    pub(super) run_as_non_root: Option<bool>,
    #[serde(default, rename = "seccompProfile")]
    _seccomp: IgnoredAny,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Container {
    pub(super) name: String,
    pub(super) image: String,
    #[serde(default)]
    pub(super) command: Vec<String>,
    #[serde(default)]
    pub(super) args: Vec<String>,
    #[serde(default)]
    pub(super) env_from: Vec<EnvFromSource>,
    #[serde(default)]
    pub(super) env: Vec<Variable>,
    pub(super) working_dir: Option<String>,
    #[serde(default)]
    pub(super) security_context: Security,
    #[serde(default)]
    pub(super) volume_mounts: Vec<VolumeMount>,
    pub(super) restart_policy: Option<RestartPolicy>,
    #[serde(default)]
    pub(super) restart_policy_rules: Vec<RestartRule>,
    #[serde(default = "default_termination_message")]
    pub(super) termination_message_path: String,
    #[serde(default)]
    pub(super) termination_message_policy: TerminationMessagePolicy,
    /// What a scheduler, a registry or a control group would do has no place here.
    #[serde(default, rename = "resources")]
    _resources: IgnoredAny,
    #[serde(default, rename = "imagePullPolicy")]
    _pull: IgnoredAny,
    #[serde(default, rename = "ports")]
    _ports: IgnoredAny,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Variable {
    pub(super) name: String,
    #[serde(default)]
    pub(super) value: String,
    pub(super) value_from: Option<ValueSource>,
}

/// One of these.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ValueSource {
    pub(super) secret_key_ref: Option<KeyReference>,
    pub(super) config_map_key_ref: Option<KeyReference>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyReference {
    pub(super) name: String,
    pub(super) key: String,
}

/// One of these, with a prefix for the variables' names.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EnvFromSource {
    #[serde(default)]
    pub(super) prefix: String,
    pub(super) secret_ref: Option<ObjectReference>,
    pub(super) config_map_ref: Option<ObjectReference>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ObjectReference {
    pub(super) name: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Security {
    pub(super) run_as_user: Option<u32>,
    pub(super) run_as_group: Option<u32>,
    pub(super) run_as_non_root: Option<bool>,
    pub(super) allow_privilege_escalation: Option<bool>,
    #[serde(default)]
    pub(super) read_only_root_filesystem: bool,
    #[serde(default)]
    pub(super) capabilities: Capabilities,
    #[serde(default, rename = "seccompProfile")]
    _seccomp: IgnoredAny,
}

/// Of the capabilities only the one request that Pod Security "restricted" asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Capabilities {
    #[serde(default)]
    pub(super) drop: Vec<All>,
}

#[derive(Debug, Deserialize)]
pub(super) enum All {
    #[serde(rename = "ALL")]
    All,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct VolumeMount {
    pub(super) name: String,
    pub(super) mount_path: String,
    #[serde(default)]
    pub(super) read_only: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RestartRule {
    pub(super) action: RestartAction,
    pub(super) exit_codes: ExitCodes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum RestartAction {
    Restart,
    RestartAllContainers,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExitCodes {
    pub(super) operator: Operator,
    pub(super) values: Vec<i32>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Operator {
    In,
    NotIn,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) enum TerminationMessagePolicy {
    #[default]
    File,
    FallbackToLogsOnError,
}

/// A volume has one of these sources.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Volume {
    pub(super) name: String,
    pub(super) empty_dir: Option<EmptyDir>,
    pub(super) projected: Option<Projected>,
    pub(super) secret: Option<SecretVolume>,
    pub(super) config_map: Option<ConfigMapVolume>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct EmptyDir {
    #[serde(default)]
    pub(super) medium: Medium,
    pub(super) size_limit: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) enum Medium {
    #[default]
    #[serde(rename = "")]
    Disk,
    Memory,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Projected {
    pub(super) sources: Vec<ProjectedSource>,
    #[serde(default = "default_mode")]
    pub(super) default_mode: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ProjectedSource {
    pub(super) service_account_token: TokenRequest,
}

/// What a `ServiceAccount` token is to say.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TokenRequest {
    pub(super) audience: Option<String>,
    #[serde(default = "default_expiration")]
    pub(super) expiration_seconds: u64,
    pub(super) path: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SecretVolume {
    pub(super) secret_name: String,
    #[serde(default = "default_mode")]
    pub(super) default_mode: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ConfigMapVolume {
    pub(super) name: String,
    #[serde(default = "default_mode")]
    pub(super) default_mode: u32,
}

/// What the API server fills in.
fn default_name() -> String {
    "default".to_owned()
}

fn default_termination_message() -> String {
    "/dev/termination-log".to_owned()
}

fn default_mode() -> u32 {
    0o644
}

fn default_expiration() -> u64 {
    3600
}

impl Manifest {
    /// Reads a pod; the error names the field that is not known here.
    pub(super) fn parse(pod: &Value) -> Result<Self, KubeletError> {
        let manifest: Self =
            serde_path_to_error::deserialize(pod).map_err(|error| KubeletError::Manifest {
                field: error.path().to_string(),
                reason: error.into_inner().to_string(),
            })?;
        for container in manifest.spec.all_containers() {
            if container.command.is_empty() {
                return Err(KubeletError::NoCommand(container.name.clone()));
            }
        }
        Ok(manifest)
    }
}

impl Spec {
    pub(super) fn all_containers(&self) -> impl Iterator<Item = &Container> {
        self.init_containers.iter().chain(&self.containers)
    }

    /// The UID that all containers have in common, if they have one. A projected token then belongs
    /// to it and is private to it.
    pub(super) fn common_user(&self) -> Option<u32> {
        let user = |container: &Container| container.user(&self.security_context);
        let first = user(self.containers.first()?)?;
        self.all_containers()
            .all(|container| user(container) == Some(first))
            .then_some(first)
    }
}

impl Container {
    /// `runAsUser`, of the container or else of the pod.
    pub(super) fn user(&self, pod: &PodSecurity) -> Option<u32> {
        self.security_context.run_as_user.or(pod.run_as_user)
    }

    /// Whether an init container runs beside those that follow it.
    pub(super) fn is_sidecar(&self) -> bool {
        self.restart_policy == Some(RestartPolicy::Always)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Manifest;

    fn find_problem(spec: &serde_json::Value) -> String {
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "web" }, "spec": spec,
        });
        Manifest::parse(&pod).map_or_else(|error| error.to_string(), |_| "none".to_owned())
    }

    #[test]
    fn unknown_field_is_named() {
        let container = |field: &str| json!({ "containers": [{ "name": "web", "image": "i", "command": ["c"], field: {} }] });
        assert_eq!(find_problem(&container("ports")), "none");
        assert_eq!(
            find_problem(&container("lifecycle"))
                .lines()
                .next()
                .unwrap_or_default(),
            "the stand-in for kubelet cannot honour spec.containers[0].lifecycle: unknown field \
             `lifecycle`, expected one of `name`, `image`, `command`, `args`, `envFrom`, `env`, `workingDir`, \
             `securityContext`, `volumeMounts`, `restartPolicy`, `restartPolicyRules`, \
             `terminationMessagePath`, `terminationMessagePolicy`, `resources`, \
             `imagePullPolicy`, `ports`"
        );
        let volume = json!({ "containers": [], "volumes": [{ "name": "v", "hostPath": {} }] });
        assert!(
            find_problem(&volume).contains("hostPath"),
            "{}",
            find_problem(&volume)
        );
    }

    #[test]
    fn an_image_has_no_command_of_its_own() {
        let spec = json!({ "containers": [{ "name": "web", "image": "i" }] });
        assert!(
            find_problem(&spec).contains("container web has no command"),
            "{}",
            find_problem(&spec)
        );
    }
}
