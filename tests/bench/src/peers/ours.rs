//! Ours: the measured interface over each provider, both as server and as client, and the commands by which this
//! program starts itself as either.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};

use super::Job;
use crate::drive::{AsyncCalls, Calls};
use crate::error::BenchError;
use crate::measure::Measure;
use crate::options::{Call, Serve};
use crate::place::Placement;
use crate::process::Tools;

/// The link over SOAP.
pub(crate) const SOAP: &str = "soap+http";

/// How long opening a link may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a slash may be repeated.
const SLASHES: u32 = 16;

/// What is measured.
#[rmix::remote(
    namespace = "urn:rmix:bench",
    sunrpc(program = 0x2000_0099, version = 1)
)]
pub(crate) trait Bench {
    /// Nothing.
    #[rmix(procedure = 1, name = "nothing")]
    async fn null(&self);
    /// The same bytes.
    #[rmix(procedure = 2)]
    async fn echo(&self, bytes: Vec<u8>) -> Vec<u8>;
    /// The sum.
    #[rmix(procedure = 3)]
    async fn sum(&self, values: Vec<f64>) -> f64;
    /// Counted, not answered.
    #[rmix(procedure = 4, oneway)]
    async fn post(&self, bytes: Vec<u8>);
    /// How many were posted.
    #[rmix(procedure = 5)]
    async fn count(&self) -> u64;
    /// The sum of numbers of 8 bytes, the lowest byte first.
    #[rmix(procedure = 6)]
    async fn sum_octets(&self, octets: Vec<u8>) -> f64;
}

/// The object.
#[derive(Default)]
struct Counter {
    posts: AtomicU64,
}

impl Bench for Counter {
    async fn null(&self) {}

    async fn echo(&self, bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }

    async fn sum(&self, values: Vec<f64>) -> f64 {
        values.iter().sum()
    }

    async fn post(&self, _bytes: Vec<u8>) {
        self.posts.fetch_add(1, Ordering::Relaxed);
    }

    async fn count(&self) -> u64 {
        self.posts.load(Ordering::Relaxed)
    }

    async fn sum_octets(&self, octets: Vec<u8>) -> f64 {
        let (numbers, _) = octets.as_chunks();
        numbers.iter().copied().map(f64::from_le_bytes).sum()
    }
}

/// The server's command; a pipe's server is the client's child.
pub(crate) fn serve_command(tools: &Tools, peer: &str, placement: Placement) -> Option<Command> {
    if peer == "pipe" {
        return None;
    }
    let mut command = tools.this();
    command
        .args(["serve", peer, "--core"])
        .arg(placement.server_core().to_string())
        .arg("--folder")
        .arg(&tools.folder)
        .arg("--from")
        .arg(&tools.providers);
    Some(command)
}

/// The client's command.
pub(crate) fn call_command(tools: &Tools, peer: &str, job: &Job<'_>) -> Command {
    let mut command = tools.this();
    command
        .args(["call", peer, &job.measure.word(), "--address", job.address])
        .args(["--milliseconds", &job.milliseconds.to_string()])
        .args(["--core", &job.placement.client_core().to_string()])
        .args(["--server-core", &job.placement.server_core().to_string()])
        .args(["--server", &job.server.to_string()])
        .arg("--folder")
        .arg(&tools.folder)
        .arg("--from")
        .arg(&tools.providers);
    command
}

/// Serves until the peer of a pipe, or whoever started it, is gone.
pub(crate) fn serve(work: &Serve) -> Result<(), BenchError> {
    let runtime = runtime(&work.peer, &work.from)?;
    let endpoint = match work.peer.as_str() {
        "msgpack+tcp" => "msgpack+tcp://127.0.0.1:0".to_owned(),
        "msgpack+unix" => {
            let path = work.folder.join(format!("ours-{}", std::process::id()));
            format!("msgpack+unix:{}", path.display())
        }
        "pipe" => "pipe+fd:0,1".to_owned(),
        "shm" => {
            let folder = work.folder.display();
            format!("shm:ours-{}?folder={folder}", std::process::id())
        }
        SOAP => format!("{SOAP}://127.0.0.1:0/bench"),
        "sunrpc+tcp" | "sunrpc+udp" => format!("{}://127.0.0.1:0/0x20000099/1", work.peer),
        other => {
            return Err(BenchError::Unknown {
                word: other.to_owned(),
            });
        }
    };
    let exported = runtime
        .export_blocking(BenchSkeleton::new(Counter::default()), [&endpoint])
        .map_err(BenchError::call("export"))?;
    if work.peer != "pipe" {
        for endpoint in exported.endpoints() {
            println!("READY {endpoint}");
        }
    }
    wait_for_end()
}

/// Waits until nobody holds the other end of standard input, without reading from it.
fn wait_for_end() -> Result<(), BenchError> {
    let input = rustix::stdio::stdin();
    let mut fds = [PollFd::new(&input, PollFlags::empty())];
    poll(&mut fds, None).map_err(BenchError::system("poll"))?;
    Ok(())
}

/// Binds to the measured object.
pub(crate) fn bind(work: &Call) -> Result<rmix::Bind<BenchStub>, BenchError> {
    let bind = runtime(&work.peer, &work.from)?.bind(target(work)?);
    Ok(bind.timeout(PATIENCE))
}

/// What makes links to the same object, as many as wanted, all in one runtime: stubs share a link where their endpoints
/// are spelled the same, so each is spelled in a way of its own.
pub(crate) fn binder(
    work: &Call,
) -> Result<impl Fn(u32) -> Result<BenchStub, BenchError>, BenchError> {
    let runtime = runtime(&work.peer, &work.from)?;
    let target = target(work)?;
    Ok(move |number| {
        let bind = runtime.bind::<BenchStub>(spelling(&target, number));
        let bound = bind.timeout(PATIENCE).blocking();
        bound.map_err(BenchError::call("bind"))
    })
}

/// The same endpoint in other characters: zeros before the port, or slashes in the path.
fn spelling(endpoint: &str, number: u32) -> String {
    if let Some((before, after)) = endpoint.split_once("127.0.0.1:") {
        let zeros = "0".repeat(usize::try_from(number).expect("it is small"));
        return format!("{before}127.0.0.1:{zeros}{after}");
    }
    // Few of them at each place, for the path of a socket may not be long, and none at its begin, where two are a host.
    let mut rest = number;
    let mut spelled = String::new();
    for character in endpoint.chars() {
        spelled.push(character);
        if character == '/' && !spelled.ends_with(":/") {
            (0..rest % SLASHES).for_each(|_| spelled.push('/'));
            rest /= SLASHES;
        }
    }
    spelled
}

fn target(work: &Call) -> Result<String, BenchError> {
    Ok(match work.peer.as_str() {
        "pipe" => format!("pipe+exec:{}", child_command(work)?),
        SOAP => soap_target(work),
        _ if work.address.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("{}://127.0.0.1:{}/0x20000099/1", work.peer, work.address)
        }
        _ => work.address.clone(),
    })
}

/// Ours, or a peer at a URL; octets travel beside the envelope in the measure that is about that.
fn soap_target(work: &Call) -> String {
    let octets = work.measure == Measure::SumOctets.word();
    let options = if octets { "?mtom=1024" } else { "" };
    let address = work
        .address
        .strip_prefix("http")
        .map(|rest| format!("soap+http{rest}"));
    let address = address.as_ref().unwrap_or(&work.address);
    format!("{address}{options}")
}

/// This program as the server of a pipe.
fn child_command(work: &Call) -> Result<String, BenchError> {
    let this = std::env::current_exe().map_err(BenchError::system("current_exe"))?;
    Ok(format!(
        "{} serve pipe --core {} --folder {} --from {}",
        this.display(),
        work.server_core,
        work.folder.display(),
        work.from.display()
    ))
}

fn runtime(peer: &str, from: &Path) -> Result<rmix::Runtime, BenchError> {
    let provider = peer.split('+').next().unwrap_or(peer);
    rmix::Runtime::builder()
        .provider_path(from)
        .providers(provider)
        .limits(limits())
        .build()
        .map_err(BenchError::call("loading the provider"))
}

/// Messages may be as large as the largest echo, as text, and one process may hold many links.
fn limits() -> rmix::Limits {
    let mut limits = rmix::Limits::default();
    limits.message_bytes = 64 << 20;
    limits.connections_per_peer = limits.connections;
    limits
}

impl Calls for BenchStub {
    fn null(&self) -> Result<(), BenchError> {
        self.blocking().null().map_err(BenchError::call("null"))
    }

    fn echo(&self, bytes: Vec<u8>) -> Result<Vec<u8>, BenchError> {
        let echoed = self.blocking().echo(bytes);
        echoed.map_err(BenchError::call("echo"))
    }

    fn sum(&self, values: Vec<f64>) -> Result<f64, BenchError> {
        let sum = self.blocking().sum(values);
        sum.map_err(BenchError::call("sum"))
    }

    fn sum_octets(&self, octets: Vec<u8>) -> Result<f64, BenchError> {
        let sum = self.blocking().sum_octets(octets);
        sum.map_err(BenchError::call("sum of octets"))
    }

    fn post(&self, bytes: Vec<u8>) -> Result<(), BenchError> {
        let posted = self.blocking().post(bytes);
        posted.map_err(BenchError::call("post"))
    }

    fn count(&self) -> Result<u64, BenchError> {
        self.blocking().count().map_err(BenchError::call("count"))
    }
}

impl AsyncCalls for BenchStub {
    async fn null(&self) -> Result<(), BenchError> {
        self.null().await.map_err(BenchError::call("null"))
    }

    async fn echo(&self, bytes: Vec<u8>) -> Result<Vec<u8>, BenchError> {
        self.echo(bytes).await.map_err(BenchError::call("echo"))
    }

    async fn sum(&self, values: Vec<f64>) -> Result<f64, BenchError> {
        self.sum(values).await.map_err(BenchError::call("sum"))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::spelling;

    #[test]
    fn an_endpoint_has_hundreds_of_spellings() {
        for endpoint in ["soap+http://127.0.0.1:70/bench", "msgpack+unix:/tmp/a/b"] {
            let all: BTreeSet<_> = (0..256).map(|number| spelling(endpoint, number)).collect();
            assert_eq!(all.len(), 256);
            assert!(all.contains(endpoint));
        }
        assert_eq!(spelling("shm:x?folder=/tmp/a", 17), "shm:x?folder=//tmp//a");
    }
}
