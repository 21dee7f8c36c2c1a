//! Schemas as XML.

use std::collections::BTreeSet;

use super::model::{
    Attribute, AttributeOf, Base, Complex, Content, Definition, Element, Occurs, Particle, Schema,
    Simple, built_in,
};
use super::prefixes::Prefixes;
use crate::names::{self, QName};
use crate::xml::Node;

const WSDL: &str = "http://schemas.xmlsoap.org/wsdl/";

impl Schema {
    /// The schema; `location` says where the schema of an imported namespace is, if anywhere.
    pub(crate) fn node(
        &self,
        prefixes: &Prefixes,
        location: impl Fn(&str) -> Option<String>,
    ) -> Node {
        let qualified = self.is_mostly_qualified();
        let writer = Writer {
            prefixes,
            qualified,
        };
        let form = if qualified {
            "qualified"
        } else {
            "unqualified"
        };
        let imports = self.imports().into_iter().map(|namespace| {
            let node = Node::new("xs:import").with("namespace", namespace.as_str());
            match location(&namespace) {
                Some(location) => node.with("schemaLocation", location),
                None => node,
            }
        });
        let attributes = self.attributes.iter().map(|(name, content)| {
            let node = Node::new("xs:attribute").with("name", name.as_ref());
            writer.typed(node, content)
        });
        let elements = self.elements.iter();
        let types = self
            .types
            .iter()
            .map(|(name, definition)| writer.definition(definition, Some(name)));
        Node::new("xs:schema")
            .with("targetNamespace", self.namespace.as_ref())
            .with("elementFormDefault", form)
            .children(imports)
            .children(attributes)
            .children(elements.map(|element| writer.element(element, true)))
            .children(types)
    }

    /// The namespaces that it refers to, besides its own.
    pub(crate) fn imports(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.visit(&mut |visited| {
            if let Visited::Name(name) = visited {
                found.insert(name.namespace.to_string());
            }
        });
        found.remove(self.namespace.as_ref());
        found.remove(names::XSD);
        found
    }

    /// Whether more of the elements within types have its namespace than have none.
    fn is_mostly_qualified(&self) -> bool {
        let (mut qualified, mut all) = (0_usize, 0_usize);
        self.visit(&mut |visited| {
            if let Visited::Element(element) = visited {
                qualified += usize::from(element.qualified);
                all += 1;
            }
        });
        qualified * 2 > all
    }

    fn visit(&self, visit: &mut dyn FnMut(Visited<'_>)) {
        for (_, content) in &self.attributes {
            content.visit(visit);
        }
        for element in &self.elements {
            element.content.visit(visit);
        }
        for (_, definition) in &self.types {
            definition.visit(visit);
        }
    }
}

/// What a walk through a schema comes by.
enum Visited<'a> {
    /// A reference.
    Name(&'a QName),
    /// An element within a type.
    Element(&'a Element),
}

impl Content {
    fn visit(&self, visit: &mut dyn FnMut(Visited<'_>)) {
        match self {
            Content::Named(name) => visit(Visited::Name(name)),
            Content::Defined(definition) => definition.visit(visit),
        }
    }
}

impl Definition {
    fn visit(&self, visit: &mut dyn FnMut(Visited<'_>)) {
        match self {
            Definition::Simple(simple) => simple.visit(visit),
            Definition::Complex(complex) => complex.visit(visit),
        }
    }
}

impl Complex {
    fn visit(&self, visit: &mut dyn FnMut(Visited<'_>)) {
        match &self.base {
            Base::Nothing => {}
            Base::Type(name) | Base::Text(name) => visit(Visited::Name(name)),
            Base::Array(name) => {
                visit(Visited::Name(name));
                visit(Visited::Name(&array()));
            }
        }
        self.particles
            .iter()
            .for_each(|particle| particle.visit(visit));
        for attribute in &self.attributes {
            match &attribute.of {
                AttributeOf::Local { content, .. } => content.visit(visit),
                AttributeOf::Reference(name) => visit(Visited::Name(name)),
            }
        }
    }
}

impl Particle {
    fn visit(&self, visit: &mut dyn FnMut(Visited<'_>)) {
        match self {
            Particle::Element(element) => {
                visit(Visited::Element(element));
                element.content.visit(visit);
            }
            Particle::Reference(name, _) => visit(Visited::Name(name)),
            Particle::Choice(particles, _) => {
                particles.iter().for_each(|particle| particle.visit(visit));
            }
        }
    }
}

impl Simple {
    fn visit(&self, visit: &mut dyn FnMut(Visited<'_>)) {
        match self {
            Simple::Named(name) | Simple::Bounded { base: name, .. } => visit(Visited::Name(name)),
            Simple::List(items) => items.visit(visit),
            Simple::Enumeration(_) => {}
        }
    }
}

struct Writer<'a> {
    prefixes: &'a Prefixes,
    /// What elements are unless they say otherwise.
    qualified: bool,
}

impl Writer<'_> {
    fn element(&self, element: &Element, is_alone: bool) -> Node {
        let mut node = Node::new("xs:element").with("name", element.name.as_ref());
        if let Content::Named(name) = &element.content {
            node = node.with("type", self.prefixes.name(name));
        }
        node = occurs(node, element.occurs);
        if element.nillable {
            node = node.with("nillable", "true");
        }
        if !is_alone && element.qualified != self.qualified {
            node = node.with("form", form(element.qualified));
        }
        match &element.content {
            Content::Named(_) => node,
            Content::Defined(definition) => node.child(self.definition(definition, None)),
        }
    }

    fn particle(&self, particle: &Particle) -> Node {
        match particle {
            Particle::Element(element) => self.element(element, false),
            Particle::Reference(name, often) => {
                let node = Node::new("xs:element").with("ref", self.prefixes.name(name));
                occurs(node, *often)
            }
            Particle::Choice(particles, often) => occurs(Node::new("xs:choice"), *often)
                .children(particles.iter().map(|particle| self.particle(particle))),
        }
    }

    fn definition(&self, definition: &Definition, name: Option<&str>) -> Node {
        let node = |kind| match name {
            Some(name) => Node::new(kind).with("name", name),
            None => Node::new(kind),
        };
        match definition {
            Definition::Simple(simple) => self.simple(node("xs:simpleType"), simple),
            Definition::Complex(complex) => self.complex(node("xs:complexType"), complex),
        }
    }

    fn complex(&self, node: Node, complex: &Complex) -> Node {
        let attributes = complex.attributes.iter().map(|one| self.attribute(one));
        let extension =
            |base: &QName| Node::new("xs:extension").with("base", self.prefixes.name(base));
        match &complex.base {
            Base::Nothing => node.child(self.sequence(complex)).children(attributes),
            Base::Type(base) => node.child(
                Node::new("xs:complexContent").child(
                    extension(base)
                        .child(self.sequence(complex))
                        .children(attributes),
                ),
            ),
            Base::Text(base) => node
                .child(Node::new("xs:simpleContent").child(extension(base).children(attributes))),
            Base::Array(element) => {
                let of = format!("{}[]", self.prefixes.name(element));
                let kind = QName::new(names::ENCODING_1_1, "arrayType");
                let attribute = Node::new("xs:attribute")
                    .with("ref", self.prefixes.name(&kind))
                    .with("wsdl:arrayType", of)
                    .with("xmlns:wsdl", WSDL);
                let restriction = Node::new("xs:restriction")
                    .with("base", self.prefixes.name(&array()))
                    .child(attribute);
                node.child(Node::new("xs:complexContent").child(restriction))
            }
        }
    }

    /// The content of a type: a lone choice stands by itself.
    fn sequence(&self, complex: &Complex) -> Node {
        if let [choice @ Particle::Choice(..)] = &complex.particles[..] {
            return self.particle(choice);
        }
        let particles = complex.particles.iter();
        Node::new("xs:sequence").children(particles.map(|one| self.particle(one)))
    }

    fn attribute(&self, attribute: &Attribute) -> Node {
        let node = Node::new("xs:attribute");
        let node = match &attribute.of {
            AttributeOf::Reference(name) => node.with("ref", self.prefixes.name(name)),
            AttributeOf::Local {
                name,
                qualified,
                content,
            } => {
                let mut node = node.with("name", name.as_ref());
                if *qualified {
                    node = node.with("form", form(true));
                }
                self.typed(node, content)
            }
        };
        if attribute.required {
            return node.with("use", "required");
        }
        node
    }

    /// An attribute's type.
    fn typed(&self, node: Node, content: &Simple) -> Node {
        match content {
            Simple::Named(name) => node.with("type", self.prefixes.name(name)),
            other => node.child(self.simple(Node::new("xs:simpleType"), other)),
        }
    }

    fn simple(&self, node: Node, simple: &Simple) -> Node {
        let restriction =
            |base: &QName| Node::new("xs:restriction").with("base", self.prefixes.name(base));
        match simple {
            Simple::Named(base) => node.child(restriction(base)),
            Simple::Enumeration(values) => {
                let values = values.iter();
                node.child(restriction(&built_in("string")).children(
                    values.map(|value| Node::new("xs:enumeration").with("value", *value)),
                ))
            }
            Simple::Bounded { base, facet, len } => {
                let facet = match *facet {
                    "length" => "xs:length",
                    _ => "xs:maxLength",
                };
                let facet = Node::new(facet).with("value", len.to_string());
                node.child(restriction(base).child(facet))
            }
            Simple::List(items) => node.child(match items.as_ref() {
                Simple::Named(name) => {
                    Node::new("xs:list").with("itemType", self.prefixes.name(name))
                }
                other => Node::new("xs:list").child(self.simple(Node::new("xs:simpleType"), other)),
            }),
        }
    }
}

fn occurs(mut node: Node, occurs: Occurs) -> Node {
    if occurs.min != 1 {
        node = node.with("minOccurs", occurs.min.to_string());
    }
    match occurs.max {
        Some(1) => node,
        Some(max) => node.with("maxOccurs", max.to_string()),
        None => node.with("maxOccurs", "unbounded"),
    }
}

const fn form(qualified: bool) -> &'static str {
    if qualified {
        "qualified"
    } else {
        "unqualified"
    }
}

fn array() -> QName {
    QName::new(names::ENCODING_1_1, "Array")
}
