//! The bytes of packets and of what is broadcast: compact, the same through every provider.
//!
//! Numbers are unsigned LEB128 of at most ten bytes, the shortest form only; texts and octets have
//! their length before them; a list has its length, then its elements; a choice has the number of its
//! variant. Nothing is allocated from a length before the bytes are there, and every list has a limit.
//! What the values mean, and whether a member may say so, is not judged here: the ring does.
//!
//! ```text
//! packet   0 hello        received asks
//!          1 frame        number received view body
//!          2 acknowledge  received
//! view     epoch round slot incarnation parent
//! body     0 data  1 prepare  2 accept  3 install  4 refuse  5 accuse  6 join  7 leave  8 loaded  9 pull  10 exclude
//! word     0 request  1 result
//! ```

mod body;
mod malformed;
mod packet;
mod reader;
mod word;
mod writer;

pub use malformed::{Fault, Malformed};
pub use packet::{decode_packet, encode_packet};
pub use reader::{COUNT_MAX, Reader};
pub use word::{decode_word, encode_word};
pub(crate) use word::{
    encode_word_into, read_member, read_request, read_result, write_member, write_request,
    write_result,
};
pub use writer::Writer;

/// What bounds one packet beside its bytes, which the provider's `Limits::message_bytes` bounds. None is below what the
/// member's own ring sends: another member of the same limits would be cut off for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WireLimits {
    /// Members in one list. Default 1,024, up to 65,534; no less than `harness_ring::Limits::members_max` and `joins_max`.
    pub members_max: usize,
    /// Copies and evidence of one frame. Default 4,096, up to 16,777,216; no less than
    /// `harness_ring::Limits::frame_items_max`.
    pub items_max: usize,
    /// Messages of one batch. Default 4,096, up to 16,777,216; no less than `harness_ring::Limits::batch_messages_max`.
    pub batch_messages_max: usize,
    /// Batches that a token or a decision carries, and views that wait in an image of `Standby`. Default 65,536, up to
    /// 16,777,216; no less than `harness_ring::Limits::members_max` times one more than twice `window_batches`.
    pub flush_max: usize,
}

impl Default for WireLimits {
    fn default() -> WireLimits {
        WireLimits {
            members_max: 1024,
            items_max: 4096,
            batch_messages_max: 4096,
            flush_max: 65_536,
        }
    }
}
