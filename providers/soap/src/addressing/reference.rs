//! References to objects as endpoint references (core, 2.1 and 2.2), and back to the text that the host has of them.
//!
//! | of the reference | in XML |
//! |---|---|
//! | its first endpoint of SOAP | `Address`; the anonymous one without any endpoint |
//! | interface and object | reference parameters `{urn:rmix:soap}interface` and `object`, which callers echo |
//! | the option `parameters` of that endpoint | the reference parameters, in place of these: they are somebody else's |
//! | endpoints that the address does not say | `{urn:rmix:soap}endpoint` in `Metadata`, all of them in order |
//!
//! An endpoint that was read has the parameters in that option, so that calls by the reference echo them.

use rmix_abi::tables::{Fault, fault};
use rmix_provider::endpoint::Parts;

use super::properties::OBJECT;
use super::{Edition, Parameters};
use crate::fault::REFUSAL_NAMESPACE;
use crate::options;
use crate::xml::{Document, StartTag, XmlLimits, beyond, escape, trim};

/// Endpoints of one reference, as the host has it.
pub(crate) const ENDPOINTS_MAX: usize = 16;

/// Bytes of an endpoint, its reference parameters percent-encoded in it: what the host takes (`rmix_engine`). Parameters
/// take one to three times the bytes that they have in XML.
pub(crate) const ENDPOINT_BYTES_MAX: usize = 4096;

/// What begins the text of a reference.
const PREFIX: &str = "rmix:";
/// Local names of our own elements.
const INTERFACE: &str = "interface";
const ENDPOINT: &str = "endpoint";

/// Appends the content of the element that the reference of this text is.
///
/// # Errors
/// The text is none of a reference, or its `parameters` are not XML.
pub(crate) fn put(text: &[u8], limits: &XmlLimits, out: &mut Vec<u8>) -> Result<(), Fault> {
    let text = std::str::from_utf8(text).map_err(|_| no_reference())?;
    let (interface, object, endpoints) = parts(text).ok_or_else(no_reference)?;
    let namespace = Edition::W3c.namespace();
    let soap = endpoints.iter().find(|one| one.starts_with("soap+http"));
    let address = match (soap, endpoints.first()) {
        (Some(soap), _) => http_address(soap),
        (None, Some(first)) => first.as_str(),
        (None, None) => Edition::W3c.anonymous(),
    };
    element("wsa", "Address", namespace, address, out)?;
    let mut inner = Vec::new();
    match soap.map(|soap| parameters_of(soap)).transpose()?.flatten() {
        Some(parameters) => Parameters::parse(&parameters, *limits)?.put(&mut inner),
        None if interface.is_empty() && object == "0" => {}
        None => {
            element("r", INTERFACE, REFUSAL_NAMESPACE, &interface, &mut inner)?;
            element("r", OBJECT, REFUSAL_NAMESPACE, object, &mut inner)?;
        }
    }
    around("ReferenceParameters", &inner, out);
    let shown: Vec<String> = endpoints.iter().map(|one| for_others(one)).collect();
    let mut inner = Vec::new();
    if shown.len() > 1
        || shown
            .first()
            .is_some_and(|one| http_address(one) != address || one.contains('?'))
    {
        for endpoint in &shown {
            element("r", ENDPOINT, REFUSAL_NAMESPACE, endpoint, &mut inner)?;
        }
    }
    around("Metadata", &inner, out);
    Ok(())
}

/// Reads the children of the element that is a reference, and is open: the reference's text.
///
/// # Errors
/// It has no address, or one that no endpoint can be.
pub(crate) fn read(document: &mut Document, tag: StartTag) -> Result<String, Fault> {
    let mut found = Found::default();
    let namespace = Edition::W3c.namespace().as_bytes();
    while !tag.is_empty
        && let Some(child) = document.peek_child()?
    {
        let is_own = *document.namespace(&child)? == *namespace;
        match child.local().of(document.bytes()) {
            b"Address" if is_own && found.address.is_none() => {
                found.address = Some(text(document, child)?);
            }
            b"Address" if is_own => return Err(wrong("a reference has two addresses", child)),
            b"ReferenceParameters" if is_own => {
                let back = document.at;
                found.parameters.read(document, child)?;
                // Ours are read again, for what they say.
                document.at = back;
                each_own(document, child, &mut found)?;
            }
            b"Metadata" if is_own => each_own(document, child, &mut found)?,
            _ => document.skip()?,
        }
    }
    found.text(tag)
}

/// What was read of a reference.
#[derive(Default)]
struct Found {
    address: Option<String>,
    parameters: Parameters,
    interface: String,
    object: u64,
    endpoints: Vec<String>,
}

impl Found {
    fn text(self, tag: StartTag) -> Result<String, Fault> {
        let Some(address) = self.address.filter(|address| !address.is_empty()) else {
            return Err(wrong("a reference has no address", tag));
        };
        let mut endpoints = self.endpoints;
        if address == Edition::W3c.anonymous() {
            // Reached by the link it came on alone.
        } else if address.starts_with("http://") || address.starts_with("https://") {
            if address.contains('?') {
                let rule =
                    "the address of a reference has a query, which endpoints have for options";
                return Err(wrong(rule, tag));
            }
            let known = endpoints
                .iter()
                .position(|one| http_address(one) == address);
            let place = known.unwrap_or(0);
            if known.is_none() {
                endpoints.insert(0, format!("soap+{address}"));
            }
            if let Some(endpoint) = endpoints.get_mut(place)
                && !self.parameters.is_empty()
            {
                add_parameters(endpoint, &self.parameters);
                if endpoint.len() > ENDPOINT_BYTES_MAX {
                    let name = "soap_reference_endpoint_bytes";
                    return Err(beyond(name, tag.at, endpoint.len(), ENDPOINT_BYTES_MAX));
                }
            }
        } else if endpoints.is_empty() {
            endpoints.push(address);
        }
        let mut text = PREFIX.to_owned();
        escape_percent(&self.interface, "-._~:/", &mut text);
        text.push_str(&format!("#{}", self.object));
        for (index, endpoint) in endpoints.iter().enumerate() {
            text.push(if index == 0 { '@' } else { '|' });
            for character in endpoint.chars() {
                match character {
                    '%' => text.push_str("%25"),
                    '|' => text.push_str("%7C"),
                    _ if character.is_whitespace() => {
                        return Err(wrong(
                            "an endpoint of a reference has white space in it",
                            tag,
                        ));
                    }
                    _ => text.push(character),
                }
            }
        }
        Ok(text)
    }
}

/// Reads what is ours of an element's children, and leaves the element.
fn each_own(document: &mut Document, tag: StartTag, found: &mut Found) -> Result<(), Fault> {
    let element = document.open(tag)?;
    while !tag.is_empty
        && let Some(child) = document.peek_child()?
    {
        if *document.namespace(&child)? != *REFUSAL_NAMESPACE.as_bytes() {
            document.skip()?;
            continue;
        }
        let local = child.local().of(document.bytes());
        if local == INTERFACE.as_bytes() {
            found.interface = text(document, child)?;
        } else if local == OBJECT.as_bytes() {
            let object = text(document, child)?.parse();
            found.object = object.map_err(|_| wrong("an object is a number", child))?;
        } else if local == ENDPOINT.as_bytes() {
            let count = found.endpoints.len() + 1;
            if count > ENDPOINTS_MAX {
                let name = "soap_reference_endpoints";
                return Err(beyond(name, child.at, count, ENDPOINTS_MAX));
            }
            found.endpoints.push(text(document, child)?);
        } else {
            document.skip()?;
        }
    }
    document.close(&element)
}

/// Interface, object and endpoints of a reference's text, or of a bare endpoint.
fn parts(text: &str) -> Option<(String, &str, Vec<String>)> {
    let Some(rest) = text.strip_prefix(PREFIX) else {
        return Some((String::new(), "0", vec![text.to_owned()]));
    };
    let (interface, rest) = rest.split_once('#')?;
    let (object, endpoints) = match rest.split_once('@') {
        Some((object, endpoints)) => (object, endpoints.split('|').map(unescaped).collect()),
        None => (rest, Some(Vec::new())),
    };
    object.parse::<u64>().ok()?;
    Some((unescaped(interface)?, object, endpoints?))
}

/// The URL of an endpoint of SOAP; any other is its own address.
fn http_address(endpoint: &str) -> &str {
    let bare = endpoint.split('?').next().unwrap_or(endpoint);
    match bare.strip_prefix("soap+") {
        Some(url) => url,
        None => endpoint,
    }
}

/// The option `parameters` of an endpoint.
fn parameters_of(endpoint: &str) -> Result<Option<String>, Fault> {
    let found = Parts::parse(endpoint).and_then(|parts| parts.option("parameters"));
    found.map_err(|_| no_reference())
}

/// The endpoint as others get it: before parameters are added, and without what is of this end alone.
fn for_others(endpoint: &str) -> String {
    let Some((bare, options)) = endpoint.split_once('?') else {
        return endpoint.to_owned();
    };
    let options = match endpoint.starts_with("soap+") {
        true => options::shown(options),
        false => options.to_owned(),
    };
    let is_parameters = |one: &&str| one.starts_with("parameters=");
    let was_bare = options.split('&').any(|one| is_parameters(&one));
    let kept = options
        .split('&')
        .filter(|one| !was_bare || (!is_parameters(one) && *one != "addressing=on"));
    match kept.collect::<Vec<_>>().join("&").as_str() {
        "" => bare.to_owned(),
        kept => format!("{bare}?{kept}"),
    }
}

fn add_parameters(endpoint: &mut String, parameters: &Parameters) {
    let mut raw = Vec::new();
    parameters.put(&mut raw);
    let (has_options, is_on) = match endpoint.split_once('?') {
        Some((_, options)) => (
            true,
            options.split('&').any(|one| one.starts_with("addressing=")),
        ),
        None => (false, false),
    };
    endpoint.push(if has_options { '&' } else { '?' });
    if !is_on {
        endpoint.push_str("addressing=on&");
    }
    endpoint.push_str("parameters=");
    escape_percent(&String::from_utf8_lossy(&raw), "-._~:/", endpoint);
}

fn escape_percent(text: &str, kept: &str, out: &mut String) {
    for byte in text.bytes() {
        let character = char::from(byte);
        match byte.is_ascii_alphanumeric() || kept.contains(character) {
            true => out.push(character),
            false => out.push_str(&format!("%{byte:02X}")),
        }
    }
}

fn unescaped(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        out.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(out).ok()
}

fn element(
    prefix: &str,
    name: &str,
    namespace: &str,
    text: &str,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    out.extend_from_slice(format!("<{prefix}:{name} xmlns:{prefix}=\"{namespace}\">").as_bytes());
    escape(text.as_bytes(), out)?;
    out.extend_from_slice(format!("</{prefix}:{name}>").as_bytes());
    Ok(())
}

/// An element of addressing around others, unless there are none.
fn around(name: &str, inner: &[u8], out: &mut Vec<u8>) {
    if inner.is_empty() {
        return;
    }
    let namespace = Edition::W3c.namespace();
    out.extend_from_slice(format!("<wsa:{name} xmlns:wsa=\"{namespace}\">").as_bytes());
    out.extend_from_slice(inner);
    out.extend_from_slice(format!("</wsa:{name}>").as_bytes());
}

fn text(document: &mut Document, tag: StartTag) -> Result<String, Fault> {
    let element = document.open(tag)?;
    let text = document.text(&element)?;
    Ok(String::from_utf8_lossy(trim(text.of(document.bytes()))).into_owned())
}

#[cold]
fn wrong(rule: &'static str, tag: StartTag) -> Fault {
    Fault::new(fault::MISMATCH, rule).at(tag.at as u64)
}

#[cold]
fn no_reference() -> Fault {
    Fault::new(fault::MISMATCH, "the text is not that of a reference")
}
