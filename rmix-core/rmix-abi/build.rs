//! Records compiler and target, so that a provider that does not fit can be named in the message that refuses it.

use std::process::Command;

fn main() {
    let rustc = std::env::var("RUSTC").unwrap_or_else(|_| "rustc".into());
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .unwrap_or_else(|| "rustc of unknown version".into());
    let target = std::env::var("TARGET").unwrap_or_default();
    println!("cargo::rustc-env=RMIX_BUILD_RUSTC={}", version.trim());
    println!("cargo::rustc-env=RMIX_BUILD_TARGET={target}");
    println!("cargo::rerun-if-changed=build.rs");
}
