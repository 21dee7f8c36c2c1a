//! A minimal host on tokio, and short ways to call through it. One object answers everything; see [`Object`].

use std::future::poll_fn;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use rmix_abi::describe::MethodDesc;
use rmix_abi::host::{
    Began, Call, Encoding, ForeignFuture, HostServices, Inbound, IoOutcome, LentFd, Link, Listener,
    Method, PluginEntry, ReplyTo, StartedProvider, host_table,
};
use rmix_abi::tables::{CallOptions, Err, Limits, READ, call_flags, refusal, reply};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::unix::AsyncFd;
use tokio::runtime::Handle;
use tokio::sync::Notify;

/// The object all inbound calls go to.
#[derive(Default)]
pub(crate) struct Object {
    /// What `note` was called with, in order.
    pub(crate) notes: Mutex<Vec<u32>>,
    /// Answers that `hold` owes, in order.
    pub(crate) held: Mutex<Vec<ReplyTo>>,
    /// Connections that ended.
    pub(crate) closed: Mutex<Vec<u64>>,
    /// Lines the provider logged.
    pub(crate) lines: Mutex<Vec<String>>,
    /// Told after each of the above.
    changed: Notify,
}

impl Object {
    /// Waits until `look` finds something.
    pub(crate) async fn until<T>(&self, mut look: impl FnMut(&Object) -> Option<T>) -> T {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(found) = look(self) {
                return found;
            }
            changed.await;
        }
    }

    /// Waits until `count` answers are owed.
    pub(crate) async fn until_held(&self, count: usize) {
        self.until(|object| (object.held.lock().unwrap().len() >= count).then_some(()))
            .await;
    }

    /// Answers the oldest call of `hold` that is owed an answer.
    pub(crate) fn answer_held(&self, value: u32) -> Result<(), Err> {
        let answer = self.held.lock().unwrap().remove(0);
        answer.reply(reply::VALUE, 0, 64, &value)
    }

    fn serve(&self, call: &mut Inbound<'_>) -> bool {
        let mut arguments = call.arguments.lend();
        let oneway = call.oneway;
        let reply_to = call.reply_to.take().expect("it comes with the call");
        let Method::Name(name) = call.method else {
            reply_to.refuse(refusal::NO_SUCH_METHOD, "methods here have names");
            return true;
        };
        match (name, oneway) {
            (b"note", true) => match arguments.next::<u32>() {
                Ok(number) => self.notes.lock().unwrap().push(number),
                Err(failure) => self.lines.lock().unwrap().push(failure.to_string()),
            },
            (b"echo", false) => answer_echo::<String>(arguments, reply_to),
            (b"octets", false) => answer_echo::<Vec<u8>>(arguments, reply_to),
            (b"texts", false) => answer_echo::<Vec<String>>(arguments, reply_to),
            (b"shapes", false) => answer_echo::<crate::calls::Shapes>(arguments, reply_to),
            (b"fail", false) => {
                let fault = (7_i32, "declared".to_owned());
                reply_to
                    .reply(reply::FAULT, call_flags::FAULTS, 64, &fault)
                    .expect("the caller waits");
            }
            (b"hold", false) => self.held.lock().unwrap().push(reply_to),
            (b"forget", false) => drop(reply_to),
            (b"count", false) => {
                let count = self.notes.lock().unwrap().len() as u64;
                reply_to
                    .reply(reply::VALUE, 0, 64, &count)
                    .expect("the caller waits");
            }
            _ => reply_to.refuse(refusal::NO_SUCH_METHOD, "no such method here"),
        }
        self.changed.notify_waiters();
        true
    }
}

fn answer_echo<T: DeserializeOwned + Serialize>(
    mut arguments: rmix_abi::host::Arguments<'_>,
    reply_to: ReplyTo,
) {
    let value = arguments.next::<T>().and_then(|value| {
        arguments.finish()?;
        Ok(value)
    });
    match value {
        // The caller may be gone, which some tests are about.
        Ok(value) => drop(reply_to.reply(reply::VALUE, 0, 64, &value)),
        Err(failure) => reply_to.refuse(refusal::BAD_ARGUMENTS, &failure.to_string()),
    }
}

struct TestHost {
    runtime: Handle,
    epoch: Instant,
    next: AtomicU64,
    object: Arc<Object>,
}

struct TestTimer {
    runtime: Handle,
    epoch: Instant,
    sleep: Option<(u64, Pin<Box<tokio::time::Sleep>>)>,
}

impl HostServices for TestHost {
    type Fd = AsyncFd<LentFd>;
    type Timer = TestTimer;

    #[expect(
        deprecated,
        reason = "the descriptor stays open while it is registered: a rule of the boundary"
    )]
    fn register(self: &Arc<Self>, fd: LentFd) -> Result<Self::Fd, String> {
        let _runtime = self.runtime.enter();
        AsyncFd::new(fd).map_err(|failure| failure.to_string())
    }

    fn poll_io(
        fd: &Self::Fd,
        interest: u32,
        cx: &mut Context<'_>,
        op: &mut dyn FnMut() -> IoOutcome,
    ) -> Poll<Result<(), ()>> {
        loop {
            let guard = if interest == READ {
                ready!(fd.poll_read_ready(cx))
            } else {
                ready!(fd.poll_write_ready(cx))
            };
            let Ok(mut guard) = guard else {
                return Poll::Ready(Err(()));
            };
            match op() {
                IoOutcome::WouldBlock => guard.clear_ready(),
                IoOutcome::Done => return Poll::Ready(Ok(())),
                IoOutcome::Drained => {
                    guard.clear_ready();
                    return Poll::Ready(Ok(()));
                }
            }
        }
    }

    fn now_ns(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_nanos()).expect("a test is shorter than centuries")
    }

    fn timer(self: &Arc<Self>) -> TestTimer {
        TestTimer {
            runtime: self.runtime.clone(),
            epoch: self.epoch,
            sleep: None,
        }
    }

    fn poll_timer(timer: &mut TestTimer, deadline_ns: u64, cx: &mut Context<'_>) -> Poll<()> {
        if timer
            .sleep
            .as_ref()
            .is_none_or(|(at, _)| *at != deadline_ns)
        {
            let _runtime = timer.runtime.enter();
            let at = timer.epoch + Duration::from_nanos(deadline_ns);
            timer.sleep = Some((deadline_ns, Box::pin(tokio::time::sleep_until(at.into()))));
        }
        let Some((_, sleep)) = &mut timer.sleep else {
            return Poll::Pending;
        };
        sleep.as_mut().poll(cx)
    }

    fn spawn(self: &Arc<Self>, future: ForeignFuture) {
        self.runtime.spawn(future);
    }

    fn spawn_blocking(self: &Arc<Self>, job: Box<dyn FnOnce() + Send>) {
        self.runtime.spawn_blocking(job);
    }

    fn dispatch(self: &Arc<Self>, call: &mut Inbound<'_>) -> bool {
        self.object.serve(call)
    }

    fn connection_closed(&self, connection: u64) {
        self.object.closed.lock().unwrap().push(connection);
        self.object.changed.notify_waiters();
    }

    fn next_connection(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn log(&self, _level: u32, target: &str, message: &str) {
        let line = format!("{target}: {message}");
        self.object.lines.lock().unwrap().push(line);
        self.object.changed.notify_waiters();
    }
}

/// The plug-in, built once for all tests.
pub(crate) fn plugin() -> &'static PluginEntry {
    static PLUGIN: OnceLock<PluginEntry> = OnceLock::new();
    PLUGIN.get_or_init(|| {
        let file = rmix_c_provider_tests::build(&folder());
        PluginEntry::open(&file).expect("the provider fits this program")
    })
}

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("c-provider");
    std::fs::create_dir_all(&folder).expect("cargo's folder for tests is writable");
    folder
}

/// A path for a socket, short enough for any folder, of this process and test alone.
pub(crate) fn socket_path(test: &str) -> String {
    let path = std::env::temp_dir().join(format!("cframe-{}-{test}", std::process::id()));
    path.to_str()
        .expect("the temporary folder has a plain name")
        .to_owned()
}

/// A started provider with the object its inbound calls go to.
pub(crate) struct Side {
    pub(crate) object: Arc<Object>,
    pub(crate) provider: Arc<StartedProvider>,
}

/// Starts the provider on a host in the current runtime; a test that hangs ends the process.
pub(crate) fn side() -> Side {
    watch();
    let object = Arc::new(Object::default());
    let host = Arc::new(TestHost {
        runtime: Handle::current(),
        epoch: Instant::now(),
        next: AtomicU64::new(0),
        object: object.clone(),
    });
    let provider = plugin()
        .start(host_table(host))
        .unwrap_or_else(|failure| panic!("the provider starts: {}", failure.text()));
    Side { object, provider }
}

fn watch() {
    static WATCHDOG: OnceLock<()> = OnceLock::new();
    WATCHDOG.get_or_init(|| {
        std::thread::spawn(|| {
            std::thread::sleep(Duration::from_secs(240));
            eprintln!("watchdog: the tests hang");
            std::process::abort();
        });
    });
}

impl Side {
    /// Exports the object.
    pub(crate) async fn listen(&self, path: &str, limits: &Limits) -> Listener {
        let endpoint = format!("cframe+unix://{path}");
        self.provider
            .listen(&endpoint, limits, 1, None)
            .await
            .unwrap_or_else(|failure| panic!("{endpoint}: {}", failure.text()))
    }

    /// Connects; `object` 0 refuses inbound calls.
    pub(crate) async fn connect(&self, path: &str, limits: &Limits, object: u64) -> Arc<Link> {
        let endpoint = format!("cframe+unix://{path}");
        let link = self.provider.connect(&endpoint, limits, object).await;
        Arc::new(link.unwrap_or_else(|failure| panic!("{endpoint}: {}", failure.text())))
    }
}

/// A description of a method of which only the name is known; lives for ever, as calls ask for.
pub(crate) fn method(name: &'static str) -> &'static MethodDesc {
    Box::leak(Box::new(MethodDesc::dynamic(name, 0, 0)))
}

pub(crate) const OPTIONS: CallOptions = CallOptions {
    size: size_of::<CallOptions>(),
    deadline_ns: 0,
};

/// Begins a call, waiting for room.
pub(crate) async fn begin(
    link: &Arc<Link>,
    name: &'static str,
    flags: u32,
) -> Result<Encoding, Err> {
    let method = method(name);
    loop {
        match link.begin(method, 1, flags, 64)? {
            Began::Ready(encoding) => return Ok(encoding),
            Began::Full => poll_fn(|cx| link.poll_ready(cx)).await?,
        }
    }
}

/// Submits a call with one argument, which may then be left alone.
pub(crate) async fn start<T: Serialize + ?Sized>(
    link: &Arc<Link>,
    name: &'static str,
    argument: &T,
) -> Result<Call, Err> {
    start_with(link, name, 0, argument).await
}

/// Submits a call with one argument and with flags.
pub(crate) async fn start_with<T: Serialize + ?Sized>(
    link: &Arc<Link>,
    name: &'static str,
    flags: u32,
    argument: &T,
) -> Result<Call, Err> {
    let mut encoding = begin(link, name, flags).await?;
    encoding.argument(0, argument).expect("the argument fits");
    encoding.submit(&OPTIONS)
}

/// Calls, polling until the end, and decodes the result.
pub(crate) async fn call<T: Serialize + ?Sized, R: DeserializeOwned>(
    link: &Arc<Link>,
    name: &'static str,
    argument: &T,
) -> Result<R, Err> {
    let answer = start_with(link, name, call_flags::DRIVEN, argument)
        .await?
        .await?;
    assert_eq!(answer.kind, reply::VALUE, "{name} answers with a value");
    Ok(answer.decode().expect("the result has the type asked for"))
}

/// Sends a one-way call.
pub(crate) async fn tell<T: Serialize + ?Sized>(
    link: &Arc<Link>,
    name: &'static str,
    argument: &T,
) -> Result<(), Err> {
    let mut encoding = begin(link, name, call_flags::ONEWAY).await?;
    encoding.argument(0, argument).expect("the argument fits");
    encoding.submit_oneway(&OPTIONS)
}

/// Polls once, without waiting.
pub(crate) async fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    poll_fn(|cx| Poll::Ready(Pin::new(&mut *future).poll(cx))).await
}
