//! The way to one other member: opens a link, greets, carries packets, and tells when it breaks.
//!
//! A pending call of `attend` on the same connection fails as soon as that breaks; so no loss of one-way
//! calls stays unnoticed, even where the next one would have opened a new connection by itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use harness_ring::{MemberId, Packet};
use rmix::{CallError, Cause, Delivery, ErrorKind, Interface};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::Octets;
use crate::config::Timing;
use crate::driver::Input;
use crate::interface::{Entry, Refused, SeatStub, Welcome};
use crate::shared::Shared;
use crate::wire::encode_packet;

/// What goes over a link.
pub(crate) enum Carried {
    /// A packet of the session.
    Packet(Packet<Octets>),
    /// Who joins, as the packet behind it says.
    Joiners(Vec<Entry>),
    /// A heartbeat.
    Beat,
}

/// The way to one member, from the side of the member's task.
pub(crate) struct Link {
    /// Of the connection that is open.
    pub(crate) open: Option<Open>,
    task: JoinHandle<()>,
}

/// An open connection.
pub(crate) struct Open {
    /// Counts connections.
    pub(crate) number: u64,
    /// As the link describes itself.
    pub(crate) over: String,
    /// Frames of data are bounded by the window of the session, which keeps them anyway until they are acknowledged; those
    /// that change views are few, and each brings at most one introduction of joiners. Acknowledgements answer what the
    /// peer sends, so a member of the view that lies about its window and reads nothing has as many waiting here as it
    /// pays for.
    outbox: mpsc::UnboundedSender<Carried>,
    /// Whether a heartbeat waits: it says as much as two.
    beat_waits: Arc<AtomicBool>,
}

/// What a connection was given to carry.
pub(crate) struct Given {
    carried: mpsc::UnboundedReceiver<Carried>,
    beat_waits: Arc<AtomicBool>,
}

impl Open {
    pub(crate) fn new(number: u64, over: String) -> (Open, Given) {
        let (outbox, carried) = mpsc::unbounded_channel();
        let beat_waits = Arc::new(AtomicBool::new(false));
        let given = Given {
            carried,
            beat_waits: beat_waits.clone(),
        };
        let open = Open {
            number,
            over,
            outbox,
            beat_waits,
        };
        (open, given)
    }

    /// Sends a packet, and before it who joins by it. Lost if the connection has broken.
    pub(crate) fn packet(&self, packet: Packet<Octets>, joiners: Vec<Entry>) {
        if !joiners.is_empty() {
            self.give(Carried::Joiners(joiners));
        }
        self.give(Carried::Packet(packet));
    }

    /// Sends a heartbeat, unless the one before has not left yet: the peer may take nothing for long.
    pub(crate) fn beat(&self) {
        if !self.beat_waits.swap(true, Ordering::AcqRel) {
            self.give(Carried::Beat);
        }
    }

    fn give(&self, carried: Carried) {
        drop(self.outbox.send(carried));
    }
}

impl Given {
    /// What is next; none once nothing more is to be sent.
    async fn next(&mut self) -> Option<Carried> {
        let carried = self.carried.recv().await;
        self.note(carried.as_ref());
        carried
    }

    /// What is next, if it is there already.
    #[cfg(test)]
    pub(crate) fn try_next(&mut self) -> Option<Carried> {
        let carried = self.carried.try_recv().ok();
        self.note(carried.as_ref());
        carried
    }

    fn note(&self, carried: Option<&Carried>) {
        if let Some(Carried::Beat) = carried {
            self.beat_waits.store(false, Ordering::Release);
        }
    }
}

impl Link {
    /// Starts to reach a member, again and again until it is dropped.
    pub(crate) fn start(shared: Arc<Shared>, peer: MemberId) -> Link {
        let life = shared.life();
        let task = tokio::spawn(async move {
            let way = Way { shared, peer, life };
            way.keep_open().await;
        });
        Link { open: None, task }
    }

    /// One whose connection is held by a test.
    #[cfg(test)]
    pub(crate) fn by_hand(open: Open) -> Link {
        let task = tokio::spawn(std::future::pending());
        Link {
            open: Some(open),
            task,
        }
    }

    /// Sends what was given, and ends; the caller waits for it.
    pub(crate) fn finish(mut self) -> Option<JoinHandle<()>> {
        let was_open = self.open.take().is_some();
        let never = tokio::spawn(async {});
        let task = std::mem::replace(&mut self.task, never);
        if was_open {
            return Some(task);
        }
        task.abort();
        None
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Way {
    shared: Arc<Shared>,
    peer: MemberId,
    life: u64,
}

/// How a connection ended.
enum End {
    /// It broke.
    Broken,
    /// The runtime does not send what is next: nor will it on another connection.
    TooLarge,
    /// Nothing more is to be sent.
    Done,
}

impl Way {
    async fn keep_open(&self) {
        let mut pauses = Pauses::new(&self.shared.config.timing);
        for number in 1.. {
            let begun = Instant::now();
            let pause = match self.open().await {
                Ok((stub, welcome)) => {
                    let pause = match self.carry(number, &stub, &welcome).await {
                        End::Broken => pauses.after_break(begun.elapsed()),
                        End::TooLarge => pauses.after_failure(),
                        End::Done => return,
                    };
                    let down = Input::LinkDown {
                        peer: self.peer,
                        number,
                        life: self.life,
                    };
                    if !self.shared.input(down).await {
                        return;
                    }
                    pause
                }
                Err(failure) => {
                    let is_gone = failure.is_gone();
                    tracing::debug!(target: "harness::link", peer = self.shared.called(self.peer), "{}", failure.text());
                    let failed = Input::Unreached {
                        peer: self.peer,
                        is_gone,
                        life: self.life,
                    };
                    if !self.shared.input(failed).await {
                        return;
                    }
                    pauses.after_failure()
                }
            };
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
        }
    }

    async fn open(&self) -> Result<(SeatStub, Welcome), NotOpened> {
        let endpoints = self.endpoints().await?;
        let stub = self.shared.bind(&endpoints).await?;
        let welcome = match stub.greet(self.shared.greeting()).await {
            Ok(welcome) => welcome,
            Err(error) => return Err(self.why_refused(&stub, error).await),
        };
        let who = MemberId {
            slot: welcome.who.slot,
            incarnation: welcome.who.incarnation,
        };
        let limits = &self.shared.config.control;
        let known = welcome
            .known
            .iter()
            .take(self.shared.config.limits.members_max);
        for entry in known.cloned() {
            self.shared.directory().learn(entry, limits);
        }
        match who == self.peer {
            true => Ok((stub, welcome)),
            false => Err(NotOpened::Another(who)),
        }
    }

    /// Another ring may have moved in where the peer was: then that is over, whatever the newcomer says to a greeting.
    async fn why_refused(&self, stub: &SeatStub, error: CallError<Refused>) -> NotOpened {
        let refused = NotOpened::from(error);
        if !matches!(refused, NotOpened::Refused(_)) {
            return refused;
        }
        match stub.ping().await {
            Ok(who) if (who.slot, who.incarnation) != (self.peer.slot, self.peer.incarnation) => {
                NotOpened::Another(MemberId {
                    slot: who.slot,
                    incarnation: who.incarnation,
                })
            }
            _ => refused,
        }
    }

    /// Where the peer listens; others are asked when it is not known here.
    async fn endpoints(&self) -> Result<Vec<String>, NotOpened> {
        if let Some(endpoints) = self.shared.directory().endpoints(self.peer) {
            return Ok(endpoints);
        }
        let known = self.shared.directory().all();
        let limits = self.shared.config.control;
        let own = self.shared.myself().slot;
        for helper in known.iter().filter(|entry| entry.slot != own) {
            let Ok(stub) = self.shared.bind(&helper.endpoints).await else {
                continue;
            };
            let told = stub.directory().await.unwrap_or_default();
            for entry in told.into_iter().take(self.shared.config.limits.members_max) {
                self.shared.directory().learn(entry, &limits);
            }
            if let Some(endpoints) = self.shared.directory().endpoints(self.peer) {
                return Ok(endpoints);
            }
        }
        Err(NotOpened::Unknown)
    }

    /// Carries what is given until the connection breaks.
    async fn carry(&self, number: u64, stub: &SeatStub, welcome: &Welcome) -> End {
        let token = welcome.token;
        let attendant = SeatStub::from_stub(stub.stub().with_timeout(ATTEND_WITHIN));
        let mut attending = std::pin::pin!(attendant.attend(token));
        // Polled once, it is on its way before the first packet.
        let first = std::future::poll_fn(|cx| {
            std::task::Poll::Ready(attending.as_mut().poll(cx).is_ready())
        });
        if first.await {
            return End::Broken;
        }
        let over = stub.stub().peer().unwrap_or_default();
        let (open, mut given) = Open::new(number, over);
        let up = Input::LinkUp {
            peer: self.peer,
            life: self.life,
            open,
        };
        if !self.shared.input(up).await {
            return End::Done;
        }
        loop {
            let carried = tokio::select! {
                biased;
                ended = &mut attending => {
                    if let Ok(reason) = ended {
                        tracing::debug!(target: "harness::link", peer = self.shared.called(self.peer), reason, "dismissed");
                    }
                    return End::Broken;
                }
                carried = given.next() => carried,
            };
            let Some(carried) = carried else {
                // What was sent is with the kernel before the link goes.
                let _ = tokio::time::timeout(FLUSH_WITHIN, stub.stub().flush()).await;
                return End::Done;
            };
            let sent = async {
                match carried {
                    Carried::Packet(packet) => stub.carry(token, encode_packet(&packet)).await,
                    Carried::Joiners(joiners) => stub.introduce(token, joiners).await,
                    Carried::Beat => stub.beat(token).await,
                }
            };
            tokio::select! {
                biased;
                _ = &mut attending => return End::Broken,
                sent = sent => if let Err(error) = sent {
                    return self.not_sent(&error);
                },
            }
        }
    }

    /// What is too large for this runtime comes again with every connection, so it is said aloud.
    fn not_sent(&self, error: &rmix::Error) -> End {
        let peer = self.shared.called(self.peer);
        let is_mine = error.delivery() == Delivery::NotSent;
        if is_mine && error.kind() == ErrorKind::FixRequest && error.cause() == Cause::Limit {
            self.shared.count("packets too large");
            tracing::error!(target: "harness::link", peer, %error, "a packet cannot be sent, nor anything behind it: it is larger than the limit message_bytes of this member's runtime");
            return End::TooLarge;
        }
        tracing::debug!(target: "harness::link", peer, %error, "not sent");
        End::Broken
    }
}

/// How long to wait between two connections.
struct Pauses {
    least: Duration,
    most: Duration,
    next: Duration,
}

impl Pauses {
    fn new(timing: &Timing) -> Pauses {
        Pauses {
            least: timing.reconnect_min,
            most: timing.reconnect_max,
            next: timing.reconnect_min,
        }
    }

    /// There was none, or it is of no use: each time longer.
    fn after_failure(&mut self) -> Duration {
        let pause = self.next;
        self.next = pause.saturating_mul(2).min(self.most);
        pause
    }

    /// A connection can break without its process: the next comes at once, unless this one was there for no time at all.
    fn after_break(&mut self, lasted: Duration) -> Duration {
        self.next = self.least;
        self.least.saturating_sub(lasted)
    }
}

/// Why there is no link.
enum NotOpened {
    /// Nobody says where the peer is.
    Unknown,
    /// Another member is there now.
    Another(MemberId),
    /// It does not take the greeting.
    Refused(Refused),
    /// The machinery failed.
    Failed(rmix::Error),
}

impl NotOpened {
    /// Whether that says that the peer's process has ended: nobody listens, or somebody else does.
    fn is_gone(&self) -> bool {
        match self {
            NotOpened::Another(_) => true,
            NotOpened::Failed(error) => {
                matches!(error.cause(), Cause::Connect | Cause::NoSuchObject)
            }
            NotOpened::Unknown | NotOpened::Refused(_) => false,
        }
    }

    fn text(&self) -> String {
        match self {
            NotOpened::Unknown => "nobody says where it is".to_owned(),
            NotOpened::Another(who) => format!("{who} is there now"),
            NotOpened::Refused(refused) => format!("it refuses us: {refused}"),
            NotOpened::Failed(error) => error.to_string(),
        }
    }
}

impl From<rmix::Error> for NotOpened {
    fn from(error: rmix::Error) -> NotOpened {
        NotOpened::Failed(error)
    }
}

impl From<CallError<Refused>> for NotOpened {
    fn from(error: CallError<Refused>) -> NotOpened {
        match error {
            CallError::Fault(refused) => NotOpened::Refused(refused),
            CallError::Failed(error) => NotOpened::Failed(error),
        }
    }
}

/// After it the connection is made anew.
const ATTEND_WITHIN: Duration = Duration::from_secs(24 * 3600);
const FLUSH_WITHIN: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_from_failure_to_failure_and_begin_anew_with_a_break() {
        let milliseconds = Duration::from_millis;
        let mut pauses = Pauses::new(&Timing {
            reconnect_min: milliseconds(20),
            reconnect_max: milliseconds(70),
            ..Timing::default()
        });
        let failures = [(); 4].map(|()| pauses.after_failure());
        assert_eq!(failures, [20, 40, 70, 70].map(milliseconds));
        assert_eq!(pauses.after_break(milliseconds(20)), Duration::ZERO);
        assert_eq!(pauses.after_break(milliseconds(5)), milliseconds(15));
        assert_eq!(pauses.after_failure(), milliseconds(20));
    }
}
