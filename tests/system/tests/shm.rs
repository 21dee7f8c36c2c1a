//! Shared memory between real processes, of which one is killed, again and again, at random points: what is left knows it
//! at once, answers are right, and nothing is left behind.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use rmix_system_tests::{NumbersStub, mixed};

use crate::support::{
    HelperLine, Watchdog, helper_program, provider_file, providers_folder, runtime,
};

/// Kills of each side.
const KILLS: u32 = 500;
/// Kills after which a survivor's memory is as large as it gets.
const WARM: u32 = 50;
/// The longest time from a victim's first answer to its death: some hundred calls.
const LIFE: Duration = Duration::from_millis(3);
/// How much a survivor may grow from then on, in bytes. A queue for each kill would be twenty times that.
const GROWTH: u64 = 8 << 20;
/// Descriptors and threads that differ from link to link.
const FEW: usize = 8;

/// A client in another process.
struct Caller {
    child: Child,
    line: BufReader<UnixStream>,
}

impl Caller {
    /// Starts it; it calls when there is a server.
    fn start(folder: &Path, endpoint: &str, seed: u64) -> Caller {
        let tell = folder.join("caller");
        // Of the caller before.
        let _ = std::fs::remove_file(&tell);
        let listener = UnixListener::bind(&tell).unwrap();
        let child = Command::new(helper_program())
            .arg("call")
            .args([tell.as_os_str(), providers_folder().as_os_str()])
            .args([endpoint, &seed.to_string()])
            .spawn()
            .expect("this crate's program was built");
        let (line, _) = listener.accept().unwrap();
        Caller {
            child,
            line: BufReader::new(line),
        }
    }

    fn next_line(&mut self) -> String {
        let mut text = String::new();
        self.line.read_line(&mut text).unwrap();
        text.trim_end().to_owned()
    }

    fn wait_until_it_calls(&mut self) {
        assert_eq!(self.next_line(), format!("CALLING {}", self.child.id()));
    }

    /// Lets it stand still after one more answer; its answers and failures.
    fn report(&mut self) -> (u64, u64) {
        self.line.get_mut().write_all(b"?").unwrap();
        let line = self.next_line();
        let numbers = line.strip_prefix("REPORT ").expect(&line);
        let (answers, failures) = numbers.split_once(' ').unwrap();
        (answers.parse().unwrap(), failures.parse().unwrap())
    }

    fn go_on(&mut self) {
        self.line.get_mut().write_all(b"!").unwrap();
    }
}

impl Drop for Caller {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a process holds.
#[derive(Debug, PartialEq, Eq)]
struct Held {
    descriptors: usize,
    segments: usize,
    threads: usize,
}

fn held(process: u32) -> Held {
    let folder = format!("/proc/{process}");
    let maps = std::fs::read_to_string(format!("{folder}/maps")).unwrap();
    let count = |name: &str| {
        std::fs::read_dir(format!("{folder}/{name}"))
            .unwrap()
            .count()
    };
    Held {
        descriptors: count("fd"),
        segments: maps
            .lines()
            .filter(|line| line.contains("rmix-shm (deleted)"))
            .count(),
        threads: count("task"),
    }
}

impl Held {
    /// A link may hold a descriptor or a thread more than another, by what it was used for; a leak is one for each kill.
    fn is_no_more_than(&self, before: &Held) -> bool {
        self.descriptors <= before.descriptors + FEW
            && self.segments <= before.segments
            && self.threads <= before.threads + FEW
    }
}

/// Waits until a process holds no more than this, as what was lost is given back by its own tasks.
fn wait_until_it_holds(process: u32, expected: &Held) {
    let begun = Instant::now();
    while !held(process).is_no_more_than(expected) {
        let now = held(process);
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "{now:?} instead of {expected:?}"
        );
        std::thread::yield_now();
    }
}

/// Memory of a process that no file is behind, in bytes.
fn data(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let kib = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kib.unwrap().trim().parse::<u64>().unwrap() << 10
}

/// Numbers that a printed seed repeats.
struct Dice(u64);

impl Dice {
    fn new(what: &str) -> Dice {
        let given = std::env::var("RMIX_STORM_SEED").ok();
        let random =
            u64::from(std::process::id()) << 20 | u64::from(rustix::process::getuid().as_raw());
        let seed = given.map_or(random, |seed| seed.parse().expect("a seed is a number"));
        println!("{what}: RMIX_STORM_SEED={seed}");
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        self.0 >> 33
    }

    /// Lets a random part of a victim's life pass.
    fn let_live(&mut self) {
        let until = Instant::now() + LIFE * u32::try_from(self.next() % 1000).unwrap() / 1000;
        while Instant::now() < until {
            std::thread::yield_now();
        }
    }
}

/// Small queues half of the time, so that many die while one waits for room.
fn endpoint(folder: &Path, name: &str) -> String {
    format!("shm:{name}?folder={}&queue=16384", folder.display())
}

#[test]
fn servers_killed_at_any_point_leave_nothing_in_their_client() {
    let _watchdog = Watchdog::start();
    let mut dice = Dice::new("killed servers");
    let folder = tempfile::tempdir().unwrap();
    let sockets = tempfile::tempdir().unwrap();
    let endpoint = endpoint(sockets.path(), "server");
    let mut caller = Caller::start(folder.path(), &endpoint, dice.next());
    let line = HelperLine::new();
    let process = caller.child.id();
    let mut before = None;
    let mut server = line.start(&[&endpoint]);
    caller.wait_until_it_calls();
    for kill in 0..KILLS {
        if kill == WARM {
            caller.report();
            before = Some((held(process), data(process)));
            caller.go_on();
        }
        dice.let_live();
        server.kill();
        server = line.start(&[&endpoint]);
    }
    let (answers, failures) = caller.report();
    assert!(answers > u64::from(KILLS), "{answers} answers");
    assert!(failures > u64::from(KILLS) / 4, "{failures} failures");
    let (held_before, data_before) = before.unwrap();
    wait_until_it_holds(process, &held_before);
    let grown = data(process).saturating_sub(data_before);
    assert!(grown < GROWTH, "{grown} bytes more than {data_before}");
    let files = || std::fs::read_dir(sockets.path()).unwrap().count();
    assert_eq!(files(), 1, "the living server's socket");
    server.stop();
    assert_eq!(files(), 0, "nothing is left of any of them");
}

#[test]
fn clients_killed_at_any_point_leave_nothing_in_their_server() {
    let _watchdog = Watchdog::start();
    let mut dice = Dice::new("killed clients");
    let folder = tempfile::tempdir().unwrap();
    let endpoint = endpoint(folder.path(), "server");
    let line = HelperLine::new();
    let server = line.start(&[&endpoint]);
    let process = u32::try_from(server.pid).unwrap();
    // Beside the victims one client goes on, and is answered.
    let beside = tempfile::tempdir().unwrap();
    let mut witness = Caller::start(beside.path(), &endpoint, dice.next());
    witness.wait_until_it_calls();
    let mut before = None;
    for kill in 0..KILLS {
        if kill == WARM {
            before = Some((held(process), data(process)));
        }
        let mut victim = Caller::start(folder.path(), &endpoint, dice.next());
        victim.wait_until_it_calls();
        dice.let_live();
        drop(victim);
    }
    let (held_before, data_before) = before.unwrap();
    wait_until_it_holds(process, &held_before);
    let grown = data(process).saturating_sub(data_before);
    assert!(grown < GROWTH, "{grown} bytes more than {data_before}");
    let (answers, failures) = witness.report();
    assert!(answers > u64::from(KILLS), "{answers} answers");
    assert_eq!(failures, 0, "the server was there all the time");
    drop(witness);
    server.stop();
}

#[test]
fn of_several_endpoints_shared_memory_is_chosen_on_its_own_host_only() {
    let _watchdog = Watchdog::start();
    let folder = tempfile::tempdir().unwrap();
    let line = HelperLine::new();
    let shm = endpoint(folder.path(), "server");
    let unix = format!("msgpack+unix:{}/unix", folder.path().display());
    let server = line.start(&["msgpack+tcp://127.0.0.1:0", &unix, &shm]);
    let [tcp, unix, shm] = &server.endpoints[..] else {
        panic!("three were exported: {:?}", server.endpoints);
    };
    let client = runtime();
    let linked = |endpoints: &[&str]| {
        let reference = format!("rmix:#0@{}", endpoints.join("|"));
        let stub: NumbersStub = client.bind(reference.as_str()).blocking().unwrap();
        assert_eq!(stub.blocking().mix(1, 2).unwrap(), mixed(1, 2));
        rmix::Interface::stub(&stub).why()
    };

    let here = linked(&[tcp, unix, shm]);
    assert!(here.contains(&format!("linked to {shm}")), "{here}");
    assert!(here.contains("shm (same host)"), "{here}");

    let (text, id) = shm.split_once("host=").expect("an export says where it is");
    let other = format!("{text}host={}", id.replace(|digit| digit != '-', "0"));
    let elsewhere = linked(&[tcp, unix, &other]);
    assert!(
        elsewhere.contains(&format!("linked to {unix}")),
        "{elsewhere}"
    );
    let excluded = format!("{other}: excluded: shm reaches the same host only");
    assert!(elsewhere.contains(&excluded), "{elsewhere}");

    // Here, but its listener is gone: the next one is linked to.
    let gone = endpoint(folder.path(), "nobody");
    let without = linked(&[tcp, unix, &gone]);
    assert!(without.contains(&format!("linked to {unix}")), "{without}");
}

/// The user nobody, who owns nothing.
const NOBODY: u32 = 65_534;

#[test]
fn processes_of_other_users_are_refused_by_either_end_unless_both_trust_each_other() {
    let _watchdog = Watchdog::start();
    if !rustix::process::geteuid().is_root() {
        println!("skipped: only root can start a process of another user");
        return;
    }
    // What that process needs to read, and may not be able to reach where it was built.
    let shared = tempfile::tempdir().unwrap();
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(shared.path(), open).unwrap();
    let program = shared.path().join("program");
    std::fs::copy(helper_program(), &program).unwrap();
    let provider = provider_file(&providers_folder(), "shm");
    std::fs::copy(provider, provider_file(shared.path(), "shm")).unwrap();
    let attempt = |endpoint: &str| {
        let mut command = Command::new(&program);
        command.arg("try").arg(shared.path()).arg(endpoint);
        let output = command.uid(NOBODY).gid(NOBODY).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let at =
        |name: &str, users: &str| format!("shm:{name}?folder={}{users}", shared.path().display());
    let line = HelperLine::new();
    let trusts_another = at("closed", "&users=65533");
    let _closed = line.start(&[&trusts_another]);
    let trusts_nobody = at("open", &format!("&users={NOBODY}"));
    let _open = line.start(&[&trusts_nobody]);

    let not_trusting = attempt(&at("open", ""));
    assert!(
        not_trusting.contains("user 0, who is not trusted"),
        "{not_trusting}"
    );
    assert!(not_trusting.contains("denied"), "{not_trusting}");
    let not_trusted = attempt(&at("closed", "&users=0"));
    assert!(
        not_trusted.contains("it may serve another user"),
        "{not_trusted}"
    );
    assert!(not_trusted.contains("not-sent"), "{not_trusted}");
    let both = attempt(&at("open", "&users=0"));
    assert_eq!(both.trim(), r#"{"right":true}"#);
}
