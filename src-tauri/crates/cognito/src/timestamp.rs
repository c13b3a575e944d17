//! The date format of `TIMESTAMP` in an SRP answer.

use session::Timestamp;

const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY_SECONDS: i64 = 86_400;

/// `EEE MMM d HH:mm:ss UTC yyyy`, in English, in UTC, the day of the month without a leading zero.
pub(crate) fn srp_timestamp(moment: Timestamp) -> String {
    let seconds = moment.unix_seconds();
    let days = seconds.div_euclid(DAY_SECONDS);
    let second = seconds.rem_euclid(DAY_SECONDS);
    let (year, month, day) = civil(days);
    let weekday = WEEKDAYS[usize::try_from(days.rem_euclid(7)).unwrap_or(0)];
    format!(
        "{weekday} {} {day} {:02}:{:02}:{:02} UTC {year}",
        MONTHS[month],
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// Year, month from zero and day from one of a day counted from 1970-01-01.
fn civil(days: i64) -> (i64, usize, i64) {
    // Never after the day in question, before and after 1970.
    let mut year = 1970 + days.div_euclid(366).min(days.div_euclid(365));
    while days >= days_before(year + 1) {
        year += 1;
    }
    let leap = days_before(year + 1) - days_before(year) == 366;
    let mut day = days - days_before(year);
    let mut month = 0;
    for length in [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if day < length {
            break;
        }
        day -= length;
        month += 1;
    }
    (year, month, day + 1)
}

/// Days from 1970-01-01 to the first day of a year.
fn days_before(year: i64) -> i64 {
    let past = year - 1;
    let leaps = past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400);
    // 477 leap days before 1970.
    (year - 1970) * 365 + leaps - 477
}

#[cfg(test)]
mod tests {
    use super::*;

    // Computed with `LC_ALL=C date -u -d @N '+%a %b %-d %H:%M:%S UTC %Y'`.
    #[test]
    fn agrees_with_the_date_program() {
        for (seconds, expected) in [
            (0, "Thu Jan 1 00:00:00 UTC 1970"),
            (1_795_423_993, "Mon Nov 23 08:53:13 UTC 2026"),
            (951_782_400, "Tue Feb 29 00:00:00 UTC 2000"),
            (951_868_799, "Tue Feb 29 23:59:59 UTC 2000"),
            (951_868_800, "Wed Mar 1 00:00:00 UTC 2000"),
            (1_709_164_800, "Thu Feb 29 00:00:00 UTC 2024"),
            (4_107_542_399, "Sun Feb 28 23:59:59 UTC 2100"),
            (4_107_542_400, "Mon Mar 1 00:00:00 UTC 2100"),
            (1_735_689_599, "Tue Dec 31 23:59:59 UTC 2024"),
            (1_735_689_600, "Wed Jan 1 00:00:00 UTC 2025"),
            (253_402_300_799, "Fri Dec 31 23:59:59 UTC 9999"),
            (1_767_225_600, "Thu Jan 1 00:00:00 UTC 2026"),
            (2_147_483_648, "Tue Jan 19 03:14:08 UTC 2038"),
            (1_793_491_200, "Sun Nov 1 00:00:00 UTC 2026"),
        ] {
            assert_eq!(srp_timestamp(Timestamp::from_unix_seconds(seconds)), expected);
        }
    }

    #[test]
    fn fractions_of_a_second_are_cut_off() {
        assert_eq!(srp_timestamp(Timestamp(1_999)), "Thu Jan 1 00:00:01 UTC 1970");
        assert_eq!(srp_timestamp(Timestamp(-1)), "Wed Dec 31 23:59:59 UTC 1969");
    }
}
