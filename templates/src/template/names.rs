//! Names of the data's fields, for a message about one that is not there.

use std::fmt;

use contract::message::thousands;

use crate::data::Data;

/// Most names that a message shows.
const MOST: usize = 3;

/// Longest name that a message shows, in bytes.
const LONGEST: usize = 40;

/// The nearest name, or a few. A server chose them: [`Names::quoted`] marks them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    nearest: Option<String>,
    some: Vec<String>,
    more: usize,
}

impl Names {
    /// What there is beside `missing`.
    pub fn beside(missing: &str, data: &Data) -> Self {
        let shown = || data.keys().filter(|name| is_shown(name));
        if let Some(nearest) = contract::nearest(missing, shown()) {
            return Self {
                nearest: Some(nearest.to_owned()),
                ..Self::default()
            };
        }
        let some: Vec<_> = shown().take(MOST).map(str::to_owned).collect();
        Self {
            nearest: None,
            more: data.keys().count() - some.len(),
            some,
        }
    }

    /// The same with each name marked.
    #[must_use]
    pub fn quoted(self, quote: impl Fn(&str) -> String) -> Self {
        Self {
            nearest: self.nearest.map(|name| quote(&name)),
            some: self.some.iter().map(|name| quote(name)).collect(),
            more: self.more,
        }
    }
}

/// A word, and not what only a program reads.
fn is_shown(name: &str) -> bool {
    name.len() <= LONGEST
        && !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/'))
}

/// The end of a sentence, or nothing.
impl fmt::Display for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(nearest) = &self.nearest {
            return f.write_str(&contract::did_you_mean(Some(nearest)));
        }
        let more = thousands(self.more);
        match (&self.some[..], self.more) {
            ([], 0) => Ok(()),
            ([], _) => write!(f, "; other fields: {more}"),
            ([only], 0) => write!(f, "; there is \"{only}\""),
            ([first @ .., last], 0) => {
                write!(f, "; there are \"{}\" and \"{last}\"", first.join("\", \""))
            }
            (some, _) => write!(f, "; there are \"{}\" and {more} more", some.join("\", \"")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Names;
    use crate::data::Data;

    fn beside(missing: &str, data: &str) -> String {
        let data: Data = serde_json::from_str(data).unwrap();
        Names::beside(missing, &data).to_string()
    }

    #[test]
    fn names_are_few_short_and_words() {
        let long = format!("{{\"{}\":1,\"a b\":2,\"c\":3}}", "x".repeat(41));
        for (data, expected) in [
            ("{}", ""),
            (r#"{"user":1}"#, "; there is \"user\""),
            (r#"{"b":1,"a":2}"#, "; there are \"a\" and \"b\""),
            (r#"{"passwrd":1,"a":2}"#, "; did you mean \"passwrd\"?"),
            (
                r#"{"a":1,"b":2,"c":3,"d":4,"e":5}"#,
                "; there are \"a\", \"b\", \"c\" and 2 more",
            ),
            (&long, "; there are \"c\" and 2 more"),
            (r#"{"a\nb":1}"#, "; other fields: 1"),
        ] {
            assert_eq!(beside("password", data), expected, "{data}");
        }
    }

    #[test]
    fn quoted_marks_every_name() {
        for data in [r#"{"passwrd":1}"#, r#"{"a":1,"b":2}"#] {
            let data: Data = serde_json::from_str(data).unwrap();
            let names = Names::beside("password", &data).quoted(|name| format!("<{name}>"));
            let text = names.to_string();
            assert_eq!(
                text.matches('<').count(),
                text.matches('\"').count() / 2,
                "{text}"
            );
        }
    }
}
