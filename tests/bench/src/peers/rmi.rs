//! Java RMI of the JDK: the Java program `RmiPeer`, against itself.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::java;
use crate::compile;
use crate::error::BenchError;

/// Compiles the program and gives the folder of its classes; Debian: openjdk-17-jdk-headless.
pub(crate) fn build(folder: &Path) -> Result<PathBuf, BenchError> {
    let classes = compile::folder(folder, "rmi")?;
    let names = ["Calls.java", "Driver.java", "RmiPeer.java"];
    java::compile(&classes, &classes.to_string_lossy(), &names)?;
    Ok(classes)
}

/// The program, as server or client.
pub(crate) fn command(classes: &Path, core: u32, role: &str) -> Command {
    let mut command = java::command(core, &classes.to_string_lossy(), "RmiPeer");
    command.arg(role);
    command
}
