//! One connection that one-way messages go by: what was written, what was answered. They are pipelined to peers that are
//! known to answer every one; the others get the next one when they have answered the last, as RFC 9112, 9.3.2, has it.

use std::collections::VecDeque;
use std::io::IoSlice;
use std::task::Poll;

use http::header::SERVER;
use rmix_provider::failure as failures;
use rmix_provider::guest::Timer;
use rmix_provider::tables::{AbiWaker, Err, cause, delivery, kind};

use super::super::connection::Connection;
use super::super::exchange::finish;
use super::super::wire::{AnswerReader, RawAnswer};
use super::super::{Client, failure, wake_all};
use super::bytes;
use crate::http::message::Message;
use crate::http::server;

/// So much is gathered for one write; a longer message goes by itself.
const GATHERED_MAX: usize = 64 << 10;

/// A message that was taken from the queue.
struct Sent {
    message: Message,
    reader: AnswerReader,
    /// Where it begins and ends among the bytes of the connection.
    begin: u64,
    end: u64,
    at_ns: u64,
}

/// A connection and what is on its way.
pub(super) struct Line<'a> {
    client: &'a Client,
    connection: Connection,
    /// Not answered, oldest first.
    sent: VecDeque<Sent>,
    sent_bytes: u64,
    /// Encoded, and written up to `written`.
    out: Vec<u8>,
    out_written: usize,
    /// Bytes encoded for, and written to, the connection in all.
    encoded: u64,
    written: u64,
    pipelines: bool,
    timer: Timer,
}

/// How a connection came to its end.
pub(super) enum Ended {
    /// In order: nothing was lost.
    Closed,
    /// Messages may be lost.
    Failed(Err),
    /// The client does not want it any more.
    Abandoned,
}

impl<'a> Line<'a> {
    pub(super) fn new(client: &'a Client, connection: Connection, pipelines: bool) -> Line<'a> {
        Line {
            timer: client.host.timer(),
            client,
            connection,
            sent: VecDeque::new(),
            sent_bytes: 0,
            out: Vec::new(),
            out_written: 0,
            encoded: 0,
            written: 0,
            pipelines,
        }
    }

    /// Whether the peer has kept the connection after an answer that says it takes pipelined messages.
    pub(super) fn pipelines(&self) -> bool {
        self.pipelines
    }

    /// Moves on; ready when the connection has ended, or nothing more will be posted and all was answered.
    pub(super) fn poll(&mut self, waker: &AbiWaker) -> Poll<Ended> {
        loop {
            let mut progress = match self.fill(waker) {
                Ok(progress) => progress,
                Err(ended) => return Poll::Ready(ended),
            };
            match self.write(waker) {
                Ok(wrote) => progress |= wrote,
                Err(ended) => return Poll::Ready(ended),
            }
            match self.read(waker) {
                Ok(read) => progress |= read,
                Err(ended) => return Poll::Ready(ended),
            }
            self.publish();
            if progress {
                continue;
            }
            return self.check_time(waker);
        }
    }

    /// Encodes what may be sent now; true when something was.
    fn fill(&mut self, waker: &AbiWaker) -> Result<bool, Ended> {
        let limits = &self.client.limits;
        let depth = match self.pipelines {
            true => limits.calls as usize,
            false => 1,
        };
        let mut progress = false;
        loop {
            let full = self.sent.len() >= depth
                || !self.sent.is_empty() && self.sent_bytes >= limits.queued_bytes
                || self.out.len() - self.out_written >= GATHERED_MAX;
            let mut state = self.client.oneways.lock();
            if state.abandoned {
                return Err(Ended::Abandoned);
            }
            let message = match full {
                true => None,
                false => state.next(),
            };
            let Some(message) = message else {
                if state.closing && state.queue.is_empty() && self.sent.is_empty() {
                    return Err(Ended::Closed);
                }
                if !state
                    .task
                    .as_ref()
                    .is_some_and(|known| known.will_wake(waker))
                {
                    state.task = Some(waker.clone());
                }
                return Ok(progress);
            };
            drop(state);
            self.encode(message);
            progress = true;
        }
    }

    fn encode(&mut self, message: Message) {
        let before = self.out.len();
        let reader = match self.client.template.begin(&message, &mut self.out) {
            Ok(reader) => reader,
            Err(failure) => {
                self.out.truncate(before);
                return self.settle(Some(failure));
            }
        };
        for part in message.body.parts() {
            self.out.extend_from_slice(part);
        }
        let begin = self.encoded;
        self.encoded += (self.out.len() - before) as u64;
        self.sent_bytes += bytes(&message);
        self.sent.push_back(Sent {
            message,
            reader,
            begin,
            end: self.encoded,
            at_ns: self.client.host.now_ns(),
        });
    }

    /// Writes what was encoded; true when the kernel took some.
    fn write(&mut self, waker: &AbiWaker) -> Result<bool, Ended> {
        let mut progress = false;
        while let Some(left) = self
            .out
            .get(self.out_written..)
            .filter(|left| !left.is_empty())
        {
            let polled = self
                .connection
                .channel
                .poll_write(waker, &[IoSlice::new(left)]);
            match polled {
                Poll::Pending => return Ok(progress),
                Poll::Ready(Ok(count)) if count > 0 => {
                    self.out_written += count;
                    self.written += count as u64;
                    progress = true;
                }
                Poll::Ready(result) => return Err(self.failed_to_write(waker, result.err())),
            }
        }
        self.out.clear();
        self.out_written = 0;
        self.out.shrink_to(2 * GATHERED_MAX);
        match self.connection.channel.poll_flush(waker) {
            Poll::Ready(Err(why)) => Err(self.failed_to_write(waker, Some(why))),
            _ => Ok(progress),
        }
    }

    /// A peer that closes says why before, as a rule: answers that are there already are read.
    fn failed_to_write(&mut self, waker: &AbiWaker, why: Option<std::io::Error>) -> Ended {
        loop {
            match self.read(waker) {
                Ok(true) => {}
                Err(Ended::Closed) => return Ended::Closed,
                _ => break,
            }
        }
        let what = format!("sending to {}", self.client.target.endpoint);
        let why = why.unwrap_or_else(|| std::io::ErrorKind::WriteZero.into());
        Ended::Failed(failure::io(&what, &why))
    }

    /// Reads answers; true when something came.
    fn read(&mut self, waker: &AbiWaker) -> Result<bool, Ended> {
        let peer = &self.client.target.endpoint;
        let ended = match self.connection.poll_fill(waker, false) {
            Poll::Pending => return Ok(false),
            Poll::Ready(Ok(read)) => read == 0,
            Poll::Ready(Err(_)) if self.sent.is_empty() => return Err(Ended::Closed),
            Poll::Ready(Err(why)) => {
                let what = format!("waiting for answers of {peer}");
                return Err(Ended::Failed(failure::io(&what, &why)));
            }
        };
        while let Some(first) = self.sent.front_mut() {
            let input = self.connection.input();
            if input.is_empty() && !ended {
                return Ok(true);
            }
            if input.is_empty() && first.reader.is_fresh() {
                return Err(Ended::Failed(failures::closed_by_peer(peer)));
            }
            let advanced = first.reader.advance(input, ended, &self.client.limits);
            let (used, answer) =
                advanced.map_err(|why| Ended::Failed(failure::broken(peer, &why, input)))?;
            self.connection.consume(used);
            let Some(answer) = answer else {
                return Ok(true);
            };
            self.answered(answer)?;
        }
        match ended || !self.connection.input().is_empty() {
            // It closed, or said something that nobody asked for.
            true => Err(Ended::Closed),
            false => Ok(true),
        }
    }

    /// The oldest message was answered.
    fn answered(&mut self, answer: RawAnswer) -> Result<(), Ended> {
        let persistent = answer.persistent;
        // Others may drop what came with the request that they answer (gSOAP does).
        let takes_more = answer.headers.get(SERVER) == Some(&server::PRODUCT);
        let whole = self
            .sent
            .front()
            .is_some_and(|sent| sent.end <= self.written);
        if let Some(sent) = self.sent.pop_front() {
            self.sent_bytes = self.sent_bytes.saturating_sub(bytes(&sent.message));
        }
        let failure = match finish(self.client, answer) {
            Ok(answer) if answer.status.is_success() => None,
            Ok(answer) => {
                let peer = &self.client.target.endpoint;
                let told = failure::status(peer, answer.status, &answer.headers, &answer.body);
                Some(told)
            }
            Err(failure) => Some(failure),
        };
        self.settle(failure);
        if !persistent || !whole {
            self.pipelines = false;
            return Err(Ended::Closed);
        }
        self.pipelines = takes_more;
        Ok(())
    }

    /// One more message is done with; if it failed, that is told.
    fn settle(&self, failure: Option<Err>) {
        if let Some(failure) = &failure {
            let message = format!("a one-way message failed: {}", failure.text());
            self.client.host.warn(self.client.provider, &message);
        }
        let mut state = self.client.oneways.lock();
        state.settled += 1;
        if let Some(failure) = failure {
            state.failure.get_or_insert(failure);
        }
    }

    /// Tells how far it is, and wakes who waits for that.
    fn publish(&self) {
        let whole = self.sent.iter().filter(|sent| sent.end <= self.written);
        let mut state = self.client.oneways.lock();
        state.written = state.settled + whole.count() as u64;
        let wake = std::mem::take(&mut state.waiters);
        drop(state);
        wake_all(wake);
    }

    /// Messages of which a byte was written will not be answered any more; how many.
    pub(super) fn lose_begun(&mut self, client: &Client) -> u64 {
        let mut lost = 0;
        while self
            .sent
            .front()
            .is_some_and(|sent| sent.begin < self.written)
        {
            self.sent.pop_front();
            lost += 1;
        }
        client.oneways.lock().settled += lost;
        lost
    }

    /// Messages that the peer has not looked at are queued again.
    pub(super) fn give_back(&mut self, client: &Client) {
        let messages = std::mem::take(&mut self.sent);
        let mut state = client.oneways.lock();
        state.written = state.settled;
        if !state.abandoned {
            state.put_back(messages.into_iter().map(|sent| sent.message));
        }
        let wake = std::mem::take(&mut state.waiters);
        drop(state);
        wake_all(wake);
    }

    /// Ends the connection when an answer takes too long.
    fn check_time(&mut self, waker: &AbiWaker) -> Poll<Ended> {
        let Some(first) = self.sent.front() else {
            return Poll::Pending;
        };
        let limit = self.client.limits.message_ns;
        let deadline = first.at_ns.saturating_add(limit);
        if self.timer.poll_until(deadline, waker).is_pending() {
            return Poll::Pending;
        }
        let message = format!(
            "{} did not answer a one-way message within {} ms (message_timeout)",
            self.client.target.endpoint,
            limit / 1_000_000
        );
        let failure = Err::new(kind::RECONNECT, cause::TIMEOUT, message);
        Poll::Ready(Ended::Failed(failure.delivered(delivery::MAYBE_EXECUTED)))
    }
}
