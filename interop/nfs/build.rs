//! Writes Rust for the two interface files. Names and paths are octets to NFS: so are strings here.

use rmix_idl::{Generate, Import, Strings};

fn main() {
    let out = std::env::var("OUT_DIR").expect("Cargo sets it");
    for file in ["x/mount.x", "x/nfs3.x"] {
        Import::new(file)
            .generate(Generate::new().strings(Strings::Octets))
            .write_to(&out)
            .unwrap_or_else(|error| panic!("{error}"));
    }
}
