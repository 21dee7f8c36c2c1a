//! Real peers: nfs-ganesha's files through `nfs_cat`, `nfs_serve`'s files through libnfs, both found through rpcbind.

use std::collections::BTreeSet;
use std::process::{Command, Output};

use rmix_peers::{EXPORTED_FILES, Ganesha, Libnfs, Peer, Rpcbind, ganesha_content, nfs_url};

use crate::programs::{NFS_CAT, NFS_SERVE, Serving};
use crate::support::{watchdog, write};

/// Whether a peer is there; leaves it out only where that was asked for.
fn there(peers: &[Peer]) -> bool {
    if std::env::var_os("RMIX_TEST_NO_PEERS").is_some_and(|value| value == "1") {
        println!("left out: {peers:?} are needed, and RMIX_TEST_NO_PEERS=1 is set");
        return false;
    }
    for peer in peers {
        let status = peer.status();
        assert!(status.is_present(), "{status}");
    }
    true
}

fn succeeded(mut command: Command) -> Vec<u8> {
    let output: Output = command.output().expect("it was built");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
    output.stdout
}

#[test]
fn nfs_cat_reads_the_files_of_ganesha() {
    let _watchdog = watchdog();
    if !there(&[Peer::Rpcbind, Peer::Ganesha]) {
        return;
    }
    let rpcbind = Rpcbind::start().unwrap_or_else(|error| panic!("{error}"));
    let ganesha = Ganesha::start(&rpcbind).unwrap_or_else(|error| panic!("{error}"));
    let export = ganesha.export_path().display().to_string();
    let ask = |arguments: &[&str], path: &str, ports: &str| {
        let mut command = ganesha.namespace().command(NFS_CAT);
        let path = path.replace(' ', "%20");
        command
            .args(arguments)
            .arg(format!("nfs://127.0.0.1{path}{ports}"));
        succeeded(command)
    };
    let listed = ask(&["--exports"], "/", "");
    let listed = String::from_utf8(listed).expect("text");
    assert!(listed.starts_with(&export), "{listed}");
    let fixed = format!(
        "?nfsport={}&mountport={}",
        ganesha.nfs_port(),
        ganesha.mount_port()
    );
    for (arguments, ports) in [
        (&[][..], ""),
        (&[], &fixed),
        (&["--udp"], ""),
        (&["--uid", "1000", "--gid", "1000"], ""),
    ] {
        for (name, length) in EXPORTED_FILES {
            let content = ask(arguments, &format!("{export}/{name}"), ports);
            let same = content == ganesha_content(length);
            assert!(same, "{name} {arguments:?} {ports}");
        }
    }
    let listed = ask(&["--list"], &format!("{export}/below"), "");
    let listed = String::from_utf8(listed).expect("text");
    let lines: Vec<_> = listed.lines().map(|line| line.split_at(24)).collect();
    assert_eq!(lines.len(), 2, "{listed}");
    assert_eq!(lines[0].1, "deep", "{listed}");
    assert_eq!(
        lines[1],
        ("-rw-r--r--            5 ", "name with blanks.txt")
    );
}

/// Lines of text that are more than a READ.
fn text() -> String {
    let lines = (0..40_000).map(|number| format!("line {number} of a long text\n"));
    lines.collect()
}

fn make_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("many")).expect("a folder");
    write(&folder.path().join("long.txt"), text().as_bytes());
    write(&folder.path().join("empty"), b"");
    for number in 0..2000 {
        let name = format!("many/file with the number {number}");
        write(&folder.path().join(name), b"x");
    }
    folder
}

fn check_libnfs(libnfs: &Libnfs, ports: Option<(u16, u16)>) {
    let url = |path: &str| nfs_url("127.0.0.1", path, ports);
    let read = |path: &str| {
        let lines = libnfs.read(&url(path));
        lines.unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let list = |path: &str, recursive| {
        let files = libnfs.list(&url(path), recursive);
        files.unwrap_or_else(|error| panic!("{path}: {error}"))
    };
    let expected = text();
    assert!(read("/export/long.txt").iter().eq(expected.lines()));
    assert_eq!(read("/export/empty"), Vec::<String>::new());
    assert_eq!(read("/export/many/file with the number 7"), ["x"]);
    let top = list("/export", false);
    let sizes: BTreeSet<_> = top
        .iter()
        .map(|file| (file.name.as_str(), file.size))
        .collect();
    assert!(
        sizes.contains(&("long.txt", expected.len() as u64)),
        "{top:?}"
    );
    assert!(sizes.contains(&("empty", 0)), "{top:?}");
    assert_eq!(top.len(), 3);
    let below = list("/export/many", false);
    let names: BTreeSet<_> = below.into_iter().map(|file| file.name).collect();
    let expected = (0..2000).map(|number| format!("file with the number {number}"));
    assert_eq!(names, expected.collect::<BTreeSet<_>>());
    assert_eq!(list("/export", true).len(), 2003);
}

#[test]
fn libnfs_reads_the_folder_of_nfs_serve() {
    let _watchdog = watchdog();
    if !there(&[Peer::Libnfs]) {
        return;
    }
    let folder = make_folder();
    let serving = Serving::folder(folder.path());
    check_libnfs(&Libnfs::on_host(), Some(serving.ports()));
}

#[test]
fn libnfs_finds_nfs_serve_through_rpcbind() {
    let _watchdog = watchdog();
    if !there(&[Peer::Libnfs, Peer::Rpcbind]) {
        return;
    }
    let rpcbind = Rpcbind::start().unwrap_or_else(|error| panic!("{error}"));
    let folder = make_folder();
    let mut command = rpcbind.namespace().command(NFS_SERVE);
    command.arg(folder.path());
    command.args(["--mount-endpoint", "sunrpc+tcp://127.0.0.1/100005/3"]);
    command.args(["--nfs-endpoint", "sunrpc+tcp://127.0.0.1/100003/3"]);
    let _serving = Serving::start(command);
    check_libnfs(&Libnfs::in_namespace(rpcbind.namespace()), None);
}
