//! The error numbers of NFS and MOUNT in words. A number that the protocol does not know is shown as it is.

use crate::protocol::nfs3::Nfsstat3;

/// The number that stands on the wire.
pub fn number(status: Nfsstat3) -> i32 {
    status as i32
}

/// What a status says, with its name in the protocol. MOUNT's numbers are a part of NFS's.
pub fn words(number: i32) -> String {
    let known = WORDS.iter().find(|(status, ..)| *status as i32 == number);
    match known {
        Some((_, name, meaning)) => format!("{meaning} ({name})"),
        None => format!("status {number}, which the protocol does not know"),
    }
}

const WORDS: &[(Nfsstat3, &str, &str)] = &[
    (Nfsstat3::Nfs3errPerm, "PERM", "the caller does not own it"),
    (
        Nfsstat3::Nfs3errNoent,
        "NOENT",
        "there is nothing of this name",
    ),
    (Nfsstat3::Nfs3errIo, "IO", "the server's disk failed"),
    (Nfsstat3::Nfs3errNxio, "NXIO", "there is no such device"),
    (
        Nfsstat3::Nfs3errAcces,
        "ACCES",
        "the caller is not allowed to",
    ),
    (Nfsstat3::Nfs3errExist, "EXIST", "it is there already"),
    (Nfsstat3::Nfs3errXdev, "XDEV", "it is on another device"),
    (Nfsstat3::Nfs3errNodev, "NODEV", "the device cannot do this"),
    (Nfsstat3::Nfs3errNotdir, "NOTDIR", "it is not a directory"),
    (Nfsstat3::Nfs3errIsdir, "ISDIR", "it is a directory"),
    (
        Nfsstat3::Nfs3errInval,
        "INVAL",
        "the argument does not fit the object",
    ),
    (Nfsstat3::Nfs3errFbig, "FBIG", "the file would be too large"),
    (Nfsstat3::Nfs3errNospc, "NOSPC", "there is no room left"),
    (Nfsstat3::Nfs3errRofs, "ROFS", "it is read-only"),
    (Nfsstat3::Nfs3errMlink, "MLINK", "it has too many names"),
    (
        Nfsstat3::Nfs3errNametoolong,
        "NAMETOOLONG",
        "the name is too long",
    ),
    (
        Nfsstat3::Nfs3errNotempty,
        "NOTEMPTY",
        "the directory is not empty",
    ),
    (Nfsstat3::Nfs3errDquot, "DQUOT", "the quota is used up"),
    (
        Nfsstat3::Nfs3errStale,
        "STALE",
        "the file is gone, or the server started again",
    ),
    (
        Nfsstat3::Nfs3errRemote,
        "REMOTE",
        "it is remote to the server",
    ),
    (
        Nfsstat3::Nfs3errBadhandle,
        "BADHANDLE",
        "the server never gave this handle",
    ),
    (
        Nfsstat3::Nfs3errNotSync,
        "NOT_SYNC",
        "it was changed meanwhile",
    ),
    (
        Nfsstat3::Nfs3errBadCookie,
        "BAD_COOKIE",
        "the directory was changed meanwhile",
    ),
    (
        Nfsstat3::Nfs3errNotsupp,
        "NOTSUPP",
        "the server does not do this",
    ),
    (
        Nfsstat3::Nfs3errToosmall,
        "TOOSMALL",
        "the reply would have no room",
    ),
    (
        Nfsstat3::Nfs3errServerfault,
        "SERVERFAULT",
        "the server failed",
    ),
    (
        Nfsstat3::Nfs3errBadtype,
        "BADTYPE",
        "the server has no such type of file",
    ),
    (
        Nfsstat3::Nfs3errJukebox,
        "JUKEBOX",
        "the server is not ready; later it may be",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_told_in_words_and_an_unknown_one_as_its_number() {
        assert_eq!(words(2), "there is nothing of this name (NOENT)");
        assert_eq!(
            words(10_001),
            "the server never gave this handle (BADHANDLE)"
        );
        assert_eq!(words(77), "status 77, which the protocol does not know");
    }
}
