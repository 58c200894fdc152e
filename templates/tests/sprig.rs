//! Cases whose expected results come from Go's text/template and Sprig 3.3.0 themselves.
//!
//! `integration/tools/sprig` writes and checks them. Where we differ on purpose, the case says what
//! we give and names its reason in `differences.json`, which the user's page explains.

#![expect(clippy::unwrap_used, reason = "the corpus is part of the test")]

use std::collections::{BTreeMap, BTreeSet};

use secrecy::ExposeSecret as _;
use serde::Deserialize;
use templates::{Clock, Data, Template};

#[derive(Deserialize)]
struct Head {
    data: Data,
}

#[derive(Deserialize)]
struct Case {
    template: String,
    #[serde(flatten)]
    sprig: Answer,
    ours: Option<Answer>,
    because: Option<String>,
}

/// None of the two is what is not UTF-8, which we refuse.
#[derive(Deserialize, PartialEq)]
struct Answer {
    output: Option<String>,
    #[serde(default)]
    error: bool,
}

fn corpus() -> (Data, Vec<Case>) {
    let mut lines = include_str!("conformance/sprig.jsonl").lines();
    let head: Head = serde_json::from_str(lines.next().unwrap()).unwrap();
    let cases = lines.map(|line| serde_json::from_str(line).unwrap());
    (head.data, cases.collect())
}

fn differences() -> BTreeMap<String, String> {
    serde_json::from_str(include_str!("conformance/differences.json")).unwrap()
}

fn render(template: &str, data: &Data) -> Answer {
    let rendered =
        Template::parse(template).and_then(|template| template.render(data, Clock::default()));
    Answer {
        error: rendered.is_err(),
        output: rendered.ok().map(|text| text.expose_secret().to_owned()),
    }
}

#[test]
fn every_case() {
    let (data, cases) = corpus();
    assert!(cases.len() > 4000);
    let mut wrong = Vec::new();
    for case in &cases {
        let given = render(&case.template, &data);
        if given != *case.ours.as_ref().unwrap_or(&case.sprig) {
            wrong.push(format!("{}: {:?}", case.template, given.output));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_difference_has_a_reason_that_the_page_explains() {
    let (_, cases) = corpus();
    let reasons = differences();
    let mut used = BTreeSet::new();
    for case in &cases {
        match (&case.ours, &case.because) {
            (None, None) => {}
            (Some(ours), Some(because)) => {
                assert!(*ours != case.sprig, "{} does not differ", case.template);
                assert!(
                    reasons.contains_key(because),
                    "{}: {because}",
                    case.template
                );
                used.insert(because);
            }
            _ => panic!("{}: `ours` and `because` belong together", case.template),
        }
    }
    let page = include_str!("../../docs/template-differences.md");
    let headings: BTreeSet<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    let titles: BTreeSet<_> = reasons.values().map(String::as_str).collect();
    assert_eq!(headings, titles);
    assert_eq!(used, reasons.keys().collect());
    let count = format!("{},{:03} cases", cases.len() / 1000, cases.len() % 1000);
    assert!(page.contains(&count), "{count}");
}
