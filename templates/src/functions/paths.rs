//! Slash-separated paths, as text.

use super::entry::{Arguments, Function, Group, text};
use crate::go::path;
use crate::runtime::{Context, Outcome, Value};

pub(super) const GROUP: Group = Group {
    title: "Paths",
    functions: &[
        Function::new("base", &[text("path")], base)
            .aliases(&["osBase"])
            .doc(
                "The last element of the path.",
                r#"${base "/var/lib/app.tar.gz"}"#,
                "app.tar.gz",
            ),
        Function::new("dir", &[text("path")], dir)
            .aliases(&["osDir"])
            .doc(
                "The path without its last element.",
                r#"${dir "/var/lib/app.tar.gz"}"#,
                "/var/lib",
            ),
        Function::new("clean", &[text("path")], clean)
            .aliases(&["osClean"])
            .doc(
                "The path without `.`, `..` and empty elements.",
                r#"${clean "/a/./b/../c"}"#,
                "/a/c",
            ),
        Function::new("ext", &[text("path")], ext)
            .aliases(&["osExt"])
            .doc(
                "The extension of the path, with its dot.",
                r#"${ext "app.tar.gz"}"#,
                ".gz",
            ),
        Function::new("isAbs", &[text("path")], is_abs)
            .aliases(&["osIsAbs"])
            .doc(
                "Whether the path begins with a slash.",
                r#"${isAbs "/a"}"#,
                "true",
            ),
    ],
};

fn base(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    context.text(path::base(arguments.text(0)?.bytes()))
}

fn dir(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    context.text(path::directory(arguments.text(0)?.bytes()))
}

fn clean(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    context.text(path::clean(arguments.text(0)?.bytes()))
}

fn ext(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    context.text(path::extension(arguments.text(0)?.bytes()))
}

fn is_abs(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::Bool(path::is_absolute(arguments.text(0)?.bytes())))
}
