//! A folder of what is built of sources under `soap/`, built again when a source has changed: their
//! text is kept beside what was made of them. What is built, the caller says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::error::BuildError;
use crate::folder;
use crate::process;

const TOOL_LIMIT: Duration = Duration::from_secs(600);

const SOURCE_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/soap");

/// The path of a source.
pub(super) fn source(name: &str) -> PathBuf {
    Path::new(SOURCE_FOLDER).join(name)
}

/// The full path of `folder` after `build` has made in it what is made of `sources`. Nothing is built
/// when it was built of the same before; an old build is removed first.
pub(super) fn prepare(
    folder: &Path,
    sources: &[&str],
    build: impl FnOnce(&Path) -> Result<(), BuildError>,
) -> Result<PathBuf, BuildError> {
    let _lock = folder::lock(folder)?;
    let folder = fs::canonicalize(folder).map_err(BuildError::folder(folder))?;
    let mut recipe = format!("{SOURCE_FOLDER}\n");
    for name in sources {
        let path = source(name);
        let text = fs::read_to_string(&path).map_err(BuildError::folder(&path))?;
        recipe.push_str(&format!("{name}\n{text}\n"));
    }
    let recipe_file = folder.join("recipe");
    let built = folder.join("built");
    if fs::read_to_string(&recipe_file).is_ok_and(|text| text == recipe) {
        return Ok(built);
    }
    // Without a recipe nothing is found: half a build is none.
    folder::remove_if_there(&recipe_file)?;
    folder::remove_if_there(&built)?;
    fs::create_dir_all(&built).map_err(BuildError::folder(&built))?;
    build(&built)?;
    fs::write(&recipe_file, recipe).map_err(BuildError::folder(&recipe_file))?;
    Ok(built)
}

/// Copies sources into a folder, each by its last name.
pub(super) fn copy(names: &[&str], folder: &Path) -> Result<(), BuildError> {
    for name in names {
        let from = source(name);
        let to = folder.join(Path::new(name).file_name().unwrap_or_default());
        fs::copy(&from, to).map_err(BuildError::folder(from))?;
    }
    Ok(())
}

/// Runs a tool in `folder` to its end.
pub(super) fn tool(folder: &Path, command: &mut Command) -> Result<(), BuildError> {
    process::run(command.current_dir(folder), TOOL_LIMIT, &mut |_line| {})?;
    Ok(())
}
