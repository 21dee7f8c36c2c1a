//! Remote references of WS-Addressing in descriptions: types and elements, with and without their schema.

use rmix::{Data, Remote};
use rmix_idl::wsdl::Import;

use super::golden::path;
use super::{check_has, check_refused, description, rust, rust_of_schema};

const WSA: &str = "http://www.w3.org/2005/08/addressing";

#[test]
fn references_of_a_generated_description_are_remotes() {
    // What wsgen writes; the schema of WS-Addressing is at a URL that nothing is fetched from.
    let import = Import::new(path("HotelService.wsdl"));
    let parts = [
        "async fn room(&self, arg0: i32) -> Option<rmix::Remote>;",
        "async fn rooms(&self, arg0: Option<rmix::Remote>) -> Vec<rmix::Remote>;",
    ];
    check_has(&rust(&import), &parts);
    let description = description(&import);
    let interface = description.describe(&description.interfaces[0]);
    let result = interface.methods()[1].result().unwrap();
    let (found, expected) = (result.element().unwrap(), <Remote as Data>::SCHEMA);
    assert_eq!(found.kind, expected.kind);
    assert_eq!(found.xml().flags, expected.xml().flags);
}

#[test]
fn the_global_element_and_the_type_are_references_without_their_schema() {
    let rust = rust_of_schema(&format!(
        "<x:import namespace='{WSA}' schemaLocation='http://www.w3.org/2006/03/addressing/ws-addr.xsd'/>
         <x:complexType name='Rooms'><x:sequence xmlns:w='{WSA}'>
           <x:element name='one' type='w:EndpointReferenceType'/>
           <x:element name='nil' type='w:EndpointReferenceType' nillable='true'/>
           <x:element ref='w:EndpointReference' minOccurs='0' maxOccurs='unbounded'/>
         </x:sequence></x:complexType>"
    ));
    let parts = [
        "pub one: rmix::Remote,",
        "pub nil: Option<rmix::Remote>,",
        "#[rmix(namespace = \"http://www.w3.org/2005/08/addressing\")]",
        "pub endpoint_reference: Vec<rmix::Remote>,",
    ];
    check_has(&rust, &parts);
}

#[test]
fn a_schema_of_addressing_that_is_there_changes_nothing() {
    let schema = format!(
        "<x:schema xmlns:x='http://www.w3.org/2001/XMLSchema' xmlns:t='{WSA}' targetNamespace='{WSA}' \
         elementFormDefault='qualified'>
           <x:element name='EndpointReference' type='t:EndpointReferenceType'/>
           <x:complexType name='EndpointReferenceType'><x:sequence>
             <x:element name='Address' type='x:anyURI'/></x:sequence></x:complexType>
           <x:element name='Room'><x:complexType><x:sequence>
             <x:element ref='t:EndpointReference'/></x:sequence></x:complexType></x:element>
         </x:schema>"
    );
    let rust = rust(&Import::text("a.xsd", schema).all_types(true));
    check_has(&rust, &["pub endpoint_reference: rmix::Remote,"]);
}

#[test]
fn other_names_of_addressing_need_its_schema() {
    check_refused(
        &format!(
            "<x:import namespace='{WSA}' schemaLocation='http://127.0.0.1:9/ws-addr.xsd'/>
<x:element name='a' xmlns:w='{WSA}' type='w:MetadataType'/>"
        ),
        &format!(
            "t.xsd:3:1: the type `{{{WSA}}}MetadataType` is not defined: the schema that defines it may not be imported \
             with its location"
        ),
    );
}
