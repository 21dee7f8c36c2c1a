//! The contract's suite for the provider in C, as a shared object: there is nothing to link in. What it leaves out is in
//! the README, with the reasons.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rmix::ProviderEntry;
use rmix_conformance::{Fixture, Transport, mount};

struct Cframe;

impl Fixture for Cframe {
    fn name(&self) -> &'static str {
        "cframe"
    }

    fn linked(&self) -> &'static ProviderEntry {
        panic!("the provider in C has no linked form: mount it as a shared object")
    }

    fn object_file(&self) -> PathBuf {
        static FILE: OnceLock<PathBuf> = OnceLock::new();
        FILE.get_or_init(build_once).clone()
    }

    fn leaves_out(&self) -> &'static [(&'static str, &'static str)] {
        &[
            (
                "errors::argument_that_cannot_be_sent_leaves_the_link_usable",
                CARRIES_ALL,
            ),
            (
                "errors::result_that_cannot_be_sent_leaves_the_link_usable",
                CARRIES_ALL,
            ),
        ]
    }

    fn claims(&self) -> &'static [&'static str] {
        &[
            "oneway",
            "twoway",
            "listen",
            "symmetric",
            "faults",
            "ordered",
            "concurrent",
        ]
    }

    fn transport(&self) -> Transport {
        Transport::Unix
    }

    fn endpoint(&self, folder: &Path) -> String {
        format!("cframe+unix:{}/object", folder.display())
    }

    fn nonsense(&self) -> Vec<(&'static str, Vec<u8>)> {
        vec![
            ("a frame of 4 GiB", vec![0xff; 4]),
            ("a frame without a length", vec![0; 4]),
            (
                "a frame shorter than its header",
                vec![6, 0, 0, 0, 1, 0, 0, 0, 1, 0],
            ),
            ("a frame of kind 0", vec![7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
            (
                "a frame of an unknown kind",
                vec![7, 0, 0, 0, 1, 0, 0, 0, 6, 0, 0],
            ),
            (
                "a name longer than its frame",
                vec![8, 0, 0, 0, 1, 0, 0, 0, 1, 2, 0, b'a'],
            ),
            (
                "an answer to no call",
                vec![7, 0, 0, 0, 0x77, 0x77, 0, 0, 3, 0, 0],
            ),
        ]
    }
}

/// Builds the provider; the file of an earlier build is replaced at once, for another process may have it loaded.
fn build_once() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("conformance");
    let fresh = folder.join(std::process::id().to_string());
    std::fs::create_dir_all(&fresh).expect("cargo's folder for tests is writable");
    let built = rmix_c_provider_tests::build(&fresh);
    let file = folder.join(built.file_name().expect("a file has a name"));
    std::fs::rename(&built, &file).expect("both are in one folder");
    std::fs::remove_dir(&fresh).expect("its only file was moved");
    file
}

const CARRIES_ALL: &str =
    "cframe carries 128-bit integers: there is no value of the suite that it refuses";

mount!(shared, Cframe, Shared);
