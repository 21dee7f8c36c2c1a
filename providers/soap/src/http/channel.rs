//! Bytes to and from one peer, in the clear or by TLS. Moves bytes; knows no message.

use std::io::{self, IoSlice, Read, Write};
use std::task::{Poll, ready};

use rmix_provider::stream::{Moved, Stream};
use rmix_provider::tables::AbiWaker;
use rustix::io::Errno;
use rustls::Connection;

/// A connection's bytes.
pub(crate) enum Channel {
    /// In the clear.
    Plain(Stream),
    /// By TLS.
    Tls(Box<TlsChannel>),
}

impl Channel {
    pub(crate) fn tls(stream: Stream, connection: Connection) -> Channel {
        let flow = Flow::default();
        Channel::Tls(Box::new(TlsChannel {
            stream,
            connection,
            flow,
        }))
    }

    fn stream(&self) -> &Stream {
        match self {
            Channel::Plain(stream) => stream,
            Channel::Tls(tls) => &tls.stream,
        }
    }

    /// Ready when TLS has agreed on its keys.
    pub(crate) fn poll_handshake(&mut self, waker: &AbiWaker) -> Poll<io::Result<()>> {
        match self {
            Channel::Plain(_) => Poll::Ready(Ok(())),
            Channel::Tls(tls) => tls.poll_handshake(waker),
        }
    }

    /// Reads into `room`; 0 is the end.
    pub(crate) fn poll_read(
        &mut self,
        waker: &AbiWaker,
        room: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match self {
            Channel::Plain(stream) => stream.poll_read_slice(waker, room).map(moved),
            Channel::Tls(tls) => tls.poll_read(waker, room),
        }
    }

    /// Waits in the kernel for bytes, for a bounded time; none when nothing came or this channel cannot wait like that.
    pub(crate) fn read_blocking(&mut self, room: &mut [u8]) -> Option<io::Result<usize>> {
        match self {
            Channel::Plain(stream) => stream.read_blocking_slice(room).map(moved),
            // What TLS sends of its own may have to be written first.
            Channel::Tls(_) => None,
        }
    }

    /// Writes some of `parts`. What it took may still have to be flushed.
    pub(crate) fn poll_write(
        &mut self,
        waker: &AbiWaker,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self {
            Channel::Plain(stream) => stream.poll_write_vectored(waker, parts).map(moved),
            Channel::Tls(tls) => tls.poll_write(waker, parts),
        }
    }

    /// Ready when the kernel has all that was written.
    pub(crate) fn poll_flush(&mut self, waker: &AbiWaker) -> Poll<io::Result<()>> {
        match self {
            Channel::Plain(_) => Poll::Ready(Ok(())),
            Channel::Tls(tls) => tls.poll_flush(waker),
        }
    }

    /// How what TLS was given goes to the kernel; none in the clear, where it goes there at once.
    pub(crate) fn flow(&self) -> Option<Flow> {
        match self {
            Channel::Plain(_) => None,
            Channel::Tls(tls) => Some(tls.flow),
        }
    }

    /// Whether the peer has closed it, or said something that nobody asked for; asks the kernel, moves nothing.
    pub(crate) fn is_stale(&self) -> bool {
        match self {
            Channel::Plain(stream) => !stream.is_quiet(),
            // TLS may have sent something of its own.
            Channel::Tls(tls) => tls.stream.is_stale(),
        }
    }

    /// Tells the peer that nothing more will be written.
    pub(crate) fn close_write(&mut self) {
        if let Channel::Tls(tls) = self {
            tls.connection.send_close_notify();
            // Whether it still arrives is the peer's affair.
            tls.write_now();
        }
        self.stream().shutdown_write();
    }
}

fn moved(moved: Moved) -> io::Result<usize> {
    moved.map_err(|errno| io::Error::from_raw_os_error(errno.raw_os_error()))
}

/// TLS over a stream.
pub(crate) struct TlsChannel {
    stream: Stream,
    connection: Connection,
    flow: Flow,
}

/// Bytes that TLS keeps until the kernel takes them. Pure.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flow {
    /// Bytes that the kernel took in all.
    flushed: u64,
    /// What that will be when it has all, or a little more.
    end: u64,
}

/// What a record of TLS has beside its content, at most, and the content of a full one.
const RECORD_OVERHEAD: u64 = 64;
const RECORD_BYTES: u64 = 16 << 10;

impl Flow {
    /// TLS was given so many bytes.
    pub(crate) fn took(&mut self, bytes: usize) {
        let bytes = bytes as u64;
        let overhead = (bytes / RECORD_BYTES + 1) * RECORD_OVERHEAD;
        self.end = self.end.max(self.flushed).saturating_add(bytes + overhead);
    }

    /// The kernel took so many.
    pub(crate) fn wrote(&mut self, bytes: usize) {
        self.flushed = self.flushed.saturating_add(bytes as u64);
    }

    /// The kernel has all.
    fn emptied(&mut self) {
        self.end = self.flushed;
    }

    /// Bytes that the kernel took in all.
    pub(crate) fn flushed(self) -> u64 {
        self.flushed
    }

    /// Bytes that it has not taken.
    pub(crate) fn kept(self) -> u64 {
        self.end.saturating_sub(self.flushed)
    }
}

/// The stream as TLS reads and writes it.
struct Raw<'a> {
    stream: &'a Stream,
    waker: &'a AbiWaker,
}

fn blocking(polled: Poll<Moved>) -> io::Result<usize> {
    match polled {
        Poll::Pending => Err(io::ErrorKind::WouldBlock.into()),
        Poll::Ready(result) => moved(result),
    }
}

impl Read for Raw<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        blocking(self.stream.poll_read_slice(self.waker, room))
    }
}

impl Write for Raw<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        blocking(
            self.stream
                .poll_write_vectored(self.waker, &[IoSlice::new(bytes)]),
        )
    }

    fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
        blocking(self.stream.poll_write_vectored(self.waker, parts))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn polled<T>(result: io::Result<T>) -> Poll<io::Result<T>> {
    match result {
        Err(failure) if failure.kind() == io::ErrorKind::WouldBlock => Poll::Pending,
        result => Poll::Ready(result),
    }
}

impl TlsChannel {
    fn poll_handshake(&mut self, waker: &AbiWaker) -> Poll<io::Result<()>> {
        while self.connection.is_handshaking() {
            let flushed = self.poll_flush(waker)?;
            if !self.connection.is_handshaking() {
                break;
            }
            if self.connection.wants_read() {
                let received = ready!(self.poll_receive(waker))?;
                if received == 0 {
                    return Poll::Ready(Err(io::ErrorKind::UnexpectedEof.into()));
                }
            } else if flushed.is_pending() {
                return Poll::Pending;
            }
        }
        self.poll_flush(waker)
    }

    /// Takes in what the kernel has; 0 at the end of the stream.
    fn poll_receive(&mut self, waker: &AbiWaker) -> Poll<io::Result<usize>> {
        let mut raw = Raw {
            stream: &self.stream,
            waker,
        };
        let received = ready!(polled(self.connection.read_tls(&mut raw)))?;
        if let Err(broken) = self.connection.process_new_packets() {
            // The alert that says why; whether it still arrives is the peer's affair.
            self.write_now();
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, broken)));
        }
        Poll::Ready(Ok(received))
    }

    /// Writes what the kernel takes at once.
    fn write_now(&mut self) {
        let waker = std::task::Waker::noop();
        let _ = self.poll_flush(&AbiWaker::lend(waker));
    }

    fn poll_read(&mut self, waker: &AbiWaker, room: &mut [u8]) -> Poll<io::Result<usize>> {
        loop {
            match self.connection.reader().read(room) {
                Err(failure) if failure.kind() == io::ErrorKind::WouldBlock => {}
                read => return Poll::Ready(read),
            }
            // New keys and the like, which the peer may wait for.
            if let Poll::Ready(Err(failure)) = self.poll_flush(waker) {
                return Poll::Ready(Err(failure));
            }
            ready!(self.poll_receive(waker))?;
        }
    }

    fn poll_write(&mut self, waker: &AbiWaker, parts: &[IoSlice<'_>]) -> Poll<io::Result<usize>> {
        loop {
            let taken = self.connection.writer().write_vectored(parts)?;
            if taken > 0 {
                self.flow.took(taken);
            }
            let flushed = self.poll_flush(waker);
            if taken > 0 || parts.iter().all(|part| part.is_empty()) {
                if let Poll::Ready(Err(failure)) = flushed {
                    return Poll::Ready(Err(failure));
                }
                return Poll::Ready(Ok(taken));
            }
            ready!(flushed)?;
        }
    }

    fn poll_flush(&mut self, waker: &AbiWaker) -> Poll<io::Result<()>> {
        while self.connection.wants_write() {
            let mut raw = Raw {
                stream: &self.stream,
                waker,
            };
            let written = ready!(polled(self.connection.write_tls(&mut raw)))?;
            if written == 0 {
                let closed = io::Error::from_raw_os_error(Errno::PIPE.raw_os_error());
                return Poll::Ready(Err(closed));
            }
            self.flow.wrote(written);
        }
        self.flow.emptied();
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tls_keeps_is_counted_until_the_kernel_has_it() {
        let mut flow = Flow::default();
        flow.wrote(1000);
        assert_eq!((flow.flushed(), flow.kept()), (1000, 0), "a handshake");
        flow.emptied();
        flow.took(64 << 10);
        flow.wrote(1000);
        let kept = (64 << 10) + 5 * RECORD_OVERHEAD - 1000;
        assert_eq!((flow.flushed(), flow.kept()), (2000, kept));
        flow.wrote(64 << 10);
        assert!(flow.kept() < RECORD_BYTES);
        flow.emptied();
        assert_eq!((flow.flushed(), flow.kept()), (2000 + (64 << 10), 0));
    }
}
