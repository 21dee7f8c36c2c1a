//! Owning a lock: asking for it, waiting for it in the common order, running a command under it.

use std::process::ExitCode;

use tokio::time::Instant;

use crate::arguments::Lock;
use crate::console::Console;
use crate::failure::Failure;
use crate::key_value::{Question, Said, Told};
use crate::output;

pub(crate) async fn run(options: Lock) -> Result<ExitCode, Failure> {
    let console = Console::connect(&options.peer).await?;
    let lock = options.lock;
    if options.release {
        release(&console, &lock).await?;
        output::result("released")?;
        return Ok(ExitCode::SUCCESS);
    }
    let own = console.stub().status().await?.id;
    let (said, position) = console.submit(&Told::Lock { lock: lock.clone() }).await?;
    if let Said::Refused(why) = said {
        return Err(Failure::refused(why));
    }
    let until = Instant::now() + options.within;
    let waited = wait(&console, &lock, &own, position, said);
    match tokio::time::timeout_at(until, waited).await {
        Ok(owned) => owned?,
        Err(_) => {
            release(&console, &lock).await?;
            let within = humantime::format_duration(options.within);
            return Err(Failure::timeout(format!(
                "{lock:?} was not free within {within}"
            )));
        }
    }
    let Some((program, arguments)) = options.command.split_first() else {
        output::result(&format!("owned by {own}"))?;
        return Ok(ExitCode::SUCCESS);
    };
    let ran = tokio::process::Command::new(program)
        .args(arguments)
        .status()
        .await;
    release(&console, &lock).await?;
    let status = ran.map_err(|error| Failure::local(program, &error))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(128)))
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
