//! Daemons of the system, called by traits made of the interface files that the system has: rpc.rstatd and mountd, found
//! through rpcbind.

#[cfg(system_interfaces)]
mod by_their_interfaces {
    use rmix::Cause;
    use rmix_peers::{Ganesha, RSTAT_PROGRAM, Rpcbind, StatusDaemons};
    use rmix_system_tests::mount::{Exportnode, MOUNTPROG, MOUNTVERS, MountprogV1Stub};
    use rmix_system_tests::rstat::{
        RSTATPROG, RSTATVERS_ORIG, RSTATVERS_SWTCH, RSTATVERS_TIME, RstatprogV1Stub,
        RstatprogV2Stub, RstatprogV3Stub,
    };

    use crate::sunrpc::registered::inside;
    use crate::sunrpc::{DEADLINE, LOOPBACK};
    use crate::support::{Watchdog, built_program, ok, providers_folder, there};

    fn bind<S: rmix::Interface>(
        runtime: &rmix::Runtime,
        transport: &str,
        program: u32,
        version: u32,
        options: &str,
    ) -> S {
        let endpoint = format!("sunrpc+{transport}://{LOOPBACK}/{program}/{version}{options}");
        runtime.bind(endpoint).timeout(DEADLINE).blocking().unwrap()
    }

    /// When the machine was started, in seconds since 1970, as the kernel tells.
    fn started_at() -> i64 {
        let told = std::fs::read_to_string("/proc/stat").unwrap();
        let mut lines = told.lines();
        let line = lines.find_map(|line| line.strip_prefix("btime "));
        line.unwrap().trim().parse().unwrap()
    }

    fn now() -> i64 {
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
        since.as_secs().try_into().unwrap()
    }

    /// The daemon sends the same 27 words for each version, and the newest has 26.
    const LONGER: &str = "?longer_results=accept";

    #[test]
    fn rstatd_tells_the_state_of_this_machine() {
        let _watchdog = Watchdog::start();
        if there(rmix_peers::Peer::StatusDaemons).is_none() {
            return;
        }
        let rpcbind = ok(Rpcbind::start());
        let daemons = ok(StatusDaemons::start(&rpcbind));
        assert_eq!(RSTATPROG, RSTAT_PROGRAM);
        inside(rpcbind.namespace(), |runtime| {
            let newest: RstatprogV3Stub = bind(runtime, "udp", RSTATPROG, RSTATVERS_TIME, LONGER);
            let before = now();
            let told = newest.blocking().rstatproc_stats().unwrap();
            // The daemon looks once a second, and its clock is read in other ways than the kernel's.
            let current = i64::from(told.curtime.tv_sec);
            assert!((before - 600..=now() + 600).contains(&current), "{told:?}");
            let booted = i64::from(told.boottime.tv_sec);
            assert!((booted - started_at()).abs() < 600, "{told:?}");
            assert!(told.curtime.tv_usec < 1_000_000, "{told:?}");
            // Time passes: some state of the processors has come about.
            assert!(told.cp_time.iter().any(|ticks| *ticks != 0), "{told:?}");
            assert!(told.avenrun.iter().all(|load| *load >= 0), "{told:?}");

            let before: RstatprogV2Stub = bind(runtime, "udp", RSTATPROG, RSTATVERS_SWTCH, LONGER);
            let second = before.blocking().rstatproc_stats().unwrap();
            let booted = i64::from(second.boottime.tv_sec);
            assert!((booted - started_at()).abs() < 600, "{second:?}");
            let oldest: RstatprogV1Stub = bind(runtime, "udp", RSTATPROG, RSTATVERS_ORIG, LONGER);
            let first = oldest.blocking().rstatproc_stats().unwrap();
            // Counters only grow: the interface's packets are at the same place in every version.
            let third = newest.blocking().rstatproc_stats().unwrap();
            let packets = [
                told.if_ipackets,
                second.if_ipackets,
                first.if_ipackets,
                third.if_ipackets,
            ];
            assert!(packets.is_sorted(), "{packets:?}");
            let disk = newest.blocking().rstatproc_havedisk().unwrap();
            assert!(disk <= 1, "{disk}");

            let exact: RstatprogV3Stub = bind(runtime, "udp", RSTATPROG, RSTATVERS_TIME, "");
            let refused = exact.blocking().rstatproc_stats().unwrap_err();
            assert_eq!(refused.cause(), Cause::Codec, "{refused:?}");
            // The hole between versions 3 and 5, at the port where the others are.
            let absent: RstatprogV3Stub = bind(runtime, "udp", RSTATPROG, 4, "");
            let refused = absent.blocking().rstatproc_havedisk().unwrap_err();
            assert_eq!(refused.cause(), Cause::Version, "{refused:?}");
        });
        // The C client reads the same.
        let told = ok(daemons.rup());
        assert!(told.contains(" up "), "{told}");
    }

    #[test]
    fn command_lists_the_exports_of_ganesha_by_the_system_s_interface_file() {
        let _watchdog = Watchdog::start();
        if there(rmix_peers::Peer::Ganesha).is_none() {
            return;
        }
        let rpcbind = ok(Rpcbind::start());
        let ganesha = ok(Ganesha::start(&rpcbind));
        let program = built_program("rmix-cli", "rmix");
        let asked = ganesha
            .namespace()
            .command(program)
            .env("RMIX_PROVIDER_PATH", providers_folder())
            .args(["call", "--json", "--idl", "/usr/include/rpcsvc/mount.x"])
            .arg(format!("sunrpc+tcp://{LOOPBACK}/MOUNTPROG/MOUNTVERS"))
            .arg("MOUNTPROC_EXPORT")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&asked.stderr);
        assert!(asked.status.success(), "{told}");
        let printed: serde_json::Value = serde_json::from_slice(&asked.stdout).unwrap();
        let exported = ganesha.export_path();
        let exports = serde_json::json!([{"ex_dir": exported.to_str(), "ex_groups": []}]);
        let listed = printed.get("result").unwrap_or(&printed);
        assert_eq!(*listed, exports, "{printed}");
    }

    #[test]
    fn mountd_of_ganesha_lists_its_exports() {
        let _watchdog = Watchdog::start();
        if there(rmix_peers::Peer::Ganesha).is_none() {
            return;
        }
        let rpcbind = ok(Rpcbind::start());
        let ganesha = ok(Ganesha::start(&rpcbind));
        let exported = ganesha.export_path();
        inside(rpcbind.namespace(), |runtime| {
            for transport in ["tcp", "udp"] {
                let stub: MountprogV1Stub = bind(runtime, transport, MOUNTPROG, MOUNTVERS, "");
                let mountd = stub.blocking();
                let exports = mountd.mountproc_export().unwrap().0;
                let [Exportnode { ex_dir, ex_groups }] = &exports[..] else {
                    panic!("{exports:?}");
                };
                assert_eq!(ex_dir.0, exported.to_str().unwrap());
                assert!(ex_groups.0.is_empty(), "{ex_groups:?}");
                // ganesha has not this one of the interface.
                let refused = mountd.mountproc_exportall().unwrap_err();
                assert_eq!(refused.cause(), Cause::NoSuchMethod, "{refused:?}");
                // Version 2 is in a hole between the versions 1 and 3.
                let absent: MountprogV1Stub = bind(runtime, transport, MOUNTPROG, 2, "");
                let refused = absent.blocking().mountproc_export().unwrap_err();
                assert_eq!(refused.cause(), Cause::Version, "{refused:?}");
                assert!(refused.to_string().contains("versions 1 to 3"), "{refused}");
            }
        });
    }
}

/// Without those files there is no trait: then the peers are missing, which is said here by name.
#[cfg(not(system_interfaces))]
#[test]
fn daemons_are_called_by_the_interfaces_of_the_system() {
    use rmix_peers::Peer;
    if crate::support::there(Peer::CDiverse).is_some() {
        panic!("/usr/include/rpcsvc has no rstat.x and mount.x: is rpcsvc-proto installed?");
    }
}
