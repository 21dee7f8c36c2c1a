//! The link table: one link per endpoint and served object, shared by all stubs that want it, opened on demand, opened
//! again when it was closed.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Waker};
use std::time::Duration;

use rmix_abi::host::Link;
use rmix_engine::{Endpoint, ObjectId};

use crate::error::{Cause, Error, ErrorKind};
use crate::providers::Provider;
use crate::reactor::{after, may_block_here, within};
use crate::runtime::Inner;

/// What a link is shared by.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    endpoint: String,
    /// Token of the object served on it, or 0.
    object: u64,
}

/// All links of a runtime.
#[derive(Default)]
pub(crate) struct Links {
    slots: Mutex<HashMap<Key, Weak<LinkSlot>>>,
}

impl Links {
    /// The place of a link; the link itself is opened on demand.
    pub(crate) fn slot(
        &self,
        runtime: &Arc<Inner>,
        endpoint: &Endpoint,
        object: Option<ObjectId>,
    ) -> Arc<LinkSlot> {
        let key = Key {
            endpoint: endpoint.as_str().to_owned(),
            object: object.map_or(0, |object| object.0),
        };
        let mut slots = self.lock();
        if let Some(slot) = slots.get(&key).and_then(Weak::upgrade) {
            return slot;
        }
        slots.retain(|_, slot| slot.strong_count() > 0);
        let slot = Arc::new(LinkSlot {
            runtime: Arc::downgrade(runtime),
            endpoint: endpoint.clone(),
            object: key.object,
            current: Mutex::new(None),
            opening: tokio::sync::Mutex::new(()),
        });
        slots.insert(key, Arc::downgrade(&slot));
        slot
    }

    /// All links that are open, of one provider or of all.
    pub(crate) fn open_links(&self, of: Option<&Arc<Provider>>) -> Vec<Arc<Link>> {
        let slots: Vec<_> = self.lock().values().filter_map(Weak::upgrade).collect();
        let open = slots.iter().filter_map(|slot| {
            let current = slot.lock();
            let (link, provider) = current.as_ref()?;
            let wanted = of.is_none_or(|of| Arc::ptr_eq(of, provider));
            wanted.then(|| link.clone())
        });
        open.collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Weak<LinkSlot>>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The place of one link.
pub(crate) struct LinkSlot {
    runtime: Weak<Inner>,
    endpoint: Endpoint,
    object: u64,
    /// The link and its provider, once opened; may be closed by now. Guards the pair only.
    current: Mutex<Option<(Arc<Link>, Arc<Provider>)>>,
    /// Held while opening, so that many callers open one link.
    opening: tokio::sync::Mutex<()>,
}

impl LinkSlot {
    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Arc<Link>, Arc<Provider>)>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The link, if there is one; it may have been closed in the meantime.
    pub(crate) fn current(&self) -> Option<Arc<Link>> {
        self.lock().as_ref().map(|(link, _)| link.clone())
    }

    /// Forgets a link that turned out to be closed.
    pub(crate) fn forget(&self, closed: &Arc<Link>) {
        let mut current = self.lock();
        if current
            .as_ref()
            .is_some_and(|(link, _)| Arc::ptr_eq(link, closed))
        {
            let gone = current.take();
            drop(current);
            drop(gone);
        }
    }

    /// The link, opened if need be. `driven` says that the caller polls this to its end, or drops it.
    ///
    /// # Errors
    /// No provider, or the peer is not there: not sent.
    pub(crate) async fn open(self: &Arc<Self>, driven: bool) -> Result<Arc<Link>, Error> {
        if driven && may_block_here() {
            return self.connect().await;
        }
        // Whoever opens keeps the others waiting, and a future may be left unpolled: a task is not.
        let runtime = self.runtime.upgrade().ok_or_else(crate::runtime::gone)?;
        let handle = runtime.services.handle()?;
        drop(runtime);
        let slot = self.clone();
        let opening = handle.spawn(async move { slot.connect().await });
        opening.await.unwrap_or_else(|ended| {
            if !ended.is_panic() {
                return Err(crate::runtime::gone());
            }
            let message = format!("opening {} panicked", self.endpoint);
            Err(Error::new(ErrorKind::Internal, Cause::Panic, message))
        })
    }

    /// Opens the link, unless somebody else has meanwhile.
    async fn connect(&self) -> Result<Arc<Link>, Error> {
        let _one_at_a_time = self.opening.lock().await;
        if let Some(link) = self.current().filter(|link| link.is_open()) {
            return Ok(link);
        }
        // The runtime itself is not kept alive by an opening that nobody waits for any more.
        let runtime = self.runtime.upgrade().ok_or_else(crate::runtime::gone)?;
        runtime.check_open()?;
        let provider = runtime.providers.need(&self.endpoint)?;
        let (services, limits) = (runtime.services.clone(), runtime.abi_limits());
        let timeout = runtime.limits.connect_timeout;
        drop(runtime);
        let connecting = provider
            .started()
            .connect(self.endpoint.as_str(), &limits, self.object);
        let opened = within(&services, after(timeout), connecting).await;
        let link = opened
            .map_err(|_| self.too_slow(timeout))?
            .map_err(|err| Error::from_abi(&err))?;
        let link = Arc::new(link);
        let runtime = self.runtime.upgrade().ok_or_else(crate::runtime::gone);
        if let Err(stopped) = runtime.and_then(|runtime| runtime.check_open()) {
            link.abandon();
            return Err(stopped);
        }
        tracing::debug!(target: "rmix::link", endpoint = %self.endpoint, provider = provider.name(), "link opened");
        let previous = self.lock().replace((link.clone(), provider));
        drop(previous);
        Ok(link)
    }

    fn too_slow(&self, timeout: Duration) -> Error {
        let message = format!(
            "{} within connect_timeout, {timeout:?}",
            self.was_not_opened()
        );
        Error::new(ErrorKind::Retry, Cause::Timeout, message)
    }

    /// The beginning of a sentence: what did not come to an end.
    pub(crate) fn was_not_opened(&self) -> String {
        let host = self.endpoint.authority().map(|(host, _)| host);
        match host.filter(|host| host.parse::<IpAddr>().is_err()) {
            Some(host) => format!(
                "resolving the name {host:?} of {} and connecting did not end",
                self.endpoint
            ),
            None => format!("connecting to {} did not end", self.endpoint),
        }
    }
}

impl Drop for LinkSlot {
    fn drop(&mut self) {
        if let Some(link) = self.current() {
            // One-way calls that are still queued leave now, if the kernel takes them without waiting.
            let _ = link.poll_flush(&mut Context::from_waker(Waker::noop()));
        }
    }
}
