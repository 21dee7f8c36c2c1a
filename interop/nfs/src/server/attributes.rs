//! What the kernel says of a file, in the protocol's types.

use rustix::fs::{FileType, Stat};
use rustix::io::Errno;

use super::handles::Identity;
use crate::protocol::nfs3::{Fattr3, Ftype3, Nfsstat3, Nfstime3, Specdata3};

pub(super) fn identity(stat: &Stat) -> Identity {
    Identity {
        device: stat.st_dev,
        inode: stat.st_ino,
    }
}

pub(super) fn attributes(stat: &Stat) -> Fattr3 {
    let octets = |number: i64| u64::try_from(number).unwrap_or(0);
    Fattr3 {
        r#type: file_type(stat),
        mode: stat.st_mode & 0o7777,
        nlink: u32::try_from(stat.st_nlink).unwrap_or(u32::MAX),
        uid: stat.st_uid,
        gid: stat.st_gid,
        size: octets(stat.st_size),
        used: octets(stat.st_blocks).saturating_mul(512),
        rdev: Specdata3 {
            specdata1: rustix::fs::major(stat.st_rdev),
            specdata2: rustix::fs::minor(stat.st_rdev),
        },
        fsid: stat.st_dev,
        fileid: stat.st_ino,
        atime: time(stat.st_atime, stat.st_atime_nsec),
        mtime: time(stat.st_mtime, stat.st_mtime_nsec),
        ctime: time(stat.st_ctime, stat.st_ctime_nsec),
    }
}

fn file_type(stat: &Stat) -> Ftype3 {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::Directory => Ftype3::Nf3dir,
        FileType::Symlink => Ftype3::Nf3lnk,
        FileType::BlockDevice => Ftype3::Nf3blk,
        FileType::CharacterDevice => Ftype3::Nf3chr,
        FileType::Socket => Ftype3::Nf3sock,
        FileType::Fifo => Ftype3::Nf3fifo,
        FileType::RegularFile | FileType::Unknown => Ftype3::Nf3reg,
    }
}

/// The protocol has seconds from 1970 to 2106.
fn time(seconds: i64, nanoseconds: u64) -> Nfstime3 {
    Nfstime3 {
        seconds: u32::try_from(seconds.max(0)).unwrap_or(u32::MAX),
        nseconds: u32::try_from(nanoseconds).unwrap_or(0),
    }
}

/// What the kernel's refusal is in the protocol.
pub(super) fn status(errno: Errno) -> Nfsstat3 {
    match errno {
        Errno::PERM => Nfsstat3::Nfs3errPerm,
        Errno::NOENT => Nfsstat3::Nfs3errNoent,
        Errno::IO => Nfsstat3::Nfs3errIo,
        Errno::NXIO => Nfsstat3::Nfs3errNxio,
        // A path that leads out of the folder is refused as one that is not allowed.
        Errno::ACCESS | Errno::XDEV => Nfsstat3::Nfs3errAcces,
        Errno::NOTDIR => Nfsstat3::Nfs3errNotdir,
        Errno::ISDIR => Nfsstat3::Nfs3errIsdir,
        Errno::INVAL => Nfsstat3::Nfs3errInval,
        Errno::NAMETOOLONG => Nfsstat3::Nfs3errNametoolong,
        Errno::STALE => Nfsstat3::Nfs3errStale,
        // Out of descriptors or memory, or a rename came between: a client that waits and asks again is right.
        Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::AGAIN => Nfsstat3::Nfs3errJukebox,
        _ => Nfsstat3::Nfs3errServerfault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_outside_of_the_protocol_are_its_ends() {
        let seconds = |seconds| time(seconds, 5).seconds;
        assert_eq!((seconds(-1), seconds(0)), (0, 0));
        let last = i64::from(u32::MAX);
        assert_eq!((seconds(last), seconds(last + 1)), (u32::MAX, u32::MAX));
        assert_eq!(time(3, 999_999_999).nseconds, 999_999_999);
    }
}
