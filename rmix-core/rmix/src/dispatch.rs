//! Inbound calls: which object and method they are for, and in which order they run. A method that is ready at once runs
//! on the thread that read the call; the others become tasks.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::hash::{BuildHasherDefault, Hasher};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use rmix_abi::describe::InterfaceDesc;
use rmix_abi::host::{Inbound, Method};
use rmix_abi::tables::{call_flags, refusal};
use rmix_engine::{Limits, ObjectId, ObjectTable};
use tokio::sync::Notify;

use crate::error::{Cause, Error, ErrorKind};
use crate::incoming::{Incoming, refuse};
use crate::interface::Skeleton;
use crate::pairing::Pairing;
use crate::reactor::Services;
use crate::turns::{Order, Serial};

/// An exported object.
pub(crate) struct Object {
    skeleton: Box<dyn Skeleton>,
    /// Methods by name, sorted; nothing is hashed per call.
    by_name: Vec<(Name<'static>, usize)>,
    /// Methods by number, sorted.
    by_number: Vec<(u32, usize)>,
    /// One queue for all calls of a serial object.
    serial: Option<Serial>,
    /// Calls that run.
    running: AtomicUsize,
    /// Told when the last of them ends.
    idle: Notify,
    /// Who waits for that; nobody is told in vain.
    awaited: AtomicUsize,
}

impl Object {
    /// Whether its calls run one after the other.
    pub(crate) fn is_serial(&self) -> bool {
        self.serial.is_some()
    }
}

/// A method's name after its length, so that few are compared byte by byte.
type Name<'a> = (usize, &'a [u8]);

fn by_length(name: &[u8]) -> Name<'_> {
    (name.len(), name)
}

/// Queues of one-way calls by connection. Numbers of connections count up in this runtime, so no peer chooses them.
type Connections = HashMap<u64, Serial, BuildHasherDefault<CountHasher>>;

/// Hashes numbers that count up.
#[derive(Default)]
struct CountHasher(u64);

impl Hasher for CountHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(self.0 ^ u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        // A map takes a tag from the high bits.
        self.0 = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// Queues that a thread remembers.
const RECENT_MAX: usize = 16;

thread_local! {
    /// The queues whose connections had one-way calls on this thread lately, with the dispatchers they belong to.
    static RECENT: RefCell<[Option<(u64, u64, Serial)>; RECENT_MAX]> =
        const { RefCell::new([const { None }; RECENT_MAX]) };
}

/// Tells dispatchers apart.
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// All exported objects of a runtime, and the order of one-way calls per connection.
pub(crate) struct Dispatcher {
    id: u64,
    objects: RwLock<ObjectTable<Arc<Object>>>,
    /// Counts what has been taken out of that table, after each time.
    changes: AtomicU64,
    /// Guards the map only; each queue has its own lock, taken after this one is released.
    connections: Mutex<Connections>,
    depth: u32,
    /// `outstanding_calls`.
    outstanding_max: usize,
    /// `waiting_serial_calls`.
    waiting_max: usize,
}

impl Dispatcher {
    pub(crate) fn new(limits: &Limits) -> Dispatcher {
        Dispatcher {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            objects: RwLock::new(ObjectTable::with_objects_max(limits.exported_objects)),
            changes: AtomicU64::new(0),
            connections: Mutex::default(),
            depth: limits.depth,
            outstanding_max: usize::try_from(limits.outstanding_calls).unwrap_or(usize::MAX),
            waiting_max: limits.waiting_serial_calls,
        }
    }

    /// Enters an object into the table; returns its token.
    pub(crate) fn export(
        &self,
        skeleton: Box<dyn Skeleton>,
        serial: bool,
    ) -> Result<ObjectId, Error> {
        let methods = skeleton.description().methods().iter().enumerate();
        let by_name = methods
            .clone()
            .map(|(index, method)| (by_length(method.name().as_bytes()), index));
        let by_number = methods
            .filter(|(_, method)| method.number != 0)
            .map(|(index, method)| (method.number, index));
        let object = Object {
            by_name: sorted(by_name),
            by_number: sorted(by_number),
            serial: serial.then(|| Serial::new(self.waiting_max)),
            skeleton,
            running: AtomicUsize::new(0),
            idle: Notify::new(),
            awaited: AtomicUsize::new(0),
        };
        let exported = self
            .objects
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .export(Arc::new(object));
        exported.map_err(|failure| {
            Error::new(ErrorKind::FixRequest, Cause::Limit, failure.to_string()).caused_by(failure)
        })
    }

    /// Ready when no call of an object runs.
    pub(crate) fn idle(&self, id: ObjectId) -> impl Future<Output = ()> + Send + 'static {
        let objects = self.objects.read().unwrap_or_else(PoisonError::into_inner);
        let object = objects.lookup(id).cloned();
        async move {
            let Some(object) = object else { return };
            let _awaited = Awaited::begin(&object);
            loop {
                let mut notified = pin!(object.idle.notified());
                // From here on no end is missed.
                notified.as_mut().enable();
                if object.running.load(Ordering::SeqCst) == 0 {
                    return;
                }
                notified.await;
            }
        }
    }

    /// Takes an object out of the table: new calls find nothing.
    pub(crate) fn unexport(&self, id: ObjectId) {
        let removed = self
            .objects
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .unexport(id);
        self.changes.fetch_add(1, Ordering::Release);
        // The skeleton is user code: it is dropped without the lock.
        drop(removed);
    }

    pub(crate) fn connection_closed(&self, connection: u64) {
        let removed = self.connections().remove(&connection);
        drop(removed);
    }

    fn connections(&self) -> MutexGuard<'_, Connections> {
        self.connections
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an inbound call; true when it was answered in place, or needs no answer.
    pub(crate) fn dispatch(&self, services: &Arc<Services>, call: &mut Inbound<'_>) -> bool {
        let changes = self.changes.load(Ordering::Acquire);
        let mut known = Pairing::resumed(services, call, changes);
        if known.is_none() {
            known = self.pair(services, call, changes);
        }
        let Some(pairing) = &mut known else {
            let message = "no object is exported here (any more)";
            refuse(&mut call.reply_to, refusal::NO_SUCH_OBJECT, message);
            return true;
        };
        let in_place = self.serve(pairing, call);
        Pairing::keep(known);
        in_place
    }

    /// The object that a connection calls; `changes` is the state of the table that was asked for before.
    fn pair(&self, services: &Arc<Services>, call: &Inbound<'_>, changes: u64) -> Option<Pairing> {
        let object = {
            let objects = self.objects.read().unwrap_or_else(PoisonError::into_inner);
            objects.lookup(ObjectId(call.object)).cloned()
        };
        let running = Running::begin(object?);
        Some(Pairing::new(services, call, changes, running))
    }

    fn serve(&self, pairing: &mut Pairing, call: &mut Inbound<'_>) -> bool {
        let object = pairing.object();
        let description = object.skeleton.description();
        let index = match call.method {
            Method::Name(name) => find(&object.by_name, by_length(name), pairing.place()),
            Method::Number(number) => find(&object.by_number, number, pairing.place()),
        };
        let Some((index, method)) =
            index.and_then(|index| description.methods().get(index).map(|m| (index, m)))
        else {
            no_such_method(description, call);
            return true;
        };
        let expected = method.arguments().len();
        if let Some(count) = call.count.filter(|count| *count as usize != expected) {
            let message = format!(
                "`{}` takes {expected} arguments, not {count}",
                method.name()
            );
            refuse(&mut call.reply_to, refusal::BAD_ARGUMENTS, &message);
            return true;
        }
        // Not every protocol says so: a Sun RPC call looks the same whether its caller waits or not.
        let oneway = call.oneway || method.flags & call_flags::ONEWAY != 0;
        let order = match self.order(pairing, call.connection, oneway) {
            Ok(order) => order,
            Err(message) => {
                if oneway {
                    tracing::error!(target: "rmix::dispatch", method = method.name(), "a one-way call is lost: {message}");
                } else {
                    tracing::debug!(target: "rmix::dispatch", method = method.name(), "a call is refused: {message}");
                }
                refuse(&mut call.reply_to, refusal::BUSY, &message);
                return true;
            }
        };
        let (object, site) = pairing.parts();
        let incoming = Incoming {
            site,
            arguments: call.arguments.lend(),
            reply_to: &mut call.reply_to,
            order,
            depth: self.depth,
            oneway,
        };
        object.skeleton.call(index, incoming).in_place()
    }

    /// When the call runs.
    fn order(&self, pairing: &mut Pairing, connection: u64, oneway: bool) -> Result<Order, String> {
        if let Some(serial) = &pairing.object().serial {
            // A one-way call cannot be told; its connection is not read when too many of its calls wait.
            let order = match oneway {
                true => Some(serial.admit_always()),
                false => serial.admit(),
            };
            return order.ok_or_else(|| {
                format!(
                    "{} calls wait for their turn at this object, which is the limit (waiting_serial_calls)",
                    self.waiting_max
                )
            });
        }
        if !oneway {
            return Ok(Order::Beside);
        }
        if let Some(turn) = pairing.take_turn() {
            return Ok(Order::Now(turn));
        }
        // Providers stop reading before this is full; one that does not loses calls, and the log tells.
        let order = self.serial_of(connection).admit();
        order
            .ok_or_else(|| "its provider reads on although outstanding_calls is reached".to_owned())
    }

    fn serial_of(&self, connection: u64) -> Serial {
        let index = (connection % RECENT_MAX as u64) as usize;
        let known = RECENT.with_borrow(|recent| match &recent[index] {
            Some((id, of, serial)) if (*id, *of) == (self.id, connection) => Some(serial.clone()),
            _ => None,
        });
        if let Some(serial) = known {
            return serial;
        }
        let serial = self
            .connections()
            .entry(connection)
            .or_insert_with(|| Serial::new(self.outstanding_max))
            .clone();
        let remembered = Some((self.id, connection, serial.clone()));
        let before =
            RECENT.with_borrow_mut(|recent| std::mem::replace(&mut recent[index], remembered));
        // With a queue goes what waits in it, which is user code.
        drop(before);
        serial
    }
}

fn sorted<K: Ord>(methods: impl Iterator<Item = (K, usize)>) -> Vec<(K, usize)> {
    let mut methods: Vec<_> = methods.collect();
    methods.sort_unstable();
    methods
}

/// Looks first where the last one was found: many calls of one method come together.
fn find<K: Ord + Copy>(methods: &[(K, usize)], key: K, place: &Cell<usize>) -> Option<usize> {
    let last = methods.get(place.get());
    if let Some((_, index)) = last.filter(|(known, _)| *known == key) {
        return Some(*index);
    }
    let found = methods.binary_search_by_key(&key, |(key, _)| *key).ok()?;
    place.set(found);
    methods.get(found).map(|(_, index)| *index)
}

fn no_such_method(description: &InterfaceDesc, call: &mut Inbound<'_>) {
    let name = match &call.method {
        Method::Name(name) => format!("`{}`", String::from_utf8_lossy(name)),
        Method::Number(number) => format!("number {number}"),
    };
    let message = format!("`{}` has no method {name}", description.name());
    tracing::debug!(target: "rmix::dispatch", "{message}");
    refuse(&mut call.reply_to, refusal::NO_SUCH_METHOD, &message);
}

/// Calls of an object, from their dispatch to their end.
pub(crate) struct Running(Arc<Object>);

impl Running {
    fn begin(object: Arc<Object>) -> Running {
        object.running.fetch_add(1, Ordering::Relaxed);
        Running(object)
    }

    pub(crate) fn object(&self) -> &Object {
        &self.0
    }
}

impl Clone for Running {
    fn clone(&self) -> Running {
        Running::begin(self.0.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Whoever begins to wait after this sees that none runs, because both sides write before they read.
        let last = self.0.running.fetch_sub(1, Ordering::SeqCst) == 1;
        if last && self.0.awaited.load(Ordering::SeqCst) > 0 {
            self.0.idle.notify_waiters();
        }
    }
}

/// Somebody waits for an object's last call.
struct Awaited<'a>(&'a Object);

impl Awaited<'_> {
    fn begin(object: &Object) -> Awaited<'_> {
        object.awaited.fetch_add(1, Ordering::SeqCst);
        Awaited(object)
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.0.awaited.fetch_sub(1, Ordering::SeqCst);
    }
}
