//! Endpoints: URIs whose scheme selects the provider, for example
//! `sunrpc+tcp://127.0.0.1:0/536870978/1?uid=0`.
//!
//! The text is kept as it was given, so printing gives it back byte for byte, and two endpoints are
//! equal when their texts are. Nothing is resolved, opened or normalised here, and no provider is
//! known by name: what a path or an option means is the provider's business. Syntax after RFC 3986,
//! without user information and fragments.
//!
//! ```text
//! sunrpc+tcp://127.0.0.1:7000/536870978/1?uid=0
//! \____/ \_/   \___________/\__________/ \___/
//! protocol |     authority      path     query
//! \________/ transport
//!   scheme
//! ```

mod parse;
mod redacted;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use crate::percent;

/// The address of a remote object or of a listener, as a URI.
///
/// ```
/// use rmix_engine::Endpoint;
///
/// let endpoint: Endpoint = "sunrpc+tcp://[::1]:111/100000/2?uid=0".parse()?;
/// assert_eq!(endpoint.protocol(), "sunrpc");
/// assert_eq!(endpoint.transport(), Some("tcp"));
/// assert_eq!(endpoint.authority(), Some(("::1", Some(111))));
/// assert_eq!(endpoint.path(), "/100000/2");
/// assert_eq!(endpoint.option("uid").as_deref(), Some("0"));
/// # Ok::<(), rmix_engine::EndpointError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    /// Passed `parse::check`, so `parse::split` finds a scheme and a rest in it.
    text: Box<str>,
}

impl Endpoint {
    /// Checks the text of an endpoint and keeps it.
    ///
    /// # Errors
    /// The text is longer than [`ENDPOINT_BYTES_MAX`], or not of the form; the error says where and
    /// what was expected. Correct the text.
    pub fn parse(text: &str) -> Result<Endpoint, EndpointError> {
        parse::check(text)?;
        Ok(Endpoint { text: text.into() })
    }

    /// A text that may be an endpoint or a reference, as a message may show it: names and passwords before a host are
    /// `…`. No endpoint has them, but somebody may have written them there.
    ///
    /// ```
    /// use rmix_engine::Endpoint;
    ///
    /// assert_eq!(Endpoint::redacted("a+tcp://me:secret@h:1"), "a+tcp://…@h:1");
    /// ```
    pub fn redacted(text: &str) -> Cow<'_, str> {
        redacted::redacted(text)
    }

    /// The whole text, as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Everything before the first colon, for example `sunrpc+tcp`.
    pub fn scheme(&self) -> &str {
        parse::split(&self.text).scheme
    }

    /// The first part of the scheme, for example `sunrpc`: the name of the provider.
    pub fn protocol(&self) -> &str {
        let scheme = self.scheme();
        scheme
            .split_once('+')
            .map_or(scheme, |(protocol, _)| protocol)
    }

    /// The part of the scheme after the first `+`, for example `tcp`; `None` in `shm://station`.
    pub fn transport(&self) -> Option<&str> {
        parse::transport(self.scheme())
    }

    /// Everything after the first colon.
    pub fn rest(&self) -> &str {
        parse::split(&self.text).rest
    }

    /// Host and TCP port after `//`: an IPv6 address comes without its brackets; `None` where there
    /// is no host.
    pub fn authority(&self) -> Option<(&str, Option<u16>)> {
        parse::host_and_port(parse::split(&self.text).authority?)
    }

    /// The path as written, escapes included; for the transport `exec` the whole command.
    ///
    /// With an authority it is empty or starts with `/`.
    pub fn path(&self) -> &str {
        parse::split(&self.text).path
    }

    /// The path with its escapes replaced; for the transport `exec` the whole command, which has no
    /// escapes.
    pub fn path_decoded(&self) -> Cow<'_, str> {
        if parse::is_opaque(self.scheme()) {
            return Cow::Borrowed(self.path());
        }
        decoded(self.path())
    }

    /// The options after `?`, decoded, in the order written; an option without `=` has an empty
    /// value.
    pub fn options(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        parse::options(parse::split(&self.text).query)
            .map(|(_, name, value)| (decoded(name), decoded(value)))
    }

    /// The decoded value of one option; `None` when it is not there. No name occurs twice.
    pub fn option(&self, name: &str) -> Option<Cow<'_, str>> {
        self.options()
            .find_map(|(found, value)| (found == name).then_some(value))
    }
}

/// `check` has refused every text whose escapes do not decode.
fn decoded(text: &str) -> Cow<'_, str> {
    percent::unescape(text).unwrap_or(Cow::Borrowed(text))
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::parse(text)
    }
}

impl AsRef<str> for Endpoint {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.text)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Endpoint({:?})", &*self.text)
    }
}

/// Why a text is not an endpoint. Positions are byte offsets from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndpointError {
    /// Longer than an endpoint may be.
    TooLong {
        /// Length of the text.
        bytes: usize,
        /// The limit, [`ENDPOINT_BYTES_MAX`].
        bytes_max: usize,
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
    /// A name or password before the host.
    UserInformation {
        /// Where it starts.
        position: usize,
    },
    /// The same option is given twice.
    RepeatedOption {
        /// Where the second one starts.
        position: usize,
        /// Its decoded name.
        name: String,
    },
}

impl fmt::Display for EndpointError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EndpointError::TooLong { bytes, bytes_max } => write!(
                formatter,
                "the endpoint has {bytes} bytes; at most {bytes_max} are allowed"
            ),
            EndpointError::Unexpected {
                position,
                expected,
                found,
            } => write_unexpected(formatter, "endpoint", *position, expected, *found),
            EndpointError::UserInformation { position } => write!(
                formatter,
                "endpoint, byte {position}: expected a host, found a name or password before an `@`, which have no \
                 place in an endpoint: it is printed and logged"
            ),
            EndpointError::RepeatedOption { position, name } => write!(
                formatter,
                "endpoint, byte {position}: the option {name:?} is given twice"
            ),
        }
    }
}

impl std::error::Error for EndpointError {}

/// One sentence for "here, that was expected, this was found"; references use the same words.
pub(crate) fn write_unexpected(
    formatter: &mut fmt::Formatter<'_>,
    what: &str,
    position: usize,
    expected: &str,
    found: Option<char>,
) -> fmt::Result {
    write!(
        formatter,
        "{what}, byte {position}: expected {expected}, found "
    )?;
    match found {
        Some(character) => write!(formatter, "{character:?}"),
        None => formatter.write_str("the end"),
    }
}

/// The longest endpoint, in bytes.
pub const ENDPOINT_BYTES_MAX: usize = 4096;

#[cfg(test)]
pub(crate) mod tests;
