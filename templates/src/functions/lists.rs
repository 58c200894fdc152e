//! Lists: making them, and taking parts of them.

use super::entry::{Arguments, Function, Group, any, list};
use crate::runtime::{Context, List, ListType, Outcome, Value};

pub(super) const GROUP: Group = Group {
    title: "Lists",
    functions: &[
        Function::new("list", &[], make)
            .aliases(&["tuple"])
            .rest(any("items"))
            .doc(
                "A list of the arguments.",
                r#"${list 1 "a" true}"#,
                "[1 a true]",
            ),
        Function::new("first", &[list("list")], first)
            .aliases(&["mustFirst"])
            .doc(
                "The first item; nil, if there is none.",
                r#"${list "a" "b" | first}"#,
                "a",
            ),
        Function::new("last", &[list("list")], last)
            .aliases(&["mustLast"])
            .doc(
                "The last item; nil, if there is none.",
                r#"${list "a" "b" | last}"#,
                "b",
            ),
        Function::new("rest", &[list("list")], rest)
            .aliases(&["mustRest"])
            .doc("All items but the first.", "${list 1 2 3 | rest}", "[2 3]"),
        Function::new("initial", &[list("list")], initial)
            .aliases(&["mustInitial"])
            .doc(
                "All items but the last.",
                "${list 1 2 3 | initial}",
                "[1 2]",
            ),
        Function::new("append", &[list("list"), any("item")], append)
            .aliases(&["push", "mustAppend", "mustPush"])
            .doc(
                "The list with one more item.",
                "${append (list 1 2) 3}",
                "[1 2 3]",
            ),
        Function::new("prepend", &[list("list"), any("item")], prepend)
            .aliases(&["mustPrepend"])
            .doc(
                "The list with one more item before it.",
                "${prepend (list 1 2) 0}",
                "[0 1 2]",
            ),
        Function::new("concat", &[], concat)
            .rest(list("lists"))
            .doc(
                "One list of the items of all.",
                "${concat (list 1 2) (list 3)}",
                "[1 2 3]",
            ),
    ],
};

fn make(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    context.list(ListType::Any, arguments.rest(0))
}

fn first(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(arguments
        .list(0)?
        .items()
        .first()
        .cloned()
        .unwrap_or(Value::Nil))
}

fn last(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(arguments
        .list(0)?
        .items()
        .last()
        .cloned()
        .unwrap_or(Value::Nil))
}

/// A part of a list; of an empty list, what Go calls a nil slice.
fn part(context: &mut Context, list: &List, part: Option<&[Value]>) -> Outcome {
    match part {
        Some(items) if !list.items().is_empty() => context.list(ListType::Any, items),
        _ => context.list(ListType::Nil, &[]),
    }
}

fn rest(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let list = arguments.list(0)?;
    part(context, list, list.items().get(1..))
}

fn initial(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let list = arguments.list(0)?;
    part(
        context,
        list,
        list.items().split_last().map(|(_, initial)| initial),
    )
}

fn append(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (items, last) = (arguments.list(0)?.items(), arguments.any(1)?);
    concatenate(context, &[items, std::slice::from_ref(last)])
}

fn prepend(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let (items, first) = (arguments.list(0)?.items(), arguments.any(1)?);
    concatenate(context, &[std::slice::from_ref(first), items])
}

fn concat(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let lists = (0..arguments.rest(0).len()).map(|index| Ok(arguments.list(index)?.items()));
    concatenate(context, &lists.collect::<Outcome<Vec<_>>>()?)
}

/// One list of the items of all.
fn concatenate(context: &mut Context, lists: &[&[Value]]) -> Outcome {
    let mut items = context.room_for(lists.iter().map(|items| items.len()).sum())?;
    for list in lists {
        items.extend_from_slice(list);
    }
    let list_type = if items.is_empty() {
        ListType::Nil
    } else {
        ListType::Any
    };
    context.list_of(list_type, items)
}
