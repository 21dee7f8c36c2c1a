//! The folder a caller gives for what is built: made, and locked while it is worked in, so that
//! test binaries and threads that share one build once. It knows nothing of what is put inside.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::BuildError;

/// How long another builder is waited for: longer than any build takes.
const LOCK_WAIT_MAX: Duration = Duration::from_secs(900);

/// How often the lock is tried: the system can wait for a lock, but not with a deadline.
const LOCK_POLL_INTERVAL: Duration = Duration::from_millis(20);

/// The right to change a folder; given back on drop, or by the system when the process ends.
#[derive(Debug)]
pub(crate) struct FolderLock {
    _file: File,
}

/// Makes `folder` if need be and waits until nobody else works in it.
pub(crate) fn lock(folder: &Path) -> Result<FolderLock, BuildError> {
    fs::create_dir_all(folder).map_err(BuildError::folder(folder))?;
    let path = folder.join("lock");
    let file = File::create(&path).map_err(BuildError::folder(&path))?;
    let deadline = Instant::now() + LOCK_WAIT_MAX;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(FolderLock { _file: file }),
            Err(TryLockError::Error(source)) => return Err(BuildError::Folder { path, source }),
            Err(TryLockError::WouldBlock) if Instant::now() >= deadline => {
                let after = LOCK_WAIT_MAX;
                return Err(BuildError::Locked { path, after });
            }
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_POLL_INTERVAL),
        }
    }
}

/// Removes a file, or a folder with all in it; that it is not there is no error.
pub(crate) fn remove_if_there(path: &Path) -> Result<(), BuildError> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(BuildError::folder(path)(error))
        }
        _ => Ok(()),
    }
}
