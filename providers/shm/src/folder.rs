//! Where rendezvous sockets are: a folder that nobody else may change, and what killed listeners have left in it.

use std::path::{Path, PathBuf};

use rmix_provider::failure;
use rmix_provider::tables::{Err, cause, kind};
use rustix::fs::{FileType, Mode, OFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};

use crate::address::Address;

/// Files looked at when a folder is swept.
const SWEPT_MAX: usize = 256;
/// Age from which a socket that nobody listens on is one that a killed listener has left, in seconds: a listener that is
/// starting has bound its socket a moment before it listens.
const LEFT_AFTER_SECONDS: u64 = 10;

/// The socket's path, in a folder that is made if need be.
pub(crate) fn to_listen(endpoint: &str, address: &Address) -> Result<PathBuf, Err> {
    let folder = folder(address);
    match rustix::fs::mkdir(&folder, Mode::RWXU) {
        Ok(()) | Err(Errno::EXIST) => {}
        Err(errno) => return Err(failure::listen(endpoint, errno)),
    }
    check(endpoint, address, &folder)?;
    sweep(&folder);
    Ok(folder.join(&address.name))
}

/// The socket's path, in a folder that others cannot have made.
pub(crate) fn to_connect(endpoint: &str, address: &Address) -> Result<PathBuf, Err> {
    let folder = folder(address);
    check(endpoint, address, &folder)?;
    Ok(folder.join(&address.name))
}

fn folder(address: &Address) -> PathBuf {
    if let Some(folder) = &address.folder {
        return folder.clone();
    }
    match std::env::var_os("XDG_RUNTIME_DIR") {
        Some(own) if !own.is_empty() => PathBuf::from(own).join("rmix"),
        _ => {
            let user = rustix::process::geteuid().as_raw();
            PathBuf::from(format!("/tmp/rmix-{user}"))
        }
    }
}

/// A folder of this user's, or of one who is trusted, in which nobody else may make or remove files.
fn check(endpoint: &str, address: &Address, folder: &Path) -> Result<(), Err> {
    // Not through a link, which somebody may have laid in a folder that all may write to.
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::PATH;
    let opened = rustix::fs::open(folder, flags, Mode::empty());
    let opened = opened.map_err(|errno| failure::connect(endpoint, errno))?;
    let found = rustix::fs::fstat(&opened).map_err(|errno| failure::connect(endpoint, errno))?;
    let own = rustix::process::geteuid().as_raw();
    let trusted = [own, 0].contains(&found.st_uid) || address.terms.users.contains(&found.st_uid);
    let others = Mode::from_raw_mode(found.st_mode) & (Mode::WGRP | Mode::WOTH);
    let why = match (trusted, others.is_empty()) {
        (true, true) => return Ok(()),
        (false, _) => format!("it belongs to user {}", found.st_uid),
        (true, false) => "others than its owner may write to it".to_owned(),
    };
    let message = format!(
        "the folder {} of {endpoint} is not safe: {why}",
        folder.display()
    );
    Err(Err::new(kind::DENIED, cause::CONNECT, message))
}

/// Removes sockets whose listeners were killed. What cannot be removed is left: it is in nobody's way.
fn sweep(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten().take(SWEPT_MAX) {
        let path = entry.path();
        if is_left(&path).unwrap_or(false) {
            let _ = rustix::fs::unlink(&path);
        }
    }
}

fn is_left(path: &Path) -> Result<bool, Errno> {
    let found = rustix::fs::lstat(path)?;
    if FileType::from_raw_mode(found.st_mode) != FileType::Socket {
        return Ok(false);
    }
    let made = std::time::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(
        u64::try_from(found.st_ctime).unwrap_or(0),
    ));
    let age = made.and_then(|made| made.elapsed().ok());
    if age.is_none_or(|age| age.as_secs() < LEFT_AFTER_SECONDS) {
        return Ok(false);
    }
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    let probe = rustix::net::socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    let refused = rustix::net::connect(&probe, &SocketAddrUnix::new(path)?);
    Ok(refused == Err(Errno::CONNREFUSED))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn address(folder: &Path, more: &str) -> Address {
        Address::parse(&format!("shm:a?folder={}{more}", folder.display())).unwrap()
    }

    #[test]
    fn a_folder_is_made_for_its_user_alone() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("new");
        let path = to_listen("shm:a", &address(&folder, "")).unwrap();
        assert_eq!(path, folder.join("a"));
        let mode = folder.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        assert!(to_connect("shm:a", &address(&folder, "")).is_ok());
    }

    #[test]
    fn a_folder_that_others_may_write_to_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for mode in [0o720, 0o702, 0o1777] {
            let open = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(folder.path(), open).unwrap();
            let refused = to_listen("shm:a", &address(folder.path(), "")).unwrap_err();
            assert_eq!(refused.kind, kind::DENIED);
            assert!(refused.text().contains("may write"), "{}", refused.text());
            assert!(to_connect("shm:a", &address(folder.path(), "")).is_err());
        }
    }

    #[test]
    fn a_link_or_a_file_instead_of_a_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(folder.path(), &link).unwrap();
        assert!(to_listen("shm:a", &address(&link, "")).is_err());
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(to_listen("shm:a", &address(&file, "")).is_err());
        assert!(to_connect("shm:a", &address(&folder.path().join("none"), "")).is_err());
    }

    #[test]
    fn only_old_sockets_without_a_listener_are_left_ones() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert_eq!(is_left(&file), Ok(false));
        let young = folder.path().join("young");
        drop(std::os::unix::net::UnixListener::bind(&young).unwrap());
        assert_eq!(is_left(&young), Ok(false));
    }
}
