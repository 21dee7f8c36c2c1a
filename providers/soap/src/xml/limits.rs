//! What a document may hold at most.

use rmix_abi::tables::Limits;

/// Limits on one XML document, checked before the work they bound. Complete on purpose: every field is a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct XmlLimits {
    /// Elements around an element, its own included (`xml_depth`).
    pub depth: usize,
    /// Attributes of one element, namespace declarations included (`xml_attributes`).
    pub attributes: usize,
    /// Namespace declarations in scope at one place (`xml_namespaces`).
    pub namespaces: usize,
    /// Bytes of a qualified name (`xml_name_bytes`).
    pub name_bytes: usize,
    /// Bytes of one text or attribute value (`xml_text_bytes`).
    pub text_bytes: usize,
    /// Elements that are read in one message, those read again through references included (`xml_elements`).
    pub elements: u64,
    /// Bytes of text that are read through references (`xml_reference_bytes`).
    pub reference_bytes: usize,
    /// Header blocks of an envelope (`soap_headers`).
    pub headers: usize,
}

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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_limits_are_those_of_a_link_s_default() {
        assert_eq!(XmlLimits::of(&Limits::default()), XmlLimits::default());
    }
}
