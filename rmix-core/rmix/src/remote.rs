//! Remote references as values: arguments, results and fields.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use rmix_abi::describe::{Data, TypeDesc, TypeXml, type_flags, type_kind};
use rmix_engine::{Reference, ReferenceError};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::bind::IntoTarget;
use crate::error::Error;
use crate::export::Exported;

/// A remote reference that is passed: in SOAP an `EndpointReference` of WS-Addressing, in every other protocol its text.
/// Whoever gets one binds to it.
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
        text.parse().map_err(de::Error::custom)
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
}
