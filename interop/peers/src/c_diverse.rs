//! The C programs of `testdata/diverse.x`, an interface of every shape XDR and rpcgen know: a server
//! over TCP, UDP and a Unix stream socket with two versions of one program, and a client for each.
//! It builds and starts them, and does not know Sun RPC.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::c_build::{Program, Project};
use crate::client::run_client;
use crate::error::{BuildError, PeerError};
use crate::namespace::Namespace;
use crate::peer::Peer;
use crate::server::Server;

const PROJECT: Project = Project {
    name: "diverse",
    interface: concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/diverse.x"),
    programs: &[
        Program {
            name: "diverse_server",
            sources: &["diverse_server.c", "diverse_procedures.c", "serving.c"],
            generated: "_svc.c",
        },
        Program {
            name: "diverse_client",
            sources: &[
                "diverse_client.c",
                "diverse_operations.c",
                "diverse_values.c",
                "console.c",
            ],
            generated: "_clnt.c",
        },
    ],
    headers: &[
        "serving.h",
        "console.h",
        "diverse_operations.h",
        "diverse_values.h",
    ],
};

/// The path of the interface file, for importers and for calls by it.
pub fn diverse_interface() -> &'static Path {
    Path::new(PROJECT.interface)
}

/// The text of the interface file.
pub fn diverse_interface_text() -> &'static str {
    include_str!("../testdata/diverse.x")
}

/// What the client's `selftest` prints with a fresh server: an object of operation to result. With
/// `large`, as `selftest large` does, the results that fit no datagram are among them.
pub fn diverse_results(large: bool) -> Value {
    let mut results = serde_json::from_str(include_str!("../testdata/diverse-selftest.json"))
        .expect("the file is JSON");
    if large {
        let more: Value = serde_json::from_str(include_str!("../testdata/diverse-large.json"))
            .expect("the file is JSON");
        if let (Value::Object(results), Value::Object(more)) = (&mut results, more) {
            results.extend(more);
        }
    }
    results
}

/// Builds the C programs of the diverse interface in `out_dir`, unless they are there already and
/// not older than their sources.
///
/// # Errors
///
/// When packages are missing (the error carries the command that installs them), when the folder
/// cannot be used, or when rpcgen or the compiler fails.
///
/// # Blocking
///
/// For seconds; callers that share a folder wait for one another.
pub fn build_diverse(out_dir: &Path) -> Result<CDiverse, BuildError> {
    let status = Peer::CDiverse.status();
    if !status.is_present() {
        return Err(BuildError::Missing(status));
    }
    let folder = PROJECT.build(out_dir)?;
    Ok(CDiverse { folder })
}

/// The built C programs of the diverse interface.
#[derive(Clone, Debug)]
pub struct CDiverse {
    folder: PathBuf,
}

impl CDiverse {
    /// Starts the server on this host, without rpcbind unless the options say so.
    ///
    /// # Errors
    ///
    /// When it does not listen within a minute.
    pub fn start_server(&self, options: &DiverseOptions) -> Result<DiverseServer, PeerError> {
        DiverseServer::start(Command::new(self.server_program()), options)
    }

    /// Starts the server inside a namespace.
    ///
    /// # Errors
    ///
    /// When it does not listen within a minute.
    pub fn start_server_in(
        &self,
        namespace: &Namespace,
        options: &DiverseOptions,
    ) -> Result<DiverseServer, PeerError> {
        DiverseServer::start(namespace.command(self.server_program()), options)
    }

    /// Runs the client with `arguments`: options, transport and address, operation and its words.
    /// Returns the line of JSON it prints: `{"ok": …}`, or `{"failure": {"status": …, "text": …}}`
    /// with libtirpc's status of a call that failed. Run without arguments, the client says what
    /// there is.
    ///
    /// # Errors
    ///
    /// When it could not connect, was called wrongly, or took more than five minutes.
    pub fn client(&self, arguments: &[&str]) -> Result<Value, PeerError> {
        run_client(Command::new(self.client_program()).args(arguments))
    }

    /// Like `client`, inside a namespace.
    ///
    /// # Errors
    ///
    /// When it could not connect, was called wrongly, or took more than five minutes.
    pub fn client_in(&self, namespace: &Namespace, arguments: &[&str]) -> Result<Value, PeerError> {
        run_client(namespace.command(self.client_program()).args(arguments))
    }

    /// The path of the client, for those who run it otherwise.
    pub fn client_program(&self) -> PathBuf {
        self.folder.join("diverse_client")
    }

    /// The path of the server, for those who run it otherwise.
    pub fn server_program(&self) -> PathBuf {
        self.folder.join("diverse_server")
    }
}

/// How a server of the diverse interface is started. The default listens over TCP and UDP at
/// 127.0.0.1 and ports of the system's choice.
#[derive(Clone, Debug, Default)]
pub struct DiverseOptions {
    /// The numeric address to listen at; 127.0.0.1 without one. `::1` is IPv6.
    pub host: Option<String>,
    /// The TCP port; 0 is one of the system's choice.
    pub tcp_port: u16,
    /// The UDP port; 0 is one of the system's choice.
    pub udp_port: u16,
    /// The path of a Unix stream socket, which the system limits to 107 bytes. Must not exist.
    pub unix_path: Option<PathBuf>,
    /// Registers with the rpcbind of the host or namespace, and unregisters at a good end.
    pub rpcbind: bool,
    /// The entries of libtirpc's duplicate request cache for UDP; 0 is no cache.
    pub cache_entries: u32,
    /// The largest datagram in bytes; 0 is libtirpc's own limit of 8800.
    pub datagram_bytes: u16,
}

impl DiverseOptions {
    fn add_to(&self, command: &mut Command) {
        if let Some(host) = &self.host {
            command.args(["--host", host]);
        }
        command.args(["--tcp", &self.tcp_port.to_string()]);
        command.args(["--udp", &self.udp_port.to_string()]);
        command.args(["--cache", &self.cache_entries.to_string()]);
        command.args(["--datagram-bytes", &self.datagram_bytes.to_string()]);
        if let Some(path) = &self.unix_path {
            command.arg("--unix").arg(path);
        }
        if self.rpcbind {
            command.arg("--rpcbind");
        }
    }
}

/// A running server of the diverse interface. Killed on drop, which also removes its Unix socket's
/// file; it ends by itself when this process ends, since its standard input ends then.
#[derive(Debug)]
pub struct DiverseServer {
    server: Option<Server>,
    host: String,
    tcp_port: u16,
    udp_port: u16,
    unix_path: Option<PathBuf>,
}

impl DiverseServer {
    fn start(mut command: Command, options: &DiverseOptions) -> Result<Self, PeerError> {
        options.add_to(&mut command);
        let (server, ready) = Server::start(&mut command)?;
        let ports: Value = serde_json::from_str(&ready).unwrap_or_default();
        let port = |name: &str| ports[name].as_u64().and_then(|port| port.try_into().ok());
        let (Some(tcp_port), Some(udp_port)) = (port("tcp"), port("udp")) else {
            return Err(server.not_ready(Some(format!("READY {ready}"))));
        };
        Ok(Self {
            server: Some(server),
            host: options.host.clone().unwrap_or("127.0.0.1".into()),
            tcp_port,
            udp_port,
            unix_path: options.unix_path.clone(),
        })
    }

    /// The address it listens at.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port it listens on over TCP.
    pub fn tcp_port(&self) -> u16 {
        self.tcp_port
    }

    /// The port it listens on over UDP.
    pub fn udp_port(&self) -> u16 {
        self.udp_port
    }

    /// The path of its Unix socket, if it has one.
    pub fn unix_path(&self) -> Option<&Path> {
        self.unix_path.as_deref()
    }

    /// The client's words for a transport and where this server is: `tcp`, `udp`, or `unix`, which
    /// it must have been started with.
    ///
    /// # Panics
    ///
    /// When it knows no such transport, or listens at no Unix socket.
    pub fn target(&self, transport: &str) -> Vec<String> {
        let at_port = |port: u16| vec![transport.into(), self.host.clone(), port.to_string()];
        match (transport, &self.unix_path) {
            ("tcp", _) => at_port(self.tcp_port),
            ("udp", _) => at_port(self.udp_port),
            ("unix", Some(path)) => vec![transport.into(), path.to_string_lossy().into_owned()],
            _ => panic!("this server does not listen over {transport}"),
        }
    }

    /// The end of what the server wrote to its standard error so far.
    pub fn stderr(&self) -> String {
        self.server.as_ref().map_or(String::new(), Server::stderr)
    }

    /// Ends the server's standard input and waits until it has ended by itself.
    ///
    /// # Errors
    ///
    /// When it does not end within 20 seconds (it is killed then), or not with success.
    pub fn stop(mut self) -> Result<(), PeerError> {
        self.server.take().map_or(Ok(()), Server::stop)
    }
}

impl Drop for DiverseServer {
    fn drop(&mut self) {
        drop(self.server.take());
        if let Some(path) = &self.unix_path {
            // A server that ended by itself has removed it already.
            let _ = fs::remove_file(path);
        }
    }
}
