//! The exceptions of `NO_PROXY`, with the meaning that they have for Vault's own client.
//!
//! That is Go's `golang.org/x/net/http/httpproxy`. The matcher of hyper-util knows neither ports nor
//! `*.` there, and would send a token to the proxy where Vault's client does not.

use url::Url;

/// The entries that concern an address, in words that hyper-util's matcher knows.
pub(super) fn exceptions(no_proxy: &str, base: &Url) -> String {
    let entries = no_proxy.split(',').map(str::trim);
    let entries: Vec<_> = entries.filter_map(|entry| exception(entry, base)).collect();
    entries.join(",")
}

fn exception<'e>(entry: &'e str, base: &Url) -> Option<&'e str> {
    let (host, port) = split_port(entry)?;
    // `*` is everything only where it stands alone.
    if host == "*" && port.is_some() {
        return None;
    }
    let port = port.filter(|port| !port.is_empty());
    if port.is_some_and(|port| base.port_or_known_default() != port.parse().ok()) {
        return None;
    }
    let host = host
        .strip_prefix('*')
        .filter(|h| h.starts_with('.'))
        .unwrap_or(host);
    // What begins with a dot stands for the names below it only.
    let is_the_name = |above: &str| {
        base.host_str()
            .is_some_and(|h| h.eq_ignore_ascii_case(above))
    };
    match host.strip_prefix('.') {
        Some(above) if is_the_name(above) => None,
        _ => Some(host),
    }
}

/// `host:port` and `[address]:port` in two; an address of IPv6 without brackets has no port, and one
/// with brackets alone is none.
fn split_port(entry: &str) -> Option<(&str, Option<&str>)> {
    let bracketed = entry
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'));
    match (bracketed, entry.rsplit_once(':')) {
        (Some((host, rest)), _) => Some((host, Some(rest.strip_prefix(':')?))),
        (None, Some((host, port))) if !host.contains(':') => Some((host, Some(port))),
        _ => Some((entry, None)),
    }
}

#[cfg(test)]
mod tests {
    use super::exceptions;

    #[test]
    fn as_go_reads_them() {
        let cases = [
            ("http://vault.corp:8200", "vault.corp:8200", "vault.corp"),
            ("http://vault.corp:8200", "vault.corp:8201", ""),
            ("https://vault.corp", "vault.corp:443", "vault.corp"),
            ("https://vault.corp", "vault.corp:x", ""),
            ("http://vault.corp:8200", "*.corp", ".corp"),
            ("http://vault.corp:8200", "*.corp:8200, b", ".corp,b"),
            ("http://corp:8200", "*.corp,.corp,corp", "corp"),
            ("http://vault.corp:8200", "*", "*"),
            ("http://10.0.0.5:8200", "10.0.0.5:8200", "10.0.0.5"),
            ("http://10.0.0.5:8200", "10.0.0.0/8", "10.0.0.0/8"),
            ("http://[fd00::5]:8200", "[fd00::5]:8200", "fd00::5"),
            ("http://[fd00::5]:8200", "[fd00::5],fd00::5", "fd00::5"),
            ("http://vault:8200", "*:8200", ""),
            ("http://vault:8200", "vault:", "vault"),
            ("http://[fd00::5]:8200", "fd00::/8", "fd00::/8"),
            ("http://vault:8200", "", ""),
        ];
        for (address, no_proxy, expected) in cases {
            let found = exceptions(no_proxy, &address.parse().unwrap());
            assert_eq!(found, expected, "{address} {no_proxy}");
        }
    }
}
