//! Texts to times, by a layout.

use super::element::{Element, Offset, Padding, next_element};
use super::text::{
    digits, lookup, one_or_two, skip, skip_colon, starts_fraction, without_spaces, zone_name_length,
};
use crate::go::calendar::{self, DAY, Date};
use crate::go::time::{MONTHS, Time, WEEKDAYS};
use crate::go::zone::Zone;

/// The time that the text says in the form of the layout; what the layout leaves out is the
/// beginning of year 0, in UTC. `None` if the text is not of that form.
pub(crate) fn parse(layout: &str, text: &str) -> Option<Time> {
    let mut fields = Fields::default();
    let (mut layout, mut text) = (layout, text);
    loop {
        let (before, element, after) = next_element(layout);
        text = skip(text, before)?;
        let Some(element) = element else {
            return if text.is_empty() { fields.time() } else { None };
        };
        layout = after;
        text = fields.read(element, text, layout)?;
    }
}

/// What has been read so far.
#[derive(Default)]
struct Fields {
    year: i64,
    month: Option<i64>,
    day: Option<i64>,
    year_day: Option<i64>,
    hour: i64,
    minute: i64,
    second: i64,
    nanoseconds: u32,
    afternoon: Option<bool>,
    is_utc: bool,
    offset: Option<i64>,
    zone_name: Option<String>,
}

impl Fields {
    /// Reads one element from the front; gives what is behind it.
    fn read<'t>(&mut self, element: Element, text: &'t str, layout: &str) -> Option<&'t str> {
        Some(match element {
            Element::LongYear => {
                let (digits, rest) = digits(text, 4, 4)?;
                self.year = digits;
                rest
            }
            Element::ShortYear => {
                let (digits, rest) = digits(text, 2, 2)?;
                self.year = digits + if digits >= 69 { 1900 } else { 2000 };
                rest
            }
            Element::LongMonth => self.month_name(text, usize::MAX)?,
            Element::ShortMonth => self.month_name(text, 3)?,
            Element::Month(padding) => {
                let (month, rest) = one_or_two(text, padding)?;
                self.month = Some(month).filter(|month| (1..=12).contains(month));
                self.month?;
                rest
            }
            Element::LongWeekday => lookup(text, &WEEKDAYS, usize::MAX)?.1,
            Element::ShortWeekday => lookup(text, &WEEKDAYS, 3)?.1,
            Element::Day(padding) => {
                let (day, rest) = one_or_two(without_spaces(text, padding, 1), padding)?;
                self.day = Some(day);
                rest
            }
            Element::YearDay(padding) => {
                let least = if padding == Padding::Zero { 3 } else { 1 };
                let (day, rest) = digits(without_spaces(text, padding, 2), least, 3)?;
                self.year_day = Some(day);
                rest
            }
            Element::UpperHalf => self.half(text, "AM", "PM")?,
            Element::LowerHalf => self.half(text, "am", "pm")?,
            Element::ZoneName => self.zone_name(text)?,
            Element::Offset(form) => self.offset(text, form)?,
            Element::Fraction {
                digits,
                keeps_zeros,
                ..
            } => self.fraction(text, keeps_zeros.then_some(digits))?,
            _ => self.clock(element, text, layout)?,
        })
    }

    fn clock<'t>(&mut self, element: Element, text: &'t str, layout: &str) -> Option<&'t str> {
        let (value, limit, padding) = match element {
            Element::Hour => (&mut self.hour, 23, Padding::None),
            Element::Hour12(padding) => (&mut self.hour, 12, padding),
            Element::Minute(padding) => (&mut self.minute, 59, padding),
            Element::Second(padding) => (&mut self.second, 59, padding),
            _ => return None,
        };
        let (number, rest) = one_or_two(text, padding)?;
        *value = Some(number).filter(|number| *number <= limit)?;
        let is_second = matches!(element, Element::Second(_));
        let next = next_element(layout).1;
        // A fraction may follow the seconds even if the layout has none.
        if is_second && starts_fraction(rest) && !matches!(next, Some(Element::Fraction { .. })) {
            return self.fraction(rest, None);
        }
        Some(rest)
    }

    fn month_name<'t>(&mut self, text: &'t str, length: usize) -> Option<&'t str> {
        let (month, rest) = lookup(text, &MONTHS, length)?;
        self.month = Some(month + 1);
        Some(rest)
    }

    fn half<'t>(&mut self, text: &'t str, morning: &str, afternoon: &str) -> Option<&'t str> {
        let rest = text.strip_prefix(afternoon);
        self.afternoon = Some(rest.is_some());
        rest.or_else(|| text.strip_prefix(morning))
    }

    /// A separator and digits: exactly so many, or as many as there are (perhaps none).
    fn fraction<'t>(&mut self, text: &'t str, digits: Option<usize>) -> Option<&'t str> {
        if digits.is_none() && !starts_fraction(text) {
            return Some(text);
        }
        let count = match digits {
            Some(digits) => digits,
            None => text[1..].bytes().take_while(u8::is_ascii_digit).count(),
        };
        let fraction = text
            .get(1..=count)
            .filter(|_| text.starts_with(['.', ',']))?;
        if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let nine: String = fraction
            .chars()
            .chain("000000000".chars())
            .take(9)
            .collect();
        self.nanoseconds = nine.parse().ok()?;
        Some(&text[count + 1..])
    }

    fn offset<'t>(&mut self, text: &'t str, form: Offset) -> Option<&'t str> {
        if form.with_z
            && let Some(rest) = text.strip_prefix('Z')
        {
            self.is_utc = true;
            return Some(rest);
        }
        let direction = match text.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        let (hours, mut rest) = digits(&text[1..], 2, 2)?;
        let (mut minutes, mut seconds) = (0, 0);
        if form.numbers > 1 {
            (minutes, rest) = digits(skip_colon(rest, form)?, 2, 2)?;
        }
        if form.numbers > 2 {
            (seconds, rest) = digits(skip_colon(rest, form)?, 2, 2)?;
        }
        if hours > 24 || minutes > 60 || seconds > 60 {
            return None;
        }
        self.offset = Some(direction * ((hours * 60 + minutes) * 60 + seconds));
        Some(rest)
    }

    fn zone_name<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        if let Some(rest) = text.strip_prefix("UTC") {
            self.is_utc = true;
            return Some(rest);
        }
        let length = zone_name_length(text)?;
        self.zone_name = Some(text.get(..length)?.to_owned());
        Some(&text[length..])
    }

    fn time(mut self) -> Option<Time> {
        match self.afternoon {
            Some(true) if self.hour < 12 => self.hour += 12,
            Some(false) if self.hour == 12 => self.hour = 0,
            _ => {}
        }
        let date = self.date()?;
        let local = date.to_day() * DAY + self.hour * 3600 + self.minute * 60 + self.second;
        let (zone, offset) = self.zone()?;
        Time::new(local - offset, self.nanoseconds, zone).ok()
    }

    fn date(&self) -> Option<Date> {
        let year = self.year;
        let (month, day) = match self.year_day {
            None => (self.month.unwrap_or(1), self.day.unwrap_or(1)),
            Some(year_day) => {
                let last = 365 + i64::from(calendar::is_leap(year));
                let first = Date {
                    year,
                    month: 1,
                    day: 1,
                };
                let date = Date::of_day(first.to_day() + year_day - 1);
                let agrees = self.month.is_none_or(|month| month == date.month)
                    && self.day.is_none_or(|day| day == date.day);
                if !agrees || !(1..=last).contains(&year_day) {
                    return None;
                }
                (date.month, date.day)
            }
        };
        let is_valid = day >= 1 && day <= calendar::days_in(year, month);
        is_valid.then_some(Date { year, month, day })
    }

    /// The zone, and the offset that the clock is to be read with.
    fn zone(&self) -> Option<(Zone, i64)> {
        let name = self.zone_name.as_deref().unwrap_or_default();
        match self.offset {
            _ if self.is_utc => Some((Zone::UTC, 0)),
            Some(0) | None if name.is_empty() => Some((Zone::UTC, 0)),
            Some(offset) => Some((Zone::new(name, offset)?, offset)),
            // A name alone says nothing of the offset, but for `GMT+3`.
            None => {
                let hours = name
                    .strip_prefix("GMT")
                    .and_then(|hours| hours.parse().ok());
                let offset = hours.unwrap_or(0_i64) * 3600;
                Some((Zone::new(name, offset)?, 0))
            }
        }
    }
}
