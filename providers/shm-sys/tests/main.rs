//! Model checks, over the public surface only.

mod model;
