//! Building measured programs of C, C++ and Java into a folder of their own, with the system's tools.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::BenchError;

/// What every C program is compiled with.
const C_COMMON: [&str; 3] = ["bench.c", "calls.c", "ring.c"];

/// The path of a source.
pub(crate) fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Compiles `c/NAME.c`, without a warning.
///
/// # Errors
/// There is no compiler, or it refuses the program.
pub(crate) fn c_program(
    folder: &Path,
    name: &str,
    includes: &[&str],
    libraries: &[&str],
) -> Result<PathBuf, BenchError> {
    let program = folder.join(name);
    let mut compiler = Command::new("cc");
    compiler
        .args(["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"])
        .args(includes)
        .arg("-o")
        .arg(&program)
        .arg(source("c").join(format!("{name}.c")))
        .args(c_common())
        .args(libraries)
        .args(["-lpthread", "-lm"]);
    tool(&mut compiler)?;
    Ok(program)
}

/// Compiles `cpp/NAME.cpp` with what a tool has made in the folder.
///
/// # Errors
/// As [`c_program`].
pub(crate) fn cpp_program(
    folder: &Path,
    name: &str,
    made: &[&str],
    libraries: &[&str],
) -> Result<PathBuf, BenchError> {
    let mut compiler = Command::new("cc");
    compiler
        .current_dir(folder)
        .args(["-std=gnu11", "-O2", "-c"])
        .args(c_common());
    tool(&mut compiler)?;
    let program = folder.join(name);
    let mut compiler = Command::new("c++");
    compiler
        .current_dir(folder)
        // What is made is not without warnings.
        .args(["-std=c++17", "-O2", "-w", "-I.", "-o"])
        .arg(&program)
        .arg(format!("-I{}", source("c").display()))
        .arg(source("cpp").join(format!("{name}.cpp")))
        .args(made)
        .args(C_COMMON.map(|file| file.replace(".c", ".o")))
        .args(libraries)
        .args(["-lpthread", "-lm"]);
    tool(&mut compiler)?;
    Ok(program)
}

/// What every C program is compiled with.
pub(crate) fn c_common() -> impl Iterator<Item = PathBuf> {
    C_COMMON.into_iter().map(|name| source("c").join(name))
}

/// Runs a tool to its end.
///
/// # Errors
/// It is not installed, or refuses its input.
pub(crate) fn tool(command: &mut Command) -> Result<(), BenchError> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output();
    let output = output.map_err(|source| BenchError::NotStarted {
        program: name.clone(),
        source,
    })?;
    if output.status.success() {
        return Ok(());
    }
    let complaint = [output.stderr, output.stdout].concat();
    let complaint = String::from_utf8_lossy(&complaint);
    let line = complaint.lines().find(|line| line.contains("rror"));
    let line = line.or(complaint.lines().next());
    Err(BenchError::NotCompiled {
        program: name,
        complaint: line.unwrap_or("no reason given").to_owned(),
    })
}

/// A folder within another, made now.
pub(crate) fn folder(within: &Path, name: &str) -> Result<PathBuf, BenchError> {
    let path = within.join(name);
    std::fs::create_dir_all(&path).map_err(|source| BenchError::File {
        path: path.clone(),
        source,
    })?;
    Ok(path)
}

/// The files of a folder, at any depth, whose names end so.
pub(crate) fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, BenchError> {
    let refused = |source| BenchError::File {
        path: folder.to_owned(),
        source,
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(refused)? {
        let path = entry.map_err(refused)?.path();
        if path.is_dir() {
            found.extend(files(&path, extension)?);
        } else if path.extension() == Some(OsStr::new(extension)) {
            found.push(path);
        }
    }
    Ok(found)
}
