//! The system's C compiler, for tests that need a program or shared object in C. Honours `CC`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A fresh folder of one test.
pub(crate) fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("rmix-abi")
        .join(name);
    std::fs::create_dir_all(&folder).expect("cargo's folder for tests is writable");
    folder
}

/// Where the header stands.
pub(crate) fn include() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("include")
}

/// Compiles `source` to `output`; the compiler's words when it refuses.
pub(crate) fn compile(source: &Path, output: &Path, options: &[&str]) {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let result = Command::new(&compiler)
        .args(options)
        .arg("-I")
        .arg(include())
        .arg("-o")
        .args([output, source])
        .output()
        .unwrap_or_else(|failure| panic!("{compiler} is needed for this test: {failure}"));
    assert!(
        result.status.success(),
        "{compiler} refused {}:\n{}",
        source.display(),
        String::from_utf8_lossy(&result.stderr)
    );
}

/// Compiles a shared object from C text and returns its path.
pub(crate) fn shared_object(folder: &Path, file: &str, text: &str) -> PathBuf {
    let source = folder.join(file).with_extension("c");
    std::fs::write(&source, text).expect("the test folder is writable");
    let object = folder.join(file);
    let options = [
        "-std=c99",
        "-Wall",
        "-Werror",
        "-shared",
        "-fPIC",
        "-fvisibility=hidden",
    ];
    compile(&source, &object, &options);
    object
}
