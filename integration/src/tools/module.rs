//! The Go modules in `integration/tools`, which pin the servers.

use std::path::{Path, PathBuf};

use super::catalog::{Source, Tool};
use super::{ToolError, Version, cache, go};

/// A Go module whose `tool` directives are programs to build.
pub(super) struct Module {
    name: &'static str,
    go_mod: &'static str,
    go_sum: &'static str,
    /// A program of its own, if it has one.
    main: &'static str,
    /// The module that gives the programs their version.
    pinned: &'static str,
    tags: &'static str,
    /// What the linker is to set, so that the programs know their version.
    variables: fn(Version) -> Vec<String>,
}

pub(super) const MODULES: &[Module] = &[
    Module {
        name: "vault",
        go_mod: include_str!("../../tools/vault/go.mod"),
        go_sum: include_str!("../../tools/vault/go.sum"),
        main: "",
        pinned: "github.com/hashicorp/vault",
        tags: "minimal",
        variables: |version| {
            vec![format!(
                "github.com/hashicorp/vault/version.fullVersion={version}"
            )]
        },
    },
    Module {
        name: "kubernetes",
        go_mod: include_str!("../../tools/kubernetes/go.mod"),
        go_sum: include_str!("../../tools/kubernetes/go.sum"),
        main: "",
        pinned: "k8s.io/kubernetes",
        tags: "",
        // Features are gated on them.
        variables: |version| {
            let package = "k8s.io/component-base/version";
            vec![
                format!("{package}.gitVersion=v{version}"),
                format!("{package}.gitMajor={}", version.major()),
                format!("{package}.gitMinor={}", version.minor()),
            ]
        },
    },
    Module {
        name: "vault-plugins",
        go_mod: include_str!("../../tools/vault-plugins/go.mod"),
        go_sum: include_str!("../../tools/vault-plugins/go.sum"),
        main: include_str!("../../tools/vault-plugins/main.go"),
        pinned: "github.com/hashicorp/vault",
        tags: "",
        variables: |_| vec![],
    },
    Module {
        name: "containerd",
        go_mod: include_str!("../../tools/containerd/go.mod"),
        go_sum: include_str!("../../tools/containerd/go.sum"),
        main: "",
        pinned: "github.com/containerd/containerd/v2",
        tags: "",
        variables: |version| {
            vec![format!(
                "github.com/containerd/containerd/v2/version.Version=v{version}"
            )]
        },
    },
    Module {
        name: "helm",
        go_mod: include_str!("../../tools/helm/go.mod"),
        go_sum: include_str!("../../tools/helm/go.sum"),
        main: "",
        pinned: "helm.sh/helm/v4",
        tags: "",
        variables: |version| {
            vec![format!(
                "helm.sh/helm/v4/internal/version.version=v{version}"
            )]
        },
    },
    Module {
        name: "kubeconform",
        go_mod: include_str!("../../tools/kubeconform/go.mod"),
        go_sum: include_str!("../../tools/kubeconform/go.sum"),
        main: "",
        pinned: "github.com/yannh/kubeconform",
        tags: "",
        variables: |version| vec![format!("main.version=v{version}")],
    },
    Module {
        name: "cert-manager",
        go_mod: include_str!("../../tools/cert-manager/go.mod"),
        go_sum: include_str!("../../tools/cert-manager/go.sum"),
        main: include_str!("../../tools/cert-manager/main.go"),
        pinned: "github.com/cert-manager/cert-manager",
        tags: "",
        variables: |version| {
            let package = "github.com/cert-manager/cert-manager/pkg/util";
            vec![format!("{package}.AppVersion=v{version}")]
        },
    },
];

impl Module {
    /// Whether the program is one of this module's tools.
    pub(super) fn has_tool(&self, tool: Tool) -> bool {
        match tool.source() {
            // One tool may stand behind the directive itself.
            Source::Go { package, .. } => self
                .go_mod
                .lines()
                .any(|line| line.trim().trim_start_matches("tool ") == package),
            Source::Debian { .. } | Source::Crate { .. } | Source::Python { .. } => false,
        }
    }

    /// The programs, built if they are not yet.
    pub(super) fn obtain_tools(&self, tools: &[Tool]) -> Result<Vec<(Tool, PathBuf)>, ToolError> {
        let flags = self.compute_flags()?;
        let directory = self.programs_directory(&flags)?;
        if !find_absent(tools, &directory).is_empty() {
            let slot = cache::lock_directory(&directory)?;
            let absent = find_absent(tools, &directory);
            if !absent.is_empty() {
                let names: Vec<_> = absent.iter().map(|tool| tool.name()).collect();
                slot.fill(&names, |unfinished| {
                    self.build_tools(&absent, flags, unfinished)
                })?;
            }
        }
        Ok(tools
            .iter()
            .map(|tool| (*tool, directory.join(tool.name())))
            .collect())
    }

    /// Where the files of the module lie that gives the programs their version.
    pub(super) fn find_files(&self) -> Result<PathBuf, ToolError> {
        go::find_module_files(&self.directory(), self.pinned)
    }

    fn directory(&self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tools")
            .join(self.name)
    }

    /// Whether a program of the module has been built.
    pub(super) fn has_built(&self, tool: Tool) -> Result<bool, ToolError> {
        let directory = self.programs_directory(&self.compute_flags()?)?;
        Ok(directory.join(tool.name()).is_file())
    }

    /// Where its programs lie once they are built.
    fn programs_directory(&self, flags: &[String]) -> Result<PathBuf, ToolError> {
        let flags = flags.join(" ");
        let mut made_from = vec![self.go_mod, self.go_sum, &flags];
        if !self.main.is_empty() {
            made_from.push(self.main);
        }
        cache::tool_directory(self.name, &made_from)
    }

    fn build_tools(
        &self,
        tools: &[Tool],
        flags: Vec<String>,
        into: &Path,
    ) -> Result<(), ToolError> {
        let names: Vec<_> = tools.iter().map(|tool| tool.name()).collect();
        let variables: Vec<_> = tools.iter().map(|tool| tool.variable()).collect();
        let mut packages = Vec::new();
        let mut minutes = 0;
        for tool in tools {
            if let Source::Go {
                package,
                minutes: of_tool,
            } = tool.source()
            {
                packages.push(package);
                minutes += of_tool;
            }
        }
        let build = go::Build {
            what: names.join(", "),
            variables: variables.join(", "),
            module: self.directory(),
            needed: self.version_of("go")?,
            packages,
            flags,
            minutes,
        };
        build.run(into)
    }

    fn compute_flags(&self) -> Result<Vec<String>, ToolError> {
        let version = self.version_of(self.pinned)?;
        let mut linker = "-s -w".to_owned();
        for variable in (self.variables)(version) {
            linker = format!("{linker} -X {variable}");
        }
        let mut flags = vec!["-trimpath".to_owned(), format!("-ldflags={linker}")];
        if !self.tags.is_empty() {
            flags.push(format!("-tags={}", self.tags));
        }
        Ok(flags)
    }

    /// The version behind a name in `go.mod`: of a required module, or of `go` itself.
    fn version_of(&self, name: &str) -> Result<Version, ToolError> {
        self.go_mod
            .lines()
            .map(|line| line.trim().trim_start_matches("require "))
            .find_map(|line| Version::find(line.strip_prefix(name)?.strip_prefix(' ')?))
            .ok_or_else(|| ToolError::Build {
                what: self.name.to_owned(),
                tail: format!("go.mod names no version of {name}"),
            })
    }
}

fn find_absent(tools: &[Tool], directory: &Path) -> Vec<Tool> {
    tools
        .iter()
        .copied()
        .filter(|tool| !directory.join(tool.name()).is_file())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_go_tool_belongs_to_one_module() {
        for tool in Tool::ALL {
            let expected = usize::from(matches!(tool.source(), Source::Go { .. }));
            let modules = MODULES
                .iter()
                .filter(|module| module.has_tool(tool))
                .count();
            assert_eq!(modules, expected, "{}", tool.name());
        }
    }

    #[test]
    fn the_version_stands_in_go_mod_alone() {
        let expected = [
            "version.fullVersion=1.",
            "gitVersion=v1.",
            // Vault asks a plugin for no version.
            "-ldflags=-s -w",
            "version.Version=v2.",
            "version.version=v4.",
            "main.version=v0.",
            "util.AppVersion=v1.",
        ];
        assert_eq!(MODULES.len(), expected.len());
        for (module, flag) in MODULES.iter().zip(expected) {
            let flags = module.compute_flags().unwrap().join(" ");
            assert!(flags.contains(flag), "{flags}");
            assert!(module.version_of("go").unwrap() >= Version::new(1, 25, 0));
            assert!(module.version_of("example.com/none").is_err());
        }
    }
}
