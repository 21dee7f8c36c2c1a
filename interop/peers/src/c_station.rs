//! The C station: rpcgen and the C compiler turn the sources under `c/` into a Sun RPC server and
//! client on libtirpc. It builds and starts them, and neither knows Sun RPC nor asks a portmapper.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::client::run_client;
use crate::error::{BuildError, PeerError};
use crate::folder;
use crate::peer::Peer;
use crate::process;
use crate::server::RunningServer;

const TOOL_LIMIT: Duration = Duration::from_secs(300);

const SOURCE_FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/c");
const SOURCES: [&str; 3] = ["station.x", "station_server.c", "station_client.c"];

/// What rpcgen makes of station.x: its option, and the file. Its own name for the file would
/// carry the folder of the input, so it works on a copy beside its outputs.
const GENERATED: [(&str, &str); 4] = [
    ("-h", "station.h"),
    ("-c", "station_xdr.c"),
    ("-l", "station_clnt.c"),
    ("-m", "station_svc.c"),
];

/// Our own sources compile without a warning; rpcgen's outputs do not, and are not ours.
const OWN_WARNINGS: &[&str] = &["-Wall", "-Wextra", "-Werror"];
const NO_WARNINGS: &[&str] = &["-w"];

/// A program, its own source, and the generated source only it needs.
const PROGRAMS: [(&str, &str, &str); 2] = [
    ("station_server", "station_server.c", "station_svc.c"),
    ("station_client", "station_client.c", "station_clnt.c"),
];

/// Builds the C station in `out_dir`, unless it is there already and not older than its sources.
///
/// # Errors
///
/// When packages are missing (the error carries the command that installs them), when the folder
/// cannot be used, or when rpcgen or the compiler fails.
///
/// # Blocking
///
/// For seconds; callers that share a folder wait for one another.
pub fn build_c(out_dir: &Path) -> Result<CStation, BuildError> {
    let status = Peer::CStation.status();
    if !status.is_present() {
        return Err(BuildError::Missing(status));
    }
    let _lock = folder::lock(out_dir)?;
    let folder = fs::canonicalize(out_dir).map_err(BuildError::folder(out_dir))?;
    let recipe_file = folder.join("recipe");
    if !is_fresh(&folder, &recipe_file) {
        // Without a recipe nothing is fresh: half a build is none.
        folder::remove_if_there(&recipe_file)?;
        generate(&folder)?;
        for (_, file) in GENERATED.iter().skip(1) {
            compile(&folder, &folder.join(file), NO_WARNINGS)?;
        }
        for (program, own, generated) in PROGRAMS {
            compile(&folder, &Path::new(SOURCE_FOLDER).join(own), OWN_WARNINGS)?;
            link(&folder, program, &[own, generated, "station_xdr.c"])?;
        }
        fs::write(&recipe_file, recipe()).map_err(BuildError::folder(&recipe_file))?;
    }
    Ok(CStation { folder })
}

/// The built C programs.
#[derive(Clone, Debug)]
pub struct CStation {
    folder: PathBuf,
}

impl CStation {
    /// Starts the server on a free port of 127.0.0.1, without a portmapper.
    ///
    /// # Errors
    ///
    /// When it does not listen within a minute.
    pub fn start_server(&self) -> Result<RunningServer, PeerError> {
        RunningServer::start(&mut self.server_command())
    }

    /// Starts a server whose `latest` always answers with the fault Offline.
    ///
    /// # Errors
    ///
    /// When it does not listen within a minute.
    pub fn start_offline_server(&self) -> Result<RunningServer, PeerError> {
        RunningServer::start(self.server_command().arg("--offline"))
    }

    /// Runs the client with `arguments`: host, port, operation and the operation's own. Returns the
    /// line of JSON it prints: `{"ok": …}`, `{"error": …}` for a declared fault, or
    /// `{"failure": {"status": …, "text": …}}` with libtirpc's status of a call that failed.
    ///
    /// # Errors
    ///
    /// When it could not connect, was called wrongly, or took more than five minutes.
    pub fn client(&self, arguments: &[&str]) -> Result<Value, PeerError> {
        run_client(Command::new(self.client_program()).args(arguments))
    }

    /// The path of the client, for those who run it otherwise.
    pub fn client_program(&self) -> PathBuf {
        self.folder.join("station_client")
    }

    fn server_command(&self) -> Command {
        Command::new(self.folder.join("station_server"))
    }
}

/// What, beside the sources' contents, decides what is built.
fn recipe() -> String {
    format!("{SOURCE_FOLDER}\n{GENERATED:?}\n{PROGRAMS:?}\n{OWN_WARNINGS:?}\n")
}

fn is_fresh(folder: &Path, recipe_file: &Path) -> bool {
    if fs::read_to_string(recipe_file).is_ok_and(|text| text == recipe()) {
        let programs = PROGRAMS.map(|(program, ..)| modified(&folder.join(program)));
        let sources = SOURCES.map(|source| modified(&Path::new(SOURCE_FOLDER).join(source)));
        let oldest = programs.into_iter().collect::<io::Result<Vec<_>>>();
        let newest = sources.into_iter().collect::<io::Result<Vec<_>>>();
        if let (Ok(programs), Ok(sources)) = (oldest, newest) {
            return programs.iter().min() > sources.iter().max();
        }
    }
    false
}

fn modified(file: &Path) -> io::Result<SystemTime> {
    file.metadata()?.modified()
}

fn generate(folder: &Path) -> Result<(), BuildError> {
    let input = folder.join("station.x");
    fs::copy(Path::new(SOURCE_FOLDER).join("station.x"), &input)
        .map_err(BuildError::folder(&input))?;
    for (option, output) in GENERATED {
        // rpcgen does not overwrite.
        folder::remove_if_there(&folder.join(output))?;
        let mut rpcgen = Command::new("rpcgen");
        rpcgen
            .current_dir(folder)
            .args(["-N", option, "-o", output, "station.x"]);
        process::run(&mut rpcgen, TOOL_LIMIT, &mut |_line| {})?;
    }
    Ok(())
}

fn compile(folder: &Path, source: &Path, warnings: &[&str]) -> Result<(), BuildError> {
    let object = object_name(source);
    let mut compiler = Command::new("cc");
    compiler
        .current_dir(folder)
        .args(["-std=gnu11", "-O2", "-I.", "-I/usr/include/tirpc"])
        .args(warnings)
        .args(["-c", "-o", &object])
        .arg(source);
    process::run(&mut compiler, TOOL_LIMIT, &mut |_line| {})?;
    Ok(())
}

fn link(folder: &Path, program: &str, sources: &[&str]) -> Result<(), BuildError> {
    let fresh = format!("{program}.new");
    let mut linker = Command::new("cc");
    linker
        .current_dir(folder)
        .args(["-o", &fresh])
        .args(sources.iter().map(|source| object_name(Path::new(source))))
        .arg("-ltirpc");
    process::run(&mut linker, TOOL_LIMIT, &mut |_line| {})?;
    // The old program may be running: it is replaced, not written to.
    let target = folder.join(program);
    fs::rename(folder.join(fresh), &target).map_err(BuildError::folder(target))
}

fn object_name(source: &Path) -> String {
    let stem = source.file_stem().unwrap_or_default();
    format!("{}.o", stem.to_string_lossy())
}
