//! Tests of the plug-in boundary: what the crate promises about its tables, its adapters on both sides and its loader.
//! No provider of the workspace takes part; the codecs and links here exist for these tests only.

mod bare;
mod buffer;
mod compiler;
mod events;
mod header;
mod kept;
mod limits;
mod loader;
mod panics;
mod returns;
mod sequences;
mod shapes;
mod tagged;
mod units;
mod waker;
