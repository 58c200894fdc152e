//! Defaults and choices.

use super::entry::{Arguments, Function, Group, any, boolean};
use crate::runtime::truth::is_empty;
use crate::runtime::{Context, Outcome, Value};

pub(super) const GROUP: Group = Group {
    title: "Defaults and choices",
    functions: &[
        Function::new("default", &[any("default")], default)
            .rest(any("value"))
            .takes_absent()
            .doc(
                "The value, or the default if the value is empty or the field is absent.",
                r#"${"" | default "x"} ${.absent | default "y"}"#,
                "x y",
            ),
        Function::new("coalesce", &[], coalesce)
            .rest(any("values"))
            .takes_absent()
            .doc(
                "The first value that is not empty; absent fields are.",
                r#"${coalesce "" .absent 0 "a"}"#,
                "a",
            ),
        Function::new("empty", &[any("value")], empty).doc(
            "Whether the value is empty: false, 0, nil, or a text, list or map with nothing in it.",
            r#"${empty ""}"#,
            "true",
        ),
        Function::new("all", &[], all).rest(any("values")).doc(
            "Whether no value is empty.",
            r#"${all 1 "a" ""}"#,
            "false",
        ),
        Function::new("any", &[], any_of).rest(any("values")).doc(
            "Whether some value is not empty.",
            r#"${any 0 "" "a"}"#,
            "true",
        ),
        Function::new(
            "ternary",
            &[any("yes"), any("no"), boolean("condition")],
            ternary,
        )
        .doc(
            "The first value if the condition is true, else the second.",
            r#"${true | ternary "on" "off"}"#,
            "on",
        ),
    ],
};

fn default(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let given = arguments
        .rest(1)
        .first()
        .filter(|value| !is_empty(context, value));
    Ok(given.unwrap_or(arguments.any(0)?).clone())
}

fn coalesce(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let found = arguments
        .rest(0)
        .iter()
        .find(|value| !is_empty(context, value));
    Ok(found.cloned().unwrap_or(Value::Nil))
}

fn empty(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::Bool(is_empty(context, arguments.any(0)?)))
}

fn all(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::Bool(
        !arguments
            .rest(0)
            .iter()
            .any(|value| is_empty(context, value)),
    ))
}

fn any_of(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::Bool(
        arguments
            .rest(0)
            .iter()
            .any(|value| !is_empty(context, value)),
    ))
}

fn ternary(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    arguments.any(usize::from(!arguments.boolean(2)?)).cloned()
}
