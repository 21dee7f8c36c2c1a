//! Owning a lock: asking for it, waiting for it in the common order, running a command under it. Whatever ends this
//! process in order, the lock is given back.

use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitCode, ExitStatus};

use harness_control::Status;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::Child;
use tokio::signal::unix::{self, SignalKind, signal};
use tokio::time::Instant;

use crate::arguments::Lock;
use crate::console::Console;
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
        release(&console, &lock).await?;
        output::result("released")?;
        return Ok(ExitCode::SUCCESS);
    }
    if options.owner {
        return tell_owner(&console, &lock).await;
    }
    // Before the lock is asked for: from then on there is something to give back.
    let mut signals = Signals::listen()?;
    let Status { id: own, name, .. } = console.stub().status().await?;
    let (said, position) = console.submit(&Told::Lock { lock: lock.clone() }).await?;
    if let Said::Refused(why) = said {
        return Err(Failure::refused(format!("{name}: {why}")));
    }
    let until = Instant::now() + options.within;
    let waited = wait(&console, &lock, &own, position, said);
    let waited = tokio::select! {
        waited = tokio::time::timeout_at(until, waited) => waited,
        signal = signals.next() => {
            release(&console, &lock).await?;
            return Ok(code(BY_SIGNAL.saturating_add(signal.as_raw())));
        }
    };
    match waited {
        Ok(owned) => owned?,
        Err(_) => {
            let owner = owner(&console, &lock).await.unwrap_or(None);
            release(&console, &lock).await?;
            let within = humantime::format_duration(options.within);
            let owner = owner.map(|owner| format!(": it is owned by {owner}"));
            return Err(Failure::timeout(format!(
                "{lock:?} was not free within {within}{}",
                owner.unwrap_or_default()
            )));
        }
    }
    let Some((program, arguments)) = options.command.split_first() else {
        output::result(&format!("owned by {name}"))?;
        return Ok(ExitCode::SUCCESS);
    };
    let started = tokio::process::Command::new(program)
        .args(arguments)
        .spawn();
    let ran = match started {
        Ok(child) => finish(child, &mut signals)
            .await
            .map_err(|error| Failure::local(program, &error)),
        Err(error) => Err(not_started(program, &error)),
    };
    release(&console, &lock).await?;
    let status = ran?;
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

/// Waits until the member owns the lock: its owner changes only when something is delivered.
async fn wait(
    console: &Console,
    lock: &str,
    own: &str,
    mut position: u64,
    mut said: Said,
) -> Result<(), Failure> {
    loop {
        match said {
            Said::Owner(Some(owner)) if owner == own => return Ok(()),
            Said::Owner(Some(_)) => {}
            _ => {
                let text = "the member neither owns nor awaits the lock any more";
                return Err(Failure::refused(text));
            }
        }
        position = console.stub().past(position).await?;
        let question = Question::Owner {
            lock: lock.to_owned(),
        };
        said = console.query(&question).await?;
    }
}

async fn release(console: &Console, lock: &str) -> Result<(), Failure> {
    let told = Told::Unlock {
        lock: lock.to_owned(),
    };
    match console.submit(&told).await?.0 {
        Said::Refused(why) => Err(Failure::refused(why)),
        _ => Ok(()),
    }
}
