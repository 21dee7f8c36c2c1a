//! Every file of the system's `rpcsvc` folders: imported, and the generated Rust compiled.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use rmix_idl::{Generate, IdlError, Import};

use crate::wire;

/// The interface files of `rpcsvc-proto` and `libtirpc-dev`.
pub(crate) fn files() -> Vec<PathBuf> {
    let folders = ["/usr/include/rpcsvc", "/usr/include/tirpc/rpcsvc"];
    let mut files: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).into_iter().flatten())
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "x"))
        .collect();
    files.sort();
    assert!(
        files.len() >= 18,
        "the packages rpcsvc-proto and libtirpc-dev are needed; found {files:?}"
    );
    files
}

/// `nis_callback.x` takes its types from `nis.h`, and so from `nis.x`, whose part for the header is malformed.
pub(crate) fn import(path: &Path) -> Import {
    let import = Import::new(path);
    if path.ends_with("nis.x") {
        return import.undefine("RPC_HDR");
    }
    if path.ends_with("nis_callback.x") {
        let import = import.undefine("RPC_HDR");
        return import.before(path.with_file_name("nis.x"));
    }
    import
}

#[test]
fn every_system_file_imports_and_its_rust_compiles() {
    let mut source = String::from("#![allow(dead_code)]\n");
    let mut modules = 0;
    for path in files() {
        let model = import(&path).model();
        let model = model.unwrap_or_else(|error| panic!("{error}"));
        let rust = Generate::new().rust(&model);
        let rust = rust.unwrap_or_else(|error| panic!("{error}"));
        wire::check_formatted(&rust, &path);
        let name = path.file_stem().expect("it ends with .x").to_string_lossy();
        write!(source, "pub mod {name} {{\n{rust}\n}}\n").expect("a text grows");
        modules += 1;
    }
    assert!(modules >= 18);
    source.push_str("fn main() {}\n");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("system_files.rs");
    fs::write(&file, source).expect("it is written");
    trybuild::TestCases::new().pass(&file);
}

/// rpcgen says `nis.x, line 411: definition keyword expected`.
#[test]
fn the_file_that_rpcgen_refuses_is_refused_at_the_same_line() {
    let path = Path::new("/usr/include/rpcsvc/nis.x");
    let error = Import::new(path).model().expect_err("refused");
    assert!(matches!(error, IdlError::Expected { .. }), "{error}");
    let place = error.place().expect("it has a place");
    assert_eq!(
        (&*place.file, place.line),
        ("/usr/include/rpcsvc/nis.x", 411)
    );
}
