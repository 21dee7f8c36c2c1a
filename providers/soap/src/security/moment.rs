//! Moments, in XML Schema's form and as numbers.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Milliseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment(pub(crate) i64);

impl Moment {
    /// Reads an `xs:dateTime`; without a zone it is taken for UTC, which the profile asks for (peers leave it out).
    pub(crate) fn parse(text: &str) -> Option<Moment> {
        // No longer one has a meaning; the library would read more than XML Schema has.
        let is_plain = text.len() <= TEXT_BYTES_MAX
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"-:.+TZ".contains(&byte));
        if !is_plain || !text.contains('T') {
            return None;
        }
        let exact = text.parse::<Timestamp>();
        let exact = exact.or_else(|failure| {
            let local: DateTime = text.parse()?;
            match has_zone(text) {
                true => Err(failure),
                false => local.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()),
            }
        });
        exact.ok().map(|exact| Moment(exact.as_millisecond()))
    }

    /// The same moment some seconds later.
    pub(crate) fn plus_seconds(self, seconds: u32) -> Moment {
        Moment(self.0.saturating_add(i64::from(seconds) * 1000))
    }
}

/// Whether a zone follows the time.
fn has_zone(text: &str) -> bool {
    let time = text.split_once('T').map_or("", |(_, time)| time);
    time.contains(['Z', '+', '-'])
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let exact = Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH);
        write!(f, "{exact:.3}")
    }
}

/// Longest text of a time: nine digits of a second and a zone.
const TEXT_BYTES_MAX: usize = 40;
