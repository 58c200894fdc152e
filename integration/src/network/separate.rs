//! A network of a thread's own.

use std::io;
use std::net::Ipv4Addr;
use std::process::Command;

use nix::sched::{CloneFlags, unshare};

/// Gives the calling thread, and what it starts from now on, a network of its own: loopback alone,
/// on which these addresses are this machine's too. So a double can listen where a cloud's metadata
/// service does, and nothing that a test starts can reach another machine.
pub fn separate_network(addresses: &[Ipv4Addr]) -> io::Result<()> {
    unshare(CloneFlags::CLONE_NEWNET)?;
    run_ip(&["link", "set", "lo", "up"])?;
    addresses
        .iter()
        .try_for_each(|address| run_ip(&["address", "add", &format!("{address}/32"), "dev", "lo"]))
}

fn run_ip(arguments: &[&str]) -> io::Result<()> {
    let output = Command::new("ip").args(arguments).output()?;
    if output.status.success() {
        return Ok(());
    }
    let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(io::Error::other(format!(
        "ip {}: {reason}",
        arguments.join(" ")
    )))
}
