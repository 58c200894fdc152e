//! The cases of `conformance/templates.json`: what Go's text/template and Sprig give, but for the
//! cases with a note.

use secrecy::ExposeSecret as _;
use serde::Deserialize;
use templates::{Clock, Data, Template};

#[derive(Deserialize)]
struct Suite {
    data: Data,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    template: String,
    expect: Expected,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Expected {
    Output(String),
    Error(bool),
}

#[test]
fn every_case() {
    let suite: Suite = serde_json::from_str(include_str!("conformance/templates.json")).unwrap();
    assert!(suite.cases.len() > 110);
    let mut wrong = Vec::new();
    for case in suite.cases {
        let rendered = Template::parse(&case.template)
            .and_then(|template| template.render(&suite.data, Clock::default()));
        let is_right = match (&case.expect, &rendered) {
            (Expected::Output(expected), Ok(text)) => text.expose_secret() == expected,
            (Expected::Error(expected), Err(_)) => *expected,
            _ => false,
        };
        if !is_right {
            let rendered = rendered.map(|text| text.expose_secret().to_owned());
            wrong.push(format!("{} {}: {rendered:?}", case.name, case.template));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
