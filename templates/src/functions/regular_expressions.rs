//! Regular expressions, in Go's syntax.

use super::entry::{Arguments, Function, Group, integer, text};
use crate::go::regexp::Expression;
use crate::runtime::{Context, Failure, ListType, Outcome, Value};

pub(super) const GROUP: Group = Group {
    title: "Regular expressions",
    functions: &[
        Function::new("regexMatch", &[text("expression"), text("text")], matches)
            .aliases(&["mustRegexMatch"])
            .doc(
                "Whether the expression matches somewhere in the text.",
                r#"${regexMatch "^db\\." "db.internal"}"#,
                "true",
            ),
        Function::new("regexFind", &[text("expression"), text("text")], find)
            .aliases(&["mustRegexFind"])
            .doc(
                "The first match; an empty text, if there is none.",
                r#"${regexFind "[0-9]+" "a12b345"}"#,
                "12",
            ),
        Function::new(
            "regexFindAll",
            &[text("expression"), text("text"), integer("most")],
            find_all,
        )
        .aliases(&["mustRegexFindAll"])
        .doc(
            "So many matches; all, if the number is negative.",
            r#"${regexFindAll "[0-9]+" "a12b345" -1}"#,
            "[12 345]",
        ),
        Function::new(
            "regexReplaceAll",
            &[text("expression"), text("text"), text("replacement")],
            replace_all,
        )
        .aliases(&["mustRegexReplaceAll"])
        .doc(
            "The text with every match replaced; `$1` and `${name}` stand for groups.",
            r#"${regexReplaceAll "(\\w+)@(\\w+)" "user@host" "${2}/${1}"}"#,
            "host/user",
        ),
        Function::new(
            "regexReplaceAllLiteral",
            &[text("expression"), text("text"), text("replacement")],
            replace_all_literal,
        )
        .aliases(&["mustRegexReplaceAllLiteral"])
        .doc(
            "The text with every match replaced by just this.",
            r#"${regexReplaceAllLiteral "a+" "caat" "$1"}"#,
            "c$1t",
        ),
        Function::new(
            "regexSplit",
            &[text("expression"), text("text"), integer("most")],
            split,
        )
        .aliases(&["mustRegexSplit"])
        .doc(
            "The parts of the text between matches: at most so many; all, if the number is negative.",
            r#"${regexSplit " *, *" "a , b,c" -1 | toJson}"#,
            r#"["a","b","c"]"#,
        ),
        Function::new("regexQuoteMeta", &[text("text")], quote_meta).doc(
            "An expression that matches just this text.",
            r#"${regexQuoteMeta "1.5$"}"#,
            r"1\.5\$",
        ),
    ],
};

/// The text that is searched.
fn haystack<'a>(arguments: &Arguments<'a>) -> Outcome<&'a str> {
    let text = arguments.text(1)?.str();
    text.ok_or(Failure::Because(
        "regular expressions look into UTF-8 text only",
    ))
}

fn matches(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let expression = Expression::new(context, arguments.text(0)?)?;
    let found = expression.find_at(context, haystack(arguments)?, 0)?;
    Ok(Value::Bool(found.is_some()))
}

fn find(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let haystack = haystack(arguments)?;
    let expression = Expression::new(context, arguments.text(0)?)?;
    match expression.find_at(context, haystack, 0)? {
        Some(found) => context.text(&haystack[found.start..found.end]),
        None => Ok(Value::text("")),
    }
}

/// A negative number is no limit.
fn limit(arguments: &Arguments<'_>) -> Outcome<Option<usize>> {
    Ok(usize::try_from(arguments.integer(2)?).ok())
}

fn find_all(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let haystack = haystack(arguments)?;
    let expression = Expression::new(context, arguments.text(0)?)?;
    let mut all = Vec::new();
    expression.find_all(
        context,
        haystack,
        limit(arguments)?,
        |context, start, end| {
            let found = context.text(&haystack[start..end])?;
            context.push(&mut all, found)?;
            Ok(true)
        },
    )?;
    let list_type = if all.is_empty() {
        ListType::NilTexts
    } else {
        ListType::Texts
    };
    context.list_of(list_type, all)
}

fn replace_all(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let expression = Expression::new(context, arguments.text(0)?)?;
    let replacement = arguments.text(2)?.lossy();
    let (haystack, length) = (haystack(arguments)?, replacement.len());
    let replaced = expression.replace_all(context, haystack, length, |output, found| {
        found.expand(output, &replacement)
    })?;
    context.finish(replaced)
}

fn replace_all_literal(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let expression = Expression::new(context, arguments.text(0)?)?;
    let replacement = arguments.text(2)?.bytes();
    let haystack = haystack(arguments)?;
    let replaced = expression.replace_all(context, haystack, replacement.len(), |output, _| {
        output.push(replacement)
    })?;
    context.finish(replaced)
}

fn split(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let expression = Expression::new(context, arguments.text(0)?)?;
    let count = limit(arguments)?;
    if count == Some(0) {
        return context.list(ListType::NilTexts, &[]);
    }
    let mut parts = Vec::new();
    expression.split(context, haystack(arguments)?, count, |context, part| {
        let part = context.text(part)?;
        context.push(&mut parts, part)
    })?;
    context.list_of(ListType::Texts, parts)
}

fn quote_meta(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let mut quoted = Vec::new();
    for byte in arguments.text(0)?.bytes() {
        if br"\.+*?()|[]{}^$".contains(byte) {
            quoted.push(b'\\');
        }
        quoted.push(*byte);
    }
    context.text(quoted)
}
