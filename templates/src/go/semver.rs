//! Versions, as `Masterminds/semver` reads and compares them.

use std::cmp::Ordering;

use contract::limits::templates::VERSION;

/// A version: up to three numbers, a pre-release, and metadata that does not count.
#[derive(Clone)]
pub(crate) struct Version {
    pub(super) numbers: [u64; 3],
    pub(super) prerelease: String,
    pub(super) metadata: String,
    pub(super) original: String,
}

/// Parses `[v]1[.2[.3]][-prerelease][+metadata]`.
pub(crate) fn parse(text: &str) -> Option<Version> {
    if text.len() > VERSION {
        return None;
    }
    let (rest, metadata) = split_behind(text, '+');
    let (rest, prerelease) = split_behind(rest, '-');
    let mut numbers = [0; 3];
    let mut parts = rest.strip_prefix('v').unwrap_or(rest).split('.');
    for (index, number) in numbers.iter_mut().enumerate() {
        match parts.next() {
            Some(part) => *number = parse_number(part)?,
            None if index == 0 => return None,
            None => {}
        }
    }
    if parts.next().is_some()
        || !prerelease.is_none_or(is_prerelease)
        || !metadata.is_none_or(are_identifiers)
    {
        return None;
    }
    Some(Version {
        numbers,
        prerelease: prerelease.unwrap_or_default().to_owned(),
        metadata: metadata.unwrap_or_default().to_owned(),
        original: text.to_owned(),
    })
}

pub(super) fn split_behind(text: &str, separator: char) -> (&str, Option<&str>) {
    match text.split_once(separator) {
        Some((before, behind)) => (before, Some(behind)),
        None => (text, None),
    }
}

fn parse_number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// Identifiers with dots between them.
pub(super) fn are_identifiers(text: &str) -> bool {
    let is_identifier = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.split('.').all(is_identifier)
}

/// Numbers in a pre-release have no leading zeros.
pub(super) fn is_prerelease(text: &str) -> bool {
    let has_leading_zero = |part: &str| {
        part.len() > 1 && part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    are_identifiers(text) && !text.split('.').any(has_leading_zero)
}

/// The version in full, without a leading `v`.
pub(crate) fn to_text(version: &Version) -> String {
    let [major, minor, patch] = version.numbers;
    let mut text = format!("{major}.{minor}.{patch}");
    for (sign, part) in [('-', &version.prerelease), ('+', &version.metadata)] {
        if !part.is_empty() {
            text.push(sign);
            text.push_str(part);
        }
    }
    text
}

impl Version {
    /// By the numbers, then by the pre-release: none is more than any.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        self.numbers
            .cmp(&other.numbers)
            .then_with(|| compare_prerelease(&self.prerelease, &other.prerelease))
    }

    /// The same with other parts, written as it was.
    pub(super) fn with(&self, numbers: [u64; 3], prerelease: &str, metadata: &str) -> Self {
        let mut version = Self {
            numbers,
            prerelease: prerelease.to_owned(),
            metadata: metadata.to_owned(),
            original: String::new(),
        };
        let prefix = if self.original.starts_with('v') {
            "v"
        } else {
            ""
        };
        version.original = format!("{prefix}{}", to_text(&version));
        version
    }
}

pub(super) fn compare_prerelease(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let order = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => compare_part(a.unwrap_or_default(), b.unwrap_or_default()),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Numbers count less than words, and nothing counts less than anything.
fn compare_part(a: &str, b: &str) -> Ordering {
    if a.is_empty() || b.is_empty() || a == b {
        return a.cmp(b);
    }
    match (parse_number(a), parse_number(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}
