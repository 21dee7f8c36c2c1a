//! Services and the addresses of their ports.

use super::index::Index;
use crate::wsdl::load::Loaded;
use crate::wsdl::model::{Port, Service, shared};
use crate::wsdl::syntax::definitions::Service as Declared;

/// All services that have a port of SOAP.
pub(super) fn services(index: &Index<'_>, loaded: &Loaded) -> Vec<Service> {
    let mut services = Vec::new();
    for declared in loaded.definitions.iter().flat_map(|it| &it.services) {
        let ports = ports(index, declared);
        if !ports.is_empty() {
            services.push(Service {
                name: declared.name.clone(),
                documentation: shared(&declared.documentation),
                ports,
            });
        }
    }
    services
}

fn ports(index: &Index<'_>, service: &Declared) -> Vec<Port> {
    let mut ports = Vec::new();
    for declared in &service.ports {
        // A port whose binding nobody wrote, as published files have them, is of no use; the others are.
        let Some(binding) = index.bindings.get(&declared.binding) else {
            continue;
        };
        if let (Some(soap), Some(address)) = (&binding.soap, &declared.address) {
            ports.push(Port {
                name: declared.name.clone(),
                documentation: shared(&declared.documentation),
                interface: binding.port_type.clone(),
                version: soap.version,
                address: address.clone(),
            });
        }
    }
    ports
}
