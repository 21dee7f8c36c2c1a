//! Our clients against servers that send garbage, lie about lengths and numbers, stop half-way or never stop. The call
//! fails with the right error within its deadline, memory stays within the budget, and other links go on. Each client is
//! a process of its own, so that its memory can be told from that of other tests.

mod hostile;

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::Duration;

use rmix::Limits;
use rmix_system_tests::{NumbersSkeleton, Recorder, mixed};
use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::process::{Pid, PidfdFlags};
use serde_json::Value;

use self::hostile::{Hostile, Speaks, Victim, msgpack_reply, record, sunrpc_reply};
use crate::support::{
    Watchdog, builder, helper_program, providers_folder, runtime_of_one_connection,
};

/// Deadline of a call that nothing can end but its deadline, in milliseconds.
const SHORT: &str = "700";
/// Deadline of a call that must fail before it.
const LONG: &str = "60000";
/// A client that has not ended by then hangs: far beyond both deadlines.
const HANGS_AFTER: Timespec = Timespec {
    tv_sec: 240,
    tv_nsec: 0,
};
/// What a client may grow by: its limits are 1 MiB a message and a quarter of that queued.
const GROWN_KIB_MAX: u64 = 16 * 1024;

/// How a client fared.
struct Fate {
    report: Value,
}

/// Lets a client call the hostile server, beside an honest one.
fn fate(speaks: Speaks, milliseconds: &str, script: impl FnOnce(Victim) + Send + 'static) -> Fate {
    let _watchdog = Watchdog::start();
    let honest = runtime_of_one_connection();
    let object = NumbersSkeleton::new(Recorder::default());
    let exported = honest
        .export_blocking(object, ["msgpack+tcp://127.0.0.1:0"])
        .unwrap();
    let good = exported.endpoints()[0].to_string();
    let hostile = Hostile::start(speaks, script);
    let mut client = Command::new(helper_program())
        .arg("victim")
        .arg(providers_folder())
        .args([good.as_str(), hostile.endpoint.as_str(), milliseconds])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = Pid::from_child(&client);
    let pidfd = rustix::process::pidfd_open(pid, PidfdFlags::empty()).unwrap();
    let mut ended = [PollFd::new(&pidfd, PollFlags::IN)];
    if rustix::event::poll(&mut ended, Some(&HANGS_AFTER)).unwrap() == 0 {
        client.kill().unwrap();
        panic!("the client hangs");
    }
    let output = client.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let report = serde_json::from_slice(&output.stdout).unwrap();
    Fate { report }
}

impl Fate {
    /// What holds whatever the peer does.
    fn check_always(&self) {
        let report = &self.report;
        assert_eq!(report["other_link_went_on"], true, "{report}");
        let grown = report["grown_kib"].as_u64().unwrap();
        assert!(grown <= GROWN_KIB_MAX, "{grown} KiB more memory: {report}");
    }

    fn check(&self, kind: &str, cause: &str, delivery: &str) {
        self.check_always();
        let report = &self.report;
        assert_eq!(report["kind"], kind, "{report}");
        assert_eq!(report["cause"], cause, "{report}");
        assert_eq!(report["delivery"], delivery, "{report}");
    }

    /// The peer broke a rule: the link is closed, and whether the call ran nobody knows.
    fn check_broken(&self, cause: &str, rule: &str) {
        self.check("peer-broken", cause, "maybe-executed");
        let message = self.report["message"].as_str().unwrap();
        assert!(message.contains(rule), "{rule:?} is not in: {message}");
    }

    fn check_timed_out(&self) {
        self.check("retry", "timeout", "maybe-executed");
    }
}

#[test]
fn an_honest_answer_is_believed_so_that_the_other_tests_can_fail() {
    let truth = mixed(2, 2).to_be_bytes();
    for speaks in [Speaks::Msgpack, Speaks::SunRpc] {
        let believed = std::panic::catch_unwind(|| {
            fate(speaks, LONG, move |mut victim| {
                let mut reply = match speaks {
                    Speaks::Msgpack => [msgpack_reply(victim.id()), vec![0xcf]].concat(),
                    Speaks::SunRpc => sunrpc_reply(victim.id()),
                };
                reply.extend_from_slice(&truth);
                if let Speaks::SunRpc = speaks {
                    reply = record(&reply);
                }
                victim.send(&reply);
                victim.stay();
            })
        });
        let said = believed.err().expect("the client reports what it believed");
        let said = said.downcast_ref::<String>().cloned().unwrap_or_default();
        assert!(said.contains("the hostile peer was believed"), "{said}");
    }
}

#[test]
fn garbage_breaks_msgpack() {
    let fate = fate(Speaks::Msgpack, LONG, |mut victim| {
        victim.send(&[0xc1; 100]);
        victim.stay();
    });
    fate.check_broken("protocol", "reserved marker");
}

#[test]
fn garbage_breaks_sunrpc() {
    let fate = fate(Speaks::SunRpc, LONG, |mut victim| {
        victim.send(&record(&[0x55; 64]));
        victim.stay();
    });
    fate.check_broken("protocol", "");
}

#[test]
fn any_garbage_ends_the_call_before_its_deadline() {
    for seed in 1..=6_u64 {
        println!("seed {seed}");
        for speaks in [Speaks::Msgpack, Speaks::SunRpc] {
            let fate = fate(speaks, LONG, move |mut victim| {
                victim.send(&garbage(seed, 64 * 1024));
                victim.close();
            });
            fate.check_always();
            let cause = fate.report["cause"].as_str().unwrap();
            let right = ["protocol", "limit", "link-closed", "io"].contains(&cause);
            assert!(right, "seed {seed}: {}", fate.report);
            assert_eq!(fate.report["delivery"], "maybe-executed", "{}", fate.report);
        }
    }
}

/// The same bytes for the same seed.
fn garbage(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[0]
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn a_huge_declared_length_is_refused_before_the_bytes_come() {
    let result = |header: &'static [u8]| {
        fate(Speaks::Msgpack, LONG, move |mut victim| {
            let reply = [msgpack_reply(victim.id()), header.to_vec()].concat();
            victim.send(&reply);
            victim.stay();
        })
    };
    for header in [
        &[0xdb, 0xff, 0xff, 0xff, 0xff][..],
        &[0xc6, 0x00, 0x10, 0x00, 0x00],
        &[0xdd, 0xff, 0xff, 0xff, 0xff],
        &[0xdf, 0xff, 0xff, 0xff, 0xff],
    ] {
        result(header).check_broken("limit", "limit 1048576");
    }
    let fate = fate(Speaks::SunRpc, LONG, |mut victim| {
        victim.send(&[0xff; 4]);
        victim.stay();
    });
    fate.check_broken("limit", "1048576");
}

#[test]
fn headers_that_each_claim_what_is_left_are_refused() {
    let fate = fate(Speaks::Msgpack, LONG, |mut victim| {
        let reply = msgpack_reply(victim.id());
        victim.send(&reply);
        // Arrays of half a million in arrays of half a million.
        victim.send_for_ever(&[0xdd, 0, 8, 0, 0]);
    });
    fate.check_broken("limit", "limit");
}

#[test]
fn nesting_without_end_is_refused() {
    let fate = fate(Speaks::Msgpack, LONG, |mut victim| {
        let reply = msgpack_reply(victim.id());
        victim.send(&reply);
        victim.send_for_ever(&[0x91; 4096]);
    });
    fate.check_broken("limit", "nested");
}

#[test]
fn a_record_without_end_is_refused() {
    for fragment in [1000, 100_000] {
        let mut endless = fragment_head(fragment);
        endless.resize(4 + fragment, 0);
        let fate = fate(Speaks::SunRpc, LONG, move |victim| {
            victim.send_for_ever(&endless)
        });
        fate.check_broken("limit", "");
    }
}

#[test]
fn empty_fragments_without_end_are_refused() {
    let endless = [0_u8; 4096];
    let fate = fate(Speaks::SunRpc, LONG, move |victim| {
        victim.send_for_ever(&endless)
    });
    fate.check_broken("limit", "fragments");
}

/// The mark of a fragment that is not the record's last.
fn fragment_head(length: usize) -> Vec<u8> {
    u32::try_from(length)
        .expect("a short fragment")
        .to_be_bytes()
        .to_vec()
}

#[test]
fn half_a_reply_and_the_end_is_a_closed_link() {
    let fates = [
        fate(Speaks::Msgpack, LONG, |mut victim| {
            let half = [msgpack_reply(victim.id()), vec![0xcf, 0, 0]].concat();
            victim.send(&half);
            victim.close();
        }),
        fate(Speaks::SunRpc, LONG, |mut victim| {
            let whole = record(&sunrpc_reply(victim.id()));
            victim.send(&whole[..whole.len() / 2]);
            victim.close();
        }),
        fate(Speaks::Msgpack, LONG, Victim::close),
        fate(Speaks::SunRpc, LONG, Victim::close),
    ];
    for fate in fates {
        fate.check("reconnect", "link-closed", "maybe-executed");
    }
}

#[test]
fn a_reply_to_a_call_that_was_never_made_breaks_the_link() {
    let fates = [
        fate(Speaks::Msgpack, LONG, |mut victim| {
            let reply = [msgpack_reply(victim.id() + 1000), vec![7]].concat();
            victim.send(&reply);
            victim.stay();
        }),
        fate(Speaks::SunRpc, LONG, |mut victim| {
            let reply = [sunrpc_reply(victim.id() + 1000), vec![0; 8]].concat();
            victim.send(&record(&reply));
            victim.stay();
        }),
    ];
    for fate in fates {
        fate.check_broken("protocol", "never made");
    }
}

#[test]
fn a_result_of_another_type_fails_the_call_as_executed() {
    let msgpack = fate(Speaks::Msgpack, LONG, |mut victim| {
        let reply = [msgpack_reply(victim.id()), vec![0xa1, b'x']].concat();
        victim.send(&reply);
        victim.stay();
    });
    msgpack.check("fix-request", "codec", "executed");
    // Four bytes where a hyper has eight; then twelve.
    for count in [4, 12] {
        let fate = fate(Speaks::SunRpc, LONG, move |mut victim| {
            let reply = [sunrpc_reply(victim.id()), vec![0; count]].concat();
            victim.send(&record(&reply));
            victim.stay();
        });
        fate.check("peer-broken", "codec", "executed");
    }
}

#[test]
fn silence_ends_at_the_deadline() {
    fate(Speaks::Msgpack, SHORT, Victim::stay).check_timed_out();
    fate(Speaks::SunRpc, SHORT, Victim::stay).check_timed_out();
}

#[test]
fn a_reply_that_drips_ends_at_the_deadline() {
    let pause = Duration::from_millis(3);
    let fates = [
        fate(Speaks::Msgpack, SHORT, move |mut victim| {
            // 900,000 bytes to come, which the limit allows.
            let reply = [msgpack_reply(victim.id()), vec![0xc6, 0, 0x0d, 0xbb, 0xa0]].concat();
            victim.send(&reply);
            victim.drip(pause);
        }),
        fate(Speaks::SunRpc, SHORT, move |mut victim| {
            victim.send(&fragment_head(900_000));
            victim.drip(pause);
        }),
    ];
    for fate in fates {
        fate.check_timed_out();
    }
}

/// A record that calls procedure 0 of the client, with every header empty.
fn sunrpc_call() -> Vec<u8> {
    let words = [7_u32, 0, 2, 0x2000_0043, 1, 0, 0, 0, 0, 0];
    let body: Vec<u8> = words.into_iter().flat_map(u32::to_be_bytes).collect();
    record(&body)
}

/// Messages that are no reply, without end; the deadline ends the call, and memory stays within the budget.
fn check_flood(speaks: Speaks, message: &[u8]) {
    let many = message.repeat(4096);
    fate(speaks, SHORT, move |victim| victim.send_for_ever(&many)).check_timed_out();
}

#[test]
fn a_flood_of_notifications_ends_at_the_deadline() {
    check_flood(Speaks::Msgpack, &[0x93, 2, 0xa1, b'x', 0x90]);
}

#[test]
fn a_flood_of_msgpack_requests_whose_answers_nobody_reads_ends_at_the_deadline() {
    check_flood(Speaks::Msgpack, &[0x94, 0, 7, 0xa1, b'x', 0x90]);
}

#[test]
fn a_flood_of_sunrpc_calls_whose_answers_nobody_reads_ends_at_the_deadline() {
    check_flood(Speaks::SunRpc, &sunrpc_call());
}

/// Doubles in an answer.
const DOUBLES: u16 = 1000;
/// `[1, id, nil, array of…`: 1, 1, 5, 1 and 3 bytes.
const ANSWER_HEAD_BYTES: usize = 11;
/// Numbers from here on are sent back in five bytes.
const FIRST_ID: u32 = 100_000;
/// Far more requests than the kernel holds for a server that has stopped reading.
const REQUESTS_MAX: u32 = 1_000_000;
/// Bytes a link queues: less than the kernel takes at once when it takes some again.
const LITTLE: u64 = 4 * 1024;
/// The server has stopped reading: much longer than it takes to come to that.
const STOPPED_AFTER: Timespec = Timespec {
    tv_sec: 1,
    tv_nsec: 0,
};
/// Nothing more comes: far beyond what any machine takes for the next answer.
const STALLED_AFTER: Duration = Duration::from_secs(120);

#[test]
fn a_peer_that_does_not_read_is_not_read_either_and_gets_every_answer_later() {
    let _watchdog = Watchdog::start();
    let mut limits = Limits::default();
    limits.queued_bytes = LITTLE;
    let server = builder().limits(limits).build().unwrap();
    let object = NumbersSkeleton::new(Recorder::default());
    // On TCP the kernel's probes of a full peer would wake a server that has gone to sleep by mistake.
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("socket");
    let endpoint = format!("msgpack+unix:{}", socket.display());
    let _exported = server.export_blocking(object, [endpoint]).unwrap();
    let mut stream = UnixStream::connect(socket).unwrap();

    let (requests, unsent) = ask_until_the_server_stops(&mut stream);

    let mut writer = stream.try_clone().unwrap();
    let writing = std::thread::spawn(move || writer.write_all(&unsent).unwrap());
    stream.set_read_timeout(Some(STALLED_AFTER)).unwrap();
    read_answers(&mut stream, (FIRST_ID..FIRST_ID + requests).collect());
    writing.join().unwrap();
}

/// Sends requests until the kernel takes no more; how many there are, and what of the last is not sent yet.
fn ask_until_the_server_stops(stream: &mut UnixStream) -> (u32, Vec<u8>) {
    stream.set_nonblocking(true).unwrap();
    for number in 0..REQUESTS_MAX {
        let id = (FIRST_ID + number).to_be_bytes();
        let [head, method, array] = [&[0x94, 0, 0xce][..], b"\xa6series", &[0x91, 0xcd]];
        let mut unsent = [head, &id, method, array, &DOUBLES.to_be_bytes()].concat();
        while !unsent.is_empty() {
            if let Ok(sent) = stream.write(&unsent) {
                unsent.drain(..sent);
                continue;
            }
            let mut writable = [PollFd::new(stream, PollFlags::OUT)];
            if rustix::event::poll(&mut writable, Some(&STOPPED_AFTER)).unwrap() == 0 {
                stream.set_nonblocking(false).unwrap();
                return (number + 1, unsent);
            }
        }
    }
    panic!("the server reads on, whatever waits to be read by its peer");
}

/// Reads one answer to each of these.
fn read_answers(stream: &mut UnixStream, mut missing: BTreeSet<u32>) {
    let mut answer = vec![0; ANSWER_HEAD_BYTES + 9 * usize::from(DOUBLES)];
    let last = f64::from(DOUBLES - 1).to_be_bytes();
    while !missing.is_empty() {
        if let Err(failure) = stream.read_exact(&mut answer) {
            panic!("{} answers are missing: {failure}", missing.len());
        }
        let head = &answer[..ANSWER_HEAD_BYTES];
        assert_eq!(
            (&head[..3], head[7]),
            (&[0x94, 1, 0xce][..], 0xc0),
            "{head:02x?}"
        );
        let id = u32::from_be_bytes([head[3], head[4], head[5], head[6]]);
        assert!(missing.remove(&id), "a second answer to {id}");
        assert!(answer.ends_with(&last), "answer {id} ends wrongly");
    }
}
