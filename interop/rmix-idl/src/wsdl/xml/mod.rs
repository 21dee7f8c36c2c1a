//! XML as a walk over elements, each with its place and the namespaces in scope. No tree is kept, document type
//! declarations are refused, and every size is bounded.

mod element;
mod place;
mod reader;

pub(crate) use element::Element;
pub(crate) use reader::Reader;
