//! Directories in several replies: all names once, the limits of a reply, cookies that are not the server's.

use std::collections::BTreeSet;

use rmix::Opaque;
use rmix_nfs::client::Transport;
use rmix_nfs::protocol::nfs3::{
    Cookieverf3, NfsFh3, NfsProgramV3Stub, Nfsstat3, Readdir3args, Readdir3res, Readdir3resok,
    Readdirplus3args, Readdirplus3res,
};
use rmix_nfs::server::{READ_MAX, READ_MAX_OF_DATAGRAMS};
use rmix_nfs::status::number;

use crate::support::{Served, run};

const MANY: usize = 2000;

fn names() -> BTreeSet<Vec<u8>> {
    let mut names: BTreeSet<_> = (0..MANY - 2)
        .map(|index| format!("file number {index}").into_bytes())
        .collect();
    names.insert("Ünïcödé 日本".as_bytes().to_vec());
    names.insert(b"octets \xff\xfe".to_vec());
    names
}

async fn check_many(transport: Transport, read_max: u32) {
    let served = Served::start(transport, read_max).await;
    for name in names() {
        served.write(&name, &name);
    }
    let mount = served.mount().await;
    let root = mount.find(b"").await.expect("it is there");
    let entries = mount.list(&root).await.expect("it is listed");
    assert_eq!(entries.len(), MANY);
    let sized = entries.iter().filter(|entry| {
        let size = entry.attributes.as_ref().map(|attributes| attributes.size);
        size == Some(entry.name.len() as u64)
    });
    assert_eq!(sized.count(), MANY);
    let found: BTreeSet<_> = entries.into_iter().map(|entry| entry.name).collect();
    assert!(found == names());
}

#[test]
fn directory_of_two_thousand_is_listed_over_tcp() {
    run(check_many(Transport::Tcp, READ_MAX));
}

#[test]
fn directory_of_two_thousand_is_listed_over_udp() {
    run(check_many(Transport::Udp, READ_MAX_OF_DATAGRAMS));
}

async fn page(
    nfs: &NfsProgramV3Stub,
    dir: &NfsFh3,
    cookie: u64,
    count: u32,
) -> Result<Readdir3resok, i32> {
    let arguments = Readdir3args {
        dir: dir.clone(),
        cookie,
        cookieverf: Cookieverf3::default(),
        count,
    };
    match nfs.nfsproc3_readdir(arguments).await.expect("it answers") {
        Readdir3res::Nfs3Ok(page) => Ok(page),
        Readdir3res::Default(status, _) => Err(status),
    }
}

#[test]
fn plain_readdir_gives_every_name_once_in_many_replies() {
    run(async {
        let served = Served::start(Transport::Tcp, READ_MAX).await;
        for name in names() {
            served.write(&name, b"");
        }
        let root = served.mount().await.find(b"").await.expect("it is there");
        let nfs = served.nfs().await;
        let (mut cookie, mut replies, mut found) = (0, 0, Vec::new());
        loop {
            let page = page(&nfs, &root.handle, cookie, 4096)
                .await
                .expect("a page");
            replies += 1;
            cookie = page
                .reply
                .entries
                .last()
                .map_or(cookie, |entry| entry.cookie);
            found.extend(page.reply.entries.into_iter().map(|entry| entry.name));
            assert!(found.len() <= MANY + 2, "names come again");
            if page.reply.eof {
                break;
            }
        }
        assert!(replies > 10, "{replies}");
        assert_eq!(found.len(), MANY + 2, "and the two names of dots");
        let found: BTreeSet<_> = found.into_iter().collect();
        assert!(found.is_superset(&names()));
    });
}

/// The reply around its entries is 108 octets, and an entry with a name of one or two octets 28.
#[test]
fn reply_is_as_long_as_asked_and_no_longer() {
    run(async {
        let served = Served::start(Transport::Tcp, READ_MAX).await;
        let root = served.mount().await.find(b"").await.expect("it is there");
        let nfs = served.nfs().await;
        let small = number(Nfsstat3::Nfs3errToosmall);
        let count = |count| page(&nfs, &root.handle, 0, count);
        for too_small in [0, 107, 135] {
            assert_eq!(count(too_small).await, Err(small), "{too_small}");
        }
        let one = count(136).await.expect("one entry");
        assert_eq!((one.reply.entries.len(), one.reply.eof), (1, false));
        let one = count(163).await.expect("one entry");
        assert_eq!((one.reply.entries.len(), one.reply.eof), (1, false));
        for all in [164, u32::MAX] {
            let both = count(all).await.expect("both entries");
            assert_eq!((both.reply.entries.len(), both.reply.eof), (2, true));
        }
    });
}

#[test]
fn listing_with_attributes_has_both_limits() {
    run(async {
        let served = Served::start(Transport::Tcp, READ_MAX).await;
        let dir = served.mount().await.find(b"").await.expect("it is there");
        let nfs = served.nfs().await;
        let ask = async |dircount, maxcount| {
            let arguments = Readdirplus3args {
                dir: dir.handle.clone(),
                cookie: 0,
                cookieverf: Cookieverf3::default(),
                dircount,
                maxcount,
            };
            match nfs
                .nfsproc3_readdirplus(arguments)
                .await
                .expect("it answers")
            {
                Readdirplus3res::Nfs3Ok(page) => Ok(page.reply.entries.len()),
                Readdirplus3res::Default(status, _) => Err(status),
            }
        };
        let small = number(Nfsstat3::Nfs3errToosmall);
        assert_eq!(ask(u32::MAX, 108 + 139).await, Err(small));
        assert_eq!(ask(u32::MAX, 108 + 140).await, Ok(1));
        assert_eq!(ask(u32::MAX, u32::MAX).await, Ok(2));
        assert_eq!(ask(0, u32::MAX).await, Ok(1));
        assert_eq!(ask(55, u32::MAX).await, Ok(1));
        assert_eq!(ask(56, u32::MAX).await, Ok(2));
    });
}

#[test]
fn cookies_that_are_not_the_servers_are_refused() {
    run(async {
        let served = Served::start(Transport::Tcp, READ_MAX).await;
        served.write("file", b"");
        let dir = served.mount().await.find(b"").await.expect("it is there");
        let nfs = served.nfs().await;
        let bad = number(Nfsstat3::Nfs3errBadCookie);
        let far = page(&nfs, &dir.handle, u64::MAX, 4096).await;
        assert_eq!(far.map(|_| ()), Err(bad));
        let arguments = Readdir3args {
            dir: dir.handle,
            cookie: 1,
            cookieverf: Opaque([1; 8]),
            count: 4096,
        };
        let answer = nfs.nfsproc3_readdir(arguments).await.expect("it answers");
        assert!(matches!(answer, Readdir3res::Default(status, _) if status == bad));
    });
}
