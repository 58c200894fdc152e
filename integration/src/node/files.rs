//! Certificates and configuration of a node.

use std::fs;

use serde_json::{Value, json};

use super::network::{ADDRESS, BRIDGE, PODS, SERVICES};
use super::place::Place;
use super::{NAME, NodeError};
use crate::certificates::{Authority, Identity, signing_keys};
use crate::cluster::start::{SERVER_NAMES, render_kubeconfig};
use crate::tools;

/// Where the API server answers.
pub(super) const API: &str = "https://10.88.100.1:6443";
/// The parent of all control groups of the node's pods.
pub(super) const CONTROL_GROUP: &str = "tokenpipe-node";
/// The image of the container that holds a pod's namespaces.
pub(super) const PAUSE_IMAGE: &str = "localhost/tokenpipe-test/pause:1";
/// The file with the feature gates of the API server that a test has changed.
pub(super) const API_GATES: &str = "api-server.gates";
/// The socket that containerd listens on, in the node.
pub(super) const CONTAINERD_SOCKET: &str = "/run/containerd/containerd.sock";

/// Writes everything that the node's programs read. The identity is the administrator's, the text the
/// certificate of the authority that signed the API server's.
pub(super) fn write_files(place: &Place) -> Result<(String, Identity), NodeError> {
    let write = |name: &str, text: &str| {
        let path = place.file_path(name);
        let written = path.parent().map_or(Ok(()), fs::create_dir_all);
        let written = written.and_then(|()| fs::write(&path, text));
        written.map_err(|source| NodeError::File { path, source })
    };
    let authority = Authority::new("Kubernetes of the test cluster")?;
    let names: Vec<_> = SERVER_NAMES.into_iter().chain([ADDRESS]).collect();
    let server = authority.issue_server(&names)?;
    let admin = authority.issue_client("admin", Some("system:masters"))?;
    let kubelet = authority.issue_client(&format!("system:node:{NAME}"), Some("system:nodes"))?;
    let (private, public) = signing_keys()?;
    write("ca.crt", authority.certificate())?;
    write("service-account.key", &private)?;
    write("service-account.pub", &public)?;
    for (user, identity) in [
        ("server", &server),
        ("admin", &admin),
        ("kubelet", &kubelet),
    ] {
        write(&format!("{user}.crt"), &identity.certificate)?;
        write(&format!("{user}.key"), &identity.key)?;
    }
    for user in ["admin", "kubelet"] {
        let text = render_kubeconfig(place.directory(), API, user);
        write(&format!("{user}.kubeconfig"), &text)?;
    }
    write("kubelet.json", &kubelet_configuration(place).to_string())?;
    write("kube-proxy.json", &proxy_configuration(place).to_string())?;
    write("cni/pods.conflist", &pod_network().to_string())?;
    write("containerd.toml", &containerd_configuration(place)?)?;
    Ok((authority.certificate().to_owned(), admin))
}

fn kubelet_configuration(place: &Place) -> Value {
    json!({
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": { "enabled": false },
            "webhook": { "enabled": false },
            "x509": { "clientCAFile": place.file_path("ca.crt") },
        },
        "authorization": { "mode": "AlwaysAllow" },
        "containerRuntimeEndpoint": format!("unix://{CONTAINERD_SOCKET}"),
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": format!("/{CONTROL_GROUP}"),
        // Version 1 still has to do where a machine has nothing else.
        "failCgroupV1": false,
        "failSwapOn": false,
        "enforceNodeAllocatable": [],
        // This machine's disk is not the node's to clean.
        "evictionHard": {
            "imagefs.available": "0%", "imagefs.inodesFree": "0%",
            "nodefs.available": "0%", "nodefs.inodesFree": "0%",
        },
        "imageGCHighThresholdPercent": 100,
        "makeIPTablesUtilChains": false,
        "maxPods": 200,
        // There is no name server that pods could use.
        "resolvConf": "",
        "volumePluginDir": "/var/lib/kubelet/volume-plugins",
    })
}

fn proxy_configuration(place: &Place) -> Value {
    json!({
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": { "kubeconfig": place.file_path("admin.kubeconfig") },
        "clusterCIDR": PODS,
        // Its limits are the whole machine's.
        "conntrack": { "maxPerCore": 0 },
        "hostnameOverride": NAME,
        "mode": "nftables",
        // So that a pod reaches itself by a Service, too.
        "nftables": { "masqueradeAll": true },
    })
}

fn pod_network() -> Value {
    json!({
        "cniVersion": "1.0.0",
        "name": "pods",
        "plugins": [{
            "type": "bridge",
            "bridge": BRIDGE,
            "isGateway": true,
            "hairpinMode": true,
            "ipam": {
                "type": "host-local",
                "ranges": [[{ "subnet": PODS, "gateway": ADDRESS }]],
                "routes": [{ "dst": "0.0.0.0/0" }],
            },
        }],
    })
}

/// `restrict_oom_score_adj`, because a machine of CI may lack `CAP_SYS_RESOURCE`, without which no
/// process may be less likely to be killed than this one.
fn containerd_configuration(place: &Place) -> Result<String, NodeError> {
    let plugins = tools::cni_plugins()?;
    let configuration = place.file_path("cni");
    Ok(format!(
        r#"version = 3
[grpc]
address = "{CONTAINERD_SOCKET}"
[plugins."io.containerd.cri.v1.images".pinned_images]
sandbox = "{PAUSE_IMAGE}"
[plugins."io.containerd.cri.v1.runtime"]
restrict_oom_score_adj = true
[plugins."io.containerd.cri.v1.runtime".cni]
bin_dirs = ["{plugins}"]
conf_dir = "{configuration}"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
SystemdCgroup = false
"#,
        plugins = plugins.display(),
        configuration = configuration.display(),
    ))
}

/// What the API server is told besides its addresses.
pub(super) fn api_server(place: &Place) -> Vec<String> {
    let file = |name: &str| place.file_path(name).display().to_string();
    let mut arguments = vec![
        "--etcd-servers=http://127.0.0.1:2379".to_owned(),
        format!("--advertise-address={ADDRESS}"),
        "--secure-port=6443".to_owned(),
        // Connections to the one that was there before do not keep the port from the next one.
        "--permit-address-sharing=true".to_owned(),
        format!("--tls-cert-file={}", file("server.crt")),
        format!("--tls-private-key-file={}", file("server.key")),
        format!("--client-ca-file={}", file("ca.crt")),
        format!("--kubelet-client-certificate={}", file("admin.crt")),
        format!("--kubelet-client-key={}", file("admin.key")),
        // No name server knows the node's name.
        "--kubelet-preferred-address-types=InternalIP".to_owned(),
        "--cert-dir=/run/kubernetes".to_owned(),
        "--authorization-mode=Node,RBAC".to_owned(),
        "--allow-privileged=true".to_owned(),
        format!("--service-cluster-ip-range={}", SERVICES),
        "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
        format!("--service-account-key-file={}", file("service-account.pub")),
        format!(
            "--service-account-signing-key-file={}",
            file("service-account.key")
        ),
    ];
    let gates = fs::read_to_string(place.file_path(API_GATES));
    arguments.extend(gates.map(|gates| format!("--feature-gates={gates}")));
    arguments
}

#[cfg(test)]
mod tests {
    use super::super::network::API_SERVICE;
    use super::*;

    #[test]
    fn addresses_fit_each_other() {
        assert!(API.contains(ADDRESS));
        assert!(SERVER_NAMES.contains(&API_SERVICE));
    }
}
