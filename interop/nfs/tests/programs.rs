//! The two programs as a user runs them: what they print, how they end.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use crate::support::{octets, watchdog, write};

pub(crate) const NFS_CAT: &str = env!("CARGO_BIN_EXE_nfs_cat");
pub(crate) const NFS_SERVE: &str = env!("CARGO_BIN_EXE_nfs_serve");

/// A running `nfs_serve`; killed when dropped.
pub(crate) struct Serving {
    child: Child,
    /// Where MOUNT and NFS listen, in this order.
    pub(crate) endpoints: Vec<String>,
}

impl Serving {
    /// Starts a command that is `nfs_serve`, and waits until it listens.
    pub(crate) fn start(mut command: Command) -> Serving {
        let child = command.stdout(Stdio::piped()).spawn();
        let mut serving = Serving {
            child: child.expect("it was built"),
            endpoints: Vec::new(),
        };
        let output = serving.child.stdout.take().expect("it is piped");
        for line in BufReader::new(output).lines() {
            let line = line.expect("text");
            if line == "READY" {
                return serving;
            }
            serving.endpoints.push(line);
        }
        panic!("nfs_serve ended before it was ready");
    }

    /// On free ports, over TCP.
    pub(crate) fn folder(folder: &Path) -> Serving {
        let mut command = Command::new(NFS_SERVE);
        command.arg(folder);
        command.args(["--mount-endpoint", "sunrpc+tcp://127.0.0.1:0/100005/3"]);
        command.args(["--nfs-endpoint", "sunrpc+tcp://127.0.0.1:0/100003/3"]);
        Serving::start(command)
    }

    /// The ports of NFS and MOUNT.
    pub(crate) fn ports(&self) -> (u16, u16) {
        let ports = self.endpoints.iter().map(|endpoint| {
            let port = endpoint
                .split([':', '/'])
                .find_map(|part| part.parse().ok());
            port.expect("an endpoint has a port")
        });
        let ports: Vec<u16> = ports.collect();
        (ports[1], ports[0])
    }

    fn url(&self, path: &str) -> String {
        let (nfs, mount) = self.ports();
        format!("nfs://127.0.0.1:{nfs}{path}?mountport={mount}")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn nfs_cat(arguments: &[&str]) -> Output {
    let output = Command::new(NFS_CAT).args(arguments).output();
    output.expect("it was built")
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn nfs_cat_writes_what_nfs_serve_shows() {
    let _watchdog = watchdog();
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("a b")).expect("a folder");
    let content = octets(9, 3_000_001);
    write(&folder.path().join("a b/file"), &content);
    let serving = Serving::folder(folder.path());
    for reads in ["1", "8", "64"] {
        let output = nfs_cat(&["--reads", reads, &serving.url("/export/a%20b/file")]);
        assert!(output.status.success(), "{}", told(&output));
        assert!(output.stdout == content, "with {reads} READs together");
        assert_eq!(told(&output), "", "no progress without a terminal");
    }
    let output = nfs_cat(&["--exports", &serving.url("/")]);
    assert_eq!(output.stdout, b"/export\n", "{}", told(&output));
    let output = nfs_cat(&["--list", &serving.url("/export")]);
    let line = String::from_utf8(output.stdout).expect("text");
    assert!(
        line.starts_with("drwx") && line.ends_with(" a b\n"),
        "{line}"
    );
}

#[test]
fn nfs_cat_ends_with_the_code_of_its_failure() {
    let _watchdog = watchdog();
    let folder = tempfile::tempdir().expect("a folder");
    let serving = Serving::folder(folder.path());
    let (nfs, _) = serving.ports();
    let cases = [
        (
            serving.url("/export/none"),
            1,
            "none: there is nothing of this name (NOENT)",
        ),
        (
            serving.url("/export"),
            1,
            "reading: it is a directory (ISDIR)",
        ),
        (
            serving.url("/elsewhere"),
            2,
            "in no export of 127.0.0.1; it has: /export",
        ),
        ("http://127.0.0.1/export".to_owned(), 2, "a URL is nfs://"),
        // NFS is no MOUNT.
        (
            format!("nfs://127.0.0.1:{nfs}/export?mountport={nfs}"),
            3,
            "PROG_UNAVAIL",
        ),
        ("nfs://127.0.0.1:1/export?mountport=1".to_owned(), 3, ""),
    ];
    for (url, code, words) in cases {
        let output = nfs_cat(&[&url]);
        assert_eq!(output.status.code(), Some(code), "{url}: {}", told(&output));
        assert!(told(&output).contains(words), "{url}: {}", told(&output));
    }
    assert_eq!(
        nfs_cat(&["--reads", "0", "nfs://h/x"]).status.code(),
        Some(2)
    );
    assert_eq!(nfs_cat(&["--help"]).status.code(), Some(0));
}

#[test]
fn claims_are_refused_where_the_server_takes_none() {
    let _watchdog = watchdog();
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("file"), b"x");
    let mut command = Command::new(NFS_SERVE);
    command.arg(folder.path());
    command.args([
        "--mount-endpoint",
        "sunrpc+tcp://127.0.0.1:0/100005/3?auth_sys=none",
    ]);
    command.args(["--nfs-endpoint", "sunrpc+tcp://127.0.0.1:0/100003/3"]);
    let serving = Serving::start(command);
    let output = nfs_cat(&["--uid", "7", "--gid", "8", &serving.url("/export/file")]);
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(told(&output).contains("AUTH_ERROR"), "{}", told(&output));
}

#[test]
fn nfs_serve_says_what_it_cannot_serve() {
    let output = Command::new(NFS_SERVE).arg("/no/such/folder").output();
    let output = output.expect("it was built");
    assert_eq!(output.status.code(), Some(3));
    assert!(
        told(&output).contains("/no/such/folder"),
        "{}",
        told(&output)
    );
}
