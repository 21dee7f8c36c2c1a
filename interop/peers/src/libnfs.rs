//! The client programs of libnfs, `nfs-ls` and `nfs-cat`, as clients of MOUNT and NFS version 3 at
//! any server. They come as root, from a privileged port.

use std::fmt::Write;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use crate::error::PeerError;
use crate::namespace::Namespace;
use crate::peer::Peer;
use crate::process::{run, shown};

const LIMIT: Duration = Duration::from_secs(120);

/// A line of `nfs-ls`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedFile {
    /// Its type and rights, as ls writes them: `-rw-r--r--`.
    pub mode: String,
    /// How many names it has.
    pub links: u64,
    /// The number of its owner.
    pub uid: u64,
    /// The number of its group.
    pub gid: u64,
    /// Its length in bytes.
    pub size: u64,
    /// Its name; in a recursive listing its path below the URL's.
    pub name: String,
}

/// Runs the client programs, on this host or in a namespace.
#[derive(Clone, Debug, Default)]
pub struct Libnfs {
    namespace: Option<Arc<Namespace>>,
}

impl Libnfs {
    /// On this host.
    pub fn on_host() -> Self {
        Self::default()
    }

    /// In a namespace.
    pub fn in_namespace(namespace: &Arc<Namespace>) -> Self {
        Self {
            namespace: Some(Arc::clone(namespace)),
        }
    }

    /// What `nfs-ls` lists at a URL (`nfs_url`), with the folders below it if `recursive`.
    ///
    /// # Errors
    ///
    /// When the program fails (its words are in the error), and when what it prints is no listing.
    pub fn list(&self, url: &str, recursive: bool) -> Result<Vec<ListedFile>, PeerError> {
        Peer::Libnfs.require()?;
        let mut command = self.command("nfs-ls");
        command.args(recursive.then_some("-R")).arg(url);
        let lines = run(&mut command, LIMIT, &mut |_line| {})?;
        let files = lines.iter().map(|line| listed(line)).collect::<Option<_>>();
        files.ok_or_else(|| PeerError::NotUnderstood {
            command: shown(&command),
            output: lines.join("\n"),
        })
    }

    /// The lines that `nfs-cat` prints of the text file at a URL (`nfs_url`).
    ///
    /// # Errors
    ///
    /// When the program fails; its words are in the error.
    pub fn read(&self, url: &str) -> Result<Vec<String>, PeerError> {
        Peer::Libnfs.require()?;
        let mut command = self.command("nfs-cat");
        Ok(run(command.arg(url), LIMIT, &mut |_line| {})?)
    }

    fn command(&self, program: &str) -> Command {
        match &self.namespace {
            Some(namespace) => namespace.command(program),
            None => Command::new(program),
        }
    }
}

/// The URL of a path over NFS version 3. With the ports of NFS and MOUNT, no rpcbind is asked.
pub fn nfs_url(host: &str, path: &str, ports: Option<(u16, u16)>) -> String {
    let mut url = format!("nfs://{host}{path}?version=3");
    if let Some((nfs, mount)) = ports {
        // Writing to a String cannot fail.
        let _ = write!(url, "&nfsport={nfs}&mountport={mount}");
    }
    url
}

/// `-rw-r--r--  1     0     0            6 a.txt`; a name may have blanks in it.
fn listed(line: &str) -> Option<ListedFile> {
    let (mode, mut rest) = line.split_once(' ')?;
    let mut numbers = [0_u64; 4];
    for number in &mut numbers {
        let (digits, behind) = rest.trim_start().split_once(' ')?;
        *number = digits.parse().ok()?;
        rest = behind;
    }
    let [links, uid, gid, size] = numbers;
    Some(ListedFile {
        mode: mode.to_owned(),
        links,
        uid,
        gid,
        size,
        name: rest.to_owned(),
    })
}
