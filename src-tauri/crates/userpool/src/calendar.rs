//! The two ways Cognito writes a time: HTTP's `Date` and SRP's `TIMESTAMP`.

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// 1 January 1970 was a Thursday.
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

struct Civil {
    year: i64,
    /// 0 to 11
    month: usize,
    /// 1 to 31
    day: i64,
    weekday: &'static str,
    hour: i64,
    minute: i64,
    second: i64,
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in_year(year: i64) -> i64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_in_month(year: i64, month: usize) -> i64 {
    match month {
        1 if is_leap(year) => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

fn civil(unix: i64) -> Civil {
    let days = unix.div_euclid(86_400);
    let second = unix.rem_euclid(86_400);
    let weekday = DAYS[days.rem_euclid(7).unsigned_abs() as usize];
    let (mut year, mut rest) = (1970, days);
    while rest < 0 {
        year -= 1;
        rest += days_in_year(year);
    }
    while rest >= days_in_year(year) {
        rest -= days_in_year(year);
        year += 1;
    }
    let mut month = 0;
    while rest >= days_in_month(year, month) {
        rest -= days_in_month(year, month);
        month += 1;
    }
    Civil {
        year,
        month,
        day: rest + 1,
        weekday,
        hour: second / 3600,
        minute: second / 60 % 60,
        second: second % 60,
    }
}

/// RFC 9110's date for the header `Date`. `unix` in seconds.
pub(crate) fn http_date(unix: i64) -> String {
    let at = civil(unix);
    format!(
        "{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
        at.weekday, at.day, MONTHS[at.month], at.year, at.hour, at.minute, at.second
    )
}

/// `TIMESTAMP` as Cognito's clients write it: `EEE MMM d HH:mm:ss z yyyy`, English, UTC, and the day without
/// a leading zero.
pub(crate) fn timestamp(unix: i64) -> String {
    let at = civil(unix);
    format!(
        "{} {} {} {:02}:{:02}:{:02} UTC {}",
        at.weekday, MONTHS[at.month], at.day, at.hour, at.minute, at.second, at.year
    )
}

/// Reads a `TIMESTAMP` as seconds since 1970. A day with a leading zero is read as well: Cognito accepts the
/// text and then finds that the signature over its own spelling does not fit.
pub(crate) fn parse_timestamp(text: &str) -> Option<i64> {
    let mut words = text.split(' ');
    let weekday = words.next()?;
    let month = words.next()?;
    let day = number(words.next()?)?;
    let mut time = words.next()?.split(':');
    let (hour, minute, second) = (number(time.next()?)?, number(time.next()?)?, number(time.next()?)?);
    let zone = words.next()?;
    let year = number(words.next()?)?;
    let month = MONTHS.iter().position(|name| *name == month)?;
    let sound = words.next().is_none()
        && time.next().is_none()
        && zone == "UTC"
        && (1970..10_000).contains(&year)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    if !sound {
        return None;
    }
    let years: i64 = (1970..year).map(days_in_year).sum();
    let months: i64 = (0..month).map(|month| days_in_month(year, month)).sum();
    let days = years + months + day - 1;
    let unix = ((days * 24 + hour) * 60 + minute) * 60 + second;
    (civil(unix).weekday == weekday).then_some(unix)
}

fn number(digits: &str) -> Option<i64> {
    let plain = !digits.is_empty() && digits.len() <= 4 && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_known_moments() {
        assert_eq!(http_date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(timestamp(784_111_777), "Sun Nov 6 08:49:37 UTC 1994");
        assert_eq!(timestamp(1_709_164_800), "Thu Feb 29 00:00:00 UTC 2024");
        assert_eq!(timestamp(4_102_444_799), "Thu Dec 31 23:59:59 UTC 2099");
    }

    #[test]
    fn reads_back_what_it_writes() {
        for unix in (0..4_102_444_800).step_by(86_400 * 13 + 4_321) {
            assert_eq!(parse_timestamp(&timestamp(unix)), Some(unix));
        }
    }

    #[test]
    fn refuses_what_is_no_timestamp() {
        for text in [
            "",
            "Mon Nov 6 08:49:37 UTC 1994",
            "Sun Nov 6 08:49:37 GMT 1994",
            "Thu Nov 31 08:49:37 UTC 1994",
            "Sun Nov 6 24:00:00 UTC 1994",
            "Sun Nov 6 08:49:37 UTC 1994 ",
            "日 11月 6 08:49:37 UTC 1994",
            "1994-11-06T08:49:37Z",
        ] {
            assert_eq!(parse_timestamp(text), None, "{text}");
        }
        assert_eq!(parse_timestamp("Sun Nov 06 08:49:37 UTC 1994"), Some(784_111_777));
    }
}
