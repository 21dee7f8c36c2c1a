//! nfs-ganesha, a user-space NFS server: one read-only export of a temporary folder with files of
//! known content, by MOUNT version 3 and NFS version 3. It starts it; clients read.

use std::fs::{self, Permissions};
use std::net::{Ipv4Addr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempDir;

use crate::error::PeerError;
use crate::namespace::{Daemon, Namespace};
use crate::peer::Peer;
use crate::rpcbind::Rpcbind;

const NFS_PORT: u16 = 2049;
const MOUNT_PORT: u16 = 20048;

/// The files of the export, by their path in it; each is made of `ganesha_content`.
pub const EXPORTED_FILES: [(&str, usize); 4] = [
    ("hello.txt", 14),
    ("empty", 0),
    ("below/deep/large.bin", 300_000),
    ("below/name with blanks.txt", 5),
];

/// A running nfs-ganesha in the namespace of an rpcbind it is registered with. Killed on drop.
#[derive(Debug)]
pub struct Ganesha {
    _daemon: Daemon,
    namespace: Arc<Namespace>,
    folder: TempDir,
}

impl Ganesha {
    /// Starts it beside `rpcbind`, and waits until it has registered and listens.
    ///
    /// # Errors
    ///
    /// When its files cannot be written, and when it does not listen within a minute; the error
    /// carries the end of its log.
    pub fn start(rpcbind: &Rpcbind) -> Result<Self, PeerError> {
        Peer::Ganesha.require()?;
        let namespace = Arc::clone(rpcbind.namespace());
        let folder = TempDir::with_prefix("ganesha-").map_err(PeerError::file("/tmp"))?;
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        write_export(&folder.path().join("export"))?;
        let configuration = path("ganesha.conf");
        fs::write(&configuration, configured(&path("export")))
            .map_err(PeerError::file(&configuration))?;
        let listens = || {
            let connect = |port| TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
            let both = namespace.enter(|| connect(NFS_PORT) && connect(MOUNT_PORT));
            // It registers before it serves, and says when it does.
            matches!(both, Ok(true))
                && fs::read_to_string(path("log"))
                    .is_ok_and(|log| log.contains("NFS SERVER INITIALIZED"))
        };
        let arguments = ["-F", "-L", &path("log"), "-f", &configuration];
        let more = ["-p", &path("pid"), "-N", "NIV_EVENT"];
        let arguments = [&arguments[..], &more[..]].concat();
        let daemon = namespace.start_daemon("ganesha.nfsd", &arguments, listens);
        let daemon = daemon.map_err(|error| with_log(error, Path::new(&path("log"))))?;
        Ok(Self {
            _daemon: daemon,
            namespace,
            folder,
        })
    }

    /// The path to mount: what the MOUNT protocol lists, and what it is asked for.
    pub fn export_path(&self) -> PathBuf {
        self.folder.path().join("export")
    }

    /// The port of NFS over TCP.
    pub fn nfs_port(&self) -> u16 {
        NFS_PORT
    }

    /// The port of MOUNT over TCP.
    pub fn mount_port(&self) -> u16 {
        MOUNT_PORT
    }

    /// The namespace it is in.
    pub fn namespace(&self) -> &Arc<Namespace> {
        &self.namespace
    }

    /// What it logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// The content of an exported file of that many bytes: `Hello, world!` and a line end, again and
/// again.
pub fn ganesha_content(length: usize) -> Vec<u8> {
    b"Hello, world!\n"
        .iter()
        .copied()
        .cycle()
        .take(length)
        .collect()
}

fn write_export(export: &Path) -> Result<(), PeerError> {
    for (name, length) in EXPORTED_FILES {
        let file = export.join(name);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(PeerError::file(folder))?;
            // For every user, whatever this process would keep from them.
            for above in folder.ancestors().take_while(|one| one.starts_with(export)) {
                allow(above, 0o755)?;
            }
        }
        fs::write(&file, ganesha_content(length)).map_err(PeerError::file(&file))?;
        allow(&file, 0o644)?;
    }
    Ok(())
}

fn allow(path: &Path, mode: u32) -> Result<(), PeerError> {
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(PeerError::file(path))
}

fn configured(export: &str) -> String {
    format!(
        "NFS_CORE_PARAM {{ NFS_Port = {NFS_PORT}; MNT_Port = {MOUNT_PORT}; Protocols = 3; \
         Enable_NLM = false; Enable_RQUOTA = false; }}\n\
         EXPORT {{ Export_Id = 1; Path = \"{export}\"; Pseudo = \"/export\"; Access_Type = RO; \
         Squash = None; Protocols = 3; Transports = TCP, UDP; SecType = sys, none; \
         FSAL {{ Name = VFS; }} }}\n"
    )
}

/// Ganesha says nothing on its standard error: what it logged stands there instead.
fn with_log(error: PeerError, log: &Path) -> PeerError {
    match error {
        PeerError::NotReady {
            command, instead, ..
        } => PeerError::NotReady {
            command,
            instead,
            stderr: fs::read_to_string(log).unwrap_or_default(),
        },
        other => other,
    }
}
