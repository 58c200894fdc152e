//! The network of a node: a bridge that its pods are attached to, and a link that leads there from this
//! machine, so that tests reach the API server, pods and Services by their addresses.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

use super::namespaces::run_successfully;
use super::{Node, NodeError};
use crate::tools::{self, Tool};

/// The node's own address, on the bridge: the API server's and kubelet's.
pub(super) const ADDRESS: &str = "10.88.100.1";
/// The addresses of pods; the bridge's mask.
pub(super) const PODS: &str = "10.88.100.0/24";
/// The addresses of Services.
pub(super) const SERVICES: &str = "10.96.0.0/16";
/// The first of them is the API server's.
#[cfg(test)]
pub(super) const API_SERVICE: &str = "10.96.0.1";
/// The bridge, which the CNI plugin attaches pods to.
pub(super) const BRIDGE: &str = "pods";
/// This machine's end of the link.
pub(super) const LINK: &str = "tokenpipe0";

const OUTSIDE: Ipv4Addr = Ipv4Addr::new(10, 88, 200, 1);
const INSIDE: &str = "10.88.200.2";

/// Makes the bridge and the link. There is no way to anywhere else: what a node and its pods ask for
/// outside fails at once, and reaches nobody.
pub(super) fn make_network(node: &Node) -> Result<(), NodeError> {
    let ip = tools::find_tool(Tool::Ip)?;
    let outside = format!(
        "link add {LINK} type veth peer name uplink netns {init}\n\
         address add {OUTSIDE}/30 dev {LINK}\n\
         link set {LINK} up\n\
         route add {PODS} via {INSIDE}\n\
         route add {SERVICES} via {INSIDE}\n",
        init = node.init
    );
    let inside = format!(
        "link set lo up\n\
         address add {INSIDE}/30 dev uplink\n\
         link set uplink up\n\
         link add {BRIDGE} type bridge\n\
         address add {ADDRESS}/24 dev {BRIDGE}\n\
         link set {BRIDGE} up\n\
         route add {SERVICES} dev {BRIDGE}\n"
    );
    run_successfully(Command::new(&ip).args(["-batch", "-"]), &outside)?;
    run_successfully(node.command_in_node(&ip).args(["-batch", "-"]), &inside)?;
    let forward = "echo 1 >/proc/sys/net/ipv4/ip_forward";
    node.run_in_node("sh", &["-c", forward])?;
    Ok(())
}

impl Node {
    /// Where the node and its pods reach this machine.
    pub const fn outside_address(&self) -> Ipv4Addr {
        OUTSIDE
    }
}

/// The link goes with the node's network, a moment later; this does not wait for it.
pub(super) fn remove_link() -> Result<(), NodeError> {
    if !Path::new("/sys/class/net").join(LINK).exists() {
        return Ok(());
    }
    let mut command = Command::new(tools::find_tool(Tool::Ip)?);
    match run_successfully(command.args(["link", "delete", LINK]), "") {
        Err(NodeError::Command { output, .. })
            if output.stderr().contains("Cannot find device") =>
        {
            Ok(())
        }
        result => result.map(drop),
    }
}
