//! How these types travel: as text in their lexical form, described as the built-in type that they are.

use rmix_abi::describe::{Data, TypeDesc, TypeXml, type_kind};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Date, DateTime, Decimal, Duration, LexicalError, Time};

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
    )*

        /// Checks that a text is in the lexical form of the built-in type of this name (`dateTime`), as far as this
        /// module has a type for it; of others nothing is known, and any text fits.
        ///
        /// # Errors
        /// It is not: the text, the type and how it is written.
        pub fn check_lexical(built_in: &str, text: &str) -> Result<(), LexicalError> {
            match built_in {
                $( $name::KIND => text.parse::<$name>().map(|_| ()), )*
                _ => Ok(()),
            }
        }
    };
}
travel!(DateTime, Date, Time, Duration, Decimal);
