//! Endpoints as a provider reads them: scheme, host and port, path, options. (The base library has checked the text's
//! form and length before; what a part means is each provider's business.)

use rmix_abi::tables::Err;

use crate::failure;

/// The parts of `scheme://host:port/path?option=value` or `scheme:path?option=value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parts<'a> {
    /// The whole text.
    pub text: &'a str,
    /// Before the first colon.
    pub scheme: &'a str,
    /// Host without brackets, and port, when there is an authority.
    pub authority: Option<(&'a str, Option<u16>)>,
    /// After the authority, with its leading slash; or everything after the colon, up to the options.
    pub path: &'a str,
    /// After the question mark.
    pub options: &'a str,
}

impl<'a> Parts<'a> {
    /// Splits an endpoint.
    ///
    /// # Errors
    /// `FixRequest`: no scheme, or a port that is not one.
    pub fn parse(text: &'a str) -> Result<Parts<'a>, Err> {
        let wrong = |why: &str| failure::endpoint(text, why);
        let (scheme, rest) = text
            .split_once(':')
            .ok_or_else(|| wrong("it has no scheme"))?;
        let (rest, options) = rest.split_once('?').unwrap_or((rest, ""));
        let Some(rest) = rest.strip_prefix("//") else {
            return Ok(Parts {
                text,
                scheme,
                authority: None,
                path: rest,
                options,
            });
        };
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, ""),
        };
        let (host, port) = match authority.strip_prefix('[') {
            Some(inner) => {
                let (host, after) = inner
                    .split_once(']')
                    .ok_or_else(|| wrong("its IPv6 address has no closing bracket"))?;
                (host, after.strip_prefix(':'))
            }
            None => match authority.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (authority, None),
            },
        };
        let port = match port {
            None => None,
            Some(port) => {
                let number = port.parse::<u16>();
                Some(number.map_err(|_| wrong("its port is not a number from 0 to 65535"))?)
            }
        };
        Ok(Parts {
            text,
            scheme,
            authority: Some((host, port)),
            path,
            options,
        })
    }

    /// Host and port; both must be there.
    ///
    /// # Errors
    /// `FixRequest` when one is missing, with the sentence which.
    pub fn host_port(&self) -> Result<(&'a str, u16), Err> {
        let scheme = self.scheme;
        let why = match self.authority {
            Some((host, Some(port))) if !host.is_empty() => return Ok((host, port)),
            Some((host, None)) if !host.is_empty() => {
                let host = match host.contains(':') {
                    true => format!("[{host}]"),
                    false => host.to_owned(),
                };
                format!(
                    "it has no port: {scheme}://{host}:PORT; where an object is exported, port 0 takes a free one"
                )
            }
            Some((_, Some(port))) => format!("it has no host: {scheme}://HOST:{port}"),
            _ => format!("it has neither host nor port: {scheme}://HOST:PORT"),
        };
        Err(failure::endpoint(self.text, &why))
    }

    /// The value of an option, when given: names and values are compared and returned with percent escapes decoded, and
    /// an option without `=` has an empty value, as in the base library.
    ///
    /// # Errors
    /// `FixRequest` when an escape is broken, or does not decode to UTF-8.
    pub fn option(&self, name: &str) -> Result<Option<String>, Err> {
        for pair in self.options.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            if self.text_decoded(key)? == name {
                return self.text_decoded(value).map(Some);
            }
        }
        Ok(None)
    }

    /// The path with percent escapes decoded.
    ///
    /// # Errors
    /// `FixRequest` when an escape is broken.
    pub fn path_decoded(&self) -> Result<Vec<u8>, Err> {
        self.decoded(self.path)
    }

    fn text_decoded(&self, part: &str) -> Result<String, Err> {
        String::from_utf8(self.decoded(part)?)
            .map_err(|_| failure::endpoint(self.text, "the escapes of an option are not UTF-8"))
    }

    fn decoded(&self, part: &str) -> Result<Vec<u8>, Err> {
        let mut out = Vec::with_capacity(part.len());
        let mut bytes = part.bytes();
        while let Some(byte) = bytes.next() {
            if byte != b'%' {
                out.push(byte);
                continue;
            }
            let mut digit = || {
                bytes
                    .next()
                    .and_then(|digit| char::from(digit).to_digit(16))
            };
            let (Some(high), Some(low)) = (digit(), digit()) else {
                return Err(failure::endpoint(
                    self.text,
                    "a % is not followed by two hex digits",
                ));
            };
            out.push(u8::try_from(high * 16 + low).unwrap_or(b'%'));
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tcp_endpoint_splits() {
        let parts = Parts::parse("sunrpc+tcp://[::1]:111/536870978/1?auth=sys").unwrap();
        assert_eq!(parts.scheme, "sunrpc+tcp");
        assert_eq!(parts.host_port().unwrap(), ("::1", 111));
        assert_eq!(parts.path, "/536870978/1");
        assert_eq!(parts.option("auth").unwrap().as_deref(), Some("sys"));
        assert_eq!(parts.option("other").unwrap(), None);
    }

    #[test]
    fn options_are_found_by_their_decoded_name_and_decoded() {
        let parts = Parts::parse("a:/x?one=1&tw%6F=%C3%A9%3d&bare").unwrap();
        assert_eq!(parts.option("two").unwrap().as_deref(), Some("é="));
        assert_eq!(parts.option("bare").unwrap().as_deref(), Some(""));
        assert_eq!(parts.option("tw%6F").unwrap(), None);
        for broken in ["a:/x?%z=1&two=2", "a:/x?two=%4", "a:/x?two=%FF"] {
            let failure = Parts::parse(broken).unwrap().option("two").unwrap_err();
            assert!(failure.text().contains(broken), "{}", failure.text());
        }
    }

    #[test]
    fn path_endpoint_splits_and_unescapes() {
        let parts = Parts::parse("msgpack+unix:/run/a%20b.sock").unwrap();
        assert_eq!(parts.authority, None);
        assert_eq!(parts.path_decoded().unwrap(), b"/run/a b.sock");
    }

    #[test]
    fn broken_endpoints_say_why() {
        for (text, why) in [
            ("nothing", "no scheme"),
            ("a://h:70000", "0 to 65535"),
            ("a://[::1", "bracket"),
        ] {
            let failure = Parts::parse(text).unwrap_err();
            assert!(failure.text().contains(why), "{}", failure.text());
        }
        assert!(Parts::parse("a:%zz").unwrap().path_decoded().is_err());
    }

    #[test]
    fn what_is_missing_of_host_and_port_is_told() {
        for (text, why) in [
            (
                "a+b://h/x",
                "it has no port: a+b://h:PORT; where an object is exported, port 0",
            ),
            ("a+b://[::1]", "it has no port: a+b://[::1]:PORT;"),
            ("a+b://:80/x", "it has no host: a+b://HOST:80"),
            ("a+b:/x", "it has neither host nor port: a+b://HOST:PORT"),
            ("a+b:///x", "it has neither host nor port: a+b://HOST:PORT"),
        ] {
            let failure = Parts::parse(text).unwrap().host_port().unwrap_err();
            let expected = format!("the endpoint {text:?} is not usable: {why}");
            assert!(failure.text().starts_with(&expected), "{}", failure.text());
        }
        let free = Parts::parse("a+b://h:0").unwrap();
        assert_eq!(free.host_port().unwrap(), ("h", 0));
    }
}
