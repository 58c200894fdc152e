//! Points in time, with the fields and methods of `time.Time` that make sense in a template.

use super::calendar::{self, DAY, Date};
use super::layout;
use super::zone::Zone;
use crate::runtime::{Clock, Context, Failure, IntegerType, Outcome, Value};

/// A time between the years 0 and 9999, to the nanosecond, in a zone.
#[derive(Clone, Copy)]
pub(crate) struct Time {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    pub(crate) seconds: i64,
    pub(crate) nanoseconds: u32,
    pub(crate) zone: Zone,
}

/// Date and time of day in a zone.
pub(crate) struct Civil {
    pub(crate) date: Date,
    pub(crate) day: i64,
    pub(crate) hour: i64,
    pub(crate) minute: i64,
    pub(crate) second: i64,
}

const OUT_OF_RANGE: Failure = Failure::Because("a time that is not in the years 0 to 9999");
/// 0000-01-01 and 10000-01-01, with a day for zones.
const RANGE: std::ops::Range<i64> = -62_167_219_200 - DAY..253_402_300_800 + DAY;

impl Time {
    /// What Go has where there is no time: year 1.
    pub(crate) const ZERO: Self = Self {
        seconds: -62_135_596_800,
        nanoseconds: 0,
        zone: Zone::UTC,
    };

    pub(crate) fn new(seconds: i64, nanoseconds: u32, zone: Zone) -> Outcome<Self> {
        if !RANGE.contains(&seconds) {
            return Err(OUT_OF_RANGE);
        }
        Ok(Self {
            seconds,
            nanoseconds,
            zone,
        })
    }

    pub(crate) fn unix(seconds: i64) -> Outcome<Self> {
        Self::new(seconds, 0, Zone::UTC)
    }

    pub(crate) fn now(clock: Clock) -> Outcome<Self> {
        Self::new(clock.unix_seconds, clock.nanoseconds, Zone::UTC)
    }

    pub(crate) fn in_zone(self, zone: Zone) -> Self {
        Self { zone, ..self }
    }

    /// This time and so many nanoseconds.
    pub(crate) fn add(self, nanoseconds: i64) -> Outcome<Self> {
        let total = self.since_epoch() + i128::from(nanoseconds);
        let seconds = i64::try_from(total.div_euclid(1_000_000_000)).map_err(|_| OUT_OF_RANGE)?;
        let rest = u32::try_from(total.rem_euclid(1_000_000_000)).map_err(|_| OUT_OF_RANGE)?;
        Self::new(seconds, rest, self.zone)
    }

    /// Nanoseconds since 1970.
    pub(crate) fn since_epoch(self) -> i128 {
        i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanoseconds)
    }

    pub(crate) fn civil(self) -> Civil {
        let local = self.seconds + self.zone.offset;
        let day = local.div_euclid(DAY);
        let second_of_day = local.rem_euclid(DAY);
        Civil {
            date: Date::of_day(day),
            day,
            hour: second_of_day / 3600,
            minute: second_of_day / 60 % 60,
            second: second_of_day % 60,
        }
    }
}

/// As `%v` prints it.
pub(crate) fn to_text(time: Time) -> String {
    layout::format(time, "2006-01-02 15:04:05.999999999 -0700 MST")
}

pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(crate) const WEEKDAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// The name of a month, 1 to 12.
pub(crate) fn month_name(month: i64) -> Option<&'static str> {
    let index = usize::try_from(month.checked_sub(1)?).ok()?;
    MONTHS.get(index).copied()
}

/// The name of a day of the week, 0 to 6.
pub(crate) fn weekday_name(weekday: i64) -> Option<&'static str> {
    WEEKDAYS.get(usize::try_from(weekday).ok()?).copied()
}

const METHODS: &str = "a time has Year, Month, Day, Hour, Minute, Second, Nanosecond, Weekday, \
    YearDay, Unix, UnixMilli, UnixMicro, UnixNano, IsZero, UTC, String, `Format LAYOUT`, \
    `AddDate YEARS MONTHS DAYS`, `Before TIME`, `After TIME`, `Equal TIME`";

/// What the method gives.
pub(crate) fn method(
    context: &mut Context,
    time: Time,
    name: &str,
    arguments: &[Value],
) -> Outcome {
    let civil = time.civil();
    let total = time.since_epoch();
    let unix = |divisor| i64::try_from(total.div_euclid(divisor)).map(Value::int64);
    Ok(match (name, arguments) {
        ("Year", []) => Value::int(civil.date.year),
        ("Month", []) => Value::Integer(civil.date.month, IntegerType::Month),
        ("Day", []) => Value::int(civil.date.day),
        ("Hour", []) => Value::int(civil.hour),
        ("Minute", []) => Value::int(civil.minute),
        ("Second", []) => Value::int(civil.second),
        ("Nanosecond", []) => Value::int(time.nanoseconds.into()),
        ("Weekday", []) => Value::Integer(calendar::weekday(civil.day), IntegerType::Weekday),
        ("YearDay", []) => Value::int(civil.date.day_of_year()),
        ("Unix", []) => Value::int64(time.seconds),
        ("UnixMilli", []) => unix(1_000_000).map_err(|_| OUT_OF_RANGE)?,
        ("UnixMicro", []) => unix(1000).map_err(|_| OUT_OF_RANGE)?,
        ("UnixNano", []) => unix(1).map_err(|_| OUT_OF_RANGE)?,
        ("IsZero", []) => Value::Bool(total == Time::ZERO.since_epoch()),
        ("UTC", []) => Value::Time(time.in_zone(Zone::UTC)),
        ("String", []) => context.text(to_text(time))?,
        ("Format", [Value::Text(layout)]) => layout::checked_format(context, time, layout)?,
        ("AddDate", [years, months, days]) => {
            Value::Time(add_date(time, &civil, [years, months, days])?)
        }
        ("Before", [Value::Time(other)]) => Value::Bool(total < other.since_epoch()),
        ("After", [Value::Time(other)]) => Value::Bool(total > other.since_epoch()),
        ("Equal", [Value::Time(other)]) => Value::Bool(total == other.since_epoch()),
        _ => return Failure::because(METHODS),
    })
}

/// Months and days beyond their range count on.
fn add_date(time: Time, civil: &Civil, [years, months, days]: [&Value; 3]) -> Outcome<Time> {
    // Enough for every time that is allowed, and far from any overflow.
    const LARGEST: i64 = 10_000_000;
    let number = |value: &Value| match value {
        Value::Integer(integer, _) if (-LARGEST..=LARGEST).contains(integer) => Ok(*integer),
        _ => Err(Failure::Because("AddDate takes three integers")),
    };
    let day = Date {
        year: civil.date.year + number(years)?,
        month: civil.date.month + number(months)?,
        day: civil.date.day + number(days)?,
    }
    .to_day();
    let seconds = time.seconds + (day - civil.day) * DAY;
    Time::new(seconds, time.nanoseconds, time.zone)
}
