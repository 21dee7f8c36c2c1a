//! Reads the tree for the rules: every Rust file outside build folders, and the manifests.

use std::fs;
use std::path::Path;

use super::Tree;
use super::lints::ROOT_MANIFEST;
use super::size::RATCHET;
use super::source::SourceFile;
use crate::error::XtaskError;
use crate::workspace::{Workspace, relative};

pub(super) fn tree(workspace: &Workspace) -> Result<Tree, XtaskError> {
    let root = &workspace.root;
    let mut files = Vec::new();
    collect(root, root, &mut files)?;
    files.sort_by(|one, other| one.path.cmp(&other.path));
    let manifests = std::iter::once(ROOT_MANIFEST)
        .chain(workspace.packages.iter().map(|p| p.manifest.as_str()))
        .map(|path| Ok((path.to_owned(), read(&root.join(path))?)))
        .collect::<Result<_, XtaskError>>()?;
    Ok(Tree {
        files,
        packages: workspace.packages.clone(),
        manifests,
        ratchet: read(&root.join(RATCHET))?,
    })
}

/// Adds the Rust files of a folder and of the folders in it, without following links.
fn collect(folder: &Path, root: &Path, files: &mut Vec<SourceFile>) -> Result<(), XtaskError> {
    let unreadable = |source| XtaskError::Unreadable {
        path: folder.to_owned(),
        source,
    };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        let path = entry.path();
        if kind.is_dir() && !is_built(&path) {
            collect(&path, root, files)?;
        }
        if kind.is_file() && path.extension().is_some_and(|ending| ending == "rs") {
            files.push(SourceFile::new(relative(&path, root), read(&path)?));
        }
    }
    Ok(())
}

/// Folders of tools: hidden ones, cargo's (which are tagged), installed packages of other
/// languages.
fn is_built(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.')
        || name == "target"
        || name == "node_modules"
        || folder.join("CACHEDIR.TAG").exists()
}

fn read(path: &Path) -> Result<String, XtaskError> {
    fs::read_to_string(path).map_err(|source| XtaskError::Unreadable {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_files_are_found_and_build_folders_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "//! A file.\n").unwrap();
        };
        for path in [
            "a/src/lib.rs",
            "a/src/b/c.rs",
            "a/README.md",
            "target/debug/x.rs",
            "build/CACHEDIR.TAG",
            "build/y.rs",
            ".git/z.rs",
            "node_modules/w.rs",
        ] {
            write(path);
        }
        let mut files = Vec::new();
        collect(folder.path(), folder.path(), &mut files).unwrap();
        let mut paths: Vec<_> = files.iter().map(|file| file.path.as_str()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["a/src/b/c.rs", "a/src/lib.rs"]);
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("absent");
        let error = collect(&absent, folder.path(), &mut Vec::new()).unwrap_err();
        assert!(error.to_string().ends_with("absent"), "{error}");
    }
}
