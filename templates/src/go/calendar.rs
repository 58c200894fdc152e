//! Days and dates of the Gregorian calendar, extended in both directions.

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// A date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    pub(crate) year: i64,
    /// 1 to 12.
    pub(crate) month: i64,
    /// 1 to 31.
    pub(crate) day: i64,
}

impl Date {
    /// The date of a day, counted from 1970-01-01. Years are taken to begin in March, so that the
    /// leap day is the last of its year; 400 of them have 146097 days.
    pub(crate) fn of_day(day: i64) -> Self {
        let shifted = day + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = (month_from_march + 2) % 12 + 1;
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month,
            day: day_of_year - (153 * month_from_march + 2) / 5 + 1,
        }
    }

    /// The day of a date, counted from 1970-01-01. Months and days beyond their range count on, as
    /// in Go's `time.Date`.
    pub(crate) fn to_day(self) -> i64 {
        let month = self.month - 1;
        let year = self.year + month.div_euclid(12);
        let month = month.rem_euclid(12);
        let (year, month_from_march) = if month >= 2 {
            (year, month - 2)
        } else {
            (year - 1, month + 10)
        };
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * month_from_march + 2) / 5;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468 + self.day - 1
    }

    /// 1 to 366.
    pub(crate) fn day_of_year(self) -> i64 {
        let first = Self {
            month: 1,
            day: 1,
            ..self
        };
        self.to_day() - first.to_day() + 1
    }
}

/// 0 is Sunday.
pub(crate) fn weekday(day: i64) -> i64 {
    (day + 4).rem_euclid(7)
}

pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// How many days the month has.
pub(crate) fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Date, days_in, weekday};

    #[test]
    fn days_that_are_known() {
        let cases = [
            ((1970, 1, 1), 0, 4),
            ((1969, 12, 31), -1, 3),
            ((2000, 2, 29), 11_016, 2),
            ((2026, 11, 23), 20_780, 1),
            ((1, 1, 1), -719_162, 1),
            ((9999, 12, 31), 2_932_896, 5),
        ];
        for ((year, month, day), number, of_week) in cases {
            let date = Date { year, month, day };
            assert_eq!(date.to_day(), number, "{date:?}");
            assert_eq!(Date::of_day(number), date);
            assert_eq!(weekday(number), of_week, "{date:?}");
        }
        let rolled_over = Date {
            year: 2023,
            month: 14,
            day: 31,
        };
        assert_eq!(
            Date::of_day(rolled_over.to_day()),
            Date {
                year: 2024,
                month: 3,
                day: 2
            }
        );
    }

    proptest! {
        #[test]
        fn a_day_has_one_date(day in -4_000_000_i64..4_000_000) {
            let date = Date::of_day(day);
            prop_assert_eq!(date.to_day(), day);
            prop_assert!((1..=12).contains(&date.month));
            prop_assert!(date.day >= 1 && date.day <= days_in(date.year, date.month));
        }
    }
}
