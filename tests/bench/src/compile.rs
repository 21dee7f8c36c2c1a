//! Compiling the C programs into a folder of their own, with the system's compiler.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::BenchError;

/// The C programs.
pub(crate) struct CPrograms {
    pub(crate) raw: PathBuf,
    pub(crate) spin: PathBuf,
    /// None where libtirpc is not installed.
    pub(crate) tirpc: Option<PathBuf>,
}

impl CPrograms {
    /// Compiles all.
    ///
    /// # Errors
    /// There is no compiler, or it refuses a program that needs nothing but libc.
    pub(crate) fn compile(folder: &Path) -> Result<CPrograms, BenchError> {
        let tirpc = compile(folder, "tirpc", &["-I/usr/include/tirpc"], &["-ltirpc"]);
        if let Err(refusal) = &tirpc {
            eprintln!("libtirpc is left out (Debian's libtirpc-dev): {refusal}");
        }
        Ok(CPrograms {
            raw: compile(folder, "raw", &[], &["-lpthread"])?,
            spin: compile(folder, "spin", &[], &[])?,
            tirpc: tirpc.ok(),
        })
    }
}

fn compile(
    folder: &Path,
    name: &str,
    includes: &[&str],
    libraries: &[&str],
) -> Result<PathBuf, BenchError> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("c");
    let program = folder.join(name);
    let output = Command::new("cc")
        .args(["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"])
        .args(includes)
        .arg("-o")
        .arg(&program)
        .arg(sources.join(format!("{name}.c")))
        .arg(sources.join("bench.c"))
        .arg(sources.join("ring.c"))
        .args(libraries)
        .output()
        .map_err(|source| BenchError::NotStarted {
            program: "cc".to_owned(),
            source,
        })?;
    if output.status.success() {
        return Ok(program);
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let complaint = complaint.lines().find(|line| line.contains("error"));
    Err(BenchError::NotCompiled {
        program: name.to_owned(),
        complaint: complaint.unwrap_or("no reason given").to_owned(),
    })
}
