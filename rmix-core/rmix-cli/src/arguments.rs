//! The command line and its help. Parses only; what the words mean is in the commands.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand};

/// Call remote operations in the protocol of their endpoint, through providers loaded at run time.
#[derive(Debug, Parser)]
#[command(name = "rmix", version, after_long_help = GENERAL, max_term_width = 100)]
pub(crate) struct CommandLine {
    /// Log what happens to links and providers on standard error; twice: everything
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the providers on the search path
    #[command(after_long_help = PROVIDERS)]
    Providers(Providers),
    /// Call a remote operation and print its result as JSON
    #[command(after_long_help = CALL)]
    Call(Call),
    /// Call a remote operation again and again and print how long it takes
    #[command(after_long_help = BENCH)]
    Bench(Bench),
}

#[derive(Debug, Args)]
pub(crate) struct Providers {
    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    /// Look for providers in DIR first; may be given more than once
    #[arg(long = "providers", value_name = "DIR")]
    pub(crate) providers: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Call {
    /// Give up after this time, which covers connecting and the call: 250ms, 5s, 1m
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub(crate) timeout: Duration,

    /// Send the call and wait for nothing to come back; prints nothing
    #[arg(long)]
    pub(crate) oneway: bool,

    /// Print compact JSON, faults and errors as one JSON object on standard output too
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) peer: Peer,

    #[command(flatten)]
    pub(crate) operation: Operation,
}

#[derive(Debug, Args)]
pub(crate) struct Bench {
    /// Call for this long: 500ms, 5s, 1m
    #[arg(long, value_name = "TIME", default_value = "5s", value_parser = time)]
    pub(crate) duration: Duration,

    /// Call so many times, however long that takes
    #[arg(long, value_name = "N", conflicts_with = "duration", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) calls: Option<u64>,

    /// Calls in flight on the one link; 1 uses the synchronous path, more the asynchronous one
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) concurrency: u32,

    /// Give a single call up after this time
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    pub(crate) timeout: Duration,

    /// Measure one-way calls: the time until the link has taken the call, and the rate until all are with the kernel
    #[arg(long)]
    pub(crate) oneway: bool,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) peer: Peer,

    #[command(flatten)]
    pub(crate) operation: Operation,
}

/// Whom to call.
#[derive(Debug, Args)]
pub(crate) struct Peer {
    /// Look for providers in DIR first; may be given more than once
    #[arg(long = "providers", value_name = "DIR")]
    pub(crate) providers: Vec<PathBuf>,

    /// The endpoint, whose scheme names the provider, or the text of a reference (rmix:…)
    #[arg(value_name = "ENDPOINT")]
    pub(crate) endpoint: String,
}

/// What to call.
#[derive(Debug, Args)]
pub(crate) struct Operation {
    /// The operation's name in the protocol
    #[arg(value_name = "METHOD")]
    pub(crate) method: String,

    /// The arguments, each one JSON value
    #[arg(value_name = "JSON", allow_negative_numbers = true)]
    pub(crate) arguments: Vec<String>,
}

/// A time above zero.
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

const GENERAL: &str = "\
Exit codes:
  0  done
  1  the peer raised a fault
  2  usage: the command line, the endpoint or a provider is wrong; nothing was sent
  3  the link or the protocol failed
  4  the time was up

Environment:
  RMIX_PROVIDER_PATH  Directories to look for providers in, absolute and separated by colons
  RMIX_LOG            What to log, instead of -v: warn, debug, rmix::link=trace, …

A provider is the file librmix_NAME.so, where NAME is what the scheme of an endpoint begins with. It
is looked for in the directories of --providers, in those of RMIX_PROVIDER_PATH, and beside this
command; never in the working directory. Only what an endpoint needs is loaded.

Examples:
  rmix providers
  rmix call msgpack+tcp://127.0.0.1:7000 latest '\"Oslo\"'
  rmix bench --concurrency 64 msgpack+tcp://127.0.0.1:7000 count

See also 'rmix call --help' for values that JSON cannot write.";

const PROVIDERS: &str = "\
Every file librmix_*.so of the directories searched is listed: a provider with its name, version,
schemes, capabilities and file, any other with the reason why it is refused. With --json:

  {\"providers\": [{\"name\", \"version\", \"schemes\", \"capabilities\", \"file\"}],
   \"refused\": [{\"file\", \"reason\"}], \"looked_in\": [\"DIR\"]}

Exit codes:
  0  listed, refused files included
  2  usage

Environment:
  RMIX_PROVIDER_PATH  Directories to look for providers in, absolute and separated by colons
  RMIX_LOG            What to log, instead of -v

Examples:
  rmix providers
  rmix providers --json --providers target/debug";

const CALL: &str = "\
Arguments and result are JSON. Each argument is one value, so text needs JSON's quotes within the
shell's: '\"Oslo\"'. What JSON cannot write is an object with one key that begins with $, both ways:

  {\"$bytes\": \"00ff\"}           octets, in hexadecimal
  {\"$ext\": [5, \"00ff\"]}        a value of the protocol's own: its type and its octets
  {\"$text\": \"ff\"}              text that is not UTF-8, in hexadecimal
  {\"$float\": \"nan\"}            nan, inf or -inf
  {\"$map\": [[1, \"one\"], …]}    pairs of a map whose keys are not all different texts, or begin with $

A number with a point or an exponent is a float, any other an integer of at most 64 bits.

The result is printed on standard output, indented, or compact with --json. A fault is printed on
standard error, or with --json as {\"fault\": VALUE} on standard output; an error with --json as
{\"error\": {\"kind\", \"cause\", \"delivery\", \"message\"}} and a \"code\" if there is one. The delivery
says what the call may have done: not-sent, maybe-executed or executed.

The protocol must be self-describing (see 'rmix providers'); others need a description of the
interface, which this version cannot read yet.

Exit codes:
  0  the result was printed, or the one-way call was sent
  1  the peer raised a fault
  2  usage: the command line, an argument, the endpoint or a provider is wrong; nothing was sent
  3  the link or the protocol failed
  4  the time was up

Environment:
  RMIX_PROVIDER_PATH  Directories to look for providers in, absolute and separated by colons
  RMIX_LOG            What to log, instead of -v

Examples:
  rmix call msgpack+tcp://127.0.0.1:7000 latest '\"Oslo\"'
  rmix call --timeout 500ms --json msgpack+unix:/run/station.sock mean '[1, 2.5, -4]'
  rmix call --oneway msgpack+tcp://[::1]:7000 report '{\"place\": \"Voss\", \"celsius\": 4.5, \"at\": -1}'
  rmix call 'pipe+exec:nvim --embed --headless -u NONE -n' nvim_eval '\"1 + 1\"'
  rmix call msgpack+tcp://127.0.0.1:7000 store '{\"$bytes\": \"00ff\"}' -- -5";

const BENCH: &str = "\
Calls the operation over one link, for a time or a number of calls, and prints the rate and a
histogram of latencies: least, 50th, 90th, 99th and 99.9th percentile, greatest. Three digits of a
latency are true. A fault is an answer and counts; an error is counted by its kind. After 100 errors
in a row the measurement is ended. With concurrency, all calls share one thread and one link. On a
terminal a progress bar is shown on standard error. Arguments are written as for 'rmix call'.

With --json one object: {\"endpoint\", \"method\", \"mode\", \"concurrency\", \"calls\", \"faults\", \"seconds\",
\"rate\", \"latency_ns\": {\"min\", \"p50\", \"p90\", \"p99\", \"p99.9\", \"max\", \"mean\"}, \"errors\":
[{\"kind\", \"cause\", \"count\", \"first\"}], \"ended_early\"}; latency_ns is null when no call was answered.

Exit codes:
  0  every call was answered without a fault
  1  some were answered with a fault, none failed
  2  usage: the command line, an argument, the endpoint or a provider is wrong; nothing was sent
  3  a call failed, because of the link or the protocol
  4  a call failed, because its time was up

Environment:
  RMIX_PROVIDER_PATH  Directories to look for providers in, absolute and separated by colons
  RMIX_LOG            What to log, instead of -v

Examples:
  rmix bench msgpack+tcp://127.0.0.1:7000 count
  rmix bench --calls 100000 --concurrency 64 msgpack+unix:/run/station.sock latest '\"Oslo\"'
  rmix bench --oneway --duration 2s --json msgpack+tcp://127.0.0.1:7000 report '{\"place\": \"Voss\"}'";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        CommandLine::command().debug_assert();
    }

    #[test]
    fn times_have_a_unit_and_are_neither_zero_nor_endless() {
        assert_eq!(time("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(time("1m30s"), Ok(Duration::from_secs(90)));
        assert_eq!(time("24h"), Ok(TIME_MAX));
        for wrong in ["5", "", "0s", "24h1s", "-1s", "fast"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_negative_number_is_an_argument() {
        let line = ["rmix", "call", "e:", "mean", "-1.5", "--json", "2"];
        let line = CommandLine::try_parse_from(line).unwrap();
        let Command::Call(call) = line.command else {
            panic!("another command");
        };
        assert!(call.json);
        assert_eq!(call.operation.arguments, ["-1.5", "2"]);
    }
}
