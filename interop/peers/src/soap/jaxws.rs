//! JAX-WS RI on a JDK, by the programs under `soap/jaxws`: wsimport turns the contract into Java, for
//! the server's endpoints as for the client.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cases::Service;
use super::client::{SoapClient, none_of};
use super::recipe;
use super::server::SoapServer;
use crate::error::{BuildError, PeerError};
use crate::peer::Peer;

/// Where Debian puts the libraries; the first one's manifest names those it needs.
const LIBRARIES: &str = "/usr/share/java/jaxws-rt.jar:/usr/share/java/javax.activation.jar";
const WSIMPORT: &str = "/usr/share/jaxws/bin/wsimport.sh";

const DESCRIPTIONS: [&str; 2] = ["contract.wsdl", "rpc.wsdl"];
const SCHEMAS: [&str; 2] = ["contract.xsd", "types.xsd"];
const PROGRAMS: [&str; 15] = [
    "jaxws/Contract11.java",
    "jaxws/Contract12.java",
    "jaxws/ContractBase.java",
    "jaxws/ContractClient.java",
    "jaxws/Cases.java",
    "jaxws/Memory.java",
    "jaxws/PeerServer.java",
    "jaxws/Places.java",
    "jaxws/Readings.java",
    "jaxws/RpcAddressed.java",
    "jaxws/RpcClient.java",
    "jaxws/RpcEndpoint.java",
    "jaxws/RpcGuarded.java",
    "jaxws/Security.java",
    "jaxws/logging.properties",
];

/// What of them the client of the contract needs.
const CLIENT: [&str; 4] = [
    "jaxws/ContractClient.java",
    "jaxws/Cases.java",
    "jaxws/Readings.java",
    "jaxws/logging.properties",
];

/// The built Java programs.
#[derive(Clone, Debug)]
pub struct JaxWs {
    classes: PathBuf,
}

impl JaxWs {
    /// Builds the programs in `folder`, unless they are there already.
    ///
    /// # Errors
    ///
    /// When packages are missing (the error carries the command that installs them), when the folder
    /// cannot be used, or when wsimport or the compiler fails.
    ///
    /// # Blocking
    ///
    /// For many seconds the first time; callers that share a folder wait for one another.
    pub fn prepare(folder: &Path) -> Result<Self, BuildError> {
        Self::build(
            folder,
            &DESCRIPTIONS,
            &[&SCHEMAS[..], &PROGRAMS[..]].concat(),
        )
    }

    /// Builds in `folder` what wsimport makes of these descriptions and these sources.
    pub(super) fn build(
        folder: &Path,
        descriptions: &[&str],
        others: &[&str],
    ) -> Result<Self, BuildError> {
        Peer::JaxWs.require_to_build()?;
        let sources = [descriptions, others].concat();
        let built = recipe::prepare(folder, &sources, |built| {
            for description in descriptions {
                wsimport(built, &recipe::source(description), description)?;
            }
            compile(built, &sources)
        })?;
        let classes = built.join("classes");
        Ok(Self { classes })
    }

    /// Builds the client of the contract in `folder`, which is empty, of another description of the
    /// contract, such as one that RMIX writes. It has no server and no other client, and reads a
    /// description at run time: its target must not say `-`.
    ///
    /// # Errors
    ///
    /// When packages are missing, when the folder cannot be used, or when wsimport refuses the
    /// description or the compiler what it makes of it.
    ///
    /// # Blocking
    ///
    /// For many seconds.
    pub fn described_by(description: &Path, folder: &Path) -> Result<Self, BuildError> {
        Peer::JaxWs.require_to_build()?;
        wsimport(folder, description, "description.wsdl")?;
        compile(folder, &CLIENT)?;
        let classes = folder.join("classes");
        Ok(Self { classes })
    }

    /// Lets wsimport read a description, and compiles in `folder`, which is empty, what it makes of it.
    ///
    /// # Errors
    ///
    /// As [`JaxWs::described_by`].
    pub fn accept(description: &Path, folder: &Path) -> Result<(), BuildError> {
        Peer::JaxWs.require_to_build()?;
        wsimport(folder, description, "description.wsdl")?;
        compile(folder, &[])
    }

    /// Starts the server: `contract`, `contract12` and `rpc`, and of the latter `addressed`, which
    /// requires WS-Addressing, and `guarded`, which requires a user name token.
    ///
    /// # Errors
    ///
    /// When it does not serve within a minute.
    ///
    /// # Blocking
    ///
    /// For seconds: a JVM is slow to start.
    pub fn start_server(&self) -> Result<SoapServer, PeerError> {
        SoapServer::start(self.java().arg("PeerServer"))
    }

    /// Runs a class.
    pub(super) fn java(&self) -> Command {
        let logging = self.classes.join("logging.properties");
        let logging = logging.to_string_lossy();
        let mut command = Command::new("java");
        command
            // Half the start of a short program is the compiler of the long ones.
            .args(["-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8"])
            // The JDK's server writes an answer in two pieces; the second would wait for the first one's
            // acknowledgement, which the caller's system delays by 40 ms.
            .arg("-Dsun.net.httpserver.nodelay=true")
            .arg(format!("-Djava.util.logging.config.file={logging}"))
            .args(["-cp", &class_path(&self.classes)]);
        command
    }
}

impl SoapClient for JaxWs {
    fn name(&self) -> &'static str {
        "jaxws"
    }

    fn cannot(&self, service: Service) -> Vec<(&'static str, &'static str)> {
        match service {
            Service::Contract | Service::Rpc => Vec::new(),
            Service::Encoded => none_of(service, "wsimport refuses use encoded"),
        }
    }

    fn command(&self, service: Service) -> Command {
        let mut command = self.java();
        command.arg(match service {
            Service::Contract => "ContractClient",
            Service::Rpc | Service::Encoded => "RpcClient",
        });
        command
    }
}

fn class_path(classes: &Path) -> String {
    format!("{LIBRARIES}:{}", classes.display())
}

/// Writes Java for a description into `java`; what is compiled of it looks for the description under
/// `name` among its classes.
fn wsimport(built: &Path, description: &Path, name: &str) -> Result<(), BuildError> {
    let java = built.join("java");
    fs::create_dir_all(&java).map_err(BuildError::folder(&java))?;
    let mut wsimport = Command::new("sh");
    wsimport
        .env_remove("JAVA_TOOL_OPTIONS")
        // -extension lets it write SOAP 1.2; the headers' parts are in messages of their own.
        .args([WSIMPORT, "-quiet", "-extension", "-XadditionalHeaders"])
        .args(["-Xnocompile", "-wsdllocation", &format!("/{name}")])
        .args(["-s", "java"])
        .arg(description);
    recipe::tool(built, &mut wsimport)
}

/// Compiles what wsimport has written, and these sources.
fn compile(built: &Path, sources: &[&str]) -> Result<(), BuildError> {
    let [java, classes] = ["java", "classes"].map(|name| built.join(name));
    fs::create_dir_all(&classes).map_err(BuildError::folder(&classes))?;
    let (ours, resources): (Vec<&str>, Vec<&str>) =
        sources.iter().partition(|name| name.ends_with(".java"));
    recipe::copy(&ours, &java)?;
    recipe::copy(&resources, &classes)?;
    let mut javac = Command::new("javac");
    javac
        .args(["-encoding", "UTF-8", "-nowarn", "-d", "classes"])
        .args(["-cp", &class_path(&classes)]);
    // All by name: what says that elements are qualified is a file nothing refers to.
    javac.args(java_files(&java)?);
    recipe::tool(built, &mut javac)
}

fn java_files(folder: &Path) -> Result<Vec<PathBuf>, BuildError> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(BuildError::folder(folder))? {
        let path = entry.map_err(BuildError::folder(folder))?.path();
        if path.is_dir() {
            files.extend(java_files(&path)?);
        } else if path.extension().is_some_and(|ending| ending == "java") {
            files.push(path);
        }
    }
    Ok(files)
}
