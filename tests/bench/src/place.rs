//! Where processes run: pinning, the two placements, and spinners of the idle class that keep cores from halting.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::thread::{CpuSet, sched_setaffinity};
use serde::Serialize;

use crate::error::BenchError;

/// Which cores client and server run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) enum Placement {
    /// Both on core 0: shows the software.
    Same,
    /// Client on core 0, server on core 1: what users see, half of it the machine waking a core.
    Cross,
}

impl Placement {
    pub(crate) const ALL: [Placement; 2] = [Placement::Same, Placement::Cross];

    /// The word for it on command lines and in tables.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Placement::Same => "same",
            Placement::Cross => "cross",
        }
    }

    /// The client's core.
    pub(crate) fn client_core(self) -> u32 {
        0
    }

    /// The server's core.
    pub(crate) fn server_core(self) -> u32 {
        match self {
            Placement::Same => 0,
            Placement::Cross => 1,
        }
    }
}

/// Pins this thread, and with it all that it starts.
pub(crate) fn pin(core: u32) -> Result<(), BenchError> {
    let mut cores = CpuSet::new();
    cores.set(usize::try_from(core).expect("a core has a small number"));
    sched_setaffinity(None, &cores).map_err(BenchError::system("sched_setaffinity"))
}

/// Puts this process and all it starts before others of a shared machine, where it may: only root may.
pub(crate) fn put_first() {
    // Without it the figures are noisier, that is all.
    let _ = rustix::process::setpriority_process(None, -20);
}

/// A busy loop of the idle class on each core; ended on drop.
pub(crate) struct Spinners(Vec<Child>);

impl Spinners {
    /// Starts one on each core that is measured on.
    pub(crate) fn start(program: &Path) -> Result<Spinners, BenchError> {
        let mut spinners = Spinners(Vec::new());
        for core in ["0", "1"] {
            let child = Command::new(program)
                .arg(core)
                .stdin(Stdio::null())
                .spawn()
                .map_err(|source| BenchError::NotStarted {
                    program: program.display().to_string(),
                    source,
                })?;
            spinners.0.push(child);
        }
        Ok(spinners)
    }
}

impl Drop for Spinners {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // It can only be gone already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
