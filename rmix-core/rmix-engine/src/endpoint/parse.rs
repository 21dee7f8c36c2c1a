//! The syntax of endpoints: one function splits a text, one checks it; the accessors use the same
//! split.
//!
//! `split` is total and judges nothing; only `check` refuses. Positions are byte offsets from the
//! start of the text.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::net::Ipv6Addr;

use super::redacted::user_information;
use super::{ENDPOINT_BYTES_MAX, EndpointError};
use crate::percent;

/// The parts of an endpoint as they are written, and where they start.
pub(super) struct Parts<'a> {
    pub(super) scheme: &'a str,
    pub(super) rest: &'a str,
    /// Between `//` and the path.
    pub(super) authority: Option<&'a str>,
    pub(super) path: &'a str,
    /// After `?`.
    pub(super) query: Option<&'a str>,
}

/// Splits a text at its separators; a part that is not there is empty or `None`.
pub(super) fn split(text: &str) -> Parts<'_> {
    let (scheme, rest) = text.split_once(':').unwrap_or((text, ""));
    if is_opaque(scheme) {
        return Parts {
            scheme,
            rest,
            authority: None,
            path: rest,
            query: None,
        };
    }
    let (before_query, query) = match rest.split_once('?') {
        Some((before, query)) => (before, Some(query)),
        None => (rest, None),
    };
    let (authority, path) = match before_query.strip_prefix("//") {
        Some(after) => {
            let (authority, path) = after
                .find('/')
                .and_then(|end| after.split_at_checked(end))
                .unwrap_or((after, ""));
            (Some(authority), path)
        }
        None => (None, before_query),
    };
    Parts {
        scheme,
        rest,
        authority,
        path,
        query,
    }
}

/// The part of a scheme after its first `+`.
pub(super) fn transport(scheme: &str) -> Option<&str> {
    scheme.split_once('+').map(|(_, transport)| transport)
}

/// Whether what follows the colon is a command, without authority, query and escapes.
pub(super) fn is_opaque(scheme: &str) -> bool {
    transport(scheme) == Some(OPAQUE_TRANSPORT)
}

/// Options as written, each with the offset of its name within the query.
pub(super) fn options(query: Option<&str>) -> impl Iterator<Item = (usize, &str, &str)> {
    let mut start = 0;
    query
        .into_iter()
        .flat_map(|query| query.split('&'))
        .map(move |option| -> (usize, &str, &str) {
            let position = start;
            start += option.len() + 1;
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            (position, name, value)
        })
}

/// Host (without brackets) and port of an authority that passed `check_authority`; `None` when it
/// is empty.
pub(super) fn host_and_port(authority: &str) -> Option<(&str, Option<u16>)> {
    if authority.is_empty() {
        return None;
    }
    if let Some(bracketed) = authority.strip_prefix('[') {
        let (host, after) = bracketed.split_once(']')?;
        let port = after.strip_prefix(':').and_then(|port| port.parse().ok());
        return Some((host, port));
    }
    match authority.split_once(':') {
        Some((host, port)) => Some((host, port.parse().ok())),
        None => Some((authority, None)),
    }
}

/// Refuses every text that is not an endpoint.
pub(super) fn check(text: &str) -> Result<(), EndpointError> {
    if text.len() > ENDPOINT_BYTES_MAX {
        return Err(EndpointError::TooLong {
            bytes: text.len(),
            bytes_max: ENDPOINT_BYTES_MAX,
        });
    }
    let check = Check { text };
    check.scheme()?;
    let parts = split(text);
    let rest_start = parts.scheme.len() + 1;
    if is_opaque(parts.scheme) {
        return check.command(parts.rest, rest_start);
    }
    check.characters(parts.rest, rest_start)?;
    let mut position = rest_start;
    if let Some(authority) = parts.authority {
        position += "//".len();
        // Before anything is said of what stands there.
        if text.get(position..).and_then(user_information).is_some() {
            return Err(EndpointError::UserInformation { position });
        }
        check.authority(authority, position)?;
        position += authority.len();
        if authority.is_empty() && parts.path.is_empty() {
            return Err(check.unexpected(position, "a host or a path"));
        }
    }
    check.escapes(parts.path, position)?;
    if let Some(query) = parts.query {
        check.query(query, position + parts.path.len() + 1)?;
    }
    Ok(())
}

/// The text under check, so that an error can say what stands at a position.
struct Check<'a> {
    text: &'a str,
}

impl Check<'_> {
    fn unexpected(&self, position: usize, expected: &'static str) -> EndpointError {
        EndpointError::Unexpected {
            position,
            expected,
            found: self
                .text
                .get(position..)
                .and_then(|rest| rest.chars().next()),
        }
    }

    /// One or more names joined by `+`, then a colon.
    fn scheme(&self) -> Result<(), EndpointError> {
        let mut name_start = true;
        for (position, character) in self.text.char_indices() {
            match character {
                'a'..='z' => name_start = false,
                _ if name_start => {
                    return Err(self.unexpected(
                        position,
                        "a small letter that starts a protocol or a transport",
                    ));
                }
                '0'..='9' | '.' | '-' => {}
                '+' => name_start = true,
                ':' => return self.not_reserved(position),
                _ => {
                    return Err(self.unexpected(
                        position,
                        "a colon after the scheme (small letters, digits, `+`, `-`, `.`)",
                    ));
                }
            }
        }
        Err(self.unexpected(self.text.len(), "a scheme and a colon"))
    }

    fn not_reserved(&self, colon: usize) -> Result<(), EndpointError> {
        if self.text.get(..colon) == Some(RESERVED_SCHEME) {
            return Err(self.unexpected(0, "an endpoint; `rmix:` starts a reference"));
        }
        Ok(())
    }

    fn command(&self, command: &str, start: usize) -> Result<(), EndpointError> {
        if command.trim().is_empty() {
            return Err(self.unexpected(self.text.len(), "a command"));
        }
        match command.find(char::is_control) {
            Some(offset) => Err(self.unexpected(start + offset, "no control character")),
            None => Ok(()),
        }
    }

    fn characters(&self, rest: &str, start: usize) -> Result<(), EndpointError> {
        for (offset, character) in rest.char_indices() {
            let expected = match character {
                '#' => "no fragment (`#` is written `%23`)",
                _ if character.is_control() => "no control character",
                _ if character.is_whitespace() => "no white space (a space is written `%20`)",
                _ => continue,
            };
            return Err(self.unexpected(start + offset, expected));
        }
        Ok(())
    }

    fn authority(&self, authority: &str, start: usize) -> Result<(), EndpointError> {
        if authority.is_empty() {
            return Ok(());
        }
        if let Some(bracketed) = authority.strip_prefix('[') {
            return self.bracketed(bracketed, start + 1);
        }
        let host = authority
            .split_once(':')
            .map_or(authority, |(host, _)| host);
        if host.is_empty() {
            return Err(self.unexpected(start, "a host"));
        }
        let allowed = |character: char| {
            character.is_ascii_alphanumeric() || matches!(character, '-' | '.' | '_' | '~')
        };
        if let Some(offset) = host.find(|character| !allowed(character)) {
            return Err(self.unexpected(
                start + offset,
                "a host name of letters, digits, `-`, `.`, `_`, `~`, or an IPv6 address in brackets",
            ));
        }
        self.port(authority.get(host.len()..), start + host.len())
    }

    fn bracketed(&self, after_bracket: &str, start: usize) -> Result<(), EndpointError> {
        let Some((host, after)) = after_bracket.split_once(']') else {
            return Err(self.unexpected(start + after_bracket.len(), "`]` after an IPv6 address"));
        };
        let (address, zone) = match host.split_once("%25") {
            Some((address, zone)) => (address, Some(zone)),
            None => (host, None),
        };
        if address.parse::<Ipv6Addr>().is_err() {
            return Err(self.unexpected(start, "an IPv6 address in brackets"));
        }
        let zone_allowed =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if zone.is_some_and(|zone| zone.is_empty() || !zone.bytes().all(zone_allowed)) {
            return Err(self.unexpected(start + address.len(), "a zone such as `%25eth0`"));
        }
        self.port(Some(after), start + host.len() + 1)
    }

    /// Nothing, or a colon and a port.
    fn port(&self, after_host: Option<&str>, start: usize) -> Result<(), EndpointError> {
        let Some(after_host) = after_host.filter(|after| !after.is_empty()) else {
            return Ok(());
        };
        let Some(digits) = after_host.strip_prefix(':') else {
            return Err(self.unexpected(start, "a colon and a port, or a path"));
        };
        let decimal = digits.bytes().all(|byte| byte.is_ascii_digit());
        if !decimal || digits.parse::<u16>().is_err() {
            return Err(self.unexpected(start + 1, "a port from 0 to 65535"));
        }
        Ok(())
    }

    fn query(&self, query: &str, start: usize) -> Result<(), EndpointError> {
        let mut names = BTreeSet::new();
        for (offset, name, value) in options(Some(query)) {
            let position = start + offset;
            if name.is_empty() {
                return Err(self.unexpected(position, "an option `name=value`"));
            }
            let decoded = self.escapes(name, position)?;
            self.escapes(value, position + name.len() + 1)?;
            if names.contains(&decoded) {
                return Err(EndpointError::RepeatedOption {
                    position,
                    name: decoded.into_owned(),
                });
            }
            names.insert(decoded);
        }
        Ok(())
    }

    /// Every escape decodes, and none hides a NUL, where a C string would end.
    fn escapes<'a>(&self, part: &'a str, start: usize) -> Result<Cow<'a, str>, EndpointError> {
        let decoded = percent::unescape(part)
            .map_err(|error| self.unexpected(start + error.position, error.expected))?;
        if let Some(offset) = decoded.find('\0').and_then(|_| part.find("%00")) {
            return Err(self.unexpected(start + offset, "no escaped NUL"));
        }
        Ok(decoded)
    }
}

/// The transport whose rest is the text of a command.
const OPAQUE_TRANSPORT: &str = "exec";
/// The scheme of a reference in text form.
const RESERVED_SCHEME: &str = "rmix";
