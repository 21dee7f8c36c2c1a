//! Where a value is read, and what is described there.

use rmix_abi::describe::{FieldDesc, FieldXml, TypeDesc, field_flags};

use super::types::{self, PLAIN};
use crate::names::{ElementName, FAULT, MEMBERS, header_name, or};
use crate::xml::{StartTag, Text};

/// Where the next value is.
#[derive(Debug)]
pub(super) enum Source {
    /// In the element at the place, which is not entered yet.
    Element(StartTag),
    /// In the elements of one name, the first of which is at the place.
    Run(StartTag),
    /// In text that was read: an attribute, an item of a list, the text of an element.
    Text(Text),
    /// In the element that is open already.
    Open,
    /// Nowhere.
    Absent,
}

/// A value to be read.
#[derive(Debug)]
pub(super) struct Slot {
    pub(super) source: Source,
    pub(super) ty: &'static TypeDesc,
    pub(super) xml: &'static FieldXml,
    /// Fields of a variant's content, which has no type of its own.
    pub(super) fields: Option<&'static [FieldDesc]>,
    /// Namespace of variants' elements that say none.
    pub(super) variants: &'static str,
}

impl Slot {
    pub(super) fn new(source: Source, ty: &'static TypeDesc, xml: &'static FieldXml) -> Slot {
        Slot {
            source,
            ty,
            xml,
            fields: None,
            variants: "",
        }
    }
}

/// What stands in an element: described fields, or the one result.
#[derive(Clone, Copy, Debug)]
pub(super) enum Parts {
    /// Fields.
    Fields(&'static [FieldDesc], Home),
    /// Members of a tuple.
    Members(&'static [FieldDesc], Home),
    /// A result of this name; of any name when the flag is set.
    Result(ElementName, &'static TypeDesc, bool, Home),
}

/// Namespaces that a peer may qualify a name with which is described without one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Home {
    /// The interface's.
    pub(super) interface: &'static str,
    /// The type's.
    pub(super) own: &'static str,
    /// Whether these are the parts of a message, some of which may be header blocks.
    pub(super) is_message: bool,
}

impl Home {
    /// Of a type of an interface.
    pub(super) fn of(ty: &TypeDesc, interface: &'static str) -> Home {
        Home {
            interface,
            own: crate::names::type_namespace(ty, interface),
            is_message: false,
        }
    }

    /// Of a message.
    pub(super) fn message(interface: &'static str) -> Home {
        Home {
            interface,
            own: interface,
            is_message: true,
        }
    }
}

/// How well a name fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// Another name.
    Not,
    /// The local name, where one of both has no namespace.
    Local,
    /// The name.
    Exact,
}

impl Parts {
    pub(super) fn len(&self) -> usize {
        match self {
            Parts::Fields(fields, _) | Parts::Members(fields, _) => fields.len(),
            Parts::Result(..) => 1,
        }
    }

    pub(super) fn ty(&self, part: usize) -> &'static TypeDesc {
        match self {
            Parts::Fields(fields, _) | Parts::Members(fields, _) => {
                fields.get(part).map_or(&types::UNIT, FieldDesc::ty)
            }
            Parts::Result(_, ty, ..) => ty,
        }
    }

    pub(super) fn xml(&self, part: usize) -> &'static FieldXml {
        match self {
            Parts::Fields(fields, _) | Parts::Members(fields, _) => {
                fields.get(part).map_or(&PLAIN, FieldDesc::xml)
            }
            Parts::Result(..) => &PLAIN,
        }
    }

    /// The name by which serde knows a part.
    pub(super) fn name(&self, part: usize) -> &'static str {
        match self {
            Parts::Fields(fields, _) => fields.get(part).map_or("", FieldDesc::name),
            Parts::Members(..) => MEMBERS.get(part).copied().unwrap_or(""),
            Parts::Result(name, ..) => name.local,
        }
    }

    /// The name of the element or attribute that a part is.
    pub(super) fn xml_name(&self, part: usize) -> &'static str {
        match self {
            Parts::Fields(fields, _) => fields.get(part).map_or("", FieldDesc::xml_name),
            Parts::Members(..) | Parts::Result(..) => self.name(part),
        }
    }

    pub(super) fn has(&self, part: usize, flags: u32) -> bool {
        self.xml(part).has(flags)
    }

    /// The name of a part that is a header block.
    pub(super) fn header(&self, part: usize) -> Option<ElementName> {
        match self {
            Parts::Fields(fields, home) => {
                let field = fields.get(part)?;
                let is_header = home.is_message && field.xml().has(field_flags::HEADER);
                is_header.then(|| header_name(field, home.interface))
            }
            Parts::Members(..) | Parts::Result(..) => None,
        }
    }

    /// The part that an element of this name is; `guess` is tried first.
    pub(super) fn find(&self, namespace: &[u8], local: &[u8], guess: usize) -> Option<usize> {
        if self.fit(guess, namespace, local) == Fit::Exact {
            return Some(guess);
        }
        let mut best = (Fit::Not, None);
        for part in 0..self.len() {
            let fit = self.fit(part, namespace, local);
            if fit == Fit::Exact {
                return Some(part);
            }
            if fit > best.0 {
                best = (fit, Some(part));
            }
        }
        best.1
    }

    /// How well an element of this name is the part.
    #[inline]
    pub(super) fn fit(&self, part: usize, namespace: &[u8], local: &[u8]) -> Fit {
        match self {
            Parts::Fields(fields, home) => {
                let Some(field) = fields.get(part) else {
                    return Fit::Not;
                };
                let xml = field.xml();
                if xml.flags & NOT_CHILDREN != 0 {
                    return Fit::Not;
                }
                if xml.has(field_flags::CHOICE) {
                    return fit_choice(field.ty(), "", *home, (namespace, local));
                }
                fit(xml.namespace(), field.xml_name(), *home, (namespace, local))
            }
            Parts::Members(fields, home) if part < fields.len() => {
                fit("", self.name(part), *home, (namespace, local))
            }
            Parts::Members(..) => Fit::Not,
            Parts::Result(_, _, true, _) if part == 0 && namespace != RPC_OF_1_2 => Fit::Exact,
            Parts::Result(name, _, _, home) if part == 0 => {
                fit(name.namespace, name.local, *home, (namespace, local))
            }
            Parts::Result(..) => Fit::Not,
        }
    }
}

/// The namespace of `result`, which tells the result's name and stands before it (SOAP 1.2 part 2, 4.2.1).
const RPC_OF_1_2: &[u8] = b"http://www.w3.org/2003/05/soap-rpc";

/// How well a name that was found, a namespace and a local part, fits a described one.
#[inline]
pub(super) fn fit(described: &str, name: &str, home: Home, found: (&[u8], &[u8])) -> Fit {
    let (namespace, local) = found;
    if name.as_bytes() != local {
        return Fit::Not;
    }
    if described.as_bytes() == namespace {
        return Fit::Exact;
    }
    let is_home = || [home.interface.as_bytes(), home.own.as_bytes()].contains(&namespace);
    if namespace.is_empty() || (described.is_empty() && is_home()) {
        return Fit::Local;
    }
    Fit::Not
}

/// How well a name fits one of the variants of an enum, or of what a sequence or option of it holds.
pub(super) fn fit_choice(ty: &TypeDesc, variants: &str, home: Home, found: (&[u8], &[u8])) -> Fit {
    if let Some(element) = ty.element() {
        return fit_choice(element, variants, home, found);
    }
    let all = ty.variants().iter();
    let fits = all.map(|variant| {
        fit(
            or(variant.xml().namespace(), variants),
            variant.xml_name(),
            home,
            found,
        )
    });
    fits.max().unwrap_or(Fit::Not)
}

/// What stands elsewhere than among the children.
const NOT_CHILDREN: u32 = field_flags::ATTRIBUTE | field_flags::TEXT | field_flags::HEADER;

/// Whether an element of this name is a declared fault of a type.
pub(crate) fn fits_fault(
    ty: &TypeDesc,
    interface: &'static str,
    namespace: &[u8],
    local: &[u8],
) -> bool {
    let home = Home::of(ty, interface);
    let found = (namespace, local);
    let fits = match ty.kind {
        rmix_abi::describe::type_kind::ENUM => fit_choice(ty, interface, home, found),
        _ => fit(interface, or(ty.name(), FAULT), home, found),
    };
    fits != Fit::Not
}
