//! Rules of the Basic Profile 1.1 that a description shows.

use std::collections::BTreeSet;

use rmix::Interface;
use rmix_wsdl::{Options, wsdl};

use crate::goldens::described;
use crate::interfaces::{BareStub, EncodedStub, RpcStub, ShopStub};
use crate::tree::Node;

fn documents() -> Vec<(bool, Node)> {
    let read = |interface| Node::read(&described(interface).wsdl);
    vec![
        (false, read(ShopStub::DESCRIPTION)),
        (false, read(BareStub::DESCRIPTION)),
        (true, read(RpcStub::DESCRIPTION)),
    ]
}

/// R2203, R2204, R2205: types for the body of rpc, elements for everything else.
#[test]
fn parts_are_elements_or_types_by_style_and_use() {
    for (is_rpc, root) in documents() {
        let mut bodies = BTreeSet::new();
        for kind in ["wsdl:input", "wsdl:output"] {
            let messages = root.find(kind).into_iter();
            bodies.extend(messages.filter_map(|node| node.attribute("message")));
        }
        let messages = root.find("wsdl:message");
        assert!(messages.len() > 4);
        for message in messages {
            let name = format!("tns:{}", message.attribute("name").unwrap());
            let wanted = if is_rpc && bodies.contains(name.as_str()) {
                "type"
            } else {
                "element"
            };
            for part in &message.children {
                assert!(part.attribute(wanted).is_some(), "{name} {part:?}");
                assert_eq!(part.attributes.len(), 2);
            }
            // R2201: one part at most in a document/literal body.
            assert!(is_rpc || !bodies.contains(name.as_str()) || message.children.len() <= 1);
        }
    }
}

/// R2716, R2717, R2726, R2706.
#[test]
fn namespaces_stand_on_bodies_of_rpc_alone_and_all_use_is_literal() {
    for (is_rpc, root) in documents() {
        for version in ["soap", "soap12"] {
            let bodies = root.find(&format!("{version}:body"));
            assert!(!bodies.is_empty());
            for body in bodies {
                assert_eq!(body.attribute("namespace").is_some(), is_rpc);
                assert_eq!(body.attribute("use"), Some("literal"));
            }
            for kind in ["header", "fault"] {
                let nodes = root.find(&format!("{version}:{kind}"));
                assert!(!nodes.is_empty());
                for node in nodes {
                    assert_eq!(node.attribute("namespace"), None);
                    assert_eq!(node.attribute("use"), Some("literal"));
                }
            }
        }
    }
}

/// R2718, and R2754: faults have one name in port type, binding and SOAP's element.
#[test]
fn bindings_have_the_operations_and_faults_of_the_port_type() {
    for (_, root) in documents() {
        let names = |node: &Node, kind: &str| -> Vec<String> {
            let found = node.find(kind).into_iter();
            found
                .map(|node| node.attribute("name").unwrap().to_owned())
                .collect()
        };
        let port_type = root.find("wsdl:portType")[0];
        let bindings: Vec<_> = root
            .children
            .iter()
            .filter(|node| node.name == "wsdl:binding")
            .collect();
        assert_eq!(bindings.len(), 2);
        for (binding, version) in bindings.into_iter().zip(["soap", "soap12"]) {
            for kind in ["wsdl:operation", "wsdl:fault"] {
                assert_eq!(names(binding, kind), names(port_type, kind));
            }
            let faults = names(binding, &format!("{version}:fault"));
            assert_eq!(faults, names(port_type, "wsdl:fault"));
            assert_eq!(
                binding.find(&format!("{version}:operation")).len(),
                names(port_type, "wsdl:operation").len()
            );
        }
    }
}

/// R2305: one output alone is the result, which is left out.
#[test]
fn parameter_order_leaves_out_a_lone_result() {
    let root = Node::read(&described(RpcStub::DESCRIPTION).wsdl);
    let operations = root.find("wsdl:portType")[0].find("wsdl:operation");
    let orders: Vec<_> = operations
        .iter()
        .map(|node| {
            (
                node.attribute("name").unwrap(),
                node.attribute("parameterOrder"),
            )
        })
        .collect();
    assert_eq!(
        orders,
        [
            ("search", Some("query colours corner")),
            ("swap", Some("left right")),
            ("add", Some("left right sum carry")),
            ("shape", Some("shape")),
            ("rest", None),
            ("log", Some("line")),
        ]
    );
}

#[test]
fn encoded_bodies_name_the_encoding_of_their_version() {
    let root = Node::read(&described(EncodedStub::DESCRIPTION).wsdl);
    let encodings = [
        ("soap:body", "http://schemas.xmlsoap.org/soap/encoding/"),
        ("soap12:body", "http://www.w3.org/2003/05/soap-encoding"),
    ];
    for (kind, encoding) in encodings {
        let bodies = root.find(kind);
        assert_eq!(bodies.len(), 6);
        for body in bodies {
            assert_eq!(body.attribute("use"), Some("encoded"));
            assert_eq!(body.attribute("encodingStyle"), Some(encoding));
        }
    }
}

#[test]
fn one_way_operations_have_no_output() {
    let root = Node::read(&described(ShopStub::DESCRIPTION).wsdl);
    for operation in root.find("wsdl:operation") {
        let is_log = operation.attribute("name") == Some("log");
        let outputs = operation.find("wsdl:output").len();
        assert_eq!(outputs, usize::from(!is_log));
    }
}

#[test]
fn each_address_is_a_port_of_its_version() {
    let options = Options::new()
        .soap_1_1("http://a/&x")
        .soap_1_1("http://b/")
        .soap_1_2("http://c/");
    let root = Node::read(&wsdl(BareStub::DESCRIPTION, &options).unwrap().wsdl);
    let ports: Vec<_> = root
        .find("wsdl:port")
        .iter()
        .map(|port| {
            let address = &port.children[0];
            let of = |name| port.attribute(name).unwrap().to_owned();
            (
                of("name"),
                of("binding"),
                address.attribute("location").unwrap().to_owned(),
            )
        })
        .collect();
    let port =
        |name: &str, binding: &str, address: &str| (name.into(), binding.into(), address.into());
    assert_eq!(
        ports,
        [
            port("BarePort", "tns:BareBinding", "http://a/&x"),
            port("BarePort_2", "tns:BareBinding", "http://b/"),
            port("BarePort12", "tns:BareBinding12", "http://c/"),
        ]
    );
}

#[test]
fn without_an_address_there_is_a_binding_and_no_service() {
    let root = Node::read(&wsdl(BareStub::DESCRIPTION, &Options::new()).unwrap().wsdl);
    assert_eq!(root.find("soap:binding").len(), 1);
    assert!(root.find("soap12:binding").is_empty());
    assert!(root.find("wsdl:service").is_empty());
}
