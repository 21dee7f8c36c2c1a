//! What the suite must know about a provider: its name and entry, what it claims, and what its endpoints look like.

use std::io;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use rmix::ProviderEntry;

/// A provider on one of its transports.
pub trait Fixture: Send + Sync + 'static {
    /// The provider's short name.
    fn name(&self) -> &'static str;
    /// Its exported entry, linked in.
    fn linked(&self) -> &'static ProviderEntry;
    /// Its shared object.
    fn object_file(&self) -> PathBuf {
        shared_object(self.name())
    }
    /// Cases that do not apply, each as `subject::case` with the reason, which is printed instead.
    fn leaves_out(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }
    /// The capabilities it claims, by name; compared with those of its entry.
    fn claims(&self) -> &'static [&'static str];
    /// How bytes travel.
    fn transport(&self) -> Transport;
    /// A fresh endpoint to export on. `folder` is the test's own.
    fn endpoint(&self, folder: &Path) -> String;
    /// Bytes that break the protocol at once, each with what is wrong with it.
    fn nonsense(&self) -> Vec<(&'static str, Vec<u8>)>;
    /// Gives a message (first) the numbers of another (second), where calls of two links have different ones; a function
    /// of its own, for peers that a thread plays.
    fn renumber(&self) -> fn(&[u8], &[u8]) -> Vec<u8> {
        |message, _| message.to_vec()
    }
    /// A whole message cut into so many fragments, for protocols that have them.
    fn fragmented(&self, message: &[u8], count: u32) -> Option<Vec<u8>> {
        let _ = (message, count);
        None
    }
}

/// How bytes travel between two ends, and how a test can play one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Transport {
    /// `SCHEME://ADDRESS:PORT…`.
    Tcp,
    /// `SCHEME:PATH`, a Unix stream socket.
    Unix,
    /// `SCHEME:PATH,PATH`, named FIFOs; one peer at a time.
    Fifos,
    /// The endpoint starts this program with these arguments behind it: see [`crate::child`].
    Child(PathBuf),
    /// In a way of its own, which the fixture bridges to a Unix socket.
    Bridged(Bridge),
}

/// Accepts one link after another, each as a socket.
pub type Accept = Box<dyn Fn() -> io::Result<UnixStream> + Send + Sync>;

/// Makes sockets of links whose bytes travel in a way of their own, so that a test can play a peer.
#[derive(Debug, Clone, Copy)]
pub struct Bridge {
    /// The way's name, which stands for it.
    pub name: &'static str,
    /// Connects to an exported endpoint.
    pub connect: fn(&str) -> io::Result<UnixStream>,
    /// Waits for links at a fresh endpoint in a folder, which is returned.
    pub listen: fn(&Path) -> io::Result<(Accept, String)>,
}

impl PartialEq for Bridge {
    fn eq(&self, other: &Bridge) -> bool {
        self.name == other.name
    }
}

impl Eq for Bridge {}

impl Transport {
    /// Whether several peers may be connected at a time.
    pub fn takes_many_peers(&self) -> bool {
        matches!(
            self,
            Transport::Tcp | Transport::Unix | Transport::Bridged(_)
        )
    }

    /// Whether a test can play a peer, byte by byte.
    pub fn can_be_raw(&self) -> bool {
        !matches!(self, Transport::Child(_))
    }
}

/// How the provider gets into the runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Linkage {
    /// Linked into the test.
    Linked,
    /// Loaded from the shared object beside the test.
    Shared,
}

/// The provider's shared object beside the running test.
///
/// # Panics
/// It is not there.
pub fn shared_object(name: &str) -> PathBuf {
    let executable = std::env::current_exe().expect("a running test has a file");
    let file = format!("librmix_{name}.so");
    // Where cargo puts tests; examples are one folder aside.
    let folder = executable
        .parent()
        .expect("the test is in a folder")
        .to_path_buf();
    let beside = folder.join(&file);
    let aside = folder.join("../deps").join(&file);
    let found = [beside, aside].into_iter().find(|file| file.is_file());
    let found = found.unwrap_or_else(|| {
        panic!("{file} is not beside the test in {folder:?}: build it with `cargo build -p rmix-{name}`")
    });
    let found = found
        .canonicalize()
        .expect("a file that is there has a real path");
    check_age(&found, &folder, name);
    found
}

/// Refuses a shared object that is older than the library the test is linked with: it would test something else.
fn check_age(object: &Path, folder: &Path, name: &str) {
    let changed = |file: &Path| file.metadata().and_then(|data| data.modified()).ok();
    let prefix = format!("librmix_{name}");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let libraries = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "rlib"))
        .filter(|path| {
            let stem = path.file_stem().unwrap_or_default().to_string_lossy();
            // `librmix_pipe` and `librmix_pipe-0123…`, but not another crate whose name begins alike.
            let rest = stem.strip_prefix(&prefix);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        });
    let newest = libraries.filter_map(|path| changed(&path)).max();
    if let (Some(newest), Some(object_changed)) = (newest, changed(object)) {
        let behind = newest.duration_since(object_changed).unwrap_or_default();
        assert!(
            behind <= SAME_BUILD,
            "{object:?} is {behind:?} older than the library of the same crate: build it again"
        );
    }
}

/// One run of the compiler writes both files.
const SAME_BUILD: std::time::Duration = std::time::Duration::from_secs(60);
