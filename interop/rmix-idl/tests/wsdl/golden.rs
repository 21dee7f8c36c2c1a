//! Whole files, and the Rust that is committed for them.

use std::fs;
use std::path::PathBuf;

use rmix_idl::wsdl::Import;

use super::rust;

pub(crate) fn path(name: &str) -> PathBuf {
    let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/testdata/wsdl");
    tests.join(name)
}

/// The files of the folder that are imported.
pub(crate) fn files() -> Vec<PathBuf> {
    ["shop.wsdl", "rpc.wsdl", "types.xsd", "HotelService.wsdl"]
        .map(path)
        .to_vec()
}

#[test]
fn generated_rust_is_the_one_in_the_repository() {
    for path in files() {
        let rust = rust(&Import::new(&path));
        let committed = path.with_extension("rs.txt");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&committed, &rust).expect("it is written");
        }
        let expected = fs::read_to_string(&committed).expect("it is there");
        assert!(
            rust == expected,
            "run with UPDATE_EXPECT=1 and read the difference of {}",
            committed.display()
        );
    }
}

#[test]
fn the_same_file_gives_the_same_rust() {
    let import = || Import::new(path("shop.wsdl")).rust().expect("it is read");
    assert_eq!(import(), import());
}
