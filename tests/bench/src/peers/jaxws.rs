//! JAX-WS RI: the Java program `SoapPeer`, against itself and crosswise with ours. wsimport makes most of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::java;
use crate::compile;
use crate::error::BenchError;

/// Where Debian puts the libraries; the first one's manifest names those it needs.
const LIBRARIES: &str = "/usr/share/java/jaxws-rt.jar:/usr/share/java/javax.activation.jar";
const WSIMPORT: &str = "/usr/share/jaxws/bin/wsimport.sh";

/// Compiles the program and gives the folder of its classes; Debian: jaxws, libjaxws-java, libactivation-java,
/// openjdk-17-jdk-headless.
pub(crate) fn build(folder: &Path) -> Result<PathBuf, BenchError> {
    let made = compile::folder(folder, "jaxws-made")?;
    let classes = compile::folder(folder, "jaxws")?;
    let description = compile::source("soap/bench.wsdl");
    let mut wsimport = Command::new("sh");
    wsimport
        .env_remove("JAVA_TOOL_OPTIONS")
        .args([WSIMPORT, "-quiet", "-Xnocompile", "-p", "bench.wire"])
        .args(["-wsdllocation", "/bench.wsdl", "-s"])
        .arg(&made)
        .arg(&description);
    compile::tool(&mut wsimport)?;
    let mut javac = Command::new("javac");
    javac
        .args(["-encoding", "UTF-8", "-nowarn", "-cp", LIBRARIES, "-d"])
        .arg(&classes)
        // All by name: what says which namespace elements are in is a file nothing refers to.
        .args(compile::files(&made, "java")?);
    compile::tool(&mut javac)?;
    let names = ["Calls.java", "Driver.java", "SoapPeer.java"];
    java::compile(&classes, &class_path(&classes), &names)?;
    let copy = classes.join("bench.wsdl");
    std::fs::copy(&description, &copy).map_err(|source| BenchError::File { path: copy, source })?;
    Ok(classes)
}

/// The program, as server or client.
pub(crate) fn command(classes: &Path, core: u32, role: &str) -> Command {
    let mut command = java::command(core, &class_path(classes), "SoapPeer");
    command.arg(role);
    command
}

fn class_path(classes: &Path) -> String {
    format!("{LIBRARIES}:{}", classes.display())
}
