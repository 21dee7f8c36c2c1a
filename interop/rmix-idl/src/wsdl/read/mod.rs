//! From the walk over XML to what the files say.

mod binding;
mod complex;
mod definitions;
mod particle;
mod schema;
mod simple;

use std::sync::Arc;

use crate::error::IdlError;
use crate::wsdl::limits::Limits;
use crate::wsdl::name;
use crate::wsdl::source::Source;
use crate::wsdl::syntax::definitions::Definitions;
use crate::wsdl::syntax::schema::Schema;
use crate::wsdl::xml::{Element, Reader};

/// What a file holds.
pub(crate) enum Document {
    Definitions(Box<Definitions>),
    Schema(Box<Schema>),
}

/// Reads a file. A schema without a namespace takes the one given.
pub(crate) fn read(
    source: &Source,
    namespace: &Arc<str>,
    limits: &Limits,
    elements_left: &mut usize,
) -> Result<Document, IdlError> {
    let file = Arc::clone(&source.name);
    let mut reader = Reader::new(file, &source.text, limits, elements_left);
    let root = reader.root()?;
    let document = if root.name.is(name::WSDL, "definitions") {
        Document::Definitions(Box::new(definitions::read(&mut reader, &root)?))
    } else if root.name.is(name::XSD, "schema") {
        Document::Schema(Box::new(schema::read(&mut reader, &root, namespace)?))
    } else {
        return Err(wrong_root(&root));
    };
    reader.finish()?;
    Ok(document)
}

fn wrong_root(root: &Element) -> IdlError {
    if root.name.is(name::WSDL_2, "description") {
        return IdlError::Unsupported {
            place: root.place.clone(),
            what: "WSDL 2.0".to_owned(),
            instead: "ask the service for its WSDL 1.1".to_owned(),
        };
    }
    IdlError::Expected {
        place: root.place.clone(),
        expected: "`definitions` of WSDL 1.1 or `schema` of XML Schema".to_owned(),
        found: format!("the element `{}`", root.name),
    }
}

/// Bytes of documentation that are kept of one item.
const DOCUMENTATION_BYTES_MAX: usize = 4096;

/// The text of a documentation element, added to what there is.
fn add_documentation(to: &mut String, reader: &mut Reader<'_>) -> Result<(), IdlError> {
    let text = reader.text(DOCUMENTATION_BYTES_MAX)?;
    let left = DOCUMENTATION_BYTES_MAX.saturating_sub(to.len());
    let text = text
        .get(..text.floor_char_boundary(left))
        .unwrap_or_default();
    if text.trim().is_empty() {
        return Ok(());
    }
    if !to.is_empty() {
        to.push('\n');
    }
    to.push_str(text);
    Ok(())
}

/// The documentation in an `annotation`.
fn annotation(to: &mut String, reader: &mut Reader<'_>) -> Result<(), IdlError> {
    while let Some(child) = reader.child()? {
        if child.name.is(name::XSD, "documentation") {
            add_documentation(to, reader)?;
        } else {
            reader.skip()?;
        }
    }
    Ok(())
}

/// An element that has no place there.
fn unexpected(element: &Element, within: &str) -> IdlError {
    IdlError::Expected {
        place: element.place.clone(),
        expected: format!("what `{within}` may hold"),
        found: format!("the element `{}`", element.name),
    }
}
