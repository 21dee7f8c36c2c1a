//! The other process: this crate's own program, started as a server of `Numbers`, by us or as the child of a pipe. It
//! reports over a Unix socket; every wait for it is under the test's watchdog.

use std::io::{BufRead, BufReader, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use rmix_peers::Namespace;
use rustix::process::{Pid, Signal};

use super::providers_folder;

/// This crate's program.
pub(crate) fn helper_program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_rmix-system-peer"))
}

/// A program of another package, built if need be: it is none of cargo's business before.
pub(crate) fn built_program(package: &str, program: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["build", "--quiet", "--package", package, "--bin", program])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("--target-dir")
        .arg(target);
    let built = cargo.output().expect("cargo runs these tests");
    let told = String::from_utf8_lossy(&built.stderr);
    assert!(built.status.success(), "{told}");
    target.join("debug").join(program)
}

/// Where one serving process reports to.
pub(crate) struct HelperLine {
    folder: tempfile::TempDir,
    listener: UnixListener,
}

impl HelperLine {
    pub(crate) fn new() -> HelperLine {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let listener = UnixListener::bind(folder.path().join("tell"));
        HelperLine {
            folder,
            listener: listener.expect("a Unix socket can be made"),
        }
    }

    /// A path for a socket or FIFO of the test's own.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The arguments of a process that serves on these endpoints and reports here.
    fn arguments(&self, endpoints: &[&str]) -> Vec<String> {
        let tell = self.path("tell").display().to_string();
        let folder = providers_folder().display().to_string();
        let fixed = ["serve".to_owned(), tell, folder];
        let endpoints = endpoints.iter().map(|endpoint| (*endpoint).to_owned());
        fixed.into_iter().chain(endpoints).collect()
    }

    /// Starts a process that serves on these endpoints, and waits until it does.
    pub(crate) fn start(&self, endpoints: &[&str]) -> Helper {
        let child = Command::new(helper_program())
            .args(self.arguments(endpoints))
            .spawn()
            .expect("this crate's program was built");
        self.accept(Some(child))
    }

    /// As [`HelperLine::start`], by a shell that runs these words first.
    pub(crate) fn start_after(&self, words: &str, endpoints: &[&str]) -> Helper {
        let child = Command::new("sh")
            .arg("-c")
            .arg(format!("{words} && exec \"$0\" \"$@\""))
            .arg(helper_program())
            .args(self.arguments(endpoints))
            .spawn()
            .expect("this crate's program was built");
        self.accept(Some(child))
    }

    /// Starts a process in a namespace that serves the diverse program there, and waits until it does; or what it says
    /// when it cannot.
    pub(crate) fn start_diverse(
        &self,
        namespace: &Namespace,
        endpoints: &[&str],
    ) -> Result<Helper, String> {
        let mut arguments = self.arguments(endpoints);
        arguments[0] = "serve-diverse".to_owned();
        let child = namespace
            .command(helper_program())
            .args(arguments)
            .spawn()
            .expect("this crate's program was built");
        self.accept_or_failed(Some(child))
    }

    /// The endpoint that starts it as a child on its standard input and output.
    pub(crate) fn exec_endpoint(&self) -> String {
        let program = helper_program().display().to_string();
        let words = self.arguments(&["pipe+fd:0,1"]);
        format!("pipe+exec:{program} {}", words.join(" "))
    }

    /// Waits for a child that was started by its endpoint.
    pub(crate) fn accept_child(&self) -> Helper {
        self.accept(None)
    }

    fn accept(&self, child: Option<Child>) -> Helper {
        let accepted = self.accept_or_failed(child);
        accepted.unwrap_or_else(|failure| panic!("it does not serve: {failure}"))
    }

    fn accept_or_failed(&self, child: Option<Child>) -> Result<Helper, String> {
        let (line, _) = self.listener.accept().expect("the process reports");
        let mut helper = Helper {
            child,
            line: BufReader::new(line),
            pid: 0,
            endpoints: Vec::new(),
        };
        let ready = helper.next_line();
        if let Some(failure) = ready.strip_prefix("FAILED ") {
            return Err(failure.to_owned());
        }
        let mut words = ready.split(' ');
        assert_eq!(words.next(), Some("READY"), "{ready}");
        helper.pid = words
            .next()
            .and_then(|pid| pid.parse().ok())
            .expect("a pid");
        helper.endpoints = words.map(str::to_owned).collect();
        Ok(helper)
    }
}

/// A serving process. It ends when this value does.
pub(crate) struct Helper {
    /// Unless the provider has started it, and collects it.
    child: Option<Child>,
    line: BufReader<UnixStream>,
    pub(crate) pid: i32,
    pub(crate) endpoints: Vec<String>,
}

impl Helper {
    /// Waits until a call of `hold` has begun.
    pub(crate) fn wait_for_hold(&mut self) {
        assert_eq!(self.next_line(), "HELD");
    }

    /// Lets it take its last endpoint off, and waits until it has.
    pub(crate) fn unexport_last(&mut self) {
        let told = self.line.get_mut().write_all(b"-");
        told.expect("the process reads");
        assert_eq!(self.next_line(), "UNEXPORTED");
    }

    /// Lets it end by itself, and waits until it has.
    pub(crate) fn stop(mut self) {
        let ended = self.line.get_mut().shutdown(Shutdown::Write);
        ended.expect("the process is there");
        let mut child = self.child.take().expect("it was started here");
        let status = child.wait().expect("it can be waited for");
        assert!(status.success(), "{status}");
    }

    /// `kill -9`; returns when the system has closed what it had open.
    pub(crate) fn kill(mut self) {
        let pid = Pid::from_raw(self.pid).expect("a pid is positive");
        rustix::process::kill_process(pid, Signal::KILL).expect("the process is ours");
        let mut rest = String::new();
        // The end of its line is the end of its descriptors.
        while self.line.read_line(&mut rest).is_ok_and(|read| read > 0) {}
        if let Some(child) = &mut self.child {
            child.wait().expect("it can be waited for");
        }
        self.child = None;
    }

    fn next_line(&mut self) -> String {
        let mut text = String::new();
        self.line.read_line(&mut text).expect("a line of text");
        text.trim_end().to_owned()
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It is told to end by the end of the line, too; this is sooner. Both fail only when it has ended.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
