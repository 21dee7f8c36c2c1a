//! Peers that are too slow. The tests wait for the server's close, however long it takes.

use std::time::Duration;

use crate::fixture::Transport;
use crate::rig::{Rig, limits, limits_with};

const SHORT: Duration = Duration::from_millis(100);
/// The shortest idle time there is.
const IDLE: Duration = Duration::from_secs(1);

fn has_time_limits(rig: &Rig) -> bool {
    let limited = matches!(
        rig.fixture().transport(),
        Transport::Tcp | Transport::Unix | Transport::Bridged(_)
    );
    rig.skips(limited, "the peer at the other end of a pipe may be silent")
}

/// From the start of the connection.
pub fn peer_that_sends_nothing_is_closed(rig: &Rig) {
    if has_time_limits(rig) {
        return;
    }
    let server = rig.server(limits_with(|limits| limits.handshake_timeout = SHORT));
    assert!(rig.raw(&server.endpoint).until_closed().is_empty());
}

/// The first message is part of the handshake, however much time a message has.
pub fn peer_that_sends_part_of_its_first_message_is_closed(rig: &Rig) {
    if has_time_limits(rig) {
        return;
    }
    let heard = rig.overhear_add(1, 2);
    let server = rig.server(limits_with(|limits| limits.handshake_timeout = SHORT));
    let mut peer = rig.raw(&server.endpoint);
    assert!(peer.send(&heard.calls[..5]));
    assert!(peer.until_closed().is_empty());
}

/// A message that was begun and is not ended.
pub fn peer_that_stops_within_a_message_is_closed(rig: &Rig) {
    if rig.cannot_be_raw() {
        return;
    }
    let heard = rig.overhear_add(1, 2);
    let server = rig.server(limits_with(|limits| limits.message_timeout = SHORT));
    let mut peer = rig.raw(&server.endpoint);
    assert!(peer.send(&heard.calls));
    // As long as before; some protocols put the time into it.
    peer.receive(heard.answers.len());
    assert!(peer.send(&heard.calls[..heard.calls.len() - 1]));
    assert!(peer.until_closed().is_empty());
}

/// Nothing is asked any more; but a connection with a call that runs is not idle.
pub fn idle_connection_is_closed_and_a_busy_one_is_not(rig: &Rig) {
    if has_time_limits(rig) {
        return;
    }
    let heard = rig.overhear_add(1, 2);
    let server = rig.server(limits_with(|limits| limits.idle_timeout = IDLE));
    let local = server.local.as_ref().expect("it is in this process");
    let runtime = rig.runtime(limits());
    let stub = crate::rig::bind(&runtime, &server.endpoint);
    let mut busy = stub.start().pass(1);
    crate::rig::wait_for_arrivals(local, 1, 1);
    let mut idle = rig.raw(&server.endpoint);
    assert!(idle.send(&heard.calls));
    idle.receive(heard.answers.len());
    // Begins after the call, so its end comes after the time that a call may not be idle for.
    assert!(idle.until_closed().is_empty());
    crate::rig::open_gate(local, 1);
    assert_eq!(busy.wait(Duration::from_secs(60)).unwrap().unwrap(), 1);
}
