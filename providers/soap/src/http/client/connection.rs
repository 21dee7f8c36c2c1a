//! One connection of a client: opened, with its TLS handshake, and what was read but not used yet.

use std::future::poll_fn;
use std::io;
use std::sync::Arc;
use std::task::{Poll, ready};

use rmix_provider::connect;
use rmix_provider::stream::Stream;
use rmix_provider::tables::{AbiWaker, Err};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;

use super::{Client, Target, failure};
use crate::http::channel::Channel;

/// Room for a first read; it doubles while reads are full.
const ROOM_MIN: usize = 8 << 10;
/// Room beside what waits to be used.
const ROOM_MAX: usize = 128 << 10;

/// A connection and its input.
pub(super) struct Connection {
    pub(super) channel: Channel,
    input: Input,
}

/// Bytes that were read.
struct Input {
    room: Vec<u8>,
    begin: usize,
    end: usize,
}

impl Input {
    fn unused(&self) -> &[u8] {
        self.room.get(self.begin..self.end).unwrap_or_default()
    }

    fn space(&mut self) -> &mut [u8] {
        if self.begin == self.end {
            (self.begin, self.end) = (0, 0);
        }
        if self.end == self.room.len() {
            let left = self.end - self.begin;
            if left < self.room.len().div_ceil(2) {
                self.room.copy_within(self.begin..self.end, 0);
                (self.begin, self.end) = (0, left);
            } else {
                let more = self.room.len().clamp(ROOM_MIN, ROOM_MAX);
                self.room.resize(self.room.len() + more, 0);
            }
        }
        self.room.get_mut(self.end..).unwrap_or_default()
    }

    fn filled(&mut self, count: usize) {
        self.end += count;
        // A full read: there is more, and it is read in larger pieces.
        if self.begin == 0 && self.end == self.room.len() && self.end < ROOM_MAX {
            self.room.resize(self.end * 2, 0);
        }
    }
}

/// The handshake of TLS, in which the server's name is checked.
async fn secure(
    stream: Stream,
    target: &Target,
    config: Arc<ClientConfig>,
) -> Result<Channel, Err> {
    let failed = |why: &io::Error| failure::handshake(&target.endpoint, why);
    let name =
        ServerName::try_from(target.name.clone()).map_err(|why| failed(&io::Error::other(why)))?;
    let tls = rustls::ClientConnection::new(config, name)
        .map_err(|why| failed(&io::Error::other(why)))?;
    let mut channel = Channel::tls(stream, tls.into());
    poll_fn(|cx| channel.poll_handshake(&AbiWaker::lend(cx.waker())))
        .await
        .map_err(|why| failed(&why))?;
    Ok(channel)
}

impl Connection {
    /// Opens a connection.
    pub(super) async fn open(client: &Client) -> Result<Connection, Err> {
        let target = &client.target;
        let host = client.host;
        let limit = client.limits.connect_ns;
        let begun = host.now_ns();
        let stream =
            connect::tcp(&host, &target.endpoint, &target.name, target.port, limit).await?;
        let channel = match &client.tls {
            None => Channel::Plain(stream),
            Some(config) => {
                let left = limit.saturating_sub(host.now_ns().saturating_sub(begun));
                let securing = secure(stream, target, config.clone());
                connect::within(&host, left, &target.endpoint, securing).await?
            }
        };
        Ok(Connection {
            channel,
            input: Input {
                room: Vec::new(),
                begin: 0,
                end: 0,
            },
        })
    }

    /// What was read and not used.
    pub(super) fn input(&self) -> &[u8] {
        self.input.unused()
    }

    /// So much of the input is used.
    pub(super) fn consume(&mut self, count: usize) {
        self.input.begin = (self.input.begin + count).min(self.input.end);
    }

    /// Reads more input; 0 at the end. `wait`: it may wait in the kernel for a while.
    pub(super) fn poll_fill(&mut self, waker: &AbiWaker, wait: bool) -> Poll<io::Result<usize>> {
        let space = self.input.space();
        let waited = match wait {
            true => self.channel.read_blocking(space),
            false => None,
        };
        let read = match waited {
            Some(read) => read?,
            None => ready!(self.channel.poll_read(waker, space))?,
        };
        self.input.filled(read);
        Poll::Ready(Ok(read))
    }

    /// Makes it ready to be kept: memory that only a long answer needed is given back.
    pub(super) fn rest(&mut self) {
        if self.input.room.len() > ROOM_MAX {
            self.input.room = Vec::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn empty() -> Input {
        Input {
            room: Vec::new(),
            begin: 0,
            end: 0,
        }
    }

    #[test]
    fn there_is_always_room_and_nothing_is_lost() {
        let mut input = empty();
        let (mut written, mut read) = (0_u32, 0_u32);
        for round in 0..20_000_usize {
            let space = input.space();
            assert!(!space.is_empty(), "round {round}");
            let count = space.len().min(round % 1500);
            for byte in &mut space[..count] {
                *byte = written as u8;
                written += 1;
            }
            input.filled(count);
            let unused = input.unused();
            let take = unused.len().min(round % 1400);
            for byte in &unused[..take] {
                assert_eq!(*byte, read as u8);
                read += 1;
            }
            input.begin += take;
        }
        assert_eq!(input.unused().len() as u32, written - read);
    }

    #[test]
    fn full_reads_make_the_next_one_larger_up_to_a_bound() {
        let mut input = empty();
        for _ in 0..20 {
            let count = input.space().len();
            input.filled(count);
            input.begin = input.end;
        }
        assert_eq!(input.space().len(), ROOM_MAX);
    }
}
