//! A tap between a stub and the object it calls: passes bytes on both ways, keeps a copy of them, and can be cut. Knows
//! no protocol: what it hears is how the suite learns valid messages.

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::fixture::Transport;
use crate::raw::{RawListener, RawStream};

/// A tap; cut when it is dropped.
#[derive(Debug)]
pub struct Tap {
    /// Where to bind instead.
    pub endpoint: String,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    /// Guards what was heard and the streams; held for moments.
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    heard: Heard,
    streams: Vec<RawStream>,
    links: usize,
}

/// What passed through a tap, of all links in a row.
#[derive(Debug, Default, Clone)]
pub struct Heard {
    /// From stub to object.
    pub calls: Vec<u8>,
    /// From object to stub.
    pub answers: Vec<u8>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tap {
    /// A tap in front of an exported endpoint.
    pub fn before(transport: &Transport, endpoint: &str, folder: &Path) -> Tap {
        let bound = RawListener::bind(transport, endpoint, folder);
        let (listener, tapped) = bound.expect("this host has a free port and room for a socket");
        let shared = Arc::new(Shared::default());
        let tap = Tap {
            endpoint: tapped,
            shared: shared.clone(),
        };
        let (transport, endpoint) = (transport.clone(), endpoint.to_owned());
        // Ends with the process: nothing wakes a thread out of `accept`.
        std::thread::spawn(move || {
            while let Ok(near) = listener.accept() {
                let Ok(far) = RawStream::connect(&transport, &endpoint) else {
                    continue;
                };
                join(&shared, near, far);
                if transport == Transport::Fifos {
                    return;
                }
            }
        });
        tap
    }

    /// What passed so far.
    pub fn heard(&self) -> Heard {
        self.shared.lock().heard.clone()
    }

    /// How many links were made.
    pub fn links(&self) -> usize {
        self.shared.lock().links
    }

    /// Ends every link that passes here.
    pub fn cut(&self) {
        let mut streams = std::mem::take(&mut self.shared.lock().streams);
        for stream in &mut streams {
            stream.shut();
        }
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        self.cut();
    }
}

fn join(shared: &Arc<Shared>, near: RawStream, far: RawStream) {
    let few = "a test's few descriptors are not too many";
    let (from_near, from_far) = (near.reading().expect(few), far.reading().expect(few));
    {
        let mut state = shared.lock();
        state.links += 1;
        // FIFOs are not cut: they end when the last handle is dropped.
        if !matches!(near, RawStream::Fifos { .. }) {
            let copies = [near.try_clone().expect(few), far.try_clone().expect(few)];
            state.streams.extend(copies);
        }
    }
    pump(shared, from_near, far, |heard| &mut heard.calls);
    pump(shared, from_far, near, |heard| &mut heard.answers);
}

fn pump(
    shared: &Arc<Shared>,
    mut from: RawStream,
    mut to: RawStream,
    heard: impl Fn(&mut Heard) -> &mut Vec<u8> + Send + 'static,
) {
    let shared = shared.clone();
    std::thread::spawn(move || {
        let mut part = [0; 4096];
        while let Ok(count) = from.read(&mut part) {
            if count == 0 {
                break;
            }
            // Kept before it is passed on: who has an answer finds it here.
            heard(&mut shared.lock().heard).extend_from_slice(&part[..count]);
            if to.write_all(&part[..count]).is_err() {
                break;
            }
        }
        from.shut();
        to.shut();
    });
}
