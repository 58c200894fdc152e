mod work;

use std::collections::BTreeSet;

use contract::message::{MESSAGE_WORDS, words};

use super::{GROUPS, all, elsewhere, names, page, refused};

#[test]
fn every_name_is_written_once() {
    let mut seen = BTreeSet::new();
    let refused = refused::ALL.iter().map(|(name, _)| *name);
    let elsewhere = elsewhere::ALL.iter().map(|(name, _, _)| *name);
    for name in names().chain(refused).chain(elsewhere) {
        assert!(seen.insert(name), "{name}");
    }
    assert!(elsewhere::ALL.is_sorted_by_key(|(name, _, _)| *name));
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
fn every_example_of_the_language_prints_what_it_says() {
    let data: crate::Data = serde_json::from_str(page::EXAMPLE_DATA).unwrap();
    for (what, example, prints) in page::LANGUAGE {
        let rendered = crate::Template::parse(example)
            .and_then(|template| template.render(&data, crate::Clock::default()))
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let rendered = secrecy::ExposeSecret::expose_secret(&rendered);
        assert_eq!(rendered, *prints, "{what}");
    }
}

#[test]
fn the_page_has_every_name() {
    let page = page::page();
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
        assert!(matches!(cells(row), 1..=3), "{row}");
    }
}

const SPRIG_NAMES: &str = include_str!("../../tests/conformance/sprig-names.txt");
const SPRIG_CASES: &str = include_str!("../../tests/conformance/sprig.jsonl");

#[test]
fn every_function_of_sprig_is_there_or_refused() {
    assert!(SPRIG_NAMES.lines().count() > 200);
    for name in SPRIG_NAMES.lines() {
        assert!(
            super::find(name).is_some() || refused::find(name).is_some(),
            "{name}"
        );
    }
}

#[test]
fn every_function_has_cases_that_sprig_decided() {
    // Their results depend on the time, or on the order of Go's maps.
    let undecidable = ["now", "ago"];
    let is_word_end = |text: &str| !text.starts_with(|c: char| c.is_ascii_alphanumeric());
    for name in names().filter(|name| !undecidable.contains(name)) {
        let cases = SPRIG_CASES.lines().filter(|line| {
            line.match_indices(name)
                .any(|(at, _)| is_word_end(&line[at + name.len()..]))
        });
        assert!(cases.count() > 3, "{name}");
    }
}

#[test]
fn rejected_function_names_the_reason() {
    for (name, reason) in refused::ALL {
        let error = crate::Template::parse(&format!("a ${{\"x\" | {name}}}")).unwrap_err();
        let expected = format!("template, line 1, column 11: `{name}` is left out: {reason}");
        assert_eq!(error.to_string(), expected);
        let count = words(&format!("container app, variable NAME: {expected}"));
        assert!(count <= MESSAGE_WORDS, "{count} words: {expected}");
    }
}

#[test]
fn names_of_other_tools_become_functions_that_there_are() {
    for (name, tool, write) in elsewhere::ALL {
        let error = crate::Template::parse(&format!("${{.x | {name}}}")).unwrap_err();
        let expected = format!("template, line 1, column 8: `{name}` is {tool}; write {write}");
        assert_eq!(error.to_string(), expected);
        let words = write.split(|c: char| !c.is_ascii_alphanumeric());
        let is_known = |word: &str| {
            super::find(word).is_some() || ["end", "else", "range", "vault"].contains(&word)
        };
        assert!(words.clone().any(is_known), "{name}: {write}");
    }
    let error = crate::Template::parse("${sprig_upper .x}").unwrap_err();
    assert!(error.to_string().ends_with("write `upper`"), "{error}");
}
