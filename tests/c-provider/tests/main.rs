//! Drives the provider in C through the host's side of the boundary, on a host of the tests' own: calls both ways, order,
//! death of the peer, calls given up, limits, and hostile bytes. The façade takes no part, but in `conformance`.

mod calls;
mod closing;
mod conformance;
mod giving_up;
mod host;
mod hostile;
mod limits;
mod raw;
mod symmetric;
