//! The parts of a URL, and the URL that they make.

use super::escape::{Mode, escape};

/// The parts of a URL. Path and fragment are decoded.
#[derive(Default)]
pub(crate) struct Url {
    pub(crate) scheme: Vec<u8>,
    pub(crate) opaque: Vec<u8>,
    pub(crate) userinfo: Option<UserInfo>,
    /// With port, and with brackets around an IPv6 address.
    pub(crate) host: Vec<u8>,
    pub(crate) path: Vec<u8>,
    pub(crate) query: Vec<u8>,
    pub(crate) fragment: Vec<u8>,
}

/// What stands before the `@`, decoded.
pub(crate) struct UserInfo {
    pub(super) name: Vec<u8>,
    pub(super) password: Option<Vec<u8>>,
}

impl UserInfo {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = escape(&self.name, Mode::UserInfo);
        if let Some(password) = &self.password {
            bytes.push(b':');
            bytes.extend(escape(password, Mode::UserInfo));
        }
        bytes
    }
}

impl Url {
    /// The host without port and brackets.
    pub(crate) fn hostname(&self) -> &[u8] {
        let host = &self.host[..];
        let colon = host.iter().rposition(|byte| *byte == b':');
        let without_port = match colon {
            Some(at) if host[at + 1..].iter().all(u8::is_ascii_digit) => &host[..at],
            _ => host,
        };
        without_port
            .strip_prefix(b"[")
            .and_then(|inner| inner.strip_suffix(b"]"))
            .unwrap_or(without_port)
    }

    /// The whole, encoded where it must be.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if !self.scheme.is_empty() {
            bytes.extend_from_slice(&self.scheme);
            bytes.push(b':');
        }
        if self.opaque.is_empty() {
            self.write_hierarchical(&mut bytes);
        } else {
            bytes.extend_from_slice(&self.opaque);
        }
        if !self.query.is_empty() {
            bytes.push(b'?');
            bytes.extend_from_slice(&self.query);
        }
        if !self.fragment.is_empty() {
            bytes.push(b'#');
            bytes.extend(escape(&self.fragment, Mode::Fragment));
        }
        bytes
    }

    fn write_hierarchical(&self, bytes: &mut Vec<u8>) {
        let has_authority = !self.host.is_empty() || self.userinfo.is_some();
        if has_authority || (!self.scheme.is_empty() && !self.path.is_empty()) {
            bytes.extend_from_slice(b"//");
        }
        if let Some(userinfo) = &self.userinfo {
            bytes.extend(userinfo.to_bytes());
            bytes.push(b'@');
        }
        bytes.extend(escape(&self.host, Mode::Host));
        let path = match &self.path[..] {
            b"*" => b"*".to_vec(),
            path => escape(path, Mode::Path),
        };
        if !path.is_empty() && path[0] != b'/' && !self.host.is_empty() {
            bytes.push(b'/');
        }
        let first_segment = path.split(|byte| *byte == b'/').next().unwrap_or_default();
        if bytes.is_empty() && first_segment.contains(&b':') {
            // It would be taken for a scheme.
            bytes.extend_from_slice(b"./");
        }
        bytes.extend(path);
    }
}
