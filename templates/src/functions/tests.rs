use std::collections::BTreeSet;

use super::{GROUPS, all, names, refused};

#[test]
fn every_name_is_written_once() {
    let mut seen = BTreeSet::new();
    for name in names().chain(refused::ALL.iter().map(|(name, _)| *name)) {
        assert!(seen.insert(name), "{name}");
    }
    assert!(refused::ALL.is_sorted_by_key(|(name, _)| *name));
}

#[test]
fn every_function_is_documented() {
    for function in all() {
        assert!(
            function.doc.ends_with('.') || function.doc.ends_with(".)"),
            "{}",
            function.name
        );
        assert!(!function.doc.contains('\n'), "{}", function.name);
        let (example, prints) = function.example;
        assert!(
            example.contains(function.name) && !prints.is_empty(),
            "{}",
            function.name
        );
    }
    assert_eq!(
        GROUPS
            .iter()
            .map(|group| group.functions.len())
            .sum::<usize>(),
        all().count()
    );
}

#[test]
fn every_example_prints_what_it_says() {
    let clock = crate::Clock {
        unix_seconds: 1_795_439_655,
        nanoseconds: 0,
    };
    let mut wrong = Vec::new();
    for function in all() {
        let (example, prints) = function.example;
        let rendered = crate::Template::parse(example)
            .and_then(|template| template.render(&crate::Data::default(), clock));
        match rendered {
            Ok(text) if secrecy::ExposeSecret::expose_secret(&text) == prints => {}
            Ok(text) => wrong.push(format!(
                "{}: {:?} and not {prints:?}",
                function.name,
                secrecy::ExposeSecret::expose_secret(&text)
            )),
            Err(error) => wrong.push(format!("{}: {error}", function.name)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_page_has_every_name() {
    let page = super::page::page();
    for name in names().chain(refused::ALL.iter().map(|(name, _)| *name)) {
        let is_named = page.contains(&format!("`{name}`")) || page.contains(&format!("| `{name} "));
        assert!(is_named, "{name}");
    }
    for group in GROUPS {
        assert!(page.contains(&format!("## {}\n", group.title)));
    }
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    let cells = |row: &str| row.replace("\\|", "").matches(" | ").count();
    assert!(rows.clone().count() > 200);
    for row in rows {
        assert!(matches!(cells(row), 1 | 3), "{row}");
    }
}
