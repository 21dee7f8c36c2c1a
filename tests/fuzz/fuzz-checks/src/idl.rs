//! `.x` files: any text is read or refused, and what is read can be generated as Rust that parses.

use rmix_idl::Import;

/// A text that is refused names its place; one that is read gives Rust, or a reason why it has none.
pub fn check_idl(data: &[u8]) {
    // Includes would read this machine's files.
    let text = String::from_utf8_lossy(data).replace("include", "exclude");
    let import = Import::text("fuzz.x", text);
    match import.model() {
        Ok(_) => match import.rust() {
            Ok(rust) => assert!(!rust.is_empty()),
            Err(failure) => assert!(!failure.to_string().is_empty()),
        },
        Err(failure) => {
            assert!(failure.to_string().contains("fuzz.x"), "{failure}");
        }
    }
}

/// A small file of everything.
pub(crate) const SEEDS: &[&str] = &[
    "const MAX = 0x10;\nenum e { A, B = -1, C = MAX };\ntypedef opaque id[8];\n\
     struct node { string name<MAX>; node *next; };\ntypedef node *list;\n\
     union result switch (e stat) { case A: list items; case B: void; default: int code; };\n\
     program P { version V { result GET(id, unsigned hyper) = 1; void NULLPROC(void) = 0; } = 1; } = 0x20000099;\n",
    "#ifdef RPC_HDR\n%#include <x.h>\n#else\nstruct s { unsigned a; bool b<>; double c[3]; };\n#endif\n",
];
