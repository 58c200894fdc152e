//! The API server's version (`/version`, which every authenticated user may read).

use anyhow::Context;
use k8s_openapi::apimachinery::pkg::version::Info;
use kube::Client;

use crate::config::KubernetesVersion;
use crate::serve::api;

pub(super) async fn ask(client: &Client) -> anyhow::Result<KubernetesVersion> {
    let info = api::told(client.apiserver_version().await)?;
    version(&info).context("it is not of the form 1.37")
}

/// The emulated version, where the server emulates one: features are switched by that.
fn version(info: &Info) -> Option<KubernetesVersion> {
    let emulated = info
        .emulation_major
        .as_deref()
        .zip(info.emulation_minor.as_deref());
    let (major, minor) = emulated
        .filter(|(major, minor)| !major.is_empty() && !minor.is_empty())
        .unwrap_or((&info.major, &info.minor));
    // Some distributions write "37+".
    let digits = |text: &str| {
        text.trim_end_matches(|c: char| !c.is_ascii_digit())
            .parse()
            .ok()
    };
    Some(KubernetesVersion {
        major: digits(major)?,
        minor: digits(minor)?,
    })
}

#[cfg(test)]
mod tests {
    use super::{Info, version};

    #[test]
    fn the_emulated_version_decides() {
        let mut info = Info {
            major: "1".into(),
            minor: "37+".into(),
            ..Info::default()
        };
        assert_eq!(version(&info).unwrap().to_string(), "1.37");
        info.emulation_major = Some("1".into());
        info.emulation_minor = Some("35".into());
        assert_eq!(version(&info).unwrap().to_string(), "1.35");
    }
}
