//! Pieces of a layout, found in its text.

/// A piece of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    LongYear,
    ShortYear,
    LongMonth,
    ShortMonth,
    Month(Padding),
    LongWeekday,
    ShortWeekday,
    Day(Padding),
    YearDay(Padding),
    Hour,
    Hour12(Padding),
    Minute(Padding),
    Second(Padding),
    UpperHalf,
    LowerHalf,
    ZoneName,
    Offset(Offset),
    /// A separator, and so many digits.
    Fraction {
        separator: char,
        digits: usize,
        keeps_zeros: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Padding {
    None,
    Zero,
    Space,
}

/// The form of an offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offset {
    /// `Z` for UTC.
    pub(super) with_z: bool,
    /// `:` between the numbers.
    pub(super) colons: bool,
    /// Hours, then minutes, then seconds: how many of them.
    pub(super) numbers: usize,
}

const fn offset(with_z: bool, colons: bool, numbers: usize) -> Element {
    Element::Offset(Offset {
        with_z,
        colons,
        numbers,
    })
}

/// Words of a layout. Of two that begin alike the longer one comes first.
const WORDS: &[(&str, Element)] = &[
    ("January", Element::LongMonth),
    ("Jan", Element::ShortMonth),
    ("Monday", Element::LongWeekday),
    ("Mon", Element::ShortWeekday),
    ("MST", Element::ZoneName),
    ("01", Element::Month(Padding::Zero)),
    ("02", Element::Day(Padding::Zero)),
    ("03", Element::Hour12(Padding::Zero)),
    ("04", Element::Minute(Padding::Zero)),
    ("05", Element::Second(Padding::Zero)),
    ("06", Element::ShortYear),
    ("002", Element::YearDay(Padding::Zero)),
    ("15", Element::Hour),
    ("1", Element::Month(Padding::None)),
    ("2006", Element::LongYear),
    ("2", Element::Day(Padding::None)),
    ("_2", Element::Day(Padding::Space)),
    ("__2", Element::YearDay(Padding::Space)),
    ("3", Element::Hour12(Padding::None)),
    ("4", Element::Minute(Padding::None)),
    ("5", Element::Second(Padding::None)),
    ("PM", Element::UpperHalf),
    ("pm", Element::LowerHalf),
    ("-070000", offset(false, false, 3)),
    ("-07:00:00", offset(false, true, 3)),
    ("-0700", offset(false, false, 2)),
    ("-07:00", offset(false, true, 2)),
    ("-07", offset(false, false, 1)),
    ("Z070000", offset(true, false, 3)),
    ("Z07:00:00", offset(true, true, 3)),
    ("Z0700", offset(true, false, 2)),
    ("Z07:00", offset(true, true, 2)),
    ("Z07", offset(true, false, 1)),
];

/// The next element of a layout, with the text before and after it.
pub(super) fn next_element(layout: &str) -> (&str, Option<Element>, &str) {
    for (at, character) in layout.char_indices() {
        let rest = &layout[at..];
        let found = match character {
            '.' | ',' => fraction(rest, character),
            // A literal `_`, and the year behind it.
            '_' if rest[1..].starts_with("2006") => None,
            'J' | 'M' | '0'..='5' | '_' | 'P' | 'p' | '-' | 'Z' => word(rest),
            _ => None,
        };
        if let Some((element, length)) = found {
            return (&layout[..at], Some(element), &rest[length..]);
        }
    }
    (layout, None, "")
}

fn word(text: &str) -> Option<(Element, usize)> {
    let (word, element) = WORDS.iter().find(|(word, element)| {
        text.starts_with(word)
            // `Month` is not a month, and `Monty` is not a weekday.
            && !(matches!(element, Element::ShortMonth | Element::ShortWeekday)
                && text[word.len()..].starts_with(|c: char| c.is_ascii_lowercase()))
    })?;
    Some((*element, word.len()))
}

/// `.000` or `,999`, if no other digit follows.
fn fraction(text: &str, separator: char) -> Option<(Element, usize)> {
    let digit = text[1..]
        .chars()
        .next()
        .filter(|c| matches!(c, '0' | '9'))?;
    let behind = text[1..].trim_start_matches(digit);
    if behind.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let digits = text.len() - 1 - behind.len();
    let element = Element::Fraction {
        separator,
        digits,
        keeps_zeros: digit == '0',
    };
    Some((element, digits + 1))
}
