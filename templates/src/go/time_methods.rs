//! The fields and methods of `time.Time` that make sense in a template.

use super::calendar::{self, DAY, Date};
use super::layout;
use super::time::{Civil, OUT_OF_RANGE, Time};
use super::zone::Zone;
use crate::runtime::{Context, Failure, IntegerType, Outcome, Value};

const METHODS: &str = "a time has Year, Month, Day, Hour, Minute, Second, Nanosecond, Weekday, \
    YearDay, Unix, UnixMilli, UnixMicro, UnixNano, IsZero, UTC, String, `Format LAYOUT`, \
    `AddDate YEARS MONTHS DAYS`, `Before TIME`, `After TIME`, `Equal TIME`";

/// What the method gives.
pub(crate) fn call_method(
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
        ("String", []) => context.text(layout::to_text(time))?,
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
