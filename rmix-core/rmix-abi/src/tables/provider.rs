//! The exported entry of a plug-in, and what a provider as a whole can do.

use super::{AbiWaker, Err, HostVt, Limits, LinkVt, ListenerVt, Status, Str};
use crate::describe::InterfaceDesc;

/// First bytes of every entry.
pub const MAGIC: [u8; 8] = *b"RMIXprov";
/// Major version of the boundary: it is part of the exported symbol's name.
pub const MAJOR: u16 = 1;
/// Minor version: grows when tables grow.
pub const MINOR: u16 = 0;

/// What a provider can do; bits of a provider's entry.
pub mod capability {
    /// One-way calls.
    pub const ONEWAY: u64 = 1;
    /// Calls with replies.
    pub const TWOWAY: u64 = 1 << 1;
    /// Objects can be exported.
    pub const LISTEN: u64 = 1 << 2;
    /// Both ends of one link may call.
    pub const SYMMETRIC: u64 = 1 << 3;
    /// Operations may declare faults.
    pub const FAULTS: u64 = 1 << 4;
    /// Calls of one link arrive in the order sent.
    pub const ORDERED: u64 = 1 << 5;
    /// Several calls may be outstanding on one link.
    pub const CONCURRENT: u64 = 1 << 6;
    /// Values describe themselves: calls need no description.
    pub const SELF_DESCRIBING: u64 = 1 << 7;
    /// Methods are called by number and must have one.
    pub const NUMBERED: u64 = 1 << 8;
    /// A running call is told when its caller gives up.
    pub const CANCEL: u64 = 1 << 9;
    /// The caller's deadline travels with the call.
    pub const DEADLINE: u64 = 1 << 10;

    /// Every bit with its name.
    pub const NAMES: [(u64, &str); 11] = [
        (ONEWAY, "oneway"),
        (TWOWAY, "twoway"),
        (LISTEN, "listen"),
        (SYMMETRIC, "symmetric"),
        (FAULTS, "faults"),
        (ORDERED, "ordered"),
        (CONCURRENT, "concurrent"),
        (SELF_DESCRIBING, "self-describing"),
        (NUMBERED, "numbered"),
        (CANCEL, "cancel"),
        (DEADLINE, "deadline"),
    ];
}

/// The exported data symbol `rmix_provider_v1_<name>`: checked before any function of the provider is called.
///
/// ```text
/// offset 0   magic         "RMIXprov"
/// offset 8   size          of this struct on the provider's side
/// offset 12  major, minor  of the boundary
/// offset 16  layout        hash of size, alignment and offsets of every type at `minor`
/// offset 24  name, version, build, schemes   (16 bytes each)
/// offset 88  capabilities
/// offset 96  init
/// ```
#[repr(C)]
pub struct ProviderEntry {
    /// [`MAGIC`].
    pub(crate) magic: [u8; 8],
    /// `size_of::<ProviderEntry>()` of the provider.
    pub(crate) size: u32,
    /// [`MAJOR`].
    pub(crate) major: u16,
    /// [`MINOR`] of the provider.
    pub(crate) minor: u16,
    /// `layout::HASH` of the provider.
    pub(crate) layout: u64,
    /// Short name, equal to the symbol's suffix.
    pub(crate) name: Str,
    /// Version of the provider.
    pub(crate) version: Str,
    /// Compiler, target and profile, for messages only.
    pub(crate) build: Str,
    /// Endpoint schemes, separated by spaces.
    pub(crate) schemes: Str,
    /// Bits of [`capability`].
    pub(crate) capabilities: u64,
    /// Makes the provider ready and returns its table; called once per host.
    pub(crate) init: unsafe extern "C" fn(
        host: *const HostVt,
        out: *mut *const ProviderVt,
        object: *mut *const (),
        err: *mut Err,
    ) -> Status,
}

/// What a provider as a whole can do.
#[repr(C)]
pub struct ProviderVt {
    /// `size_of::<ProviderVt>()` of the provider.
    pub size: usize,
    /// Opens a link; the future's output is a link.
    pub connect: unsafe extern "C" fn(
        provider: *const (),
        request: *const OpenRequest,
        out: *mut Fut,
        err: *mut Err,
    ) -> Status,
    /// Opens a listener; the future's output is a listener.
    pub listen: unsafe extern "C" fn(
        provider: *const (),
        request: *const OpenRequest,
        out: *mut Fut,
        err: *mut Err,
    ) -> Status,
    /// Frees the provider; called when no link, listener or future of it is left. The code stays mapped.
    pub release: unsafe extern "C" fn(provider: *const ()),
}

/// What `connect` and `listen` are told.
#[repr(C)]
pub struct OpenRequest {
    /// `size_of::<OpenRequest>()` of the host.
    pub size: usize,
    /// The endpoint, valid for the call.
    pub endpoint: Str,
    /// Budget of the link or listener, valid for the call.
    pub limits: *const Limits,
    /// Token of the object inbound calls go to; 0 for none.
    pub object: u64,
    /// The interface of that object, which lives for ever; null when it is not described.
    pub interface: *const InterfaceDesc,
}

/// What a future may yield.
#[repr(C)]
pub struct Opened {
    /// The object.
    pub object: *const (),
    /// Its table when a link.
    pub link: *const LinkVt,
    /// Its table when a listener.
    pub listener: *const ListenerVt,
}

impl Opened {
    /// Nothing.
    pub const NOTHING: Opened = Opened {
        object: std::ptr::null(),
        link: std::ptr::null(),
        listener: std::ptr::null(),
    };
}

/// A future of the provider, polled and dropped by the host.
#[repr(C)]
pub struct Fut {
    /// The provider's own.
    pub p: *mut (),
    /// What can be done with it.
    pub vt: *const FutVt,
}

// SAFETY: futures may move between threads and are polled by one at a time (a rule of the boundary).
unsafe impl Send for Fut {}

/// Functions of a [`Fut`].
#[repr(C)]
pub struct FutVt {
    /// `size_of::<FutVt>()` of the side that filled it.
    pub size: usize,
    /// `OK` with the output, `PENDING`, or `ERR`; not polled again after `OK` or `ERR`.
    pub poll: unsafe extern "C" fn(
        p: *mut (),
        waker: *const AbiWaker,
        out: *mut Opened,
        err: *mut Err,
    ) -> Status,
    /// Frees it; unfinished, this cancels.
    pub drop: unsafe extern "C" fn(p: *mut ()),
}
