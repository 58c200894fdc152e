//! Dates and durations. The clock is the caller's; places of the world are not known, offsets are.

use super::entry::{Arguments, Function, Group, any, text, time};
use crate::go::time::Time;
use crate::go::zone::Zone;
use crate::go::{cast, duration, layout};
use crate::runtime::{Context, Failure, Numeric, Outcome, Text, Value};

pub(super) const GROUP: Group = Group {
    title: "Dates and durations",
    functions: &[
        Function::new("now", &[], now).doc(
            "The time of the rendering, in UTC. (The examples are rendered at 2026-11-23 13:14:15.)",
            r#"${now | date "2006-01-02"}"#,
            "2026-11-23",
        ),
        Function::new("date", &[text("layout"), any("time")], date).doc(
            "The time in a form that shows how 2006-01-02 15:04:05 would look, in UTC. An integer counts seconds since 1970.",
            r#"${date "Mon 02.01.2006 15:04" 1700000000}"#,
            "Tue 14.11.2023 22:13",
        ),
        Function::new("dateInZone", &[text("layout"), any("time"), text("zone")], date_in_zone)
            .aliases(&["date_in_zone"])
            .doc(
                "The same in a zone: `UTC`, or an offset such as `+02:00`.",
                r#"${dateInZone "15:04 -07:00" 1700000000 "+02:00"}"#,
                "00:13 +02:00",
            ),
        Function::new("htmlDate", &[any("time")], html_date).doc(
            "The date for an input of HTML.",
            "${htmlDate 1700000000}",
            "2023-11-14",
        ),
        Function::new("htmlDateInZone", &[any("time"), text("zone")], html_date_in_zone).doc(
            "The same in a zone.",
            r#"${htmlDateInZone 1700000000 "+02:00"}"#,
            "2023-11-15",
        ),
        Function::new("dateModify", &[text("duration"), time("time")], date_modify)
            .aliases(&["date_modify"])
            .doc(
                "The time so much later; the same time, if the text is no duration.",
                r#"${toDate "2006-01-02" "2023-11-14" | dateModify "-36h" | date "2006-01-02 15:04"}"#,
                "2023-11-12 12:00",
            ),
        Function::new("mustDateModify", &[text("duration"), time("time")], must_date_modify)
            .aliases(&["must_date_modify"])
            .doc(
                "The time so much later; an error, if the text is no duration.",
                r#"${toDate "2006-01-02" "2023-11-14" | mustDateModify "1h30m" | date "15:04"}"#,
                "01:30",
            ),
        Function::new("toDate", &[text("layout"), text("text")], to_date).doc(
            "The time that the text says in that form; year 1, if it does not.",
            r#"${(toDate "02.01.2006" "14.11.2023").Weekday}"#,
            "Tuesday",
        ),
        Function::new("mustToDate", &[text("layout"), text("text")], must_to_date).doc(
            "The time that the text says in that form; an error, if it does not.",
            r#"${mustToDate "2006-01-02T15:04:05Z07:00" "2023-11-14T22:13:20+02:00" | unixEpoch}"#,
            "1699992800",
        ),
        Function::new("unixEpoch", &[time("time")], unix_epoch).doc(
            "The seconds since 1970.",
            r#"${toDate "2006-01-02" "2023-11-14" | unixEpoch}"#,
            "1699920000",
        ),
        Function::new("ago", &[any("time")], ago).doc(
            "How long ago the time was, in whole seconds.",
            r#"${toDate "2006-01-02 15:04" "2026-11-23 13:00" | ago}"#,
            "14m15s",
        ),
        Function::new("duration", &[any("seconds")], from_seconds).doc(
            "A number of seconds as a duration.",
            r#"${duration 5400} ${duration "95"}"#,
            "1h30m0s 1m35s",
        ),
        Function::new("durationRound", &[any("duration")], round).doc(
            "A duration (or nanoseconds, or the time since then) in its largest unit.",
            r#"${durationRound "2h10m5s"}"#,
            "2h",
        ),
    ],
};

/// A time, or an integer that counts seconds since 1970.
fn time_of(value: &Value) -> Outcome<Time> {
    match value {
        Value::Time(time) => Ok(*time),
        Value::Integer(..) | Value::Number(_) => match Numeric::of(value) {
            Some(Numeric::Integer(seconds)) => {
                Time::unix(i64::try_from(seconds).unwrap_or(i64::MAX))
            }
            _ => Failure::because(NO_TIME),
        },
        _ => Failure::because(NO_TIME),
    }
}

const NO_TIME: &str =
    "a time is wanted, or an integer of seconds since 1970 (`toDate` reads texts)";

fn in_form(context: &mut Context, time: Time, form: &Text) -> Outcome {
    layout::checked_format(context, time, form)
}

fn zone(name: &Text) -> Outcome<Zone> {
    name.str().and_then(Zone::find).ok_or(Failure::Because(
        "the zone is not known here; write `UTC`, or an offset such as `+02:00`",
    ))
}

fn now(context: &mut Context, _: &Arguments<'_>) -> Outcome {
    Time::now(context.clock()).map(Value::Time)
}

fn date(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let time = time_of(arguments.any(1)?)?.in_zone(Zone::UTC);
    in_form(context, time, arguments.text(0)?)
}

fn date_in_zone(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let time = time_of(arguments.any(1)?)?.in_zone(zone(arguments.text(2)?)?);
    in_form(context, time, arguments.text(0)?)
}

const HTML: &str = "2006-01-02";

fn html_date(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let time = time_of(arguments.any(0)?)?.in_zone(Zone::UTC);
    in_form(context, time, &Text::new(HTML))
}

fn html_date_in_zone(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let time = time_of(arguments.any(0)?)?.in_zone(zone(arguments.text(1)?)?);
    in_form(context, time, &Text::new(HTML))
}

fn nanoseconds(text: &Text) -> Option<i64> {
    text.str().and_then(duration::parse)
}

fn date_modify(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let time = arguments.time(1)?;
    match nanoseconds(arguments.text(0)?) {
        Some(nanoseconds) => time.add(nanoseconds).map(Value::Time),
        None => Ok(Value::Time(time)),
    }
}

fn must_date_modify(_: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let nanoseconds = nanoseconds(arguments.text(0)?).ok_or(Failure::Because(
        "the text is not a duration such as `1h30m`",
    ))?;
    arguments.time(1)?.add(nanoseconds).map(Value::Time)
}

fn parsed(context: &mut Context, arguments: &Arguments<'_>) -> Outcome<Option<Time>> {
    let form = layout::checked(context, arguments.text(0)?)?;
    Ok(layout::parse(&form, &arguments.text(1)?.lossy()))
}

fn to_date(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    Ok(Value::Time(
        parsed(context, arguments)?.unwrap_or(Time::ZERO),
    ))
}

fn must_to_date(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let time = parsed(context, arguments)?;
    time.map(Value::Time).ok_or(Failure::Because(
        "the text is not of the form of the layout",
    ))
}

fn unix_epoch(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    context.text(arguments.time(0)?.seconds.to_string())
}

/// Nanoseconds from a time until now, at most what a duration can hold.
fn since(context: &Context, time: Time) -> Outcome<i64> {
    let passed = Time::now(context.clock())?.since_epoch() - time.since_epoch();
    let bounded = passed.clamp(i64::MIN.into(), i64::MAX.into());
    Ok(i64::try_from(bounded).unwrap_or(i64::MAX))
}

fn ago(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    const SECOND: i64 = 1_000_000_000;
    let passed = since(context, time_of(arguments.any(0)?)?)?;
    // Half a second is rounded away from zero.
    let seconds = passed / SECOND + (passed % SECOND) / (SECOND / 2);
    context.text(duration::to_text(seconds.saturating_mul(SECOND)))
}

fn from_seconds(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let seconds = match arguments.any(0)? {
        Value::Text(text) => cast::decimal_or_zero(text.bytes()),
        value @ (Value::Integer(..) | Value::Number(_)) => {
            Numeric::of(value).map_or(0, Numeric::to_i64)
        }
        _ => 0,
    };
    context.text(duration::to_text(seconds.wrapping_mul(1_000_000_000)))
}

/// The units of `durationRound` in seconds: a year has 365 days, a month 30.
const UNITS: [(u64, &str); 6] = [
    (365 * 24 * 3600, "y"),
    (30 * 24 * 3600, "mo"),
    (24 * 3600, "d"),
    (3600, "h"),
    (60, "m"),
    (1, "s"),
];

fn round(context: &mut Context, arguments: &Arguments<'_>) -> Outcome {
    let nanoseconds = match arguments.any(0)? {
        Value::Text(text) => nanoseconds(text).unwrap_or(0),
        value @ (Value::Integer(..) | Value::Number(_)) => {
            Numeric::of(value).map_or(0, Numeric::to_i64)
        }
        Value::Time(time) => since(context, *time)?,
        _ => 0,
    };
    let magnitude = nanoseconds.unsigned_abs();
    let unit = UNITS
        .iter()
        .find(|(seconds, _)| magnitude > seconds * 1_000_000_000);
    let text = unit.map_or_else(
        || "0s".to_owned(),
        |(seconds, name)| format!("{}{name}", magnitude / (seconds * 1_000_000_000)),
    );
    context.text(text)
}
