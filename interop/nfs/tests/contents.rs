//! Our client reads from our server, over TCP and UDP: contents, names, links, files that change meanwhile.

use std::os::unix::fs::symlink;

use rmix_nfs::client::{Mount, NfsError, Transport, exports};
use rmix_nfs::server::{READ_MAX, READ_MAX_OF_DATAGRAMS};

use crate::support::{Served, octets, read, run};

const PIECE: usize = READ_MAX_OF_DATAGRAMS as usize;

/// Files whose content comes back as it was, by name.
fn files() -> Vec<(&'static [u8], Vec<u8>)> {
    vec![
        (b"small", b"hello".to_vec()),
        (b"empty", Vec::new()),
        (b"one piece", octets(1, PIECE)),
        (b"one piece and one", octets(2, PIECE + 1)),
        (b"3 MiB and 7", octets(3, 3 * 1024 * 1024 + 7)),
        ("Überschrift 日本".as_bytes(), octets(4, 1000)),
        (b"not UTF-8 \xff\xfe\x80", octets(5, 999)),
    ]
}

async fn check_contents(transport: Transport, read_max: u32) {
    let served = Served::start(transport, read_max).await;
    for (name, content) in files() {
        served.write(name, &content);
    }
    let mount = served.mount().await;
    for (name, content) in files() {
        let shown = String::from_utf8_lossy(name);
        let file = mount.find(name).await;
        let file = file.unwrap_or_else(|error| panic!("{shown}: {error}"));
        assert_eq!(file.attributes.size, content.len() as u64, "{shown}");
        let found = read(&mount, &file).await;
        let found = found.unwrap_or_else(|error| panic!("{shown}: {error}"));
        assert!(found == content, "{shown} came back changed");
    }
}

#[test]
fn contents_come_back_over_tcp() {
    run(check_contents(Transport::Tcp, READ_MAX));
}

#[test]
fn contents_come_back_over_udp() {
    run(check_contents(Transport::Udp, READ_MAX_OF_DATAGRAMS));
}

/// The client asks for 512 octets at least; this server gives fewer.
#[test]
fn short_reads_are_made_up_for() {
    run(async {
        let served = Served::start(Transport::Tcp, 100).await;
        let content = octets(6, 5001);
        served.write("file", &content);
        let mount = served.mount().await;
        let file = mount.find(b"file").await.expect("it is there");
        assert!(read(&mount, &file).await.expect("it is read") == content);
    });
}

#[test]
fn file_that_grows_or_shrinks_is_read_to_its_end() {
    run(async {
        let served = Served::start(Transport::Tcp, 4096).await;
        served.write("file", &octets(7, 9000));
        let mount = served.mount().await;
        let file = mount.find(b"file").await.expect("it is there");
        for size in [20_000, 5000, 8192, 0] {
            let content = octets(8, size);
            served.write("file", &content);
            let found = read(&mount, &file).await.expect("it is read");
            assert!(found == content, "{size}");
        }
    });
}

#[test]
fn links_are_followed_within_the_export_and_not_out_of_it() {
    run(async {
        let served = Served::start(Transport::Tcp, READ_MAX).await;
        std::fs::create_dir_all(served.path("a/b")).expect("folders");
        served.write("a/file", b"found");
        let links = [
            ("../file", "a/b/up"),
            ("a/b/up", "twice"),
            ("/export/a/file", "absolute"),
            ("/etc/passwd", "out"),
            ("../../../../../../../../etc/passwd", "up-and-out"),
            ("around", "around"),
        ];
        for (target, link) in links {
            symlink(target, served.path(link)).expect("a link");
        }
        let mount = served.mount().await;
        let mut outcomes = Vec::new();
        for path in ["a/b/up", "twice", "absolute", "a/b/../file", "a/./b//up"] {
            let file = mount.find(path.as_bytes()).await;
            let file = file.unwrap_or_else(|error| panic!("{path}: {error}"));
            outcomes.push(read(&mount, &file).await.expect("it is read"));
        }
        assert_eq!(outcomes, vec![b"found".to_vec(); 5]);
        for path in ["out", "around"] {
            let error = mount.find(path.as_bytes()).await.expect_err(path);
            assert!(matches!(error, NfsError::Url(_)), "{error}");
        }
        // Above the root is the root, which has no such thing.
        let error = mount.find(b"up-and-out").await.expect_err("no such file");
        assert!(
            matches!(error, NfsError::Refused { status: 2, .. }),
            "{error}"
        );
    });
}

#[test]
fn exports_are_listed_and_only_they_are_mounted() {
    run(async {
        let served = Served::start(Transport::Tcp, READ_MAX).await;
        std::fs::create_dir(served.path("below")).expect("a folder");
        served.write("below/file", b"x");
        let (rmix, server) = (&served.rmix, &served.server);
        let listed = exports(rmix, server).await.expect("it answers");
        assert_eq!(listed.len(), 1);
        assert_eq!(
            (&*listed[0].path, listed[0].groups.len()),
            (&b"/export"[..], 0)
        );
        assert!(Mount::open(rmix, server, b"/export/below").await.is_ok());
        let mut refused = Vec::new();
        for path in [
            "/",
            "/exports",
            "/export/below/file",
            "/export/..x",
            "/export/below/none",
        ] {
            match Mount::open(rmix, server, path.as_bytes()).await {
                Err(NfsError::Refused { status, .. }) => refused.push(status),
                other => panic!("{path}: {other:?}"),
            }
        }
        assert_eq!(refused, [2, 2, 20, 2, 2]);
        let above = Mount::open(rmix, server, b"/export/../..").await;
        let root = above.expect("above the root is the root").find(b"").await;
        let mounted = served.mount().await.find(b"").await;
        assert_eq!(root.expect("it is there"), mounted.expect("it is there"));
    });
}
