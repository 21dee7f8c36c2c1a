//! One message and its answer. It has a connection to itself from its first byte on, and is driven by whoever polls it;
//! dropped before its end, it closes that connection and no other.

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::task::{Poll, ready};

use bytes::Bytes;
use rmix_provider::failure as failures;
use rmix_provider::tables::{AbiWaker, Err, cause, delivery, kind};

use super::connection::Connection;
use super::pool::Acquired;
use super::wire::{AnswerReader, RawAnswer};
use super::{Client, Opening, failure, opening, wake_all};
use crate::http::gzip::{self, Coding};
use crate::http::message::{Answer, Message};

/// A connection that was free for longer is looked at before it is used, in nanoseconds.
const FRESH_NS: u64 = 5_000_000;

/// A message on its way, until its answer.
pub struct Exchange {
    client: Arc<Client>,
    number: u64,
    message: Message,
    head: Vec<u8>,
    /// Reads the answer; none once it is with a connection.
    reader: Option<AnswerReader>,
    /// One-way messages that were posted before it, which it must not pass.
    after: u64,
    driven: bool,
    stage: Stage,
    /// What it came to before anybody asked for it.
    early: Option<Result<RawAnswer, Err>>,
}

enum Stage {
    /// It waits for a connection.
    Waiting,
    /// One is being made for it.
    Opening(Opening),
    /// It has one.
    Talking(Box<Talk>),
    /// It has ended.
    Over,
}

struct Talk {
    connection: Connection,
    reader: AnswerReader,
    /// Bytes of head and body that were written.
    sent: usize,
    /// Whether the connection was used before.
    reused: bool,
    /// Whether all was written, and flushed.
    whole: bool,
}

impl Exchange {
    pub(super) fn new(
        client: Arc<Client>,
        number: u64,
        message: Message,
        driven: bool,
    ) -> Result<Exchange, Err> {
        let after = client.oneways.posted();
        // From here on its drop gives the number back.
        let mut exchange = Exchange {
            client,
            number,
            message,
            head: Vec::new(),
            reader: None,
            after,
            driven,
            stage: Stage::Waiting,
            early: None,
        };
        // Whether it can be sent at all is told at once.
        exchange.reader = Some(exchange.begin()?);
        Ok(exchange)
    }

    fn begin(&mut self) -> Result<AnswerReader, Err> {
        self.head.clear();
        let template = &self.client.template;
        template.begin(&self.message, &mut self.head)
    }

    /// Moves on; ready with the answer. Not to be polled after that.
    ///
    /// # Errors
    /// What went wrong, with what the message may have done.
    pub fn poll(&mut self, waker: &AbiWaker) -> Poll<Result<Answer, Err>> {
        if let Some(early) = self.early.take() {
            return Poll::Ready(early.and_then(|answer| finish(&self.client, answer)));
        }
        let polled = self.poll_inner(waker, false);
        let Poll::Ready(result) = polled else {
            return Poll::Pending;
        };
        self.end(false);
        Poll::Ready(result.and_then(|answer| match answer {
            Some(answer) => finish(&self.client, answer),
            None => Err(ended()),
        }))
    }

    /// Moves on until the kernel has the message, for a call that nobody polls for a while.
    ///
    /// # Errors
    /// As [`Exchange::poll`]; the exchange has ended then.
    pub fn poll_sent(&mut self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        let polled = self.poll_inner(waker, true);
        let Poll::Ready(result) = polled else {
            return Poll::Pending;
        };
        Poll::Ready(match result {
            Ok(answer) => {
                self.early = answer.map(Ok);
                Ok(())
            }
            Err(failure) => {
                self.end(false);
                // For whoever asks for the answer.
                self.early = Some(Err(failure.clone()));
                Err(failure)
            }
        })
    }

    /// Ready with the answer, or with nothing when the message was sent and that is all that is wanted.
    fn poll_inner(
        &mut self,
        waker: &AbiWaker,
        only_send: bool,
    ) -> Poll<Result<Option<RawAnswer>, Err>> {
        loop {
            match &mut self.stage {
                Stage::Over => return Poll::Ready(Err(ended())),
                Stage::Waiting => {
                    if let Err(failure) = ready!(self.poll_acquire(waker)) {
                        return Poll::Ready(Err(failure));
                    }
                }
                Stage::Opening(opening) => {
                    let polled = waker.with_std(|waker| {
                        let mut cx = std::task::Context::from_waker(waker);
                        opening.as_mut().poll(&mut cx)
                    });
                    match polled {
                        Poll::Pending => return self.pending(waker, delivery::NOT_SENT),
                        Poll::Ready(Ok(connection)) => self.talk(connection, false)?,
                        Poll::Ready(Err(failure)) => return Poll::Ready(Err(failure)),
                    }
                }
                Stage::Talking(talk) => {
                    let step = step(
                        talk,
                        &self.head,
                        &self.message,
                        &self.client,
                        Wanted {
                            only_send,
                            wait: std::mem::take(&mut self.driven),
                        },
                        waker,
                    );
                    match step {
                        Step::Blocked => {
                            let sent = match talk.sent {
                                0 => delivery::NOT_SENT,
                                _ => delivery::MAYBE_EXECUTED,
                            };
                            return self.pending(waker, sent);
                        }
                        Step::Sent => return Poll::Ready(Ok(None)),
                        Step::Answered(answer) => {
                            let keep = answer.persistent && talk.is_clean();
                            self.end(keep);
                            return Poll::Ready(Ok(Some(answer)));
                        }
                        // It was closed while it was free, and took nothing: another one is as good.
                        Step::Dead => self.end_connection(false),
                        Step::Failed(failure) => return Poll::Ready(Err(failure)),
                    }
                }
            }
        }
    }

    /// It cannot move on; unless the client was abandoned meanwhile.
    fn pending<T>(&self, waker: &AbiWaker, delivery: u32) -> Poll<Result<T, Err>> {
        let mut pool = self.client.pool();
        if pool.is_abandoned() {
            return Poll::Ready(Err(failures::closed_here().delivered(delivery)));
        }
        pool.remember(self.number, waker);
        Poll::Pending
    }

    /// Gets a connection, or begins to make one.
    fn poll_acquire(&mut self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        if self
            .client
            .oneways
            .poll_answered(self.after, waker)
            .is_pending()
        {
            return self.pending(waker, delivery::NOT_SENT);
        }
        loop {
            let mut pool = self.client.pool();
            if pool.is_abandoned() {
                let failure = failures::closed_here().delivered(delivery::NOT_SENT);
                return Poll::Ready(Err(failure));
            }
            // Before it asks: what becomes free afterwards wakes it.
            pool.remember(self.number, waker);
            match pool.acquire(self.number) {
                Acquired::Wait => return Poll::Pending,
                Acquired::Connect => {
                    let wake = pool.next_waiting();
                    drop(pool);
                    wake_all(wake);
                    self.stage = Stage::Opening(opening(&self.client));
                    return Poll::Ready(Ok(()));
                }
                Acquired::Idle(connection, since) => {
                    let wake = pool.next_waiting();
                    drop(pool);
                    wake_all(wake);
                    let free = self.client.host.now_ns().saturating_sub(since);
                    if free > FRESH_NS && connection.channel.is_stale() {
                        let wake = self.client.pool().forfeit();
                        wake_all(wake);
                        continue;
                    }
                    return Poll::Ready(self.talk(connection, true));
                }
            }
        }
    }

    fn talk(&mut self, connection: Connection, reused: bool) -> Result<(), Err> {
        let reader = match self.reader.take() {
            Some(reader) => reader,
            None => self.begin()?,
        };
        self.stage = Stage::Talking(Box::new(Talk {
            connection,
            reader,
            sent: 0,
            reused,
            whole: false,
        }));
        Ok(())
    }

    /// Gives the connection back, to be kept or closed.
    fn end_connection(&mut self, keep: bool) {
        let wake = match std::mem::replace(&mut self.stage, Stage::Waiting) {
            Stage::Waiting | Stage::Over => return,
            Stage::Opening(opening) => {
                drop(opening);
                self.client.pool().forfeit()
            }
            Stage::Talking(talk) => {
                let mut connection = talk.connection;
                if keep {
                    connection.rest();
                    let now = self.client.host.now_ns();
                    let idle = self.client.limits.idle_ns;
                    let (wake, old) = self.client.pool().release(connection, now, idle);
                    drop(old);
                    wake
                } else {
                    drop(connection);
                    self.client.pool().forfeit()
                }
            }
        };
        wake_all(wake);
    }

    fn end(&mut self, keep: bool) {
        if matches!(self.stage, Stage::Over) {
            return;
        }
        self.end_connection(keep);
        self.stage = Stage::Over;
        let wake = self.client.pool().leave(self.number);
        wake_all(wake);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.end(false);
    }
}

fn ended() -> Err {
    let message = "the exchange has ended already";
    Err::new(kind::INTERNAL, cause::OTHER, message)
}

/// What is wanted of a step.
struct Wanted {
    only_send: bool,
    /// It may wait in the kernel for a while.
    wait: bool,
}

/// What talking came to.
enum Step {
    Blocked,
    Sent,
    Answered(RawAnswer),
    Dead,
    Failed(Err),
}

impl Talk {
    /// Whether nothing is left over on the connection.
    fn is_clean(&self) -> bool {
        self.whole && self.connection.input().is_empty()
    }

    /// Writes; ready when the kernel has all.
    fn poll_send(
        &mut self,
        head: &[u8],
        message: &Message,
        waker: &AbiWaker,
    ) -> Poll<io::Result<()>> {
        let all = head.len() + message.body.len();
        while self.sent < all {
            let mut slices = Vec::with_capacity(4);
            if let Some(left) = head.get(self.sent..).filter(|left| !left.is_empty()) {
                slices.push(IoSlice::new(left));
            }
            let skip = self.sent.saturating_sub(head.len());
            message.body.slices(skip, &mut slices);
            let written = ready!(self.connection.channel.poll_write(waker, &slices))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += written;
        }
        ready!(self.connection.channel.poll_flush(waker))?;
        self.whole = true;
        Poll::Ready(Ok(()))
    }

    /// Reads; ready with the answer.
    fn poll_answer(
        &mut self,
        client: &Client,
        mut wait: bool,
        waker: &AbiWaker,
    ) -> Poll<Result<RawAnswer, Err>> {
        let peer = &client.target.endpoint;
        let mut ended = false;
        loop {
            let input = self.connection.input();
            if !input.is_empty() || ended {
                if ended && input.is_empty() && self.reader.is_fresh() {
                    return Poll::Ready(Err(failures::closed_by_peer(peer)));
                }
                let advanced = self.reader.advance(input, ended, &client.limits);
                let (used, answer) = advanced.map_err(|why| failure::broken(peer, &why, input))?;
                self.connection.consume(used);
                if let Some(answer) = answer {
                    return Poll::Ready(Ok(answer));
                }
            }
            let wait = std::mem::take(&mut wait);
            match ready!(self.connection.poll_fill(waker, wait)) {
                Ok(read) => ended = read == 0,
                Err(why) => {
                    let what = format!("waiting for the answer of {peer}");
                    return Poll::Ready(Err(failure::io(&what, &why)));
                }
            }
        }
    }
}

fn step(
    talk: &mut Talk,
    head: &[u8],
    message: &Message,
    client: &Client,
    wanted: Wanted,
    waker: &AbiWaker,
) -> Step {
    let mut failed = None;
    if !talk.whole {
        match talk.poll_send(head, message, waker) {
            Poll::Pending if talk.sent == 0 => return Step::Blocked,
            Poll::Ready(Ok(())) | Poll::Pending => {}
            Poll::Ready(Err(why)) => {
                let what = format!("sending to {}", client.target.endpoint);
                failed = Some(failure::io(&what, &why));
            }
        }
    }
    if let Some(failure) = &failed
        && talk.sent == 0
    {
        return match talk.reused {
            true => Step::Dead,
            false => Step::Failed(failure.clone().delivered(delivery::NOT_SENT)),
        };
    }
    if talk.whole && wanted.only_send {
        return Step::Sent;
    }
    // A peer may answer before it has heard all, as a rule that it does not want to.
    let wait = wanted.wait && talk.whole;
    match (talk.poll_answer(client, wait, waker), failed) {
        (Poll::Ready(Ok(answer)), _) => Step::Answered(answer),
        // Why nothing could be written says more than why nothing could be read.
        (_, Some(failure)) => Step::Failed(failure),
        (Poll::Ready(Err(failure)), None) => Step::Failed(failure),
        (Poll::Pending, None) => Step::Blocked,
    }
}

/// From what came to what is handed up.
pub(super) fn finish(client: &Client, answer: RawAnswer) -> Result<Answer, Err> {
    let peer = &client.target.endpoint;
    let limits = &client.limits;
    let body = match Coding::of(&answer.headers) {
        Coding::Identity => answer.body,
        _ if answer.body.is_empty() => answer.body,
        Coding::Gzip => gzip::decompress(&answer.body, limits.message_bytes, limits.gzip_ratio)
            .map_err(|why| failure::coding(peer, &why))?,
        Coding::Unknown => {
            let why = "its Content-Encoding is neither gzip nor identity";
            return Err(failure::coding(peer, &why));
        }
    };
    if !failure::is_answer(answer.status) {
        return Err(failure::status(peer, answer.status, &answer.headers, &body));
    }
    Ok(Answer {
        status: answer.status,
        headers: answer.headers,
        body: Bytes::from(body),
    })
}
