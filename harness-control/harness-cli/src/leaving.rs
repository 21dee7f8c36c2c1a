//! Leaving in order, as a command and as a member that was told to end: what is waited for, and for how long.

use std::io::ErrorKind;
use std::process::ExitCode;
use std::time::Duration;

use harness_control::{Control, SeatStub, Status};
use rmix::{CallError, Cause, Delivery};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::arguments::Leave;
use crate::console::Console;
use crate::failure::Failure;
use crate::output;

/// What stands in the way of the next view, as far as one member knows it.
fn obstacles(status: &Status) -> Vec<String> {
    let mut obstacles = Vec::new();
    if let Some(why) = &status.blocked {
        obstacles.push(format!("blocked: {why}"));
    }
    if matches!(status.standing.as_str(), "joining" | "loading") {
        obstacles.push("it waits for the state itself".to_owned());
    }
    if status.changing {
        obstacles.push("the view is being changed".to_owned());
    }
    let members = status.members.iter();
    let suspected: Vec<_> = members.clone().filter(|member| member.suspected).collect();
    let is_down = |member: &&harness_control::MemberStatus| {
        member.link.as_ref().is_some_and(|link| !link.up) && !member.suspected
    };
    let unlinked: Vec<_> = members.filter(is_down).collect();
    for (what, who) in [("suspected", suspected), ("no link to", unlinked)] {
        if !who.is_empty() {
            let names: Vec<_> = who.iter().map(|member| member.name.as_str()).collect();
            obstacles.push(format!("{what} {}", names.join(", ")));
        }
    }
    obstacles
}

/// What a member waits for that was told to leave.
pub(crate) fn waits_for(status: &Status) -> Vec<String> {
    let mut waits_for = vec!["a view without this member".to_owned()];
    waits_for.extend(obstacles(status));
    waits_for
}

/// Tells at once, and then now and again, what a member that leaves waits for; never ends.
pub(crate) async fn keep_telling(
    control: &Control,
    tell: impl Fn(&[String]) -> Result<(), Failure>,
) -> Result<(), Failure> {
    loop {
        // A task that is busy is waited for as well, and says nothing meanwhile.
        let known = match timeout(AT_ONCE, control.status()).await {
            Ok(Some(status)) => waits_for(&status),
            Ok(None) => Vec::new(),
            Err(_) => vec!["the task of this member, which is busy".to_owned()],
        };
        if !known.is_empty() {
            tell(&known)?;
        }
        sleep(TELL_EVERY).await;
    }
}

/// Tells a member to leave, and waits until its process has ended.
pub(crate) async fn run(options: Leave) -> Result<ExitCode, Failure> {
    let limit = options.peer.timeout;
    let until = Instant::now() + limit;
    let console = Console::connect(&options.peer).await?;
    let stub = console.stub();
    let Status { name, id, .. } = stub.status().await?;
    match stub.leave().await {
        Ok(()) => {}
        // Its process can end before it has answered.
        Err(CallError::Failed(error)) if error.delivery() != Delivery::NotSent => {}
        Err(error) => return Err(error.into()),
    }
    let mut told = Vec::new();
    loop {
        match look(stub, &id, until).await {
            Seen::Gone => {
                output::result(&format!("{name} has left: its process has ended"))?;
                return Ok(ExitCode::SUCCESS);
            }
            Seen::There(obstacles) if told.is_empty() || told != obstacles => {
                told = obstacles;
                output::note(&format!("told to leave: it waits for {}", told.join("; ")));
            }
            Seen::There(_) | Seen::Unclear => {}
        }
        if Instant::now() >= until {
            let limit = humantime::format_duration(limit);
            return Err(Failure::timeout(late(&name, &limit.to_string(), &told)));
        }
        sleep(LOOK_EVERY.min(until.saturating_duration_since(Instant::now()))).await;
    }
}

/// What may have happened, and what can be done.
fn late(name: &str, limit: &str, waits_for: &[String]) -> String {
    let waits_for = match waits_for {
        [] => "it did not say what it waits for".to_owned(),
        some => format!("it waits for {}", some.join("; ")),
    };
    format!(
        "{name} has not left within {limit}: {waits_for}\n\
         It was told to, and leaves as soon as it can, perhaps by now; until then it takes part as before. To end it without \
         leaving, send its process SIGTERM twice: the others take that for a crash"
    )
}

/// What was seen of a member that leaves.
enum Seen {
    /// Nobody answers there any more.
    Gone,
    /// It waits for this.
    There(Vec<String>),
    /// No answer yet.
    Unclear,
}

async fn look(stub: &SeatStub, id: &str, until: Instant) -> Seen {
    // Looked at once at the least, however short the time is.
    let until = until.max(Instant::now() + AT_ONCE);
    match timeout_at(until, stub.status()).await {
        // Another process is where it was.
        Ok(Ok(status)) if status.id != id => Seen::Gone,
        Ok(Ok(status)) => Seen::There(waits_for(&status)),
        Ok(Err(CallError::Failed(error))) if is_gone(&error) => Seen::Gone,
        // It is in no ring any more, and ends; or the next call opens a new link, or finds nobody.
        Ok(Err(_)) | Err(_) => Seen::Unclear,
    }
}

/// Whether nobody listens there, rather than that the way there is cut.
fn is_gone(error: &rmix::Error) -> bool {
    let errno = i32::try_from(error.code()).map(std::io::Error::from_raw_os_error);
    let nobody = [ErrorKind::ConnectionRefused, ErrorKind::NotFound];
    match error.cause() {
        Cause::NoSuchObject => true,
        Cause::Connect => errno.is_ok_and(|errno| nobody.contains(&errno.kind())),
        _ => false,
    }
}

const LOOK_EVERY: Duration = Duration::from_millis(50);
const AT_ONCE: Duration = Duration::from_millis(200);
const TELL_EVERY: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use harness_control::{LinkStatus, MemberStatus};

    use super::*;

    fn member(name: &str, suspected: bool, up: bool) -> MemberStatus {
        MemberStatus {
            name: name.to_owned(),
            id: "1".to_owned(),
            endpoints: Vec::new(),
            suspected,
            link: Some(LinkStatus {
                up,
                over: String::new(),
                unacknowledged: 0,
                sent: 0,
                received: 0,
            }),
        }
    }

    fn status(blocked: Option<&str>, members: Vec<MemberStatus>) -> Status {
        Status {
            name: "A".to_owned(),
            id: "0".to_owned(),
            standing: "member".to_owned(),
            blocked: blocked.map(str::to_owned),
            epoch: 1,
            view: 1,
            changing: false,
            rules: String::new(),
            members,
            position: 0,
            digest: 0,
            waiting: 0,
            queued: 0,
            unstable: 0,
            slowness: 0,
            counts: BTreeMap::new(),
        }
    }

    #[test]
    fn what_is_waited_for_is_named() {
        let well = status(None, vec![member("B", false, true)]);
        assert_eq!(waits_for(&well), ["a view without this member"]);
        let members = vec![
            member("B", true, false),
            member("C", true, true),
            member("D", false, false),
        ];
        let ill = status(Some("too few"), members);
        assert_eq!(
            waits_for(&ill)[1..],
            ["blocked: too few", "suspected B, C", "no link to D"]
        );
    }

    #[test]
    fn who_has_not_left_in_time_is_told_of_with_what_may_have_happened() {
        let text = late("A", "1s", &waits_for(&status(Some("too few"), Vec::new())));
        for part in [
            "A has not left within 1s",
            "blocked: too few",
            "perhaps by now",
            "SIGTERM",
        ] {
            assert!(text.contains(part), "{part:?} is not in {text}");
        }
    }
}
