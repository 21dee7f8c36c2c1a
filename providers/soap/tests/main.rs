//! The contract's suite, linked in and as a shared object; calls through the façade; the HTTP layer against real peers and
//! raw sockets.

mod addressed;
mod calls;
mod client;
mod door;
mod envelopes;
mod guarded;
mod hostile;
mod lent;
mod limits;
mod oneway;
mod passed;
mod peers;
mod pool;
mod raw;
mod requirements;
mod served;
mod server;
mod slow;
mod standard;
mod threads;
mod tls;

use std::path::Path;

use rmix::ProviderEntry;
use rmix_conformance::{Fixture, Transport, mount};

struct Soap;

impl Fixture for Soap {
    fn name(&self) -> &'static str {
        "soap"
    }

    fn linked(&self) -> &'static ProviderEntry {
        &rmix_soap::plugin::rmix_provider_v1_soap
    }

    fn leaves_out(&self) -> &'static [(&'static str, &'static str)] {
        LEFT_OUT
    }

    fn claims(&self) -> &'static [&'static str] {
        &["oneway", "twoway", "listen", "faults", "concurrent"]
    }

    fn transport(&self) -> Transport {
        Transport::Tcp
    }

    fn endpoint(&self, _folder: &Path) -> String {
        "soap+http://127.0.0.1:0/object".to_owned()
    }

    fn nonsense(&self) -> Vec<(&'static str, Vec<u8>)> {
        vec![
            ("no HTTP", b"\x00\x01\x02\x03\r\n\r\n".to_vec()),
            ("no version", b"POST /object\r\n\r\n".to_vec()),
            ("a head without end", vec![b'x'; 200_000]),
        ]
    }
}

/// Cases of the suite that HTTP or XML has otherwise, and where that is shown.
const LEFT_OUT: &[(&str, &str)] = &[
    (
        "callback::call_to_a_link_that_serves_nothing_is_refused",
        NO_CALLS_BACK,
    ),
    (
        "errors::argument_that_cannot_be_sent_leaves_the_link_usable",
        CARRIED,
    ),
    (
        "errors::result_that_cannot_be_sent_leaves_the_link_usable",
        CARRIED,
    ),
    (
        "modes::every_shape_comes_back_unchanged",
        "SOAP has no maps; shapes are in the codec's tests",
    ),
    (
        "hostile::declared_lengths_cost_no_memory",
        "XML declares no lengths; see the allocation tests of the codec",
    ),
    ("hostile::every_truncation_of_a_call_is_survived", ANSWERED),
    ("hostile::nonsense_closes_only_its_own_connection", ANSWERED),
    ("hostile::nonsense_does_not_stop_the_next_peer", ANSWERED),
    ("hostile::reply_to_no_call_ends_the_link", UNASKED),
    ("hostile::second_reply_is_dropped", UNASKED),
    (
        "limits::calls_beyond_the_server_s_limit_wait",
        OWN_CONNECTIONS,
    ),
    (
        "limits::connection_beyond_the_limit_is_closed",
        "answers have a date, so that two are not alike: see `served`",
    ),
    (
        "limits::message_beyond_the_caller_s_limit_is_not_sent",
        BASE64,
    ),
    (
        "limits::reply_beyond_the_caller_s_limit_ends_the_link",
        BASE64,
    ),
    (
        "limits::reply_beyond_the_server_s_limit_fails_the_call",
        BASE64,
    ),
    (
        "limits::request_beyond_the_server_s_limit_is_refused",
        BASE64,
    ),
    (
        "pressure::arguments_of_running_calls_are_bounded_in_bytes",
        OWN_CONNECTIONS,
    ),
    ("pressure::longest_message_is_served_beside_another", BASE64),
    (
        "pressure::sender_waits_for_a_peer_that_does_not_read",
        OWN_CONNECTIONS,
    ),
    (
        "pressure::server_closes_a_peer_that_takes_no_answers",
        "HTTP answers in order: see `slow`",
    ),
    (
        "pressure::server_stops_reading_a_peer_that_does_not_read",
        "HTTP answers in order: see `slow`",
    ),
    (
        "timeouts::peer_that_sends_part_of_its_first_message_is_closed",
        TOLD,
    ),
    ("timeouts::peer_that_stops_within_a_message_is_closed", TOLD),
];
const NO_CALLS_BACK: &str = "a client of HTTP is not called";
const CARRIED: &str = "integers of 128 bits are xs:integer, so the value can be sent";
const ANSWERED: &str = "HTTP answers with 400 before it closes: see `hostile`";
const UNASKED: &str = "answers of HTTP have no number; an unasked one costs its connection, not the link: see `client`";
const OWN_CONNECTIONS: &str = "calls of one link are on connections of their own, each with limits of its own: see `served` and `pool`";
const BASE64: &str = "octets grow by a third as base64: see `hostile` for the limit on bytes";
const TOLD: &str = "HTTP answers with 408 before it closes: see `slow`";

mount!(tcp_linked, Soap, Linked);
mount!(tcp_shared, Soap, Shared);
