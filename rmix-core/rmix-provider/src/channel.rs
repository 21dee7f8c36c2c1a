//! A way to one peer that is neither socket nor pipe: a provider moves the bytes itself, and a link sees a stream.

use bytes::BytesMut;
use rmix_abi::tables::{AbiWaker, Err};
use std::task::Poll;

use crate::stream::Moved;

/// Bytes to one peer and from it. One reads and one writes at a time; the rest may be asked at any time.
pub trait Channel: Send + Sync + 'static {
    /// Reads into the spare capacity of `input`; 0 is the end of the stream. Pending, the waker is woken when there is
    /// more.
    fn poll_read(&self, waker: &AbiWaker, input: &mut BytesMut) -> Poll<Moved>;

    /// Waits on the calling thread for at most [`crate::stream::BLOCKING_NS`], and reads; `None` when nothing came.
    ///
    /// # Blocking
    /// For that time; [`Channel::shutdown`] and the peer's end cut it short.
    fn read_blocking(&self, input: &mut BytesMut) -> Option<Moved>;

    /// Writes what there is room for; `None` when there is none.
    fn try_write(&self, bytes: &[u8]) -> Option<Moved>;

    /// Writes what there is room for; pending, the waker is woken when there is more.
    fn poll_write(&self, waker: &AbiWaker, bytes: &[u8]) -> Poll<Moved>;

    /// Whether the peer has gone, while nothing is expected of it; moves nothing.
    fn is_stale(&self) -> bool;

    /// Ends both directions; a read that waits returns.
    fn shutdown(&self);

    /// Why a read or write failed, when it was not the system that failed it.
    fn failure(&self) -> Option<Err>;
}
