//! The function that was probably meant.

use super::entry::Function;
use super::{find, names};

/// Parts of names that turn the meaning round.
const OPPOSITES: [(&str, &str); 9] = [
    ("enc", "dec"),
    ("upper", "lower"),
    ("first", "last"),
    ("prefix", "suffix"),
    ("min", "max"),
    ("floor", "ceil"),
    ("from", "to"),
    ("append", "prepend"),
    ("any", "all"),
];

/// What turns the meaning round where a name begins with it.
const NEGATION: &str = "un";

/// The function whose name is nearest, unless it does the opposite of what the word says.
pub(crate) fn nearest(word: &str) -> Option<&'static Function> {
    let word = word.to_lowercase();
    let candidates = names().filter(|name| !are_opposite(&word, &name.to_lowercase()));
    contract::nearest(&word, candidates).and_then(find)
}

fn are_opposite(word: &str, name: &str) -> bool {
    let has_both = |one: &str, other: &str| word.contains(one) && name.contains(other);
    let is_pair = |(one, other): &(&str, &str)| {
        let same = has_both(one, one) || has_both(other, other);
        !same && (has_both(one, other) || has_both(other, one))
    };
    word.starts_with(NEGATION) != name.starts_with(NEGATION) || OPPOSITES.iter().any(is_pair)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn nearest_is_never_the_opposite() {
        for (word, expected) in [
            ("uper", Some("upper")),
            ("toJSON", Some("toJson")),
            ("untitel", Some("untitle")),
            ("hasPrefx", Some("hasPrefix")),
            ("b64decod", Some("b64dec")),
            ("toTitle", None),
            ("unquote", None),
            ("hasSufix", Some("hasSuffix")),
            ("zzzzzz", None),
        ] {
            let found = nearest(word).map(|function| function.name);
            assert_eq!(found, expected, "{word}");
        }
    }
}
