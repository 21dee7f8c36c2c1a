//! A provider as a whole, and the entry its shared object exports.

use std::sync::Arc;

use super::future::into_fut;
use super::link::{opened_link, opened_listener};
use super::panic::{guard, guard_err};
use super::{BoxFuture, Host, Link, Listener};
use crate::describe::InterfaceDesc;
use crate::layout;
use crate::tables::{
    Err, Fut, HostVt, Limits, MAGIC, MAJOR, MINOR, OK, OpenRequest, ProviderEntry, ProviderVt,
    Status, Str,
};

/// What `connect` and `listen` are told.
#[derive(Debug, Clone)]
pub struct Open {
    /// The endpoint, as the user wrote it.
    pub endpoint: String,
    /// Budget of the link or listener.
    pub limits: Limits,
    /// Token of the object inbound calls go to; 0 for none.
    pub object: u64,
    /// The interface of that object, when it is described.
    pub interface: Option<&'static InterfaceDesc>,
}

/// A provider: one protocol and its communication.
pub trait Provider: Send + Sync + Sized + 'static {
    /// Short name; also the suffix of the exported symbol and of the file.
    const NAME: &'static str;
    /// Version of the provider.
    const VERSION: &'static str;
    /// Endpoint schemes, separated by spaces.
    const SCHEMES: &'static str;
    /// Bits of [`crate::tables::capability`].
    const CAPABILITIES: u64;
    /// Its links.
    type Link: Link;
    /// Its listeners.
    type Listener: Listener;

    /// Makes the provider ready; it starts no thread and opens nothing.
    fn new(host: Host) -> Result<Self, Err>;
    /// Opens a link.
    fn connect(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<Self::Link>, Err>>;
    /// Opens a listener.
    fn listen(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<Self::Listener>, Err>>;
}

/// The entry of a provider: what its shared object exports and what a static build registers.
pub const fn entry<P: Provider>() -> ProviderEntry {
    ProviderEntry {
        magic: MAGIC,
        size: size_of::<ProviderEntry>() as u32,
        major: MAJOR,
        minor: MINOR,
        layout: layout::HASH,
        name: Str::fixed(P::NAME),
        version: Str::fixed(P::VERSION),
        build: Str::fixed(layout::BUILD),
        schemes: Str::fixed(P::SCHEMES),
        capabilities: P::CAPABILITIES,
        init: init::<P>,
    }
}

unsafe extern "C" fn init<P: Provider>(
    host: *const HostVt,
    out: *mut *const ProviderVt,
    object: *mut *const (),
    err: *mut Err,
) -> Status {
    // SAFETY: the host's table is valid for ever; the out-parameters are its own.
    unsafe {
        guard_err(err, || {
            let provider = Arc::new(P::new(Host::new(&*host))?);
            object.write(Arc::into_raw(provider).cast());
            out.write(const { &table::<P>() });
            Ok(OK)
        })
    }
}

const fn table<P: Provider>() -> ProviderVt {
    ProviderVt {
        size: size_of::<ProviderVt>(),
        connect: connect::<P>,
        listen: listen::<P>,
        release: release::<P>,
    }
}

/// # Safety
/// `provider` was made by `init::<P>` and is not released; `request` is lent for the call.
unsafe fn read<P>(provider: *const (), request: *const OpenRequest) -> (Arc<P>, Open) {
    // SAFETY: the caller vouches for both.
    unsafe {
        Arc::increment_strong_count(provider.cast::<P>());
        let open = Open {
            endpoint: (*request).endpoint.text().into_owned(),
            limits: Limits {
                ..*(*request).limits
            },
            object: (*request).object,
            interface: (*request).interface.as_ref(),
        };
        (Arc::from_raw(provider.cast::<P>()), open)
    }
}

unsafe extern "C" fn connect<P: Provider>(
    provider: *const (),
    request: *const OpenRequest,
    out: *mut Fut,
    err: *mut Err,
) -> Status {
    // SAFETY: the host passes a live provider, a request lent for the call, and room for the results.
    unsafe {
        guard_err(err, || {
            let (provider, open) = read::<P>(provider, request);
            let link = provider.connect(open);
            out.write(into_fut(Box::pin(
                async move { Ok(opened_link(link.await?)) },
            )));
            Ok(OK)
        })
    }
}

unsafe extern "C" fn listen<P: Provider>(
    provider: *const (),
    request: *const OpenRequest,
    out: *mut Fut,
    err: *mut Err,
) -> Status {
    // SAFETY: as in `connect`.
    unsafe {
        guard_err(err, || {
            let (provider, open) = read::<P>(provider, request);
            let listener = provider.listen(open);
            out.write(into_fut(Box::pin(async move {
                Ok(opened_listener(listener.await?))
            })));
            Ok(OK)
        })
    }
}

unsafe extern "C" fn release<P: Provider>(provider: *const ()) {
    // SAFETY: the host releases once.
    guard((), || drop(unsafe { Arc::from_raw(provider.cast::<P>()) }));
}
