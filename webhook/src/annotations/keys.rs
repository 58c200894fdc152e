//! The annotation about single keys of whole paths.

use std::collections::{BTreeMap, BTreeSet};

use contract::names::is_variable_name;

use super::list;
use super::value::{AnnotationValue, found};
use crate::excerpt::excerpt;

/// Keys of whole paths: each becomes the variable of this name, or none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FromPathKeys(pub BTreeMap<String, Option<String>>);

impl AnnotationValue for FromPathKeys {
    fn parse(text: &str) -> Result<Self, String> {
        list::entries(text)?;
        let mut keys = BTreeMap::new();
        let mut names = BTreeSet::new();
        // The list itself and not its different entries: one that repeats is a mistake here.
        for entry in text.split(',').map(str::trim) {
            let (key, name) = split_key(entry)?;
            if let Some(name) = name
                && !names.insert(name)
            {
                let name = excerpt(name);
                return Err(format!("variable {name:?} is given twice; rename one key"));
            }
            let name = name.map(str::to_owned);
            if keys.insert(key.to_owned(), name).is_some() {
                let key = excerpt(key);
                return Err(format!("key {key:?} is listed twice; keep one entry"));
            }
        }
        Ok(Self(keys))
    }
}

/// A key of `from-path` and the variable that it becomes.
fn split_key(entry: &str) -> Result<(&str, Option<&str>), String> {
    let (key, name) = match (entry.strip_prefix('-'), entry.split_once('=')) {
        (Some(key), None) => (key, None),
        (None, Some((key, name))) => (key.trim_end(), Some(name.trim_start())),
        (None, None) => (entry, Some(entry)),
        (Some(_), Some(_)) => ("", None),
    };
    if key.is_empty() {
        return Err(found(entry, "KEY, KEY=NAME or -KEY"));
    }
    match name {
        Some(name) if !is_variable_name(name) => Err(format!(
            "{:?} cannot be a variable's name; write KEY=NAME with a NAME that can",
            excerpt(name)
        )),
        name => Ok((key, name)),
    }
}

#[cfg(test)]
mod tests {
    use super::{AnnotationValue as _, FromPathKeys};

    fn parse(text: &str) -> Result<Vec<(String, Option<String>)>, String> {
        FromPathKeys::parse(text).map(|keys| keys.0.into_iter().collect())
    }

    fn pairs(pairs: &[(&str, Option<&str>)]) -> Vec<(String, Option<String>)> {
        let pairs = pairs.iter();
        pairs
            .map(|(key, name)| ((*key).to_owned(), name.map(str::to_owned)))
            .collect()
    }

    #[test]
    fn entry_leaves_out_renames_or_allows() {
        for (text, expected) in [
            ("-debug", pairs(&[("debug", None)])),
            ("user=DB_USER", pairs(&[("user", Some("DB_USER"))])),
            ("LD_PRELOAD", pairs(&[("LD_PRELOAD", Some("LD_PRELOAD"))])),
            (
                " my key = MY_KEY ,\n-1x",
                pairs(&[("1x", None), ("my key", Some("MY_KEY"))]),
            ),
            ("a=b,b=a", pairs(&[("a", Some("b")), ("b", Some("a"))])),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn entry_of_another_form_is_rejected() {
        for text in ["", "a,,b", "-", "=A", "-a=B"] {
            let error = parse(text).unwrap_err();
            assert!(
                error.ends_with("allowed is KEY, KEY=NAME or -KEY"),
                "{text}: {error}"
            );
        }
        for (text, name) in [
            ("a=", ""),
            ("a=1x", "1x"),
            ("my key", "my key"),
            ("a=b=c", "b=c"),
        ] {
            let error = parse(text).unwrap_err();
            let expected = format!("{name:?} cannot be a variable's name; ");
            assert!(error.starts_with(&expected), "{text}: {error}");
        }
    }

    #[test]
    fn entries_that_repeat_or_contradict_are_rejected() {
        for text in ["a,-a", "-a,-a", "a=A,-a", "a=A,a=B"] {
            assert_eq!(
                parse(text).unwrap_err(),
                "key \"a\" is listed twice; keep one entry",
                "{text}"
            );
        }
        for text in ["A,A", "A,a=A", "a=A,b=A"] {
            assert_eq!(
                parse(text).unwrap_err(),
                "variable \"A\" is given twice; rename one key",
                "{text}"
            );
        }
    }

    #[test]
    fn list_beyond_its_bounds_is_rejected() {
        let many: Vec<_> = (0..5_000).map(|n| format!("-a{n}")).collect();
        assert_eq!(
            parse(&many.join(",")).unwrap_err(),
            "the list has more than 4,096 entries; shorten it"
        );
        let long = parse(&format!("a={}", "=".repeat(100_000))).unwrap_err();
        assert!(long.len() < 200, "{long}");
    }
}
