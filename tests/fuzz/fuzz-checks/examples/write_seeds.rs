//! Writes the seeds of every check into its folder below the one given: `write_seeds FOLDER`. Overwrites only seeds.

use std::fs;
use std::path::PathBuf;

use rmix_fuzz_checks::{CHECKS, seeds};

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    let folder = folder.ok_or_else(|| std::io::Error::other("usage: write_seeds FOLDER"))?;
    for check in CHECKS {
        let folder = folder.join(check.name);
        fs::create_dir_all(&folder)?;
        for (number, seed) in seeds(check.name).iter().enumerate() {
            fs::write(folder.join(format!("seed-{number}")), seed)?;
        }
    }
    Ok(())
}
