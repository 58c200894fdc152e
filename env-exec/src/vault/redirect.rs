//! A redirect, which is not followed: it would show the token to whatever the answer names. Pure.

use url::Url;

use super::error::VaultError;
use crate::foreign;

/// Most characters of the place that a message names.
const MOST_SHOWN: usize = 200;

/// The error of a redirect to `location`, and what to do. Only the origin of the place is named: the
/// rest could repeat what was sent.
pub(super) fn redirected(address: &str, location: Option<&str>) -> VaultError {
    let base = Url::parse(address).ok();
    let target = location.and_then(|location| match &base {
        Some(base) => base.join(location).ok(),
        None => Url::parse(location).ok(),
    });
    let (to, fix) = match (&base, &target) {
        (Some(base), Some(target)) if is_upgrade(base, target) => {
            let to = origin(target);
            let prefix = base.path().trim_end_matches('/');
            (to.clone(), format!("set the address to {to}{prefix}"))
        }
        (Some(base), Some(target)) if base.origin() == target.origin() => (
            "another path there".to_owned(),
            "write the path that is in front of /v1 into the address".to_owned(),
        ),
        (_, target) => (
            target.as_ref().map_or_else(
                || "nowhere".to_owned(),
                |target| foreign::quote(&origin(target)),
            ),
            "env-exec follows no redirect with a token; set the address of the active node, or of \
             a load balancer"
                .to_owned(),
        ),
    };
    VaultError::Redirected {
        address: address.to_owned(),
        to,
        fix,
    }
}

/// Plain HTTP that a balancer sends to HTTPS.
fn is_upgrade(base: &Url, target: &Url) -> bool {
    base.scheme() == "http" && target.scheme() == "https" && base.host() == target.host()
}

/// `https://host:port`, without a port that goes without saying.
fn origin(url: &Url) -> String {
    let origin = url.origin().ascii_serialization();
    origin.chars().take(MOST_SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use contract::message::{MESSAGE_WORDS, words};

    use crate::foreign;

    /// The sentence as it is reported where no credential is known.
    fn redirected(address: &str, location: Option<&str>) -> String {
        let error = super::redirected(address, location);
        foreign::split(&error.to_string()).0
    }

    #[test]
    fn redirect_names_the_fix() {
        let upgrade =
            "redirects to https://vault.example; set the address to https://vault.example";
        let other = "with a token; set the address of the active node, or of a load balancer";
        let path = "redirects to another path there; write the path that is in front of /v1";
        for (address, location, part) in [
            (
                "http://vault.example",
                "https://vault.example/v1/x",
                upgrade,
            ),
            ("http://vault.example:80", "//vault.example/v1/x", path),
            (
                "http://vault.example:8200/gate",
                "https://vault.example:8443/gate/v1/x",
                "set the address to https://vault.example:8443/gate",
            ),
            (
                "http://[fd00::1]:8200",
                "https://[fd00::1]/v1/x",
                "to https://[fd00::1]",
            ),
            (
                "https://vault.example",
                "https://active.example:8200/v1/x",
                other,
            ),
            ("https://vault.example", "http://vault.example/v1/x", other),
            (
                "http://vault.example",
                "https://vault.example.evil/v1/x",
                other,
            ),
            ("https://vault.example", "/ui/login", path),
            (
                "unix:///run/vault.sock",
                "https://active.example/v1/x",
                other,
            ),
            (
                "https://vault.example",
                "https://:::",
                "redirects to nowhere",
            ),
        ] {
            let sentence = redirected(address, Some(location));
            assert!(sentence.contains(part), "{address} {location}: {sentence}");
            assert!(sentence.starts_with(&format!("Vault at {address} redirects to ")));
            assert!(words(&sentence) <= MESSAGE_WORDS, "{sentence}");
        }
        let none = redirected("https://vault.example", None);
        assert!(none.contains("redirects to nowhere"), "{none}");
    }

    #[test]
    fn redirect_repeats_nothing_that_was_sent() {
        let long = "x".repeat(10_000);
        for location in [
            "https://hvs.canary:hvs.canary@other/hvs.canary?t=hvs.canary#hvs.canary".to_owned(),
            format!("https://{long}.example/"),
        ] {
            let sentence = redirected("https://vault", Some(&location));
            assert!(!sentence.contains("canary"), "{sentence}");
            assert!(sentence.len() < 500, "{sentence}");
        }
    }
}
