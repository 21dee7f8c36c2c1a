//! Listeners that come and go: exports that share a port while others leave it, and FIFOs that are away for a while.

use std::path::Path;
use std::time::Duration;

use rmix::{Error, Runtime};
use rmix_system_tests::{NumbersSkeleton, NumbersStub, Recorder, mixed};
use rustix::fs::{CWD, FileType, Mode, OFlags};
use rustix::io::Errno;

use crate::support::{Watchdog, runtime};

/// An address of this host that no other test uses.
const OWN_HOST: &str = "127.0.0.78";
/// Only a hang reaches this deadline.
const DEADLINE: Duration = Duration::from_secs(120);
/// Exports of each thread: many enough that they meet.
const ROUNDS: u32 = 60;

fn bind(client: &Runtime, endpoint: &str) -> Result<NumbersStub, Error> {
    client.bind(endpoint).timeout(DEADLINE).blocking()
}

#[test]
fn a_version_exported_while_the_last_other_leaves_its_port_is_reached() {
    let _watchdog = Watchdog::start();
    let free = std::net::TcpListener::bind((OWN_HOST, 0)).unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let server = runtime();
    std::thread::scope(|scope| {
        for version in 1..=2 {
            let (server, address) = (&server, &address);
            scope.spawn(move || {
                for round in 0..ROUNDS {
                    let endpoint = format!("sunrpc+tcp://{address}/0x20000043/{version}");
                    let object = NumbersSkeleton::new(Recorder::default());
                    let exported = server.export_blocking(object, [&*endpoint]).unwrap();
                    // A link of its own: one of an earlier round may be closing.
                    let client = runtime();
                    let stub = bind(&client, &endpoint).unwrap();
                    let answer = stub.blocking().mix(version, round).unwrap();
                    assert_eq!(answer, mixed(version, round));
                    drop(exported);
                }
            });
        }
    });
}

fn make_fifo(path: &Path) {
    rustix::fs::mknodat(CWD, path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
}

#[test]
fn fifos_that_are_made_again_are_served_again() {
    let _watchdog = Watchdog::start();
    let folder = tempfile::tempdir().unwrap();
    let (calls, answers) = (folder.path().join("calls"), folder.path().join("answers"));
    let endpoint = format!("pipe+fifo:{},{}", calls.display(), answers.display());
    let server = runtime();
    let object = NumbersSkeleton::new(Recorder::default());
    let _exported = server.export_blocking(object, [&*endpoint]).unwrap();
    std::fs::remove_file(&answers).unwrap();

    // A peer that comes and goes; the server cannot answer it, and lets go of the calls for a moment.
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let mut came = false;
    loop {
        match rustix::fs::open(&calls, flags, Mode::empty()) {
            Ok(_) => came = true,
            Err(failure) => {
                assert_eq!(failure, Errno::NXIO);
                if came {
                    break;
                }
            }
        }
        std::thread::yield_now();
    }

    make_fifo(&answers);
    let client = runtime();
    let stub = bind(&client, &endpoint).unwrap();
    assert_eq!(stub.blocking().mix(1, 2).unwrap(), mixed(1, 2));
}
