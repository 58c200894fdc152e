//! Searches whose work grows with the length of both texts, and not with the product.

use memchr::memmem;

use crate::runtime::text::{first_rune, runes};

/// Characters of a text, of which one is found at once or by halving.
pub(super) struct Characters {
    ascii: [bool; 128],
    others: Vec<char>,
}

impl Characters {
    /// The characters of a text; one that is no UTF-8 counts as U+FFFD.
    pub(super) fn of(text: &[u8]) -> Self {
        let mut characters = Self {
            ascii: [false; 128],
            others: Vec::new(),
        };
        for (_, character, _) in runes(text) {
            match characters.ascii.get_mut(character as usize) {
                Some(is_in) => *is_in = true,
                None => characters.others.push(character),
            }
        }
        characters.others.sort_unstable();
        characters.others.dedup();
        characters
    }

    pub(super) fn contains(&self, character: char) -> bool {
        match self.ascii.get(character as usize) {
            Some(is_in) => *is_in,
            None => self.others.binary_search(&character).is_ok(),
        }
    }
}

/// The text without the characters around it that are to go.
pub(super) fn trim(text: &[u8], goes: impl Fn(char) -> bool) -> &[u8] {
    let mut kept = runes(text).filter(|(_, character, _)| !goes(*character));
    let Some((start, _, width)) = kept.next() else {
        return &[];
    };
    let end = kept
        .last()
        .map_or(start + width, |(at, _, width)| at + width);
    &text[start..end]
}

/// The parts of a text between separators; see [`split`].
pub(super) struct Parts<'t, 's> {
    rest: Option<&'t [u8]>,
    separator: &'s [u8],
    finder: memmem::Finder<'s>,
    left: usize,
}

/// The parts between separators, the last one with the rest where there are more than `most`. An
/// empty separator splits between characters.
pub(super) fn split<'t, 's>(
    separator: &'s [u8],
    text: &'t [u8],
    most: Option<usize>,
) -> Parts<'t, 's> {
    Parts {
        rest: Some(text),
        separator,
        finder: memmem::Finder::new(separator),
        left: most.unwrap_or(usize::MAX),
    }
}

impl<'t> Iterator for Parts<'t, '_> {
    type Item = &'t [u8];

    fn next(&mut self) -> Option<&'t [u8]> {
        self.left = self.left.checked_sub(1)?;
        let rest = self.rest.take()?;
        let end = match self.separator {
            // Between characters, none of which is empty.
            [] => first_rune(rest).map(|(_, width)| width),
            _ => self.finder.find(rest),
        };
        let Some(end) = end.filter(|_| self.left > 0) else {
            let is_over = self.separator.is_empty() && rest.is_empty();
            return Some(rest).filter(|_| !is_over);
        };
        self.rest = Some(&rest[end + self.separator.len()..]);
        Some(&rest[..end])
    }
}

#[cfg(test)]
mod tests {
    use super::{Characters, split, trim};

    #[test]
    fn characters_of_any_kind_are_found() {
        let set = Characters::of("aü€\u{1f600}\u{1f600}".as_bytes());
        for (character, is_in) in [
            ('a', true),
            ('b', false),
            ('ü', true),
            ('ö', false),
            ('😀', true),
        ] {
            assert_eq!(set.contains(character), is_in, "{character}");
        }
        assert!(Characters::of(b"\xff").contains('\u{fffd}'));
    }

    #[test]
    fn trimming_keeps_what_is_between() {
        for (text, trimmed) in [
            ("", ""),
            ("xx", ""),
            ("xaxbx", "axb"),
            ("üxü", "üxü"),
            ("a", "a"),
        ] {
            assert_eq!(
                trim(text.as_bytes(), |c| c == 'x'),
                trimmed.as_bytes(),
                "{text}"
            );
        }
    }

    #[test]
    fn splitting_gives_what_go_gives() {
        let cases: [(&str, &str, Option<usize>, &[&str]); 9] = [
            (",", "a,b", None, &["a", "b"]),
            (",", "", None, &[""]),
            (",", ",", None, &["", ""]),
            (",", "a,b,c", Some(2), &["a", "b,c"]),
            (",", "a,b", Some(0), &[]),
            ("", "aü", None, &["a", "ü"]),
            ("", "abc", Some(2), &["a", "bc"]),
            ("", "", None, &[]),
            ("aa", "aaa", None, &["", "a"]),
        ];
        for (separator, text, most, parts) in cases {
            let split: Vec<_> = split(separator.as_bytes(), text.as_bytes(), most).collect();
            let expected: Vec<_> = parts.iter().map(|part| part.as_bytes()).collect();
            assert_eq!(split, expected, "{separator:?} {text:?} {most:?}");
        }
    }
}
