//! An interpreter with Python packages in a folder of the caller's: a virtual environment, or, where
//! Python cannot make one, `pip install --target`. It knows no program that runs in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::error::{BuildError, CommandError};
use crate::folder;
use crate::process;

const INTERPRETER_LIMIT: Duration = Duration::from_secs(60);
const INSTALL_LIMIT: Duration = Duration::from_secs(300);

const SOURCE_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python");

/// What is installed, and how to see that it is.
#[derive(Debug)]
pub(crate) struct Requirements {
    /// The file under `python/` that lists the packages.
    pub(crate) file: &'static str,
    /// Its text.
    pub(crate) text: &'static str,
    /// The statement that works when they are there.
    pub(crate) import: &'static str,
}

/// A Python interpreter that finds what was installed for it.
#[derive(Clone, Debug)]
pub(crate) struct PythonEnvironment {
    interpreter: PathBuf,
    /// Where the packages are, when the interpreter does not know by itself.
    packages: Option<PathBuf>,
}

impl PythonEnvironment {
    /// Installs what is required under `folder`, unless it is there already.
    pub(crate) fn prepare(
        python: &Path,
        folder: &Path,
        required: &Requirements,
    ) -> Result<Self, BuildError> {
        let _lock = folder::lock(folder)?;
        let folder = fs::canonicalize(folder).map_err(BuildError::folder(folder))?;
        let in_venv = Self::in_venv(&folder);
        let in_packages = Self::in_packages(python, &folder);

        let recipe_file = folder.join("recipe");
        let recipe = recipe(python, required)?;
        if fs::read_to_string(&recipe_file).is_ok_and(|text| text == recipe) {
            for environment in [&in_venv, &in_packages] {
                if environment.imports(required) {
                    return Ok(environment.clone());
                }
            }
        }

        // Without a recipe nothing is found above: half an installation is none.
        for leftover in ["recipe", "venv", "packages"] {
            folder::remove_if_there(&folder.join(leftover))?;
        }
        let environment = match make_venv(python, &folder) {
            Ok(()) => {
                in_venv.install_packages(&[], required)?;
                in_venv
            }
            Err(venv) => {
                folder::remove_if_there(&folder.join("venv"))?;
                let target = folder.join("packages").to_string_lossy().into_owned();
                in_packages
                    .install_packages(&["--target", &target], required)
                    .map_err(|target| BuildError::NoPackages {
                        venv: Box::new(venv),
                        target: Box::new(target),
                    })?;
                in_packages
            }
        };
        fs::write(&recipe_file, recipe).map_err(BuildError::folder(recipe_file))?;
        Ok(environment)
    }

    fn in_venv(folder: &Path) -> Self {
        Self {
            interpreter: folder.join("venv/bin/python"),
            packages: None,
        }
    }

    fn in_packages(python: &Path, folder: &Path) -> Self {
        Self {
            interpreter: python.to_owned(),
            packages: Some(folder.join("packages")),
        }
    }

    /// A command that runs a program of the folder `python/`.
    pub(crate) fn script(&self, name: &str) -> Command {
        self.script_at(&Path::new(SOURCE_FOLDER).join(name))
    }

    /// A command that runs a program.
    pub(crate) fn script_at(&self, path: &Path) -> Command {
        let mut command = self.python();
        command.arg(path);
        command
    }

    /// The interpreter, with nothing of the caller's surroundings that changes what it imports.
    fn python(&self) -> Command {
        let mut command = Command::new(&self.interpreter);
        command
            .env_remove("PYTHONHOME")
            .env_remove("PYTHONPATH")
            .env("PYTHONUTF8", "1");
        if let Some(packages) = &self.packages {
            command.env("PYTHONPATH", packages);
        }
        command
    }

    fn imports(&self, required: &Requirements) -> bool {
        let mut command = self.python();
        command.args(["-c", required.import]);
        process::run(&mut command, INTERPRETER_LIMIT, &mut |_line| {}).is_ok()
    }

    fn install_packages(
        &self,
        options: &[&str],
        required: &Requirements,
    ) -> Result<(), CommandError> {
        let mut command = self.python();
        command
            .args(["-m", "pip", "install", "--disable-pip-version-check"])
            .args(options)
            .arg("-r")
            .arg(Path::new(SOURCE_FOLDER).join(required.file));
        process::run(&mut command, INSTALL_LIMIT, &mut |_line| {}).map(drop)
    }
}

/// What decides what is installed: the interpreter, its version and the list of packages.
fn recipe(python: &Path, required: &Requirements) -> Result<String, CommandError> {
    let mut command = Command::new(python);
    command.args(["-c", "import sys; print(sys.version)"]);
    let version = process::run(&mut command, INTERPRETER_LIMIT, &mut |_line| {})?.join(" ");
    Ok(format!(
        "{}\n{version}\n{}",
        python.display(),
        required.text
    ))
}

fn make_venv(python: &Path, folder: &Path) -> Result<(), CommandError> {
    let mut command = Command::new(python);
    command.args(["-m", "venv"]).arg(folder.join("venv"));
    process::run(&mut command, INSTALL_LIMIT, &mut |_line| {}).map(drop)
}
