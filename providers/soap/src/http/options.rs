//! What the options of an endpoint say to the HTTP layer. Which other options there are is the provider's business, so
//! nothing is refused here for being unknown: see [`CLIENT_OPTIONS`] and [`SERVER_OPTIONS`].

use std::path::PathBuf;

use rmix_provider::endpoint::Parts;
use rmix_provider::failure;
use rmix_provider::tables::Err;

use super::limits::number;

/// Options of a client, beside those of [`super::limits::OPTIONS`].
pub const CLIENT_OPTIONS: [&str; 5] = ["connections", "gzip", "ca", "cert", "key"];
/// Options of a listener, beside those of [`super::limits::OPTIONS`].
pub const SERVER_OPTIONS: [&str; 4] = ["gzip", "cert", "key", "client_ca"];

/// Connections of a link, unless the endpoint says otherwise.
const CONNECTIONS: u64 = 32;

/// A client's options.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ClientOptions {
    /// Connections of one link for calls that wait for an answer: 32, from 1 to 1,024 (`connections`). A further call waits
    /// for one of them.
    pub connections: u32,
    /// Whether answers may be compressed (`gzip=on`; default `off`: on a fast network it costs more than it saves).
    pub gzip: bool,
    /// What TLS needs to know.
    pub tls: TlsFiles,
}

/// A listener's options.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerOptions {
    /// Whether longer answers are compressed for peers that take it (`gzip=on`, default; `off`).
    pub gzip: bool,
    /// What TLS needs to know.
    pub tls: TlsFiles,
}

/// Files in PEM form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsFiles {
    /// A client: the authorities that servers are believed by (`ca`); without it the operating system's.
    pub ca: Option<PathBuf>,
    /// Who this end is: its certificate, and those that it was signed with (`cert`).
    pub cert: Option<PathBuf>,
    /// The private key of `cert` (`key`).
    pub key: Option<PathBuf>,
    /// A listener: the authorities that clients must be certified by (`client_ca`); without it they need no certificate.
    pub client_ca: Option<PathBuf>,
}

impl ClientOptions {
    /// Reads them.
    ///
    /// # Errors
    /// `FixRequest`: a value is not one of those allowed, or `cert` and `key` are not both there.
    pub fn new(endpoint: &Parts<'_>) -> Result<ClientOptions, Err> {
        let connections = number(endpoint, "connections", 1, 1024)?.unwrap_or(CONNECTIONS);
        Ok(ClientOptions {
            connections: u32::try_from(connections).unwrap_or(1),
            gzip: switch(endpoint, "gzip", false)?,
            tls: TlsFiles {
                ca: path(endpoint, "ca")?,
                ..TlsFiles::identity(endpoint)?
            },
        })
    }
}

impl ServerOptions {
    /// Reads them.
    ///
    /// # Errors
    /// As [`ClientOptions::new`].
    pub fn new(endpoint: &Parts<'_>) -> Result<ServerOptions, Err> {
        Ok(ServerOptions {
            gzip: switch(endpoint, "gzip", true)?,
            tls: TlsFiles {
                client_ca: path(endpoint, "client_ca")?,
                ..TlsFiles::identity(endpoint)?
            },
        })
    }
}

impl TlsFiles {
    fn identity(endpoint: &Parts<'_>) -> Result<TlsFiles, Err> {
        let (cert, key) = (path(endpoint, "cert")?, path(endpoint, "key")?);
        if cert.is_some() != key.is_some() {
            let why = "the options cert and key belong together";
            return Err(failure::endpoint(endpoint.text, why));
        }
        Ok(TlsFiles {
            cert,
            key,
            ..TlsFiles::default()
        })
    }
}

fn path(endpoint: &Parts<'_>, name: &str) -> Result<Option<PathBuf>, Err> {
    Ok(endpoint.option(name)?.map(PathBuf::from))
}

fn switch(endpoint: &Parts<'_>, name: &str, default: bool) -> Result<bool, Err> {
    match endpoint.option(name)?.as_deref() {
        None => Ok(default),
        Some("on") => Ok(true),
        Some("off") => Ok(false),
        Some(_) => {
            let why = format!("the option {name} is either on or off");
            Err(failure::endpoint(endpoint.text, &why))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(options: &str) -> Result<ClientOptions, Err> {
        ClientOptions::new(&Parts::parse(&format!("soap+http://h:1/x?{options}")).unwrap())
    }

    fn server(options: &str) -> Result<ServerOptions, Err> {
        ServerOptions::new(&Parts::parse(&format!("soap+http://h:1/x?{options}")).unwrap())
    }

    #[test]
    fn options_are_read_within_their_ranges() {
        assert_eq!(client("").unwrap().connections, 32);
        assert_eq!(client("connections=1024").unwrap().connections, 1024);
        assert!(client("connections=1025").is_err());
        assert!(client("connections=0").is_err());
        assert!(!client("").unwrap().gzip && client("gzip=on").unwrap().gzip);
        assert!(server("").unwrap().gzip && !server("gzip=off").unwrap().gzip);
        assert!(server("gzip=maybe").is_err());
    }

    #[test]
    fn certificate_and_key_belong_together() {
        let tls = client("cert=/a&key=/b&ca=/c").unwrap().tls;
        assert_eq!(tls.cert.as_deref(), Some("/a".as_ref()));
        assert_eq!(tls.key.as_deref(), Some("/b".as_ref()));
        assert_eq!(tls.ca.as_deref(), Some("/c".as_ref()));
        assert!(client("cert=/a").is_err());
        assert!(server("key=/a").is_err());
        let tls = server("client_ca=/d").unwrap().tls;
        assert_eq!(tls.client_ca.as_deref(), Some("/d".as_ref()));
    }
}
