//! The Python station: programs under `python/` on aio-msgpack-rpc, with the Python packages they
//! need in a folder of the caller's. It prepares and starts them, and does not know
//! MessagePack-RPC.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::client::run_client;
use crate::error::{BuildError, CommandError, PeerError};
use crate::folder;
use crate::neovim::nvim_command;
use crate::peer::Peer;
use crate::process;
use crate::server::{RunningServer, RunningUnixServer};

const INTERPRETER_LIMIT: Duration = Duration::from_secs(60);
const INSTALL_LIMIT: Duration = Duration::from_secs(300);

const SOURCE_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/python");
const REQUIREMENTS: &str = include_str!("../python/requirements.txt");

/// The Python programs, with an interpreter that finds what they import.
#[derive(Clone, Debug)]
pub struct PythonStation {
    interpreter: PathBuf,
    /// Where the packages are, when the interpreter does not know by itself.
    packages: Option<PathBuf>,
}

impl PythonStation {
    /// Installs the Python packages under `folder`, unless they are there already: into a virtual
    /// environment, or, where Python cannot make one, by `pip install --target`.
    ///
    /// # Errors
    ///
    /// When packages of the system are missing (the error carries the command that installs them),
    /// when the folder cannot be used, or when pip fails.
    ///
    /// # Blocking
    ///
    /// For many seconds the first time; callers that share a folder wait for one another.
    pub fn prepare(folder: &Path) -> Result<Self, BuildError> {
        let status = Peer::PythonStation.status();
        if !status.is_present() {
            return Err(BuildError::Missing(status));
        }
        Self::prepare_with(Path::new("python3"), folder)
    }

    /// Like `prepare`, with an interpreter of the caller's choice.
    ///
    /// # Errors
    ///
    /// When the folder cannot be used, or when pip fails.
    pub fn prepare_with(python: &Path, folder: &Path) -> Result<Self, BuildError> {
        let _lock = folder::lock(folder)?;
        let folder = fs::canonicalize(folder).map_err(BuildError::folder(folder))?;
        let in_venv = Self::in_venv(&folder);
        let in_packages = Self::in_packages(python, &folder);

        let recipe_file = folder.join("recipe");
        let recipe = recipe(python)?;
        if fs::read_to_string(&recipe_file).is_ok_and(|text| text == recipe) {
            for station in [&in_venv, &in_packages] {
                if station.imports() {
                    return Ok(station.clone());
                }
            }
        }

        // Without a recipe nothing is found above: half an installation is none.
        for leftover in ["recipe", "venv", "packages"] {
            folder::remove_if_there(&folder.join(leftover))?;
        }
        let station = match make_venv(python, &folder) {
            Ok(()) => {
                in_venv.install_packages(&[])?;
                in_venv
            }
            Err(venv) => {
                folder::remove_if_there(&folder.join("venv"))?;
                let target = folder.join("packages").to_string_lossy().into_owned();
                in_packages
                    .install_packages(&["--target", &target])
                    .map_err(|target| BuildError::NoPackages {
                        venv: Box::new(venv),
                        target: Box::new(target),
                    })?;
                in_packages
            }
        };
        fs::write(&recipe_file, recipe).map_err(BuildError::folder(recipe_file))?;
        Ok(station)
    }

    /// Starts the server on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When it does not listen within a minute.
    pub fn start_server_tcp(&self) -> Result<RunningServer, PeerError> {
        RunningServer::start(
            self.script("station_server.py")
                .args(["tcp", "127.0.0.1:0"]),
        )
    }

    /// Starts the server on a Unix socket at `path`, which the system limits to 107 bytes.
    ///
    /// # Errors
    ///
    /// When it does not listen within a minute.
    pub fn start_server_unix(&self, path: &Path) -> Result<RunningUnixServer, PeerError> {
        RunningUnixServer::start(self.script("station_server.py").arg("unix").arg(path))
    }

    /// Starts a server whose `latest` always fails with Offline, on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When it does not listen within a minute.
    pub fn start_offline_server_tcp(&self) -> Result<RunningServer, PeerError> {
        let mut command = self.script("station_server.py");
        RunningServer::start(command.args(["--offline", "tcp", "127.0.0.1:0"]))
    }

    /// Runs the client with `arguments`: address (host:port, or a path with a slash in it),
    /// operation and the operation's own. Returns the line of JSON it prints: `{"ok": …}`, or
    /// `{"error": …}` with the error member of the response.
    ///
    /// # Errors
    ///
    /// When it could not connect, was called wrongly, got no answer, or took more than five
    /// minutes.
    pub fn client(&self, arguments: &[&str]) -> Result<Value, PeerError> {
        run_client(self.script("station_client.py").args(arguments))
    }

    /// Runs Neovim on the callback source and serves its calls from Python, by hand: what it
    /// returns, and all it sent, is what RMIX in Python's place must see.
    ///
    /// # Errors
    ///
    /// When Neovim cannot be started or does not answer.
    pub fn check_nvim_callback(&self) -> Result<Value, PeerError> {
        let mut command = self.script("check_nvim_callback.py");
        command.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/nvim/callback.lua"));
        run_client(command.args(nvim_command()))
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

    fn script(&self, name: &str) -> Command {
        let mut command = self.python();
        command.arg(Path::new(SOURCE_FOLDER).join(name));
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

    fn imports(&self) -> bool {
        let mut command = self.python();
        command.args(["-c", "import aio_msgpack_rpc, msgpack"]);
        process::run(&mut command, INTERPRETER_LIMIT, &mut |_line| {}).is_ok()
    }

    fn install_packages(&self, options: &[&str]) -> Result<(), CommandError> {
        let mut command = self.python();
        command
            .args(["-m", "pip", "install", "--disable-pip-version-check"])
            .args(options)
            .arg("-r")
            .arg(Path::new(SOURCE_FOLDER).join("requirements.txt"));
        process::run(&mut command, INSTALL_LIMIT, &mut |_line| {}).map(drop)
    }
}

/// What decides what is installed: the interpreter, its version and the list of packages.
fn recipe(python: &Path) -> Result<String, CommandError> {
    let mut command = Command::new(python);
    command.args(["-c", "import sys; print(sys.version)"]);
    let version = process::run(&mut command, INTERPRETER_LIMIT, &mut |_line| {})?.join(" ");
    Ok(format!("{}\n{version}\n{REQUIREMENTS}", python.display()))
}

fn make_venv(python: &Path, folder: &Path) -> Result<(), CommandError> {
    let mut command = Command::new(python);
    command.args(["-m", "venv"]).arg(folder.join("venv"));
    process::run(&mut command, INSTALL_LIMIT, &mut |_line| {}).map(drop)
}
