//! Lists to texts and back.

use super::entry::{Arguments, Function, Group, any, text};
use super::search::split;
use crate::go::format;
use crate::runtime::{Buffer, Context, ListType, Outcome, Text, Value};

pub(super) const GROUP: Group = Group {
    title: "Lists and texts",
    functions: &[
        Function::new("join", &[text("separator"), any("list")], join).doc(
            "The items as text with the separator between them; nil is left out.",
            r#"${list 1 "a" nil 2 | join "-"}"#,
            "1-a-2",
        ),
        Function::new("toStrings", &[any("list")], to_strings).doc(
            "The items as texts; nil is left out.",
            "${toStrings (list 1 2) | toJson}",
            r#"["1","2"]"#,
        ),
        Function::new("splitList", &[text("separator"), text("text")], split_list).doc(
            "The parts of the text between separators, as a list.",
            r#"${splitList "," "a,b,c" | last}"#,
            "c",
        ),
    ],
};

/// The items as texts without nil; what is no list is the only item.
pub(super) fn texts(context: &mut Context, value: &Value) -> Outcome<Vec<Text>> {
    let items = match value {
        Value::List(list) => list.items(),
        Value::Nil => &[],
        single => std::slice::from_ref(single),
    };
    let mut texts = Vec::with_capacity(items.len());
    for item in items.iter().filter(|item| !matches!(item, Value::Nil)) {
        context.step(1)?;
        texts.push(format::text_of(context, item)?);
    }
    Ok(texts)
}

fn join(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let separator = arguments.text(0)?.bytes();
    let mut output = Buffer::new();
    for (index, text) in texts(context, arguments.any(1)?)?.iter().enumerate() {
        if index > 0 {
            output.push(separator)?;
        }
        output.push(text.bytes())?;
    }
    context.finish(output)
}

fn to_strings(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let texts = texts(context, arguments.any(0)?)?;
    list_of_texts(context, texts)
}

/// A list of texts that are paid for.
pub(super) fn list_of_texts(context: &mut Context, texts: Vec<Text>) -> Outcome {
    let mut items = context.room_for(texts.len())?;
    items.extend(texts.into_iter().map(Value::Text));
    context.list_of(ListType::Texts, items)
}

fn split_list(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (separator, text) = (arguments.text(0)?.bytes(), arguments.text(1)?.bytes());
    context.texts(split(separator, text, None))
}
