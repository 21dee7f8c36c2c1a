//! Running a member until it leaves, is left out for good, or is told to end.

use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

use harness_control::{
    Active, Control, ControlConfig, Ended, Events, Fence, Replication, Standby, StandbyLimits,
};
use harness_ring::{MemberId, Mode, Policy};
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::arguments::{MemberOptions, ModeName, PolicyName, ReplicationName, StateName};
use crate::failure::{Failure, LINK};
use crate::key_value::{KeyValue, RESULT_BYTES_MAX, TOLD_BYTES_MAX};
use crate::providers::Providers;
use crate::{events, leaving, output};

pub(crate) async fn run(options: Box<MemberOptions>) -> Result<ExitCode, Failure> {
    if options.fence.is_some() && options.policy != PolicyName::Fenced {
        return Err(Failure::usage(
            "--fence is run with --policy fenced only, and this is another policy: leave it out, or say --policy fenced",
        ));
    }
    let providers = Providers::load(&options.providers)?;
    for endpoint in &options.listen {
        providers.check(std::slice::from_ref(endpoint))?;
    }
    providers.check(&options.join)?;
    let runtime = providers.runtime;
    let mut told_to_end = [
        listen_for(SignalKind::interrupt())?,
        listen_for(SignalKind::terminate())?,
    ];
    let config = config(&options);
    let replica = replica(&options, &config);
    let control = Control::start_with(&runtime, config, replica).await?;
    let printer = Printer { json: options.json };
    printer.listening(&options.name, &control.endpoints())?;
    if options.join.is_empty() {
        printer.founded(&options.ring)?;
    }
    let mut happenings = control.events();
    let mut is_ready = false;
    let mut is_leaving = false;
    let mut telling = std::pin::pin!(leaving::keep_telling(&control, |what| printer.leaving(what)));
    let ended = loop {
        let [interrupted, terminated] = &mut told_to_end;
        tokio::select! {
            biased;
            ready = control.ready(), if !is_ready => {
                ready?;
                is_ready = true;
                printer.ready()?;
            }
            told = &mut telling, if is_leaving => told?,
            _ = interrupted.recv() => {
                if std::mem::replace(&mut is_leaving, true) { break Ended::Shutdown }
                tell_to_leave(&control);
            }
            _ = terminated.recv() => {
                if std::mem::replace(&mut is_leaving, true) { break Ended::Shutdown }
                tell_to_leave(&control);
            }
            // Last, as there can always be more.
            happening = next(&mut happenings, &printer) => match happening? {
                Next::Event(harness_control::Event::Ended(ended)) => break ended,
                Next::Event(_) | Next::Missed => {}
                Next::Over => break Ended::Shutdown,
            },
        }
    };
    Ok(ExitCode::from(code(ended, is_leaving)))
}

/// A member that was told to end has ended well, unless it failed meanwhile.
fn code(ended: Ended, is_leaving: bool) -> u8 {
    match ended {
        Ended::Left => 0,
        Ended::Failed => LINK,
        _ if is_leaving => 0,
        _ => LINK,
    }
}

fn replica(options: &MemberOptions, config: &ControlConfig) -> Box<dyn Replication> {
    let state = match options.state {
        StateName::Kv => KeyValue::new(),
    };
    let waiting_max = config.control.waiting_max;
    match options.replication {
        ReplicationName::Active => Box::new(Active::new(state, waiting_max, config.wire)),
        ReplicationName::Standby => {
            let limits = StandbyLimits {
                waiting_max,
                result_bytes_max: RESULT_BYTES_MAX,
            };
            Box::new(Standby::new(state, limits, config.wire))
        }
    }
}

/// What came of waiting for an event.
enum Next {
    Event(harness_control::Event),
    /// Some were lost to this reader.
    Missed,
    /// None will come any more.
    Over,
}

/// Prints the next event; what follows is read after it was printed.
async fn next(happenings: &mut Events, printer: &Printer) -> Result<Next, Failure> {
    match happenings.next().await {
        Ok(Some(event)) => {
            printer.event(&event)?;
            Ok(Next::Event(event))
        }
        Ok(None) => Ok(Next::Over),
        Err(lagged) => {
            printer.lagged(lagged.0)?;
            Ok(Next::Missed)
        }
    }
}

/// The end comes as an event.
fn tell_to_leave(control: &Control) {
    tracing::info!(target: "harness", "told to end: leaving the ring");
    control.begin_to_leave();
}

fn listen_for(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(|error| Failure::local("signals cannot be listened for", &error))
}

fn config(options: &MemberOptions) -> ControlConfig {
    let mut config = ControlConfig::new(options.name.clone(), options.listen.clone());
    config.ring.clone_from(&options.ring);
    config.advertise.clone_from(&options.advertise);
    config.join.clone_from(&options.join);
    config.mode = match options.mode {
        ModeName::Uni => Mode::Unidirectional,
        ModeName::Bidi => Mode::Bidirectional,
    };
    config.policy = match options.policy {
        PolicyName::Quorum => Policy::Quorum { tie_break: true },
        PolicyName::Majority => Policy::Quorum { tie_break: false },
        PolicyName::Survivor => Policy::Survivor,
        PolicyName::Fenced => Policy::FencedSurvivor,
    };
    // Judged by the member that is asked only, so that members of another version take it as well.
    config.control.payload_bytes_max = TOLD_BYTES_MAX;
    config.timing.quiet_after = options.quiet_after;
    config.timing.join_within = options.join_within;
    config.rejoin = !options.no_rejoin;
    config.remote_admin = options.remote_admin;
    config.fence = options.fence.clone().map(|command| {
        let fence: Arc<dyn Fence> = Arc::new(FenceCommand(command));
        fence
    });
    config
}

/// A command that makes sure that a member cannot act any more.
struct FenceCommand(PathBuf);

impl Fence for FenceCommand {
    fn fence(&self, member: MemberId, name: &str) -> Pin<Box<dyn Future<Output = bool> + Send>> {
        let mut command = tokio::process::Command::new(&self.0);
        command.arg(name).stdin(std::process::Stdio::null());
        Box::pin(async move {
            match command.status().await {
                Ok(status) => status.success(),
                Err(error) => {
                    tracing::error!(target: "harness", %member, %error, "the fence command cannot be run");
                    false
                }
            }
        })
    }
}

/// For people, or for programs.
struct Printer {
    json: bool,
}

impl Printer {
    fn listening(&self, name: &str, endpoints: &[String]) -> Result<(), Failure> {
        if self.json {
            let line = json!({"event": "listening", "name": name, "endpoints": endpoints});
            return output::result(&line.to_string());
        }
        output::result(&format!("{name} listens on {}", endpoints.join(" ")))
    }

    /// For people: a forgotten --join is seen at once.
    fn founded(&self, ring: &str) -> Result<(), Failure> {
        match self.json {
            true => Ok(()),
            false => output::result(&format!(
                "founded a new ring, {ring:?}, with this member alone in it. A ring that is there already is not joined: who comes \
                 back to one is started with --join ENDPOINT of a member that lives"
            )),
        }
    }

    fn ready(&self) -> Result<(), Failure> {
        match self.json {
            true => output::result(&json!({"event": "ready"}).to_string()),
            false => output::result("ready"),
        }
    }

    fn leaving(&self, waits_for: &[String]) -> Result<(), Failure> {
        match self.json {
            true => {
                output::result(&json!({"event": "leaving", "waits_for": waits_for}).to_string())
            }
            false => output::result(&format!(
                "leaving: waits for {}; a second signal ends this process without leaving",
                waits_for.join("; ")
            )),
        }
    }

    fn event(&self, event: &harness_control::Event) -> Result<(), Failure> {
        if self.json {
            return output::result(&events::as_json(event).to_string());
        }
        match events::as_line(event) {
            Some(line) => output::result(&line),
            None => Ok(()),
        }
    }

    fn lagged(&self, missed: u64) -> Result<(), Failure> {
        match self.json {
            true => output::result(&json!({"event": "lagged", "missed": missed}).to_string()),
            false => output::result(&format!("{missed} events were not printed in time")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_failed_never_ends_well() {
        assert_eq!(code(Ended::Failed, false), LINK);
        assert_eq!(code(Ended::Failed, true), LINK);
        assert_eq!(code(Ended::Shutdown, true), 0);
        assert_eq!(code(Ended::Left, false), 0);
        assert_eq!(code(Ended::Excluded, false), LINK);
    }
}
