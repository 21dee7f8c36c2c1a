//! Owning a lock: asking for it, waiting for it in the common order, running a command under it. Whatever ends this
//! process in order, the lock is given back; only what asked for it without an answer cannot know, and says so.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus};
use std::time::Duration;

use harness_control::Status;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;
use tokio::signal::unix::{self, SignalKind, signal};
use tokio::time::Instant;

use crate::arguments::Lock;
use crate::console::{Console, of_another_kind};
use crate::failure::Failure;
use crate::key_value::{Question, Said, Told};
use crate::output;

/// As shells do: the program is there and cannot be run.
const NOT_EXECUTABLE: u8 = 126;
/// As shells do: there is no such program.
const NOT_FOUND: u8 = 127;
/// As shells do: the number of the signal is added.
const BY_SIGNAL: i32 = 128;

pub(crate) async fn run(options: Lock) -> Result<ExitCode, Failure> {
    let console = Console::connect(&options.peer).await?;
    let lock = options.lock;
    if options.release {
        return match release(&console, &lock).await? {
            Released::Now => output::result("released").map(|()| ExitCode::SUCCESS),
            Released::Nothing(why) => Err(Failure::refused(why)),
        };
    }
    if options.owner {
        return tell_owner(&console, &lock).await;
    }
    // Before the lock is asked for: from then on there is something to give back.
    let mut signals = Signals::listen()?;
    let Status { id: own, name, .. } = console.stub().status().await?;
    let until = Instant::now() + options.within;
    let asked = console.submit(&Told::Lock { lock: lock.clone() }).await;
    let (said, position) = asked.map_err(|failure| match failure.may_be_done() {
        // Giving it back could take it from another command, for which the member owned it before.
        true => failure.open(&left(&lock)),
        false => failure,
    })?;
    if let Said::Refused(why) = said {
        return Err(Failure::refused(format!("{name}: {why}")));
    }
    let waiting = wait(&console, &lock, &own, position, said);
    let waited = tokio::select! {
        waited = tokio::time::timeout_at(until, waiting) => waited.unwrap_or(Ok(Waited::Late)),
        signal = signals.next() => Ok(Waited::Told(signal)),
    };
    let outcome = match waited {
        Ok(Waited::Owned) => match options.command.split_first() {
            Some((program, arguments)) => run_under(program, arguments, &mut signals).await,
            None => match output::result(&format!("owned by {name}")) {
                Ok(()) => return Ok(ExitCode::SUCCESS),
                Err(failure) => Err(failure),
            },
        },
        Ok(Waited::Gone) => {
            let text = "the member neither owns nor awaits the lock any more";
            return Err(Failure::refused(text));
        }
        Ok(Waited::Told(signal)) => Ok(code(BY_SIGNAL.saturating_add(signal.as_raw()))),
        Ok(Waited::Late) => Err(late(&console, &lock, options.within).await),
        Err(failure) => Err(failure),
    };
    match (outcome, release(&console, &lock).await) {
        (outcome, Ok(Released::Now)) => outcome,
        (Err(failure), Ok(Released::Nothing(_))) => Err(failure),
        (Ok(_), Ok(Released::Nothing(why))) => Err(Failure::refused(why)),
        (Err(failure), Err(_)) => Err(failure.open(&left(&lock))),
        (Ok(_), Err(why)) => Err(why.open(&left(&lock))),
    }
}

/// What to do when nobody knows whether the lock was given back.
fn left(lock: &str) -> String {
    format!(
        "perhaps the member owns or awaits {lock:?} all the same: 'harness lock --release' at the same member gives it back"
    )
}

async fn late(console: &Console, lock: &str, within: Duration) -> Failure {
    let owner = owner(console, lock).await.unwrap_or(None);
    let owner = owner.map(|owner| format!(": it is owned by {owner}"));
    Failure::timeout(format!(
        "{lock:?} was not free within {}{}",
        humantime::format_duration(within),
        owner.unwrap_or_default()
    ))
}

/// Runs a command to its end; its exit code, as shells give it.
async fn run_under(
    program: &str,
    arguments: &[String],
    signals: &mut Signals,
) -> Result<ExitCode, Failure> {
    let child = tokio::process::Command::new(program)
        .args(arguments)
        .spawn()
        .map_err(|error| not_started(program, &error))?;
    let status = finish(child, signals).await;
    let status = status.map_err(|error| Failure::local(program, &error))?;
    let by_signal = status
        .signal()
        .map(|signal| BY_SIGNAL.saturating_add(signal));
    Ok(code(status.code().or(by_signal).unwrap_or(BY_SIGNAL)))
}

async fn tell_owner(console: &Console, lock: &str) -> Result<ExitCode, Failure> {
    match owner(console, lock).await? {
        Some(owner) => output::result(&owner)?,
        None => return Err(Failure::refused(format!("nobody owns {lock:?}"))),
    }
    Ok(ExitCode::SUCCESS)
}

/// Who owns a lock, as the replica of the member that was asked knows: by name, which the state does not have.
async fn owner(console: &Console, lock: &str) -> Result<Option<String>, Failure> {
    let question = Question::Owner {
        lock: lock.to_owned(),
    };
    let id = match console.query(&question).await? {
        Said::Owner(Some(id)) => id,
        _ => return Ok(None),
    };
    let members = console.stub().status().await?.members;
    let member = members.into_iter().find(|member| member.id == id);
    Ok(Some(member.map_or(id, |member| member.name)))
}

fn code(code: i32) -> ExitCode {
    ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
}

fn not_started(program: &str, error: &std::io::Error) -> Failure {
    let code = match error.kind() {
        std::io::ErrorKind::NotFound => NOT_FOUND,
        _ => NOT_EXECUTABLE,
    };
    Failure::with_code(code, format!("{program}: {error}"))
}

/// Waits for the end of the command, which is passed what this process is told.
async fn finish(mut child: Child, signals: &mut Signals) -> std::io::Result<ExitStatus> {
    loop {
        let signal = tokio::select! {
            ended = child.wait() => return ended,
            signal = signals.next() => signal,
        };
        let id = child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(id) = id.and_then(Pid::from_raw)
            && let Err(error) = kill_process(id, signal)
        {
            // It has just ended, as a rule.
            tracing::debug!(target: "harness", %error, "the command was not told to end");
        }
    }
}

/// What ends this process unless it does something first.
struct Signals {
    interrupted: unix::Signal,
    terminated: unix::Signal,
}

impl Signals {
    fn listen() -> Result<Signals, Failure> {
        let listen = |kind| {
            let listening = signal(kind);
            listening.map_err(|error| Failure::local("signals cannot be listened for", &error))
        };
        Ok(Signals {
            interrupted: listen(SignalKind::interrupt())?,
            terminated: listen(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupted.recv() => Signal::INT,
            _ = self.terminated.recv() => Signal::TERM,
        }
    }
}

/// How the waiting for the lock ended.
enum Waited {
    /// The member owns it.
    Owned,
    /// Nobody owns it, so the member does not wait for it either: somebody gave it back in its name.
    Gone,
    /// The time was up.
    Late,
    /// This process was told to end.
    Told(Signal),
}

/// Waits until the member owns the lock: its owner changes only when something is delivered.
async fn wait(
    console: &Console,
    lock: &str,
    own: &str,
    mut position: u64,
    mut said: Said,
) -> Result<Waited, Failure> {
    loop {
        match said {
            Said::Owner(Some(owner)) if owner == own => return Ok(Waited::Owned),
            Said::Owner(Some(_)) => {}
            Said::Owner(None) => return Ok(Waited::Gone),
            other => return Err(of_another_kind(&other)),
        }
        position = console.past(position).await?;
        let question = Question::Owner {
            lock: lock.to_owned(),
        };
        said = console.query(&question).await?;
    }
}

/// What giving a lock back came to.
enum Released {
    Now,
    /// The state knows of no such owner, and nobody of that name who waits; its words.
    Nothing(String),
}

/// # Errors
/// Nobody knows whether it was given back, or it was not: the member was lost, or had too much to do.
async fn release(console: &Console, lock: &str) -> Result<Released, Failure> {
    let told = Told::Unlock {
        lock: lock.to_owned(),
    };
    match console.submit(&told).await?.0 {
        Said::Refused(why) => Ok(Released::Nothing(why)),
        _ => Ok(Released::Now),
    }
}
