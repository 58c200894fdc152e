//! Images of Vault that cannot be the agent's.
//!
//! Some releases of 2026 carry the file capability `cap_ipc_lock` on their binary. The kernel then
//! refuses to run it where that capability is not in the bounding set, and our containers drop all.
//! The releases right before them fail in their entrypoint alone, which is not used here.

/// Version, and the next one of the same line that runs.
const BROKEN: [(&str, &str); 4] = [
    ("1.19.17", "1.19.18"),
    ("1.20.11", "1.20.12"),
    ("1.21.6", "1.21.7"),
    ("2.0.1", "2.0.2"),
];

/// Refuses an image whose name says that it is one of these.
pub(super) fn check(image: &str) -> Result<(), String> {
    let without_digest = image.split('@').next().unwrap_or_default();
    let last = without_digest.rsplit('/').next().unwrap_or_default();
    let Some((name, tag)) = last.split_once(':') else {
        return Ok(());
    };
    // As registries that mirror others call it: `hashicorp-vault`.
    if !name.starts_with("vault") && !name.ends_with("vault") {
        return Ok(());
    }
    let version = tag.strip_prefix('v').unwrap_or(tag);
    let is_of = |broken: &str| {
        version
            .strip_prefix(broken)
            .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_digit() || c == '.'))
    };
    let Some((broken, good)) = BROKEN.iter().find(|(broken, _)| is_of(broken)) else {
        return Ok(());
    };
    let nearest = tag.replacen(broken, good, 1);
    Err(format!(
        "Vault {broken} does not start with all capabilities dropped, because its image gives the \
         binary cap_ipc_lock; use {name}:{nearest}"
    ))
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn broken_agent_image_is_rejected_with_the_next_good_one() {
        let cases = [
            ("hashicorp/vault:1.21.6", "use vault:1.21.7"),
            ("vault:1.19.17", "use vault:1.19.18"),
            (
                "mirror/hashicorp-vault:1.21.6",
                "use hashicorp-vault:1.21.7",
            ),
            (
                "mirror.example:5000/hashicorp/vault:1.20.11",
                "use vault:1.20.12",
            ),
            (
                "hashicorp/vault-enterprise:2.0.1-ent",
                "use vault-enterprise:2.0.2-ent",
            ),
            (
                "hashicorp/vault:v1.21.6-ubi@sha256:0123",
                "use vault:v1.21.7-ubi",
            ),
        ];
        for (image, part) in cases {
            let reason = check(image).unwrap_err();
            assert!(reason.contains(part), "{image}: {reason}");
        }
    }

    #[test]
    fn good_or_unknown_agent_image_is_accepted() {
        for image in [
            "hashicorp/vault:1.21.1",
            "hashicorp/vault:1.21.5",
            "hashicorp/vault:1.21.7",
            "hashicorp/vault:2.0.10",
            "hashicorp/vault:1.21.60",
            "hashicorp/vault:1.21",
            "hashicorp/vault",
            "hashicorp/vault@sha256:0123",
            "openbao/openbao:2.0.1",
            "registry.example:5000/vault",
            "",
        ] {
            assert_eq!(check(image), Ok(()), "{image}");
        }
    }
}
