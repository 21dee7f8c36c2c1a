//! Measured processes as the benchmark sees them: what they are made of, starting them, what they say, ending them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use crate::compile;
use crate::cpu;
use crate::error::BenchError;
use crate::measure::Report;
use crate::options::Options;
use crate::peers::{Build, Side, rust_iceoryx};
use crate::plan::Step;
use crate::standing::Standing;

/// How long a program may take to start, to warm up, or to finish beyond its time.
const PATIENCE: Duration = Duration::from_secs(30);

/// What clients that stand call before the first measurement of a step: a virtual machine compiles what is often run.
const FIRST_WARM_UP: Duration = Duration::from_millis(2500);

/// What they call before each other measurement.
const WARM_UP: Duration = Duration::from_millis(150);

/// What measured processes are started from.
pub(crate) struct Tools {
    pub(crate) raw: PathBuf,
    pub(crate) spin: PathBuf,
    this: PathBuf,
    pub(crate) providers: PathBuf,
    /// For compiled programs and sockets; removed on drop.
    pub(crate) folder: PathBuf,
    fresh: AtomicU32,
    /// What peers need, by their names; None where it could not be built.
    built: RefCell<BTreeMap<&'static str, Option<PathBuf>>>,
    pub(crate) standing: Standing,
    /// What programs of this one are started by, where something looks at them.
    wrapper: RefCell<Vec<String>>,
}

impl Tools {
    /// Finds the providers, and compiles what needs nothing but libc.
    pub(crate) fn prepare(options: &Options) -> Result<Tools, BenchError> {
        let this = this_program()?;
        let providers = providers(options, &this)?;
        Tools::compile(this, providers)
    }

    /// The same where no provider is used.
    pub(crate) fn without_providers() -> Result<Tools, BenchError> {
        let this = this_program()?;
        let nowhere = this.with_extension("no-providers");
        Tools::compile(this, nowhere)
    }

    fn compile(this: PathBuf, providers: PathBuf) -> Result<Tools, BenchError> {
        sweep(&std::env::temp_dir());
        let folder = std::env::temp_dir().join(format!("{FOLDER}{}", std::process::id()));
        std::fs::create_dir_all(&folder).map_err(|source| BenchError::File {
            path: folder.clone(),
            source,
        })?;
        Ok(Tools {
            raw: compile::c_program(&folder, "raw", &[], &[])?,
            spin: compile::c_program(&folder, "spin", &[], &[])?,
            this,
            providers,
            folder,
            fresh: AtomicU32::new(0),
            built: RefCell::default(),
            standing: Standing::default(),
            wrapper: RefCell::default(),
        })
    }

    /// Builds what the ends of these steps need, each once, side by side; what cannot be built is said.
    pub(crate) fn build<'a>(&self, steps: impl Iterator<Item = &'a Step>) {
        let sides = steps.flat_map(Step::sides);
        self.build_all(sides.filter_map(Side::building).collect());
    }

    /// Builds what a peer needs; false where that is not possible, which is said.
    pub(crate) fn build_one(&self, peer: &'static str, build: Build) -> bool {
        self.build_all(BTreeMap::from([(peer, build)]));
        self.built(peer).is_some()
    }

    fn build_all(&self, mut wanted: BTreeMap<&'static str, Build>) {
        let mut all = self.built.borrow_mut();
        wanted.retain(|peer, _| !all.contains_key(peer));
        let folder = self.folder.as_path();
        thread::scope(|scope| {
            let start =
                |(peer, build): (&'static str, Build)| (peer, scope.spawn(move || build(folder)));
            let running: Vec<_> = wanted.into_iter().map(start).collect();
            for (peer, build) in running {
                let built = build.join().expect("building ends without a panic");
                if let Err(refusal) = &built {
                    let why = crate::error::with_causes(refusal);
                    eprintln!(
                        "{peer} is left out (`cargo xtask peers --bench` installs it): {why}"
                    );
                }
                all.insert(peer, built.ok());
            }
        });
    }

    /// What was built for a peer.
    pub(crate) fn built(&self, peer: &str) -> Option<PathBuf> {
        self.built.borrow().get(peer).cloned().flatten()
    }

    /// From now on this program is started by another, given with its arguments; by none where there are none.
    pub(crate) fn wrap(&self, wrapper: Vec<String>) {
        *self.wrapper.borrow_mut() = wrapper;
    }

    /// How long clients that stand call before they measure.
    pub(crate) fn warm_up(&self, is_first: bool) -> Duration {
        if is_first { FIRST_WARM_UP } else { WARM_UP }
    }

    /// The file of this program.
    pub(crate) fn program(&self) -> &Path {
        &self.this
    }

    /// This program, to be started as client or server.
    pub(crate) fn this(&self) -> Command {
        let wrapper = self.wrapper.borrow();
        let Some((program, arguments)) = wrapper.split_first() else {
            return Command::new(&self.this);
        };
        let mut command = Command::new(program);
        command
            .args(arguments)
            .arg(&self.this)
            .env(cpu::WATCHED, "1");
        command
    }

    /// A path for a socket that nobody used before.
    pub(crate) fn fresh_path(&self, name: &str) -> PathBuf {
        let number = self.fresh.fetch_add(1, Ordering::Relaxed);
        self.folder.join(format!("{name}-{number}"))
    }
}

impl Drop for Tools {
    fn drop(&mut self) {
        // Left behind, these only take room in temporary folders. Who is killed leaves shared memory behind.
        let _ = std::fs::remove_dir_all(&self.folder);
        rust_iceoryx::sweep(&self.folder);
    }
}

fn this_program() -> Result<PathBuf, BenchError> {
    std::env::current_exe().map_err(BenchError::system("current_exe"))
}

/// Removes what runs that were ended from outside have left.
fn sweep(within: &Path) {
    let entries = std::fs::read_dir(within).into_iter().flatten().flatten();
    for entry in entries {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(FOLDER));
        let pid = pid.and_then(|pid| pid.parse::<u32>().ok());
        if pid.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            // It only takes room.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// The start of the name of a run's folder; the process id follows.
const FOLDER: &str = "rmix-bench-";

/// The folder with the providers: as given, beside this program, or of the workspace's release build.
fn providers(options: &Options, this: &Path) -> Result<PathBuf, BenchError> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/release");
    let places = match &options.providers {
        Some(folder) => vec![folder.clone()],
        None => vec![this.parent().unwrap_or(this).to_owned(), workspace],
    };
    let has = |folder: &&PathBuf| folder.join("librmix_msgpack.so").is_file();
    let Some(found) = places.iter().find(has) else {
        return Err(BenchError::NoProviders { places });
    };
    found.canonicalize().map_err(|source| BenchError::File {
        path: found.clone(),
        source,
    })
}

/// A running program. Killed on drop.
pub(crate) struct Process {
    name: String,
    child: Child,
    /// Its end is the sign to end for servers of ours.
    input: Option<ChildStdin>,
    output: Receiver<Vec<u8>>,
}

impl Process {
    /// Starts a program and waits for its first line, which is READY with what it has to say.
    pub(crate) fn start(command: &mut Command) -> Result<(Process, String), BenchError> {
        let process = Process::spawn(command)?;
        let address = process.ready()?;
        Ok((process, address))
    }

    /// Starts a program.
    pub(crate) fn spawn(command: &mut Command) -> Result<Process, BenchError> {
        let name = Path::new(command.get_program())
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let arguments = command.get_args().take(3);
        let name = arguments.fold(name, |name, argument| {
            name + " " + &argument.to_string_lossy()
        });
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|source| BenchError::NotStarted {
                program: name.clone(),
                source,
            })?;
        let input = child.stdin.take().expect("standard input is a pipe");
        let stdout = child.stdout.take().expect("standard output is a pipe");
        let (said_tx, output) = mpsc::channel();
        // Ends with the child's output, or when nobody listens any more.
        thread::spawn(move || {
            let mut stdout = BufReader::new(stdout);
            while let Some(said) = read_said(&mut stdout) {
                if said_tx.send(said).is_err() {
                    return;
                }
            }
        });
        Ok(Process {
            name,
            child,
            input: Some(input),
            output,
        })
    }

    /// Waits for READY, and gives what it has to say.
    pub(crate) fn ready(&self) -> Result<String, BenchError> {
        let line = self.said(PATIENCE)?;
        let line = String::from_utf8_lossy(&line);
        match line.trim_end().strip_prefix("READY") {
            Some(address) => Ok(address.trim().to_owned()),
            None => Err(self.answered(&format!("said {line:?} instead of READY"))),
        }
    }

    /// Gives a client that stands a job, and waits until it has warmed up.
    pub(crate) fn tell(&mut self, job: &str) -> Result<(), BenchError> {
        self.write(job)?;
        self.ready().map(|_| ())
    }

    /// Writes to its standard input.
    pub(crate) fn write(&mut self, text: &str) -> Result<(), BenchError> {
        let Some(input) = &mut self.input else {
            return Err(self.answered("was told to end"));
        };
        let written = input.write_all(text.as_bytes());
        written.map_err(BenchError::system("writing to a measured program"))
    }

    /// Waits for its next line.
    pub(crate) fn answer(&self, duration: Duration) -> Result<String, BenchError> {
        let said = self.said(duration + PATIENCE)?;
        Ok(String::from_utf8_lossy(&said).trim_end().to_owned())
    }

    /// Its program and the first of its arguments.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Its process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Lets a client measure.
    pub(crate) fn go(&mut self) -> Result<(), BenchError> {
        self.write("\n")
    }

    /// Waits until it has ended by itself, after its standard input.
    pub(crate) fn end(&mut self) -> Result<(), BenchError> {
        drop(self.input.take());
        let ended = self.child.wait();
        ended
            .map(drop)
            .map_err(BenchError::system("waiting for a program"))
    }

    /// Waits for a client's report.
    pub(crate) fn report(&self, duration: Duration) -> Result<Report, BenchError> {
        let said = self.said(duration + PATIENCE)?;
        parse(&said).ok_or_else(|| self.answered("ended without a report"))
    }

    fn said(&self, patience: Duration) -> Result<Vec<u8>, BenchError> {
        let said = self.output.recv_timeout(patience);
        said.map_err(|error| match error {
            RecvTimeoutError::Disconnected => self.answered("ended without a word"),
            RecvTimeoutError::Timeout => BenchError::Silent {
                program: self.name.clone(),
                after: patience,
            },
        })
    }

    /// What it said is not an answer.
    pub(crate) fn answered(&self, said: &str) -> BenchError {
        BenchError::Answer {
            program: self.name.clone(),
            said: said.to_owned(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It can only be gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line, and behind a result its samples; None at the end.
fn read_said(output: &mut impl BufRead) -> Option<Vec<u8>> {
    let mut said = Vec::new();
    let read = output.read_until(b'\n', &mut said).ok()?;
    if said.starts_with(b"RESULT ") {
        let samples = std::str::from_utf8(&said)
            .ok()?
            .trim_end()
            .rsplit(' ')
            .next()?;
        let bytes = samples.parse::<u64>().ok()?.checked_mul(4)?;
        output.take(bytes).read_to_end(&mut said).ok()?;
    }
    (read > 0).then_some(said)
}

/// `RESULT units wall own server samples`, a line end, the samples.
fn parse(said: &[u8]) -> Option<Report> {
    let end = said.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = said.split_at(end);
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    if words.next() != Some("RESULT") {
        return None;
    }
    let numbers: Vec<u64> = words.map(str::parse).collect::<Result<_, _>>().ok()?;
    let [units, wall_ns, own_ns, server_ns, samples] = numbers[..] else {
        return None;
    };
    let samples_read: Vec<u32> = rest[1..]
        .chunks_exact(4)
        .map(|bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
        .collect();
    let complete = u64::try_from(samples_read.len()) == Ok(samples);
    complete.then_some(Report {
        units,
        wall_ns,
        cpu_ns: own_ns + server_ns,
        samples: samples_read,
    })
}

#[cfg(test)]
mod tests {
    use super::{FOLDER, parse, read_said, sweep};

    #[test]
    fn only_folders_of_runs_that_are_over_are_swept() {
        let within = std::env::temp_dir().join(format!("rmix-swept-{}", std::process::id()));
        let folder = |name: String| {
            let path = within.join(name);
            std::fs::create_dir_all(&path).expect("it can be made");
            path
        };
        let running = folder(format!("{FOLDER}{}", std::process::id()));
        // No process has so high a number.
        let over = folder(format!("{FOLDER}{}", u32::MAX));
        let other = folder(format!("{FOLDER}growth"));
        sweep(&within);
        assert!(running.exists() && other.exists() && !over.exists());
        std::fs::remove_dir_all(&within).expect("it is there");
    }

    #[test]
    fn a_result_is_read_with_its_samples_and_no_more() {
        let mut output = &b"READY x\nRESULT 1 2 3 4 1\n\n\n\n\nREADY\nRESULT 1 2 3 4 9\nfew"[..];
        let mut said = || read_said(&mut output);
        assert_eq!(said().as_deref(), Some(&b"READY x\n"[..]));
        let result = said().expect("it is there");
        assert_eq!(parse(&result).map(|report| report.samples.len()), Some(1));
        assert_eq!(said().as_deref(), Some(&b"READY\n"[..]));
        assert!(parse(&said().expect("a part is there")).is_none());
        assert_eq!(said(), None);
    }

    #[test]
    fn a_report_is_read_whole_or_not_at_all() {
        let mut said = b"RESULT 2 100 30 40 2\n".to_vec();
        said.extend_from_slice(&[1, 0, 0, 0, 0, 1, 0, 0]);
        let report = parse(&said).expect("it is complete");
        assert_eq!((report.units, report.wall_ns, report.cpu_ns), (2, 100, 70));
        assert_eq!(report.samples, [1, 256]);
        said.truncate(said.len() - 4);
        assert!(parse(&said).is_none());
        assert!(parse(b"RESULT 2 100\n").is_none());
        assert!(parse(b"").is_none());
    }
}
