//! JSON.

mod read;

use super::entry::{Arguments, Function, Group, any, text};
use crate::go::json::{Style, encode};
use crate::runtime::{Context, Failure, Outcome, Value};

pub(super) const GROUP: Group = Group {
    title: "JSON",
    functions: &[
        Function::new("toJson", &[any("value")], to_json).doc(
            "The value as JSON, with `<`, `>` and `&` escaped.",
            r#"${dict "a" (list 1 "<") | toJson}"#,
            r#"{"a":[1,"\u003c"]}"#,
        ),
        Function::new("mustToJson", &[any("value")], must_to_json).doc(
            "As `toJson`, with an error where that gives an empty text.",
            "${list | mustToJson}",
            "[]",
        ),
        Function::new("toPrettyJson", &[any("value")], to_pretty_json).doc(
            "The value as JSON on several lines.",
            r#"${dict "a" 1 | toPrettyJson}"#,
            "{\n  \"a\": 1\n}",
        ),
        Function::new("mustToPrettyJson", &[any("value")], must_to_pretty_json).doc(
            "As `toPrettyJson`, with an error where that gives an empty text.",
            "${list 1 | mustToPrettyJson}",
            "[\n  1\n]",
        ),
        Function::new("toRawJson", &[any("value")], to_raw_json)
            .aliases(&["mustToRawJson"])
            .doc(
                "The value as JSON, without escapes for HTML.",
                r#"${toRawJson "<"}"#,
                r#""<""#,
            ),
        Function::new("fromJson", &[text("json")], from_json).doc(
            "The value of the JSON; nil, if it is none. Numbers stay as they are written.",
            r#"${(fromJson "{\"a\":[1,2.50]}").a | join " "}"#,
            "1 2.50",
        ),
        Function::new("mustFromJson", &[text("json")], must_from_json).doc(
            "The value of the JSON; an error, if it is none.",
            r#"${mustFromJson "[1]" | first}"#,
            "1",
        ),
    ],
};

const COMPACT: Style = Style {
    escapes_html: true,
    indented: false,
};
const PRETTY: Style = Style {
    escapes_html: true,
    indented: true,
};
const RAW: Style = Style {
    escapes_html: false,
    indented: false,
};

fn written(
    context: &mut Context,
    arguments: &Arguments<'_>,
    style: Style,
) -> Outcome<Option<Value>> {
    match encode(context, arguments.any(0)?, style)? {
        Some(buffer) => context.finish(buffer).map(Some),
        None => Ok(None),
    }
}

const NOT_JSON: Failure = Failure::Because("a float that is infinite, or no number, is no JSON");

fn to_json(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(written(context, arguments, COMPACT)?.unwrap_or_else(|| Value::text("")))
}

fn must_to_json(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    written(context, arguments, COMPACT)?.ok_or(NOT_JSON)
}

fn to_pretty_json(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(written(context, arguments, PRETTY)?.unwrap_or_else(|| Value::text("")))
}

fn must_to_pretty_json(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    written(context, arguments, PRETTY)?.ok_or(NOT_JSON)
}

fn to_raw_json(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    written(context, arguments, RAW)?.ok_or(NOT_JSON)
}

fn read_argument(context: &mut Context, arguments: &Arguments<'_>) -> Outcome<Option<Value>> {
    read::read(context, &arguments.text(0)?.lossy())
}

fn from_json(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(read_argument(context, arguments)?.unwrap_or(Value::Nil))
}

fn must_from_json(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    read_argument(context, arguments)?.ok_or(Failure::Because("the text is not JSON"))
}
