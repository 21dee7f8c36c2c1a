//! ipc-channel, Servo's channels between processes over Unix sockets: two of them, one for each direction, with the same
//! calls as values. One client for each server: a channel has one sender's end that is handed over.

use std::cell::RefCell;

use ipc_channel::ipc::{self, IpcOneShotServer, IpcReceiver, IpcSender};
use serde::{Deserialize, Serialize};

use crate::drive::Calls;
use crate::error::BenchError;

/// What is asked.
#[derive(Serialize, Deserialize)]
enum Request {
    Null,
    Echo(Vec<u8>),
    Sum(Vec<f64>),
    Post(Vec<u8>),
    Count,
}

/// What is answered; nothing to a post.
#[derive(Serialize, Deserialize)]
enum Reply {
    Null,
    Echo(Vec<u8>),
    Sum(f64),
    Count(u64),
}

type Ends = (IpcReceiver<Request>, IpcSender<Reply>);

/// Serves one client until it is gone.
pub(crate) fn serve() -> Result<(), BenchError> {
    let (server, name) = IpcOneShotServer::<Ends>::new().map_err(failed("ipc-channel: new"))?;
    println!("READY {name}");
    let (_, (requests, replies)) = server.accept().map_err(failed("ipc-channel: accept"))?;
    let mut posts = 0;
    while let Ok(request) = requests.recv() {
        let reply = match request {
            Request::Null => Reply::Null,
            Request::Echo(bytes) => Reply::Echo(bytes),
            Request::Sum(values) => Reply::Sum(values.iter().sum()),
            Request::Count => Reply::Count(posts),
            Request::Post(_) => {
                posts += 1;
                continue;
            }
        };
        replies.send(reply).map_err(failed("ipc-channel: send"))?;
    }
    Ok(())
}

/// A client.
pub(crate) struct Client {
    requests: IpcSender<Request>,
    /// Not shared: one call at a time.
    replies: RefCell<IpcReceiver<Reply>>,
}

/// Connects to a server by its name.
pub(crate) fn connect(name: &str) -> Result<Client, BenchError> {
    let (requests, to_serve) = ipc::channel().map_err(failed("ipc-channel: channel"))?;
    let (to_answer, replies) = ipc::channel().map_err(failed("ipc-channel: channel"))?;
    let ends = IpcSender::<Ends>::connect(name.to_owned());
    let ends = ends.map_err(failed("ipc-channel: connect"))?;
    let handed = ends.send((to_serve, to_answer));
    handed.map_err(failed("ipc-channel: hand over"))?;
    Ok(Client {
        requests,
        replies: RefCell::new(replies),
    })
}

fn failed<E: std::fmt::Display>(what: &'static str) -> impl Fn(E) -> BenchError {
    BenchError::peer(what)
}

impl Client {
    fn call(&self, request: Request) -> Result<Reply, BenchError> {
        let sent = self.requests.send(request);
        sent.map_err(failed("ipc-channel: send"))?;
        let reply = self.replies.borrow_mut().recv();
        reply.map_err(failed("ipc-channel: receive"))
    }
}

const UNEXPECTED: BenchError = BenchError::Wrong {
    what: "ipc-channel: another reply than asked for",
};

impl Calls for Client {
    fn null(&self) -> Result<(), BenchError> {
        match self.call(Request::Null)? {
            Reply::Null => Ok(()),
            _ => Err(UNEXPECTED),
        }
    }

    fn echo(&self, bytes: Vec<u8>) -> Result<Vec<u8>, BenchError> {
        match self.call(Request::Echo(bytes))? {
            Reply::Echo(bytes) => Ok(bytes),
            _ => Err(UNEXPECTED),
        }
    }

    fn sum(&self, values: Vec<f64>) -> Result<f64, BenchError> {
        match self.call(Request::Sum(values))? {
            Reply::Sum(sum) => Ok(sum),
            _ => Err(UNEXPECTED),
        }
    }

    fn sum_octets(&self, octets: Vec<u8>) -> Result<f64, BenchError> {
        let (numbers, _) = octets.as_chunks();
        self.sum(numbers.iter().copied().map(f64::from_le_bytes).collect())
    }

    fn post(&self, bytes: Vec<u8>) -> Result<(), BenchError> {
        let sent = self.requests.send(Request::Post(bytes));
        sent.map_err(failed("ipc-channel: send"))
    }

    fn count(&self) -> Result<u64, BenchError> {
        match self.call(Request::Count)? {
            Reply::Count(posts) => Ok(posts),
            _ => Err(UNEXPECTED),
        }
    }
}
