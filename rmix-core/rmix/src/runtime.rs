//! The runtime: providers, links and exported objects of one program, and their shutdown.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use rmix_abi::host::{Link, host_table};
use rmix_abi::tables;
use rmix_engine::Limits;

use crate::bind::{Bind, IntoTarget};
use crate::builder::RuntimeBuilder;
use crate::dynamic::{BindDynamic, Interner};
use crate::error::{Cause, Error, ErrorKind};
use crate::export::{Export, Exported, Listening};
use crate::interface::{Interface, Skeleton};
use crate::links::Links;
use crate::providers::{Provider, ProviderInfo, Providers};
use crate::reactor::{IoChoice, Services, block_on, within};
use crate::{blocking, export};

/// Providers, links and exported objects of one program. A clone is another handle on the same runtime, which ends with
/// the last handle, stub and exported object.
///
/// A process forked from this one must not use it: neither reactor survives a fork.
#[derive(Clone)]
pub struct Runtime {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) services: Arc<Services>,
    pub(crate) providers: Providers,
    pub(crate) links: Links,
    pub(crate) interner: Interner,
    pub(crate) limits: Limits,
    /// Listeners of exported objects, for shutdown.
    listening: Mutex<Vec<Weak<Listening>>>,
    stopped: AtomicBool,
}

impl Runtime {
    /// Starts building a runtime.
    ///
    /// ```
    /// let rmix = rmix::Runtime::builder().build()?;
    /// assert!(rmix.providers().is_empty());
    /// # Ok::<(), rmix::Error>(())
    /// ```
    pub fn builder() -> RuntimeBuilder {
        RuntimeBuilder::default()
    }

    pub(crate) fn start(io: IoChoice, limits: Limits) -> Runtime {
        let services = Services::new(io, &limits);
        let inner = Inner {
            providers: Providers::new(host_table(services.clone())),
            services,
            links: Links::default(),
            interner: Interner::default(),
            limits,
            listening: Mutex::new(Vec::new()),
            stopped: AtomicBool::new(false),
        };
        Runtime {
            inner: Arc::new(inner),
        }
    }

    /// Binds to a remote object: a reference, the text of one, an endpoint, or an object exported here.
    ///
    /// The builder that is returned is awaited, or finished with [`Bind::blocking`].
    pub fn bind<S: Interface>(&self, target: impl IntoTarget) -> Bind<S> {
        Bind::new(self, target.into_target())
    }

    /// Binds to an object of which no description is known. Only self-describing protocols can, unless the types of calls
    /// are known at run time ([`BindDynamic::typed`]).
    pub fn dynamic(&self, target: impl IntoTarget) -> BindDynamic {
        BindDynamic::new(self, target.into_target())
    }

    /// Exports an object on one or more endpoints; port 0 picks a free one.
    ///
    /// The builder that is returned is awaited, or finished with [`Export::blocking`].
    pub fn export<E>(&self, skeleton: impl Skeleton, endpoints: E) -> Export
    where
        E: IntoIterator,
        E::Item: AsRef<str>,
    {
        let endpoints = endpoints.into_iter();
        let endpoints = endpoints.map(|text| text.as_ref().to_owned()).collect();
        Export::new(self, Box::new(skeleton), endpoints)
    }

    /// As [`Runtime::export`], from a plain thread.
    ///
    /// # Errors
    /// As awaiting [`Runtime::export`].
    ///
    /// # Blocking
    /// Until all endpoints listen.
    pub fn export_blocking<E>(
        &self,
        skeleton: impl Skeleton,
        endpoints: E,
    ) -> Result<Exported, Error>
    where
        E: IntoIterator,
        E::Item: AsRef<str>,
    {
        self.export(skeleton, endpoints).blocking()
    }

    /// The providers that are loaded.
    pub fn providers(&self) -> Vec<ProviderInfo> {
        self.inner.providers.infos()
    }

    /// Loads a provider from a file named by an absolute path, `librmix_<name>.so` or with more after the name.
    ///
    /// # Errors
    /// The file is not a provider, one built for another boundary, or one of that name is loaded.
    pub fn load_provider(&self, file: impl Into<PathBuf>) -> Result<(), Error> {
        self.inner.check_open()?;
        self.inner.providers.load_file(&file.into())
    }

    /// Unloads a provider: no new links, calls in flight are finished within `bound`, then its links and listeners are
    /// closed. Its code stays in memory. To replace a provider, unload it and load another file; stubs go on with that.
    ///
    /// # Errors
    /// No provider of that name is loaded, or some calls were not finished in time (it is unloaded all the same).
    pub async fn unload_provider(&self, name: &str, bound: Duration) -> Result<(), Error> {
        let Some(provider) = self.inner.providers.named(name) else {
            let message = format!("no provider `{name}` is loaded");
            return Err(Error::new(ErrorKind::FixRequest, Cause::Other, message));
        };
        provider.drain();
        let closed = self.inner.close(Some(&provider), bound).await;
        self.inner.providers.remove(&provider);
        closed
    }

    /// Ends everything: no new links, calls or objects; calls in flight are finished within `bound`; then what is left
    /// is abandoned.
    ///
    /// # Errors
    /// Some calls were not finished in time. The runtime is shut down all the same.
    pub async fn shutdown(&self, bound: Duration) -> Result<(), Error> {
        self.inner.stopped.store(true, Ordering::Release);
        self.inner.close(None, bound).await
    }

    /// As [`Runtime::shutdown`], from a plain thread.
    ///
    /// # Errors
    /// As [`Runtime::shutdown`], or called on a thread that must not block.
    ///
    /// # Blocking
    /// At most about `bound`.
    pub fn shutdown_blocking(&self, bound: Duration) -> Result<(), Error> {
        blocking::check("shutdown")?;
        block_on(self.shutdown(bound))
    }
}

impl std::fmt::Debug for Runtime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let providers: Vec<_> = self.providers().into_iter().map(|info| info.name).collect();
        f.debug_struct("Runtime")
            .field("providers", &providers)
            .finish_non_exhaustive()
    }
}

impl Inner {
    /// Refuses once the runtime was shut down.
    pub(crate) fn check_open(&self) -> Result<(), Error> {
        if self.stopped.load(Ordering::Acquire) {
            return Err(gone());
        }
        Ok(())
    }

    /// The limits as they cross to a provider.
    pub(crate) fn abi_limits(&self) -> tables::Limits {
        let limits = &self.limits;
        let ns = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        tables::Limits {
            message_bytes: limits.message_bytes,
            items: limits.items,
            queued_bytes: limits.queued_bytes,
            connect_ns: ns(limits.connect_timeout),
            handshake_ns: ns(limits.handshake_timeout),
            message_ns: ns(limits.message_timeout),
            idle_ns: ns(limits.idle_timeout),
            depth: limits.depth,
            fragments: limits.fragments,
            outstanding: limits.outstanding_calls,
            connections: limits.connections,
            connections_per_peer: limits.connections_per_peer,
            ..tables::Limits::default()
        }
    }

    /// Remembers an exported object's listeners for shutdown.
    pub(crate) fn listens(&self, listening: &Arc<Listening>) {
        let mut all = self.lock_listening();
        all.retain(|known| known.strong_count() > 0);
        all.push(Arc::downgrade(listening));
    }

    fn lock_listening(&self) -> std::sync::MutexGuard<'_, Vec<Weak<Listening>>> {
        self.listening
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn close(&self, of: Option<&Arc<Provider>>, bound: Duration) -> Result<(), Error> {
        let until = Instant::now() + bound;
        let exported: Vec<_> = self
            .lock_listening()
            .iter()
            .filter_map(Weak::upgrade)
            .collect();
        let links = self.links.open_links(of);
        let closing = async {
            // All at once: the first must not use up the others' time.
            let listeners = exported.iter().flat_map(|one| one.listeners(of));
            export::close_all(listeners).await;
            close_links(&links).await;
        };
        let in_time = within(&self.services, until, closing).await;
        for listening in &exported {
            listening.abandon(of);
        }
        for link in &links {
            link.abandon();
        }
        in_time.map_err(|_| too_late(bound))
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.services.stop(LAST_BOUND);
    }
}

async fn close_links(links: &[Arc<Link>]) {
    let mut left: Vec<_> = links.iter().collect();
    std::future::poll_fn(|cx| {
        left.retain(|link| match link.poll_close(cx) {
            std::task::Poll::Pending => true,
            std::task::Poll::Ready(Ok(())) => false,
            std::task::Poll::Ready(Err(err)) => {
                tracing::debug!(target: "rmix::link", error = %err.text(), "a link did not close in order");
                false
            }
        });
        if left.is_empty() {
            return std::task::Poll::Ready(());
        }
        std::task::Poll::Pending
    })
    .await;
}

fn too_late(bound: Duration) -> Error {
    let message = format!("not everything was finished within {bound:?}; the rest was abandoned");
    Error::new(ErrorKind::Retry, Cause::Timeout, message)
}

/// The runtime was shut down.
pub(crate) fn gone() -> Error {
    Error::new(
        ErrorKind::FixRequest,
        Cause::Shutdown,
        "the runtime was shut down",
    )
}

/// Time for tasks of the runtime's own thread when its last handle is dropped.
const LAST_BOUND: Duration = Duration::from_secs(1);
