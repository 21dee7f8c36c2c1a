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
                let Some(endpoint) = port.endpoint() else {
                    continue;
                };
                if !seen.insert((&service.name, &port.name)) {
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
                let value = format!("{endpoint:?};");
                out.broken(0, &format!("pub const {name}: &str ="), &value);
            }
        }
    }
}
