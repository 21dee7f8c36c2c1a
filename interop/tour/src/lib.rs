//! The weather station: the one interface that the tour and the interop tests declare, export and call, and the object
//! behind it. The peers' side of it is in `rmix-peers`; which peer is called how is in the program and in the tests.

mod nvim;
mod station;

pub use nvim::{Nvim, NvimBlocking, NvimSkeleton, NvimStart, NvimStub};
pub use station::{
    MyStation, Reading, Station, StationBlocking, StationError, StationSkeleton, StationStart,
    StationStub,
};
