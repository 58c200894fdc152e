//! Layouts of times, written as Go writes them: the reference time in the wanted form.

mod element;
mod parse;
mod text;

use std::borrow::Cow;
use std::fmt::Write as _;

use super::calendar;
use super::time::{Civil, Time, month_name, weekday_name};
use crate::runtime::{Context, Failure, Outcome, Text, limits};
use element::{Element, Offset, Padding, next_element};

pub(crate) use parse::parse;

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

/// As `%v` prints it.
pub(crate) fn to_text(time: Time) -> String {
    format(time, "2006-01-02 15:04:05.999999999 -0700 MST")
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
