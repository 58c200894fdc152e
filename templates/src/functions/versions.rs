//! Semantic versions.

use super::entry::{Arguments, Function, Group, text};
use crate::go::semver::Version;
use crate::go::{constraint, semver};
use crate::runtime::{Context, Failure, Outcome, Text, Value};

pub(super) const GROUP: Group = Group {
    title: "Versions",
    functions: &[
        Function::new("semver", &[text("version")], parse).doc(
            "A version, with `.Major`, `.Minor`, `.Patch`, `.Prerelease`, `.Metadata`, `.Original`, `.IncMinor`, `.Compare OTHER` and so on.",
            r#"${$v := semver "v1.2.3-rc1"}${$v.Minor} ${$v.IncMinor} ${$v.Compare (semver "1.2.3")}"#,
            "2 1.3.0 -1",
        ),
        Function::new("semverCompare", &[text("constraint"), text("version")], compare).doc(
            "Whether the version satisfies the constraint, such as `^1.2`, `~1.2`, `1.x`, `1.0 - 2.0` or `>=1.2, <2 || >3`.",
            r#"${semverCompare ">=1.2, <2" "1.5.0"}"#,
            "true",
        ),
    ],
};

fn version(text: &Text) -> Outcome<Version> {
    let version = text.str().and_then(semver::parse);
    version.ok_or(Failure::Because("the text is not a version such as 1.2.3"))
}

fn parse(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let version = version(arguments.text(0)?)?;
    context.version(version)
}

fn compare(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let constraints = arguments.text(0)?;
    // A comparison may be two bytes long, and becomes a version.
    context.step(constraints.len())?;
    let constraints = constraints.str().and_then(constraint::parse);
    let constraints = constraints.ok_or(Failure::Because(
        "the constraint is not one such as `>=1.2, <2`",
    ))?;
    Ok(Value::Bool(
        constraints.allow(&version(arguments.text(1)?)?),
    ))
}
