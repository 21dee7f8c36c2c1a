//! The link table: one link per endpoint and served object, shared by all stubs that want it, opened on demand, opened
//! again when it was closed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Waker};

use rmix_abi::host::Link;
use rmix_engine::{Endpoint, ObjectId};

use crate::error::Error;
use crate::providers::Provider;
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

    /// The link, opened if need be.
    ///
    /// # Errors
    /// No provider, or the peer is not there: not sent.
    pub(crate) async fn open(&self) -> Result<Arc<Link>, Error> {
        let _one_at_a_time = self.opening.lock().await;
        if let Some(link) = self.current().filter(|link| link.is_open()) {
            return Ok(link);
        }
        let runtime = self.runtime.upgrade().ok_or_else(crate::runtime::gone)?;
        runtime.check_open()?;
        let provider = runtime.providers.need(&self.endpoint)?;
        let link = provider
            .started()
            .connect(self.endpoint.as_str(), &runtime.abi_limits(), self.object)
            .await
            .map_err(|err| Error::from_abi(&err))?;
        let link = Arc::new(link);
        tracing::debug!(target: "rmix::link", endpoint = %self.endpoint, provider = provider.name(), "link opened");
        let previous = self.lock().replace((link.clone(), provider));
        drop(previous);
        Ok(link)
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
