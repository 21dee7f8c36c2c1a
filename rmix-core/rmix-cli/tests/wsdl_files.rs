//! `rmix import` of WSDL and XML Schema.

use std::fs;

use crate::installed::Installed;

const TYPES: &str = r#"<schema xmlns="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">
  <simpleType name="Colour"><restriction base="string"><enumeration value="red"/></restriction></simpleType>
</schema>"#;

/// A WSDL that takes its types from a location.
fn wsdl(location: &str) -> String {
    format!(
        r#"<?xml version="1.0"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:w="urn:w" xmlns:t="urn:t" targetNamespace="urn:w">
  <types><x:schema><x:import namespace="urn:t" schemaLocation="{location}"/></x:schema></types>
  <message name="in"><part name="colour" type="t:Colour"/></message>
  <message name="out"/>
  <portType name="Paint"><operation name="Mix"><input message="w:in"/><output message="w:out"/></operation></portType>
  <binding name="b" type="w:Paint"><s:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
    <operation name="Mix"><s:operation soapAction="mix"/></operation></binding>
  <service name="S"><port name="P" binding="w:b"><s:address location="http://127.0.0.1/paint"/></port></service>
</definitions>"#
    )
}

#[test]
fn wsdl_and_schemas_are_told_by_name_or_content() {
    let installed = Installed::new();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("types.xsd"), TYPES).unwrap();
    fs::write(path("paint.wsdl"), wsdl("types.xsd")).unwrap();
    fs::write(path("paint"), wsdl("types.xsd")).unwrap();

    let printed = installed.run(&["import", &path("paint.wsdl")]);
    assert_eq!((printed.code, printed.stderr.as_str()), (0, ""));
    let expected = [
        "pub const P_ENDPOINT: &str = \"soap+http://127.0.0.1/paint\";",
        "pub trait Paint {",
        "async fn mix(&self, colour: Colour);",
    ];
    for part in expected {
        assert!(printed.stdout.contains(part), "{}", printed.stdout);
    }
    let by_content = installed.run(&["import", &path("paint")]);
    assert_eq!(by_content.stdout, printed.stdout);

    let schema = installed.run(&["import", &path("types.xsd"), "-o", &path("types.rs")]);
    schema.check_result("");
    let written = fs::read_to_string(path("types.rs")).unwrap();
    assert!(written.contains("pub enum Colour {"), "{written}");
}

#[test]
fn what_is_remote_is_given_as_a_file() {
    let installed = Installed::new();
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(path("types.xsd"), TYPES).unwrap();
    fs::write(path("paint.wsdl"), wsdl("http://127.0.0.1/t?n=1")).unwrap();
    let refused = installed.run(&["import", &path("paint.wsdl")]);
    refused.check_failure(2, &["paint.wsdl:4:20:", "nothing is fetched", "--schema"]);
    let given = format!("http://127.0.0.1/t?n=1={}", path("types.xsd"));
    let read = installed.run(&["import", "--schema", &given, &path("paint.wsdl")]);
    assert_eq!((read.code, read.stderr.as_str()), (0, ""));

    let of_x = installed.run(&["import", "-D", "A", &path("types.xsd")]);
    of_x.check_failure(2, &["are for .x files"]);
    fs::write(path("a.x"), "const A = 1;").unwrap();
    let of_wsdl = installed.run(&["import", "--all-types", &path("a.x")]);
    of_wsdl.check_failure(2, &["is for WSDL and XML Schema"]);
}
