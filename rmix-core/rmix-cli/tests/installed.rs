//! The command in a folder of its own, with the providers this test was built with in another, so that nothing else on
//! this machine is found; and the real peers.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use rmix_peers::PythonStation;
use serde_json::Value;
use tempfile::TempDir;

/// The providers the command is tested with.
pub(crate) const PROVIDERS: [&str; 3] = ["msgpack", "pipe", "sunrpc"];

/// `bin/rmix`, and `lib/librmix_<name>.so` of each provider.
pub(crate) struct Installed {
    folder: TempDir,
}

/// What a run left.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Installed {
    pub(crate) fn new() -> Installed {
        // A hard link is a program of its own place; it needs the same file system.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let installed = Installed { folder };
        fs::create_dir(installed.bin()).unwrap();
        fs::create_dir(installed.lib()).unwrap();
        fs::hard_link(env!("CARGO_BIN_EXE_rmix"), installed.bin().join("rmix")).unwrap();
        for name in PROVIDERS {
            installed.add_provider(name, &installed.lib());
        }
        installed
    }

    pub(crate) fn bin(&self) -> PathBuf {
        self.folder.path().join("bin")
    }

    pub(crate) fn lib(&self) -> PathBuf {
        self.folder.path().join("lib")
    }

    /// An empty folder beside the others.
    pub(crate) fn add_folder(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join(name);
        fs::create_dir(&folder).unwrap();
        folder
    }

    /// Puts a provider of this build into `folder`.
    pub(crate) fn add_provider(&self, name: &str, folder: &Path) {
        let file = format!("librmix_{name}.so");
        let built = std::env::current_exe().unwrap();
        let built = built.parent().unwrap().join(&file);
        assert!(built.is_file(), "{} was not built", built.display());
        std::os::unix::fs::symlink(built, folder.join(file)).unwrap();
    }

    /// The command without arguments; a watchdog ends it when it hangs, with exit code 124.
    pub(crate) fn bare(&self) -> Command {
        let mut command = Command::new("timeout");
        command
            .arg("180")
            .arg(self.bin().join("rmix"))
            .env_remove("RMIX_PROVIDER_PATH")
            .env_remove("RMIX_LOG")
            .current_dir(self.folder.path());
        command
    }

    /// Runs the command with the providers on the search path.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.bare();
        command.env("RMIX_PROVIDER_PATH", self.lib());
        ran(command.args(arguments))
    }
}

/// A server of the command that runs.
pub(crate) struct Serving {
    child: Child,
    lines: BufReader<ChildStdout>,
    /// Where it listens.
    pub(crate) endpoints: Vec<String>,
}

impl Installed {
    /// Starts `rmix serve --json` with more arguments, and waits until it listens.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Serving {
        let mut serving = self.start_serving(&[&["--json"], arguments].concat());
        let first = serving.line();
        let listening = first["listening"].as_array();
        let listening = listening.unwrap_or_else(|| panic!("{first} {}", serving.said()));
        let texts = listening.iter().map(|one| one.as_str().unwrap().to_owned());
        serving.endpoints = texts.collect();
        serving
    }

    /// Starts `rmix serve`.
    pub(crate) fn start_serving(&self, arguments: &[&str]) -> Serving {
        let mut command = self.bare();
        command
            .env("RMIX_PROVIDER_PATH", self.lib())
            .arg("serve")
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Serving {
            child,
            lines,
            endpoints: Vec::new(),
        }
    }
}

impl Serving {
    /// The next line it prints; empty at the end.
    pub(crate) fn text(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line
    }

    /// The next line as JSON; null at the end.
    pub(crate) fn line(&mut self) -> Value {
        match self.text().as_str() {
            "" => Value::Null,
            line => serde_json::from_str(line).unwrap(),
        }
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, name: &str) {
        let process = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &process]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits for its end; gives the exit code and what it printed since.
    pub(crate) fn end(mut self) -> Ran {
        let mut stdout = String::new();
        self.lines.read_to_string(&mut stdout).unwrap();
        let stderr = self.said();
        Ran {
            code: self.child.wait().unwrap().code().unwrap_or(-1),
            stdout,
            stderr,
        }
    }

    /// What is on standard error, after its end.
    fn said(&mut self) -> String {
        let mut said = String::new();
        let stderr = self.child.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        said
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // Already gone when the test went well. `timeout` passes the signal on.
        if let Ok(None) = self.child.try_wait() {
            self.signal("TERM");
            let _ = self.child.wait();
        }
    }
}

/// Runs a command to its end.
pub(crate) fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

impl Ran {
    /// Standard output as the one JSON value it must be, with nothing on standard error.
    #[track_caller]
    pub(crate) fn json(&self, code: i32) -> Value {
        assert_eq!((self.code, self.stderr.as_str()), (code, ""), "{self:?}");
        assert_eq!(self.stdout.lines().count(), 1, "{self:?}");
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// A result and nothing else.
    #[track_caller]
    pub(crate) fn check_result(&self, stdout: &str) {
        let seen = (self.code, self.stderr.as_str(), self.stdout.as_str());
        assert_eq!(seen, (0, "", stdout), "{self:?}");
    }

    /// A failure with these words on standard error and nothing on standard output.
    #[track_caller]
    pub(crate) fn check_failure(&self, code: i32, words: &[&str]) {
        assert_eq!((self.code, self.stdout.as_str()), (code, ""), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "no {word:?} in {self:?}");
        }
    }

    /// A failure told as one JSON object on standard output: kind, cause, delivery status, and words of the message.
    #[track_caller]
    pub(crate) fn check_error(&self, code: i32, kind_cause_delivery: [&str; 3], words: &[&str]) {
        let error = &self.json(code)["error"];
        let names = ["kind", "cause", "delivery"].map(|name| error[name].as_str().unwrap());
        assert_eq!(names, kind_cause_delivery, "{self:?}");
        let message = error["message"].as_str().unwrap();
        for word in words {
            assert!(message.contains(word), "no {word:?} in {message:?}");
        }
    }
}

/// The Python peer, installed once for all runs.
pub(crate) fn python_station() -> PythonStation {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-station");
    PythonStation::prepare(&folder).unwrap()
}

/// The endpoint that starts Neovim.
pub(crate) fn neovim() -> String {
    let status = rmix_peers::Peer::Neovim.status();
    assert!(status.is_present(), "{status}");
    format!("pipe+exec:{}", rmix_peers::nvim_command().join(" "))
}
