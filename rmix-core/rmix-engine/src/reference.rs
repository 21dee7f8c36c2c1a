//! Remote references: which interface, which object, and the endpoints it is reached by, as a value
//! with a text form.
//!
//! Says nothing about which endpoint to prefer (`selection` does) and holds nothing open. The text
//! form has no white space, so it can be an argument of a command or a line of a file:
//!
//! ```text
//! rmix:weather/Station#17@msgpack+unix:/run/w.sock|sunrpc+tcp://127.0.0.1:7000/536870978/1
//!      \_____________/ \/ \______________________/ \_____________________________________/
//!         interface  object      endpoint                        endpoint
//! ```
//!
//! The interface is percent-escaped except for ASCII letters, digits and `-._~:/`; an endpoint is
//! except for `%`, `|` and white space. A reference without endpoints, which only the link it
//! arrived on can reach, ends after the object. A text that does not start with `rmix:` is a bare
//! endpoint: the default object there, of whatever interface.

use std::fmt;
use std::str::FromStr;

use crate::endpoint::{Endpoint, EndpointError, write_unexpected};
use crate::percent;

/// The number of an exported object, unique within its runtime and never reused there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(pub u64);

impl ObjectId {
    /// The object a bare endpoint means.
    pub const DEFAULT: ObjectId = ObjectId(0);
}

impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A value that names a remote object: it can be printed, parsed, and passed as argument or result.
///
/// ```
/// use rmix_engine::{ObjectId, Reference};
///
/// let reference: Reference = "rmix:Station#17@msgpack+tcp://127.0.0.1:7000".parse()?;
/// assert_eq!(reference.interface(), "Station");
/// assert_eq!(reference.object(), ObjectId(17));
///
/// let bare: Reference = "msgpack+tcp://127.0.0.1:7000".parse()?;
/// assert_eq!(bare.object(), ObjectId::DEFAULT);
/// assert_eq!(bare.to_string(), "rmix:#0@msgpack+tcp://127.0.0.1:7000");
/// # Ok::<(), rmix_engine::ReferenceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    interface: String,
    object: ObjectId,
    /// At most `REFERENCE_ENDPOINTS_MAX`; the whole prints in at most `REFERENCE_BYTES_MAX`.
    endpoints: Vec<Endpoint>,
}

impl Reference {
    /// Makes a reference; the order of the endpoints is kept.
    ///
    /// # Errors
    /// More than [`REFERENCE_ENDPOINTS_MAX`] endpoints, or a text form of more than
    /// [`REFERENCE_BYTES_MAX`] bytes.
    pub fn new(
        interface: impl Into<String>,
        object: ObjectId,
        endpoints: Vec<Endpoint>,
    ) -> Result<Reference, ReferenceError> {
        check_endpoint_count(endpoints.len())?;
        let reference = Reference {
            interface: interface.into(),
            object,
            endpoints,
        };
        check_bytes(reference.to_string().len())?;
        Ok(reference)
    }

    /// Parses the text form, or a bare endpoint.
    ///
    /// # Errors
    /// The text is neither, or beyond a limit; the error says where and what was expected.
    pub fn parse(text: &str) -> Result<Reference, ReferenceError> {
        check_bytes(text.len())?;
        match text.strip_prefix(PREFIX) {
            Some(rest) => parse_after_prefix(text, rest),
            None => Endpoint::parse(text)
                .map(Reference::from)
                .map_err(|source| ReferenceError::Endpoint { index: 0, source }),
        }
    }

    /// The interface of the object; empty when it is not known.
    pub fn interface(&self) -> &str {
        &self.interface
    }

    /// The object within its runtime.
    pub fn object(&self) -> ObjectId {
        self.object
    }

    /// Where the object is reached, in the order its owner listed them.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }
}

/// What follows `rmix:`, with positions counted from the start of the whole text.
fn parse_after_prefix(text: &str, rest: &str) -> Result<Reference, ReferenceError> {
    let unexpected = |position: usize, expected: &'static str| ReferenceError::Unexpected {
        position,
        expected,
        found: text.get(position..).and_then(|rest| rest.chars().next()),
    };
    let Some((interface, after_interface)) = rest.split_once('#') else {
        return Err(unexpected(
            text.len(),
            "`#` and an object after the interface",
        ));
    };
    if let Some(offset) = interface.find(|c| c != '%' && !stays_in_interface(c)) {
        return Err(unexpected(
            PREFIX.len() + offset,
            "`#` and an object, or an escape such as `%20`",
        ));
    }
    let interface = percent::unescape(interface)
        .map_err(|error| unexpected(PREFIX.len() + error.position, error.expected))?;

    let object_start = text.len() - after_interface.len();
    let (object, endpoints) = match after_interface.split_once('@') {
        Some((object, endpoints)) => (object, Some(endpoints)),
        None => (after_interface, None),
    };
    let object = parse_object(object).ok_or_else(|| {
        unexpected(
            object_start,
            "an object: a decimal number below 2^64 without leading zeros",
        )
    })?;
    let endpoints = match endpoints {
        Some(endpoints) => parse_endpoints(endpoints, text.len() - endpoints.len(), unexpected)?,
        None => Vec::new(),
    };
    Reference::new(interface, object, endpoints)
}

fn parse_object(digits: &str) -> Option<ObjectId> {
    let canonical = digits == "0" || !digits.starts_with(['0', '+']);
    if !canonical {
        return None;
    }
    digits.parse().ok().map(ObjectId)
}

fn parse_endpoints(
    text: &str,
    start: usize,
    unexpected: impl Fn(usize, &'static str) -> ReferenceError,
) -> Result<Vec<Endpoint>, ReferenceError> {
    check_endpoint_count(text.split('|').count())?;
    let mut position = start;
    let mut endpoints = Vec::new();
    for (index, escaped) in text.split('|').enumerate() {
        if let Some(offset) = escaped.find(char::is_whitespace) {
            return Err(unexpected(
                position + offset,
                "no white space (a space is written `%20`)",
            ));
        }
        let endpoint = percent::unescape(escaped)
            .map_err(|error| unexpected(position + error.position, error.expected))?;
        let endpoint = Endpoint::parse(&endpoint)
            .map_err(|source| ReferenceError::Endpoint { index, source })?;
        endpoints.push(endpoint);
        position += escaped.len() + 1;
    }
    Ok(endpoints)
}

fn check_endpoint_count(endpoints: usize) -> Result<(), ReferenceError> {
    if endpoints > REFERENCE_ENDPOINTS_MAX {
        return Err(ReferenceError::TooManyEndpoints {
            endpoints,
            endpoints_max: REFERENCE_ENDPOINTS_MAX,
        });
    }
    Ok(())
}

fn check_bytes(bytes: usize) -> Result<(), ReferenceError> {
    if bytes > REFERENCE_BYTES_MAX {
        return Err(ReferenceError::TooLong {
            bytes,
            bytes_max: REFERENCE_BYTES_MAX,
        });
    }
    Ok(())
}

fn stays_in_interface(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '.' | '_' | '~' | ':' | '/')
}

fn stays_in_endpoint(character: char) -> bool {
    !matches!(character, '%' | '|') && !character.is_whitespace()
}

impl From<Endpoint> for Reference {
    /// The default object at an endpoint. The longest endpoint, all escaped, is within the limit of
    /// a reference.
    fn from(endpoint: Endpoint) -> Reference {
        Reference {
            interface: String::new(),
            object: ObjectId::DEFAULT,
            endpoints: vec![endpoint],
        }
    }
}

impl FromStr for Reference {
    type Err = ReferenceError;

    fn from_str(text: &str) -> Result<Reference, ReferenceError> {
        Reference::parse(text)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(PREFIX)?;
        percent::escape(formatter, &self.interface, stays_in_interface)?;
        write!(formatter, "#{}", self.object)?;
        let mut separator = "@";
        for endpoint in &self.endpoints {
            formatter.write_str(separator)?;
            percent::escape(formatter, endpoint.as_str(), stays_in_endpoint)?;
            separator = "|";
        }
        Ok(())
    }
}

/// Why a text or a set of parts is not a reference. Positions are byte offsets from the start of
/// the text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReferenceError {
    /// The text form is longer than it may be.
    TooLong {
        /// Its length.
        bytes: usize,
        /// The limit, [`REFERENCE_BYTES_MAX`].
        bytes_max: usize,
    },
    /// More endpoints than a reference may have.
    TooManyEndpoints {
        /// How many there are.
        endpoints: usize,
        /// The limit, [`REFERENCE_ENDPOINTS_MAX`].
        endpoints_max: usize,
    },
    /// Something else stands where the form wants one particular thing.
    Unexpected {
        /// Where.
        position: usize,
        /// What the form wants there.
        expected: &'static str,
        /// What stands there; `None` at the end of the text.
        found: Option<char>,
    },
    /// One endpoint is wrong.
    Endpoint {
        /// Which one, counted from 0.
        index: usize,
        /// What is wrong with it; positions count from the start of the unescaped endpoint.
        source: EndpointError,
    },
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReferenceError::TooLong { bytes, bytes_max } => write!(
                formatter,
                "the reference has {bytes} bytes; at most {bytes_max} are allowed"
            ),
            ReferenceError::TooManyEndpoints {
                endpoints,
                endpoints_max,
            } => write!(
                formatter,
                "the reference has {endpoints} endpoints; at most {endpoints_max} are allowed"
            ),
            ReferenceError::Unexpected {
                position,
                expected,
                found,
            } => write_unexpected(formatter, "reference", *position, expected, *found),
            ReferenceError::Endpoint { index, .. } => {
                write!(formatter, "endpoint {index} of the reference is wrong")
            }
        }
    }
}

impl std::error::Error for ReferenceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            ReferenceError::Endpoint { source, .. } => Some(source),
            _ => None,
        }
    }
}

/// The longest text form, in bytes.
pub const REFERENCE_BYTES_MAX: usize = 16 * 1024;
/// The most endpoints of one reference.
pub const REFERENCE_ENDPOINTS_MAX: usize = 16;
const PREFIX: &str = "rmix:";

#[cfg(test)]
mod tests;
