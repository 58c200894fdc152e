//! Layouts of times, written as Go writes them: the reference time in the wanted form.

mod parse;
mod text;

use std::borrow::Cow;
use std::fmt::Write as _;

use super::calendar;
use super::time::{Civil, Time, month_name, weekday_name};

use crate::runtime::{Context, Failure, Outcome, Text, limits};

pub(crate) use parse::parse;

/// A piece of a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Element {
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
enum Padding {
    None,
    Zero,
    Space,
}

/// The form of an offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Offset {
    /// `Z` for UTC.
    with_z: bool,
    /// `:` between the numbers.
    colons: bool,
    /// Hours, then minutes, then seconds: how many of them.
    numbers: usize,
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
fn next_element(layout: &str) -> (&str, Option<Element>, &str) {
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

/// A layout, if it is not absurdly long.
pub(crate) fn checked<'l>(context: &mut Context, layout: &'l Text) -> Outcome<Cow<'l, str>> {
    if layout.len() > limits::LAYOUT {
        return Failure::because("the layout is longer than 1024 bytes");
    }
    // Every byte may begin an element, which is looked up and written.
    context.step(layout.len())?;
    Ok(layout.lossy())
}

/// A time in the form of a layout that somebody else wrote.
pub(crate) fn checked_format(context: &mut Context, time: Time, layout: &Text) -> Outcome {
    let layout = checked(context, layout)?;
    context.text(format(time, &layout))
}

/// A time in the form of a layout.
pub(crate) fn format(time: Time, layout: &str) -> String {
    let civil = time.civil();
    let mut text = String::new();
    let mut rest = layout;
    loop {
        let (before, element, after) = next_element(rest);
        text.push_str(before);
        let Some(element) = element else {
            return text;
        };
        // Writing to a `String` does not fail.
        let _ = write(&mut text, time, &civil, element);
        rest = after;
    }
}

fn write(text: &mut String, time: Time, civil: &Civil, element: Element) -> std::fmt::Result {
    let date = civil.date;
    let hour12 = (civil.hour + 11) % 12 + 1;
    let month = month_name(date.month).unwrap_or_default();
    let weekday = weekday_name(calendar::weekday(civil.day)).unwrap_or_default();
    match element {
        Element::LongYear => write!(text, "{}{:04}", sign(date.year), date.year.abs()),
        Element::ShortYear => write!(text, "{:02}", date.year.abs() % 100),
        Element::LongMonth => text.write_str(month),
        Element::ShortMonth => text.write_str(&month[..3]),
        Element::Month(padding) => number(text, date.month, padding, 2),
        Element::LongWeekday => text.write_str(weekday),
        Element::ShortWeekday => text.write_str(&weekday[..3]),
        Element::Day(padding) => number(text, date.day, padding, 2),
        Element::YearDay(padding) => number(text, date.day_of_year(), padding, 3),
        Element::Hour => number(text, civil.hour, Padding::Zero, 2),
        Element::Hour12(padding) => number(text, hour12, padding, 2),
        Element::Minute(padding) => number(text, civil.minute, padding, 2),
        Element::Second(padding) => number(text, civil.second, padding, 2),
        Element::UpperHalf => text.write_str(if civil.hour >= 12 { "PM" } else { "AM" }),
        Element::LowerHalf => text.write_str(if civil.hour >= 12 { "pm" } else { "am" }),
        Element::ZoneName if time.zone.name().is_empty() => {
            write_offset(text, time.zone.offset, PLAIN_OFFSET)
        }
        Element::ZoneName => text.write_str(time.zone.name()),
        Element::Offset(form) => write_offset(text, time.zone.offset, form),
        Element::Fraction {
            separator,
            digits,
            keeps_zeros,
        } => write_fraction(text, time.nanoseconds, separator, digits, keeps_zeros),
    }
}

fn sign(number: i64) -> &'static str {
    if number < 0 { "-" } else { "" }
}

fn number(text: &mut String, number: i64, padding: Padding, width: usize) -> std::fmt::Result {
    match padding {
        Padding::None => write!(text, "{number}"),
        Padding::Zero => write!(text, "{number:0width$}"),
        Padding::Space => write!(text, "{number:width$}"),
    }
}

/// `-0700`
const PLAIN_OFFSET: Offset = Offset {
    with_z: false,
    colons: false,
    numbers: 2,
};

fn write_offset(text: &mut String, offset: i64, form: Offset) -> std::fmt::Result {
    if form.with_z && offset == 0 {
        return text.write_str("Z");
    }
    // Less than a minute west of UTC is `+00`, as in Go.
    let minus = offset / 60 < 0;
    let colon = if form.colons { ":" } else { "" };
    let seconds = offset.abs();
    write!(
        text,
        "{}{:02}",
        if minus { '-' } else { '+' },
        seconds / 3600
    )?;
    if form.numbers > 1 {
        write!(text, "{colon}{:02}", seconds / 60 % 60)?;
    }
    if form.numbers > 2 {
        write!(text, "{colon}{:02}", seconds % 60)?;
    }
    Ok(())
}

fn write_fraction(
    text: &mut String,
    nanoseconds: u32,
    separator: char,
    digits: usize,
    keeps_zeros: bool,
) -> std::fmt::Result {
    let all = format!("{nanoseconds:09}");
    let shown = &all[..digits.min(all.len())];
    let shown = if keeps_zeros {
        shown
    } else {
        shown.trim_end_matches('0')
    };
    if shown.is_empty() {
        return Ok(());
    }
    write!(text, "{separator}{shown}")
}
