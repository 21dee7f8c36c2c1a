//! WSDL and XML Schema: any text is read or refused with its place, nothing else is read for it, and what is generated is Rust.

use rmix_idl::wsdl::Import;

/// A description, and behind a zero byte a schema that it may include.
pub fn check_wsdl(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (first, second) = text.split_once('\0').unwrap_or((&text, ""));
    let import = Import::text(FILES[0], first).add_text(FILES[1], second);
    let description = match import.description() {
        Ok(description) => description,
        Err(refused) => {
            let said = refused.to_string();
            return assert!(FILES.iter().any(|file| said.contains(file)), "{said}");
        }
    };
    let files = &description.files;
    assert!(
        files.iter().all(|file| FILES.contains(&&**file)),
        "{files:?}"
    );
    let rust = import.rust().expect("it was read before");
    if let Err(error) = syn::parse_file(&rust) {
        panic!("{error}\n{rust}");
    }
}

const FILES: [&str; 2] = ["fuzz.wsdl", "types.xsd"];

/// A small description, and a schema with a little of everything; the peers' descriptions are in the corpus.
pub(crate) const SEEDS: &[&str] = &[SMALL, SCHEMA];

const SMALL: &str = "<definitions xmlns='http://schemas.xmlsoap.org/wsdl/' xmlns:x='http://www.w3.org/2001/XMLSchema' \
    xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/' xmlns:t='urn:a' targetNamespace='urn:a'>\
    <types><x:schema targetNamespace='urn:a'><x:include schemaLocation='types.xsd'/><x:element name='Add'><x:complexType>\
    <x:sequence><x:element name='a' type='x:int'/></x:sequence></x:complexType></x:element><x:element name='AddResponse'>\
    <x:complexType/></x:element></x:schema></types>\
    <message name='i'><part name='p' element='t:Add'/></message><message name='o'><part name='p' element='t:AddResponse'/></message>\
    <portType name='P'><operation name='Add'><input message='t:i'/><output message='t:o'/></operation></portType>\
    <binding name='b' type='t:P'><s:binding transport='http://schemas.xmlsoap.org/soap/http'/><operation name='Add'>\
    <s:operation soapAction='urn:a'/><input><s:body use='literal'/></input><output><s:body use='literal'/></output></operation>\
    </binding><service name='S'><port name='p' binding='t:b'><s:address location='http://h/'/></port></service></definitions>\
    \0<x:schema xmlns:x='http://www.w3.org/2001/XMLSchema'><x:simpleType name='e'><x:restriction base='x:string'>\
    <x:enumeration value='v'/></x:restriction></x:simpleType></x:schema>";
const SCHEMA: &str = "<x:schema xmlns:x='http://www.w3.org/2001/XMLSchema' xmlns:t='urn:t' targetNamespace='urn:t' \
    elementFormDefault='qualified'><x:complexType name='B' abstract='true'><x:sequence><x:element name='n' type='x:dateTime' \
    minOccurs='0' nillable='true'/></x:sequence><x:attribute name='a' type='x:token' use='required'/></x:complexType>\
    <x:complexType name='D'><x:complexContent><x:extension base='t:B'><x:choice maxOccurs='unbounded'><x:element name='l' \
    type='x:hexBinary'/><x:group ref='t:g'/></x:choice></x:extension></x:complexContent></x:complexType>\
    <x:group name='g'><x:all><x:element ref='t:e'/></x:all></x:group><x:element name='e' type='t:L' substitutionGroup='t:h'/>\
    <x:element name='h' type='x:anyType'/><x:simpleType name='L'><x:list itemType='x:decimal'/></x:simpleType></x:schema>";
