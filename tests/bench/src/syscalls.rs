//! System calls per call of our links, counted by strace attached to both processes after they have warmed up.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde::Serialize;

use crate::error::BenchError;
use crate::plan::Step;
use crate::process::Tools;
use crate::rounds::Pair;
use crate::table::Table;

const DURATION: Duration = Duration::from_millis(300);
/// Fewer than this per call is start, end, or timers.
const RARE: f64 = 0.005;

/// The system calls of one side.
#[derive(Debug, Serialize)]
pub(crate) struct Count {
    step: String,
    side: &'static str,
    units: u64,
    per_call: BTreeMap<String, f64>,
}

/// Counts for each link of ours and measure, in the first placement that is planned.
pub(crate) fn count(tools: &Tools, plan: &[Step]) -> Result<Vec<Count>, BenchError> {
    let mut counts = Vec::new();
    let mut counted = BTreeSet::new();
    for step in plan.iter().filter(|step| step.link.is_ours()) {
        if !counted.insert((step.link.name, step.measure)) {
            continue;
        }
        if step.measure.clients() > 1 {
            continue;
        }
        counts.extend(of(tools, step)?);
    }
    Ok(counts)
}

/// Counts of client and server in one step with one client.
pub(crate) fn of(tools: &Tools, step: &Step) -> Result<[Count; 2], BenchError> {
    let mut pair = Pair::start(tools, step, DURATION, false)?;
    let [client, server] = pair.ids()?;
    let client = Trace::attach("client", client, tools.fresh_path("strace"))?;
    let server = Trace::attach("server", server, tools.fresh_path("strace"))?;
    let reports = pair.run(DURATION)?;
    let units = reports.iter().map(|report| report.units).sum();
    let count = |trace: Trace| {
        Ok::<_, BenchError>(Count {
            step: step.label(),
            side: trace.side,
            units,
            per_call: trace.finish(units)?,
        })
    };
    Ok([count(client)?, count(server)?])
}

impl Count {
    /// In words.
    pub(crate) fn text(&self) -> String {
        let per_call = self.per_call.iter();
        let per_call: Vec<_> = per_call
            .map(|(name, times)| format!("{name} {times:.2}"))
            .collect();
        per_call.join(", ")
    }
}

/// A running strace.
struct Trace {
    side: &'static str,
    child: Child,
    file: PathBuf,
}

impl Trace {
    fn attach(side: &'static str, pid: u32, file: PathBuf) -> Result<Trace, BenchError> {
        let mut child = Command::new("strace")
            .args(["-f", "-c", "-o"])
            .arg(&file)
            .args(["-p", &pid.to_string()])
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|source| BenchError::NotStarted {
                program: "strace".to_owned(),
                source,
            })?;
        let stderr = child.stderr.take().expect("standard error is a pipe");
        let mut stderr = BufReader::new(stderr);
        let mut line = String::new();
        // It says so once it is attached to all threads.
        let read = stderr.read_line(&mut line);
        if read.is_err() || !line.contains("attached") {
            return Err(BenchError::Answer {
                program: "strace".to_owned(),
                said: line,
            });
        }
        // Ends with strace; a full pipe would stop it.
        std::thread::spawn(move || std::io::copy(&mut stderr, &mut std::io::sink()));
        Ok(Trace { side, child, file })
    }

    fn finish(mut self, units: u64) -> Result<BTreeMap<String, f64>, BenchError> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // The client's has ended with the client.
            let _ = kill_process(pid, Signal::INT);
        }
        self.child.wait().map_err(BenchError::system("strace"))?;
        let text = std::fs::read_to_string(&self.file).map_err(|source| BenchError::File {
            path: self.file.clone(),
            source,
        })?;
        Ok(parse(&text, units))
    }
}

impl Drop for Trace {
    fn drop(&mut self) {
        // It can only be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(Path::new(&self.file));
    }
}

/// Lines `% time  seconds  usecs/call  calls  [errors]  syscall`.
fn parse(text: &str, units: u64) -> BTreeMap<String, f64> {
    let mut counts = BTreeMap::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (Some(calls), Some(name)) = (words.get(3), words.last()) else {
            continue;
        };
        let Ok(calls) = calls.parse::<u64>() else {
            continue;
        };
        let per_call = calls as f64 / units.max(1) as f64;
        if *name != "total" && per_call >= RARE {
            counts.insert((*name).to_owned(), per_call);
        }
    }
    counts
}

/// As a table; none when nothing was counted.
pub(crate) fn table(counts: &[Count]) -> Option<Table> {
    let line = |count: &Count| vec![count.step.clone(), count.side.to_owned(), count.text()];
    (!counts.is_empty()).then(|| Table {
        title: "System calls per call or message, under strace".to_owned(),
        heads: vec!["link, measure, placement", "side", "system calls"],
        lines: counts.iter().map(line).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn counts_are_per_call_and_rare_ones_are_left_out() {
        let text = "% time     seconds  usecs/call     calls    errors syscall\n\
                    ------ ----------- ----------- --------- --------- ----------------\n \
                    60.00    0.000600           1      2000       100 recvfrom\n \
                    40.00    0.000400           1      1000           sendto\n  \
                    0.00    0.000000           0         1           brk\n\
                    ------ ----------- ----------- --------- --------- ----------------\n\
                    100.00    0.001000           0      3001       100 total\n";
        let counts = parse(text, 1000);
        assert_eq!(counts.len(), 2);
        assert_eq!(counts["recvfrom"], 2.0);
        assert_eq!(counts["sendto"], 1.0);
    }
}
