//! Builds the provider in C of this folder into a shared object, for tests. It does not load it.

use std::path::{Path, PathBuf};
use std::process::Command;

const SOURCES: [&str; 7] = [
    "memory.c",
    "codec.c",
    "connection.c",
    "link.c",
    "inbound.c",
    "listener.c",
    "provider.c",
];

const OPTIONS: [&str; 10] = [
    "-std=c11",
    "-D_GNU_SOURCE",
    "-O2",
    "-g",
    "-Wall",
    "-Wextra",
    "-shared",
    "-fPIC",
    "-fvisibility=hidden",
    "-pthread",
];

/// Compiles the provider to `librmix_cframe.so` in `out_dir`, which exists, and returns its path.
///
/// Uses the compiler `$CC`, else `cc`, with the words of `$RMIX_C_PROVIDER_CFLAGS` as further options.
///
/// # Panics
/// When there is no compiler or it refuses the sources; the message has its words.
pub fn build(out_dir: &Path) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let object = out_dir.join("librmix_cframe.so");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let more = std::env::var("RMIX_C_PROVIDER_CFLAGS").unwrap_or_default();
    // The sanitizers' libraries, when preloaded for the tests, are not for the compiler.
    let result = Command::new(&compiler)
        .env_remove("LD_PRELOAD")
        .args(OPTIONS)
        .args(more.split_whitespace())
        .arg("-I")
        .arg(folder.join("../../rmix-core/rmix-abi/include"))
        .arg("-o")
        .arg(&object)
        .args(SOURCES.map(|source| folder.join(source)))
        .output()
        .unwrap_or_else(|failure| panic!("{compiler} is needed for the provider in C: {failure}"));
    assert!(
        result.status.success(),
        "{compiler} refused the provider in C:\n{}",
        String::from_utf8_lossy(&result.stderr)
    );
    object
}
