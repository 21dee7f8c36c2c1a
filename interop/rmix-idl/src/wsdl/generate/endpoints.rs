//! Addresses of ports as constants.

use std::collections::BTreeSet;

use super::names::identifier;
use super::{Generator, docs};
use crate::generate::names::Members;
use crate::generate::text::Text;
use crate::wsdl::model::SoapVersion;

impl Generator<'_> {
    /// Writes a constant for each port whose address is one of HTTP.
    pub(super) fn endpoints(&self, out: &mut Text) {
        let mut members = Members::new(&[]);
        let mut seen = BTreeSet::new();
        for service in &self.description.services {
            for port in &service.ports {
                let address = port.address.as_str();
                let is_http = ["http://", "https://"]
                    .iter()
                    .any(|it| address.starts_with(it));
                if !is_http || !seen.insert((&service.name, &port.name)) {
                    continue;
                }
                let version = match port.version {
                    SoapVersion::Soap11 => "1.1",
                    SoapVersion::Soap12 => "1.2",
                };
                let head = format!(
                    "Port {} of the service {}: SOAP {version}.",
                    docs::quoted(&port.name),
                    docs::quoted(&service.name.local)
                );
                out.gap();
                docs::write(out, 0, &head, &port.documentation, &[]);
                let name = members.shouty(&format!("{}_ENDPOINT", identifier(&port.name)));
                let value = format!("{:?};", endpoint(address, port.version));
                out.broken(0, &format!("pub const {name}: &str ="), &value);
            }
        }
    }
}

/// The endpoint of a port: its address, and the version of SOAP where it is not the one that is spoken without a word.
fn endpoint(address: &str, version: SoapVersion) -> String {
    let separator = if address.contains('?') { '&' } else { '?' };
    match version {
        SoapVersion::Soap11 => format!("soap+{address}"),
        SoapVersion::Soap12 => format!("soap+{address}{separator}version=1.2"),
    }
}
