//! What a document may hold at most.

use rmix_abi::tables::{Err, Limits};
use rmix_provider::endpoint::Parts;

use crate::http::limits::number;

/// Limits on one XML document, checked before the work they bound, and named as the endpoint's options that change them.
/// Complete on purpose: every field is a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlLimits {
    /// Elements around an element, its own included (`xml_depth`). Default: the base library's `depth` and 8 for what SOAP
    /// puts around values; from 4 to 10,000.
    pub depth: usize,
    /// Attributes of one element, namespace declarations included (`xml_attributes`). Default 64, from 1 to 10,000.
    pub attributes: usize,
    /// Namespace declarations in scope at one place (`xml_namespaces`). Default 256, from 1 to 10,000.
    pub namespaces: usize,
    /// Bytes of a qualified name (`xml_name_bytes`). Default 1,024, from 16 to 65,536.
    pub name_bytes: usize,
    /// Bytes of one text or attribute value (`xml_text_bytes`). Default: the base library's `message_bytes`; from 1,024 to
    /// 4,294,967,295.
    pub text_bytes: usize,
    /// Elements that are read in one message, those read again through references included (`xml_elements`). Default: as
    /// many of the shortest as a message has room for; from 1 to 4,294,967,295.
    pub elements: u64,
    /// Bytes of text and of parts that are read through references (`xml_reference_bytes`). Default: the base library's
    /// `message_bytes`; from 0 to 4,294,967,295.
    pub reference_bytes: usize,
    /// Header blocks of an envelope (`soap_headers`). Default 64, from 0 to 10,000.
    pub headers: usize,
}

/// The options that [`XmlLimits::new`] reads.
pub(crate) const OPTIONS: [&str; 8] = [
    "xml_depth",
    "xml_attributes",
    "xml_namespaces",
    "xml_name_bytes",
    "xml_text_bytes",
    "xml_elements",
    "xml_reference_bytes",
    "soap_headers",
];

impl Default for XmlLimits {
    fn default() -> XmlLimits {
        XmlLimits {
            depth: 72,
            attributes: 64,
            namespaces: 256,
            name_bytes: 1024,
            text_bytes: 16 << 20,
            elements: 4 << 20,
            reference_bytes: 16 << 20,
            headers: 64,
        }
    }
}

impl XmlLimits {
    /// Those that follow from a link's or listener's limits: a text may fill a message, and values may be as deep as
    /// allowed within envelope, body, wrapper and whatever sequences put around them.
    pub fn of(limits: &Limits) -> XmlLimits {
        let message = usize::try_from(limits.message_bytes).unwrap_or(usize::MAX);
        let depth = usize::try_from(limits.depth).unwrap_or(usize::MAX);
        XmlLimits {
            depth: depth.saturating_add(8),
            text_bytes: message,
            reference_bytes: message,
            // The shortest element has four bytes.
            elements: limits.message_bytes / 4,
            ..XmlLimits::default()
        }
    }

    /// Those of [`XmlLimits::of`], and what the endpoint's options say.
    ///
    /// # Errors
    /// `FixRequest`: an option is not a number, or out of its range.
    pub(crate) fn new(limits: &Limits, endpoint: &Parts<'_>) -> Result<XmlLimits, Err> {
        let mut xml = XmlLimits::of(limits);
        let long = u64::from(u32::MAX);
        for (name, place, least, most) in [
            ("xml_depth", &mut xml.depth, 4, 10_000),
            ("xml_attributes", &mut xml.attributes, 1, 10_000),
            ("xml_namespaces", &mut xml.namespaces, 1, 10_000),
            ("xml_name_bytes", &mut xml.name_bytes, 16, 65_536),
            ("xml_text_bytes", &mut xml.text_bytes, 1024, long),
            ("xml_reference_bytes", &mut xml.reference_bytes, 0, long),
            ("soap_headers", &mut xml.headers, 0, 10_000),
        ] {
            if let Some(number) = number(endpoint, name, least, most)? {
                *place = usize::try_from(number).unwrap_or(usize::MAX);
            }
        }
        if let Some(elements) = number(endpoint, "xml_elements", 1, long)? {
            xml.elements = elements;
        }
        Ok(xml)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_limits_are_those_of_a_link_s_default() {
        assert_eq!(XmlLimits::of(&Limits::default()), XmlLimits::default());
    }

    #[test]
    fn every_option_has_a_range() {
        for name in OPTIONS {
            let limits = |value: &str| {
                let text = format!("soap+http://h:1/x?{name}={value}");
                XmlLimits::new(&Limits::default(), &Parts::parse(&text).unwrap())
            };
            assert_ne!(limits("2000").unwrap(), XmlLimits::default(), "{name}");
            for wrong in ["x", "-1", "", "4294967296"] {
                assert!(limits(wrong).is_err(), "{name}={wrong}");
            }
        }
    }
}
