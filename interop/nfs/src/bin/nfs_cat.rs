//! `nfs_cat URL`: writes a file of an NFS server to standard output.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};
use rmix::{Cause, ErrorKind, Runtime};
use rmix_nfs::client::{Claim, Mount, NfsError, NfsUrl, Server, Transport, exports};
use rmix_nfs::runtime;

/// Writes a file of an NFS version 3 server to standard output.
#[derive(Parser)]
#[command(
    name = "nfs_cat",
    version,
    after_help = "\
Without ports, the server's rpcbind is asked for them. `?`, `%` and what a shell would change may stand as %XX.

Exit codes: 0 done; 1 the server refused; 2 the command line, the URL or an endpoint is wrong;
3 the server was not reached, or broke the protocol, or this machine failed; 4 the deadline passed."
)]
struct Options {
    #[arg(help = "nfs://HOST[:PORT]/export/path/to/file[?nfsport=PORT&mountport=PORT]")]
    url: OsString,
    /// List a directory instead.
    #[arg(long, conflicts_with = "exports")]
    list: bool,
    /// List what the server exports, and to whom.
    #[arg(long)]
    exports: bool,
    /// Call by datagrams (UDP).
    #[arg(long)]
    udp: bool,
    /// Claim to be this user, by number; by default the one who runs this.
    #[arg(long)]
    uid: Option<u32>,
    /// Claim to be of this group, by number.
    #[arg(long)]
    gid: Option<u32>,
    /// READs that are under way together.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    reads: u16,
    /// Seconds that each call may take.
    #[arg(long, default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    match run(&options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("nfs_cat: {failure}");
            ExitCode::from(exit_code(&failure))
        }
    }
}

async fn run(options: &Options) -> Result<(), NfsError> {
    let url = NfsUrl::parse(options.url.as_bytes())?;
    let mut server = Server::of(&url);
    server.claim = Claim {
        uid: options.uid,
        gid: options.gid,
    };
    server.timeout = Duration::from_secs(options.timeout);
    if options.udp {
        server.transport = Transport::Udp;
    }
    let rmix = runtime()?;
    if options.exports {
        return show_exports(&rmix, &server).await;
    }
    let (mount, path) = Mount::of_path(&rmix, &server, &url.path).await?;
    if options.list {
        return show_list(&mount, &path).await;
    }
    let file = mount.find(&path).await?;
    let progress = progress(file.attributes.size);
    let mut output = io::stdout().lock();
    let together = usize::from(options.reads);
    let read = mount.read(&file, together, |piece| {
        progress.inc(piece.len() as u64);
        output.write_all(piece)
    });
    read.await?;
    progress.finish_and_clear();
    output.flush().map_err(NfsError::Output)
}

/// On standard error, when that is a terminal.
fn progress(size: u64) -> ProgressBar {
    let style = "{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {eta}";
    let bar = ProgressBar::new(size);
    match ProgressStyle::with_template(style) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

async fn show_exports(rmix: &Runtime, server: &Server) -> Result<(), NfsError> {
    let mut lines = Vec::new();
    for export in exports(rmix, server).await? {
        let mut line = export.path;
        for group in export.groups {
            line.push(b' ');
            line.extend(group);
        }
        lines.push(line);
    }
    show(&lines)
}

async fn show_list(mount: &Mount, path: &[u8]) -> Result<(), NfsError> {
    let directory = mount.find(path).await?;
    let mut entries = mount.list(&directory).await?;
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    let lines: Vec<_> = entries.iter().map(|entry| entry.line()).collect();
    show(&lines)
}

/// Names are octets. A terminal is not given those it would obey.
fn show(lines: &[Vec<u8>]) -> Result<(), NfsError> {
    let mut output = io::stdout().lock();
    let is_terminal = output.is_terminal();
    let mut all = Vec::new();
    for line in lines {
        let shown = line.iter().map(|octet| match octet {
            0..=31 | 127 if is_terminal => b'?',
            octet => *octet,
        });
        all.extend(shown);
        all.push(b'\n');
    }
    output.write_all(&all).map_err(NfsError::Output)
}

fn exit_code(failure: &NfsError) -> u8 {
    match failure {
        NfsError::Refused { .. } => 1,
        NfsError::Url(_) => 2,
        NfsError::Call(error) if error.cause() == Cause::Timeout => 4,
        NfsError::Call(error) if error.cause() == Cause::Endpoint => 2,
        NfsError::Call(error) if error.kind() == ErrorKind::Denied => 1,
        _ => 3,
    }
}
