//! Inbound calls: which object and method they are for, in which order they run, and where. A method that is ready at
//! once runs on the thread that read the call; the others become tasks.

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::task::{Context, Poll, Waker};

use rmix_abi::host::{Inbound, Method};
use rmix_abi::tables::{call_flags, refusal};
use rmix_engine::{Limits, ObjectId, ObjectTable, Push, SerialQueue};
use tokio::runtime::Handle;

use crate::error::{Cause, Error, ErrorKind};
use crate::incoming::{Incoming, Served};
use crate::interface::Skeleton;
use crate::reactor::{Services, dispatching};

/// A call that was decoded and not yet finished.
pub(crate) type Job = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Calls that run one after the other.
type Serial = Arc<Mutex<SerialQueue<Job>>>;

/// An exported object.
pub(crate) struct Object {
    skeleton: Box<dyn Skeleton>,
    by_name: HashMap<&'static [u8], usize>,
    by_number: HashMap<u32, usize>,
    /// One queue for all calls of a serial object.
    serial: Option<Serial>,
}

/// All exported objects of a runtime, and the order of one-way calls per connection.
pub(crate) struct Dispatcher {
    objects: RwLock<ObjectTable<Arc<Object>>>,
    /// Guards the map only; each queue has its own lock, taken after this one is released.
    connections: Mutex<HashMap<u64, Serial>>,
    depth: u32,
    waiting_max: usize,
}

impl Dispatcher {
    pub(crate) fn new(limits: &Limits) -> Dispatcher {
        let outstanding = usize::try_from(limits.outstanding_calls).unwrap_or(usize::MAX);
        Dispatcher {
            objects: RwLock::new(ObjectTable::with_objects_max(limits.exported_objects)),
            connections: Mutex::new(HashMap::new()),
            depth: limits.depth,
            waiting_max: limits.waiting_one_way_calls.max(outstanding),
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
            by_name: by_name.collect(),
            by_number: by_number.collect(),
            serial: serial.then(|| Arc::new(Mutex::new(SerialQueue::new(self.waiting_max)))),
            skeleton,
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

    fn connections(&self) -> MutexGuard<'_, HashMap<u64, Serial>> {
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
            Method::Name(name) => object.by_name.get(name).copied(),
            Method::Number(number) => object.by_number.get(&number).copied(),
        };
        let Some((index, method)) =
            index.and_then(|index| description.methods().get(index).map(|m| (index, m)))
        else {
            let name = match call.method {
                Method::Name(name) => format!("`{}`", String::from_utf8_lossy(name)),
                Method::Number(number) => format!("number {number}"),
            };
            let message = format!("`{}` has no method {name}", description.name());
            tracing::debug!(target: "rmix::dispatch", "{message}");
            call.reply_to.refuse(refusal::NO_SUCH_METHOD, &message);
            return true;
        };
        let expected = method.argument_count;
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
        let serial = match (&object.serial, oneway) {
            (Some(serial), _) => Some(serial.clone()),
            (None, true) => Some(self.serial_of(call.connection)),
            (None, false) => None,
        };
        let incoming = Incoming {
            arguments: call.arguments,
            reply_to: call.reply_to,
            route: Route {
                services: services.clone(),
                serial,
                depth: self.depth,
                oneway,
            },
        };
        object.skeleton.call(index, incoming).in_place()
    }

    fn serial_of(&self, connection: u64) -> Serial {
        let new = || Arc::new(Mutex::new(SerialQueue::new(self.waiting_max)));
        self.connections()
            .entry(connection)
            .or_insert_with(new)
            .clone()
    }
}

/// Where and in which order a call runs.
pub(crate) struct Route {
    services: Arc<Services>,
    serial: Option<Serial>,
    /// Nesting allowed in the reply.
    pub(crate) depth: u32,
    /// No answer is expected.
    pub(crate) oneway: bool,
}

impl Route {
    /// Runs the call as far as it goes at once; the rest becomes a task.
    pub(crate) fn run(self, job: Job) -> Served {
        let Some(serial) = self.serial.clone() else {
            return self.run_now(job, None);
        };
        let pushed = lock(&serial).push(job);
        match pushed {
            Push::Start(job) => self.run_now(job, Some(serial)),
            Push::Queued => Served::LATER,
            Push::Full(job) => {
                // Providers stop reading before this; one that does not loses calls, and is told so.
                drop(job);
                tracing::error!(target: "rmix::dispatch", "a call was refused: too many wait for an earlier one");
                Served::IN_PLACE
            }
        }
    }

    fn run_now(&self, mut job: Job, serial: Option<Serial>) -> Served {
        loop {
            let polled = in_context(self, || {
                job.as_mut().poll(&mut Context::from_waker(Waker::noop()))
            });
            if polled.is_pending() {
                return self.spawn(job, serial);
            }
            let next = serial.as_ref().and_then(|serial| lock(serial).finished());
            match next {
                Some(next) => job = next,
                None => return Served::IN_PLACE,
            }
        }
    }

    fn spawn(&self, job: Job, serial: Option<Serial>) -> Served {
        let task = async move {
            let mut next = Some(job);
            while let Some(job) = next {
                job.await;
                next = serial.as_ref().and_then(|serial| lock(serial).finished());
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

fn lock(serial: &Serial) -> MutexGuard<'_, SerialQueue<Job>> {
    serial.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs user code in place: inside a tokio runtime, and not inside `block_on`.
pub(crate) fn in_context<R>(route: &Route, body: impl FnOnce() -> R) -> R {
    if Handle::try_current().is_ok() {
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
    poll_fn(|cx| match guarded(|| future.as_mut().poll(cx)) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}
