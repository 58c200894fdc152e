//! Percent-encoding, by the part of a URL that a text stands in.

use super::not_a_url::NotAUrl;

/// A part of a URL.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Path,
    Host,
    /// The zone of an IPv6 address.
    HostZone,
    UserInfo,
    Query,
    Fragment,
}

/// Encodes what must not stand in that part. A space becomes `+` in a query.
pub(crate) fn escape(bytes: &[u8], mode: Mode) -> Vec<u8> {
    const HEXADECIMAL: &[u8; 16] = b"0123456789ABCDEF";
    let mut escaped = Vec::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b' ' if mode == Mode::Query => escaped.push(b'+'),
            _ if may_stand(*byte, mode) => escaped.push(*byte),
            _ => escaped.extend([
                b'%',
                HEXADECIMAL[usize::from(byte >> 4)],
                HEXADECIMAL[usize::from(byte & 15)],
            ]),
        }
    }
    escaped
}

/// Decodes; refuses what must be encoded in a host and is not.
pub(super) fn unescape(bytes: &[u8], mode: Mode) -> Result<Vec<u8>, NotAUrl> {
    let in_host = matches!(mode, Mode::Host | Mode::HostZone);
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, behind)) = rest.split_first() {
        if *first != b'%' {
            if in_host && first.is_ascii() && !may_stand(*first, mode) {
                return Err("a character in the host that must not stand there");
            }
            decoded.push(*first);
            rest = behind;
            continue;
        }
        let value = hexadecimal(behind).ok_or(ESCAPE)?;
        let is_percent = value == b'%';
        let refused = match mode {
            // Only bytes of other characters than ASCII need to be encoded in a host.
            Mode::Host => value < 0x80 && !is_percent,
            Mode::HostZone => !is_percent && value != b' ' && !may_stand(value, Mode::Host),
            _ => false,
        };
        if refused {
            return Err(ESCAPE);
        }
        decoded.push(value);
        rest = &behind[2..];
    }
    Ok(decoded)
}

const ESCAPE: NotAUrl = "a percent sign that begins no escape";

fn hexadecimal(bytes: &[u8]) -> Option<u8> {
    let digits = bytes
        .get(..2)
        .filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
    u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

fn may_stand(byte: u8, mode: Mode) -> bool {
    use Mode::{Fragment, Host, HostZone, Path};
    match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'.' | b'_' | b'~' => true,
        b'$' | b'&' | b'+' | b',' | b';' | b'=' => mode != Mode::Query,
        b':' => matches!(mode, Path | Host | HostZone | Fragment),
        b'/' | b'@' => matches!(mode, Path | Fragment),
        b'?' => mode == Fragment,
        b'!' | b'(' | b')' | b'*' => matches!(mode, Host | HostZone | Fragment),
        b'"' | b'\'' | b'<' | b'>' | b'[' | b']' => matches!(mode, Host | HostZone),
        _ => false,
    }
}
