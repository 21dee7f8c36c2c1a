//! iceoryx2: requests and answers in shared memory that both ends loan, either looked for without rest ("spin") or after
//! the other end's event ("event"). Its services and what it leaves in the file system are named after the benchmark.

use std::path::Path;

use iceoryx2::port::client::Client as RequestPort;
use iceoryx2::port::listener::Listener;
use iceoryx2::port::notifier::Notifier;
use iceoryx2::port::server::Server;
use iceoryx2::prelude::*;
use iceoryx2::service::port_factory::request_response::PortFactory as Requests;

use crate::drive::{Calls, Flights};
use crate::error::BenchError;

/// The links' names.
pub(crate) const SPIN: &str = "iceoryx2 spin";
pub(crate) const EVENT: &str = "iceoryx2 event";

/// What a request is for; the header of each.
const NULL: u64 = 0;
const ECHO: u64 = 1;
const SUM: u64 = 2;
const POST: u64 = 3;
const COUNT: u64 = 4;

/// Requests that a client may have sent and not seen answered. Both ends reserve room for all that all could send, so that
/// larger numbers take seconds to begin with.
const ACTIVE_MAX: usize = 64;
/// Slices that are there from the start; larger ones are loaned from further segments.
const SLICE_BYTES: usize = 1 << 20;

type Host = ipc::Service;
type Service = Requests<Host, [u8], u64, [u8], u64>;
type Pending = iceoryx2::pending_response::PendingResponse<Host, [u8], u64, [u8], u64>;
type Active = iceoryx2::active_request::ActiveRequest<Host, [u8], u64, [u8], u64>;

/// What names in `/dev/shm` begin with, of all processes that were given this folder.
fn prefix(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default();
    format!("{}-", name.to_string_lossy())
}

/// Removes what killed processes have left in shared memory.
pub(crate) fn sweep(folder: &Path) {
    let prefix = prefix(folder);
    for entry in std::fs::read_dir("/dev/shm")
        .into_iter()
        .flatten()
        .flatten()
    {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            // It can only be gone already.
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

fn failed<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> BenchError {
    BenchError::peer(what)
}

fn node(folder: &Path) -> Result<Node<Host>, BenchError> {
    // It would speak of services that a process before left behind.
    set_log_level(LogLevel::Fatal);
    let mut config = Config::default();
    let prefix = prefix(folder);
    config.global.prefix = FileName::new(prefix.as_bytes()).map_err(failed("iceoryx2: prefix"))?;
    let root = folder.to_string_lossy();
    let root = iceoryx2::prelude::Path::new(root.as_bytes());
    config
        .global
        .set_root_path(&root.map_err(failed("iceoryx2: folder"))?);
    let node = NodeBuilder::new().config(&config).create::<Host>();
    node.map_err(failed("iceoryx2: node"))
}

fn service(node: &Node<Host>, name: &str) -> Result<Service, BenchError> {
    let name = ServiceName::new(name).map_err(failed("iceoryx2: name"))?;
    let octets = Alignment::new(8).expect("eight is a power of two");
    let service = node
        .service_builder(&name)
        .request_response::<[u8], [u8]>()
        .request_user_header::<u64>()
        .response_user_header::<u64>()
        .request_payload_alignment(octets)
        .response_payload_alignment(octets)
        .max_active_requests_per_client(ACTIVE_MAX)
        .max_response_buffer_size(1)
        .max_servers(1)
        .max_clients(1)
        .max_nodes(2)
        .enable_safe_overflow_for_requests(false)
        .enable_fire_and_forget_requests(true)
        .open_or_create();
    service.map_err(failed("iceoryx2: service"))
}

/// How an end learns that something has come.
enum Bell {
    /// It looks.
    Looks,
    /// It sleeps until the other end rings.
    Rings {
        listener: Box<Listener<Host>>,
        notifier: Box<Notifier<Host>>,
    },
}

impl Bell {
    /// For one end: what it hears, what it rings.
    fn new(node: &Node<Host>, peer: &str, own: &str, other: &str) -> Result<Bell, BenchError> {
        if peer == SPIN {
            return Ok(Bell::Looks);
        }
        let event = |name: &str| {
            let name = ServiceName::new(name).map_err(failed("iceoryx2: name"))?;
            let event = node.service_builder(&name).event().open_or_create();
            event.map_err(failed("iceoryx2: event"))
        };
        let listener = event(own)?.listener_builder().create();
        let notifier = event(other)?.notifier_builder().create();
        Ok(Bell::Rings {
            listener: Box::new(listener.map_err(failed("iceoryx2: listener"))?),
            notifier: Box::new(notifier.map_err(failed("iceoryx2: notifier"))?),
        })
    }

    fn wait(&self) -> Result<(), BenchError> {
        match self {
            Bell::Looks => {
                std::hint::spin_loop();
                Ok(())
            }
            Bell::Rings { listener, .. } => {
                let heard = listener.blocking_wait(|_| {});
                heard.map(drop).map_err(failed("iceoryx2: wait"))
            }
        }
    }

    fn ring(&self) -> Result<(), BenchError> {
        match self {
            Bell::Looks => Ok(()),
            Bell::Rings { notifier, .. } => {
                let rung = notifier.notify();
                rung.map(drop).map_err(failed("iceoryx2: notify"))
            }
        }
    }
}

fn names(name: &str) -> [String; 2] {
    [format!("{name}-asked"), format!("{name}-answered")]
}

/// Serves until whoever started it is gone.
pub(crate) fn serve(peer: &str, folder: &Path) -> Result<(), BenchError> {
    let name = format!("bench-{}", std::process::id());
    let node = node(folder)?;
    let service = service(&node, &name)?;
    let server: Server<Host, [u8], u64, [u8], u64> = service
        .server_builder()
        .initial_max_slice_len(SLICE_BYTES)
        .allocation_strategy(AllocationStrategy::PowerOfTwo)
        .backpressure_strategy(BackpressureStrategy::RetryUntilDelivered)
        .create()
        .map_err(failed("iceoryx2: server"))?;
    let [asked, answered] = names(&name);
    let bell = Bell::new(&node, peer, &asked, &answered)?;
    println!("READY {name}");
    let mut posts = 0;
    loop {
        match server.receive().map_err(failed("iceoryx2: receive"))? {
            None => bell.wait()?,
            Some(request) if *request.user_header() == POST => posts += 1,
            Some(request) => {
                answer(&request, posts)?;
                bell.ring()?;
            }
        }
    }
}

/// Answers one request: the result is the header, bytes are the payload.
fn answer(request: &Active, posts: u64) -> Result<(), BenchError> {
    let (result, bytes): (u64, &[u8]) = match *request.user_header() {
        ECHO => (0, request.payload()),
        SUM => {
            let sum: f64 = bytemuck::cast_slice::<u8, f64>(request.payload())
                .iter()
                .sum();
            (sum.to_bits(), &[])
        }
        COUNT => (posts, &[]),
        _ => (0, &[]),
    };
    let answer = request.loan_slice_uninit(bytes.len());
    let mut answer = answer.map_err(failed("iceoryx2: loan"))?;
    *answer.user_header_mut() = result;
    let answer = answer.write_from_slice(bytes);
    answer.send().map_err(failed("iceoryx2: answer"))
}

/// A client.
pub(crate) struct Client {
    port: RequestPort<Host, [u8], u64, [u8], u64>,
    bell: Bell,
    // What the ports above belong to.
    _service: Service,
    _node: Node<Host>,
}

/// Connects to the server of a name.
pub(crate) fn connect(peer: &str, name: &str, folder: &Path) -> Result<Client, BenchError> {
    let node = node(folder)?;
    let service = service(&node, name)?;
    let port = service
        .client_builder()
        .initial_max_slice_len(SLICE_BYTES)
        .allocation_strategy(AllocationStrategy::PowerOfTwo)
        .backpressure_strategy(BackpressureStrategy::RetryUntilDelivered)
        .create()
        .map_err(failed("iceoryx2: client"))?;
    let [asked, answered] = names(name);
    Ok(Client {
        port,
        bell: Bell::new(&node, peer, &answered, &asked)?,
        _service: service,
        _node: node,
    })
}

impl Client {
    fn send(&self, what: u64, bytes: &[u8]) -> Result<Pending, BenchError> {
        let request = self.port.loan_slice_uninit(bytes.len());
        let mut request = request.map_err(failed("iceoryx2: loan"))?;
        *request.user_header_mut() = what;
        let sent = request.write_from_slice(bytes).send();
        let pending = sent.map_err(failed("iceoryx2: send"))?;
        self.bell.ring()?;
        Ok(pending)
    }

    /// Waits for the answer and takes from header and payload what is wanted.
    fn answer<T>(
        &self,
        pending: &Pending,
        take: impl FnOnce(u64, &[u8]) -> T,
    ) -> Result<T, BenchError> {
        loop {
            let answer = pending.receive().map_err(failed("iceoryx2: receive"))?;
            if let Some(answer) = answer {
                return Ok(take(*answer.user_header(), answer.payload()));
            }
            self.bell.wait()?;
        }
    }

    fn number(&self, what: u64, bytes: &[u8]) -> Result<u64, BenchError> {
        self.answer(&self.send(what, bytes)?, |result, _| result)
    }
}

impl Calls for Client {
    fn null(&self) -> Result<(), BenchError> {
        self.number(NULL, &[]).map(drop)
    }

    fn echo(&self, bytes: Vec<u8>) -> Result<Vec<u8>, BenchError> {
        self.answer(&self.send(ECHO, &bytes)?, |_, echoed| echoed.to_vec())
    }

    fn sum(&self, values: Vec<f64>) -> Result<f64, BenchError> {
        let sum = self.number(SUM, bytemuck::cast_slice(&values));
        sum.map(f64::from_bits)
    }

    fn sum_octets(&self, octets: Vec<u8>) -> Result<f64, BenchError> {
        self.number(SUM, &octets).map(f64::from_bits)
    }

    fn post(&self, bytes: Vec<u8>) -> Result<(), BenchError> {
        self.send(POST, &bytes).map(drop)
    }

    fn count(&self) -> Result<u64, BenchError> {
        self.number(COUNT, &[])
    }
}

impl Flights for Client {
    type Flight = Pending;

    fn depart(&self) -> Result<Pending, BenchError> {
        self.send(NULL, &[])
    }

    fn arrive(&self, flight: Pending) -> Result<(), BenchError> {
        self.answer(&flight, |_, _| ())
    }
}
