//! The list of peers, what each needs from the system, and whether that is there. It looks for
//! programs and files rather than packages, so that any way of installing them counts; it
//! installs nothing.

use std::env;
use std::fmt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::error::{BuildError, PeerError};
use crate::process;

const PROBE_LIMIT: Duration = Duration::from_secs(60);

/// Whether each peer is there, and what it is missing; one entry per peer.
pub fn status() -> Vec<PeerStatus> {
    Peer::ALL.into_iter().map(Peer::status).collect()
}

/// A foreign program, or a family of them, that RMIX talks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Peer {
    /// The C programs on libtirpc and rpcgen: Sun RPC over TCP, client and server.
    CStation,
    /// The Python programs on aio-msgpack-rpc: MessagePack-RPC over TCP and Unix sockets, client
    /// and server.
    PythonStation,
    /// Neovim: MessagePack-RPC over its standard input and output, with calls in both directions.
    Neovim,
    /// The C programs of the diverse interface on libtirpc and rpcgen: Sun RPC over TCP, UDP and
    /// Unix sockets, client and server.
    CDiverse,
    /// The system's rpcbind and rpcinfo, in a namespace.
    Rpcbind,
    /// The system's rpc.rstatd and rpc.rusersd, with `rup` and `rusers`.
    StatusDaemons,
    /// nfs-ganesha: an NFS server.
    Ganesha,
    /// libnfs's programs: an NFS client.
    Libnfs,
    /// tshark, which reads captures.
    Tshark,
    /// xdrlib3, which knows XDR's bytes.
    XdrOracle,
    /// JAX-WS RI on a JDK: SOAP, server and client.
    JaxWs,
    /// gSOAP: SOAP in C, server and client.
    Gsoap,
    /// PHP's SOAP extension: server and client.
    PhpSoap,
    /// zeep: SOAP in Python, client.
    Zeep,
    /// The package soap on Node: server and client.
    NodeSoap,
    /// SOAP::Lite: SOAP in Perl, server and client.
    SoapLite,
    /// Mono: C#, with clients of SOAP made by its program wsdl.
    Mono,
    /// xmllint, which validates documents by schemas.
    Xmllint,
    /// curl and openssl, which speak HTTP and TLS.
    HttpTools,
    /// etcd, and the compiler of the descriptions that its clients are built from.
    Etcd,
}

impl Peer {
    /// All peers.
    pub const ALL: [Self; 20] = [
        Self::CStation,
        Self::PythonStation,
        Self::Neovim,
        Self::CDiverse,
        Self::Rpcbind,
        Self::StatusDaemons,
        Self::Ganesha,
        Self::Libnfs,
        Self::Tshark,
        Self::XdrOracle,
        Self::JaxWs,
        Self::Gsoap,
        Self::PhpSoap,
        Self::Zeep,
        Self::NodeSoap,
        Self::SoapLite,
        Self::Mono,
        Self::Xmllint,
        Self::HttpTools,
        Self::Etcd,
    ];

    /// The peer's name in lists and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::CStation => "c-station",
            Self::PythonStation => "python-station",
            Self::Neovim => "neovim",
            Self::CDiverse => "c-diverse",
            Self::Rpcbind => "rpcbind",
            Self::StatusDaemons => "status-daemons",
            Self::Ganesha => "ganesha",
            Self::Libnfs => "libnfs",
            Self::Tshark => "tshark",
            Self::XdrOracle => "xdr-oracle",
            Self::JaxWs => "jaxws",
            Self::Gsoap => "gsoap",
            Self::PhpSoap => "php-soap",
            Self::Zeep => "zeep",
            Self::NodeSoap => "node-soap",
            Self::SoapLite => "soap-lite",
            Self::Mono => "mono",
            Self::Xmllint => "xmllint",
            Self::HttpTools => "http-tools",
            Self::Etcd => "etcd",
        }
    }

    /// The Debian packages it needs.
    pub fn apt_packages(self) -> Vec<&'static str> {
        self.needs().iter().map(|need| need.package).collect()
    }

    /// The Python packages it needs, which are installed when it is prepared.
    pub fn pip_packages(self) -> Vec<&'static str> {
        match self {
            Self::PythonStation => include_str!("../python/requirements.txt").lines().collect(),
            Self::XdrOracle => include_str!("../python/requirements-xdr.txt")
                .lines()
                .collect(),
            Self::Zeep => include_str!("../soap/zeep/requirements.txt")
                .lines()
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Looks for what it needs.
    ///
    /// # Blocking
    ///
    /// Reads the file system; for Python, runs the interpreter once.
    pub fn status(self) -> PeerStatus {
        let needs = self.needs();
        let absent = needs.iter().filter(|need| !need.probe.is_there());
        PeerStatus {
            peer: self,
            missing_packages: absent.map(|need| need.package).collect(),
        }
    }

    /// An error when something it needs is not there.
    pub(crate) fn require(self) -> Result<(), PeerError> {
        let status = self.status();
        if status.is_present() {
            return Ok(());
        }
        Err(PeerError::Missing(status))
    }

    /// The same for those that build.
    pub(crate) fn require_to_build(self) -> Result<(), BuildError> {
        let status = self.status();
        if status.is_present() {
            return Ok(());
        }
        Err(BuildError::Missing(status))
    }

    fn needs(self) -> Vec<Need> {
        match self {
            Self::CStation | Self::CDiverse => vec![
                Need::new("gcc", Probe::Program("cc")),
                Need::new("libc6-dev", Probe::File("/usr/include/stdio.h")),
                Need::new("libtirpc-dev", Probe::File("/usr/include/tirpc/rpc/rpc.h")),
                Need::new("rpcsvc-proto", Probe::Program("rpcgen")),
            ],
            Self::PythonStation | Self::XdrOracle | Self::Zeep => vec![
                Need::new("python3", Probe::Program("python3")),
                Need::new("python3-venv", Probe::PythonCanInstall),
            ],
            Self::Neovim => vec![Need::new("neovim", Probe::Program("nvim"))],
            Self::Rpcbind => vec![
                Need::new("rpcbind", Probe::Program("rpcbind")),
                Need::new("iproute2", Probe::Program("ip")),
                Need::new("util-linux", Probe::Program("nsenter")),
            ],
            Self::StatusDaemons => vec![
                Need::new("rstatd", Probe::Program("rpc.rstatd")),
                Need::new("rusersd", Probe::Program("rpc.rusersd")),
                Need::new("rstat-client", Probe::Program("rup")),
                Need::new("rusers", Probe::Program("rusers")),
            ],
            Self::Ganesha => vec![
                Need::new("nfs-ganesha", Probe::Program("ganesha.nfsd")),
                Need::new("nfs-ganesha-vfs", Probe::GaneshaPlugIn("libfsalvfs.so")),
            ],
            Self::Libnfs => vec![Need::new("libnfs-utils", Probe::Program("nfs-ls"))],
            Self::Tshark => vec![Need::new("tshark", Probe::Program("tshark"))],
            Self::Etcd => vec![
                Need::new("etcd-server", Probe::Program("etcd")),
                Need::new("util-linux", Probe::Program("setpriv")),
                Need::new("protobuf-compiler", Probe::Program("protoc")),
                Need::new(
                    "libprotobuf-dev",
                    Probe::File("/usr/include/google/protobuf/descriptor.proto"),
                ),
            ],
            _ => self.needs_for_soap(),
        }
    }
}

impl Peer {
    fn needs_for_soap(self) -> Vec<Need> {
        match self {
            Self::JaxWs => vec![
                Need::new("openjdk-17-jdk-headless", Probe::Program("javac")),
                Need::new("jaxws", Probe::File("/usr/share/jaxws/bin/wsimport.sh")),
                Need::new("libjaxws-java", Probe::File("/usr/share/java/jaxws-rt.jar")),
                Need::new(
                    "libactivation-java",
                    Probe::File("/usr/share/java/javax.activation.jar"),
                ),
            ],
            Self::Gsoap => vec![
                Need::new("gsoap", Probe::Program("soapcpp2")),
                Need::new("libgsoap-dev", Probe::File("/usr/include/stdsoap2.h")),
                Need::new("gcc", Probe::Program("cc")),
                Need::new("libc6-dev", Probe::File("/usr/include/stdio.h")),
                Need::new("libssl-dev", Probe::File("/usr/include/openssl/evp.h")),
            ],
            Self::PhpSoap => vec![
                Need::new("php-cli", Probe::Program("php")),
                Need::new("php-soap", Probe::PhpHasSoap),
                Need::new("util-linux", Probe::Program("setpriv")),
            ],
            Self::NodeSoap => vec![
                Need::new("nodejs", Probe::Program("node")),
                Need::new("npm", Probe::Program("npm")),
            ],
            Self::SoapLite => vec![
                Need::new("perl", Probe::Program("perl")),
                Need::new(
                    "libsoap-lite-perl",
                    Probe::File("/usr/share/perl5/SOAP/Lite.pm"),
                ),
            ],
            Self::Mono => vec![
                Need::new("mono-mcs", Probe::Program("mcs")),
                Need::new("mono-devel", Probe::File("/usr/bin/wsdl")),
            ],
            Self::Xmllint => vec![Need::new("libxml2-utils", Probe::Program("xmllint"))],
            Self::HttpTools => vec![
                Need::new("curl", Probe::Program("curl")),
                Need::new("openssl", Probe::Program("openssl")),
            ],
            _ => Vec::new(),
        }
    }
}

/// Whether a peer is there. Its text names what is missing and the command that installs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerStatus {
    peer: Peer,
    missing_packages: Vec<&'static str>,
}

impl PeerStatus {
    /// The peer in question.
    pub fn peer(&self) -> Peer {
        self.peer
    }

    /// True when nothing is missing.
    pub fn is_present(&self) -> bool {
        self.missing_packages.is_empty()
    }

    /// The Debian packages that are missing.
    pub fn missing_packages(&self) -> &[&'static str] {
        &self.missing_packages
    }

    /// The command that installs what is missing; nothing when nothing is.
    pub fn install_command(&self) -> Option<String> {
        (!self.is_present()).then(|| install_command(&self.missing_packages))
    }
}

impl fmt::Display for PeerStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.peer.name();
        match self.install_command() {
            None => write!(formatter, "{name} is present"),
            Some(command) => write!(
                formatter,
                "{name} is missing {}, install with: {command}",
                self.missing_packages.join(", ")
            ),
        }
    }
}

/// The command line that installs `packages` on Debian.
pub(crate) fn install_command(packages: &[&str]) -> String {
    let packages = packages.join(" ");
    format!("apt-get update && apt-get install -y --no-install-recommends {packages}")
}

/// True when `name` is an executable file in one of the folders of PATH.
pub(crate) fn program_is_there(name: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| {
        folder
            .join(name)
            .metadata()
            .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    })
}

/// Something a peer needs, with the package it comes from and the way to see that it is there.
struct Need {
    package: &'static str,
    probe: Probe,
}

impl Need {
    fn new(package: &'static str, probe: Probe) -> Self {
        Self { package, probe }
    }
}

enum Probe {
    Program(&'static str),
    File(&'static str),
    /// A plug-in of nfs-ganesha; its folder is named after the machine.
    GaneshaPlugIn(&'static str),
    /// Python can make a virtual environment with pip in it, or has a pip of its own.
    PythonCanInstall,
    /// PHP has its SOAP extension.
    PhpHasSoap,
}

impl Probe {
    fn is_there(&self) -> bool {
        match self {
            Self::Program(name) => program_is_there(name),
            Self::File(path) => Path::new(path).exists(),
            Self::GaneshaPlugIn(name) => {
                let machine = format!("/usr/lib/{}-linux-gnu/ganesha", env::consts::ARCH);
                let folders = [machine.as_str(), "/usr/lib/ganesha", "/usr/lib64/ganesha"];
                folders
                    .iter()
                    .any(|folder| Path::new(folder).join(name).exists())
            }
            Self::PhpHasSoap => {
                let code = "exit(extension_loaded('soap') ? 0 : 1);";
                let mut php = Command::new("php");
                process::run(php.args(["-r", code]), PROBE_LIMIT, &mut |_line| {}).is_ok()
            }
            Self::PythonCanInstall => {
                let code = "try:\n import ensurepip, venv\nexcept ImportError:\n import pip";
                let mut python = Command::new("python3");
                process::run(python.args(["-c", code]), PROBE_LIMIT, &mut |_line| {}).is_ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_package_is_named_with_the_exact_command() {
        let status = PeerStatus {
            peer: Peer::CStation,
            missing_packages: vec!["libtirpc-dev", "rpcsvc-proto"],
        };
        assert!(!status.is_present());
        assert_eq!(
            status.to_string(),
            "c-station is missing libtirpc-dev, rpcsvc-proto, install with: apt-get update && \
             apt-get install -y --no-install-recommends libtirpc-dev rpcsvc-proto"
        );
    }

    #[test]
    fn a_present_peer_has_no_install_command() {
        let status = PeerStatus {
            peer: Peer::Neovim,
            missing_packages: Vec::new(),
        };
        assert_eq!(status.install_command(), None);
        assert_eq!(status.to_string(), "neovim is present");
    }

    #[test]
    fn an_absent_program_is_seen_as_absent() {
        assert!(program_is_there("sh"));
        assert!(!program_is_there("no-such-program-of-the-peers"));
    }
}
