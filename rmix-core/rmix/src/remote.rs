//! Remote references as values: arguments, results and fields.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use rmix_abi::describe::{Data, TypeDesc, TypeXml, type_flags, type_kind};
use rmix_engine::{Endpoint, Reference, ReferenceError};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::bind::IntoTarget;
use crate::error::Error;
use crate::export::Exported;

/// A remote reference that is passed: in SOAP an `EndpointReference` of WS-Addressing, in every other protocol its text.
/// Whoever gets one binds to it.
///
/// One that comes as a value is a peer's word, so it is refused when it would have us run or open something here (the
/// protocol `pipe`), or has an option by which we read our files, show who we are or trust somebody else:
/// `security`, `user`, `password_file`, `users_file`, `cleartext`, `cert`, `key`, `ca`, `client_ca`, `folder`, `users`,
/// `uid`, `gid`, `gids` and `machine`. Such an endpoint is configured where it is bound to, as a [`Reference`].
///
/// ```
/// # #[derive(rmix::Data, serde::Serialize, serde::Deserialize)]
/// # pub struct Room { name: String }
/// #[rmix::remote(namespace = "urn:example:hotel")]
/// pub trait Hotel {
///     /// The room of this number, as an object of its own.
///     async fn room(&self, number: u32) -> rmix::Remote;
/// }
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let room: rmix::Remote = "rmix:Room#17@soap+http://127.0.0.1:8080/room17".parse()?;
/// assert_eq!(room.interface(), "Room");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Remote(pub Reference);

impl Deref for Remote {
    type Target = Reference;

    fn deref(&self) -> &Reference {
        &self.0
    }
}

impl From<Reference> for Remote {
    fn from(reference: Reference) -> Remote {
        Remote(reference)
    }
}

impl From<&Exported> for Remote {
    fn from(exported: &Exported) -> Remote {
        Remote(exported.reference())
    }
}

impl From<Remote> for Reference {
    fn from(remote: Remote) -> Reference {
        remote.0
    }
}

impl FromStr for Remote {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Remote, ReferenceError> {
        Reference::parse(text).map(Remote)
    }
}

impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl IntoTarget for Remote {
    fn into_target(self) -> Result<Reference, Error> {
        Ok(self.0)
    }
}

impl IntoTarget for &Remote {
    fn into_target(self) -> Result<Reference, Error> {
        Ok(self.0.clone())
    }
}

impl Serialize for Remote {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Remote {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Remote, D::Error> {
        let text = String::deserialize(deserializer)?;
        let remote: Remote = text.parse().map_err(de::Error::custom)?;
        for endpoint in remote.endpoints() {
            check_received(endpoint).map_err(de::Error::custom)?;
        }
        Ok(remote)
    }
}

/// The protocol whose endpoints are commands to run, and files and descriptors of this process.
const LOCAL_PROTOCOL: &str = "pipe";
/// Transports that run or open something here, whatever the protocol.
const LOCAL_TRANSPORTS: [&str; 4] = ["exec", "fd", "fifo", "stdio"];
/// Options that read files of ours, say who we are, or whom we trust: no peer decides these.
const OWN_OPTIONS: [&str; 15] = [
    "security",
    "user",
    "password_file",
    "users_file",
    "cleartext",
    "cert",
    "key",
    "ca",
    "client_ca",
    "folder",
    "users",
    "uid",
    "gid",
    "gids",
    "machine",
];

/// Refuses an endpoint of a peer's reference that it has no business to write.
fn check_received(endpoint: &Endpoint) -> Result<(), String> {
    let is_local = endpoint.protocol() == LOCAL_PROTOCOL
        || endpoint
            .transport()
            .is_some_and(|transport| LOCAL_TRANSPORTS.contains(&transport));
    if is_local {
        let scheme = endpoint.scheme();
        return Err(format!(
            "a reference that was received has an endpoint of the scheme `{scheme}`, which runs or opens what is here"
        ));
    }
    match endpoint
        .options()
        .find(|(name, _)| OWN_OPTIONS.contains(&&**name))
    {
        None => Ok(()),
        Some((name, _)) => Err(format!(
            "a reference that was received has an endpoint with the option `{name}`, which only whoever binds may give"
        )),
    }
}

impl Data for Remote {
    const SCHEMA: TypeDesc = TypeDesc::plain(type_kind::STRING)
        .with_xml(const { &TypeXml::new(type_flags::REFERENCE, "") });
}

#[cfg(test)]
mod tests {
    use serde::de::IntoDeserializer;
    use serde::de::value::{Error as ValueError, StrDeserializer};

    use super::*;

    #[test]
    fn reference_travels_as_its_text() {
        let text = "rmix:Room#17@msgpack+tcp://h:7|soap+http://h:8/x";
        let read = |text: &'static str| {
            let input: StrDeserializer<'_, ValueError> = text.into_deserializer();
            Remote::deserialize(input)
        };
        let remote = read(text).unwrap();
        assert_eq!(remote.endpoints().len(), 2);
        assert_eq!(serde_json::to_value(&remote).unwrap(), text);
        assert!(read("rmix:Room").is_err());
    }

    #[test]
    fn received_reference_does_not_use_what_is_ours() {
        let read = |text: &str| {
            let input: StrDeserializer<'_, ValueError> = text.into_deserializer();
            Remote::deserialize(input).map_err(|error| error.to_string())
        };
        for name in OWN_OPTIONS {
            for text in [
                format!("rmix:#0@soap+http://h/x?version=1.2&{name}=1"),
                format!("rmix:#0@soap+http://h/x|sunrpc+tcp://h:1/2/3?{name}"),
                format!(
                    "soap+https://h/x?%{:02X}{}=1",
                    name.as_bytes()[0],
                    &name[1..]
                ),
            ] {
                let error = read(&text).unwrap_err();
                assert!(error.contains(&format!("`{name}`")), "{text}: {error}");
                assert!(text.parse::<Remote>().is_ok(), "{text}");
            }
        }
        for scheme in ["pipe+exec", "pipe+fd", "pipe+fifo", "pipe+stdio", "x+exec"] {
            let error = read(&format!("rmix:#0@soap+http://h/x|{scheme}:3")).unwrap_err();
            assert!(error.contains(&format!("`{scheme}`")), "{error}");
        }
        for text in [
            "rmix:#0@sunrpc+tcp://h:1/2/3?auth=sys",
            "rmix:#0@soap+http://h/x?version=1.2&addressing=on&parameters=%253Cuser%253E",
            "rmix:#0@msgpack+unix:/run/a.sock",
        ] {
            assert!(read(text).is_ok(), "{text}");
        }
    }
}
