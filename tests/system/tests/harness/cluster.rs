//! Members as processes, what they print, and writers that keep them busy. Judges nothing.

use std::io::{BufRead, BufReader, Lines};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, OnceLock};
use std::thread::JoinHandle;

use harness_cli::{Question, Said, Told};
use harness_control::{Asked, SeatStub};
use rmix::Runtime;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use super::networks::Networks;
use crate::support::{Watchdog, built_program, providers_folder, runtime};

/// The command, built once for all tests.
pub(super) fn harness() -> &'static PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| built_program("harness-cli", "harness"))
}

/// Where members of one test listen.
pub(super) struct Cluster {
    folder: TempDir,
    policy: &'static str,
    mode: &'static str,
    /// Silence after which a member asks others about one.
    pub(super) quiet_after: &'static str,
    /// Who changes the state.
    pub(super) replication: &'static str,
    /// Whether callers of other hosts may make members leave.
    pub(super) remote_admin: bool,
    /// A network for each member; all are on this host's sockets if none.
    networks: Option<Networks>,
    _watchdog: Watchdog,
}

impl Cluster {
    pub(super) fn new(policy: &'static str, mode: &'static str) -> Cluster {
        Cluster {
            folder: tempfile::tempdir().expect("a folder can be made"),
            policy,
            mode,
            quiet_after: "1s",
            replication: "active",
            remote_admin: false,
            networks: None,
            _watchdog: Watchdog::start(),
        }
    }

    /// Members that have a network each, where that can be made.
    pub(super) fn in_networks(policy: &'static str, mode: &'static str) -> Cluster {
        Cluster {
            networks: Networks::start(),
            ..Cluster::new(policy, mode)
        }
    }

    pub(super) fn networks(&self) -> Option<&Networks> {
        self.networks.as_ref()
    }

    pub(super) fn endpoint(&self, name: &str) -> String {
        if self.networks.is_some() {
            return format!("msgpack+tcp://{}:4100", Networks::address(name));
        }
        format!("msgpack+unix:{}", self.folder.path().join(name).display())
    }

    /// Starts a process that founds, or joins by these.
    pub(super) fn start(&self, name: &str, join: &[&str]) -> Process {
        self.start_at(name, &self.endpoint(name), join)
    }

    /// The same, listening here.
    pub(super) fn start_at(&self, name: &str, endpoint: &str, join: &[&str]) -> Process {
        let mut command = self.program_of(name);
        command
            .args(["member", "--json", "--name", name])
            .args(["--listen", endpoint])
            .args(["--policy", self.policy, "--mode", self.mode])
            .args(["--quiet-after", self.quiet_after])
            .args(["--replication", self.replication])
            .arg("--providers")
            .arg(providers_folder());
        if self.remote_admin {
            command.arg("--remote-admin");
        }
        for contact in join {
            command.args(["--join", &self.endpoint(contact)]);
        }
        Process::start(name, command)
    }

    /// The command, to be run where a member is.
    fn program_of(&self, member: &str) -> Command {
        match &self.networks {
            Some(networks) => networks.command(member, harness()),
            None => Command::new(harness()),
        }
    }

    /// A, B and C, in this ring order, all in one view.
    pub(super) fn three(&self) -> [Process; 3] {
        let mut members = self.many(3).into_iter();
        let mut next = || members.next().expect("three were asked for");
        [next(), next(), next()]
    }

    /// So many, named by letters in this ring order, all in one view.
    pub(super) fn many(&self, count: u8) -> Vec<Process> {
        let mut members: Vec<Process> = Vec::new();
        for letter in (b'A'..).take(usize::from(count)) {
            let name = char::from(letter).to_string();
            let contacts: &[&str] = if members.is_empty() { &[] } else { &["A"] };
            let mut member = self.start(&name, contacts);
            member.wait_for("ready");
            members.push(member);
        }
        for member in &mut members {
            member.wait_for_view(usize::from(count));
        }
        members
    }

    /// A command of the same program, done.
    pub(super) fn run(&self, to: &str, words: &[&str]) -> (i32, String, String) {
        self.run_program(Command::new(harness()), to, words)
    }

    /// The same, run where the member is.
    pub(super) fn run_inside(&self, to: &str, words: &[&str]) -> (i32, String, String) {
        self.run_program(self.program_of(to), to, words)
    }

    /// A command of the same program to a member, for a caller that starts it.
    pub(super) fn command(&self, to: &str, command: &str) -> Command {
        self.command_of(Command::new(harness()), to, command)
    }

    fn command_of(&self, mut program: Command, to: &str, command: &str) -> Command {
        program
            .arg(command)
            .args(["--to", &self.endpoint(to)])
            .arg("--providers")
            .arg(providers_folder())
            .stdin(Stdio::null());
        program
    }

    /// A member that prints lines for people.
    pub(super) fn told_to_people(&self, name: &str, join: &[&str]) -> Talker {
        let mut command = self.program_of(name);
        command
            .args(["member", "--name", name, "--listen", &self.endpoint(name)])
            .arg("--providers")
            .arg(providers_folder())
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        for contact in join {
            command.args(["--join", &self.endpoint(contact)]);
        }
        let mut child = command.spawn().expect("it was built");
        let output = child.stdout.take().expect("piped");
        Talker {
            child,
            lines: BufReader::new(output).lines(),
        }
    }

    fn run_program(&self, program: Command, to: &str, words: &[&str]) -> (i32, String, String) {
        let (command, rest) = words.split_first().expect("a command");
        let output = self
            .command_of(program, to, command)
            .args(rest)
            .output()
            .expect("it was built");
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
        let code = output.status.code().expect("not killed");
        (code, text(output.stdout), text(output.stderr))
    }

    pub(super) fn console(&self, name: &str) -> Console {
        let runtime = runtime();
        let stub = runtime.bind(self.endpoint(name)).blocking();
        let stub: SeatStub = stub.unwrap_or_else(|error| panic!("{name}: {error}"));
        Console {
            stub,
            _runtime: runtime,
        }
    }

    /// Writes keys `PREFIX-0`, `PREFIX-1`, … by this member until it is told to stop, or the member is lost.
    pub(super) fn writer(&self, by: &str, prefix: &'static str) -> Writer {
        let console = self.console(by);
        let stop = Arc::new(AtomicBool::new(false));
        let (tell, done) = channel();
        let stopping = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut count = 0;
            while !stopping.load(Ordering::Acquire) {
                if let Err(why) = console.put(&format!("{prefix}-{count}"), "value") {
                    println!("{prefix} writes no more: {why}");
                    break;
                }
                count += 1;
                // Nobody has to listen.
                let _ = tell.send(count);
            }
            count
        });
        Writer {
            prefix,
            stop,
            done,
            thread,
        }
    }
}

/// A member's process that prints for people. Dropped, it is killed.
pub(super) struct Talker {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Talker {
    pub(super) fn line(&mut self) -> String {
        let line = self.lines.next().expect("it has not ended");
        line.expect("text")
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        // Both fail only when it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A member to talk to.
pub(super) struct Console {
    stub: SeatStub,
    _runtime: Runtime,
}

impl Console {
    pub(super) fn put(&self, key: &str, value: &str) -> Result<u64, String> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.tell(&Told::Put { key, value })
    }

    pub(super) fn swap(&self, key: &str, from: &str, value: &str) -> Result<u64, String> {
        self.tell(&Told::Swap {
            key: key.to_owned(),
            from: Some(from.to_owned()),
            value: value.to_owned(),
        })
    }

    fn tell(&self, told: &Told) -> Result<u64, String> {
        let asked = Asked {
            payload: told.encode(),
            performers: Vec::new(),
            quorum: None,
            domain: 0,
        };
        let answer = self.stub.blocking().submit(asked);
        let answer = answer.map_err(|error| error.to_string())?;
        match Said::decode(&answer.reply) {
            Ok(Said::Done) => Ok(answer.position),
            Ok(Said::Refused(why)) => Err(why),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn query(&self, question: &Question) -> Said {
        let said = self.stub.blocking().query(question.encode());
        let said = said.unwrap_or_else(|error| panic!("{error}"));
        Said::decode(&said).expect("an answer")
    }

    pub(super) fn has(&self, key: &str) -> bool {
        let key = key.to_owned();
        self.query(&Question::Get { key }) != Said::Value(None)
    }

    /// Waits until its replica has applied so much.
    pub(super) fn wait_for_position(&self, position: u64) {
        let mut now = 0;
        while now < position {
            now = self.stub.blocking().past(now).expect("it is there");
        }
    }
}

/// A thread that writes.
pub(super) struct Writer {
    pub(super) prefix: &'static str,
    stop: Arc<AtomicBool>,
    done: Receiver<u32>,
    thread: JoinHandle<u32>,
}

impl Writer {
    /// Waits until so many more were written.
    pub(super) fn wait_for(&self, more: usize) {
        for _ in 0..more {
            self.done.recv().expect("it writes");
        }
    }

    /// Ends it; how many outcomes it got.
    pub(super) fn finish(self) -> u32 {
        self.stop.store(true, Ordering::Release);
        self.thread.join().expect("it does not panic")
    }
}

/// A member's process. Dropped, it is killed.
pub(super) struct Process {
    pub(super) name: String,
    child: Child,
    printed: Receiver<Value>,
    /// All events that were read so far, in order.
    pub(super) events: Vec<Value>,
}

impl Process {
    fn start(name: &str, mut command: Command) -> Process {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it was built");
        let output = child.stdout.take().expect("piped");
        let (tell, printed) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines() {
                let line = line.expect("text");
                // A line that was cut off by a kill is none.
                let Ok(event) = serde_json::from_str(&line) else {
                    continue;
                };
                if tell.send(event).is_err() {
                    return;
                }
            }
        });
        Process {
            name: name.to_owned(),
            child,
            printed,
            events: Vec::new(),
        }
    }

    /// Waits for an event that is meant, among those not waited for yet.
    pub(super) fn wait(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let event = self.printed.recv();
            let event = event.unwrap_or_else(|_| {
                let last = self.events.last();
                panic!(
                    "{} ended before {what}; its last event was {last:?}",
                    self.name
                )
            });
            self.events.push(event.clone());
            if is_it(&event) {
                return event;
            }
        }
    }

    pub(super) fn wait_for(&mut self, kind: &str) -> Value {
        self.wait(kind, |event| event["event"] == kind)
    }

    /// Waits until its view is one of so many members; the latest may have been read while something else was waited for.
    pub(super) fn wait_for_view(&mut self, members: usize) -> Value {
        let is_there = |event: &Value| {
            let count = event["members"].as_array().map(Vec::len);
            count == Some(members)
        };
        let latest = self.events.iter().rfind(|event| event["event"] == "view");
        if let Some(latest) = latest.filter(|event| is_there(event)) {
            return latest.clone();
        }
        self.wait(&format!("a view of {members}"), |event| {
            event["event"] == "view" && is_there(event)
        })
    }

    /// Waits until it has printed what it applied up to a position.
    pub(super) fn wait_for_position(&mut self, position: u64) {
        let is_there = |event: &Value| event["position"].as_u64() >= Some(position);
        if !self.events.iter().any(is_there) {
            self.wait(&format!("position {position}"), is_there);
        }
    }

    /// The sizes of its views so far, oldest first.
    pub(super) fn view_sizes(&self) -> Vec<usize> {
        let views = self.events.iter().filter(|event| event["event"] == "view");
        let sizes = views.filter_map(|event| event["members"].as_array().map(Vec::len));
        sizes.collect()
    }

    pub(super) fn kill(&mut self) {
        self.child.kill().expect("it is our child");
        self.child.wait().expect("it is our child");
        self.read_rest();
    }

    pub(super) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("process ids are small");
        let pid = Pid::from_raw(pid).expect("it has one");
        kill_process(pid, signal).expect("it is our child");
    }

    /// Waits for its end; its exit code.
    pub(super) fn ended(&mut self) -> Option<i32> {
        self.read_rest();
        self.child.wait().expect("it is our child").code()
    }

    /// What it printed until its end.
    fn read_rest(&mut self) {
        self.events.extend(self.printed.iter());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
