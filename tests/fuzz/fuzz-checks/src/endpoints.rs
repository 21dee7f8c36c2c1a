//! Endpoints and references: what parses prints back, and the two readers of endpoints agree.

use rmix_engine::{Endpoint, Reference};
use rmix_provider::endpoint::Parts;

use crate::budget::within;

/// An endpoint prints as it was given, and a provider reads from it what the engine does.
pub fn check_endpoint(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let parsed = within(data.len(), || Endpoint::parse(text));
    let endpoint = match parsed {
        Ok(endpoint) => endpoint,
        Err(failure) => return assert!(!failure.to_string().is_empty()),
    };
    assert_eq!(endpoint.to_string(), text);
    assert_eq!(Endpoint::parse(endpoint.as_str()), Ok(endpoint.clone()));
    assert_eq!(format!("{}:{}", endpoint.scheme(), endpoint.rest()), text);
    check_reference_goes_round(&Reference::from(endpoint.clone()));

    let decoded = endpoint.path_decoded();
    // What follows `exec:` is a command, which has no parts.
    if endpoint.transport() == Some("exec") {
        return assert_eq!(decoded, endpoint.rest());
    }
    let parts = Parts::parse(text).expect("the engine has accepted it");
    assert_eq!(parts.scheme, endpoint.scheme());
    let authority = parts.authority.filter(|(host, _)| !host.is_empty());
    assert_eq!(authority, endpoint.authority());
    assert_eq!(parts.path, endpoint.path());
    let path = parts.path_decoded().expect("its escapes were checked");
    assert_eq!(path, decoded.as_bytes());
    for (name, value) in endpoint.options() {
        assert_eq!(endpoint.option(&name).as_deref(), Some(&*value));
        let found = parts.option(&name).expect("its escapes were checked");
        assert_eq!(found.as_deref(), Some(&*value));
    }
}

/// A reference that parses prints something that parses to the same.
pub fn check_reference(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match within(data.len(), || Reference::parse(text)) {
        Ok(reference) => check_reference_goes_round(&reference),
        Err(failure) => assert!(!failure.to_string().is_empty()),
    }
}

fn check_reference_goes_round(reference: &Reference) {
    let printed = reference.to_string();
    assert!(!printed.contains(char::is_whitespace), "{printed:?}");
    assert_eq!(Reference::parse(&printed).as_ref(), Ok(reference));
    let rebuilt = Reference::new(
        reference.interface(),
        reference.object(),
        reference.endpoints().to_vec(),
    );
    assert_eq!(rebuilt.as_ref(), Ok(reference));
}

/// A provider's reader of endpoints is total, and its parts lie where the text has them.
pub fn check_parts(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let parsed = within(data.len(), || Parts::parse(text));
    let parts = match parsed {
        Ok(parts) => parts,
        Err(failure) => return assert!(!failure.text().is_empty()),
    };
    let after_scheme = text
        .strip_prefix(parts.scheme)
        .and_then(|rest| rest.strip_prefix(':'));
    let after_scheme = after_scheme.expect("the text begins with the scheme");
    let before_options = match after_scheme.split_once('?') {
        Some((before, options)) => {
            assert_eq!(options, parts.options);
            before
        }
        None => after_scheme,
    };
    assert!(before_options.ends_with(parts.path));
    assert_eq!(parts.authority.is_some(), before_options.starts_with("//"));
    let (host, port) = parts.authority.unwrap_or_default();
    assert!(before_options.contains(host));
    let complete = !host.is_empty() && port.is_some();
    assert_eq!(parts.host_port().is_ok(), complete);
    if let Ok(path) = within(data.len(), || parts.path_decoded()) {
        assert!(path.len() <= parts.path.len());
    }
    for option in parts.options.split('&').filter(|option| !option.is_empty()) {
        let name = option.split_once('=').map_or(option, |(name, _)| name);
        let found = within(data.len(), || parts.option(name));
        assert!(parts.options.contains('%') || found.is_ok_and(|value| value.is_some()));
    }
}
