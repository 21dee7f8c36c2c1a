//! ZeroC Ice: the C++ program `ice`, against itself. slice2cpp makes most of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::compile;
use crate::error::BenchError;

/// Compiles the program; Debian: zeroc-ice-compilers, libzeroc-ice-dev, g++.
pub(crate) fn build(folder: &Path) -> Result<PathBuf, BenchError> {
    let folder = compile::folder(folder, "ice-made")?;
    let mut slice2cpp = Command::new("slice2cpp");
    slice2cpp
        .current_dir(&folder)
        .arg(compile::source("slice/Bench.ice"));
    compile::tool(&mut slice2cpp)?;
    compile::cpp_program(
        &folder,
        "ice",
        &["Bench.cpp"],
        &["-DICE_CPP11_MAPPING", "-lIce++11"],
    )
}
