//! The time zone that a date or time may end with: `Z`, or a distance from UTC.

use std::fmt;

use jiff::tz::Offset;

use super::scanner::Scanner;

/// Largest distance from UTC, in minutes (XML Schema part 2, 3.2.7.3).
const MINUTES_MAX: i32 = 14 * 60;

/// The zone at the end of the text; `Err` when something else stands there.
pub(super) fn read(mut scanner: Scanner<'_>) -> Result<Option<Offset>, &'static str> {
    const WRONG: &str = "its time zone is not Z or a distance from UTC such as +01:00";
    if scanner.is_at_end() {
        return Ok(None);
    }
    if scanner.take('Z') {
        return if scanner.is_at_end() {
            Ok(Some(Offset::UTC))
        } else {
            Err(WRONG)
        };
    }
    let negative = scanner.take('-');
    if !negative && !scanner.take('+') {
        return Err(WRONG);
    }
    let hours = scanner.two().ok_or(WRONG)?;
    let minutes = scanner.take(':').then(|| scanner.two()).flatten();
    let minutes = minutes.filter(|minutes| *minutes < 60).ok_or(WRONG)?;
    let total = i32::from(hours) * 60 + i32::from(minutes);
    if !scanner.is_at_end() || total > MINUTES_MAX {
        return Err(WRONG);
    }
    let seconds = if negative { -total * 60 } else { total * 60 };
    Offset::from_seconds(seconds).map(Some).map_err(|_| WRONG)
}

/// Writes the zone.
pub(super) fn write(offset: Option<Offset>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let Some(offset) = offset else { return Ok(()) };
    let minutes = offset.seconds() / 60;
    if minutes == 0 {
        return f.write_str("Z");
    }
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.abs();
    write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// The offset as XML Schema can say it: whole minutes, at most 14 hours.
pub(super) fn check(offset: Option<Offset>) -> Result<(), &'static str> {
    let fits = offset.is_none_or(|offset| {
        let seconds = offset.seconds();
        seconds % 60 == 0 && (seconds / 60).abs() <= MINUTES_MAX
    });
    if fits {
        return Ok(());
    }
    Err("its distance from UTC is not in whole minutes up to 14 hours")
}
