//! Connections that break while both ends live: everything is sent again, nothing twice, and nobody is
//! suspected for it.

use std::io::{Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use crate::support::{Place, run};

/// Stands between a member's socket and those who connect to it.
struct Relay {
    open: Arc<Mutex<Vec<UnixStream>>>,
}

impl Relay {
    /// Takes the place of a socket that is listened on.
    fn in_place_of(socket: &Path) -> Relay {
        let real = socket.with_extension("real");
        std::fs::rename(socket, &real).unwrap();
        let listener = UnixListener::bind(socket).unwrap();
        let open = Arc::new(Mutex::new(Vec::new()));
        let accepted = open.clone();
        std::thread::spawn(move || {
            for near in listener.incoming() {
                let near = near.unwrap();
                // The member has ended.
                let Ok(far) = UnixStream::connect(&real) else {
                    return;
                };
                let ends = [near.try_clone().unwrap(), far.try_clone().unwrap()];
                accepted.lock().unwrap().extend(ends);
                pass(near.try_clone().unwrap(), far.try_clone().unwrap());
                pass(far, near);
            }
        });
        Relay { open }
    }

    /// Breaks all connections, whatever is under way; how many there were.
    fn cut(&self) -> usize {
        let ends: Vec<_> = self.open.lock().unwrap().drain(..).collect();
        for end in &ends {
            // One that has ended by itself cannot be shut down.
            let _ = end.shutdown(Shutdown::Both);
        }
        ends.len() / 2
    }
}

fn pass(mut from: UnixStream, mut to: UnixStream) {
    std::thread::spawn(move || {
        let mut buffer = [0; 512];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
}

fn socket(place: &Place, name: &str) -> PathBuf {
    let endpoint = place.endpoint(name);
    PathBuf::from(endpoint.strip_prefix("msgpack+unix:").unwrap())
}

#[test]
fn links_that_break_again_and_again_lose_nothing() {
    run(async {
        let place = Place::new();
        let a = place.member("A", &[]).await;
        let to_a = Relay::in_place_of(&socket(&place, "A"));
        let b = place.member("B", &["A"]).await;
        let to_b = Relay::in_place_of(&socket(&place, "B"));
        // Its links to both, and that of B to A, go by the relays.
        let c = place.member("C", &["A"]).await;
        let mut expected = String::new();
        let mut cuts = 0;
        for round in 0..20 {
            // Cut while these are under way.
            let words: Vec<_> = (0..20).map(|word| format!("{round}.{word} ")).collect();
            let submits = words
                .iter()
                .map(|word| c.control.submit(word.clone().into_bytes()));
            let mut submits: Vec<_> = submits.map(Box::pin).collect();
            submits.retain_mut(|submit| {
                // Polled once, each is on its way, in this order; one may have its outcome by then.
                let waker = std::task::Waker::noop();
                let polled = submit
                    .as_mut()
                    .poll(&mut std::task::Context::from_waker(waker));
                match polled {
                    Poll::Ready(outcome) => {
                        outcome.unwrap();
                        false
                    }
                    Poll::Pending => true,
                }
            });
            cuts += to_a.cut() + to_b.cut();
            for submit in submits {
                submit.await.unwrap();
            }
            expected.extend(words);
        }
        assert!(cuts >= 20, "{cuts}");
        let position = c.status().await.position;
        for member in [&a, &b, &c] {
            assert_eq!(member.lines(position).await, expected);
        }
        for member in [&b, &c] {
            let counts = member.status().await.counts;
            assert!(counts.get("links broken") >= Some(&5), "{counts:?}");
            assert_eq!(counts.get("suspicions"), None, "{counts:?}");
            assert_eq!(counts.get("exclusions"), None, "{counts:?}");
        }
    });
}
