//! Every name that a description refers to is declared in it, once.

use std::collections::BTreeSet;

use rmix::Interface;

use crate::goldens::described;
use crate::interfaces::{BareStub, EncodedStub, RpcStub, ShopStub};
use crate::tree::Node;

type Names = BTreeSet<(&'static str, String, String)>;

/// What each element may declare, and in which room of names.
const DECLARED: [(&str, &str); 8] = [
    ("xs:element", "element"),
    ("xs:attribute", "attribute"),
    ("xs:complexType", "type"),
    ("xs:simpleType", "type"),
    ("wsdl:message", "message"),
    ("wsdl:portType", "portType"),
    ("wsdl:binding", "binding"),
    ("wsdl:service", "service"),
];

fn declared(root: &Node) -> Names {
    let mut names = Names::new();
    let schemas = root.find("xs:schema");
    for parent in schemas.into_iter().chain([root]) {
        let namespace = parent.attribute("targetNamespace").unwrap();
        for child in &parent.children {
            let room = DECLARED.iter().find(|(name, _)| *name == child.name);
            let Some((_, room)) = room else { continue };
            let name = child.attribute("name").unwrap();
            let is_new = names.insert((room, namespace.to_owned(), name.to_owned()));
            assert!(is_new, "{name} is declared twice");
        }
    }
    names
}

fn referred(root: &Node) -> Names {
    let mut names = Names::new();
    let mut add = |room, reference: &str| {
        let (namespace, local) = root.resolved(reference);
        let foreign = [
            "http://www.w3.org/2001/XMLSchema",
            "http://schemas.xmlsoap.org/soap/encoding/",
        ];
        if !foreign.contains(&namespace.as_str()) {
            names.insert((room, namespace, local));
        }
    };
    for node in root.all() {
        for (attribute, value) in &node.attributes {
            match (node.name.as_str(), attribute.as_str()) {
                ("xs:element", "ref") | ("wsdl:part", "element") => add("element", value),
                ("xs:attribute", "ref") => add("attribute", value),
                ("wsdl:binding", "type") => add("portType", value),
                (_, "type" | "base" | "itemType") => add("type", value),
                (_, "wsdl:arrayType") => add("type", value.trim_end_matches("[]")),
                (_, "message") => add("message", value),
                (_, "binding") => add("binding", value),
                _ => {}
            }
        }
    }
    names
}

#[test]
fn all_references_resolve() {
    let all = [
        ShopStub::DESCRIPTION,
        BareStub::DESCRIPTION,
        RpcStub::DESCRIPTION,
        EncodedStub::DESCRIPTION,
    ];
    for interface in all {
        let root = Node::read(&described(interface).wsdl);
        let (declared, referred) = (declared(&root), referred(&root));
        let lost: Vec<_> = referred.difference(&declared).collect();
        assert!(lost.is_empty(), "{}: {lost:?}", interface.name());
        assert!(referred.len() > 5);
    }
}

#[test]
fn schemas_import_the_namespaces_that_they_use() {
    let root = Node::read(&described(ShopStub::DESCRIPTION).wsdl);
    for schema in root.find("xs:schema") {
        let own = schema.attribute("targetNamespace").unwrap();
        let imports = schema.find("xs:import");
        let imported: BTreeSet<_> = imports
            .iter()
            .map(|one| one.attribute("namespace").unwrap())
            .collect();
        let mut used = BTreeSet::new();
        for node in schema.all() {
            for attribute in ["type", "base", "ref", "itemType"] {
                used.extend(
                    node.attribute(attribute)
                        .map(|reference| root.resolved(reference).0),
                );
            }
        }
        used.remove(own);
        used.remove("http://www.w3.org/2001/XMLSchema");
        let used: BTreeSet<_> = used.iter().map(String::as_str).collect();
        assert_eq!(imported, used, "{own}");
    }
}
