//! Maps merged into one, and copies.

use super::entry::{Arguments, Function, Group, any, map};
use crate::runtime::truth::is_empty;
use crate::runtime::{Context, Entries, Failure, Map, Outcome, Value, limits};

pub(super) const GROUP: Group = Group {
    title: "Merging and copying",
    functions: &[
        Function::new("merge", &[map("target")], merge)
            .aliases(&["mustMerge"])
            .rest(map("sources"))
            .doc(
                "Puts the entries that the target lacks, or has empty, into it, and gives the target.",
                r#"${merge (dict "a" 1) (dict "a" 2 "b" 3) | toJson}"#,
                r#"{"a":1,"b":3}"#,
            ),
        Function::new("mergeOverwrite", &[map("target")], merge_overwrite)
            .aliases(&["mustMergeOverwrite"])
            .rest(map("sources"))
            .doc(
                "Puts everything into the target, and gives the target.",
                r#"${mergeOverwrite (dict "a" 1) (dict "a" 2 "b" 3) | toJson}"#,
                r#"{"a":2,"b":3}"#,
            ),
        Function::new("deepCopy", &[any("value")], deep_copy)
            .aliases(&["mustDeepCopy"])
            .doc(
                "A copy, also of the values inside, that `set` and `merge` do not change.",
                r#"${$a := dict "x" 1}${$b := set (deepCopy $a) "x" 2}${$a.x} ${$b.x}"#,
                "1 2",
            ),
    ],
};

fn merge(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    merge_all(context, arguments, false)
}

fn merge_overwrite(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    merge_all(context, arguments, true)
}

fn merge_all(context: &mut Context, arguments: &Arguments<'_>, overwrites: bool) -> Outcome {
    let target = arguments.map(0)?;
    for index in 1..arguments.rest(0).len() {
        merge_into(context, target, arguments.map(index)?, overwrites, 0)?;
    }
    Ok(Value::Map(target))
}

fn merge_into(
    context: &mut Context,
    target: Map,
    source: Map,
    overwrites: bool,
    depth: usize,
) -> Outcome<()> {
    if depth > limits::VALUE_DEPTH {
        return Err(Failure::TooDeep);
    }
    for (key, new) in context.copy_of_entries(source)? {
        let old = context.get(target, key.bytes())?;
        if let (Some(Value::Map(old)), Value::Map(new)) = (&old, &new) {
            merge_into(context, *old, *new, overwrites, depth + 1)?;
            if !context.entries(*old).is_empty() {
                continue;
            }
        }
        if let Some(old) = &old {
            context.look_at(old)?;
        }
        let is_nil = matches!(new, Value::Nil);
        let is_free = old.is_none_or(|old| is_empty(context, &old));
        if overwrites || (is_free && !is_nil) {
            context.insert(target, key, new)?;
        }
    }
    Ok(())
}

fn deep_copy(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    match arguments.any(0)? {
        Value::Nil => Failure::because("nil cannot be copied"),
        value => copy(context, value, 0),
    }
}

fn copy(context: &mut Context, value: &Value, depth: usize) -> Outcome {
    context.step(1)?;
    if depth > limits::VALUE_DEPTH {
        return Err(Failure::TooDeep);
    }
    match value {
        Value::List(list) => {
            let mut items = context.room_for(list.items().len())?;
            for item in list.items() {
                items.push(copy(context, item, depth + 1)?);
            }
            context.list_of(list.list_type(), items)
        }
        Value::Map(map) => {
            let mut entries = Entries::new();
            for (key, value) in context.copy_of_entries(*map)? {
                let value = copy(context, &value, depth + 1)?;
                context.enter(&mut entries, key, value)?;
            }
            let map_type = context.map_type(*map);
            context.map(map_type, entries)
        }
        _ => Ok(value.clone()),
    }
}
