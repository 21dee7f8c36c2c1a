//! The child of the conformance tests: serves the suite's object on its standard streams.

fn main() {
    rmix_conformance::child::serve(&rmix_pipe::plugin::rmix_provider_v1_pipe, "pipe+fd:0,1");
}
