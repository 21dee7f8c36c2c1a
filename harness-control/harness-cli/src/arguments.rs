//! The command line. Parses only; what the words mean is in the commands.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::help::{FORCE_VIEW, GENERAL, GET, LEAVE, LOCK, MEMBER, STATUS, SUBMIT, WATCH};

/// Keep a replicated key-value state with locks on several processes, and look after them.
#[derive(Debug, Parser)]
#[command(name = "harness", version, after_long_help = GENERAL, max_term_width = 100)]
pub(crate) struct CommandLine {
    /// Log more on standard error: links and frames; twice: everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a member: found a ring, or join one
    #[command(after_long_help = MEMBER)]
    Member(Box<MemberOptions>),
    /// Change the state, at every member
    #[command(after_long_help = SUBMIT)]
    Submit(Submit),
    /// Read a key
    #[command(after_long_help = GET)]
    Get(Get),
    /// Own a lock, or run a command while owning it
    #[command(after_long_help = LOCK)]
    Lock(Lock),
    /// Watch the ring in a terminal
    #[command(after_long_help = WATCH)]
    Watch(Watch),
    /// Show what one member knows
    #[command(after_long_help = STATUS)]
    Status(Status),
    /// Let whoever is left go on, after a majority is gone for good
    #[command(after_long_help = FORCE_VIEW)]
    ForceView(ForceView),
    /// Make a member leave in order, and wait until it has
    #[command(after_long_help = LEAVE)]
    Leave(Leave),
}

#[derive(Debug, Args)]
pub(crate) struct MemberOptions {
    /// The member's name: unique in the ring, and the same when it is started again
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,

    /// Where to listen, best first; may be given more than once. Port 0 takes a free one
    #[arg(
        long,
        value_name = "ENDPOINT",
        default_value = "msgpack+tcp://127.0.0.1:0"
    )]
    pub(crate) listen: Vec<String>,

    /// Where others reach this member, instead of where it listens: behind a forwarded port, or when it listens on all
    /// addresses (0.0.0.0); may be given more than once
    #[arg(long, value_name = "ENDPOINT")]
    pub(crate) advertise: Vec<String>,

    /// A living member of the ring to join, or to come back to after an end; may be given more than once. Without it, this
    /// member founds a ring of its own, whatever rings are there
    #[arg(long, value_name = "ENDPOINT")]
    pub(crate) join: Vec<String>,

    /// The ring's name: members of another are refused
    #[arg(long, value_name = "NAME", default_value = "ring")]
    pub(crate) ring: String,

    /// Who may go on after a failure; the same for all
    #[arg(long, value_name = "POLICY", default_value = "quorum")]
    pub(crate) policy: PolicyName,

    /// Which ways round the ring messages travel; the same for all
    #[arg(long, value_name = "MODE", default_value = "bidi")]
    pub(crate) mode: ModeName,

    /// What is replicated
    #[arg(long, value_name = "STATE", default_value = "kv")]
    pub(crate) state: StateName,

    /// Who changes the state; the same for all
    #[arg(long, value_name = "WAY", default_value = "active")]
    pub(crate) replication: ReplicationName,

    /// With --policy fenced, and only then: run COMMAND NAME, which must succeed only once that member cannot act any more
    #[arg(long, value_name = "COMMAND", required_if_eq("policy", "fenced"))]
    pub(crate) fence: Option<PathBuf>,

    /// Ask others about a member that was silent for this long
    #[arg(long, value_name = "TIME", default_value = "1s", value_parser = time)]
    pub(crate) quiet_after: Duration,

    /// Give up joining after this time
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = time)]
    pub(crate) join_within: Duration,

    /// End when the others went on without this member, instead of coming back
    #[arg(long)]
    pub(crate) no_rejoin: bool,

    /// Let callers of other hosts make this member leave, and force a view
    #[arg(long)]
    pub(crate) remote_admin: bool,

    /// Print what happens as one JSON object a line, deliveries included
    #[arg(long)]
    pub(crate) json: bool,

    /// Look for providers in DIR first; may be given more than once
    #[arg(long = "providers", value_name = "DIR")]
    pub(crate) providers: Vec<PathBuf>,
}

/// The member that a command talks to.
#[derive(Debug, Args)]
pub(crate) struct Peer {
    /// An endpoint of any member
    #[arg(long, value_name = "ENDPOINT", env = "HARNESS_MEMBER")]
    pub(crate) to: String,

    /// Give up when one step takes longer than this: connecting, and then each call to the member. It does not bound the
    /// command as a whole, which takes several
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub(crate) timeout: Duration,

    /// Look for providers in DIR first; may be given more than once
    #[arg(long = "providers", value_name = "DIR")]
    pub(crate) providers: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Submit {
    #[command(flatten)]
    pub(crate) peer: Peer,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) change: Change,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Change {
    /// Give a key a value
    Put {
        /// At most 1,024 bytes
        key: String,
        /// At most 131,072 bytes (128 KiB); one less where the system allows no longer argument, as Linux
        value: String,
    },
    /// Give a key a value if it has another one now, or none
    Swap {
        /// At most 1,024 bytes
        key: String,
        /// The value that it must have
        #[arg(
            long,
            value_name = "VALUE",
            conflicts_with = "absent",
            required_unless_present = "absent"
        )]
        from: Option<String>,
        /// It must have none
        #[arg(long)]
        absent: bool,
        /// At most 131,072 bytes (128 KiB); one less where the system allows no longer argument, as Linux
        value: String,
    },
    /// Remove a key
    Delete {
        /// The key
        key: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Get {
    #[command(flatten)]
    pub(crate) peer: Peer,

    /// Read in the common order, after everything that was done before, instead of from the replica of one
    /// member, which may be behind
    #[arg(long)]
    pub(crate) agreed: bool,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// The key
    pub(crate) key: String,
}

#[derive(Debug, Args)]
pub(crate) struct Lock {
    #[command(flatten)]
    pub(crate) peer: Peer,

    /// Give the lock back, or stop waiting for it, instead
    #[arg(long, conflicts_with = "command")]
    pub(crate) release: bool,

    /// Print the name of the member that owns the lock, instead
    #[arg(long, conflicts_with_all = ["command", "release"])]
    pub(crate) owner: bool,

    /// Give up waiting for the lock after this time, from when it was asked for
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = time)]
    pub(crate) within: Duration,

    /// The lock
    pub(crate) lock: String,

    /// A command to run while the lock is owned; then it is given back
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Watch {
    #[command(flatten)]
    pub(crate) peer: Peer,

    /// Look again after this time at the latest
    #[arg(long, value_name = "TIME", default_value = "500ms", value_parser = time)]
    pub(crate) every: Duration,

    /// Print one picture as text, and end
    #[arg(long)]
    pub(crate) once: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Status {
    #[command(flatten)]
    pub(crate) peer: Peer,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ForceView {
    #[command(flatten)]
    pub(crate) peer: Peer,

    /// I am certain that every member which is not reached has ended
    #[arg(long, required = true)]
    pub(crate) others_are_gone: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Leave {
    #[command(flatten)]
    pub(crate) peer: Peer,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyName {
    /// A majority of the view; of an even number also the half that has its first member
    Quorum,
    /// A majority of the view, strictly: of two members neither goes on alone
    Majority,
    /// Whoever is left: right only where a silent member is dead, as on one host
    Survivor,
    /// Whoever is left, after the others are fenced
    Fenced,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ModeName {
    /// One way: fewest frames
    Uni,
    /// Both ways: half the delay to the last member
    Bidi,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReplicationName {
    /// Every member applies every change
    Active,
    /// The first member of the view applies it, and sends the others what changed
    Standby,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum StateName {
    /// Keys with values, and locks
    Kv,
}

/// A time above zero. As the command `rmix` reads times: the two have no crate in common but the library, which reads none.
fn time(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text)
        .map_err(|failure| format!("{failure} (a time is written 250ms, 5s or 1m30s)"))?;
    if time.is_zero() {
        return Err("a time above zero is needed".to_owned());
    }
    if time > TIME_MAX {
        return Err("at most 24h are allowed".to_owned());
    }
    Ok(time)
}

/// The longest time that can be given: more is a mistake, and far less than what a clock can count.
const TIME_MAX: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    /// What is said to this command line; none when it is taken.
    fn complaint(words: &[&str]) -> Option<String> {
        let line = CommandLine::try_parse_from([&["harness"], words].concat());
        line.err().map(|error| error.to_string())
    }

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn times_have_a_unit_and_are_neither_zero_nor_endless() {
        assert_eq!(time("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(time("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(time("24h"), Ok(TIME_MAX));
        for beyond in ["24h1ns", "300000000000years"] {
            assert_eq!(time(beyond), Err("at most 24h are allowed".to_owned()));
        }
        for wrong in ["5", "", "0s", "-1s", "fast"] {
            assert!(time(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn every_option_that_is_a_time_has_the_limit() {
        let member = ["member", "--name", "A"];
        let lock = ["lock", "--to", "shm:A", "backup"];
        let watch = ["watch", "--to", "shm:A"];
        for (command, option) in [
            (&member[..], "--quiet-after"),
            (&member, "--join-within"),
            (&lock, "--timeout"),
            (&lock, "--within"),
            (&watch, "--every"),
        ] {
            let given = |time| complaint(&[command, &[option, time]].concat());
            assert_eq!(given("24h"), None, "{option}");
            let text = given("24h1ns").unwrap_or_else(|| panic!("{option} takes more"));
            assert!(text.contains("at most 24h are allowed"), "{text}");
            assert!(text.contains(option), "{text}");
        }
    }
}
