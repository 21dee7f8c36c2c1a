//! XML Schemas of what an interface carries: built from descriptions, then written.

mod build;
mod model;
mod place;
mod prefixes;
mod shape;
mod simple;
mod types;
mod write;

pub(crate) use build::Builder;
pub(crate) use model::{Complex, Content, Schema};
pub use place::DEPTH_MAX;
pub(crate) use place::Place;
pub(crate) use prefixes::Prefixes;
pub(crate) use shape::{Facets, Shape};
pub(crate) use types::capitalised;
