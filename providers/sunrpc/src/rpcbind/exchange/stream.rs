//! Calls over a connection: records both ways. An answer to something else ends the conversation, as nothing else was
//! asked on it.

use std::future::poll_fn;

use bytes::BytesMut;
use rmix_provider::guest::Host;
use rmix_provider::stream::Stream;
use rmix_provider::tables::{AbiWaker, Err};
use rmix_provider::{connect, failure};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use super::super::ask::{Answered, Ask, unreadable};
use super::{answer_to, fresh_xid, put_call};
use crate::wire::{RecordLimits, RecordReader, begin_record, finish_record};

/// Where the rpcbind of this host listens. Complete on purpose: Unix knows no third kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LocalSocket<'a> {
    /// A file.
    Path(&'a str),
    /// A name in the abstract namespace, without the leading zero byte.
    Abstract(&'a str),
}

impl std::fmt::Display for LocalSocket<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            LocalSocket::Path(path) => out.write_str(path),
            LocalSocket::Abstract(name) => write!(out, "@{name}"),
        }
    }
}

/// A connection to an rpcbind.
pub(crate) struct StreamExchange {
    stream: Stream,
    records: RecordReader,
    input: BytesMut,
    whom: String,
}

impl StreamExchange {
    /// Connects to `whom` over TCP, within `limit_ns`.
    ///
    /// # Errors
    /// Those of [`connect::tcp`].
    pub(crate) async fn tcp(
        host: &Host,
        whom: &str,
        name: &str,
        port: u16,
        limit_ns: u64,
    ) -> Result<Self, Err> {
        let stream = connect::tcp(host, whom, name, port, limit_ns).await?;
        Ok(Self::over(stream, whom))
    }

    /// Connects to a Unix socket. The kernel does that at once or not at all.
    ///
    /// # Errors
    /// `Reconnect` or `Denied`, with the system's reason.
    pub(crate) fn local(host: &Host, socket: LocalSocket<'_>) -> Result<Self, Err> {
        let whom = format!("the rpcbind at {socket}");
        let connected = || {
            let address = match socket {
                LocalSocket::Path(path) => SocketAddrUnix::new(path)?,
                LocalSocket::Abstract(name) => SocketAddrUnix::new_abstract_name(name.as_bytes())?,
            };
            let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
            let socket =
                rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
            rustix::net::connect(&socket, &address)?;
            Ok(socket)
        };
        let socket = connected().map_err(|errno: Errno| failure::connect(&whom, errno))?;
        Ok(Self::over(Stream::socket(host, socket)?, &whom))
    }

    fn over(stream: Stream, whom: &str) -> Self {
        StreamExchange {
            stream,
            records: RecordReader::new(RECORD_LIMITS),
            input: BytesMut::new(),
            whom: whom.to_owned(),
        }
    }

    async fn write(&self, record: &[u8]) -> Result<(), Err> {
        let mut rest = record;
        while !rest.is_empty() {
            let wrote =
                poll_fn(|cx| self.stream.poll_write(&AbiWaker::lend(cx.waker()), rest)).await;
            let count = wrote.map_err(|errno| self.broken("writing to", errno))?;
            rest = rest.get(count..).unwrap_or_default();
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<bytes::Bytes, Err> {
        loop {
            let record = self.records.next(&mut self.input);
            if let Some(record) = record.map_err(|failure| unreadable(&self.whom, failure))? {
                return Ok(record);
            }
            self.input.reserve(READ_BYTES);
            let (stream, input) = (&self.stream, &mut self.input);
            let read = poll_fn(|cx| stream.poll_read(&AbiWaker::lend(cx.waker()), input)).await;
            match read {
                Ok(0) => return Err(failure::not_sent(&failure::closed_by_peer(&self.whom))),
                Ok(_) => {}
                Err(errno) => return Err(self.broken("reading from", errno)),
            }
        }
    }

    fn broken(&self, doing: &str, errno: Errno) -> Err {
        failure::not_sent(&failure::io(&format!("{doing} {}", self.whom), errno))
    }
}

impl Ask for StreamExchange {
    async fn ask(
        &mut self,
        version: u32,
        procedure: u32,
        arguments: &[u8],
    ) -> Result<Answered, Err> {
        let xid = fresh_xid();
        let mut record = Vec::with_capacity(arguments.len() + 64);
        begin_record(&mut record);
        put_call(&mut record, xid, version, procedure, arguments)?;
        finish_record(&mut record).map_err(|failure| unreadable(&self.whom, failure))?;
        self.write(&record).await?;
        let message = self.read().await?;
        match answer_to(xid, &message, &self.whom)? {
            Some(answered) => Ok(answered),
            None => Err(unreadable(&self.whom, "it answers something else")),
        }
    }

    fn whom(&self) -> &str {
        &self.whom
    }
}

/// Room for one read.
const READ_BYTES: usize = 4096;

/// What an rpcbind may answer: a long DUMP.
const RECORD_LIMITS: RecordLimits = RecordLimits {
    record_bytes_max: 1 << 20,
    fragments_max: 512,
};
