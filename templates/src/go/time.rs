//! Points in time, and the names of months and days.

use super::calendar::{DAY, Date};
use super::zone::Zone;
use crate::runtime::clock::Clock;
use crate::runtime::failure::Failure;

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

pub(super) const OUT_OF_RANGE: Failure =
    Failure::Because("a time that is not in the years 0 to 9999");
/// 0000-01-01 and 10000-01-01, with a day for zones.
const RANGE: std::ops::Range<i64> = -62_167_219_200 - DAY..253_402_300_800 + DAY;

impl Time {
    /// What Go has where there is no time: year 1.
    pub(crate) const ZERO: Self = Self {
        seconds: -62_135_596_800,
        nanoseconds: 0,
        zone: Zone::UTC,
    };

    pub(crate) fn new(seconds: i64, nanoseconds: u32, zone: Zone) -> Result<Self, Failure> {
        if !RANGE.contains(&seconds) {
            return Err(OUT_OF_RANGE);
        }
        Ok(Self {
            seconds,
            nanoseconds,
            zone,
        })
    }

    pub(crate) fn unix(seconds: i64) -> Result<Self, Failure> {
        Self::new(seconds, 0, Zone::UTC)
    }

    pub(crate) fn now(clock: Clock) -> Result<Self, Failure> {
        Self::new(clock.unix_seconds, clock.nanoseconds, Zone::UTC)
    }

    pub(crate) fn in_zone(self, zone: Zone) -> Self {
        Self { zone, ..self }
    }

    /// This time and so many nanoseconds.
    pub(crate) fn add(self, nanoseconds: i64) -> Result<Self, Failure> {
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
