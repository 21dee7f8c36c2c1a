//! Every file of every corpus goes through its check, and the corpora stay small.

use std::fs;
use std::path::{Path, PathBuf};

use rmix_fuzz_checks::{CHECKS, seeds};

#[test]
fn every_file_of_every_corpus_holds() {
    for check in CHECKS {
        let files = files(&corpus().join(check.name));
        assert!(!files.is_empty(), "{} has no corpus", check.name);
        for file in files {
            // Shown by the test runner when a check fails.
            println!("{}", file.display());
            (check.run)(&fs::read(&file).expect("a file that was listed"));
        }
    }
}

#[test]
fn every_seed_holds() {
    for check in CHECKS {
        let seeds = seeds(check.name);
        assert!(!seeds.is_empty(), "{} has no seed", check.name);
        for (number, seed) in seeds.iter().enumerate() {
            println!("{} {number}", check.name);
            (check.run)(seed);
        }
    }
}

/// A wrong byte somewhere in a well-formed input is what a search finds first; no corpus is needed for that.
#[test]
fn every_damaged_seed_holds() {
    for check in CHECKS {
        for seed in seeds(check.name) {
            println!("{} {}", check.name, seed.escape_ascii());
            for place in 0..seed.len() {
                (check.run)(&seed[..place]);
                for byte in [0x00, 0xff, seed[place] ^ 0x81] {
                    let mut damaged = seed.clone();
                    damaged[place] = byte;
                    (check.run)(&damaged);
                }
            }
        }
    }
}

#[test]
fn corpora_have_a_check_each_and_stay_small() {
    let mut bytes = 0;
    for folder in folders(&corpus()) {
        let name = folder.file_name().expect("a folder's name");
        assert!(
            CHECKS.iter().any(|check| name == check.name),
            "{name:?} has no check"
        );
        let files = files(&folder);
        assert!(files.len() < FILES_MAX, "{name:?} has {}", files.len());
        for file in files {
            bytes += fs::metadata(file).expect("a file that was listed").len();
        }
    }
    assert!(bytes < BYTES_MAX, "{bytes}");
}

#[test]
fn every_check_has_a_fuzz_target_of_its_name() {
    let manifest = fs::read_to_string(fuzz().join("Cargo.toml")).expect("the fuzz workspace");
    for check in CHECKS {
        let source = fuzz().join(format!("fuzz_targets/{}.rs", check.name));
        let source = fs::read_to_string(source).expect("a target for each check");
        assert!(source.contains(&format!("check_{}(", check.name)));
        assert!(manifest.contains(&format!("name = \"{}\"", check.name)));
    }
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn corpus() -> PathBuf {
    fuzz().join("corpus")
}

fn listed(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder of the corpus");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry of the folder").path())
        .collect();
    paths.sort();
    paths
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    listed(folder)
        .into_iter()
        .filter(|path| path.is_dir())
        .collect()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    listed(folder)
        .into_iter()
        .filter(|path| path.is_file())
        .collect()
}

const FILES_MAX: usize = 300;
const BYTES_MAX: u64 = 1 << 20;
