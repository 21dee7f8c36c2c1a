//! gSOAP: the C program `gsoap`, against itself and crosswise with ours. soapcpp2 makes most of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::compile;
use crate::error::BenchError;

/// Where Debian has the headers that others import.
const IMPORT: &str = "-I/usr/share/gsoap/import";

/// Compiles the program; Debian: gsoap, libgsoap-dev.
pub(crate) fn build(folder: &Path) -> Result<PathBuf, BenchError> {
    let folder = compile::folder(folder, "gsoap-made")?;
    let mut soapcpp2 = Command::new("soapcpp2");
    soapcpp2
        .current_dir(&folder)
        .args(["-c", "-L", "-x", "-w", IMPORT])
        .arg(compile::source("soap/gsoap.h"));
    compile::tool(&mut soapcpp2)?;
    let program = folder.join("gsoap");
    let mut compiler = Command::new("cc");
    compiler
        .current_dir(&folder)
        // What soapcpp2 writes is not without warnings.
        .args(["-std=gnu11", "-O2", "-w", "-I.", "-o"])
        .arg(&program)
        .arg(format!("-I{}", compile::source("c").display()))
        .args(["soapC.c", "soapClient.c", "soapServer.c"])
        .arg(compile::source("c/gsoap.c"))
        .args(compile::c_common())
        .args(["-lgsoap", "-lpthread", "-lm"]);
    compile::tool(&mut compiler)?;
    Ok(program)
}
