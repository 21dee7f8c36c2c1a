//! What a client has sent over UDP: each call is kept until it is answered or given up, and is sent again with the same XID
//! meanwhile, after waits that double. Datagrams that answer nothing are dropped.

use std::collections::{HashMap, HashSet};
use std::future::poll_fn;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::Poll;

use bytes::{BufMut, BytesMut};
use rmix_provider::failure;
use rmix_provider::guest::Host;
use rmix_provider::stream::{Datagrams, Moved, Stream};
use rmix_provider::tables::{AbiWaker, Err};
use rustix::io::Errno;
use rustix::net::{SendFlags, Shutdown};

use super::{DATAGRAM_BYTES_MAX, MARK_BYTES, socket};
use crate::wire::Message;

/// Waits between sendings of one call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Retransmission {
    /// The first, in nanoseconds.
    pub(crate) first_ns: u64,
    /// The longest, in nanoseconds; each is twice the one before.
    pub(crate) longest_ns: u64,
}

impl Default for Retransmission {
    fn default() -> Retransmission {
        Retransmission {
            first_ns: 1_000_000_000,
            longest_ns: 30_000_000_000,
        }
    }
}

/// The bit of a record mark that says, before a datagram, that the message is to be answered.
const ANSWERED_BIT: u32 = 1 << 31;

/// Sends calls, and sends them again.
struct Sender {
    host: Host,
    /// The link's socket, once more.
    socket: OwnedFd,
    waits: Retransmission,
    /// The peer's host has said that nobody listens.
    refused: AtomicBool,
    /// Guards what changes; held for moments.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    calls: HashMap<u32, Sent>,
    /// Calls that ended before they were sent: they are not.
    given_up: HashSet<u32>,
    /// The task that sends again, while it sleeps.
    task: Option<AbiWaker>,
    /// When it wakes by itself; none while nothing waits for an answer.
    wakes_ns: Option<u64>,
}

/// With more calls than this that ended unsent, the answered ones among them (a call may end while its answer comes in) are
/// forgotten with the others.
const GIVEN_UP_MAX: usize = 1024;

struct Sent {
    datagram: Box<[u8]>,
    due_ns: u64,
    wait_ns: u64,
}

/// A connected UDP socket as a stream of messages.
///
/// # Errors
/// The socket cannot be made, or the reactor cannot take it.
pub(crate) fn connect(
    host: &Host,
    endpoint: &str,
    address: SocketAddr,
    waits: Retransmission,
) -> Result<Stream, Err> {
    let opened = socket::connect(address).and_then(|socket| {
        let again = rustix::io::fcntl_dupfd_cloexec(&socket, 0)?;
        Ok((socket, again))
    });
    let (socket, again) = opened.map_err(|errno| failure::connect(endpoint, errno))?;
    let sender = Arc::new(Sender {
        host: *host,
        socket: again,
        waits,
        refused: AtomicBool::new(false),
        state: Mutex::default(),
    });
    host.spawn(send_again(*host, Arc::downgrade(&sender)));
    Stream::datagrams(host, socket, sender, DATAGRAM_BYTES_MAX)
}

impl Sender {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, datagram: &[u8]) -> Result<(), Errno> {
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        let mut tries = 0;
        loop {
            match rustix::net::send(&self.socket, datagram, flags) {
                // Told of an earlier datagram, so this one has not left; of this one, the reader is told.
                Err(Errno::CONNREFUSED) if tries == 0 => tries += 1,
                Err(Errno::INTR) => {}
                sent => return sent.map(drop),
            }
        }
    }

    /// Sends again what is due; when the next one is, if anything waits. `task` is woken for an earlier one.
    fn send_due(&self, task: &AbiWaker) -> Option<u64> {
        let now = self.host.now_ns();
        let mut state = self.lock();
        for sent in state.calls.values_mut() {
            if sent.due_ns <= now {
                if rustix::net::sockopt::socket_error(&self.socket) == Ok(Err(Errno::CONNREFUSED)) {
                    // Whoever waits for an answer was not woken by that; it is by this.
                    self.refused.store(true, Ordering::Relaxed);
                    let _ = rustix::net::shutdown(&self.socket, Shutdown::Both);
                    state.calls.clear();
                    break;
                }
                // Lost here or on the way, it is the same.
                let _ = self.put(&sent.datagram);
                sent.wait_ns = sent.wait_ns.saturating_mul(2).min(self.waits.longest_ns);
                sent.due_ns = now.saturating_add(sent.wait_ns);
            }
        }
        state.task = Some(task.clone());
        state.wakes_ns = state.calls.values().map(|sent| sent.due_ns).min();
        state.wakes_ns
    }

    /// Keeps a call until it is answered; false when it has ended already.
    fn keep(&self, xid: u32, datagram: &[u8]) -> bool {
        let due_ns = self.host.now_ns().saturating_add(self.waits.first_ns);
        let mut state = self.lock();
        if state.given_up.remove(&xid) {
            return false;
        }
        let sent = Sent {
            datagram: datagram.into(),
            due_ns,
            wait_ns: self.waits.first_ns,
        };
        state.calls.insert(xid, sent);
        if state.wakes_ns.is_none_or(|wakes| due_ns < wakes)
            && let Some(task) = state.task.take()
        {
            drop(state);
            task.wake();
        }
        true
    }
}

impl Datagrams for Sender {
    fn send(&self, queued: &[u8]) -> Moved {
        let Some((mark, rest)) = queued.split_first_chunk::<MARK_BYTES>() else {
            return Err(Errno::INVAL);
        };
        let mark = u32::from_be_bytes(*mark);
        let length = (mark & !ANSWERED_BIT) as usize;
        let datagram = rest.get(..length).ok_or(Errno::INVAL)?;
        let xid = datagram.first_chunk().ok_or(Errno::INVAL)?;
        if mark & ANSWERED_BIT != 0 && !self.keep(u32::from_be_bytes(*xid), datagram) {
            return Ok(MARK_BYTES + length);
        }
        self.put(datagram)?;
        Ok(MARK_BYTES + length)
    }

    fn receive(&self, datagram: &[u8], input: &mut BytesMut) -> bool {
        let Ok(Message::Reply { header, .. }) = Message::decode(datagram) else {
            return false;
        };
        if self.lock().calls.remove(&header.xid.0).is_none() {
            return false;
        }
        let Ok(length) = u32::try_from(datagram.len()) else {
            return false;
        };
        input.put_u32(length | 1 << 31);
        input.put_slice(datagram);
        true
    }

    fn failure(&self) -> Option<Errno> {
        let refused = self.refused.load(Ordering::Relaxed);
        refused.then_some(Errno::CONNREFUSED)
    }

    fn forget(&self, id: u32) {
        let mut state = self.lock();
        if state.calls.remove(&id).is_none() {
            if state.given_up.len() >= GIVEN_UP_MAX {
                state.given_up.clear();
            }
            state.given_up.insert(id);
        }
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        if let Some(task) = self.lock().task.take() {
            task.wake();
        }
    }
}

/// Sends again what is due, as long as there is a link.
async fn send_again(host: Host, sender: Weak<Sender>) {
    let mut timer = host.timer();
    poll_fn(|cx| {
        let task = AbiWaker::lend(cx.waker());
        loop {
            let Some(sender) = sender.upgrade() else {
                return Poll::Ready(());
            };
            let Some(due) = sender.send_due(&task) else {
                return Poll::Pending;
            };
            if timer.poll_until(due, &task).is_pending() {
                return Poll::Pending;
            }
        }
    })
    .await;
}
