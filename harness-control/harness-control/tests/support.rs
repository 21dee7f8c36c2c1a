//! What the tests share: members over Unix sockets in one process, and a machine that keeps a log. Judges
//! nothing.

use std::io::Write as _;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

use harness_control::{Change, Control, ControlConfig, Event, Events, Machine, RestoreError};
use harness_ring::{Failure, RequestId};
use rmix::Runtime;

/// A state: all payloads in order; what local changes were made is this member's own.
#[derive(Default)]
pub(crate) struct Lines {
    pub(crate) lines: Vec<Vec<u8>>,
    /// Payloads for which the local change fails.
    pub(crate) refuses: Option<Vec<u8>>,
    pub(crate) undone: Vec<RequestId>,
}

impl Machine for Lines {
    fn kind(&self) -> String {
        "lines 1".to_owned()
    }

    fn apply(&mut self, change: &Change<'_>) -> Vec<u8> {
        if change.done {
            self.lines.push(change.payload.to_vec());
        }
        let succeeded = change.results.values().filter(|result| result.is_ok());
        format!("{} {}", self.lines.len(), succeeded.count()).into_bytes()
    }

    fn query(&self, question: &[u8]) -> Vec<u8> {
        match question {
            b"undone" => self.undone.len().to_string().into_bytes(),
            _ => self.lines.concat(),
        }
    }

    fn perform(&mut self, _request: RequestId, payload: &[u8]) -> Result<Vec<u8>, Failure> {
        match &self.refuses {
            Some(refused) if refused == payload => Err(Failure::Failed),
            _ => Ok(b"ok".to_vec()),
        }
    }

    fn undo(&mut self, request: RequestId) {
        self.undone.push(request);
    }

    fn snapshot(&self) -> Vec<u8> {
        self.lines.join(&b'\n')
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        let lines = state.split(|byte| *byte == b'\n');
        let lines = lines.filter(|line| !line.is_empty());
        self.lines = lines.map(<[u8]>::to_vec).collect();
        Ok(())
    }
}

/// Where members listen.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Place {
        Place {
            folder: tempfile::tempdir().expect("a folder can be made"),
        }
    }

    pub(crate) fn endpoint(&self, name: &str) -> String {
        format!("msgpack+unix:{}", self.folder.path().join(name).display())
    }

    /// A member that founds, or joins by these.
    pub(crate) fn config(&self, name: &str, join: &[&str]) -> ControlConfig {
        let mut config = ControlConfig::new(name, vec![self.endpoint(name)]);
        config.join = join.iter().map(|name| self.endpoint(name)).collect();
        config
    }

    /// A member that takes part.
    pub(crate) async fn member(&self, name: &str, join: &[&str]) -> Member {
        Member::start(self.config(name, join), Lines::default()).await
    }
}

/// A member and what it tells.
pub(crate) struct Member {
    pub(crate) control: Control,
    pub(crate) events: Events,
    /// All events that were waited for.
    pub(crate) seen: Vec<Event>,
    /// Its own: dropped with it, its sockets are closed as after a crash.
    _runtime: Runtime,
}

impl Member {
    pub(crate) async fn start(config: ControlConfig, machine: Lines) -> Member {
        let runtime = runtime();
        let control = Control::join(&runtime, config, machine).await;
        let control = control.unwrap_or_else(|error| panic!("{error}: {error:?}"));
        Member {
            events: control.events(),
            control,
            seen: Vec::new(),
            _runtime: runtime,
        }
    }

    /// Waits for an event that is meant.
    pub(crate) async fn wait(&mut self, mut is_it: impl FnMut(&Event) -> bool) -> Event {
        loop {
            let event = self.events.next().await.expect("not lagged");
            let event = event.expect("it has not ended");
            self.seen.push(event.clone());
            if is_it(&event) {
                return event;
            }
        }
    }

    /// Waits until so many are in the view.
    pub(crate) async fn wait_for_members(&mut self, count: usize) {
        self.wait(|event| matches!(event, Event::View { members, .. } if members.len() == count))
            .await;
    }

    pub(crate) async fn submit(&self, text: &str) -> String {
        let answer = self.control.submit(text.as_bytes().to_vec()).await;
        let answer = answer.unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(answer.done, "{text}");
        String::from_utf8(answer.reply).expect("text")
    }

    /// The state at this member once its log is as long as `position`.
    pub(crate) async fn lines(&self, position: u64) -> String {
        while self.status().await.position < position {
            tokio::task::yield_now().await;
        }
        let lines = self
            .control
            .query(Vec::new())
            .await
            .expect("it has the state");
        String::from_utf8(lines).expect("text")
    }

    pub(crate) async fn status(&self) -> harness_control::Status {
        self.control.status().await.expect("it has not ended")
    }
}

pub(crate) fn runtime() -> Runtime {
    Runtime::builder()
        .with_linked(&rmix_msgpack::plugin::rmix_provider_v1_msgpack)
        .build()
        .expect("a provider that is linked in is there")
}

/// Runs a test; one that hangs ends the whole run.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let _watchdog = watchdog();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a tokio runtime can be started");
    runtime.block_on(future)
}

/// Far beyond what any test takes, on any machine.
const HANGS_AFTER: Duration = Duration::from_secs(300);

fn watchdog() -> Sender<()> {
    let (alive, ended) = mpsc::channel::<()>();
    let name = std::thread::current().name().unwrap_or("a test").to_owned();
    std::thread::spawn(move || {
        if ended.recv_timeout(HANGS_AFTER) == Err(RecvTimeoutError::Timeout) {
            let _ = writeln!(
                std::io::stderr(),
                "{name} hangs: given up after {HANGS_AFTER:?}"
            );
            std::process::exit(101);
        }
    });
    alive
}
