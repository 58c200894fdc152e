use super::{Annotations, ENTRIES, STATUS};
use crate::pod::PodView;

fn parse(annotations: &str) -> Result<Annotations, String> {
    let pod = format!(r#"{{"metadata":{{"annotations":{annotations}}},"spec":{{}}}}"#);
    let pod = PodView::parse(&pod).unwrap();
    Annotations::parse(pod.annotations()).map_err(|problems| problems.to_string())
}

#[test]
fn every_entry_is_a_key() {
    for entry in ENTRIES {
        let text = parse(&format!(r#"{{"tokenpipe.dev/{}":"\u0000"}}"#, entry.key));
        let message = text.err().unwrap_or_default();
        assert!(
            !message.contains("is not known"),
            "{}: {message}",
            entry.key
        );
        assert!(
            !entry.meaning.trim().is_empty() && !entry.values.is_empty(),
            "{}",
            entry.key
        );
    }
    assert!(!ENTRIES.iter().any(|entry| entry.key == STATUS));
}

#[test]
fn other_prefixes_are_not_ours() {
    let annotations =
        r#"{"vault.hashicorp.com/agent-inject":"true","tokenpipe.development/x":"y"}"#;
    assert!(parse(annotations).is_ok());
}

#[test]
fn a_credential_is_never_shown() {
    let annotations = r#"{"tokenpipe.dev/auth-config":"- canary\n- [canary"}"#;
    let message = parse(annotations).unwrap_err();
    assert!(message.contains("tokenpipe.dev/auth-config"), "{message}");
    assert!(!message.contains("canary"), "{message}");
    let parsed = parse(r#"{"tokenpipe.dev/auth-config":"secret_id: canary"}"#).unwrap();
    assert!(!format!("{parsed:?}").contains("canary"));
}

#[test]
fn a_long_value_is_cut() {
    let message = parse(&format!(
        r#"{{"tokenpipe.dev/restart":"{}"}}"#,
        "x".repeat(10_000)
    ));
    assert!(message.unwrap_err().len() < 300);
    let message = parse(&format!(r#"{{"tokenpipe.dev/{}":""}}"#, "x".repeat(10_000)));
    assert!(message.unwrap_err().len() < 800);
}

#[test]
fn unknown_annotations_beyond_twenty_are_counted() {
    let many = (0..3_200).map(|n| format!(r#""tokenpipe.dev/{n}":"""#));
    let many = many.collect::<Vec<_>>().join(",");
    let message = parse(&format!("{{{many}}}")).unwrap_err();
    assert!(message.len() < 4200, "{}", message.len());
    assert!(message.ends_with(" more"), "{message}");
    let named = message.matches("is not known").count();
    let counted = format!("and {} more", contract::message::thousands(3_200 - named));
    assert!(named <= 20 && message.ends_with(&counted), "{message}");
}

#[test]
fn an_explosion_is_called_one() {
    let lines = ('b'..='i').zip('a'..='h').map(|(name, of)| {
        format!(
            "{name}: &{name} [{}]\\n",
            vec![format!("*{of}"); 9].join(",")
        )
    });
    let text = format!("a: &a [x,x]\\n{}", lines.collect::<String>());
    let message = parse(&format!(r#"{{"tokenpipe.dev/auth-config":"{text}"}}"#)).unwrap_err();
    assert!(
        message.contains("it nests or repeats more than is allowed: see line"),
        "{message}"
    );
}
