//! Names with their namespaces, and the namespaces that have a meaning here.

use std::fmt;
use std::sync::Arc;

/// A name in a namespace.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QName {
    /// The namespace's URI; empty when the name is in none.
    pub namespace: Arc<str>,
    /// The name within it.
    pub local: Arc<str>,
}

impl QName {
    /// A name in a namespace, which is empty for none.
    pub fn new(namespace: impl Into<Arc<str>>, local: impl Into<Arc<str>>) -> QName {
        QName {
            namespace: namespace.into(),
            local: local.into(),
        }
    }

    pub(crate) fn is(&self, namespace: &str, local: &str) -> bool {
        &*self.namespace == namespace && &*self.local == local
    }
}

impl fmt::Display for QName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.namespace.is_empty() {
            write!(f, "{{{}}}", self.namespace)?;
        }
        f.write_str(&self.local)
    }
}

/// WSDL 1.1.
pub(crate) const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";
/// WSDL 2.0, which is another language.
pub(crate) const WSDL_2: &str = "http://www.w3.org/ns/wsdl";
/// Its extension for SOAP 1.1.
pub(crate) const WSDL_SOAP_11: &str = "http://schemas.xmlsoap.org/wsdl/soap/";
/// Its extension for SOAP 1.2.
pub(crate) const WSDL_SOAP_12: &str = "http://schemas.xmlsoap.org/wsdl/soap12/";
/// Its extension for attachments.
pub(crate) const WSDL_MIME: &str = "http://schemas.xmlsoap.org/wsdl/mime/";
/// WS-Addressing 1.0 in descriptions.
pub(crate) const ADDRESSING_METADATA: &str = "http://www.w3.org/2007/05/addressing/metadata";
/// The draft of it, which older tools write.
pub(crate) const ADDRESSING_BINDING: &str = "http://www.w3.org/2006/05/addressing/wsdl";
/// WS-Addressing 1.0 itself.
pub(crate) const ADDRESSING: &str = "http://www.w3.org/2005/08/addressing";
/// XML Schema.
pub(crate) const XSD: &str = "http://www.w3.org/2001/XMLSchema";
/// The attributes `xml:lang` and its kin.
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// The encoding of SOAP 1.1.
pub(crate) const SOAP_ENCODING_11: &str = "http://schemas.xmlsoap.org/soap/encoding/";
/// The encoding of SOAP 1.2.
pub(crate) const SOAP_ENCODING_12: &str = "http://www.w3.org/2003/05/soap-encoding";
/// The attribute `xmime:contentType`.
pub(crate) const XML_MIME: &str = "http://www.w3.org/2005/05/xmlmime";

/// Whether names of the namespace are known without a file.
pub(crate) fn is_known(namespace: &str) -> bool {
    [XSD, XML, SOAP_ENCODING_11, SOAP_ENCODING_12, XML_MIME].contains(&namespace)
}
