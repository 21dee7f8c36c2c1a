//! The command line and its help. Parses only; what the words mean is in the commands.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

use crate::help::{BENCH, CALL, DESCRIBE, EXPORT, GENERAL, IMPORT, PROVIDERS, SERVE};

/// Call and serve remote operations in the protocol of their endpoint, through providers loaded at run time.
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
    /// Answer remote calls from a script of responses
    #[command(after_long_help = SERVE)]
    Serve(Serve),
    /// Show the procedures, operations and types of an interface file or URL
    #[command(after_long_help = DESCRIBE)]
    Describe(Describe),
    /// Write Rust for an interface file or URL
    #[command(after_long_help = IMPORT)]
    Import(Import),
    /// Write an interface file in canonical form
    #[command(after_long_help = EXPORT)]
    Export(Export),
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

    /// Take procedures and types from this interface file (.x or .wsdl) or the WSDL at this URL: METHOD is one of its
    /// procedures or operations
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) idl: Option<PathBuf>,

    /// Of a WSDL where several interfaces have the operation: the one that is called
    #[arg(long, value_name = "NAME", requires = "idl")]
    pub(crate) interface: Option<String>,

    /// Claim this identity by AUTH_SYS: uid=N, gid=N, gids=N:N and machine=NAME, with commas between; what is left out is
    /// this process's
    #[arg(long, value_name = "FACTS", requires = "idl", value_parser = auth_sys)]
    pub(crate) auth_sys: Option<AuthSys>,

    #[command(flatten)]
    pub(crate) source: Source,

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

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// The interface file (.x or .wsdl), or the URL of a WSDL
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) idl: PathBuf,

    /// Of a WSDL with several interfaces: the one that is served
    #[arg(long, value_name = "NAME")]
    pub(crate) interface: Option<String>,

    /// The script: a JSON object of procedures or operations with their results
    #[arg(long, value_name = "FILE")]
    pub(crate) responses: PathBuf,

    /// End after so many calls; without it, when interrupted or terminated
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: Option<u64>,

    /// Print endpoints, calls and errors as one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,

    /// Look for providers in DIR first; may be given more than once
    #[arg(long = "providers", value_name = "DIR")]
    pub(crate) providers: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) source: Source,

    /// Where to listen; port 0 takes a free one
    #[arg(value_name = "ENDPOINT", required = true)]
    pub(crate) endpoints: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Describe {
    /// The interface file (.x), WSDL 1.1 (.wsdl) or XML Schema (.xsd), or the URL of one of the latter
    #[arg(value_name = "FILE|URL")]
    pub(crate) file: PathBuf,

    /// Of a WSDL with several interfaces: show this one, and the ports that have it
    #[arg(long, value_name = "NAME")]
    pub(crate) interface: Option<String>,

    /// Print one JSON object
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) source: Source,
}

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The interface file (.x), WSDL 1.1 (.wsdl) or XML Schema (.xsd), or the URL of one of the latter
    #[arg(value_name = "FILE|URL")]
    pub(crate) file: PathBuf,

    /// Write to FILE instead of standard output; nothing is written when the import fails
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// What strings become
    #[arg(long, value_name = "KIND", default_value = "text")]
    pub(crate) strings: Strings,

    /// Give enums a variant Other(i32) for values that the file does not name, which are refused otherwise
    #[arg(long)]
    pub(crate) open_enums: bool,

    /// Make this procedure one-way: its server never answers, as that of a batched call; may be given more than once
    #[arg(long, value_name = "PROCEDURE")]
    pub(crate) oneway: Vec<String>,

    /// Make this procedure idempotent: a call that may have been executed may be repeated; may be given more than once
    #[arg(long, value_name = "PROCEDURE")]
    pub(crate) idempotent: Vec<String>,

    /// Write all types of a WSDL's schemas, not only those that operations reach
    #[arg(long)]
    pub(crate) all_types: bool,

    /// Print errors as one JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) source: Source,
}

/// Reads `http://example.org/types.xsd=types.xsd`; a location may have the sign itself.
fn location(text: &str) -> Result<(String, PathBuf), String> {
    match text.rsplit_once('=') {
        Some((location, path)) if !location.is_empty() && !path.is_empty() => {
            Ok((location.to_owned(), PathBuf::from(path)))
        }
        _ => Err("it is a location, `=` and the path of a file".to_owned()),
    }
}

/// What generated strings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Strings {
    /// String: text of a peer that is not UTF-8 is refused
    Text,
    /// Vec<u8>: any bytes
    Octets,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// The interface file (.x)
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,

    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "x")]
    pub(crate) format: Format,

    /// For WSDL: the version of a program that is described, as StoreV1; needed where a file has several
    #[arg(long, value_name = "NAME")]
    pub(crate) interface: Option<String>,

    /// For WSDL: its target namespace [default: urn: and the interface's name]
    #[arg(long, value_name = "URI")]
    pub(crate) namespace: Option<String>,

    /// For WSDL: where SOAP 1.1 and 1.2 are spoken, http://HOST:PORT/PATH; without any there is no service
    #[arg(long, value_name = "URL")]
    pub(crate) address: Option<String>,

    /// Write to FILE instead of standard output; nothing is written when reading fails
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Print errors as one JSON object on standard output
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) source: Source,
}

/// What can be exported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The interface language of ONC RPC, for rpcgen
    X,
    /// WSDL 1.1 with schemas, for SOAP
    Wsdl,
}

/// Heading of the options of [`Source`].
const READING: &str = "Reading interface files and URLs";

/// How an interface file is read.
#[derive(Debug, Args, Default)]
pub(crate) struct Source {
    /// Look in DIR for what is included, after the folder of the including file; may be given more than once
    #[arg(help_heading = READING, short = 'I', long, value_name = "DIR")]
    pub(crate) include: Vec<PathBuf>,

    /// Define a symbol, as 1 or as this value; RPC_HDR is defined without
    #[arg(help_heading = READING, short = 'D', long, value_name = "NAME[=VALUE]", value_parser = symbol)]
    pub(crate) define: Vec<String>,

    /// Take the definition of a symbol back
    #[arg(help_heading = READING, short = 'U', long, value_name = "NAME")]
    pub(crate) undefine: Vec<String>,

    /// Read FILE first: it defines types that C programs get from a header
    #[arg(help_heading = READING, long, value_name = "FILE")]
    pub(crate) before: Vec<PathBuf>,

    /// Where the file is that a location of a WSDL or schema means, which is not fetched; may be given more than once
    #[arg(help_heading = READING, long, value_name = "LOCATION=FILE", value_parser = location)]
    pub(crate) schema: Vec<(String, PathBuf)>,

    /// Of a description at a URL: fetch what it imports as well, from the same scheme, host and port only
    #[arg(help_heading = READING, long)]
    pub(crate) follow: bool,

    /// Of a description at a URL: give up fetching after this time, all files together [default: 30s]
    #[arg(help_heading = READING, long, value_name = "TIME", value_parser = time)]
    pub(crate) fetch_timeout: Option<Duration>,

    /// Of a description at an https:// URL: believe servers by the certificates in this file (PEM), not by the system's
    #[arg(help_heading = READING, long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
}

impl Source {
    /// Options given that are for `.x` files.
    pub(crate) fn of_x(&self) -> bool {
        !self.define.is_empty() || !self.undefine.is_empty() || !self.before.is_empty()
    }

    /// Options given that are for descriptions at a URL.
    pub(crate) fn of_url(&self) -> bool {
        self.follow || self.fetch_timeout.is_some() || self.ca.is_some()
    }
}

/// An identity that calls claim, as options of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AuthSys(pub(crate) String);

/// Reads `uid=0,gid=0,gids=4:5,machine=lab`.
fn auth_sys(text: &str) -> Result<AuthSys, String> {
    let mut options = String::from("auth=sys");
    let mut seen = Vec::new();
    for fact in text.split(',') {
        let expected = "expected uid=N, gid=N, gids=N:N or machine=NAME";
        let Some((name, value)) = fact.split_once('=') else {
            return Err(format!("{expected}, found {fact:?}"));
        };
        if seen.contains(&name) {
            return Err(format!("{name} is given twice"));
        }
        seen.push(name);
        let number = |text: &str| match text.parse::<u32>() {
            Ok(number) => Ok(number.to_string()),
            Err(_) => Err(format!(
                "{name} is a number of at most 32 bits, not {text:?}"
            )),
        };
        let value = match name {
            "uid" | "gid" => number(value)?,
            "gids" => {
                let numbers = value.split(':').filter(|gid| !gid.is_empty()).map(number);
                numbers.collect::<Result<Vec<_>, _>>()?.join(",")
            }
            "machine" => percent_encoded(value),
            _ => return Err(format!("{expected}, found {fact:?}")),
        };
        options.push_str(&format!("&{name}={value}"));
    }
    Ok(AuthSys(options))
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for octet in text.bytes() {
        match octet {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(octet));
            }
            _ => encoded.push_str(&format!("%{octet:02X}")),
        }
    }
    encoded
}

/// A symbol to define: a name, and a value if there is one.
fn symbol(text: &str) -> Result<String, String> {
    let name = text.split('=').next().unwrap_or_default();
    let is_first = |c: char| c.is_ascii_alphabetic() || c == '_';
    let is_other = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.starts_with(is_first) && name.chars().all(is_other) {
        return Ok(text.to_owned());
    }
    Err("a symbol is a letter or underscore, then letters, digits and underscores".to_owned())
}

/// Whom to call.
#[derive(Debug, Args)]
pub(crate) struct Peer {
    /// Look for providers in DIR first; may be given more than once
    #[arg(long = "providers", value_name = "DIR")]
    pub(crate) providers: Vec<PathBuf>,

    /// The endpoint: protocol and transport, then the address, as soap+http://HOST:PORT/PATH (schemes: see 'rmix providers');
    /// or the text of a reference (rmix:…)
    #[arg(value_name = "ENDPOINT")]
    pub(crate) endpoint: String,
}

/// What to call.
#[derive(Debug, Args)]
pub(crate) struct Operation {
    /// The operation's name, or with a .x file its number
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
    fn identities_become_options() {
        let read = |text| auth_sys(text).map(|AuthSys(options)| options);
        assert_eq!(
            read("uid=0,gid=7,gids=4:5,machine=my lab").as_deref(),
            Ok("auth=sys&uid=0&gid=7&gids=4,5&machine=my%20lab")
        );
        assert_eq!(read("gids=").as_deref(), Ok("auth=sys&gids="));
        for wrong in [
            "",
            "uid",
            "uid=x",
            "uid=4294967296",
            "uid=1,uid=2",
            "name=x",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn symbols_have_names_of_c() {
        for right in ["A", "_a1=2", "A="] {
            assert_eq!(symbol(right).as_deref(), Ok(right));
        }
        for wrong in ["", "1A", "=1", "A-B"] {
            assert!(symbol(wrong).is_err(), "{wrong}");
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
