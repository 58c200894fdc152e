//! What a value is.

use super::entry::{Arguments, Function, Group, any, text};
use crate::go::names;
use crate::runtime::{Context, Outcome, Value, equal};

pub(super) const GROUP: Group = Group {
    title: "Types",
    functions: &[
        Function::new("typeOf", &[any("value")], type_of).doc(
            "Go's name of the value's type.",
            r#"${typeOf "a"} ${typeOf (list 1)}"#,
            "string []interface {}",
        ),
        Function::new("typeIs", &[text("type"), any("value")], type_is).doc(
            "Whether the value is of that type.",
            r#"${typeIs "string" "a"}"#,
            "true",
        ),
        Function::new("typeIsLike", &[text("type"), any("value")], type_is_like).doc(
            "Whether the value is of that type, or a pointer to it.",
            r#"${typeIsLike "semver.Version" (semver "1.0.0")}"#,
            "true",
        ),
        Function::new("kindOf", &[any("value")], kind_of).doc(
            "Go's name of the value's kind.",
            "${kindOf (dict)} ${kindOf (list)} ${kindOf 1}",
            "map slice int",
        ),
        Function::new("kindIs", &[text("kind"), any("value")], kind_is).doc(
            "Whether the value is of that kind.",
            r#"${kindIs "map" (dict)}"#,
            "true",
        ),
        Function::new("deepEqual", &[any("a"), any("b")], deep_equal).doc(
            "Whether both are the same, with all that is inside.",
            "${deepEqual (list 1 (list 2)) (list 1 (list 2))}",
            "true",
        ),
    ],
};

fn type_of(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::text(names::type_of(context, arguments.any(0)?)))
}

fn type_is(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let name = names::type_of(context, arguments.any(1)?);
    Ok(Value::Bool(arguments.text(0)?.bytes() == name.as_bytes()))
}

fn type_is_like(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let name = names::type_of(context, arguments.any(1)?).as_bytes();
    let wanted = arguments.text(0)?.bytes();
    Ok(Value::Bool(
        wanted == name || Some(wanted) == name.strip_prefix(b"*"),
    ))
}

fn kind_of(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::text(names::kind_of(arguments.any(0)?)))
}

fn kind_is(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let name = names::kind_of(arguments.any(1)?);
    Ok(Value::Bool(arguments.text(0)?.bytes() == name.as_bytes()))
}

fn deep_equal(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    equal(context, arguments.any(0)?, arguments.any(1)?).map(Value::Bool)
}
