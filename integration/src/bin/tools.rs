//! Finds the tools that are named, builds or installs those that are missing, and prints where
//! each is, one line each: `VAULT_BIN=/path`. Besides tools it knows three groups, `vault` with
//! its plugins, `kubernetes` for all that an API server needs, and `node` for what a node needs
//! besides.

#![forbid(unsafe_code)]

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use integration::tools::{self, Tool, ToolError};

fn main() -> ExitCode {
    let names: Vec<_> = env::args().skip(1).collect();
    match obtain_tools(&names) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            integration::progress::print_line(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn obtain_tools(names: &[String]) -> Result<(), ToolError> {
    let mut wanted = Vec::new();
    for name in names {
        wanted.extend(find_group(name)?);
    }
    let paths = tools::find_all(&wanted)?;
    let mut stdout = io::stdout().lock();
    for (tool, path) in wanted.iter().zip(paths) {
        // A reader that closes the pipe has seen enough.
        let _ = writeln!(stdout, "{}={}", tool.variable(), path.display());
    }
    Ok(())
}

fn find_group(name: &str) -> Result<Vec<Tool>, ToolError> {
    match name {
        "vault" => Ok(vec![
            Tool::Vault,
            Tool::VaultPluginAuthKubernetes,
            Tool::VaultPlugins,
        ]),
        "kubernetes" => Ok(vec![
            Tool::KubeApiserver,
            Tool::KubeControllerManager,
            Tool::Kubectl,
            Tool::Etcd,
        ]),
        "node" => Ok(vec![
            Tool::KubeScheduler,
            Tool::KubeProxy,
            Tool::Kubelet,
            Tool::Containerd,
            Tool::ContainerdShimRuncV2,
            Tool::Ctr,
            Tool::Runc,
            Tool::Podman,
            Tool::Catatonit,
            Tool::Busybox,
            Tool::Ip,
            Tool::Nft,
        ]),
        name => name.parse().map(|tool| vec![tool]),
    }
}
