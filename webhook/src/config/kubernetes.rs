//! A Kubernetes version, as far as decisions depend on it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

/// Major and minor version of an API server. What decides is the version that it emulates
/// (`emulationMinor` of `/version`), because features are switched by that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct KubernetesVersion {
    /// Major version.
    pub major: u16,
    /// Minor version.
    pub minor: u16,
}

impl KubernetesVersion {
    /// First version whose API server keeps `RestartAllContainers` rules by default.
    const RESTART_ALL_CONTAINERS: Self = Self {
        major: 1,
        minor: 36,
    };
    /// First version with `image` volumes that nobody can switch off.
    const IMAGE_VOLUME: Self = Self {
        major: 1,
        minor: 36,
    };

    /// First version with `podCertificate` volumes, behind a feature gate.
    const POD_CERTIFICATE: Self = Self {
        major: 1,
        minor: 35,
    };
    /// First version that has them by default.
    const POD_CERTIFICATE_DEFAULT: Self = Self {
        major: 1,
        minor: 37,
    };

    /// Whether a pod's certificate can be a volume: `None` if a feature gate decides.
    pub fn has_pod_certificates(self) -> Option<bool> {
        if self < Self::POD_CERTIFICATE {
            Some(false)
        } else if self < Self::POD_CERTIFICATE_DEFAULT {
            None
        } else {
            Some(true)
        }
    }

    /// Whether a container's exit code can make kubelet run the init containers again.
    pub fn has_restart_all_containers(self) -> bool {
        self >= Self::RESTART_ALL_CONTAINERS
    }

    /// Whether an `image` can be mounted as a volume.
    pub fn has_image_volumes(self) -> bool {
        self >= Self::IMAGE_VOLUME
    }
}

impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for KubernetesVersion {
    type Err = String;

    /// Reads `1.37`, `v1.37` or `v1.37.2+suffix`.
    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || format!("{text:?} is not a Kubernetes version such as 1.37");
        let mut parts = text.strip_prefix('v').unwrap_or(text).splitn(3, '.');
        let mut number = || {
            parts
                .next()
                .and_then(|part| part.parse().ok())
                .ok_or_else(wanted)
        };
        Ok(Self {
            major: number()?,
            minor: number()?,
        })
    }
}

impl<'de> Deserialize<'de> for KubernetesVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::KubernetesVersion;

    #[test]
    fn spellings() {
        for text in ["1.36", "v1.36", "v1.36.4", "1.36.0-rc.1+x"] {
            let version: KubernetesVersion = text.parse().unwrap();
            assert_eq!(version.to_string(), "1.36");
        }
        for text in ["", "1", "x.1", "1.", "one.two", "-1.2"] {
            assert!(text.parse::<KubernetesVersion>().is_err(), "{text}");
        }
    }

    #[test]
    fn nine_is_less_than_thirty_six() {
        let old: KubernetesVersion = "1.9".parse().unwrap();
        assert!(!old.has_restart_all_containers());
        let new: KubernetesVersion = "2.0".parse().unwrap();
        assert!(new.has_restart_all_containers());
    }
}
