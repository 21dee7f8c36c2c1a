//! Messages of operations: parts, and the elements and types that they are.

use std::collections::{BTreeMap, BTreeSet};

use rmix_abi::describe::{InterfaceDesc, MethodDesc, field_flags, style};

use crate::error::Error;
use crate::names::{self, Fault, Operation, Part, QName, RESPONSE};
use crate::schema::{Builder, Complex, Content, Facets, Place, Prefixes, Shape, capitalised};
use crate::xml::{Node, is_name};

/// All messages of an interface.
pub(super) struct Messages {
    pub(super) operations: Vec<OperationMessages>,
    /// In the order of their first use.
    all: Vec<Message>,
    taken: BTreeSet<String>,
    /// Messages of faults, by their elements.
    faults: Vec<(QName, String)>,
    /// What stands in the body of a request, and whose it is.
    requests: BTreeMap<String, String>,
}

/// The messages of an operation, by name.
pub(super) struct OperationMessages {
    pub(super) names: Operation,
    pub(super) input: Direction,
    pub(super) output: Option<Direction>,
    /// Name of each fault, and its message.
    pub(super) faults: Vec<(String, String)>,
}

/// One direction.
pub(super) struct Direction {
    pub(super) message: String,
    /// The message with header blocks, and their parts.
    pub(super) headers: Option<(String, Vec<String>)>,
    /// Parts and their types, in the order of the operation, where parts have types.
    pub(super) typed: Vec<(String, QName)>,
}

struct Message {
    name: String,
    parts: Vec<(String, PartIs)>,
}

enum PartIs {
    Element(QName),
    Type(QName),
}

impl Messages {
    pub(super) fn of(
        interface: &InterfaceDesc,
        builder: &mut Builder,
        place: &Place,
    ) -> Result<Messages, Error> {
        let mut messages = Messages {
            operations: Vec::new(),
            all: Vec::new(),
            taken: BTreeSet::new(),
            faults: Vec::new(),
            requests: BTreeMap::new(),
        };
        for method in interface.methods() {
            messages.operation(interface, method, builder, place)?;
        }
        Ok(messages)
    }

    fn operation(
        &mut self,
        interface: &InterfaceDesc,
        method: &MethodDesc,
        builder: &mut Builder,
        place: &Place,
    ) -> Result<(), Error> {
        let names = Operation::of(interface, method);
        let place = place.within(names.name)?;
        let mut known = self.operations.iter();
        if known.any(|known| known.names.name == names.name) {
            return Err(Error::SameOperation {
                interface: interface.name().to_owned(),
                name: names.name.to_owned(),
            });
        }
        check_rpc(interface.style, &names, &place)?;
        self.check_request(&names)?;
        let name = names.name;
        let input = self.direction(&names.request, name, "Request", interface, builder, &place)?;
        let output = match &names.response {
            Some(response) => {
                Some(self.direction(response, name, RESPONSE, interface, builder, &place)?)
            }
            None => None,
        };
        let mut faults = Vec::new();
        for fault in &names.faults {
            let message = self.fault(fault, builder, &place)?;
            faults.push((fault.element.local.to_string(), message));
        }
        self.operations.push(OperationMessages {
            names,
            input,
            output,
            faults,
        });
        Ok(())
    }

    /// A request is known by what stands in the body.
    fn check_request(&mut self, names: &Operation) -> Result<(), Error> {
        let in_body = names.request.wrapper.as_ref();
        let in_body = in_body.or(names.request.parts.first().map(|part| &part.name));
        let element = in_body.map_or_else(|| "nothing".to_owned(), QName::to_string);
        let second = names.name.to_owned();
        match self.requests.insert(element.clone(), second.clone()) {
            None => Ok(()),
            Some(first) => Err(Error::SameRequest {
                first,
                second,
                element,
            }),
        }
    }

    fn direction(
        &mut self,
        names: &names::Message,
        operation: &str,
        ending: &str,
        interface: &InterfaceDesc,
        builder: &mut Builder,
        place: &Place,
    ) -> Result<Direction, Error> {
        let mut typed = Vec::new();
        let parts = match &names.wrapper {
            Some(_) if names::is_rpc(interface.style) => {
                typed = typed_parts(&names.parts, operation, builder, place)?;
                let part = |(name, ty): &(String, QName)| (name.clone(), PartIs::Type(ty.clone()));
                typed.iter().map(part).collect()
            }
            Some(wrapper) => {
                wrap(wrapper, &names.parts, builder, place)?;
                vec![("parameters".to_owned(), PartIs::Element(wrapper.clone()))]
            }
            None => bare(&names.parts, builder, place)?,
        };
        let message = self.take(format!("{operation}{ending}"));
        self.all.push(Message {
            name: message.clone(),
            parts,
        });
        let headers = self.headers(&names.headers, &format!("{message}Headers"), builder, place)?;
        Ok(Direction {
            message,
            headers,
            typed,
        })
    }

    /// A message of their own for header blocks: with a single part in its message, a wrapper is known as one.
    fn headers(
        &mut self,
        headers: &[Part],
        wanted: &str,
        builder: &mut Builder,
        place: &Place,
    ) -> Result<Option<(String, Vec<String>)>, Error> {
        if headers.is_empty() {
            return Ok(None);
        }
        let mut taken = BTreeSet::new();
        let mut parts = Vec::new();
        for part in headers {
            builder.alone(&part.name, part.ty, Facets::of(part.xml), place)?;
            let name = free(&mut taken, part.name.local.to_string());
            parts.push((name, PartIs::Element(part.name.clone())));
        }
        let names = parts.iter().map(|(name, _)| name.clone()).collect();
        let name = self.take(wanted.to_owned());
        self.all.push(Message {
            name: name.clone(),
            parts,
        });
        Ok(Some((name, names)))
    }

    fn fault(
        &mut self,
        fault: &Fault,
        builder: &mut Builder,
        place: &Place,
    ) -> Result<String, Error> {
        match fault.variant {
            Some(variant) => builder.fault(&fault.element, variant, place)?,
            None => {
                let facets = Facets::of(&rmix_abi::describe::FieldXml::PLAIN);
                builder.alone(&fault.element, fault.ty, facets, place)?;
            }
        }
        if let Some((_, known)) = self.faults.iter().find(|(of, _)| *of == fault.element) {
            return Ok(known.clone());
        }
        let name = self.take(fault.element.local.to_string());
        self.all.push(Message {
            name: name.clone(),
            parts: vec![("fault".to_owned(), PartIs::Element(fault.element.clone()))],
        });
        self.faults.push((fault.element.clone(), name.clone()));
        Ok(name)
    }

    fn take(&mut self, wanted: String) -> String {
        free(&mut self.taken, wanted)
    }

    pub(super) fn nodes(&self, prefixes: &Prefixes) -> impl Iterator<Item = Node> {
        self.all.iter().map(|message| {
            let parts = message.parts.iter().map(|(name, is)| {
                let part = Node::new("wsdl:part").with("name", name);
                match is {
                    PartIs::Element(name) => part.with("element", prefixes.name(name)),
                    PartIs::Type(name) => part.with("type", prefixes.name(name)),
                }
            });
            Node::new("wsdl:message")
                .with("name", &message.name)
                .children(parts)
        })
    }
}

/// A free name like this one, which is then taken.
fn free(taken: &mut BTreeSet<String>, wanted: String) -> String {
    let mut name = wanted.clone();
    let mut number: u64 = 2;
    while !taken.insert(name.clone()) {
        name = format!("{wanted}{number}");
        number += 1;
    }
    name
}

/// In WSDL the wrappers of these styles follow from the operation's name.
fn check_rpc(style: u32, names: &Operation, place: &Place) -> Result<(), Error> {
    if !names::is_rpc(style) {
        return Ok(());
    }
    let is = |message: &names::Message, name: &str| {
        message
            .wrapper
            .as_ref()
            .is_none_or(|wrapper| wrapper.local == name)
    };
    let response = format!("{}{RESPONSE}", names.name);
    if !is(&names.request, names.name) || !names.response.iter().all(|one| is(one, &response)) {
        return Err(place.unsupported(
            "of the style rpc, with `request` or `response` of another name than the operation's",
            "leave them out (Basic Profile R2729)",
        ));
    }
    Ok(())
}

/// Declares the element around arguments or results.
fn wrap(
    wrapper: &QName,
    parts: &[Part],
    builder: &mut Builder,
    place: &Place,
) -> Result<(), Error> {
    if !is_name(&wrapper.local) {
        return Err(Error::NotAName {
            path: place.path(),
            name: wrapper.local.to_string(),
        });
    }
    let place = place.clone().in_schema(wrapper);
    let mut complex = Complex::default();
    for part in parts {
        builder.member(
            &mut complex,
            &part.name,
            part.ty,
            Facets::of(part.xml),
            &place,
        )?;
    }
    builder.name_text(&mut complex, &wrapper.local);
    builder.declare(wrapper, false, Content::complex(complex), &place)
}

/// The part of the style bare, if there is any.
fn bare(
    parts: &[Part],
    builder: &mut Builder,
    place: &Place,
) -> Result<Vec<(String, PartIs)>, Error> {
    let part = match parts {
        [] => return Ok(Vec::new()),
        [part] => part,
        _ => {
            return Err(place.unsupported(
                "of the style bare, with several values in one body",
                "make them a struct, or header blocks (Basic Profile R2201)",
            ));
        }
    };
    let facets = Facets::of(part.xml);
    no_facets(facets, &place.within(&part.name.local)?)?;
    if builder.alone(&part.name, part.ty, facets, place)? {
        return Err(place.unsupported(
            "of the style bare, with a body that may be empty",
            "let the value be nil with `#[rmix(nillable)]`, or put it into a struct",
        ));
    }
    let element = PartIs::Element(part.name.clone());
    Ok(vec![(part.name.local.to_string(), element)])
}

/// Parts that have types, as those of the style rpc have.
fn typed_parts(
    parts: &[Part],
    operation: &str,
    builder: &mut Builder,
    place: &Place,
) -> Result<Vec<(String, QName)>, Error> {
    let mut typed: Vec<(String, QName)> = Vec::new();
    for part in parts {
        let local = part.name.local.to_string();
        let place = place.within(&local)?;
        let facets = Facets::of(part.xml);
        no_facets(facets, &place)?;
        if !part.name.is_unqualified() {
            return Err(place.unsupported(
                "a part of the style rpc with a namespace",
                "leave the namespace out (Basic Profile R2735)",
            ));
        }
        let shape = Shape::of(part.ty, facets, builder.is_encoded, &place)?;
        let once = shape.occurs.min == 1 && shape.occurs.max == Some(1) && !shape.nillable;
        if !builder.is_encoded && !once {
            return Err(place.unsupported(
                "a part of the style rpc that may be absent, nil or repeated",
                "put it into a struct, or a sequence into one element with `#[rmix(wrapped = \"item\")]`",
            ));
        }
        if typed.iter().any(|(known, _)| *known == local) {
            return Err(place.unsupported("a part of a name that another one has", "rename it"));
        }
        let content = builder.content(shape.ty, facets, &part.name, &place)?;
        let wanted = format!("{}{}", capitalised(operation), capitalised(&local));
        typed.push((local, builder.named(content, wanted)));
    }
    Ok(typed)
}

/// Refuses facets of what stands in an element, for what is the element.
fn no_facets(facets: Facets, place: &Place) -> Result<(), Error> {
    if facets.has(field_flags::ATTRIBUTE | field_flags::TEXT | field_flags::CHOICE) {
        return Err(place.unsupported(
            "an attribute, text or choice without an element around it",
            "put it into a struct, or use the style wrapped",
        ));
    }
    Ok(())
}

/// The name of a style in a binding.
pub(super) const fn style_name(style: u32) -> &'static str {
    match style {
        style::RPC | style::ENCODED => "rpc",
        _ => "document",
    }
}
