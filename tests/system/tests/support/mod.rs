//! What the tests share: where the shared objects are, a watchdog, the other process, the peers. Judges nothing.

mod peers;
mod process;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use rmix::{Limits, Runtime, RuntimeBuilder};

pub(crate) use peers::{
    c_diverse, c_station, kept_peers, neovim, ok, python_station, there, xdr_library,
};
pub(crate) use process::{Helper, HelperLine, built_program, helper_program};

/// The providers under test.
pub(crate) const PROVIDERS: [&str; 4] = ["msgpack", "pipe", "shm", "sunrpc"];

/// The directory of this executable, where the shared objects of the providers are.
pub(crate) fn providers_folder() -> PathBuf {
    let program = std::env::current_exe().expect("Linux knows its executables");
    let folder = program
        .parent()
        .expect("an executable is in a directory")
        .to_path_buf();
    for name in PROVIDERS {
        let file = provider_file(&folder, name);
        assert!(
            file.is_file(),
            "{} is not there: the shared objects of the providers are built as dev-dependencies of this crate, by \
             `cargo test -p rmix-system-tests`",
            file.display()
        );
    }
    folder
}

/// The file of a provider in a directory.
pub(crate) fn provider_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("librmix_{name}.so"))
}

/// A runtime in the making, with the shared objects.
pub(crate) fn builder() -> RuntimeBuilder {
    Runtime::builder()
        .provider_path(providers_folder())
        .providers(&PROVIDERS.join(","))
}

/// A runtime with the shared objects and default limits.
pub(crate) fn runtime() -> Runtime {
    builder().build().expect("the shared objects can be loaded")
}

/// A runtime whose listeners take one connection.
pub(crate) fn runtime_of_one_connection() -> Runtime {
    let mut limits = Limits::default();
    limits.connections = 1;
    limits.connections_per_peer = 1;
    let built = builder().limits(limits).build();
    built.expect("the shared objects can be loaded")
}

/// Ends the whole run when a test takes so long that it can only hang. No test is judged by its time.
pub(crate) struct Watchdog {
    _alive: Sender<()>,
}

/// Far beyond what any test takes, on any machine.
const HANGS_AFTER: Duration = Duration::from_secs(900);

impl Watchdog {
    pub(crate) fn start() -> Watchdog {
        let (alive, ended) = mpsc::channel::<()>();
        let name = std::thread::current().name().unwrap_or("a test").to_owned();
        std::thread::Builder::new()
            .name("watchdog".to_owned())
            .spawn(move || {
                if ended.recv_timeout(HANGS_AFTER) == Err(RecvTimeoutError::Timeout) {
                    // Past the test runner's capture, which would be lost.
                    let _ = writeln!(
                        std::io::stderr(),
                        "{name} hangs: given up after {HANGS_AFTER:?}"
                    );
                    std::process::exit(101);
                }
            })
            .expect("a thread can be started");
        Watchdog { _alive: alive }
    }
}

/// Runs a future on a runtime of its own.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let _watchdog = Watchdog::start();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a tokio runtime can be started");
    runtime.block_on(future)
}

/// Runs blocking work off the runtime's threads.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|failure| std::panic::resume_unwind(failure.into_panic()))
}
