//! What the tests share: a folder that is served in this process, a watchdog, octets from a seed. Judges nothing.

use std::ffi::OsStr;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use rmix::{Endpoint, Exported, Runtime};
use rmix_nfs::client::{Claim, Found, Mount, NfsError, Server, Transport};
use rmix_nfs::protocol::mount::MountProgramV3Skeleton;
use rmix_nfs::protocol::nfs3::{NfsProgramV3Skeleton, NfsProgramV3Stub};
use rmix_nfs::runtime;
use rmix_nfs::server::{Folder, MountServer, NfsServer};
use tempfile::TempDir;

/// Runs a future on a runtime of its own, and ends the whole run when it can only hang. No test is judged by its time.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    let _watchdog = watchdog();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    runtime.expect("a tokio runtime starts").block_on(future)
}

/// Alive as long as what it gives.
pub(crate) fn watchdog() -> mpsc::Sender<()> {
    let (alive, ended) = mpsc::channel::<()>();
    let name = std::thread::current().name().unwrap_or("a test").to_owned();
    std::thread::spawn(move || {
        if ended.recv_timeout(HANGS_AFTER) == Err(RecvTimeoutError::Timeout) {
            // Past the test runner's capture, which would be lost.
            let _ = writeln!(
                std::io::stderr(),
                "{name} hangs: given up after {HANGS_AFTER:?}"
            );
            std::process::exit(101);
        }
    });
    alive
}

const HANGS_AFTER: Duration = Duration::from_secs(1500);

/// A folder of the test's own, served under `/export`.
pub(crate) struct Served {
    pub(crate) folder: TempDir,
    pub(crate) rmix: Runtime,
    pub(crate) server: Server,
    _exported: [Exported; 2],
}

impl Served {
    /// Serves an empty folder on free ports, by one transport.
    pub(crate) async fn start(transport: Transport, read_max: u32) -> Served {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let rmix = runtime().expect("the provider is linked in");
        let scheme = match transport {
            Transport::Tcp => "sunrpc+tcp://127.0.0.1:0",
            Transport::Udp => "sunrpc+udp://127.0.0.1:0",
        };
        let served = Arc::new(Folder::open(folder.path(), read_max).expect("it is there"));
        let mount = MountProgramV3Skeleton::new(MountServer::new(served.clone(), "/export"));
        let mount = rmix.export(mount, [format!("{scheme}/100005/3")]).await;
        let nfs = NfsProgramV3Skeleton::new(NfsServer::new(served));
        let endpoint = format!("{scheme}/100003/3?duplicates=off");
        let nfs = rmix.export(nfs, [endpoint]).await;
        let exported = [mount.expect("it listens"), nfs.expect("it listens")];
        let [mount_port, nfs_port] = exported
            .each_ref()
            .map(|exported| port(&exported.endpoints()));
        let server = Server {
            host: "127.0.0.1".to_owned(),
            nfs_port,
            mount_port,
            transport,
            claim: Claim::default(),
            timeout: Duration::from_secs(60),
        };
        Served {
            folder,
            rmix,
            server,
            _exported: exported,
        }
    }

    /// The path of a name in the folder.
    pub(crate) fn path(&self, name: impl AsRef<[u8]>) -> PathBuf {
        self.folder.path().join(OsStr::from_bytes(name.as_ref()))
    }

    pub(crate) fn write(&self, name: impl AsRef<[u8]>, content: &[u8]) {
        write(&self.path(name), content);
    }

    pub(crate) async fn mount(&self) -> Mount {
        let mount = Mount::open(&self.rmix, &self.server, b"/export").await;
        mount.expect("it is exported")
    }

    /// The program without the client around it.
    pub(crate) async fn nfs(&self) -> NfsProgramV3Stub {
        let (host, port) = (&self.server.host, self.server.nfs_port.expect("a port"));
        let endpoint = format!("sunrpc+tcp://{host}:{port}/100003/3");
        self.rmix.bind(endpoint).await.expect("it is there")
    }
}

fn port(endpoints: &[Endpoint]) -> Option<u16> {
    endpoints.first()?.authority()?.1
}

pub(crate) fn write(path: &Path, content: &[u8]) {
    std::fs::write(path, content).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Reads a whole file.
pub(crate) async fn read(mount: &Mount, file: &Found) -> Result<Vec<u8>, NfsError> {
    let mut content = Vec::new();
    let count = mount.read(file, 4, |piece| {
        content.extend_from_slice(piece);
        Ok(())
    });
    let count = count.await?;
    assert_eq!(count, content.len() as u64);
    Ok(content)
}

/// Octets that look random and are the same in every run (xorshift).
pub(crate) fn octets(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..count).map(|_| next()).collect()
}
