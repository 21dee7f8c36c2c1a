//! Pure decisions of the base library: endpoints, references, selection, object table, order of
//! calls, limits.
//!
//! Knows nothing of wire formats, sockets, files, threads, clocks, random sources or the
//! environment, and imports no other crate of ours. Time, entropy and facts about the machine come
//! in as arguments, so equal inputs always give equal results. References reach this crate from
//! peers: nothing here panics on the text it is given.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable
    )
)]

mod endpoint;
mod limits;
mod objects;
mod percent;
mod reference;
mod selection;
mod serial;

pub use endpoint::{ENDPOINT_BYTES_MAX, Endpoint, EndpointError};
pub use limits::{Limits, LimitsError};
pub use objects::{ExportError, OBJECTS_MAX, ObjectTable};
pub use percent::percent_decoded;
pub use reference::{
    ObjectId, REFERENCE_BYTES_MAX, REFERENCE_ENDPOINTS_MAX, Reference, ReferenceError,
};
pub use selection::{
    Candidate, Exclusion, LogEntry, Placement, Policy, Preference, Selection, Verdict, select,
};
pub use serial::{Push, SerialQueue};
