//! URLs to their parts.

use std::net::Ipv6Addr;

use super::escape::{Mode, unescape};
use super::not_a_url::NotAUrl;
use super::parts::{Url, UserInfo};

/// Takes a URL apart; it may be relative.
pub(crate) fn parse(text: &[u8]) -> Result<Url, NotAUrl> {
    let (text, fragment) = cut(text, b'#');
    if text.iter().any(|byte| *byte < b' ' || *byte == 0x7f) {
        return Err("a control character");
    }
    let mut url = if text == b"*" {
        Url {
            path: b"*".to_vec(),
            ..Url::default()
        }
    } else {
        parse_parts(text)?
    };
    url.fragment = unescape(fragment.unwrap_or_default(), Mode::Fragment)?;
    Ok(url)
}

fn parse_parts(text: &[u8]) -> Result<Url, NotAUrl> {
    let mut url = Url::default();
    let (scheme, rest) = scheme(text)?;
    url.scheme = scheme.to_ascii_lowercase();
    let (rest, query) = cut(rest, b'?');
    url.query = query.unwrap_or_default().to_vec();
    let has_scheme = !url.scheme.is_empty();
    if !rest.starts_with(b"/") {
        if has_scheme {
            url.opaque = rest.to_vec();
            return Ok(url);
        }
        if cut(rest, b'/').0.contains(&b':') {
            return Err("the first segment of a path contains a colon");
        }
    }
    let mut path = rest;
    if rest.starts_with(b"//") && (has_scheme || !rest.starts_with(b"///")) {
        let authority = &rest[2..];
        let end = authority.iter().position(|byte| *byte == b'/');
        let (authority, behind) = authority.split_at(end.unwrap_or(authority.len()));
        let is_http = matches!(&url.scheme[..], b"http" | b"https");
        (url.userinfo, url.host) = parse_authority(authority, is_http)?;
        path = behind;
    }
    url.path = unescape(path, Mode::Path)?;
    Ok(url)
}

/// What stands before and behind the first such byte.
fn cut(text: &[u8], at: u8) -> (&[u8], Option<&[u8]>) {
    match text.iter().position(|byte| *byte == at) {
        Some(position) => (&text[..position], Some(&text[position + 1..])),
        None => (text, None),
    }
}

/// The scheme, if there is one, and what is behind it.
fn scheme(text: &[u8]) -> Result<(&[u8], &[u8]), NotAUrl> {
    let is_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let end = text.iter().position(|byte| !is_scheme(byte));
    match end.map(|end| (end, text[end])) {
        Some((0, b':')) => Err("the scheme is missing before the colon"),
        Some((end, b':')) if text[0].is_ascii_alphabetic() => Ok((&text[..end], &text[end + 1..])),
        _ => Ok((b"", text)),
    }
}

fn parse_authority(
    authority: &[u8],
    is_http: bool,
) -> Result<(Option<UserInfo>, Vec<u8>), NotAUrl> {
    match authority.iter().rposition(|byte| *byte == b'@') {
        None => Ok((None, parse_host(authority, is_http)?)),
        Some(at) => {
            let host = parse_host(&authority[at + 1..], is_http)?;
            Ok((Some(userinfo(&authority[..at])?), host))
        }
    }
}

/// `user` or `user:password`, encoded.
fn userinfo(text: &[u8]) -> Result<UserInfo, NotAUrl> {
    let may_stand =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(byte);
    if !text.iter().all(may_stand) {
        return Err("a character in the user name or password that must be encoded");
    }
    let (name, password) = cut(text, b':');
    Ok(UserInfo {
        name: unescape(name, Mode::UserInfo)?,
        password: password
            .map(|password| unescape(password, Mode::UserInfo))
            .transpose()?,
    })
}

const PORT: NotAUrl = "a port that is not a number";

fn parse_host(host: &[u8], is_http: bool) -> Result<Vec<u8>, NotAUrl> {
    match host.iter().rposition(|byte| *byte == b'[') {
        Some(0) => return parse_ip_literal(host),
        Some(_) => return Err("a `[` inside the host"),
        None => {}
    }
    let is_colon = |byte: &u8| *byte == b':';
    // Lists of hosts are common in URLs of databases, but have no place in HTTP.
    let colon = if is_http {
        host.iter().position(is_colon)
    } else {
        host.iter().rposition(is_colon)
    };
    if colon.is_some_and(|at| !is_port(&host[at..])) {
        return Err(PORT);
    }
    unescape(host, Mode::Host)
}

/// Empty, or a colon and digits.
fn is_port(text: &[u8]) -> bool {
    match text.split_first() {
        None => true,
        Some((first, digits)) => *first == b':' && digits.iter().all(u8::is_ascii_digit),
    }
}

/// `[fe80::1]`, `[fe80::1%25en0]:80`
fn parse_ip_literal(host: &[u8]) -> Result<Vec<u8>, NotAUrl> {
    let end = host.iter().rposition(|byte| *byte == b']');
    let end = end.ok_or("the `]` of an address is missing")?;
    let port = &host[end + 1..];
    if !is_port(port) {
        return Err(PORT);
    }
    let inner = &host[1..end];
    let zone = inner.windows(3).position(|window| window == b"%25");
    let (address, zone) = inner.split_at(zone.unwrap_or(inner.len()));
    let address = unescape(address, Mode::Host)?;
    let zone = unescape(zone, Mode::HostZone)?;
    let is_address =
        std::str::from_utf8(&address).is_ok_and(|address| address.parse::<Ipv6Addr>().is_ok());
    if !is_address || zone == b"%" {
        return Err("an address in brackets that is not IPv6");
    }
    let port = unescape(port, Mode::Host)?;
    Ok([&b"["[..], &address, &zone, b"]", &port].concat())
}
