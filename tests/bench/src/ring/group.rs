//! One group: its members as processes, what is measured with them, and the comparison of what they delivered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::figures::Figures;
use super::logs::Log;
use super::network::Network;
use super::system::{BYTES, Link, Measure, Mode, System, corosync_configuration};
use crate::compile;
use crate::cpu;
use crate::error::BenchError;
use crate::measure::Report;
use crate::process::{Process, Tools};

/// Messages without outcome that each sender keeps.
fn window(bytes: u32) -> u32 {
    (512 * 1024 / bytes).clamp(32, 2048)
}

/// What each sends in a second while one is killed.
const PACE: u64 = 200;
const PACED: Duration = Duration::from_millis(2000);
/// When the one is killed.
const KILLED_AFTER: Duration = Duration::from_millis(700);
/// Until all have delivered the same.
const SETTLED_WITHIN: Duration = Duration::from_secs(20);
/// Between two looks at that.
const LOOK_EVERY: Duration = Duration::from_millis(2);
const PORT: &str = "7700";

/// What a member has delivered, and sent for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct State {
    delivered: u64,
    digest: u64,
    /// Messages that were not the next of their origin.
    out_of_turn: u64,
    frames: u64,
}

/// A running group.
pub(crate) struct Group {
    system: System,
    members: Vec<Process>,
    daemons: Vec<Daemon>,
    folder: PathBuf,
    /// Messages that were not the next of their origin, by member, as far as that is known already.
    out_of_turn: BTreeMap<u32, u64>,
    /// Members whose order is known to be another than the first's.
    apart: BTreeSet<u32>,
    /// What was lost, repeated or in another order, in words.
    broken: Vec<String>,
}

impl Group {
    pub(crate) fn start(
        tools: &Tools,
        network: &Network,
        system: System,
        size: usize,
    ) -> Result<Group, BenchError> {
        let folder = compile::folder(&tools.folder, &format!("group-{size}"))?;
        let mut group = Group {
            system,
            members: Vec::new(),
            daemons: Vec::new(),
            folder,
            out_of_turn: BTreeMap::new(),
            apart: BTreeSet::new(),
            broken: Vec::new(),
        };
        match system {
            System::Raw => group.start_raw(tools, network, size)?,
            System::Ring(mode, link) => group.start_ring(tools, network, size, mode, link)?,
            System::Corosync => group.start_corosync(tools, network, size)?,
        }
        Ok(group)
    }

    fn start_raw(
        &mut self,
        tools: &Tools,
        network: &Network,
        size: usize,
    ) -> Result<(), BenchError> {
        let program = tools.built("rawring").expect("it was prepared");
        for index in 0..size {
            let mut command = network.command(index, &program);
            command.args([&network.address(index), PORT]);
            command.arg(network.address((index + 1) % size));
            command.arg(if index == 0 { "1" } else { "0" });
            self.members.push(Process::start(&mut command)?.0);
        }
        for member in &mut self.members {
            member.write("connect\n")?;
        }
        self.members
            .iter()
            .try_for_each(|member| member.ready().map(|_| ()))
    }

    fn start_ring(
        &mut self,
        tools: &Tools,
        network: &Network,
        size: usize,
        mode: Mode,
        link: Link,
    ) -> Result<(), BenchError> {
        let endpoint = |index: usize| match link {
            Link::Tcp => format!("msgpack+tcp://{}:{PORT}", network.address(index)),
            Link::Shm => format!("shm:m{index}?folder={}", self.folder.display()),
        };
        for index in 0..size {
            let mut command = network.command(index, tools.program());
            command.args(["ring-member", "--origin", &index.to_string()]);
            command.args(["--listen", &endpoint(index)]);
            command.arg("--from").arg(&tools.providers);
            if index > 0 {
                command.args(["--join", &endpoint(0)]);
            }
            if mode == Mode::Bidi {
                command.arg("--both-ways");
            }
            self.members.push(Process::start(&mut command)?.0);
        }
        Ok(())
    }

    fn start_corosync(
        &mut self,
        tools: &Tools,
        network: &Network,
        size: usize,
    ) -> Result<(), BenchError> {
        let file = self.folder.join("corosync.conf");
        let addresses: Vec<_> = (0..size).map(|index| network.address(index)).collect();
        std::fs::write(&file, corosync_configuration(&addresses)).map_err(|source| {
            BenchError::File {
                path: file.clone(),
                source,
            }
        })?;
        for index in 0..size {
            let mut command = network.command(index, "corosync");
            command.args(["-f", "-c"]).arg(&file);
            self.daemons.push(Daemon::start(&mut command)?);
        }
        let program = tools.built("corosync").expect("it was prepared");
        // None is ready before all are there.
        let mut waiting = Vec::new();
        for index in 0..size {
            let mut command = network.command(index, &program);
            command.args([index.to_string(), size.to_string()]);
            waiting.push(Process::spawn(&mut command)?);
        }
        for process in waiting {
            process.ready()?;
            self.members.push(process);
        }
        Ok(())
    }

    /// Measures, and compares what all have delivered; every promise that was broken, in words.
    pub(crate) fn measure(
        &mut self,
        measure: Measure,
        duration: Duration,
    ) -> Result<(Figures, Vec<String>), BenchError> {
        let mut figures = match measure {
            Measure::Latency => self.latency(duration)?,
            Measure::Flood { bytes, all } => self.flood(bytes, all, duration)?,
            Measure::Failover => self.failover()?,
        };
        let broken = std::mem::take(&mut self.broken);
        figures.faults = broken.len();
        Ok((figures, broken))
    }

    fn latency(&mut self, duration: Duration) -> Result<Figures, BenchError> {
        let job = format!("latency {} {}\n", duration.as_millis(), BYTES[0]);
        let (reports, mut figures) = self.job(1, &job, duration)?;
        let mut samples: Vec<u32> = reports.into_iter().flat_map(|one| one.samples).collect();
        samples.sort_unstable();
        let at = |share: usize| samples.get(samples.len() * share / 100).copied();
        figures.p50_us = f64::from(at(50).unwrap_or(0)) / 1e3;
        figures.p99_us = f64::from(at(99).unwrap_or(0)) / 1e3;
        Ok(figures)
    }

    fn flood(&mut self, bytes: u32, all: bool, duration: Duration) -> Result<Figures, BenchError> {
        let senders = if all { self.members.len() } else { 1 };
        let window = window(bytes);
        let job = match self.system {
            System::Raw => format!("flood {} {bytes}\n", duration.as_millis()),
            _ => format!("flood {} {bytes} {window}\n", duration.as_millis()),
        };
        self.job(senders, &job, duration)
            .map(|(_, figures)| figures)
    }

    /// One job of the first members, at once; figures without those of single messages.
    fn job(
        &mut self,
        senders: usize,
        job: &str,
        duration: Duration,
    ) -> Result<(Vec<Report>, Figures), BenchError> {
        let before = self.settle()?;
        let cpu_before = self.cpu_ns()?;
        for member in &mut self.members[..senders] {
            member.tell(job)?;
        }
        for member in &mut self.members[..senders] {
            member.go()?;
        }
        let reports = self.members[..senders].iter();
        let reports: Vec<_> = reports
            .map(|member| member.report(duration))
            .collect::<Result<_, _>>()?;
        let units: u64 = reports.iter().map(|report| report.units).sum();
        let longest = reports.iter().map(|report| report.wall_ns).max();
        let cpu_ns = self.cpu_ns()? - cpu_before;
        let after = self.settle()?;
        // What warmed up was carried and counted as well.
        let carried = match self.system {
            System::Raw => units.max(1),
            _ => (after.delivered - before.delivered).max(1),
        };
        let figures = Figures {
            rate: units as f64 * 1e9 / longest.unwrap_or(0).max(1) as f64,
            cpu_us: cpu_ns as f64 / 1e3 / carried as f64,
            frames: (after.frames - before.frames) as f64 / carried as f64,
            ..Figures::default()
        };
        Ok((reports, figures))
    }

    /// All send at their pace; one is killed.
    fn failover(&mut self) -> Result<Figures, BenchError> {
        self.settle()?;
        let file = |index: usize| self.folder.join(format!("log-{index}"));
        let files: Vec<PathBuf> = (0..self.members.len()).map(file).collect();
        for (member, file) in self.members.iter_mut().zip(&files) {
            let (milliseconds, file) = (PACED.as_millis(), file.display());
            member.write(&format!("paced {milliseconds} {PACE} {file}\n"))?;
        }
        // Nobody sends before all write down what they get: their logs start with the same message.
        for member in &self.members {
            member.ready()?;
        }
        for member in &mut self.members {
            member.go()?;
        }
        std::thread::sleep(KILLED_AFTER);
        let victim = self.members.len() / 2;
        drop(self.members.remove(victim));
        if !self.daemons.is_empty() {
            drop(self.daemons.remove(victim));
        }
        let mut gap_us = 0.0_f64;
        for member in &self.members {
            let answer = member.answer(PACED)?;
            let gap = answer.strip_prefix("GAP ").and_then(|gap| gap.parse().ok());
            gap_us = gap_us.max(gap.ok_or_else(|| member.answered(&answer))?);
        }
        self.settle()?;
        let logs: Vec<Log> = files
            .iter()
            .map(|file| Log::read(file))
            .collect::<Result<_, _>>()?;
        let differences = logs.iter().enumerate().filter_map(|(index, log)| {
            let difference = match index == victim {
                true => log.difference_at_the_start(&logs[0])?,
                false => log.difference_to(&logs[0])?,
            };
            Some(format!("log {index} beside log 0: {difference}"))
        });
        self.broken.extend(differences);
        Ok(Figures {
            gap_ms: gap_us / 1e3,
            ..Figures::default()
        })
    }

    /// Waits until all have delivered the same number, and compares in which order. Frames are those of all.
    fn settle(&mut self) -> Result<State, BenchError> {
        if self.system == System::Raw {
            return Ok(State::default());
        }
        let last = Instant::now() + SETTLED_WITHIN;
        loop {
            let states = self.members.iter_mut().map(state);
            let states: Vec<State> = states.collect::<Result<_, _>>()?;
            let first = states[0];
            if states.iter().all(|one| one.delivered == first.delivered) {
                self.compare(&states);
                return Ok(State {
                    frames: states.iter().map(|one| one.frames).sum(),
                    ..first
                });
            }
            if Instant::now() > last {
                let delivered: Vec<_> = states.iter().map(|one| one.delivered).collect();
                return Err(BenchError::Answer {
                    program: self.system.name().to_owned(),
                    said: format!("members have delivered {delivered:?} and go on no more"),
                });
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Finds members with another order than the first's, and with messages that were not the next of their origin.
    fn compare(&mut self, states: &[State]) {
        for (member, state) in self.members.iter().zip(states) {
            let another = state.digest != states[0].digest;
            if another && self.apart.insert(member.id()) {
                self.broken
                    .push(format!("{}: another order than the first's", member.name()));
            }
            let known = self.out_of_turn.entry(member.id()).or_default();
            let found = state.out_of_turn - std::mem::replace(known, state.out_of_turn);
            if found > 0 {
                let what = "messages not the next of their origin";
                self.broken
                    .push(format!("{}: {found} {what}", member.name()));
            }
        }
    }

    /// Of all processes.
    fn cpu_ns(&self) -> Result<u64, BenchError> {
        let members = self.members.iter().map(Process::id);
        let daemons = self.daemons.iter().map(|daemon| daemon.0.id());
        members.chain(daemons).map(cpu::of_process_ns).sum()
    }
}

fn state(member: &mut Process) -> Result<State, BenchError> {
    member.write("state\n")?;
    let answer = member.answer(Duration::ZERO)?;
    let words = answer.strip_prefix("STATE ").unwrap_or_default().split(' ');
    let numbers: Vec<u64> = words.filter_map(|word| word.parse().ok()).collect();
    match numbers[..] {
        [delivered, digest, out_of_turn, frames] => Ok(State {
            delivered,
            digest,
            out_of_turn,
            frames,
        }),
        _ => Err(member.answered(&answer)),
    }
}

/// A program that says nothing. Killed on drop.
struct Daemon(Child);

impl Daemon {
    fn start(command: &mut Command) -> Result<Daemon, BenchError> {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        child.map(Daemon).map_err(|source| BenchError::NotStarted {
            program: command.get_program().to_string_lossy().into_owned(),
            source,
        })
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It can only be gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
