//! omniORB: the C++ program `omniorb`, against itself. omniidl makes most of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::compile;
use crate::error::BenchError;

/// Compiles the program; Debian: omniidl, libomniorb4-dev, g++.
pub(crate) fn build(folder: &Path) -> Result<PathBuf, BenchError> {
    let folder = compile::folder(folder, "omniorb-made")?;
    let mut omniidl = Command::new("omniidl");
    omniidl
        .current_dir(&folder)
        .arg("-bcxx")
        .arg(compile::source("idl/bench.idl"));
    compile::tool(&mut omniidl)?;
    let libraries = ["-lomniORB4", "-lomnithread"];
    compile::cpp_program(&folder, "omniorb", &["benchSK.cc"], &libraries)
}
