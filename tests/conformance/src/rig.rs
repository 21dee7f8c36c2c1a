//! What a case works with: runtimes with the provider under test, an exported object, stubs, taps and raw peers; and the
//! watchdog that ends a case that hangs.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use rmix::{Exported, Limits, Runtime};
use tempfile::TempDir;

use crate::child;
use crate::fixture::{Fixture, Linkage, Transport};
use crate::interface::{ConformanceSkeleton, ConformanceStub};
use crate::object::Object;
use crate::raw::{RawListener, RawStream};
use crate::tap::{Heard, Tap};

/// Time after which a case counts as hung: long, so that a loaded machine fails nothing.
const WATCHDOG: Duration = Duration::from_secs(600);
/// Deadline of calls that are to succeed: long, so that a loaded machine fails nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// The provider under test, for one case.
pub struct Rig {
    fixture: Box<dyn Fixture>,
    linkage: Linkage,
    folder: TempDir,
}

/// An exported object.
pub struct Server {
    /// Where it is reached.
    pub endpoint: String,
    /// Its runtime and itself, unless it is in another process.
    pub local: Option<Local>,
}

/// An object exported by this process.
pub struct Local {
    /// The runtime that exports it.
    pub runtime: Runtime,
    /// The object, to look at it and to open gates without a call.
    pub object: Arc<Object>,
    /// Taken to unexport it.
    pub exported: Option<Exported>,
}

/// An exported object and a stub for it.
pub struct Pair {
    /// The object's side.
    pub server: Server,
    /// The stub's runtime.
    pub runtime: Runtime,
    /// The stub.
    pub stub: ConformanceStub,
}

/// Runs one case, unless the fixture leaves it out; a case that panics or hangs fails.
pub fn run(name: &str, fixture: impl Fixture, linkage: Linkage, case: fn(&Rig)) {
    let left_out = fixture.leaves_out().iter().find(|(case, _)| *case == name);
    if let Some((_, reason)) = left_out {
        println!("left out: {reason}");
        return;
    }
    let rig = Rig {
        fixture: Box::new(fixture),
        linkage,
        folder: TempDir::new().expect("there is room for a folder"),
    };
    let (done, finished) = mpsc::channel();
    let body = move || {
        let outcome = catch_unwind(AssertUnwindSafe(|| case(&rig)));
        // Fails only when the watchdog has given up.
        let _ = done.send(outcome);
    };
    let thread = std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(body);
    drop(thread.expect("there is room for a thread"));
    match finished.recv_timeout(WATCHDOG) {
        Ok(Ok(())) => {}
        Ok(Err(panic)) => resume_unwind(panic),
        Err(_) => panic!("`{name}` hangs: it was not done after {WATCHDOG:?}"),
    }
}

/// The limits that cases start from.
pub fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.call_deadline = PATIENCE;
    limits
}

/// The default limits with some changed.
pub fn limits_with(change: impl FnOnce(&mut Limits)) -> Limits {
    let mut limits = limits();
    change(&mut limits);
    limits
}

impl Rig {
    /// What is known of the provider.
    pub fn fixture(&self) -> &dyn Fixture {
        &*self.fixture
    }

    /// Whether the case needs a capability that the provider does not claim; says so.
    pub fn lacks(&self, capability: &str) -> bool {
        let lacks = !self.fixture.claims().contains(&capability);
        if lacks {
            println!(
                "skipped: {} does not claim {capability}",
                self.fixture.name()
            );
        }
        lacks
    }

    /// Whether the case cannot be played on this transport; says so.
    pub fn skips(&self, unless: bool, why: &str) -> bool {
        if !unless {
            println!("skipped on {:?}: {why}", self.fixture.transport());
        }
        !unless
    }

    /// Whether no test can play a peer here; says so.
    pub fn cannot_be_raw(&self) -> bool {
        let raw = self.fixture.transport().can_be_raw();
        self.skips(raw, "no test can play a peer byte by byte")
    }

    /// Whether only one peer can be connected at a time; says so.
    pub fn takes_one_peer(&self) -> bool {
        let many = self.fixture.transport().takes_many_peers();
        self.skips(many, "one peer at a time")
    }

    /// Whether the object is out of this process; says so.
    pub fn is_remote(&self) -> bool {
        let local = !matches!(self.fixture.transport(), Transport::Child(_));
        self.skips(local, "the object is in another process")
    }

    /// The case's own folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A folder in the case's own, for one endpoint.
    fn fresh_folder(&self) -> PathBuf {
        let folder = tempfile::Builder::new().tempdir_in(self.folder());
        folder.expect("there is room for a folder").keep()
    }

    /// The provider's file.
    pub fn file(&self) -> PathBuf {
        self.fixture.object_file()
    }

    /// A runtime with the provider.
    pub fn runtime(&self, limits: Limits) -> Runtime {
        let builder = Runtime::builder().limits(limits);
        let builder = match self.linkage {
            Linkage::Linked => builder.with_linked(self.fixture.linked()),
            Linkage::Shared => builder.provider_file(self.file()),
        };
        builder.build().expect("the provider fits this build")
    }

    /// An exported object.
    pub fn server(&self, limits: Limits) -> Server {
        let endpoint = self.fixture.endpoint(&self.fresh_folder());
        if let Transport::Child(program) = self.fixture.transport() {
            let file = (self.linkage == Linkage::Shared).then(|| self.file());
            let file = file.map(|file| file.display().to_string());
            let arguments = child::arguments(file.as_deref(), &limits);
            return Server {
                endpoint: format!("{endpoint}{} {arguments}", program.display()),
                local: None,
            };
        }
        let runtime = self.runtime(limits);
        let object = Arc::new(Object::default());
        let skeleton = ConformanceSkeleton::from_arc(object.clone());
        let exported = runtime
            .export_blocking(skeleton, [endpoint])
            .expect("the endpoint is fresh");
        Server {
            endpoint: exported.endpoints()[0].as_str().to_owned(),
            local: Some(Local {
                runtime,
                object,
                exported: Some(exported),
            }),
        }
    }

    /// An exported object and a stub, both with default limits.
    pub fn pair(&self) -> Pair {
        self.pair_with(limits(), limits())
    }

    /// An exported object and a stub with these limits.
    pub fn pair_with(&self, server: Limits, client: Limits) -> Pair {
        let server = self.server(server);
        let runtime = self.runtime(client);
        let stub = bind(&runtime, &server.endpoint);
        Pair {
            server,
            runtime,
            stub,
        }
    }

    /// A tap in front of an endpoint.
    pub fn tap(&self, endpoint: &str) -> Tap {
        Tap::before(&self.fixture.transport(), endpoint, self.folder())
    }

    /// A peer played by the test, connected to an exported object.
    pub fn raw(&self, endpoint: &str) -> RawStream {
        RawStream::connect(&self.fixture.transport(), endpoint).expect("the object is exported")
    }

    /// A place where the test waits for links, and its endpoint.
    pub fn raw_listener(&self) -> (RawListener, String) {
        let like = self.fixture.endpoint(&self.fresh_folder());
        RawListener::bind(&self.fixture.transport(), &like, self.folder())
            .expect("this host has a free port and room for a socket")
    }

    /// The bytes of the first call of a link and of its answer: `add(left, right)`.
    pub fn overhear_add(&self, left: i64, right: i64) -> Heard {
        self.overhear(|stub| {
            assert_eq!(
                stub.blocking()
                    .add(left, right)
                    .expect("a plain call works"),
                left + right
            );
        })
    }

    /// The bytes of what `calls` does on a link of its own.
    pub fn overhear(&self, calls: impl FnOnce(&ConformanceStub)) -> Heard {
        let server = self.server(limits());
        let tap = self.tap(&server.endpoint);
        let runtime = self.runtime(limits());
        let stub = bind(&runtime, &tap.endpoint);
        calls(&stub);
        tap.heard()
    }
}

/// A stub, made by a plain thread.
pub fn bind(runtime: &Runtime, endpoint: &str) -> ConformanceStub {
    let bound = runtime.bind::<ConformanceStub>(endpoint).blocking();
    bound.expect("the object is exported")
}

/// Drives asynchronous calls, on two workers.
pub fn asynchronously<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("there is room for two threads")
        .block_on(future)
}

/// Opens a gate of an object in this process, without a call.
pub fn open_gate(local: &Local, gate: u32) {
    use crate::interface::Conformance as _;
    asynchronously(local.object.open(gate));
}

/// Waits until so many calls stand at a gate of an object in this process.
pub fn wait_for_arrivals(local: &Local, gate: u32, count: u64) {
    use crate::interface::Conformance as _;
    asynchronously(local.object.arrived(gate, count));
}
