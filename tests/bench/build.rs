//! Makes what peers in Rust generate: Cap'n Proto's messages by its schema compiler, and the service of gRPC. Where the
//! schema compiler is not installed, that peer is left out.

use std::path::PathBuf;

use tonic_build::manual::{Builder, Method, Service};

const SCHEMA: &str = "schema/bench.capnp";
/// The generated module stands in this one.
const CAPNP_ROOM: [&str; 2] = ["peers", "rust_capnp"];
const MESSAGES: &str = "crate::peers::rust_tonic::messages";

fn main() {
    println!("cargo::rustc-check-cfg=cfg(has_capnp)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SCHEMA}");
    match schema_compiler() {
        Ok(()) => {
            capnpc::CompilerCommand::new()
                .file(SCHEMA)
                .src_prefix("schema")
                .default_parent_module(CAPNP_ROOM.map(str::to_owned).to_vec())
                .run()
                .expect("the schema is right");
            println!("cargo::rustc-cfg=has_capnp");
        }
        // Cargo runs this again, until it is there.
        Err(missing) => println!("cargo::rerun-if-changed={}", missing.display()),
    }
    Builder::new().compile(&[service()]);
}

/// Cap'n Proto's schema compiler and what it imports, or the first of these that is not there.
fn schema_compiler() -> Result<(), PathBuf> {
    let needed = ["/usr/bin/capnp", "/usr/include/capnp/stream.capnp"].map(PathBuf::from);
    match needed.into_iter().find(|path| !path.is_file()) {
        Some(missing) => Err(missing),
        None => Ok(()),
    }
}

/// `service Bench` of the package `bench`: what a `.proto` file would say.
fn service() -> Service {
    let method = |name: &str, route: &str, input: &str, output: &str| {
        Method::builder()
            .name(name)
            .route_name(route)
            .input_type(format!("{MESSAGES}::{input}"))
            .output_type(format!("{MESSAGES}::{output}"))
            .codec_path("tonic_prost::ProstCodec")
    };
    Service::builder()
        .name("Bench")
        .package("bench")
        .method(method("null", "Null", "Nothing", "Nothing").build())
        .method(method("echo", "Echo", "Octets", "Octets").build())
        .method(method("sum", "Sum", "Numbers", "Number").build())
        .method(
            method("post", "Post", "Octets", "Count")
                .client_streaming()
                .build(),
        )
        .method(method("count", "Count", "Nothing", "Count").build())
        .build()
}
