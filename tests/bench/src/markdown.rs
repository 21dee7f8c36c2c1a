//! The results as a Markdown file, for the repository.

use std::path::Path;

use crate::error::BenchError;
use crate::machine::Machine;
use crate::results::Results;
use crate::table::{self, Table};

const HOW: &str = "\
Every ratio is to the raw transport in the same round; figures are medians of all rounds, each with fresh processes.
Client and server are two processes, pinned; a busy loop of the idle class on each core keeps the cores from halting.
CPU is user and system time of both processes per call. Providers are loaded from shared objects. Raw is a C program
with a header of eight bytes that answers what one read brought with one write; its one-way client gathers 4 KiB for a
write, its server has a thread per connection. Differences under 20 % are noise.
Peers are built as their users build them: kept connections, no delay of small writes, gSOAP with a thread per connection
and SOAP_XML_TREE. The numbers of a sum are roots, which as text are as long as doubles are. Java's virtual machines stay for
all rounds and warm up for seconds; eight clients of theirs are threads of one process, else each is a process.
Group communication: each member is a process in a network namespace of its own, all on one bridge, and in the real-time
class, which corosync takes by itself (sched_rr) and which else would decide the comparison on a machine that is shared.
Hops are those of a ring of TCP connections in C. The control ring delivers what is stable at every member, in total order;
corosync (udpu, token 200 ms, else as it comes) what is in agreed order. \"One\" and \"all\" are the members that send, each with
512 KiB of messages without outcome (32 to 2,048 messages). Frames are as members count them, for one message. The gap is the
longest time without a delivery at any survivor while all send 200 a second and one is killed. Faults are what was
found wrong with members: messages lost, repeated or in another order; all logs are compared whole, the killed one's as far
as it goes.
";

/// Writes the file.
pub(crate) fn write(
    results: &Results,
    machine: &Machine,
    further: &[Table],
    file: &Path,
) -> Result<(), BenchError> {
    let mut text = format!("# Benchmark\n\n{machine}.\n\n{HOW}");
    let tables = table::tables(results);
    for table in tables.iter().chain(further) {
        text += &markdown(table);
    }
    for failure in &results.failures {
        text += &format!("\nNot measured: {failure}\n");
    }
    std::fs::write(file, text).map_err(|source| BenchError::File {
        path: file.to_owned(),
        source,
    })
}

fn markdown(table: &Table) -> String {
    let row = |cells: Vec<&str>| format!("| {} |\n", cells.join(" | "));
    let mut text = format!("\n## {}\n\n", table.title);
    text += &row(table.heads.clone());
    let rules = (0..table.heads.len()).map(|column| if column == 0 { "---" } else { "--:" });
    text += &row(rules.collect());
    for line in &table.lines {
        text += &row(line.iter().map(String::as_str).collect());
    }
    text
}
