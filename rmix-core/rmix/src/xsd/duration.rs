//! `xs:duration`: months, and seconds with a fraction, of one sign.

use std::fmt;
use std::str::FromStr;

use super::error::LexicalError;
use super::scanner::Scanner;

/// `xs:duration`: a number of months and a time, both backwards when negative. Equal when both are; two durations cannot
/// always be ordered, for a month has no fixed length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Duration {
    negative: bool,
    months: u64,
    time: std::time::Duration,
}

const FORM: &str = "it is not written PnYnMnDTnHnMnS with at least one number";
const RANGE: &str = "it has more than 2^64 - 1 months or seconds";

/// Seconds of a day, an hour, a minute and a second.
const TIME_UNITS: [(char, u64); 3] = [('H', 3600), ('M', 60), ('S', 1)];
const DAY: u64 = 86_400;

impl Duration {
    /// Name of the type in XML Schema.
    pub(super) const KIND: &'static str = "duration";

    /// Months and a time, both backwards when `negative`; nothing is never negative.
    pub fn new(negative: bool, months: u64, time: std::time::Duration) -> Duration {
        let negative = negative && (months > 0 || !time.is_zero());
        Duration {
            negative,
            months,
            time,
        }
    }

    /// Whether it goes backwards.
    pub fn is_negative(&self) -> bool {
        self.negative
    }

    /// Its months: 12 for each year.
    pub fn months(&self) -> u64 {
        self.months
    }

    /// Its days, hours, minutes and seconds.
    pub fn time(&self) -> std::time::Duration {
        self.time
    }
}

impl From<std::time::Duration> for Duration {
    fn from(time: std::time::Duration) -> Duration {
        Duration::new(false, 0, time)
    }
}

/// What has been read so far.
#[derive(Default)]
struct Sum {
    months: u64,
    seconds: u64,
    nanoseconds: u32,
    numbers: u32,
}

impl Sum {
    fn add(total: u64, count: &str, unit: u64) -> Result<u64, &'static str> {
        let count: u64 = count.parse().map_err(|_| RANGE)?;
        let sum = count
            .checked_mul(unit)
            .and_then(|more| total.checked_add(more));
        sum.ok_or(RANGE)
    }

    /// The part before `T`.
    fn date(&mut self, scanner: &mut Scanner<'_>) -> Result<(), &'static str> {
        for (name, months) in [('Y', Some(12)), ('M', Some(1)), ('D', None)] {
            let mut ahead = *scanner;
            let Some(count) = ahead.digits() else {
                return Ok(());
            };
            if !ahead.take(name) {
                continue;
            }
            *scanner = ahead;
            self.numbers += 1;
            match months {
                Some(unit) => self.months = Sum::add(self.months, count, unit)?,
                None => self.seconds = Sum::add(self.seconds, count, DAY)?,
            }
        }
        Ok(())
    }

    /// The part after `T`.
    fn time(&mut self, scanner: &mut Scanner<'_>) -> Result<(), &'static str> {
        let before = self.numbers;
        for (name, unit) in TIME_UNITS {
            let mut ahead = *scanner;
            let Some(count) = ahead.digits() else { break };
            let fraction = match name {
                'S' if ahead.take('.') => ahead.fraction().ok_or(FORM)?,
                _ => 0,
            };
            if !ahead.take(name) {
                continue;
            }
            *scanner = ahead;
            self.numbers += 1;
            self.seconds = Sum::add(self.seconds, count, unit)?;
            self.nanoseconds = u32::try_from(fraction).unwrap_or_default();
        }
        if self.numbers == before {
            return Err(FORM);
        }
        Ok(())
    }
}

impl FromStr for Duration {
    type Err = LexicalError;

    fn from_str(text: &str) -> Result<Duration, LexicalError> {
        let wrong = |why| LexicalError::new(Duration::KIND, text, why);
        let mut scanner = Scanner::new(text);
        let negative = scanner.take('-');
        if !scanner.take('P') {
            return Err(wrong(FORM));
        }
        let mut sum = Sum::default();
        sum.date(&mut scanner).map_err(wrong)?;
        if scanner.take('T') {
            sum.time(&mut scanner).map_err(wrong)?;
        }
        if !scanner.is_at_end() || sum.numbers == 0 {
            return Err(wrong(FORM));
        }
        let time = std::time::Duration::new(sum.seconds, sum.nanoseconds);
        Ok(Duration::new(negative, sum.months, time))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.negative { "-P" } else { "P" })?;
        let seconds = self.time.as_secs();
        for (count, name) in [
            (self.months / 12, 'Y'),
            (self.months % 12, 'M'),
            (seconds / DAY, 'D'),
        ] {
            if count > 0 {
                write!(f, "{count}{name}")?;
            }
        }
        let (rest, fraction) = (seconds % DAY, self.time.subsec_nanos());
        if rest == 0 && fraction == 0 {
            let nothing = self.months == 0 && seconds == 0;
            return f.write_str(if nothing { "T0S" } else { "" });
        }
        f.write_str("T")?;
        for (count, name) in [(rest / 3600, 'H'), (rest / 60 % 60, 'M')] {
            if count > 0 {
                write!(f, "{count}{name}")?;
            }
        }
        match (rest % 60, fraction) {
            (0, 0) => Ok(()),
            (whole, 0) => write!(f, "{whole}S"),
            (whole, fraction) => {
                let digits = format!("{fraction:09}");
                write!(f, "{whole}.{}S", digits.trim_end_matches('0'))
            }
        }
    }
}
