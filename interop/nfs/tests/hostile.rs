//! Callers that want out of the folder, or want the server to stop: each is refused with the status that the protocol has
//! for it, and the server goes on.

use std::os::unix::fs::symlink;
use std::process::Command;

use rmix::Cause;
use rmix_nfs::client::{Found, NfsError, Transport};
use rmix_nfs::protocol::nfs3::*;
use rmix_nfs::server::READ_MAX;
use rmix_nfs::status::number;

use crate::support::{Served, read, run};

async fn getattr(nfs: &NfsProgramV3Stub, data: &[u8]) -> Result<Fattr3, i32> {
    let object = NfsFh3 {
        data: data.to_vec().into(),
    };
    let answer = nfs.nfsproc3_getattr(Getattr3args { object }).await;
    match answer.expect("it answers") {
        Getattr3res::Nfs3Ok(found) => Ok(found.obj_attributes),
        Getattr3res::Default(status) => Err(status),
    }
}

async fn lookup(nfs: &NfsProgramV3Stub, dir: &NfsFh3, name: &[u8]) -> Result<NfsFh3, i32> {
    let what = Diropargs3 {
        dir: dir.clone(),
        name: name.to_vec(),
    };
    let answer = nfs.nfsproc3_lookup(Lookup3args { what }).await;
    match answer.expect("it answers") {
        Lookup3res::Nfs3Ok(found) => Ok(found.object),
        Lookup3res::Default(status, _) => Err(status),
    }
}

async fn read_at(
    nfs: &NfsProgramV3Stub,
    file: &NfsFh3,
    offset: u64,
    count: u32,
) -> Result<(Vec<u8>, bool), i32> {
    let file = file.clone();
    let arguments = Read3args {
        file,
        offset,
        count,
    };
    match nfs.nfsproc3_read(arguments).await.expect("it answers") {
        Read3res::Nfs3Ok(found) => Ok((found.data, found.eof)),
        Read3res::Default(status, _) => Err(status),
    }
}

async fn root(served: &Served) -> Found {
    let mount = served.mount().await;
    mount.find(b"").await.expect("the root is there")
}

#[test]
fn made_up_handles_get_nothing() {
    run(async {
        let served = Served::start(Transport::Tcp, READ_MAX).await;
        served.write("file", b"x");
        let file = served
            .mount()
            .await
            .find(b"file")
            .await
            .expect("it is there");
        let nfs = served.nfs().await;
        let good = file.handle.data.0;
        let (bad, stale) = (
            number(Nfsstat3::Nfs3errBadhandle),
            number(Nfsstat3::Nfs3errStale),
        );
        for length in 0..good.len() {
            assert_eq!(getattr(&nfs, &good[..length]).await, Err(bad), "{length}");
        }
        for length in [17, 32, 63, 64] {
            let mut long = good.clone();
            long.resize(length, 0);
            assert_eq!(getattr(&nfs, &long).await, Err(bad), "{length}");
        }
        for bit in 0..128 {
            let mut flipped = good.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let outcome = getattr(&nfs, &flipped).await;
            match bit / 8 {
                0..8 => assert_eq!(outcome, Err(stale), "bit {bit}"),
                // The file is entry 1, the root entry 0: this one bit makes one of the other.
                15 if bit % 8 == 0 => assert!(outcome.is_ok(), "bit {bit}"),
                _ => assert_eq!(outcome, Err(bad), "bit {bit}"),
            }
        }
        assert_eq!(getattr(&nfs, &good).await, Ok(file.attributes));
    });
}

/// A handle of 65 octets is no handle of the protocol: the arguments are refused, and the connection kept.
#[test]
fn handle_beyond_its_bound_is_garbage() {
    run(async {
        let served = Served::start(Transport::Tcp, READ_MAX).await;
        let loose: wide::NfsV3Stub = {
            let port = served.server.nfs_port.expect("a port");
            let endpoint = format!("sunrpc+tcp://127.0.0.1:{port}/100003/3");
            served.rmix.bind(endpoint).await.expect("it is there")
        };
        let error = loose.getattr(vec![0; 65]).await.expect_err("too long");
        assert_eq!(error.cause(), Cause::BadArguments);
        let status = loose.getattr(vec![0; 64]).await.expect("it answers");
        assert_eq!(status, number(Nfsstat3::Nfs3errBadhandle));
    });
}

mod wide {
    //! GETATTR with a handle of any length.

    /// NFS, as a peer that keeps no bound.
    #[rmix::remote(sunrpc(program = 100003, version = 3))]
    pub(crate) trait NfsV3 {
        #[rmix(procedure = 1)]
        async fn getattr(&self, handle: Vec<u8>) -> i32;
    }
}

#[test]
fn names_that_are_paths_lead_nowhere() {
    run(async {
        let served = Served::start(Transport::Tcp, READ_MAX).await;
        std::fs::create_dir(served.path("below")).expect("a folder");
        served.write("below/file", b"x");
        let root = root(&served).await.handle;
        let nfs = served.nfs().await;
        let denied = number(Nfsstat3::Nfs3errAcces);
        for name in [
            &b""[..],
            b"below/file",
            b"/",
            b"/etc",
            b"../x",
            b"a\0b",
            b"\0",
        ] {
            assert_eq!(lookup(&nfs, &root, name).await, Err(denied), "{name:?}");
        }
        let above = lookup(&nfs, &root, b"..").await;
        assert_eq!(above.as_ref(), Ok(&root), "above the root is the root");
        assert_eq!(lookup(&nfs, &root, b".").await.as_ref(), Ok(&root));
        let below = lookup(&nfs, &root, b"below").await.expect("it is there");
        assert_eq!(lookup(&nfs, &below, b"..").await.as_ref(), Ok(&root));
        let long = number(Nfsstat3::Nfs3errNametoolong);
        let none = number(Nfsstat3::Nfs3errNoent);
        assert_eq!(lookup(&nfs, &root, &[b'n'; 255]).await, Err(none));
        assert_eq!(lookup(&nfs, &root, &[b'n'; 256]).await, Err(long));
        let file = lookup(&nfs, &below, b"file").await.expect("it is there");
        let no_directory = number(Nfsstat3::Nfs3errNotdir);
        assert_eq!(lookup(&nfs, &file, b"x").await, Err(no_directory));
    });
}

#[test]
fn links_are_told_and_never_followed() {
    run(async {
        let served = Served::start(Transport::Tcp, READ_MAX).await;
        symlink("/etc", served.path("link")).expect("a link");
        let root = root(&served).await.handle;
        let nfs = served.nfs().await;
        let link = lookup(&nfs, &root, b"link").await.expect("it is there");
        let no_directory = number(Nfsstat3::Nfs3errNotdir);
        assert_eq!(lookup(&nfs, &link, b"passwd").await, Err(no_directory));
        let invalid = number(Nfsstat3::Nfs3errInval);
        assert_eq!(read_at(&nfs, &link, 0, 10).await, Err(invalid));
        let arguments = Readlink3args { symlink: link };
        let told = nfs.nfsproc3_readlink(arguments).await.expect("it answers");
        assert!(matches!(told, Readlink3res::Nfs3Ok(told) if told.data == b"/etc"));
        let arguments = Readlink3args { symlink: root };
        let told = nfs.nfsproc3_readlink(arguments).await.expect("it answers");
        assert!(matches!(told, Readlink3res::Default(status, _) if status == invalid));
    });
}

/// Who can change the folder moves a directory out of it, puts a link where it was, and asks by old handles.
#[test]
fn handle_whose_path_became_a_link_is_stale() {
    run(async {
        let served = Served::start(Transport::Tcp, READ_MAX).await;
        std::fs::create_dir(served.path("etc")).expect("a folder");
        served.write("etc/passwd", b"mine");
        let mount = served.mount().await;
        let inside = mount.find(b"etc/passwd").await.expect("it is there");
        let directory = mount.find(b"etc").await.expect("it is there");
        assert_eq!(read(&mount, &inside).await.expect("it is read"), b"mine");
        let outside = tempfile::tempdir().expect("a folder");
        let moved = outside.path().join("etc");
        std::fs::rename(served.path("etc"), &moved).expect("it is moved");
        symlink(&moved, served.path("etc")).expect("a link");
        let nfs = served.nfs().await;
        let stale = number(Nfsstat3::Nfs3errStale);
        assert_eq!(read_at(&nfs, &inside.handle, 0, 10).await, Err(stale));
        let found = lookup(&nfs, &directory.handle, b"passwd").await;
        assert_eq!(found, Err(stale));
    });
}

#[test]
fn handle_of_a_file_that_was_replaced_or_removed_is_stale() {
    run(async {
        let served = Served::start(Transport::Tcp, READ_MAX).await;
        served.write("file", b"old");
        served.write("other", b"new");
        let mount = served.mount().await;
        let old = mount.find(b"file").await.expect("it is there");
        std::fs::rename(served.path("other"), served.path("file")).expect("it is moved");
        let error = read(&mount, &old).await.expect_err("another file");
        assert!(
            matches!(error, NfsError::Refused { status: 70, .. }),
            "{error}"
        );
        let new = mount.find(b"file").await.expect("it is there");
        assert_eq!(read(&mount, &new).await.expect("it is read"), b"new");
        std::fs::remove_file(served.path("file")).expect("it is removed");
        let error = read(&mount, &new).await.expect_err("no file");
        assert!(
            matches!(error, NfsError::Refused { status: 70, .. }),
            "{error}"
        );
    });
}

#[test]
fn reads_of_any_place_and_length_are_bounded() {
    run(async {
        let served = Served::start(Transport::Tcp, 4096).await;
        served.write("file", &[7; 5000]);
        let root = root(&served).await.handle;
        let nfs = served.nfs().await;
        let file = lookup(&nfs, &root, b"file").await.expect("it is there");
        let ask = async |offset, count| {
            let (data, eof) = read_at(&nfs, &file, offset, count).await.expect("a read");
            (data.len(), eof)
        };
        assert_eq!(ask(0, u32::MAX).await, (4096, false));
        assert_eq!(ask(0, 4097).await, (4096, false));
        assert_eq!(ask(4096, 4096).await, (904, true));
        assert_eq!(ask(0, 0).await, (0, false));
        for beyond in [5000, 5001, u64::from(u32::MAX), i64::MAX as u64, u64::MAX] {
            assert_eq!(ask(beyond, 4096).await, (0, true), "{beyond}");
        }
        let directory = number(Nfsstat3::Nfs3errIsdir);
        assert_eq!(read_at(&nfs, &root, 0, 1).await, Err(directory));
    });
}

/// To open a named pipe would wait for its other end, for ever.
#[test]
fn named_pipe_is_told_and_not_opened() {
    run(async {
        let served = Served::start(Transport::Tcp, READ_MAX).await;
        let made = Command::new("mkfifo").arg(served.path("pipe")).status();
        assert!(made.expect("mkfifo is there").success());
        let pipe = served
            .mount()
            .await
            .find(b"pipe")
            .await
            .expect("it is there");
        assert_eq!(pipe.attributes.r#type, Ftype3::Nf3fifo);
        let invalid = number(Nfsstat3::Nfs3errInval);
        let nfs = served.nfs().await;
        assert_eq!(read_at(&nfs, &pipe.handle, 0, 1).await, Err(invalid));
    });
}

#[test]
fn what_would_change_something_is_refused_as_read_only() {
    run(async {
        let served = Served::start(Transport::Tcp, READ_MAX).await;
        served.write("file", b"as it was");
        let root = root(&served).await.handle;
        let nfs = served.nfs().await;
        let file = lookup(&nfs, &root, b"file").await.expect("it is there");
        let named = |name: &str| Diropargs3 {
            dir: root.clone(),
            name: name.as_bytes().to_vec(),
        };
        let read_only = number(Nfsstat3::Nfs3errRofs);
        let arguments = Write3args {
            file: file.clone(),
            offset: 0,
            count: 3,
            stable: StableHow::FileSync,
            data: b"new".to_vec(),
        };
        let answer = nfs.nfsproc3_write(arguments).await.expect("it answers");
        assert!(matches!(answer, Write3res::Default(status, _) if status == read_only));
        let object = named("file");
        let answer = nfs.nfsproc3_remove(Remove3args { object }).await;
        let answer = answer.expect("it answers");
        assert!(matches!(answer, Remove3res::Default(status, _) if status == read_only));
        let (from, to) = (named("file"), named("gone"));
        let answer = nfs.nfsproc3_rename(Rename3args { from, to }).await;
        let answer = answer.expect("it answers");
        assert!(matches!(answer, Rename3res::Default(status, _) if status == read_only));
        let answer = nfs.nfsproc3_link(Link3args {
            file: file.clone(),
            link: named("second"),
        });
        let answer = answer.await.expect("it answers");
        assert!(matches!(answer, Link3res::Default(status, _) if status == read_only));
        let names = std::fs::read_dir(served.folder.path()).expect("it is listed");
        assert_eq!(names.count(), 1);
        let content = std::fs::read(served.path("file")).expect("it is there");
        assert_eq!(content, b"as it was");
    });
}

#[test]
fn access_grants_what_is_asked_and_changes_nothing() {
    run(async {
        let served = Served::start(Transport::Tcp, READ_MAX).await;
        served.write("file", b"x");
        let root = root(&served).await.handle;
        let nfs = served.nfs().await;
        let file = lookup(&nfs, &root, b"file").await.expect("it is there");
        let ask = async |object: &NfsFh3, access| {
            let object = object.clone();
            let answer = nfs.nfsproc3_access(Access3args { object, access }).await;
            match answer.expect("it answers") {
                Access3res::Nfs3Ok(granted) => granted.access,
                Access3res::Default(status, _) => panic!("refused: {status}"),
            }
        };
        let all = u32::MAX;
        assert_eq!(ask(&root, all).await, ACCESS3_READ | ACCESS3_LOOKUP);
        assert_eq!(ask(&root, ACCESS3_LOOKUP).await, ACCESS3_LOOKUP);
        assert_eq!(ask(&file, all).await, ACCESS3_READ);
        assert_eq!(ask(&file, ACCESS3_MODIFY).await, 0);
    });
}
