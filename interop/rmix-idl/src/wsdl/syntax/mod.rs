//! Files as they are written: names are qualified, and nothing is looked up.

pub(crate) mod definitions;
pub(crate) mod schema;
