//! What the options of an endpoint say, for a client and for a listener. An option that is not known is refused: a
//! misspelt one would do nothing.

mod addressing;
mod security;
mod shown;

use rmix_provider::endpoint::Parts;
use rmix_provider::failure;
use rmix_provider::tables::{Err, Limits};

use crate::addressing::{Addressing, Parameters};
use crate::envelope::Version;
use crate::http::options::{CLIENT_OPTIONS, SERVER_OPTIONS};
use crate::http::{ClientOptions, HttpLimits, ServerOptions, limits};
use crate::mime::{self, MimeLimits};
use crate::xml::{self, XmlLimits};

pub(crate) use security::{ClientSecurity, ServerSecurity};
pub(crate) use shown::shown;

/// A client's options, beside those of HTTP.
const OF_CLIENTS: [&str; 11] = [
    "version",
    "mtom",
    "addressing",
    "parameters",
    "security",
    "user",
    "password_file",
    "cleartext",
    "timestamp",
    "expires",
    "skew",
];
/// A listener's options, beside those of HTTP.
const OF_SERVERS: [&str; 10] = [
    "schemas",
    "mtom",
    "addressing",
    "security",
    "users_file",
    "cleartext",
    "timestamp",
    "skew",
    "freshness",
    "nonces",
];

/// What both ends are told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Common {
    /// Octets of at least so many bytes travel as parts of their own, beside the envelope (`mtom=BYTES`; without it none do).
    pub(crate) part_bytes_min: Option<usize>,
    /// Limits of the base library.
    pub(crate) limits: Limits,
    /// Limits of HTTP.
    pub(crate) http: HttpLimits,
    /// Limits of XML.
    pub(crate) xml: XmlLimits,
    /// Limits of messages of several parts.
    pub(crate) mime: MimeLimits,
}

/// A client's options.
#[derive(Debug)]
pub struct Client {
    /// What both ends are told.
    pub(crate) common: Common,
    /// The version of SOAP that is spoken (`version=1.1`, the default, or `1.2`).
    pub(crate) version: Version,
    /// What is done about addressing.
    pub(crate) addressing: Addressing,
    /// What goes along with each request.
    pub(crate) parameters: Parameters,
    /// Who this client is.
    pub(crate) security: Option<ClientSecurity>,
    /// What HTTP is told.
    pub(crate) http: ClientOptions,
}

/// A listener's options.
#[derive(Debug)]
pub struct Server {
    /// What both ends are told.
    pub(crate) common: Common,
    /// Whether the description leads to schemas that are documents of their own (`schemas=separate`; `inline`, the default).
    pub(crate) separate_schemas: bool,
    /// What is done about addressing.
    pub(crate) addressing: Addressing,
    /// Who is let in.
    pub(crate) security: Option<ServerSecurity>,
    /// What HTTP is told.
    pub(crate) http: ServerOptions,
}

impl Client {
    /// Reads them.
    ///
    /// # Errors
    /// `FixRequest`: an option is not known, or its value not one of those allowed.
    pub fn new(endpoint: &Parts<'_>, limits: &Limits) -> Result<Client, Err> {
        check_known(endpoint, &OF_CLIENTS, &CLIENT_OPTIONS)?;
        let version = match endpoint.option("version")?.as_deref() {
            None | Some("1.1") => Version::Soap11,
            Some("1.2") => Version::Soap12,
            Some(_) => return Err(wrong(endpoint, "its `version` is neither 1.1 nor 1.2")),
        };
        let common = Common::new(endpoint, limits)?;
        let addressing = addressing::of_client(endpoint)?;
        Ok(Client {
            common,
            version,
            addressing,
            parameters: addressing::parameters(endpoint, addressing, &common.xml)?,
            security: ClientSecurity::new(endpoint)?,
            http: ClientOptions::new(endpoint)?,
        })
    }
}

impl Server {
    /// Reads them.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn new(endpoint: &Parts<'_>, limits: &Limits) -> Result<Server, Err> {
        check_known(endpoint, &OF_SERVERS, &SERVER_OPTIONS)?;
        let separate_schemas = match endpoint.option("schemas")?.as_deref() {
            None | Some("inline") => false,
            Some("separate") => true,
            Some(_) => {
                return Err(wrong(
                    endpoint,
                    "its `schemas` is neither inline nor separate",
                ));
            }
        };
        Ok(Server {
            common: Common::new(endpoint, limits)?,
            separate_schemas,
            addressing: addressing::of_server(endpoint)?,
            security: ServerSecurity::new(endpoint)?,
            http: ServerOptions::new(endpoint)?,
        })
    }
}

impl Common {
    fn new(endpoint: &Parts<'_>, limits: &Limits) -> Result<Common, Err> {
        let part_bytes_min = match endpoint.option("mtom")? {
            None => None,
            Some(bytes) => {
                let why = "its `mtom` is not a number of bytes from 0 to 4294967295";
                let bytes = bytes.parse::<u32>().map_err(|_| wrong(endpoint, why))?;
                Some(usize::try_from(bytes).unwrap_or(usize::MAX))
            }
        };
        Ok(Common {
            part_bytes_min,
            limits: *limits,
            http: HttpLimits::new(limits, endpoint)?,
            xml: XmlLimits::new(limits, endpoint)?,
            mime: MimeLimits::new(endpoint)?,
        })
    }

    /// What values may be: their nesting and their number.
    pub(crate) fn values(&self) -> (u32, u64) {
        (self.limits.depth, self.limits.items)
    }
}

fn wrong(endpoint: &Parts<'_>, why: &str) -> Err {
    failure::endpoint(endpoint.text, why)
}

/// These options, and those of either end.
fn of_all<'a>(own: &'a [&'a str], http: &'a [&'a str]) -> impl Iterator<Item = &'a str> + Clone {
    own.iter()
        .chain(http)
        .chain(&limits::OPTIONS)
        .chain(&xml::OPTIONS)
        .chain(&mime::OPTIONS)
        .copied()
}

fn check_known(endpoint: &Parts<'_>, own: &[&str], http: &[&str]) -> Result<(), Err> {
    let known = of_all(own, http);
    for pair in endpoint.options.split('&').filter(|pair| !pair.is_empty()) {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        if !known.clone().any(|known| known == name) {
            let names: Vec<&str> = known.collect();
            let why = format!("it has no option `{name}`; there are {}", names.join(", "));
            return Err(wrong(endpoint, &why));
        }
    }
    Ok(())
}

#[cfg(test)]
mod documented;
