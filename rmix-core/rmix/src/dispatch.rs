//! Inbound calls: which object and method they are for, in which order they run, and where. A method that is ready at
//! once runs on the thread that read the call; the others become tasks.

use std::cell::RefCell;
use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::hash::{BuildHasherDefault, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::task::{Context, Poll, Waker};

use rmix_abi::describe::InterfaceDesc;
use rmix_abi::host::{Inbound, Method, ReplyTo};
use rmix_abi::tables::{call_flags, refusal};
use rmix_engine::{Limits, ObjectId, ObjectTable};
use tokio::runtime::Handle;
use tokio::sync::Notify;

use crate::caller::{Caller, Seat};
use crate::error::{Cause, Error, ErrorKind};
use crate::incoming::{Incoming, Served};
use crate::interface::Skeleton;
use crate::reactor::{Services, dispatching};
use crate::rooms::Room;
use crate::turns::{Job, Place, Serial, Turn};

/// An exported object.
pub(crate) struct Object {
    skeleton: Box<dyn Skeleton>,
    /// Methods by name, sorted; nothing is hashed per call.
    by_name: Vec<(&'static [u8], usize)>,
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
            .map(|(index, method)| (method.name().as_bytes(), index));
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

    /// Takes an inbound call; true when it was answered in place.
    pub(crate) fn dispatch(&self, services: &Arc<Services>, call: Inbound<'_>) -> bool {
        let object = {
            let objects = self.objects.read().unwrap_or_else(PoisonError::into_inner);
            objects.lookup(ObjectId(call.object)).cloned()
        };
        let Some(object) = object else {
            call.reply_to.refuse(
                refusal::NO_SUCH_OBJECT,
                "no object is exported here (any more)",
            );
            return true;
        };
        let description = object.skeleton.description();
        let index = match call.method {
            Method::Name(name) => find(&object.by_name, name),
            Method::Number(number) => find(&object.by_number, number),
        };
        let Some((index, method)) =
            index.and_then(|index| description.methods().get(index).map(|m| (index, m)))
        else {
            return no_such_method(description, &call.method, call.reply_to);
        };
        let expected = method.arguments().len();
        if let Some(count) = call.count.filter(|count| *count as usize != expected) {
            let message = format!(
                "`{}` takes {expected} arguments, not {count}",
                method.name()
            );
            call.reply_to.refuse(refusal::BAD_ARGUMENTS, &message);
            return true;
        }
        // Not every protocol says so: a Sun RPC call looks the same whether its caller waits or not.
        let oneway = call.oneway || method.flags & call_flags::ONEWAY != 0;
        let place = match self.place(&object, call.connection, oneway) {
            Ok(place) => place,
            Err(message) => {
                if oneway {
                    tracing::error!(target: "rmix::dispatch", method = method.name(), "a one-way call is lost: {message}");
                } else {
                    tracing::debug!(target: "rmix::dispatch", method = method.name(), "a call is refused: {message}");
                }
                call.reply_to.refuse(refusal::BUSY, &message);
                return true;
            }
        };
        let incoming = Incoming {
            running: Running::begin(&object),
            caller: Caller::recent(call.connection, call.peer, call.claim),
            arguments: call.arguments,
            reply_to: call.reply_to,
            route: Route {
                services: services.clone(),
                place,
                depth: self.depth,
                oneway,
            },
        };
        object.skeleton.call(index, incoming).in_place()
    }

    /// The call's place among those that run one after the other; `None` when it runs beside the others.
    fn place(
        &self,
        object: &Object,
        connection: u64,
        oneway: bool,
    ) -> Result<Option<Place>, String> {
        if let Some(serial) = &object.serial {
            // A one-way call cannot be told; its connection is not read when too many of its calls wait.
            let place = match oneway {
                true => Some(serial.admit_always()),
                false => serial.admit(),
            };
            return match place {
                Some(place) => Ok(Some(place)),
                None => Err(format!(
                    "{} calls wait for their turn at this object, which is the limit (waiting_serial_calls)",
                    self.waiting_max
                )),
            };
        }
        if !oneway {
            return Ok(None);
        }
        // Providers stop reading before this is full; one that does not loses calls, and the log tells.
        match self.serial_of(connection).admit() {
            Some(place) => Ok(Some(place)),
            None => Err("its provider reads on although outstanding_calls is reached".to_owned()),
        }
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

fn find<K: Ord + Copy>(methods: &[(K, usize)], key: K) -> Option<usize> {
    let found = methods.binary_search_by_key(&key, |(key, _)| *key).ok()?;
    methods.get(found).map(|(_, index)| *index)
}

fn no_such_method(description: &InterfaceDesc, method: &Method<'_>, reply_to: ReplyTo) -> bool {
    let name = match method {
        Method::Name(name) => format!("`{}`", String::from_utf8_lossy(name)),
        Method::Number(number) => format!("number {number}"),
    };
    let message = format!("`{}` has no method {name}", description.name());
    tracing::debug!(target: "rmix::dispatch", "{message}");
    reply_to.refuse(refusal::NO_SUCH_METHOD, &message);
    true
}

/// A call of an object, from its dispatch to its end.
pub(crate) struct Running(Arc<Object>);

impl Running {
    fn begin(object: &Arc<Object>) -> Running {
        object.running.fetch_add(1, Ordering::Relaxed);
        Running(object.clone())
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

/// Where and in which order a call runs.
pub(crate) struct Route {
    services: Arc<Services>,
    place: Option<Place>,
    /// Nesting allowed in the reply.
    pub(crate) depth: u32,
    /// No answer is expected.
    pub(crate) oneway: bool,
}

impl Route {
    /// Runs the call as far as it goes at once; the rest becomes a task.
    pub(crate) fn run<J>(mut self, job: J) -> Served
    where
        J: Future<Output = ()> + Send + 'static,
    {
        let Some(place) = self.place.take() else {
            return self.run_here(job, None);
        };
        let place = match place.start() {
            Ok(turn) => return self.run_here(job, Some(turn)),
            Err(place) => place,
        };
        match place.put(Box::pin(job)) {
            Some((job, turn)) => self.run_now(job, Some(turn)),
            None => Served::LATER,
        }
    }

    /// Runs a call that comes in, in memory that an earlier one of its method has used.
    fn run_here<J>(&self, job: J, mut turn: Option<Turn>) -> Served
    where
        J: Future<Output = ()> + Send + 'static,
    {
        let mut room = Room::with(job);
        let poll = || room.poll(&mut Context::from_waker(Waker::noop()));
        match guarded(|| in_context(self, poll)) {
            Ok(Poll::Pending) => return self.spawn(room.into_job(), turn),
            Ok(Poll::Ready(())) => {}
            Err(panic) => log_panic(&panic),
        }
        if let Err(panic) = guarded(|| room.put_back()) {
            log_panic(&panic);
        }
        match turn.as_mut().and_then(Turn::next) {
            Some(next) => self.run_now(next, turn),
            None => Served::IN_PLACE,
        }
    }

    fn run_now(&self, mut job: Job, mut turn: Option<Turn>) -> Served {
        loop {
            let poll = || job.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            match guarded(|| in_context(self, poll)) {
                Ok(Poll::Pending) => return self.spawn(job, turn),
                Ok(Poll::Ready(())) => {}
                Err(panic) => log_panic(&panic),
            }
            match turn.as_mut().and_then(Turn::next) {
                Some(next) => job = next,
                None => return Served::IN_PLACE,
            }
        }
    }

    fn spawn(&self, job: Job, mut turn: Option<Turn>) -> Served {
        let task = async move {
            let mut next = Some(job);
            while let Some(job) = next {
                if let Err(panic) = catching(job).await {
                    log_panic(&panic);
                }
                next = turn.as_mut().and_then(Turn::next);
            }
        };
        match self.services.handle() {
            Ok(handle) => drop(handle.spawn(task)),
            // Dropped, the call's responder answers "internal error".
            Err(error) => {
                tracing::error!(target: "rmix::dispatch", %error, "a call cannot be run");
            }
        }
        Served::LATER
    }
}

/// A method's own panics are answered; what comes here is that of a destructor, after the answer or instead of it.
fn log_panic(panic: &str) {
    tracing::error!(target: "rmix::dispatch", panic, "a call panicked outside its method");
}

/// Runs user code in place: inside a tokio runtime, and not inside `block_on`.
pub(crate) fn in_context<R>(route: &Route, body: impl FnOnce() -> R) -> R {
    // The first costs less, and is so on a server's links.
    if tokio::task::try_id().is_some() || Handle::try_current().is_ok() {
        return dispatching(body);
    }
    let handle = route.services.handle();
    let _entered = handle.as_ref().ok().map(Handle::enter);
    dispatching(body)
}

/// Runs user code; a panic comes back as its text.
pub(crate) fn guarded<R>(body: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(body)).map_err(|payload| {
        let text = if let Some(text) = payload.downcast_ref::<&str>() {
            (*text).to_owned()
        } else if let Some(text) = payload.downcast_ref::<String>() {
            text.clone()
        } else {
            "(no text)".to_owned()
        };
        if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(second);
        }
        text
    })
}

/// A future whose panics come back as text.
pub(crate) async fn catching<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    poll_fn(|cx| caught(guarded(|| future.as_mut().poll(cx)))).await
}

/// A method's future: as [`catching`], and while it is polled it can ask who calls.
pub(crate) async fn serving<F: Future>(mut caller: Seat, future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    poll_fn(|cx| caught(guarded(|| caller.during(|| future.as_mut().poll(cx))))).await
}

fn caught<T>(polled: Result<Poll<T>, String>) -> Poll<Result<T, String>> {
    match polled {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(panic) => Poll::Ready(Err(panic)),
    }
}
