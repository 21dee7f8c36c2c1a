//! What a document may hold at most.

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
