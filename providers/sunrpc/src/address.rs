//! Endpoints of Sun RPC: transport, place, program and version. What their options say is in `options`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;

use rmix_provider::endpoint::Parts;
use rmix_provider::failure;
use rmix_provider::tables::Err;

use crate::target::Program;

/// What messages travel over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Transport {
    /// TCP, in records.
    Tcp,
    /// UDP, one message per datagram.
    Udp,
    /// A Unix stream socket, in records.
    Unix,
}

/// Where a program is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// At a host; without a port its rpcbind is asked.
    Host(&'a str, Option<u16>),
    /// At a Unix socket.
    Path(PathBuf),
}

/// An endpoint that was read.
#[derive(Debug, Clone)]
pub(crate) struct Address<'a> {
    pub(crate) parts: Parts<'a>,
    pub(crate) transport: Transport,
    pub(crate) place: Place<'a>,
    pub(crate) program: Program,
}

impl<'a> Address<'a> {
    /// Reads `sunrpc+tcp://HOST[:PORT]/PROGRAM/VERSION`, `sunrpc+udp://…` or `sunrpc+unix:PATH/PROGRAM/VERSION`.
    ///
    /// # Errors
    /// `FixRequest` with what was expected.
    pub(crate) fn parse(text: &'a str) -> Result<Address<'a>, Err> {
        let parts = Parts::parse(text)?;
        let wrong = |why: &str| failure::endpoint(text, why);
        let transport = match parts.scheme {
            "sunrpc+udp" => Transport::Udp,
            "sunrpc+unix" => Transport::Unix,
            _ => Transport::Tcp,
        };
        let needs = "it needs /PROGRAM/VERSION at its end, two numbers, decimal or 0x…";
        let (before, version) = parts.path.rsplit_once('/').ok_or_else(|| wrong(needs))?;
        let (before, program) = before.rsplit_once('/').ok_or_else(|| wrong(needs))?;
        let program = Program {
            number: number(program).ok_or_else(|| wrong(needs))?,
            version: number(version).ok_or_else(|| wrong(needs))?,
        };
        let place = match (transport, parts.authority) {
            (Transport::Unix, None) if !before.is_empty() => {
                let path = Parts {
                    path: before,
                    ..parts.clone()
                };
                Place::Path(OsString::from_vec(path.path_decoded()?).into())
            }
            (Transport::Unix, _) => {
                return Err(wrong(
                    "it needs the path of a socket after the scheme, without //, then /PROGRAM/VERSION",
                ));
            }
            (_, Some((host, port))) if !host.is_empty() && before.is_empty() => {
                Place::Host(host, port)
            }
            _ => {
                return Err(wrong(
                    "it needs //HOST or //HOST:PORT, then /PROGRAM/VERSION",
                ));
            }
        };
        Ok(Address {
            parts,
            transport,
            place,
            program,
        })
    }
}

fn number(text: &str) -> Option<u32> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        // `from_str_radix` takes a sign, an endpoint does not.
        Some(hex) if !hex.starts_with('+') => u32::from_str_radix(hex, 16).ok(),
        Some(_) => None,
        None if text.starts_with('+') => None,
        None => text.parse().ok(),
    }
}

/// Reads `PROGRAM/VERSION`.
pub(crate) fn program(text: &str) -> Option<Program> {
    let (program, version) = text.split_once('/')?;
    Some(Program {
        number: number(program)?,
        version: number(version)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_name_transport_place_program_and_version() {
        let stations = Program {
            number: 0x2000_0042,
            version: 1,
        };
        for (text, transport, place) in [
            (
                "sunrpc+tcp://h:1/536870978/1",
                Transport::Tcp,
                Place::Host("h", Some(1)),
            ),
            (
                "sunrpc+tcp://h/0x20000042/0x1",
                Transport::Tcp,
                Place::Host("h", None),
            ),
            (
                "sunrpc+udp://[::1]:9/0x20000042/1?auth=sys",
                Transport::Udp,
                Place::Host("::1", Some(9)),
            ),
            (
                "sunrpc+unix:/run/a%20b/0x20000042/1",
                Transport::Unix,
                Place::Path("/run/a b".into()),
            ),
            (
                "sunrpc+unix:rel/0x20000042/1",
                Transport::Unix,
                Place::Path("rel".into()),
            ),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(
                (address.transport, address.place, address.program),
                (transport, place, stations),
                "{text}"
            );
        }
    }

    #[test]
    fn other_endpoints_are_refused() {
        for text in [
            "sunrpc+tcp://h:1",
            "sunrpc+tcp://h:1/7",
            "sunrpc+tcp://h:1/x/1",
            "sunrpc+tcp://h:1/+7/1",
            "sunrpc+tcp://h:1/0x+7/1",
            "sunrpc+tcp://h:1/4294967296/1",
            "sunrpc+tcp://h:1/extra/7/1",
            "sunrpc+tcp:///7/1",
            "sunrpc+tcp:/path/7/1",
            "sunrpc+unix:/7/1",
            "sunrpc+unix://h:1/7/1",
        ] {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }
}
