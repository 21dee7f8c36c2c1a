//! What each limit and each time may be, in one table, and which of them must not be below others.
//!
//! A limit of nothing would be a member that never sends, joins or hears, and a time without end does not fit the
//! clock: both are said when a member starts, and not found out while it runs.

use std::time::Duration;

use crate::config::ControlConfig;
use crate::error::ControlError;

/// Says which value is out of its range, and the range.
pub(super) fn check(config: &ControlConfig) -> Result<(), ControlError> {
    for row in TABLE {
        let value = (row.number)(config);
        if !(row.least..=row.most).contains(&value) {
            let text = |number| (row.text)(config, number);
            return Err(ControlError::Config(format!(
                "{} is {}: {} to {}",
                row.field,
                text(value),
                text(row.least),
                text(row.most)
            )));
        }
    }
    for (field, value, least, because) in pairs(config) {
        if value < least {
            return Err(ControlError::Config(format!(
                "{field} is {value}: at least {least}, {because}"
            )));
        }
    }
    times(config)
}

/// A field that is a number, and its range.
struct Row {
    field: &'static str,
    number: fn(&ControlConfig) -> u128,
    text: fn(&ControlConfig, u128) -> String,
    #[cfg(test)]
    set: fn(&mut ControlConfig, u128),
    least: u128,
    most: u128,
}

macro_rules! rows {
    ($($group:ident.$field:ident: $least:expr, $most:expr;)*) => {
        &[$(Row {
            field: concat!(stringify!($group), ".", stringify!($field)),
            number: |config| config.$group.$field.number(),
            text: |config, number| written(config.$group.$field, number),
            #[cfg(test)]
            set: |config, number| config.$group.$field = Quantity::of(number),
            least: $least,
            most: $most,
        }),*]
    };
}

/// Each field says the same at its own place.
const TABLE: &[Row] = rows! {
    limits.members_max: 1, MEMBERS_MAX;
    limits.queued_messages_max: 1, COUNT_MAX;
    limits.queued_bytes_max: 1, STORE_BYTES_MAX;
    limits.batch_messages_max: 1, COUNT_MAX;
    limits.batch_bytes_max: 1, MESSAGE_BYTES_MAX;
    limits.window_batches: 1, COUNT_MAX;
    limits.frame_items_max: 1, COUNT_MAX;
    limits.early_frames_max: 1, COUNT_MAX;
    limits.joins_max: 1, MEMBERS_MAX;
    links.kept_frames_max: 1, COUNT_MAX;
    links.kept_bytes_max: 1, STORE_BYTES_MAX;
    links.acknowledge_frames: 1, COUNT_MAX;
    links.acknowledge_after: 0, DAY;
    links.slow_after: MILLISECOND, DAY;
    wire.members_max: 1, MEMBERS_MAX;
    wire.items_max: 1, COUNT_MAX;
    wire.batch_messages_max: 1, COUNT_MAX;
    wire.flush_max: 1, COUNT_MAX;
    control.payload_bytes_max: 1, MESSAGE_BYTES_MAX;
    control.waiting_max: 1, COUNT_MAX;
    control.inputs_max: 1, QUEUE_MAX;
    control.events_max: 1, QUEUE_MAX;
    control.chunk_bytes: 1, MESSAGE_BYTES_MAX;
    control.early_max: 1, COUNT_MAX;
    control.state_bytes_max: 1, STORE_BYTES_MAX;
    control.guests_max: 1, COUNT_MAX;
    control.former_max: 0, COUNT_MAX;
    control.callers_max: 0, COUNT_MAX;
    // What all members greet with has up to 63 bytes.
    control.text_bytes_max: 64, 65_536;
    control.endpoints_max: 1, 1024;
    timing.beat_every: MILLISECOND, DAY;
    timing.quiet_after: 0, DAY;
    timing.probe_within: MILLISECOND, DAY;
    timing.vouched_max: 0, 1_000_000;
    timing.greet_within: MILLISECOND, DAY;
    timing.reconnect_min: MILLISECOND, DAY;
    timing.reconnect_max: MILLISECOND, DAY;
    timing.enroll_every: MILLISECOND, DAY;
    timing.join_within: MILLISECOND, DAY;
};

/// Members that a rank can count.
const MEMBERS_MAX: u128 = 65_534;
/// Things that are kept one by one, as they come.
const COUNT_MAX: u128 = 16_777_216;
/// Places of a queue. Those of events are taken at the start: see `ControlLimits::events_max`.
const QUEUE_MAX: u128 = 1_048_576;
/// Bytes of what travels in one message: no provider takes a longer one.
const MESSAGE_BYTES_MAX: u128 = 1 << 30;
/// Bytes of what is kept: 1 TiB.
const STORE_BYTES_MAX: u128 = 1 << 40;
/// In nanoseconds, as all times of the table.
const MILLISECOND: u128 = 1_000_000;
const DAY: u128 = 24 * 3600 * 1000 * MILLISECOND;

/// What is not below another limit: field, value, least value, and why.
fn pairs(config: &ControlConfig) -> [(&'static str, u128, u128, &'static str); 8] {
    let (limits, wire) = (&config.limits, &config.wire);
    // Those before may be undelivered elsewhere, where the evidence has not come yet.
    let own = limits.window_batches.saturating_mul(2).saturating_add(1);
    let control = &config.control;
    // Its number, the members that perform it, and the lengths of both: up to ten bytes for a number.
    let around = limits.members_max.saturating_mul(20).saturating_add(64);
    [
        (
            "wire.members_max",
            wire.members_max.number(),
            limits.members_max.number(),
            "as limits.members_max: a larger view would be malformed to this member",
        ),
        (
            "wire.members_max",
            wire.members_max.number(),
            limits.joins_max.number(),
            "as limits.joins_max: so many joiners may be named at once",
        ),
        (
            "wire.items_max",
            wire.items_max.number(),
            limits.frame_items_max.number(),
            "as limits.frame_items_max: a larger frame would be malformed to this member",
        ),
        (
            "wire.batch_messages_max",
            wire.batch_messages_max.number(),
            limits.batch_messages_max.number(),
            "as limits.batch_messages_max: a larger batch would be malformed to this member",
        ),
        (
            "wire.flush_max",
            wire.flush_max.number(),
            limits.members_max.saturating_mul(own).number(),
            "limits.members_max times one more than twice limits.window_batches: a view change carries so many",
        ),
        (
            "limits.queued_bytes_max",
            limits.queued_bytes_max.number(),
            control.payload_bytes_max.saturating_add(around).number(),
            "control.payload_bytes_max, and 64 and 20 for each of limits.members_max: the largest request would be refused as busy for ever",
        ),
        (
            "control.guests_max",
            control.guests_max.number(),
            limits.members_max.number(),
            "as limits.members_max: a member of the view would be refused",
        ),
        (
            "links.kept_frames_max",
            config.links.kept_frames_max.number(),
            config.links.acknowledge_frames.number(),
            "as links.acknowledge_frames: a full window would wait for its acknowledgement",
        ),
    ]
}

/// What is not after another time.
fn times(config: &ControlConfig) -> Result<(), ControlError> {
    let (links, timing) = (&config.links, &config.timing);
    let pairs = [
        (
            "timing.reconnect_min",
            timing.reconnect_min,
            "timing.reconnect_max",
            timing.reconnect_max,
        ),
        (
            "links.acknowledge_after",
            links.acknowledge_after,
            "half of links.slow_after",
            links.slow_after / 2,
        ),
    ];
    for (field, value, other, most) in pairs {
        if value > most {
            return Err(ControlError::Config(format!(
                "{field} is {value:?}: up to {most:?}, as {other}"
            )));
        }
    }
    Ok(())
}

/// What a range bounds.
trait Quantity: Copy {
    /// Times in nanoseconds.
    fn number(self) -> u128;
    fn text(number: u128) -> String;
    #[cfg(test)]
    fn of(number: u128) -> Self;
}

fn written<Q: Quantity>(_like: Q, number: u128) -> String {
    Q::text(number)
}

macro_rules! quantity {
    ($($number:ty),*) => {$(
        impl Quantity for $number {
            fn number(self) -> u128 {
                self.try_into().unwrap_or(u128::MAX)
            }

            fn text(number: u128) -> String {
                number.to_string()
            }

            #[cfg(test)]
            fn of(number: u128) -> $number {
                number.try_into().expect("it fits, or is not tested")
            }
        }
    )*};
}

quantity!(usize, u32, u64);

impl Quantity for Duration {
    fn number(self) -> u128 {
        self.as_nanos()
    }

    fn text(number: u128) -> String {
        format!("{:?}", Duration::from_nanos_u128(number))
    }

    #[cfg(test)]
    fn of(number: u128) -> Duration {
        Duration::from_nanos_u128(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member() -> ControlConfig {
        ControlConfig::new("A", vec!["shm:a".to_owned()])
    }

    fn error(config: &ControlConfig) -> Option<String> {
        check(config).err().map(|error| error.to_string())
    }

    fn changed(change: impl FnOnce(&mut ControlConfig)) -> Option<String> {
        let mut config = member();
        change(&mut config);
        error(&config)
    }

    #[test]
    fn every_value_is_taken_at_both_ends_of_its_range_and_refused_beyond() {
        for row in TABLE {
            // What hangs together is judged by tests of its own.
            let is_out = |value| {
                let text = changed(|config| (row.set)(config, value));
                text.is_some_and(|text| {
                    let text_of = |number| (row.text)(&member(), number);
                    text.contains(&format!(
                        "{} is {}: {} to {}",
                        row.field,
                        text_of(value),
                        text_of(row.least),
                        text_of(row.most)
                    ))
                })
            };
            assert!(!is_out(row.least), "{} at its least", row.field);
            assert!(!is_out(row.most), "{} at its most", row.field);
            assert!(is_out(row.most + 1), "{} above its most", row.field);
            if let Some(below) = row.least.checked_sub(1) {
                assert!(is_out(below), "{} below its least", row.field);
            }
        }
    }

    #[test]
    fn the_table_has_every_number_of_the_configuration() {
        let config = member();
        let all = [
            format!("{:?}", config.limits),
            format!("{:?}", config.links),
            format!("{:?}", config.wire),
            format!("{:?}", config.control),
            format!("{:?}", config.timing),
        ];
        // Each field is printed as `name: value`.
        let fields: usize = all.iter().map(|text| text.matches(": ").count()).sum();
        assert_eq!(TABLE.len(), fields);
    }

    #[test]
    fn values_that_would_stop_a_member_are_refused_by_name() {
        let texts = [
            changed(|config| config.limits.window_batches = 0),
            changed(|config| config.limits.frame_items_max = 0),
            changed(|config| config.limits.members_max = 65_535),
            changed(|config| config.links.kept_frames_max = 0),
            changed(|config| config.control.chunk_bytes = 0),
            changed(|config| config.control.events_max = 1_048_577),
            changed(|config| config.timing.beat_every = Duration::ZERO),
            changed(|config| config.timing.join_within = Duration::MAX),
            changed(|config| config.timing.quiet_after = Duration::from_secs(86_401)),
        ];
        let expected = [
            "limits.window_batches is 0: 1 to 16777216",
            "limits.frame_items_max is 0: 1 to 16777216",
            "limits.members_max is 65535: 1 to 65534",
            "links.kept_frames_max is 0: 1 to 16777216",
            "control.chunk_bytes is 0: 1 to 1073741824",
            "control.events_max is 1048577: 1 to 1048576",
            "timing.beat_every is 0ns: 1ms to 86400s",
            "timing.join_within is 18446744073709551615.999999999s: 1ms to 86400s",
            "timing.quiet_after is 86401s: 0ns to 86400s",
        ];
        for (text, expected) in texts.into_iter().zip(expected) {
            let text = text.unwrap_or_else(|| panic!("taken, and should be: {expected}"));
            assert!(text.contains(expected), "{text}");
        }
        assert_eq!(error(&member()), None, "the defaults");
    }

    #[test]
    fn what_the_ring_sends_is_within_what_the_wire_takes() {
        let check = |change: fn(&mut ControlConfig, usize), least: usize, field: &str| {
            assert_eq!(changed(|config| change(config, least)), None, "{field}");
            let text = changed(|config| change(config, least - 1)).expect(field);
            let said = format!("{field} is {}: at least {least}, ", least - 1);
            assert!(text.contains(&said), "{text}");
        };
        check(
            |config, value| config.wire.members_max = value,
            1024,
            "wire.members_max",
        );
        check(
            |config, value| {
                config.limits.members_max = 8;
                config.wire.members_max = value;
            },
            64,
            "wire.members_max",
        );
        check(
            |config, value| config.wire.items_max = value,
            256,
            "wire.items_max",
        );
        check(
            |config, value| config.wire.batch_messages_max = value,
            256,
            "wire.batch_messages_max",
        );
        check(
            |config, value| config.wire.flush_max = value,
            1024 * 33,
            "wire.flush_max",
        );
        check(
            |config, value| config.limits.queued_bytes_max = value,
            (256 << 10) + 1024 * 20 + 64,
            "limits.queued_bytes_max",
        );
        check(
            |config, value| config.control.guests_max = value,
            1024,
            "control.guests_max",
        );
        check(
            |config, value| config.links.kept_frames_max = value,
            32,
            "links.kept_frames_max",
        );
    }

    #[test]
    fn a_pause_does_not_begin_above_its_end() {
        let pauses = |least, most| {
            changed(|config| {
                config.timing.reconnect_min = Duration::from_millis(least);
                config.timing.reconnect_max = Duration::from_millis(most);
            })
        };
        assert_eq!(pauses(50, 50), None);
        let text = pauses(51, 50).expect("it is refused");
        assert!(
            text.contains("timing.reconnect_min is 51ms: up to 50ms, as timing.reconnect_max"),
            "{text}"
        );
        let waits = |after| {
            changed(|config| {
                config.links.slow_after = Duration::from_millis(50);
                config.links.acknowledge_after = Duration::from_millis(after);
            })
        };
        assert_eq!(waits(25), None);
        assert!(waits(26).is_some());
    }
}
