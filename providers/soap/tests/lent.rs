//! A host for the layer under test: a provider that does nothing but keep what it was lent, and run a test's future where a
//! provider's future would run.

use std::collections::HashMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, mpsc};
use std::task::Poll;
use std::time::Duration;

use rmix::{Runtime, RuntimeBuilder};
use rmix_provider::guest::{Begin, BoxFuture, Host, Link, Listener, Open, Provider, entry};
use rmix_provider::tables::{
    AbiWaker, CallOptions, Enc, Err, ProviderEntry, Reply, capability, cause, kind,
};

/// A test that takes longer hangs.
const HANGS: Duration = Duration::from_secs(60);

#[rmix::remote(namespace = "urn:lent")]
pub(crate) trait Nothing {
    async fn nothing(&self);
}

static ENTRY: ProviderEntry = entry::<Lent>();
static HOST: Mutex<Option<Host>> = Mutex::new(None);
static JOBS: LazyLock<Mutex<HashMap<String, BoxFuture<()>>>> = LazyLock::new(Mutex::default);

static RUNTIME: LazyLock<(Runtime, Host)> =
    LazyLock::new(|| another(Runtime::builder().worker_threads(1)));
/// Guards `HOST` while a runtime is built: it is told there who the host is.
static BUILDING: Mutex<()> = Mutex::new(());

/// A runtime of the test's own, and its host.
pub(crate) fn another(builder: RuntimeBuilder) -> (Runtime, Host) {
    let _building = BUILDING.lock().unwrap();
    let runtime = builder.with_linked(&ENTRY).build().expect("a runtime");
    let host = HOST.lock().unwrap().expect("the provider was started");
    (runtime, host)
}

/// The host.
pub(crate) fn host() -> Host {
    RUNTIME.1
}

/// Runs a test with a watchdog: one that hangs ends the process, and says which it was.
pub(crate) fn watched<T>(name: &str, test: impl FnOnce() -> T) -> T {
    let (done, waiting) = mpsc::channel::<()>();
    let name = name.to_owned();
    let dog = std::thread::spawn(move || {
        if waiting.recv_timeout(HANGS) == Err(mpsc::RecvTimeoutError::Timeout) {
            eprintln!("{name} hangs");
            std::process::abort();
        }
    });
    let result = test();
    drop(done);
    dog.join().expect("the watchdog does not panic");
    result
}

/// Runs a future on a task of the asynchronous half.
pub(crate) fn block_on<T>(name: &str, future: impl Future<Output = T>) -> T {
    watched(name, || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a tokio runtime");
        runtime.block_on(future)
    })
}

/// Runs a future on this thread, as a synchronous call runs: by poll(2), and no other thread.
pub(crate) fn on_this_thread<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> T {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let endpoint = format!("lent:{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let result = Arc::new(Mutex::new(None));
    let place = result.clone();
    let job = Box::pin(async move {
        let value = future.await;
        *place.lock().unwrap() = Some(value);
    });
    JOBS.lock().unwrap().insert(endpoint.clone(), job);
    let bound: Result<NothingStub, _> = RUNTIME.0.bind(&endpoint).timeout(HANGS).blocking();
    let why = bound.err().map(|failure| failure.to_string());
    let value = result.lock().unwrap().take();
    value.unwrap_or_else(|| panic!("the future did not end: {why:?}"))
}

struct Lent;

impl Provider for Lent {
    const NAME: &'static str = "lent";
    const VERSION: &'static str = "0";
    const SCHEMES: &'static str = "lent";
    const CAPABILITIES: u64 = capability::TWOWAY | capability::SELF_DESCRIBING;
    type Link = Never;
    type Listener = Never;

    fn new(host: Host) -> Result<Self, Err> {
        *HOST.lock().unwrap() = Some(host);
        Ok(Lent)
    }

    fn connect(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<Never>, Err>> {
        Box::pin(async move {
            let job = JOBS.lock().unwrap().remove(&open.endpoint);
            if let Some(job) = job {
                job.await;
            }
            Err(Err::new(kind::UNSUPPORTED, cause::OTHER, "done"))
        })
    }

    fn listen(self: &Arc<Self>, _: Open) -> BoxFuture<Result<Arc<Never>, Err>> {
        Box::pin(async { Err(Err::new(kind::UNSUPPORTED, cause::OTHER, "nothing listens")) })
    }
}

/// There is none.
enum Never {}

impl Link for Never {
    fn begin(
        &self,
        _: &rmix_provider::abi::describe::MethodDesc,
        _: u32,
        _: u32,
    ) -> Result<Begin, Err> {
        match *self {}
    }
    fn submit(&self, _: Enc, _: &CallOptions) -> Result<u64, Err> {
        match *self {}
    }
    fn abort(&self, _: Enc) {
        match *self {}
    }
    fn poll_call(&self, _: u64, _: &AbiWaker) -> Poll<Result<Reply, Err>> {
        match *self {}
    }
    fn drop_call(&self, _: u64) {
        match *self {}
    }
    fn poll_ready(&self, _: &AbiWaker) -> Poll<Result<(), Err>> {
        match *self {}
    }
    fn poll_flush(&self, _: &AbiWaker) -> Poll<Result<(), Err>> {
        match *self {}
    }
    fn poll_close(&self, _: &AbiWaker) -> Poll<Result<(), Err>> {
        match *self {}
    }
    fn abandon(&self) {
        match *self {}
    }
    fn is_open(&self) -> bool {
        match *self {}
    }
    fn describe(&self) -> String {
        match *self {}
    }
}

impl Listener for Never {
    fn endpoint(&self) -> String {
        match *self {}
    }
    fn poll_close(&self, _: &AbiWaker) -> Poll<Result<(), Err>> {
        match *self {}
    }
    fn abandon(&self) {
        match *self {}
    }
}
