//! What the options of an endpoint say, for a client and for a listener. An option that is not known is refused: a
//! misspelt one would do nothing.

use rmix_provider::endpoint::Parts;
use rmix_provider::failure;
use rmix_provider::tables::{Err, Limits};

use crate::envelope::Version;
use crate::http::options::{CLIENT_OPTIONS, SERVER_OPTIONS};
use crate::http::{ClientOptions, HttpLimits, ServerOptions, limits};
use crate::xml::XmlLimits;

/// Levels that an envelope has around values.
const ENVELOPE_DEPTH: usize = 8;

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
}

/// A client's options.
#[derive(Debug)]
pub struct Client {
    /// What both ends are told.
    pub(crate) common: Common,
    /// The version of SOAP that is spoken (`version=1.1`, the default, or `1.2`).
    pub(crate) version: Version,
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
    /// What HTTP is told.
    pub(crate) http: ServerOptions,
}

impl Client {
    /// Reads them.
    ///
    /// # Errors
    /// `FixRequest`: an option is not known, or its value not one of those allowed.
    pub fn new(endpoint: &Parts<'_>, limits: &Limits) -> Result<Client, Err> {
        check_known(endpoint, &["version", "mtom"], &CLIENT_OPTIONS)?;
        let version = match endpoint.option("version")?.as_deref() {
            None | Some("1.1") => Version::Soap11,
            Some("1.2") => Version::Soap12,
            Some(_) => return Err(wrong(endpoint, "its `version` is neither 1.1 nor 1.2")),
        };
        Ok(Client {
            common: Common::new(endpoint, limits)?,
            version,
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
        check_known(endpoint, &["schemas", "mtom"], &SERVER_OPTIONS)?;
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
        let message_bytes = usize::try_from(limits.message_bytes).unwrap_or(usize::MAX);
        let depth = usize::try_from(limits.depth).unwrap_or(usize::MAX);
        Ok(Common {
            part_bytes_min,
            limits: *limits,
            http: HttpLimits::new(limits, endpoint)?,
            xml: XmlLimits {
                depth: depth.saturating_add(ENVELOPE_DEPTH),
                text_bytes: message_bytes,
                reference_bytes: message_bytes,
                ..XmlLimits::default()
            },
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

fn check_known(endpoint: &Parts<'_>, own: &[&str], http: &[&str]) -> Result<(), Err> {
    let known = own.iter().chain(http).chain(&limits::OPTIONS);
    for pair in endpoint.options.split('&').filter(|pair| !pair.is_empty()) {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        if !known.clone().any(|known| *known == name) {
            let names: Vec<&str> = known.copied().collect();
            let why = format!("it has no option `{name}`; there are {}", names.join(", "));
            return Err(wrong(endpoint, &why));
        }
    }
    Ok(())
}
