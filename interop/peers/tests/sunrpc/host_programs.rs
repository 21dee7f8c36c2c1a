//! The programs of the system that have fixed ports or paths, each in a namespace: rpcbind, rpcinfo,
//! rpc.rstatd, rpc.rusersd, nfs-ganesha, and libnfs's clients.

use std::error::Error;
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use rmix_peers::{
    AddressRow, DiverseOptions, EXPORTED_FILES, Ganesha, Libnfs, ListedFile, Namespace, PortRow,
    ProgramRow, RSTAT_PROGRAM, RUSERS_PROGRAM, Rpcbind, Rpcinfo, StatusDaemons, diverse_results,
    ganesha_content, nfs_url, universal_address,
};
use serde_json::json;

use super::c_diverse::programs;
use crate::{ok, told};

const LOOPBACK: &str = "127.0.0.1";
const DIVERSE: u32 = 0x2000_0043;

#[test]
fn namespaces_have_ports_and_run_to_themselves() {
    let first = ok(Namespace::start());
    let second = ok(Namespace::start());
    let bind = || UdpSocket::bind((Ipv4Addr::LOCALHOST, 111)).unwrap();
    let in_first = ok(first.enter(bind));
    let in_second = ok(second.enter(bind));
    assert_eq!(
        in_first.local_addr().unwrap(),
        in_second.local_addr().unwrap()
    );
    let made = first.command("touch").arg("/run/mark").status().unwrap();
    assert!(made.success());
    assert!(first.path("/run/mark").exists());
    assert!(!second.path("/run/mark").exists());
    assert!(!std::path::Path::new("/run/mark").exists());
    assert_eq!(first.prefix()[0], "nsenter");
}

#[test]
fn a_namespace_takes_its_programs_with_it() {
    let rpcbind = ok(Rpcbind::start());
    let namespace = Arc::clone(rpcbind.namespace());
    let connect = || TcpStream::connect((Ipv4Addr::LOCALHOST, 111)).map(drop);
    ok(ok(namespace.enter(connect)));

    drop(rpcbind);

    assert!(ok(namespace.enter(connect)).is_err());
    // Its lock on /run is gone too: it starts again, and knows nothing.
    let again = ok(Rpcbind::start_in(&namespace));
    let rpcinfo = Rpcinfo::in_namespace(again.namespace());
    assert_eq!(ok(rpcinfo.ports(LOOPBACK)), []);
}

#[test]
fn rpcbind_knows_what_registered_over_every_transport_until_it_ends() {
    let rpcbind = ok(Rpcbind::start());
    let programs = programs();
    let namespace = rpcbind.namespace();
    let options = DiverseOptions {
        unix_path: Some("/run/diverse.sock".into()),
        rpcbind: true,
        ..DiverseOptions::default()
    };
    let server = ok(programs.start_server_in(namespace, &options));
    let rpcinfo = Rpcinfo::in_namespace(namespace);

    let mut ports = ok(rpcinfo.ports(LOOPBACK));
    ports.sort();
    let mut expected = Vec::new();
    for version in [1, 2] {
        for (protocol, port) in [("tcp", server.tcp_port()), ("udp", server.udp_port())] {
            let (protocol, service) = (protocol.to_owned(), None);
            expected.push(PortRow {
                program: DIVERSE,
                version,
                protocol,
                port,
                service,
            });
        }
    }
    assert_eq!(ports, expected);
    let mut rows = ok(rpcinfo.programs(LOOPBACK));
    rows.iter_mut().for_each(|row| row.netids.sort());
    rows.iter_mut().for_each(|row| row.versions.sort());
    assert_eq!(
        rows,
        [ProgramRow {
            program: DIVERSE,
            versions: vec![1, 2],
            netids: ["local", "tcp", "udp"].map(String::from).into(),
            service: "-".into(),
            owner: "superuser".into(),
        }]
    );
    let addresses = ok(rpcinfo.addresses(None));
    assert!(addresses.contains(&AddressRow {
        program: DIVERSE,
        version: 2,
        netid: "tcp".into(),
        address: universal_address(LOOPBACK, server.tcp_port()),
        service: "-".into(),
        owner: "superuser".into(),
    }));
    assert_eq!(addresses.len(), 6);
    for netid in ["tcp", "udp"] {
        assert_eq!(ok(rpcinfo.ping(netid, LOOPBACK, DIVERSE, None)), [1, 2]);
        assert_eq!(ok(rpcinfo.ping(netid, LOOPBACK, DIVERSE, Some(2))), [2]);
        let answer =
            ok(programs.client_in(namespace, &["rpcbind", netid, LOOPBACK, "answer", "3"]));
        assert_eq!(answer, json!({"ok": {"status": 3}}), "{netid}");
    }
    let local = ["rpcbind", "local", "localhost", "selftest", "large"];
    assert_eq!(
        ok(programs.client_in(namespace, &local))["ok"],
        diverse_results(true)
    );

    ok(server.stop());

    assert_eq!(ok(rpcinfo.ports(LOOPBACK)), []);
}

#[test]
fn rpcinfo_asks_a_server_without_rpcbind_and_tells_what_is_not_there() {
    let programs = programs();
    let server = ok(programs.start_server(&DiverseOptions::default()));
    let rpcinfo = Rpcinfo::on_host();
    let tcp = universal_address(LOOPBACK, server.tcp_port());
    assert_eq!(ok(rpcinfo.ping_at("tcp", &tcp, DIVERSE, Some(1))), [1]);
    let udp = universal_address(LOOPBACK, server.udp_port());
    assert_eq!(ok(rpcinfo.ping_at("udp", &udp, DIVERSE, Some(2))), [2]);

    let error = rpcinfo.ping_at("tcp", &tcp, DIVERSE, Some(9)).unwrap_err();
    assert!(
        told(&error).contains("low version = 1, high version = 2"),
        "{error}"
    );

    let rpcbind = ok(Rpcbind::start());
    let rpcinfo = Rpcinfo::in_namespace(rpcbind.namespace());
    let error = rpcinfo.ping("tcp", LOOPBACK, DIVERSE, None).unwrap_err();
    assert!(told(&error).contains("Program not registered"), "{error}");
}

#[test]
fn the_socket_of_rpcbind_is_reached_from_outside() {
    let rpcbind = ok(Rpcbind::start());
    UnixStream::connect(rpcbind.socket_path()).unwrap();
}

#[test]
fn rstatd_and_rusersd_answer_their_clients() {
    let rpcbind = ok(Rpcbind::start());
    let daemons = ok(StatusDaemons::start(&rpcbind));
    let rpcinfo = Rpcinfo::in_namespace(rpcbind.namespace());
    let rows = ok(rpcinfo.ports(LOOPBACK));
    let versions = |program| {
        let of_program = rows.iter().filter(|row| row.program == program);
        let mut versions: Vec<_> = of_program.map(|row| row.version).collect();
        versions.sort();
        versions
    };
    assert_eq!(versions(RSTAT_PROGRAM), [1, 2, 3, 5]);
    assert_eq!(versions(RUSERS_PROGRAM), [2, 3]);
    let told = ok(daemons.rup());
    assert!(told.starts_with("localhost "), "{told}");
    assert!(told.contains(" up ") && told.contains("load "), "{told}");
    // Whoever is logged in, each line names the host.
    for line in ok(daemons.rusers()) {
        assert!(line.contains("localhost"), "{line}");
    }
}

#[test]
fn libnfs_reads_what_ganesha_exports() {
    let rpcbind = ok(Rpcbind::start());
    let ganesha = ok(Ganesha::start(&rpcbind));
    let libnfs = Libnfs::in_namespace(ganesha.namespace());
    let export = ganesha.export_path();
    let export = export.to_str().unwrap();
    let ports = Some((ganesha.nfs_port(), ganesha.mount_port()));

    for ports in [None, ports] {
        let url = nfs_url(LOOPBACK, export, ports);
        let mut files: Vec<_> = ok(libnfs.list(&url, true));
        files.retain(|file| file.mode.starts_with('-'));
        files.sort_by_key(|file| file.name.clone());
        let mut expected = EXPORTED_FILES.map(|(name, size)| ListedFile {
            mode: "-rw-r--r--".into(),
            links: 1,
            uid: 0,
            gid: 0,
            size: size as u64,
            name: name.into(),
        });
        expected.sort_by_key(|file| file.name.clone());
        assert_eq!(files, expected, "{url}");
    }
    for (name, length) in EXPORTED_FILES {
        let url = nfs_url(LOOPBACK, &format!("{export}/{name}"), ports);
        let content = String::from_utf8(ganesha_content(length)).unwrap();
        assert!(ok(libnfs.read(&url)).iter().eq(content.lines()), "{name}");
    }
    let mut registered: Vec<_> = ok(Rpcinfo::in_namespace(rpcbind.namespace()).ports(LOOPBACK));
    registered.retain(|row| row.protocol == "tcp" && row.version == 3);
    let registered: Vec<_> = registered
        .iter()
        .map(|row| (row.program, row.port))
        .collect();
    assert!(
        registered.contains(&(100_003, ganesha.nfs_port())),
        "{registered:?}"
    );
    assert!(
        registered.contains(&(100_005, ganesha.mount_port())),
        "{registered:?}"
    );
}

#[test]
fn a_client_of_an_absent_server_fails_with_its_words() {
    let namespace = Arc::new(ok(Namespace::start()));
    let url = nfs_url(LOOPBACK, "/nothing", Some((2049, 20048)));
    let error: Box<dyn Error> = Libnfs::in_namespace(&namespace)
        .list(&url, false)
        .unwrap_err()
        .into();
    assert!(told(&*error).contains("Failed to mount"), "{error}");
}
