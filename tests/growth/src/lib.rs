//! How a cluster grows: a ring of servers with a tree of kernels below each, in virtual time, beside the
//! formulas.
//!
//! The servers are real members of the ring; the kernels are a model of what hangs below them. No heartbeats:
//! who is gone is noticed after a fixed time. Kernels do not die.

pub mod checks;
pub mod cluster;
pub mod drawing;
pub mod kernel;
pub mod measure;
pub mod server;
pub mod shape;
pub mod stream;
pub mod table;
pub mod traffic;

use harness_ring::Mode;

use cluster::Timing;
use measure::Row;
use shape::Shape;

/// What the table and the drawing show.
pub const PROCESSES: [usize; 5] = [64, 256, 1_000, 4_000, 10_000];
/// Members of the ring above the trees.
pub const SERVERS: usize = 7;
/// How many a process of a tree hands what it gets on to.
pub const DEGREE: usize = 16;
/// Flat rings of more members take long, and gigabytes.
pub const FLAT_SIMULATED_MAX: usize = 4_000;

/// All rows: the tree one way and both ways, and the flat ring in which all are members.
///
/// # Errors
/// Every promise that a run has broken.
pub fn rows(timing: Timing) -> Result<Vec<Row>, Vec<String>> {
    let mut rows = Vec::new();
    for servers in [Some(SERVERS), None] {
        for mode in [Mode::Unidirectional, Mode::Bidirectional] {
            for processes in PROCESSES {
                let shape = Shape {
                    processes,
                    servers: servers.unwrap_or(processes),
                    degree: DEGREE,
                    mode,
                };
                let row = match servers {
                    None if processes > FLAT_SIMULATED_MAX => Row::of_formulas(shape, timing),
                    _ => measure::measure(shape, timing)?,
                };
                rows.push(row);
            }
        }
    }
    Ok(rows)
}
