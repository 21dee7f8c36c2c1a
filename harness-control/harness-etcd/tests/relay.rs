//! A relay between a member and its etcd, which a test cuts, heals, and lets swallow what etcd answers.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// A way to etcd.
pub(crate) struct Relay {
    address: SocketAddr,
    state: Arc<State>,
}

struct State {
    etcd: SocketAddr,
    is_cut: AtomicBool,
    is_swallowing: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Relay {
    pub(crate) fn to(etcd: SocketAddr) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            etcd,
            is_cut: AtomicBool::new(false),
            is_swallowing: AtomicBool::new(false),
            open: Mutex::new(Vec::new()),
        });
        let accepting = state.clone();
        std::thread::spawn(move || {
            for near in listener.incoming() {
                accepting.take(near.unwrap());
            }
        });
        Relay { address, state }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Breaks all connections, and takes none until it is healed.
    pub(crate) fn cut(&self) {
        self.state.is_cut.store(true, Ordering::SeqCst);
        self.state.break_all();
    }

    /// Passes what the member says, and nothing of what etcd answers.
    pub(crate) fn swallow_answers(&self) {
        self.state.is_swallowing.store(true, Ordering::SeqCst);
    }

    /// New connections pass everything; old ones, which may lack something, are broken.
    pub(crate) fn heal(&self) {
        self.state.break_all();
        self.state.is_swallowing.store(false, Ordering::SeqCst);
        self.state.is_cut.store(false, Ordering::SeqCst);
    }
}

impl State {
    fn take(self: &Arc<State>, near: TcpStream) {
        let mut open = self.open.lock().unwrap();
        // Dropped, it is closed.
        if self.is_cut.load(Ordering::SeqCst) {
            return;
        }
        let Ok(far) = TcpStream::connect(self.etcd) else {
            return;
        };
        open.extend([near.try_clone().unwrap(), far.try_clone().unwrap()]);
        pass(near.try_clone().unwrap(), far.try_clone().unwrap(), None);
        pass(far, near, Some(self.clone()));
    }

    fn break_all(&self) {
        for end in self.open.lock().unwrap().drain(..) {
            // One that has ended by itself cannot be shut down.
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, swallows: Option<Arc<State>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            let is_swallowed = swallows
                .as_ref()
                .is_some_and(|state| state.is_swallowing.load(Ordering::SeqCst));
            if !is_swallowed && to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}
