//! A member of the control ring in a process of its own, and the jobs that it does; they are those of `c/cpg.c`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use harness_control::{Change, Control, ControlConfig, Machine, RestoreError};
use harness_ring::Mode;
use rmix::Runtime;
use tokio::sync::mpsc;

use super::logs::{self, RECORD_BYTES};
use crate::cpu;
use crate::error::BenchError;
use crate::options::RingMember;

const WARM_UP_MESSAGES: u32 = 500;
/// More than are ever in flight, so that requests are taken in the order of their numbers.
const INPUTS_MAX: usize = 16 << 10;
const PACED_BYTES: usize = 64;

/// Runs a member until its standard input ends.
pub(crate) fn run(options: &RingMember) -> Result<(), BenchError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(BenchError::system("starting a runtime"))?;
    let options = options.clone();
    // A task: waking what `block_on` runs takes a system call.
    runtime.block_on(async move {
        let served = tokio::spawn(async move { serve(&options).await }).await;
        served.map_err(BenchError::system("a task"))?
    })
}

async fn serve(options: &RingMember) -> Result<(), BenchError> {
    let tape = Tape::default();
    let plugins = Runtime::builder()
        .provider_path(&options.from)
        .providers("msgpack,shm")
        .build();
    let plugins = plugins.map_err(BenchError::call("loading the providers"))?;
    let mut config = ControlConfig::new(format!("m{}", options.origin), options.listen.clone());
    config.join.clone_from(&options.join);
    config.control.inputs_max = INPUTS_MAX;
    config.mode = match options.both_ways {
        true => Mode::Bidirectional,
        false => Mode::Unidirectional,
    };
    let control = Control::join(&plugins, config, tape.clone()).await;
    let control = control.map_err(BenchError::control("joining the ring"))?;
    // Nobody reads them: they need not be kept.
    drop(control.events());
    let mut worker = Worker {
        control: Arc::new(control),
        tape,
        origin: options.origin,
        sent: 0,
        lines: lines(),
    };
    println!("READY");
    while let Some(line) = worker.lines.recv().await {
        worker.job(&line).await?;
    }
    Ok(())
}

/// Standard input, line by line.
fn lines() -> mpsc::UnboundedReceiver<String> {
    let (line_tx, lines) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if line_tx.send(line).is_err() {
                return;
            }
        }
    });
    lines
}

/// What does the jobs.
struct Worker {
    control: Arc<Control>,
    tape: Tape,
    origin: u32,
    sent: u64,
    lines: mpsc::UnboundedReceiver<String>,
}

impl Worker {
    async fn job(&mut self, line: &str) -> Result<(), BenchError> {
        let words: Vec<&str> = line.split(' ').collect();
        let number = |word: &str| word.parse::<u64>().ok();
        match words[..] {
            ["latency", milliseconds, bytes] => {
                let (milliseconds, bytes) = both(number(milliseconds), number(bytes), line)?;
                self.latency(milliseconds, bytes).await
            }
            ["flood", milliseconds, bytes, window] => {
                let (milliseconds, bytes) = both(number(milliseconds), number(bytes), line)?;
                let (window, _) = both(number(window), Some(0), line)?;
                self.flood(milliseconds, bytes, window).await
            }
            ["paced", milliseconds, rate, path] => {
                let (milliseconds, rate) = both(number(milliseconds), number(rate), line)?;
                self.paced(milliseconds, rate, Path::new(path)).await
            }
            ["state"] => self.state().await,
            ["counts"] => self.counts().await,
            _ => Err(unknown(line)),
        }
    }

    fn next_payload(&mut self, bytes: u64) -> Vec<u8> {
        self.sent += 1;
        let length = usize::try_from(bytes).unwrap_or(usize::MAX);
        logs::payload(self.origin, self.sent, length)
    }

    async fn submit(&mut self, bytes: u64) -> Result<(), BenchError> {
        let payload = self.next_payload(bytes);
        submit(&self.control, payload).await
    }

    async fn latency(&mut self, milliseconds: u64, bytes: u64) -> Result<(), BenchError> {
        for _ in 0..WARM_UP_MESSAGES {
            self.submit(bytes).await?;
        }
        let mut samples = Vec::with_capacity(1 << 20);
        let (start, cpu) = self.start().await?;
        loop {
            let before = Instant::now();
            if before - start > Duration::from_millis(milliseconds) {
                break;
            }
            self.submit(bytes).await?;
            let nanoseconds = before.elapsed().as_nanos();
            samples.push(u32::try_from(nanoseconds).unwrap_or(u32::MAX));
        }
        let units = u64::try_from(samples.len()).expect("it is small");
        report(units, start, cpu, &samples)
    }

    async fn flood(
        &mut self,
        milliseconds: u64,
        bytes: u64,
        window: u64,
    ) -> Result<(), BenchError> {
        let (start, cpu) = self.start().await?;
        let before = self.sent;
        let sent = Arc::new(AtomicU64::new(before));
        let length = usize::try_from(bytes).unwrap_or(usize::MAX);
        let mut senders = Vec::new();
        for _ in 0..window {
            let (control, sent, origin) = (self.control.clone(), sent.clone(), self.origin);
            senders.push(tokio::spawn(async move {
                while start.elapsed() < Duration::from_millis(milliseconds) {
                    let number = sent.fetch_add(1, Ordering::Relaxed) + 1;
                    submit(&control, logs::payload(origin, number, length)).await?;
                }
                Ok::<(), BenchError>(())
            }));
        }
        for sender in senders {
            sender.await.map_err(BenchError::system("a task"))??;
        }
        self.sent = sent.load(Ordering::Relaxed);
        report(self.sent - before, start, cpu, &[])
    }

    async fn paced(&mut self, milliseconds: u64, rate: u64, path: &Path) -> Result<(), BenchError> {
        let file = File::create(path).map_err(|source| BenchError::File {
            path: path.to_owned(),
            source,
        })?;
        self.tape.write_to(file);
        self.start().await?;
        let every = Duration::from_nanos(1_000_000_000 / rate.max(1));
        let mut due = tokio::time::Instant::now();
        let end = due + Duration::from_millis(milliseconds);
        let mut open = Vec::new();
        while due < end {
            tokio::time::sleep_until(due).await;
            let payload = self.next_payload(PACED_BYTES as u64);
            let control = self.control.clone();
            open.push(tokio::spawn(async move { submit(&control, payload).await }));
            due += every;
        }
        for outcome in open {
            outcome.await.map_err(BenchError::system("a task"))??;
        }
        println!("GAP {}", self.tape.longest_gap().as_micros());
        Ok(())
    }

    async fn state(&self) -> Result<(), BenchError> {
        let status = self.control.status().await;
        let links = status.into_iter().flat_map(|status| status.members);
        let frames: u64 = links
            .filter_map(|member| member.link)
            .map(|link| link.sent)
            .sum();
        let (delivered, digest, out_of_turn) = self.tape.totals();
        println!("STATE {delivered} {digest} {out_of_turn} {frames}");
        Ok(())
    }

    /// For whoever looks for a cause.
    async fn counts(&self) -> Result<(), BenchError> {
        let status = self.control.status().await;
        println!("COUNTS {:?}", status.map(|status| status.counts));
        Ok(())
    }

    /// Says READY and waits for the word; the clocks start.
    async fn start(&mut self) -> Result<(Instant, u64), BenchError> {
        println!("READY");
        match self.lines.recv().await {
            Some(_) => Ok((Instant::now(), cpu::own_ns())),
            None => Err(unknown("the end of the input instead of the word")),
        }
    }
}

async fn submit(control: &Control, payload: Vec<u8>) -> Result<(), BenchError> {
    let answer = control.submit(payload).await;
    let answer = answer.map_err(BenchError::control("submitting"))?;
    match answer.done {
        true => Ok(()),
        false => Err(BenchError::Wrong { what: "a submit" }),
    }
}

fn both(one: Option<u64>, other: Option<u64>, line: &str) -> Result<(u64, u64), BenchError> {
    one.zip(other).ok_or_else(|| unknown(line))
}

fn unknown(line: &str) -> BenchError {
    BenchError::Unknown {
        word: line.to_owned(),
    }
}

fn report(units: u64, start: Instant, cpu_before: u64, samples: &[u32]) -> Result<(), BenchError> {
    let wall = start.elapsed().as_nanos();
    let own = cpu::own_ns() - cpu_before;
    let bytes: Vec<u8> = samples.iter().flat_map(|one| one.to_le_bytes()).collect();
    let mut output = std::io::stdout().lock();
    writeln!(output, "RESULT {units} {wall} {own} 0 {}", samples.len())
        .and_then(|()| output.write_all(&bytes))
        .and_then(|()| output.flush())
        .map_err(BenchError::system("reporting"))
}

/// The replicated state: which message came behind which.
#[derive(Clone, Default)]
struct Tape(Arc<Mutex<Written>>);

#[derive(Default)]
struct Written {
    delivered: u64,
    digest: u64,
    /// Messages that were not the next of their origin.
    out_of_turn: u64,
    last_numbers: BTreeMap<u32, u64>,
    file: Option<File>,
    last_at: Option<Instant>,
    longest_gap: Duration,
}

impl Tape {
    fn lock(&self) -> std::sync::MutexGuard<'_, Written> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write_to(&self, file: File) {
        let mut written = self.lock();
        written.file = Some(file);
        written.last_at = None;
        written.longest_gap = Duration::ZERO;
    }

    fn longest_gap(&self) -> Duration {
        self.lock().longest_gap
    }

    fn totals(&self) -> (u64, u64, u64) {
        let written = self.lock();
        (written.delivered, written.digest, written.out_of_turn)
    }
}

impl Written {
    fn take(&mut self, record: &[u8; RECORD_BYTES]) {
        let (origin, number) = logs::origin_and_number(record);
        let last = self.last_numbers.entry(origin).or_default();
        self.out_of_turn += u64::from(number != *last + 1);
        *last = number;
        self.delivered += 1;
        self.digest = logs::mix(logs::mix(self.digest, u64::from(origin)), number);
        if let Some(file) = &mut self.file {
            let now = Instant::now();
            let gap = self.last_at.map(|last| now - last).unwrap_or_default();
            self.longest_gap = self.longest_gap.max(gap);
            self.last_at = Some(now);
            if file.write_all(record).is_err() {
                self.out_of_turn += 1;
            }
        }
    }
}

impl Machine for Tape {
    fn kind(&self) -> String {
        "tape 1".to_owned()
    }

    fn apply(&mut self, change: &Change<'_>) -> Vec<u8> {
        let mut written = self.lock();
        match change.payload.first_chunk() {
            Some(record) => written.take(record),
            None => written.out_of_turn += 1,
        }
        Vec::new()
    }

    fn snapshot(&self) -> Vec<u8> {
        // Joiners come before the first message.
        Vec::new()
    }

    fn restore(&mut self, state: &[u8]) -> Result<(), RestoreError> {
        match state {
            [] => Ok(()),
            _ => Err(RestoreError("a tape starts empty".to_owned())),
        }
    }
}
