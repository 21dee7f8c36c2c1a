//! Writes Rust for the two interface files. Names and paths are octets to NFS: so are strings here.

use rmix_idl::{Generate, Import, Strings};

/// Procedures of NFSv3 that change nothing, and those of MOUNT but its table of mounts, which is a courtesy.
const IDEMPOTENT: [&str; 13] = [
    "NFSPROC3_GETATTR",
    "NFSPROC3_LOOKUP",
    "NFSPROC3_ACCESS",
    "NFSPROC3_READLINK",
    "NFSPROC3_READ",
    "NFSPROC3_READDIR",
    "NFSPROC3_READDIRPLUS",
    "NFSPROC3_FSSTAT",
    "NFSPROC3_FSINFO",
    "NFSPROC3_PATHCONF",
    "MOUNTPROC3_MNT",
    "MOUNTPROC3_DUMP",
    "MOUNTPROC3_EXPORT",
];

fn main() {
    let generate = Generate::new().strings(Strings::Octets);
    let generate = IDEMPOTENT.into_iter().fold(generate, Generate::idempotent);
    let out = std::env::var("OUT_DIR").expect("Cargo sets it");
    for file in ["x/mount.x", "x/nfs3.x"] {
        Import::new(file)
            .generate(generate.clone())
            .write_to(&out)
            .unwrap_or_else(|error| panic!("{error}"));
    }
}
