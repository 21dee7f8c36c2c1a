//! WSDL 1.1 of an interface: messages, port type, bindings, service.

mod binding;
mod message;
mod port_type;

use rmix_abi::describe::{InterfaceDesc, style};

use crate::error::Error;
use crate::names::TypeNames;
use crate::options::{Documents, Options};
use crate::schema::{Builder, Place, Prefixes, Schema};
use crate::xml::{Node, is_name};
use binding::Version;
use message::Messages;

/// The WSDL of an interface.
///
/// ```
/// use rmix::Interface;
///
/// #[rmix::remote(namespace = "urn:example:clock")]
/// pub trait Clock {
///     async fn now(&self) -> i64;
/// }
///
/// # fn main() -> Result<(), rmix_wsdl::Error> {
/// let options = rmix_wsdl::Options::new().soap_1_1("http://localhost:8080/clock");
/// let documents = rmix_wsdl::wsdl(<ClockStub as Interface>::DESCRIPTION, &options)?;
/// assert!(documents.wsdl.contains("<xs:element name=\"nowResponse\">"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// WSDL, XML Schema or the Basic Profile cannot say what the interface is; to be mended there.
pub fn wsdl(interface: &InterfaceDesc, options: &Options<'_>) -> Result<Documents, Error> {
    let (name, namespace) = (interface.name(), interface.namespace());
    if namespace.is_empty() {
        return Err(Error::NoNamespace {
            interface: name.to_owned(),
        });
    }
    if !is_name(name) {
        return Err(Error::NotAName {
            path: name.to_owned(),
            name: name.to_owned(),
        });
    }
    let place = Place::new(name, namespace);
    let is_encoded = interface.style == style::ENCODED;
    let mut builder = Builder::new(namespace, TypeNames::of(interface), is_encoded);
    let messages = Messages::of(interface, &mut builder, &place)?;
    builder.define_types(name)?;
    let schemas = builder.schemas();
    let namespaces = schemas.iter().map(|schema| schema.namespace.as_ref());
    let encoding = is_encoded.then_some(crate::names::ENCODING_1_1);
    let prefixes = Prefixes::new(std::iter::once(namespace).chain(namespaces).chain(encoding));
    let mut documents = Documents {
        wsdl: String::new(),
        schemas: Vec::new(),
    };
    let types = types(&schemas, &prefixes, options, &mut documents)?;
    let definitions = prefixes.declare(
        Node::new("wsdl:definitions")
            .with("name", name)
            .with("targetNamespace", namespace)
            .with("xmlns:wsdl", "http://schemas.xmlsoap.org/wsdl/")
            .with("xmlns:soap", "http://schemas.xmlsoap.org/wsdl/soap/")
            .with("xmlns:soap12", "http://schemas.xmlsoap.org/wsdl/soap12/"),
    );
    let versions = Version::of(options);
    let bindings = versions.iter();
    let bindings = bindings.map(|version| version.binding(interface, &messages));
    let service = binding::service(name, &versions);
    documents.wsdl = definitions
        .children(types)
        .children(messages.nodes(&prefixes))
        .child(messages.port_type(name))
        .children(bindings)
        .children(service)
        .document()?;
    Ok(documents)
}

/// The schemas, or references to them where they are documents of their own.
fn types(
    schemas: &[&Schema],
    prefixes: &Prefixes,
    options: &Options<'_>,
    documents: &mut Documents,
) -> Result<Option<Node>, Error> {
    if schemas.is_empty() {
        return Ok(None);
    }
    let types = Node::new("wsdl:types");
    let Some(location) = options.location else {
        let schemas = schemas.iter();
        let schemas = schemas.map(|schema| schema.node(prefixes, |_| None));
        return Ok(Some(types.children(schemas)));
    };
    let find = |namespace: &str| {
        let number = schemas.iter().position(|one| one.namespace == namespace);
        number.map(location)
    };
    let mut imports = Node::new("xs:schema");
    for schema in schemas {
        let imported = schema.imports();
        let others = imported.iter().map(String::as_str);
        let own = Prefixes::new(std::iter::once(schema.namespace.as_ref()).chain(others));
        documents
            .schemas
            .push(own.declare(schema.node(&own, find)).document()?);
        let import = Node::new("xs:import").with("namespace", schema.namespace.as_ref());
        imports = imports.child(import.with(
            "schemaLocation",
            find(&schema.namespace).unwrap_or_default(),
        ));
    }
    Ok(Some(types.child(imports)))
}
