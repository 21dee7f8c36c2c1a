//! What a process takes of the machine: user and system time, in nanoseconds, and memory.

use std::fs;
use std::path::Path;

use rustix::time::{ClockId, clock_gettime};

use crate::error::BenchError;

/// Set for processes that something looks at, such as valgrind: it has no page of the kernel's that tells the time.
pub(crate) const WATCHED: &str = "RMIX_BENCH_WATCHED";

/// Of this process; 0 where it is watched, for the time would be the watcher's.
pub(crate) fn own_ns() -> u64 {
    if std::env::var_os(WATCHED).is_some() {
        return 0;
    }
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let nanoseconds = i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec);
    u64::try_from(nanoseconds).expect("a process has not run for a negative time")
}

/// Of all threads of another process. A thread that runs right now is up to a tick behind.
pub(crate) fn of_process_ns(pid: u32) -> Result<u64, BenchError> {
    let folder = format!("/proc/{pid}/task");
    let folder = Path::new(&folder);
    let refused = |source| BenchError::File {
        path: folder.to_owned(),
        source,
    };
    let mut total = 0;
    for thread in fs::read_dir(folder).map_err(refused)? {
        let file = thread.map_err(refused)?.path().join("schedstat");
        // A thread may end between listing and reading.
        let text = fs::read_to_string(file).unwrap_or_default();
        let first = text.split_whitespace().next();
        total += first.and_then(|word| word.parse::<u64>().ok()).unwrap_or(0);
    }
    Ok(total)
}

/// Resident memory in KiB; pages that several processes share count in parts (the kernel's "proportional set size"), so
/// that the sum over client and server is what both take.
pub(crate) fn memory_kib(pid: u32) -> Result<f64, BenchError> {
    let path = Path::new("/proc")
        .join(pid.to_string())
        .join("smaps_rollup");
    let text = fs::read_to_string(&path).map_err(|source| BenchError::File { path, source })?;
    proportional_kib(&text).ok_or(BenchError::Wrong {
        what: "looking for the memory of a process: the kernel does not say",
    })
}

fn proportional_kib(rollup: &str) -> Option<f64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// How often the threads of a process gave their core away to wait.
pub(crate) fn waits(pid: u32) -> Result<u64, BenchError> {
    let folder = Path::new("/proc").join(pid.to_string()).join("task");
    let refused = |source| BenchError::File {
        path: folder.clone(),
        source,
    };
    let mut total = 0;
    for thread in fs::read_dir(&folder).map_err(refused)? {
        let file = thread.map_err(refused)?.path().join("status");
        // A thread may end between listing and reading.
        let text = fs::read_to_string(file).unwrap_or_default();
        let count = text
            .lines()
            .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        total += count
            .and_then(|text| text.trim().parse::<u64>().ok())
            .unwrap_or(0);
    }
    Ok(total)
}

/// A child of a process.
pub(crate) fn child_of(parent: u32) -> Result<u32, BenchError> {
    let failed = BenchError::system("looking for the child");
    for entry in fs::read_dir("/proc").map_err(failed)? {
        let Ok(entry) = entry else { continue };
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let status = fs::read_to_string(entry.path().join("status")).unwrap_or_default();
        let of = status.lines().find_map(|line| line.strip_prefix("PPid:"));
        if of.and_then(|text| text.trim().parse().ok()) == Some(parent) {
            return Ok(pid);
        }
    }
    Err(BenchError::Wrong {
        what: "looking for the child process: there is none",
    })
}

#[cfg(test)]
mod tests {
    use super::proportional_kib;

    #[test]
    fn the_proportional_set_is_found_among_its_parts() {
        let rollup =
            "00400000-7ffc [rollup]\nRss:    9000 kB\nPss:    1234 kB\nPss_Dirty:   7 kB\n";
        assert_eq!(proportional_kib(rollup), Some(1234.0));
        assert_eq!(proportional_kib("Pss_Dirty: 7 kB\n"), None);
    }
}
