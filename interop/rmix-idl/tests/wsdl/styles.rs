//! The style rpc, literal and encoded.

use std::path::Path;

use rmix_idl::wsdl::model::{Kind, Style, Type};

use super::operations::wsdl;
use super::{check_has, description, refused, rust};
use crate::wire::check_formatted;

/// A service of one operation, with the use that bodies have.
fn rest(body: &str) -> String {
    format!(
        "<message name='In'><part name='a' type='x:int'/><part name='s' type='t:S'/><part name='n' type='t:Ints'/></message>
         <message name='Out'><part name='sum' type='x:int'/></message>
         <message name='All'><part name='n' type='t:Ints'/></message>
         <portType name='P'><operation name='Sum'><input message='w:In'/><output message='w:Out'/></operation>
           <operation name='List'><input message='w:Out'/><output message='w:All'/></operation></portType>
         <binding name='B' type='w:P'><s:binding style='rpc' transport='x'/>
           <operation name='Sum'><s:operation soapAction=''/><input>{body}</input><output>{body}</output></operation>
           <operation name='List'><s:operation soapAction='' style='rpc'/><input>{body}</input><output>{body}</output></operation>
         </binding>"
    )
}

const TYPES: &str = "<x:complexType name='S'><x:sequence><x:element name='k' type='x:string'/></x:sequence></x:complexType>
    <x:complexType name='Ints'><x:complexContent><x:restriction base='e:Array'>
      <x:attribute ref='e:arrayType' wsdl:arrayType='x:int[]' xmlns:wsdl='http://schemas.xmlsoap.org/wsdl/'/></x:restriction>
    </x:complexContent></x:complexType>";

#[test]
fn literal_parts_are_arguments_within_a_wrapper_of_the_bindings_namespace() {
    let import = wsdl(
        TYPES,
        &rest("<s:body use='literal' namespace='urn:other'/>"),
    );
    check_has(
        &rust(&import),
        &[
            "#[rmix::remote(namespace = \"urn:w\", soap(style = \"rpc\"))]",
            "request_namespace = \"urn:other\",\n            response_namespace = \"urn:other\",\n            result = \"sum\"",
            "(&self, a: i32, s: S, #[rmix(wrapped = \"item\")] n: Vec<i32>) -> i32;",
            "    #[rmix(wrapped = \"item\")]\n    pub n: Vec<i32>,",
        ],
    );
}

#[test]
fn encoded_parts_are_arguments_and_arrays_keep_their_items() {
    let body = "<s:body use='encoded' encodingStyle='http://schemas.xmlsoap.org/soap/encoding/' namespace='urn:w'/>";
    let import = wsdl(TYPES, &rest(body));
    let rust = rust(&import);
    check_has(
        &rust,
        &[
            "soap(style = \"encoded\")",
            "    #[rmix(name = \"Sum\", soap(result = \"sum\"))]",
            "pub struct ListOutputs {",
        ],
    );
    let described = description(&import);
    let sum = &described.interfaces[0].operations[0];
    assert_eq!(described.interfaces[0].style, Style::Encoded);
    let Type::Named(id) = sum.request.parts[2].ty else {
        panic!("{sum:?}");
    };
    assert!(matches!(described.type_def(id).kind, Kind::Array { .. }));
}

#[test]
fn arrays_within_arrays_have_types_of_their_own() {
    let types = format!(
        "{TYPES}<x:complexType name='Rows'><x:complexContent><x:restriction base='e:Array'>
           <x:sequence><x:element name='row' type='t:Ints' maxOccurs='unbounded'/></x:sequence></x:restriction></x:complexContent>
         </x:complexType>"
    );
    let rest =
        rest("<s:body use='encoded'/>").replace("name='s' type='t:S'", "name='s' type='t:Rows'");
    check_has(
        &rust(&wsdl(&types, &rest)),
        &[
            " s: Rows,",
            "pub struct Rows {",
            "    pub row: Vec<Ints>,",
            "pub struct Ints {",
            "    pub item: Vec<i32>,",
        ],
    );
    for dimensions in ["[][]", "[,]", "", "[2"] {
        let types = TYPES.replace("[]", dimensions);
        let error = refused(&wsdl(
            &types,
            &super::styles::rest("<s:body use='encoded'/>"),
        ))
        .to_string();
        assert!(error.contains("an array of the dimensions"), "{error}");
    }
}

#[test]
fn both_styles_in_a_port_type_are_two_traits() {
    let types = "<x:element name='D'><x:complexType><x:sequence/></x:complexType></x:element>";
    let rest = "<message name='D'><part name='p' element='t:D'/></message><message name='R'><part name='p' type='x:int'/></message>
        <portType name='P'><operation name='D'><input message='w:D'/></operation><operation name='R'><input message='w:R'/>
        </operation></portType>
        <binding name='B' type='w:P'><s:binding transport='x'/><operation name='D'><s:operation/></operation>
        <operation name='R'><s:operation style='rpc'/></operation></binding>";
    check_has(
        &rust(&wsdl(types, rest)),
        &[
            "pub trait P {",
            "    #[rmix(name = \"D\", oneway, soap(request_namespace = \"urn:t\"))]",
            "pub trait PRpc {",
            "async fn r(&self, p: i32);",
        ],
    );
}

#[test]
fn what_no_style_has_is_refused() {
    let encoded = "<s:body use='encoded'/>";
    let document = rest(encoded).replace("style='rpc'", "style='document'");
    let error = refused(&wsdl(TYPES, &document)).to_string();
    assert!(
        error.contains("the style document with the use encoded"),
        "{error}"
    );
    let element =
        rest("<s:body use='literal'/>").replace("name='a' type='x:int'", "name='a' element='t:S'");
    let error = refused(&wsdl(TYPES, &element)).to_string();
    assert!(
        error.contains("w.wsdl:6:") || error.contains("a part that is an element in the style rpc"),
        "{error}"
    );
}

#[test]
fn long_lines_are_broken_as_rustfmt_breaks_them() {
    let long = "aNameThatIsSoLongThatNobodyWouldWantToWriteItDownMore";
    let rest = rest("<s:body use='literal'/>");
    // One run of rustfmt for all.
    let mut all = String::new();
    let mut add = |types: &str, rest: &str| {
        let rust = wsdl(types, rest).rust();
        all.push_str(&rust.unwrap_or_else(|error| panic!("{error}")));
        all.push('\n');
    };
    for length in 1..=long.len() {
        // The name of an argument, of an operation, and of a type.
        let name = &long[..length];
        let renamed = rest.replace(
            "name='n' type='t:Ints'",
            &format!("name='{name}' type='t:Ints'"),
        );
        let renamed = renamed.replace("name='a' type='x:int'", "name='a' type='x:hexBinary'");
        add(TYPES, &renamed);
        add(TYPES, &rest.replace("'Sum'", &format!("'{name}'")));
        let types = TYPES.replace("name='S'", &format!("name='{name}'"));
        add(&types, &rest.replace("t:S'", &format!("t:{name}'")));
        let action = format!("soapAction='urn:{name}:{name}'");
        add(TYPES, &rest.replace("soapAction=''", &action));
    }
    let all = format!("{}\n", all.trim_end());
    check_formatted(&all, Path::new("all of them"));
}
