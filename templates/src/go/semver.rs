//! Versions, as `Masterminds/semver` reads and compares them.

use std::cmp::Ordering;
use std::sync::Arc;

use crate::runtime::{Context, Failure, IntegerType, Outcome, Value, limits};

/// A version: up to three numbers, a pre-release, and metadata that does not count.
#[derive(Clone)]
pub(crate) struct Version {
    pub(super) numbers: [u64; 3],
    pub(super) prerelease: String,
    metadata: String,
    original: String,
}

/// Parses `[v]1[.2[.3]][-prerelease][+metadata]`.
pub(crate) fn parse(text: &str) -> Option<Version> {
    if text.len() > limits::VERSION {
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
fn is_prerelease(text: &str) -> bool {
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

    /// The same with other numbers, and without pre-release and metadata.
    fn release(&self, numbers: [Option<u64>; 3]) -> Outcome<Self> {
        let [Some(major), Some(minor), Some(patch)] = numbers else {
            return Failure::because("a number of the version is too large");
        };
        Ok(self.with([major, minor, patch], "", ""))
    }

    fn with(&self, numbers: [u64; 3], prerelease: &str, metadata: &str) -> Self {
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

const METHODS: &str = "a version has Major, Minor, Patch, Prerelease, Metadata, Original, String, \
    IncMajor, IncMinor, IncPatch, `SetPrerelease TEXT`, `SetMetadata TEXT`, `Compare VERSION`, \
    `Equal VERSION`, `LessThan VERSION`, `LessThanEqual VERSION`, `GreaterThan VERSION`, \
    `GreaterThanEqual VERSION`";

/// What the method gives.
pub(crate) fn method(
    context: &mut Context,
    version: &Arc<Version>,
    name: &str,
    arguments: &[Value],
) -> Outcome {
    match arguments {
        [] => property(context, version, name),
        [Value::Version(other)] => compare(name, version.compare(other)),
        [Value::Text(text)] => {
            let version = with_part(version, name, &text.lossy())?;
            context.version(version)
        }
        _ => Failure::because(METHODS),
    }
}

fn property(context: &mut Context, version: &Arc<Version>, name: &str) -> Outcome {
    let [major, minor, patch] = version.numbers;
    let number = |number: u64| Value::Integer(number.cast_signed(), IntegerType::Uint64);
    let one_more = |number: u64| number.checked_add(1);
    let mut release = |numbers| {
        let version = version.release(numbers)?;
        context.version(version)
    };
    match name {
        "Major" => Ok(number(major)),
        "Minor" => Ok(number(minor)),
        "Patch" => Ok(number(patch)),
        "Prerelease" => context.text(version.prerelease.as_str()),
        "Metadata" => context.text(version.metadata.as_str()),
        "Original" => context.text(version.original.as_str()),
        "String" => context.text(to_text(version)),
        "IncMajor" => release([one_more(major), Some(0), Some(0)]),
        "IncMinor" => release([Some(major), one_more(minor), Some(0)]),
        "IncPatch" if version.prerelease.is_empty() => {
            release([Some(major), Some(minor), one_more(patch)])
        }
        "IncPatch" => release([Some(major), Some(minor), Some(patch)]),
        _ => Failure::because(METHODS),
    }
}

fn compare(name: &str, order: Ordering) -> Outcome {
    Ok(match name {
        "Compare" => Value::int(order as i64),
        "Equal" => Value::Bool(order.is_eq()),
        "LessThan" => Value::Bool(order.is_lt()),
        "LessThanEqual" => Value::Bool(order.is_le()),
        "GreaterThan" => Value::Bool(order.is_gt()),
        "GreaterThanEqual" => Value::Bool(order.is_ge()),
        _ => return Failure::because(METHODS),
    })
}

fn with_part(version: &Version, name: &str, part: &str) -> Outcome<Version> {
    let numbers = version.numbers;
    let version = match name {
        "SetPrerelease" if part.is_empty() || is_prerelease(part) => {
            version.with(numbers, part, &version.metadata)
        }
        "SetMetadata" if part.is_empty() || are_identifiers(part) => {
            version.with(numbers, &version.prerelease, part)
        }
        "SetPrerelease" | "SetMetadata" => {
            return Failure::because(
                "letters, digits, `-` and dots make up this part of a version",
            );
        }
        _ => return Failure::because(METHODS),
    };
    Ok(version)
}
