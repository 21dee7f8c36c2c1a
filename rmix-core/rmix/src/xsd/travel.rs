//! How these types travel: as text in their lexical form, described as the built-in type that they are.

use rmix_abi::describe::{Data, TypeDesc, TypeXml, type_kind};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Date, DateTime, Decimal, Duration, Time};

macro_rules! travel {
    ($($name:ident),*) => { $(
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        impl Data for $name {
            const SCHEMA: TypeDesc = TypeDesc::plain(type_kind::STRING)
                .with_xml(const { &TypeXml::built_in($name::KIND) });
        }
    )* };
}
travel!(DateTime, Date, Time, Duration, Decimal);
