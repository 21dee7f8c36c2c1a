//! The contract's suite over FIFOs and over a child's standard streams, linked in and as a shared object.

use std::path::{Path, PathBuf};

use rmix::ProviderEntry;
use rmix_conformance::{Fixture, Transport, mount};

struct Pipe(Transport);

impl Fixture for Pipe {
    fn name(&self) -> &'static str {
        "pipe"
    }

    fn linked(&self) -> &'static ProviderEntry {
        &rmix_pipe::plugin::rmix_provider_v1_pipe
    }

    fn claims(&self) -> &'static [&'static str] {
        &[
            "oneway",
            "twoway",
            "listen",
            "symmetric",
            "faults",
            "ordered",
            "concurrent",
            "self-describing",
        ]
    }

    fn transport(&self) -> Transport {
        self.0.clone()
    }

    fn endpoint(&self, folder: &Path) -> String {
        let folder = folder.display();
        match self.0 {
            Transport::Child(_) => "pipe+exec:".to_owned(),
            _ => format!("pipe+fifo:{folder}/calls,{folder}/answers"),
        }
    }

    fn nonsense(&self) -> Vec<(&'static str, Vec<u8>)> {
        vec![
            ("a reserved marker", vec![0xc1]),
            ("a message of an unknown kind", vec![0x93, 9, 0, 0]),
            ("a nesting bomb", vec![0x91; 10_000]),
            ("a text of 4 GiB", vec![0xdb, 0xff, 0xff, 0xff, 0xff]),
            (
                "a reply to no call",
                vec![0x94, 1, 0xcd, 0x77, 0x77, 0xc0, 1],
            ),
        ]
    }
}

/// The example that serves on its standard streams. `cargo test` builds it with the tests, but not when it is told to run
/// some of them only: after a change, build it first.
fn child() -> Transport {
    let executable = std::env::current_exe().expect("a running test has a file");
    let folder = executable.parent().expect("the test is in a folder");
    let program: PathBuf = folder.join("../examples/conformance_child");
    assert!(
        program.is_file(),
        "{program:?} is not there: build it with `cargo build -p rmix-pipe --examples`"
    );
    Transport::Child(program)
}

mount!(fifos_linked, Pipe(Transport::Fifos), Linked);
mount!(fifos_shared, Pipe(Transport::Fifos), Shared);
mount!(child_linked, Pipe(child()), Linked);
mount!(child_shared, Pipe(child()), Shared);
