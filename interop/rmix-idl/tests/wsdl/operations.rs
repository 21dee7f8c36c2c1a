//! Operations: messages, headers, faults, overloads, addresses; and the description for calls at run time.

use rmix_idl::wsdl::model::{Form, Occurs, SoapVersion, Style};
use rmix_idl::wsdl::{Import, QName};

use super::{check_has, description, refused, rust};

/// A WSDL in `urn:w` of these pieces, whose schema is in `urn:t` and qualified.
pub(crate) fn wsdl(types: &str, rest: &str) -> Import {
    Import::text("w.wsdl", text(types, rest))
}

pub(crate) fn text(types: &str, rest: &str) -> String {
    format!(
        "<definitions xmlns='http://schemas.xmlsoap.org/wsdl/' xmlns:s='http://schemas.xmlsoap.org/wsdl/soap/' \
         xmlns:s12='http://schemas.xmlsoap.org/wsdl/soap12/' xmlns:x='http://www.w3.org/2001/XMLSchema' xmlns:w='urn:w' \
         xmlns:m='http://schemas.xmlsoap.org/wsdl/mime/' xmlns:h='http://schemas.xmlsoap.org/wsdl/http/' \
         xmlns:t='urn:t' xmlns:e='http://schemas.xmlsoap.org/soap/encoding/' targetNamespace='urn:w'>\n<types>\
         <x:schema targetNamespace='urn:t' elementFormDefault='qualified'>{types}</x:schema></types>\n{rest}</definitions>"
    )
}

/// A document/literal binding of operations whose names these are.
fn binding(operations: &[&str]) -> String {
    let operations: String = operations
        .iter()
        .map(|name| {
            format!(
                "<operation name='{name}'><s:operation soapAction='urn:{name}'/><input><s:body use='literal'/></input>\
                 <output><s:body use='literal'/></output></operation>"
            )
        })
        .collect();
    format!(
        "<binding name='B' type='w:P'><s:binding transport='http://schemas.xmlsoap.org/soap/http'/>{operations}</binding>"
    )
}

const PAIR: &str = "<x:element name='Get'><x:complexType><x:sequence><x:element name='key' type='x:string'/></x:sequence>\
    </x:complexType></x:element>\
    <x:element name='GetResponse'><x:complexType><x:sequence><x:element name='value' type='x:int' minOccurs='0'/>\
    </x:sequence></x:complexType></x:element>\
    <x:element name='Put'><x:complexType><x:sequence/></x:complexType></x:element>\
    <x:element name='Fail'><x:complexType><x:sequence><x:element name='why' type='x:string'/></x:sequence></x:complexType>\
    </x:element><x:element name='code' type='x:int'/>\
    <x:element name='Token' type='x:string'/><x:element name='Count' type='x:int'/>";

const MESSAGES: &str = "<message name='Get'><part name='p' element='t:Get'/></message>\
    <message name='GetOut'><part name='p' element='t:GetResponse'/></message>\
    <message name='Put'><part name='p' element='t:Put'/></message>\
    <message name='Fail'><part name='f' element='t:Fail'/></message>\
    <message name='Code'><part name='f' element='t:code'/></message>\
    <message name='Typed'><part name='f' type='x:string'/></message>\
    <message name='Headers'><part name='token' element='t:Token'/><part name='count' element='t:Count'/></message>";

#[test]
fn documents_named_as_their_operation_are_unwrapped() {
    let port_type =
        "<portType name='P'><documentation>A &lt;store&gt;, see http://x.</documentation>
        <operation name='Get'><input message='w:Get'/><output message='w:GetOut'/></operation>
        <operation name='Put'><input message='w:Put'/></operation></portType>";
    let import = wsdl(
        PAIR,
        &format!("{MESSAGES}{port_type}{}", binding(&["Get", "Put"])),
    );
    check_has(
        &rust(&import),
        &[
            "/// Port type `P`.\n///\n/// A \\<store\\>, see http\\://x.\n#[rmix::remote(namespace = \"urn:w\")]\npub trait P {",
            "            request_namespace = \"urn:t\",\n            response_namespace = \"urn:t\",\n",
            "            result = \"value\",\n            result_namespace = \"urn:t\"\n",
            "    async fn get(&self, #[rmix(namespace = \"urn:t\")] key: String) -> Option<i32>;",
            "        oneway,\n",
            "    async fn put(&self);",
        ],
    );
    let described = description(&import);
    let store = described.find_interface("P").expect("it is there");
    assert_eq!(store.style, Style::Wrapped);
    let get = store.find_operation("Get").expect("it is there");
    assert_eq!(get.request.wrapper, Some(QName::new("urn:t", "Get")));
    assert_eq!(get.request.parts[0].name, QName::new("urn:t", "key"));
    let response = get.response.as_ref().expect("it is answered");
    assert_eq!(response.wrapper, Some(QName::new("urn:t", "GetResponse")));
    assert_eq!(response.parts[0].occurs, Occurs::Optional);
    assert!(
        store
            .find_operation("Put")
            .is_some_and(|put| put.response.is_none())
    );
}

#[test]
fn the_action_of_addressing_is_taken_where_the_binding_says_none() {
    let action = |said: &str, input: &str| {
        let rest = format!(
            "{MESSAGES}<portType name='P' xmlns:wsam='http://www.w3.org/2007/05/addressing/metadata'
             xmlns:wsaw='http://www.w3.org/2006/05/addressing/wsdl' xmlns:o='urn:other'><operation name='Get'>
             <input message='w:Get' {input}/><output message='w:GetOut' wsam:Action='urn:out'/></operation></portType>{}",
            binding(&["Get"]).replace("soapAction='urn:Get'", said)
        );
        let import = wsdl(PAIR, &rest);
        let description = description(&import);
        let interface = description.find_interface("P").expect("it is there");
        let operation = interface.find_operation("Get").expect("it is there");
        let attribute = format!("action = \"{}\"", operation.action);
        let is_written = rust(&import).contains(&attribute);
        assert_eq!(is_written, !operation.action.is_empty(), "{attribute}");
        operation.action.clone()
    };
    let both = "wsaw:Action='urn:draft' wsam:Action=' urn:in '";
    assert_eq!(action("soapAction=''", both), "urn:in");
    assert_eq!(action("", "wsaw:Action='urn:draft'"), "urn:draft");
    let empty = "wsam:Action='' wsaw:Action='urn:draft'";
    assert_eq!(action("soapAction=''", empty), "urn:draft");
    assert_eq!(action("soapAction='urn:Get'", both), "urn:Get");
    assert_eq!(action("soapAction=''", "Action='a' o:Action='b'"), "");
}

#[test]
fn one_operation_that_does_not_wrap_makes_all_bare() {
    let port_type = "<portType name='P'>
        <operation name='Get'><input message='w:Get'/><output message='w:GetOut'/></operation>
        <operation name='Other'><input message='w:Put'/><output message='w:Code'/></operation></portType>";
    let import = wsdl(
        PAIR,
        &format!("{MESSAGES}{port_type}{}", binding(&["Get", "Other"])),
    );
    check_has(
        &rust(&import),
        &[
            "#[rmix::remote(namespace = \"urn:w\", soap(style = \"bare\"))]",
            "result = \"GetResponse\"",
            "result_namespace = \"urn:t\"",
            "async fn get(&self, #[rmix(name = \"Get\", namespace = \"urn:t\")] get: Get) -> GetResponse;",
            "async fn other(&self, #[rmix(name = \"Put\", namespace = \"urn:t\")] put: Put) -> i32;",
        ],
    );
}

#[test]
fn headers_are_arguments_and_outputs() {
    let rest = format!(
        "{MESSAGES}<portType name='P'><operation name='Get'><input message='w:Get'/><output message='w:GetOut'/></operation>
         </portType><binding name='B' type='w:P'><s:binding transport='x'/><operation name='Get'><s:operation/>
         <input><s:header message='w:Headers' part='token' use='literal'/><s:body parts='p' use='literal'/></input>
         <output><s:body use='literal'/><s:header message='w:Headers' part='count' use='literal'><s:headerfault
           message='w:Fail' part='f' use='literal'/></s:header></output></operation></binding>"
    );
    let import = wsdl(PAIR, &rest);
    check_has(
        &rust(&import),
        &[
            "        #[rmix(name = \"Token\", header, namespace = \"urn:t\")] token: String,",
            "    #[rmix(header)]\n    pub count: Option<i32>,",
        ],
    );
    let described = description(&import);
    let get = &described.interfaces[0].operations[0];
    assert_eq!(get.action, "");
    let forms: Vec<Form> = get.request.parts.iter().map(|part| part.form).collect();
    assert_eq!(forms, [Form::Element, Form::Header]);
    let gone = rest.replace("part='token'", "part='gone'");
    let error = refused(&wsdl(PAIR, &gone)).to_string();
    assert!(error.contains("the part `gone` is not defined"), "{error}");
}

#[test]
fn faults_are_an_error_that_operations_share() {
    let operation = |name: &str, faults: &str| {
        format!(
            "<operation name='{name}'><input message='w:Get'/><output message='w:Code'/>{faults}</operation>"
        )
    };
    let both = "<fault name='F' message='w:Fail'><documentation>Why.</documentation></fault><fault name='C' message='w:Code'/>";
    let port_type = format!(
        "{MESSAGES}<portType name='P'>{}{}{}</portType>{}",
        operation("Get", both),
        operation("Again", both),
        operation(
            "Third",
            "<fault name='T' message='w:Typed'/><fault name='U' message='w:Typed'/>"
        ),
        binding(&["Get", "Again", "Third"])
    );
    let rust = rust(&wsdl(PAIR, &port_type));
    check_has(
        &rust,
        &[
            "pub enum GetError {\n    /// Fault `F`.\n    ///\n    /// Why.\n    #[rmix(namespace = \"urn:t\")]\n    Fail(Fail),\n    \
             /// Fault `C`.\n    #[serde(rename = \"code\")]\n    #[rmix(namespace = \"urn:t\")]\n    Code(i32),\n}",
            "async fn again(\n        &self,\n        #[rmix(name = \"Get\", namespace = \"urn:t\")] get: Get,\n    ) -> Result<i32, GetError>;",
            // A fault whose part has a type is an element of the part's name (issue 5468 of another stack refuses it).
            "pub enum FError {\n    /// Fault `T`.\n    #[serde(rename = \"f\")]\n    #[rmix(unqualified)]\n    F(String),\n}",
        ],
    );
    assert!(!rust.contains("AgainError"), "{rust}");
}

#[test]
fn bindings_of_both_versions_are_one_trait_and_ports_are_endpoints() {
    let rest = format!(
        "{MESSAGES}<portType name='P'><operation name='Get'><input message='w:Get'/><output message='w:GetOut'/></operation>
         </portType>
         <binding name='H' type='w:P'><h:binding verb='GET'/><operation name='Get'><h:operation location='/g'/><input><h:urlEncoded/>
           </input><output><m:content type='text/xml'/></output></operation></binding>
         <binding name='B12' type='w:P'><s12:binding transport='x'/><operation name='Get'><s12:operation soapAction=''/></operation>
         </binding>
         <binding name='B11' type='w:P'><s:binding transport='x'/><operation name='Get'><s:operation soapAction='urn:Get'/>
         </operation></binding>
         <service name='S'><port name='Soap12' binding='w:B12'><s12:address location='https://h/p?a=1&amp;b'/></port>
           <port name='Plain12' binding='w:B12'><s12:address location='http://h/q'/></port>
           <port name='Http' binding='w:H'><h:address location='http://h/'/></port>
           <port name='Gone' binding='w:Gone'><s:address location='http://h/'/></port>
           <port name='soap-11' binding='w:B11'><s:address location='http://127.0.0.1:8080/p'/></port>
           <port name='Jms' binding='w:B11'><s:address location='jms:queue'/></port></service>"
    );
    let import = wsdl(PAIR, &rest);
    let rust = rust(&import);
    check_has(
        &rust,
        &[
            "/// Port `Plain12` of the service `S`: SOAP 1.2.\npub const PLAIN12_ENDPOINT: &str = \"soap+http://h/q?version=1.2\";",
            "pub const SOAP_11_ENDPOINT: &str = \"soap+http://127.0.0.1:8080/p\";",
            "action = \"urn:Get\"",
        ],
    );
    assert_eq!(rust.matches("pub trait").count(), 1, "{rust}");
    // An address with a query is nobody's endpoint: what follows would be its options.
    assert_eq!(rust.matches("_ENDPOINT").count(), 2, "{rust}");
    let described = description(&import);
    let ports = &described.services[0].ports;
    assert_eq!(ports[0].version, SoapVersion::Soap12);
    assert_eq!(ports[0].endpoint(), None);
    assert_eq!(ports[3].address, "jms:queue");
}

#[test]
fn overloads_keep_their_name_on_the_wire_and_find_their_binding() {
    let one = |input: &str| {
        format!(
            "<operation name='Get'><input name='{input}' message='w:{input}'/><output message='w:Code'/></operation>"
        )
    };
    let bound = |input: &str| {
        format!(
            "<operation name='Get'><s:operation soapAction='urn:{input}'/><input name='{input}'/></operation>"
        )
    };
    let rest = format!(
        "{MESSAGES}<portType name='P'>{}{}</portType><binding name='B' type='w:P'><s:binding transport='x'/>{}{}</binding>",
        one("Get"),
        one("Put"),
        bound("Put"),
        bound("Get")
    );
    // Without names of messages, their order tells which binding is whose.
    let by_order = rest
        .replace("<input name='Put'/>", "")
        .replace("<input name='Get'/>", "");
    let described = description(&wsdl(PAIR, &by_order));
    let operations = described.interfaces[0].operations.iter();
    let actions: Vec<&str> = operations.map(|it| it.action.as_str()).collect();
    assert_eq!(actions, ["urn:Put", "urn:Get"]);
    check_has(
        &rust(&wsdl(PAIR, &rest)),
        &[
            "    #[rmix(\n        name = \"Get\",\n        soap(action = \"urn:Get\", result = \"code\", result_namespace = \"urn:t\")\n    )]\n    async fn get(&self, #[rmix(name = \"Get\", namespace = \"urn:t\")] get: Get) -> i32;",
            "soap(action = \"urn:Put\", result = \"code\", result_namespace = \"urn:t\")",
            "    async fn get2(&self, #[rmix(name = \"Put\", namespace = \"urn:t\")] put: Put) -> i32;",
        ],
    );
}

#[test]
fn only_what_operations_reach_is_generated_unless_all_is_wanted() {
    let types = format!("{PAIR}<x:complexType name='Lone'><x:sequence/></x:complexType>");
    let port_type =
        "<portType name='P'><operation name='Get'><input message='w:Get'/></operation></portType>";
    let import = wsdl(
        &types,
        &format!("{MESSAGES}{port_type}{}", binding(&["Get"])),
    );
    let reached = rust(&import);
    assert!(!reached.contains("Lone"), "{reached}");
    check_has(&rust(&import.all_types(true)), &["pub struct Lone {}"]);
}

#[test]
fn port_types_without_any_binding_are_interfaces_too() {
    let port_type =
        "<portType name='P'><operation name='Get'><input message='w:Get'/></operation></portType>
        <portType name='Q'><operation name='Ask'><input message='w:Typed'/></operation></portType>";
    let described = description(&wsdl(PAIR, &format!("{MESSAGES}{port_type}")));
    let styles: Vec<Style> = described.interfaces.iter().map(|it| it.style).collect();
    assert_eq!(styles, [Style::Wrapped, Style::Rpc]);
}

#[test]
fn what_no_call_can_be_is_refused_with_its_place() {
    let check = |rest: &str, sentence: &str| {
        let error = refused(&wsdl(PAIR, &format!("{MESSAGES}\n{rest}")));
        assert_eq!(error.to_string(), sentence);
    };
    let bound = |operation: &str| {
        format!(
            "<portType name='P'>{operation}</portType>{}",
            binding(&["A"])
        )
    };
    check(
        &bound("<operation name='A'><output message='w:Get'/><input message='w:Get'/></operation>"),
        "w.wsdl:4:20: the operation `A`, which the server begins is not supported: operations begin with an input; let \
         the client offer a service of its own",
    );
    check(
        &bound("<operation name='A'><input message='w:Gone'/></operation>"),
        "w.wsdl:4:40: the message `{urn:w}Gone` is not defined: the schema that defines it may not be imported with its location",
    );
    check(
        &bound("<operation name='A'><input message='w:Typed'/></operation>"),
        "w.wsdl:3:348: a part of a type in the style document is not supported: give it an element, or use the style rpc",
    );
    check(
        &bound("<operation name='A'><input message='w:Headers'/></operation>"),
        "w.wsdl:3:452: a second part of the body of the message `{urn:w}Headers` in the style document is not supported: let \
         one element hold both, or name the parts of the body in the binding",
    );
    check(
        "<binding name='B' type='w:P'><h:binding verb='GET'/></binding>",
        "w.wsdl:4:1: a file whose bindings are all of other protocols is not supported: one binding of SOAP 1.1 or 1.2 is needed",
    );
    check(
        "<portType name='P'><operation name='Get'><input message='w:Get'/></operation></portType>
         <binding name='B' type='w:P'><s:binding transport='x'/><operation name='Get'><input><m:multipartRelated><m:part>
         <s:body use='literal'/></m:part><m:part><m:content part='p' type='image/png'/></m:part></m:multipartRelated></input>
         </operation></binding>",
        "w.wsdl:6:50: a part that is sent as an attachment is not supported: send it within the body, as base64Binary",
    );
    check(
        &format!(
            "<portType name='P'/>{}",
            binding(&[]).replace("transport", "style='odd' transport")
        ),
        "w.wsdl:4:50: `style` is document or rpc, not `odd`",
    );
}
