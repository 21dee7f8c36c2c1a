//! Writes Rust for the interfaces of real peers: `diverse.x` of the C programs, the WSDL of the SOAP peers, and the
//! system's own `rstat.x` and `mount.x` where they are installed. Tests of the latter need those peers anyway, and fail
//! by name without them.

use std::path::Path;

use rmix_idl::{Generate, Import};

/// Beside this crate, as its peers are.
const DIVERSE: &str = "../../interop/peers/testdata/diverse.x";
/// The SOAP peers' descriptions.
const DESCRIPTIONS: [&str; 3] = ["contract", "rpc", "encoded"];
/// Names that only namespaces tell apart.
const NAMES: &str = "testdata/names.wsdl";
/// Where the packages of the C library's interfaces put them.
const SYSTEM: &str = "/usr/include/rpcsvc";

fn main() {
    let out = std::env::var("OUT_DIR").expect("Cargo sets it");
    // The file cannot say so itself: its server does not answer POST.
    let oneway = Generate::new().oneway("POST");
    write(Import::new(DIVERSE).generate(oneway), &out);
    let peers = DESCRIPTIONS.map(|name| format!("../../interop/peers/soap/{name}.wsdl"));
    for file in peers.into_iter().chain([NAMES.to_owned()]) {
        let written = rmix_idl::wsdl::Import::new(file).write_to(&out);
        written.unwrap_or_else(|error| panic!("{error}"));
    }
    println!("cargo:rustc-check-cfg=cfg(system_interfaces)");
    let files = ["rstat.x", "mount.x"].map(|name| Path::new(SYSTEM).join(name));
    if files.iter().all(|file| file.is_file()) {
        for file in files {
            write(Import::new(file), &out);
        }
        println!("cargo:rustc-cfg=system_interfaces");
    } else {
        println!("cargo:rerun-if-changed={SYSTEM}");
    }
}

fn write(import: Import, out: &str) {
    let written = import.write_to(out);
    written.unwrap_or_else(|error| panic!("{error}"));
}
