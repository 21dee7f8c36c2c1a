//! gSOAP, by the C programs under `soap/gsoap`: wsdl2h and soapcpp2 turn each service's
//! WSDL into C, for the servers as for the clients.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::cases::Service;
use super::client::SoapClient;
use super::recipe;
use super::server::SoapServer;
use crate::error::{BuildError, PeerError};
use crate::peer::Peer;

/// A WSDL and the programs made of it.
struct Project {
    name: &'static str,
    /// wsdl2h's options beyond those that all have.
    options: &'static [&'static str],
    schemas: &'static [&'static str],
    server: &'static [&'static str],
    client: &'static [&'static str],
}

const PROJECTS: [Project; 3] = [
    Project {
        name: "contract",
        // C has no derived types: pointers stand for them.
        options: &["-F"],
        schemas: &["contract.xsd", "types.xsd"],
        server: &[
            "contract_server",
            "contract_operations",
            "contract_readings",
            "memory",
            "serving",
        ],
        client: &["contract_client", "contract_cases", "cases"],
    },
    Project {
        name: "rpc",
        options: &[],
        schemas: &[],
        server: &["rpc_server", "serving"],
        client: &["rpc_client", "cases"],
    },
    Project {
        name: "encoded",
        options: &[],
        schemas: &[],
        server: &["encoded_server", "serving"],
        client: &["encoded_client", "cases"],
    },
];

const HEADERS: [&str; 7] = [
    "gsoap/cases.h",
    "gsoap/contract_cases.h",
    "gsoap/memory.h",
    "gsoap/serving.h",
    "gsoap/contract.typemap",
    "gsoap/rpc.typemap",
    "gsoap/encoded.typemap",
];

/// The built C programs.
#[derive(Clone, Debug)]
pub struct Gsoap {
    folder: PathBuf,
}

impl Gsoap {
    /// Builds the programs in `folder`, unless they are there already.
    ///
    /// # Errors
    ///
    /// When packages are missing (the error carries the command that installs them), when the folder
    /// cannot be used, or when gSOAP's tools or the compiler fail.
    ///
    /// # Blocking
    ///
    /// For many seconds the first time; callers that share a folder wait for one another.
    pub fn prepare(folder: &Path) -> Result<Self, BuildError> {
        Peer::Gsoap.require_to_build()?;
        let mut sources: Vec<String> = HEADERS.map(String::from).into();
        for project in &PROJECTS {
            sources.push(project.wsdl());
            sources.extend(project.schemas.iter().map(|name| (*name).to_owned()));
            let programs = [project.server, project.client].concat();
            sources.extend(programs.iter().map(|name| format!("gsoap/{name}.c")));
        }
        let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
        let folder = recipe::prepare(folder, &sources, |built| {
            PROJECTS.iter().try_for_each(|project| project.build(built))
        })?;
        Ok(Self { folder })
    }

    /// Builds the client of the contract in `folder`, which is empty, of another description of the
    /// contract, such as one that RMIX writes, with schemas in its folder or none. It has no server and
    /// no other client.
    ///
    /// # Errors
    ///
    /// When packages are missing, when the folder cannot be used, or when gSOAP's tools refuse the
    /// description or the compiler what they make of it.
    ///
    /// # Blocking
    ///
    /// For many seconds.
    pub fn described_by(description: &Path, folder: &Path) -> Result<Self, BuildError> {
        Peer::Gsoap.require_to_build()?;
        let [contract, ..] = &PROJECTS;
        let built = contract.import(description, folder)?;
        // gSOAP calls this file as the description calls its binding.
        let names = built.join("ContractSoap11.nsmap");
        if !names.exists() {
            let include = "#include \"ContractBinding.nsmap\"\n";
            fs::write(&names, include).map_err(BuildError::folder(names))?;
        }
        contract.link(&built, "client", contract.client)?;
        let folder = folder.to_owned();
        Ok(Self { folder })
    }

    /// Lets wsdl2h and soapcpp2 read a description of this service, in `folder`, which is empty.
    ///
    /// # Errors
    ///
    /// As [`Gsoap::described_by`].
    pub fn accept(service: Service, description: &Path, folder: &Path) -> Result<(), BuildError> {
        Peer::Gsoap.require_to_build()?;
        let [contract, rpc, encoded] = &PROJECTS;
        let project = match service {
            Service::Contract => contract,
            Service::Rpc => rpc,
            Service::Encoded => encoded,
        };
        project.import(description, folder).map(|_| ())
    }

    /// Starts the server of a service, which answers at any path and in the version of the call. It does
    /// not give its description.
    ///
    /// # Errors
    ///
    /// When it does not serve within a minute.
    pub fn start_server(&self, service: Service) -> Result<SoapServer, PeerError> {
        SoapServer::start(&mut self.program(match service {
            Service::Contract => "contract/server",
            Service::Rpc => "rpc/server",
            Service::Encoded => "encoded/server",
        }))
    }

    fn program(&self, name: &str) -> Command {
        Command::new(self.folder.join(name))
    }
}

impl SoapClient for Gsoap {
    fn name(&self) -> &'static str {
        "gsoap"
    }

    fn cannot(&self, service: Service) -> Vec<(&'static str, &'static str)> {
        match service {
            Service::Contract | Service::Rpc | Service::Encoded => Vec::new(),
        }
    }

    fn command(&self, service: Service) -> Command {
        self.program(match service {
            Service::Contract => "contract/client",
            Service::Rpc => "rpc/client",
            Service::Encoded => "encoded/client",
        })
    }
}

impl Project {
    fn wsdl(&self) -> String {
        format!("{}.wsdl", self.name)
    }

    fn build(&self, built: &Path) -> Result<(), BuildError> {
        let folder = self.import(&recipe::source(&self.wsdl()), built)?;
        self.link(&folder, "server", self.server)?;
        self.link(&folder, "client", self.client)
    }

    /// Makes C of a description, with the schemas beside it, in a folder of the project's name.
    fn import(&self, description: &Path, built: &Path) -> Result<PathBuf, BuildError> {
        let folder = built.join(self.name);
        fs::create_dir_all(&folder).map_err(BuildError::folder(&folder))?;
        copy_schemas(description, &folder)?;
        self.describe(description, &folder)?;
        let header = format!("{}.h", self.name);
        let typemap = recipe::source(&format!("gsoap/{}.typemap", self.name));
        let mut wsdl2h = Command::new("wsdl2h");
        wsdl2h.args(["-c", "-P", "-x"]).args(self.options);
        wsdl2h.args(["-o", &header, "-t"]).arg(typemap);
        recipe::tool(&folder, wsdl2h.arg(self.wsdl()))?;
        let mut soapcpp2 = Command::new("soapcpp2");
        soapcpp2.args(["-c", "-L", "-x", "-w", &header]);
        recipe::tool(&folder, &mut soapcpp2)?;
        Ok(folder)
    }

    /// gSOAP makes every operation twice of two bindings, and speaks both versions by one: the binding
    /// of SOAP 1.2 is cut out, whether it has the name of the contract's or one that RMIX gives.
    fn describe(&self, from: &Path, folder: &Path) -> Result<(), BuildError> {
        let mut text = fs::read_to_string(from).map_err(BuildError::folder(from))?;
        for name in [
            "ContractSoap12",
            "ContractBinding12",
            "RpcBinding12",
            "EncodedBinding12",
        ] {
            let start = format!("<wsdl:binding name=\"{name}\"");
            text = without(&text, &start, "</wsdl:binding>");
        }
        for name in [
            "Contract12Port",
            "ContractPort12",
            "RpcPort12",
            "EncodedPort12",
        ] {
            let start = format!("<wsdl:port name=\"{name}\"");
            text = without(&text, &start, "</wsdl:port>");
        }
        let to = folder.join(self.wsdl());
        fs::write(&to, text).map_err(BuildError::folder(to))
    }

    fn link(&self, folder: &Path, program: &str, sources: &[&str]) -> Result<(), BuildError> {
        let generated = match program {
            "server" => "soapServer.c",
            _ => "soapClient.c",
        };
        let mut compiler = Command::new("cc");
        compiler
            .args(["-std=gnu11", "-O1", "-w", "-I.", "-o", program])
            .args(["soapC.c", generated])
            .args(
                sources
                    .iter()
                    .map(|name| recipe::source(&format!("gsoap/{name}.c"))),
            )
            .args(["-lgsoap", "-lcrypto", "-lm", "-lpthread"]);
        recipe::tool(folder, &mut compiler)
    }
}

/// Copies the schemas that lie beside a description.
fn copy_schemas(description: &Path, folder: &Path) -> Result<(), BuildError> {
    let beside = description.parent().unwrap_or(description);
    for entry in fs::read_dir(beside).map_err(BuildError::folder(beside))? {
        let from = entry.map_err(BuildError::folder(beside))?.path();
        if from.extension().is_some_and(|ending| ending == "xsd") {
            let to = folder.join(from.file_name().unwrap_or_default());
            fs::copy(&from, to).map_err(BuildError::folder(from))?;
        }
    }
    Ok(())
}

/// The text without what is from `start` up to the next `end`.
fn without(text: &str, start: &str, end: &str) -> String {
    let cut = text.split_once(start).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(end)?;
        Some(format!("{before}{after}"))
    });
    cut.unwrap_or_else(|| text.to_owned())
}
