//! A channel as hyper reads and writes it. What it writes is gathered, and sent when it has nothing more to do, so that
//! everything one read brought is answered by one write.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use hyper::rt::{Read, ReadBufCursor, Write};
use rmix_provider::tables::AbiWaker;

use super::feed::Feed;
use super::watch::Watch;
use crate::http::channel::{Channel, Flow};

/// So much is gathered; more is written at once, without being copied.
const GATHERED_MAX: usize = 16 << 10;
/// So much memory is kept for gathering while nothing is to be written.
const KEPT_MAX: usize = 2 << 10;
/// Bytes of a first read; more while reads are full.
const READ_MIN: usize = 8 << 10;
/// Bytes of any read.
const READ_MAX: usize = 64 << 10;

/// The bytes of a connection, shared between hyper and the future that drives it.
#[derive(Clone)]
pub(super) struct ServerIo {
    watch: Arc<Watch>,
    /// Guards the channel; both users are the same task, so it is never waited for.
    state: Arc<Mutex<State>>,
}

struct State {
    channel: Channel,
    /// What is read goes here first: hyper's own room may only be written to by unsafe code, and hyper is to have no more
    /// than it asks for.
    room: Vec<u8>,
    /// What of it hyper has not got.
    unread: std::ops::Range<usize>,
    feed: Feed,
    /// Gathered, and written up to `sent`.
    out: Vec<u8>,
    sent: usize,
    /// Bytes that the channel took in all, to see whether the peer takes any.
    written: u64,
    /// Whether what was gathered waits.
    blocked: bool,
    /// Bytes of hyper's that wait behind it, as far as they are known.
    beyond: usize,
}

impl ServerIo {
    pub(super) fn new(channel: Channel, watch: Arc<Watch>) -> ServerIo {
        let state = State {
            channel,
            room: vec![0; READ_MIN],
            unread: 0..0,
            feed: Feed::default(),
            out: Vec::new(),
            sent: 0,
            written: 0,
            blocked: false,
            beyond: 0,
        };
        ServerIo {
            watch,
            state: Arc::new(Mutex::new(state)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request's head was read, and its body begins, of this length where it says one.
    pub(super) fn begin_body(&self, length: Option<u64>) {
        self.lock().feed.begin_body(length);
    }

    /// A request was answered.
    pub(super) fn end_request(&self) {
        let mut state = self.lock();
        let waiting = state.unread.len() + usize::from(state.feed.end_request());
        drop(state);
        self.watch.idle(waiting);
    }

    /// Sends what was gathered.
    pub(super) fn poll_send(&self, waker: &AbiWaker) -> Poll<io::Result<()>> {
        self.lock().poll_send(waker)
    }

    /// Bytes that the kernel took in all, and with what waits, when the peer does not take it all.
    pub(super) fn blocked(&self) -> Option<(u64, u64)> {
        let state = self.lock();
        let gathered = state.out.len().saturating_sub(state.sent);
        let waiting = gathered.saturating_add(state.beyond) as u64;
        (state.blocked || state.beyond > 0)
            .then(|| progress(state.written, waiting, state.channel.flow()))
    }

    /// Says a last thing, as far as the kernel takes it at once.
    pub(super) fn say(&self, waker: &AbiWaker, text: &[u8]) {
        let mut state = self.lock();
        state.out.extend_from_slice(text);
        // The connection ends anyway.
        let _ = state.poll_send(waker);
    }

    /// Tells the peer that nothing more comes.
    pub(super) fn close_write(&self) {
        self.lock().channel.close_write();
    }

    /// Reads and forgets; the number of bytes, 0 at the end.
    pub(super) fn poll_discard(&self, waker: &AbiWaker) -> Poll<io::Result<usize>> {
        let mut state = self.lock();
        let State { channel, room, .. } = &mut *state;
        channel.poll_read(waker, room)
    }
}

/// Bytes that the kernel took, and with what waits: `waiting` here, the rest in TLS, whose own count tells what went out:
/// what it was given may lie there for long.
fn progress(written: u64, waiting: u64, flow: Option<Flow>) -> (u64, u64) {
    let (taken, kept) = flow.map_or((written, 0), |flow| (flow.flushed(), flow.kept()));
    // TLS may have something of its own to write.
    let left = waiting.saturating_add(kept).max(1);
    (taken, taken.saturating_add(left))
}

impl State {
    fn poll_send(&mut self, waker: &AbiWaker) -> Poll<io::Result<()>> {
        while let Some(left) = self.out.get(self.sent..).filter(|left| !left.is_empty()) {
            let polled = self.channel.poll_write(waker, &[IoSlice::new(left)]);
            self.blocked = polled.is_pending();
            let written = ready!(polled)?;
            self.count(written)?;
            self.sent += written;
        }
        self.out.clear();
        self.sent = 0;
        self.out.shrink_to(KEPT_MAX);
        let polled = self.channel.poll_flush(waker);
        self.blocked = polled.is_pending();
        polled
    }

    fn count(&mut self, written: usize) -> io::Result<()> {
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        self.written = self.written.saturating_add(written as u64);
        Ok(())
    }

    fn poll_read(
        &mut self,
        waker: &AbiWaker,
        cursor: &mut ReadBufCursor<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut read = 0;
        if self.unread.is_empty() {
            read = ready!(self.poll_fill(waker))?;
        }
        let unread = self.room.get(self.unread.clone()).unwrap_or_default();
        let most = unread.get(..cursor.remaining()).unwrap_or(unread);
        let count = self.feed.give(most);
        cursor.put_slice(most.get(..count).unwrap_or_default());
        self.unread.start += count;
        Poll::Ready(Ok(read))
    }

    /// Reads into the room, all of which was given.
    fn poll_fill(&mut self, waker: &AbiWaker) -> Poll<io::Result<usize>> {
        let before = self.unread.end;
        if before == self.room.len() && before < READ_MAX {
            // A full read: there is more, and it is read in larger pieces.
            self.room.resize(before * 2, 0);
        } else if before < READ_MIN && self.room.len() > READ_MIN {
            self.room.truncate(READ_MIN);
            self.room.shrink_to_fit();
        }
        let read = ready!(self.channel.poll_read(waker, &mut self.room))?;
        self.unread = 0..read;
        Poll::Ready(Ok(read))
    }

    /// Writes what was gathered and `parts` behind it.
    fn poll_write_through(
        &mut self,
        waker: &AbiWaker,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        loop {
            let left = self.out.get(self.sent..).unwrap_or_default();
            let gathered = left.len();
            let mut all = Vec::with_capacity(parts.len() + 1);
            all.push(IoSlice::new(left));
            all.extend(parts.iter().map(|part| IoSlice::new(part)));
            let polled = self.channel.poll_write(waker, &all);
            self.beyond = match polled.is_pending() {
                true => parts.iter().map(|part| part.len()).sum(),
                false => 0,
            };
            let written = ready!(polled)?;
            self.count(written)?;
            self.sent += written.min(gathered);
            if let Some(beyond) = written.checked_sub(gathered) {
                self.out.clear();
                self.sent = 0;
                if beyond > 0 {
                    return Poll::Ready(Ok(beyond));
                }
            }
        }
    }
}

impl Read for ServerIo {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut cursor: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let waker = AbiWaker::lend(cx.waker());
        let read = ready!(self.lock().poll_read(&waker, &mut cursor))?;
        self.watch.received(read);
        Poll::Ready(Ok(()))
    }
}

impl Write for ServerIo {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut state = self.lock();
        let length: usize = parts.iter().map(|part| part.len()).sum();
        let room = GATHERED_MAX.saturating_sub(state.out.len());
        if length <= room {
            for part in parts {
                state.out.extend_from_slice(part);
            }
            return Poll::Ready(Ok(length));
        }
        state.poll_write_through(&AbiWaker::lend(cx.waker()), parts)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // The future that drives the connection sends, once hyper has nothing more to do.
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_send(&AbiWaker::lend(cx.waker()))
    }
}

#[cfg(test)]
mod tests {
    use rmix_provider::tables::Limits;

    use super::super::watch::Taking;
    use super::*;
    use crate::http::limits::HttpLimits;

    #[test]
    fn peer_that_takes_what_tls_keeps_at_the_rate_is_in_time() {
        const S: u64 = 1_000_000_000;
        let limits = HttpLimits {
            message_ns: 600 * S,
            body_rate: 1000,
            grace_ns: 10 * S,
            ..HttpLimits::of(&Limits::default())
        };
        let mut taking = Taking::default();
        let mut flow = Flow::default();
        // TLS was given all; nothing is left here.
        flow.took(60_000);
        for second in 0..60 {
            let blocked = progress(60_000, 0, Some(flow));
            let (at, _) = taking.deadline(second * S, Some(blocked), &limits).unwrap();
            assert_eq!(at, (10 + second) * S);
            flow.wrote(1000);
        }
    }

    #[test]
    fn what_waits_is_counted_behind_what_was_taken() {
        assert_eq!(progress(5, 7, None), (5, 12));
        assert_eq!(progress(5, 0, None), (5, 6));
        assert_eq!(progress(5, 0, Some(Flow::default())), (0, 1));
    }
}
