//! Methods of versions.

use std::cmp::Ordering;
use std::sync::Arc;

use super::semver::{Version, are_identifiers, is_prerelease, to_text};
use crate::runtime::{Context, Failure, IntegerType, Outcome, Value};

const METHODS: &str = "a version has Major, Minor, Patch, Prerelease, Metadata, Original, String, \
    IncMajor, IncMinor, IncPatch, `SetPrerelease TEXT`, `SetMetadata TEXT`, `Compare VERSION`, \
    `Equal VERSION`, `LessThan VERSION`, `LessThanEqual VERSION`, `GreaterThan VERSION`, \
    `GreaterThanEqual VERSION`";

/// What the method gives.
pub(crate) fn call_method(
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
        let version = make_release(version, numbers)?;
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

/// The same with other numbers, and without pre-release and metadata.
fn make_release(version: &Version, numbers: [Option<u64>; 3]) -> Outcome<Version> {
    let [Some(major), Some(minor), Some(patch)] = numbers else {
        return Failure::because("a number of the version is too large");
    };
    Ok(version.with([major, minor, patch], "", ""))
}
