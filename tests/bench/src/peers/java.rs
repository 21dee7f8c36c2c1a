//! What the Java peers share: how a virtual machine is started on a core, and the words of a job for one that stands.

use std::path::Path;
use std::process::Command;

use super::{Job, url};
use crate::compile;
use crate::error::BenchError;

/// `java` on one core, which is what it chooses its collector and its threads by.
pub(crate) fn command(core: u32, class_path: &str, class: &str) -> Command {
    let mut command = Command::new("chrt");
    command
        // Where the benchmark runs in real time, a virtual machine's own threads would wait for each other's ends.
        .args(["-o", "0", "taskset", "-c", &core.to_string(), "java"])
        // It would announce itself on standard error.
        .env_remove("JAVA_TOOL_OPTIONS")
        // Warnings of libraries about themselves.
        .arg("-Djava.util.logging.config.file=/dev/null")
        .args(["-cp", class_path, class]);
    command
}

/// Compiles sources of the folder `java` into `classes`.
pub(crate) fn compile(classes: &Path, class_path: &str, names: &[&str]) -> Result<(), BenchError> {
    let mut javac = Command::new("javac");
    javac
        .args(["-encoding", "UTF-8", "-nowarn", "-cp", class_path, "-d"])
        .arg(classes)
        .args(names.iter().map(|name| compile::source("java").join(name)));
    compile::tool(&mut javac)
}

/// A job as `Driver.java` reads it.
pub(crate) fn job_line(job: &Job<'_>) -> String {
    let word = job.measure.word();
    let address = url(job.address);
    let Job {
        milliseconds,
        server,
        ..
    } = job;
    let warm_up = job.warm_up.as_millis();
    format!("{word} {address} {milliseconds} {server} {warm_up}\n")
}
