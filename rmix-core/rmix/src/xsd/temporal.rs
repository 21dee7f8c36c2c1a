//! `xs:dateTime`, `xs:date` and `xs:time`: a civil date or time, and perhaps its distance from UTC.

use std::fmt;
use std::str::FromStr;

use jiff::civil;
use jiff::tz::Offset;

use super::error::LexicalError;
use super::scanner::Scanner;
use super::zone;

const DATE: &str = "it is not written YYYY-MM-DD, with a year from 0001 to 9999";
const TIME: &str = "its time is not written HH:MM:SS, perhaps with a fraction";
const BETWEEN: &str = "there is no T between its date and its time";

macro_rules! temporal {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $civil:ty, $local:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name {
            $local: $civil,
            offset: Option<Offset>,
        }

        impl $name {
            /// Name of the type in XML Schema.
            pub(super) const KIND: &'static str = $kind;

            /// With a distance from UTC, or without one: then nobody knows the zone.
            ///
            /// # Errors
            /// The year is not from 1 to 9999, or the distance is not in whole minutes up to 14 hours.
            pub fn new($local: $civil, offset: Option<Offset>) -> Result<$name, LexicalError> {
                let this = $name { $local, offset };
                let checked = zone::check(offset).and_then(|()| this.check());
                checked.map_err(|why| LexicalError::new($kind, &this.to_string(), why))?;
                Ok(this)
            }

            /// The distance from UTC, when it is known.
            pub fn offset(&self) -> Option<Offset> {
                self.offset
            }
        }

        impl FromStr for $name {
            type Err = LexicalError;

            fn from_str(text: &str) -> Result<$name, LexicalError> {
                let mut scanner = Scanner::new(text);
                let read = Self::read(&mut scanner);
                let read = read.and_then(|value| Ok((value, zone::read(scanner)?)));
                let ($local, offset) =
                    read.map_err(|why| LexicalError::new($kind, text, why))?;
                Ok($name { $local, offset })
            }
        }
    };
}

temporal! {
    /// `xs:dateTime`. Fractions of a second beyond nanoseconds are cut off when read.
    DateTime, "dateTime", civil::DateTime, local
}
temporal! {
    /// `xs:date`.
    Date, "date", civil::Date, date
}
temporal! {
    /// `xs:time`. Fractions of a second beyond nanoseconds are cut off when read.
    Time, "time", civil::Time, time
}

impl DateTime {
    /// The date and time as written.
    pub fn local(&self) -> civil::DateTime {
        self.local
    }

    /// The moment; `None` when the distance from UTC is not known.
    pub fn timestamp(&self) -> Option<jiff::Timestamp> {
        self.offset?.to_timestamp(self.local).ok()
    }

    fn check(&self) -> Result<(), &'static str> {
        check_year(self.local.date())
    }

    fn read(scanner: &mut Scanner<'_>) -> Result<civil::DateTime, &'static str> {
        let date = read_date(scanner)?;
        if !scanner.take('T') {
            return Err(BETWEEN);
        }
        let (time, next_day) = read_time(scanner)?;
        if !next_day {
            return Ok(date.to_datetime(time));
        }
        let date = date.tomorrow().map_err(|_| DATE)?;
        check_year(date)?;
        Ok(date.to_datetime(time))
    }
}

impl Date {
    /// The date as written.
    pub fn date(&self) -> civil::Date {
        self.date
    }

    fn check(&self) -> Result<(), &'static str> {
        check_year(self.date)
    }

    fn read(scanner: &mut Scanner<'_>) -> Result<civil::Date, &'static str> {
        read_date(scanner)
    }
}

impl Time {
    /// The time as written.
    pub fn time(&self) -> civil::Time {
        self.time
    }

    #[expect(clippy::unused_self, reason = "as for the others")]
    fn check(&self) -> Result<(), &'static str> {
        Ok(())
    }

    fn read(scanner: &mut Scanner<'_>) -> Result<civil::Time, &'static str> {
        read_time(scanner).map(|(time, _)| time)
    }
}

impl From<jiff::Timestamp> for DateTime {
    /// In UTC. Years before 1 become the first moment of year 1.
    fn from(at: jiff::Timestamp) -> DateTime {
        let local = Offset::UTC.to_datetime(at);
        let local = local.max(civil::datetime(1, 1, 1, 0, 0, 0, 0));
        let offset = Some(Offset::UTC);
        DateTime { local, offset }
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_date(self.local.date(), f)?;
        f.write_str("T")?;
        write_time(self.local.time(), f)?;
        zone::write(self.offset, f)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_date(self.date, f)?;
        zone::write(self.offset, f)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_time(self.time, f)?;
        zone::write(self.offset, f)
    }
}

fn check_year(date: civil::Date) -> Result<(), &'static str> {
    if date.year() < 1 {
        return Err(DATE);
    }
    Ok(())
}

fn read_date(scanner: &mut Scanner<'_>) -> Result<civil::Date, &'static str> {
    let mut parts = || {
        let year = scanner.digits().filter(|digits| digits.len() == 4)?;
        let month = scanner.take('-').then(|| scanner.two()).flatten()?;
        let day = scanner.take('-').then(|| scanner.two()).flatten()?;
        Some((year.parse::<i16>().ok()?, month, day))
    };
    let (year, month, day) = parts().ok_or(DATE)?;
    let date = civil::Date::new(year, month, day).map_err(|_| "there is no such day")?;
    check_year(date)?;
    Ok(date)
}

/// A time, and whether it is 24:00:00: the first moment of the next day.
fn read_time(scanner: &mut Scanner<'_>) -> Result<(civil::Time, bool), &'static str> {
    let mut parts = || {
        let hour = scanner.two()?;
        let minute = scanner.take(':').then(|| scanner.two()).flatten()?;
        let second = scanner.take(':').then(|| scanner.two()).flatten()?;
        let nanosecond = if scanner.take('.') {
            scanner.fraction()?
        } else {
            0
        };
        Some((hour, minute, second, nanosecond))
    };
    let (hour, minute, second, nanosecond) = parts().ok_or(TIME)?;
    if (hour, minute, second, nanosecond) == (24, 0, 0, 0) {
        return Ok((civil::Time::midnight(), true));
    }
    // `jiff` would take second 60, a leap second, which XML Schema does not have.
    let time = civil::Time::new(hour, minute, second, nanosecond).map_err(|_| TIME)?;
    if second > 59 {
        return Err(TIME);
    }
    Ok((time, false))
}

fn write_date(date: civil::Date, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(
        f,
        "{:04}-{:02}-{:02}",
        date.year(),
        date.month(),
        date.day()
    )
}

fn write_time(time: civil::Time, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(
        f,
        "{:02}:{:02}:{:02}",
        time.hour(),
        time.minute(),
        time.second()
    )?;
    let fraction = time.subsec_nanosecond();
    if fraction == 0 {
        return Ok(());
    }
    let digits = format!("{fraction:09}");
    write!(f, ".{}", digits.trim_end_matches('0'))
}
