//! The workspace as `cargo metadata` describes it: its crates, what they import, and what they
//! build.
//!
//! Judges nothing; tidy does.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cargo;
use crate::error::XtaskError;

/// The crates of the workspace and where they are.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target_folder: PathBuf,
    pub(crate) packages: Vec<Package>,
}

/// One crate. Paths are relative to the root, with `/`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) folder: String,
    pub(crate) manifest: String,
    /// The text of its clippy.toml, if it has one.
    pub(crate) clippy: Option<String>,
    pub(crate) dependencies: Vec<Dependency>,
    /// How many binaries of integration tests it builds.
    pub(crate) test_binaries: usize,
    /// Whether it builds a shared object.
    pub(crate) is_shared_object: bool,
}

/// One entry of a manifest's tables of dependencies.
#[derive(Clone, Debug)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// For tests, examples and benches only.
    pub(crate) for_development: bool,
}

impl Workspace {
    /// Asks cargo about the workspace of the current folder.
    pub(crate) fn load() -> Result<Workspace, XtaskError> {
        let json =
            cargo::output(cargo::cargo().args(["metadata", "--no-deps", "--format-version", "1"]))?;
        let metadata: Value =
            serde_json::from_slice(&json).map_err(|source| XtaskError::Metadata { source })?;
        Workspace::from_metadata(&metadata)
    }

    fn from_metadata(metadata: &Value) -> Result<Workspace, XtaskError> {
        let root = PathBuf::from(text(metadata, "workspace_root")?);
        let packages = list(metadata, "packages")?
            .iter()
            .map(|package| Package::from_metadata(package, &root))
            .collect::<Result<_, _>>()?;
        Ok(Workspace {
            target_folder: PathBuf::from(text(metadata, "target_directory")?),
            packages,
            root,
        })
    }

    /// The providers that are shared objects, by name.
    pub(crate) fn providers(&self) -> Result<Vec<&str>, XtaskError> {
        let providers: Vec<_> = self
            .packages
            .iter()
            .filter(|package| package.is_provider())
            .map(|package| package.name.as_str())
            .collect();
        if providers.is_empty() {
            return Err(XtaskError::NoProviders);
        }
        Ok(providers)
    }

    /// Fails when the workspace has no crate of this name.
    pub(crate) fn require(&self, name: &'static str) -> Result<(), XtaskError> {
        if self.packages.iter().any(|package| package.name == name) {
            return Ok(());
        }
        Err(XtaskError::NoSuchCrate { name })
    }
}

impl Package {
    fn from_metadata(package: &Value, root: &Path) -> Result<Package, XtaskError> {
        let manifest = Path::new(text(package, "manifest_path")?);
        let folder = manifest.parent().unwrap_or(root);
        let targets = list(package, "targets")?;
        let is_kind = |target: &Value, field: &str, kind: &str| {
            list_or_empty(target, field)
                .iter()
                .any(|found| found.as_str() == Some(kind))
        };
        let dependencies = list(package, "dependencies")?
            .iter()
            .map(|dependency| {
                Ok(Dependency {
                    name: text(dependency, "name")?.to_owned(),
                    for_development: dependency["kind"].as_str() == Some("dev"),
                })
            })
            .collect::<Result<_, XtaskError>>()?;
        Ok(Package {
            name: text(package, "name")?.to_owned(),
            folder: relative(folder, root),
            manifest: relative(manifest, root),
            clippy: fs::read_to_string(folder.join("clippy.toml")).ok(),
            dependencies,
            test_binaries: targets
                .iter()
                .filter(|target| is_kind(target, "kind", "test"))
                .count(),
            is_shared_object: targets.iter().any(|target| {
                is_kind(target, "kind", "cdylib") && is_kind(target, "crate_types", "cdylib")
            }),
        })
    }

    /// Whether it is a plug-in that users load.
    pub(crate) fn is_provider(&self) -> bool {
        self.is_shared_object && self.folder.starts_with("providers/")
    }
}

/// A path below `root` with `/` between its parts; other paths as they are.
pub(crate) fn relative(path: &Path, root: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

fn text<'a>(value: &'a Value, field: &'static str) -> Result<&'a str, XtaskError> {
    value[field]
        .as_str()
        .ok_or(XtaskError::MetadataField { field })
}

fn list<'a>(value: &'a Value, field: &'static str) -> Result<&'a [Value], XtaskError> {
    value[field]
        .as_array()
        .map(Vec::as_slice)
        .ok_or(XtaskError::MetadataField { field })
}

fn list_or_empty<'a>(value: &'a Value, field: &str) -> &'a [Value] {
    value[field].as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn metadata() -> Value {
        let lib = json!({"kind": ["cdylib", "rlib"], "crate_types": ["cdylib", "rlib"]});
        let test = json!({"kind": ["test"], "crate_types": ["bin"]});
        json!({
            "workspace_root": "/w",
            "target_directory": "/t",
            "packages": [
                {
                    "name": "rmix-pipe",
                    "manifest_path": "/w/providers/pipe/Cargo.toml",
                    "targets": [lib, test, test],
                    "dependencies": [
                        {"name": "rmix-provider", "kind": null},
                        {"name": "rmix-conformance", "kind": "dev"},
                        {"name": "cc", "kind": "build"},
                    ],
                },
                {
                    "name": "rmix-fixture",
                    "manifest_path": "/w/tests/fixture/Cargo.toml",
                    "targets": [{"kind": ["cdylib"], "crate_types": ["cdylib"]}],
                    "dependencies": [],
                },
            ],
        })
    }

    #[test]
    fn crates_targets_and_kinds_of_dependency_are_read() {
        let workspace = Workspace::from_metadata(&metadata()).unwrap();
        assert_eq!(workspace.target_folder, Path::new("/t"));
        let pipe = &workspace.packages[0];
        assert_eq!(pipe.folder, "providers/pipe");
        assert_eq!(pipe.manifest, "providers/pipe/Cargo.toml");
        assert_eq!(pipe.test_binaries, 2);
        let kinds: Vec<_> = pipe
            .dependencies
            .iter()
            .map(|dependency| (dependency.name.as_str(), dependency.for_development))
            .collect();
        assert_eq!(
            kinds,
            [
                ("rmix-provider", false),
                ("rmix-conformance", true),
                ("cc", false)
            ]
        );
    }

    #[test]
    fn providers_are_the_shared_objects_under_their_folder() {
        let mut workspace = Workspace::from_metadata(&metadata()).unwrap();
        assert_eq!(workspace.providers().unwrap(), ["rmix-pipe"]);
        workspace.packages.remove(0);
        assert!(matches!(
            workspace.providers(),
            Err(XtaskError::NoProviders)
        ));
    }

    #[test]
    fn a_missing_field_is_named() {
        assert!(matches!(
            Workspace::from_metadata(&json!({"workspace_root": "/w"})),
            Err(XtaskError::MetadataField { field: "packages" })
        ));
    }

    #[test]
    fn a_missing_crate_is_named() {
        let workspace = Workspace::from_metadata(&metadata()).unwrap();
        assert!(workspace.require("rmix-pipe").is_ok());
        assert_eq!(
            workspace.require("rmix-tour").unwrap_err().to_string(),
            "the workspace has no crate rmix-tour"
        );
    }
}
