//! Exporting: an object in the table and a listener per endpoint.

use std::future::{IntoFuture, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use rmix_abi::describe::InterfaceDesc;
use rmix_abi::host::Listener;
use rmix_engine::{Endpoint, ObjectId, Reference};

use crate::blocking;
use crate::capability::{Use, shortfall};
use crate::error::{Cause, Error, ErrorKind};
use crate::interface::Skeleton;
use crate::providers::Provider;
use crate::reactor::{block_on, within};
use crate::runtime::{Inner, Runtime};

/// How an exported object is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ExportOptions {
    serial: bool,
}

impl ExportOptions {
    /// All calls of the object run one after the other, in the order they arrive; beyond
    /// [`Limits::waiting_serial_calls`](crate::Limits::waiting_serial_calls) they are refused as busy. By default calls
    /// run concurrently, except that one-way calls of one connection keep their order.
    #[must_use]
    pub fn serial(mut self) -> ExportOptions {
        self.serial = true;
        self
    }
}

/// An export in the making; awaited, or finished with [`Export::blocking`]. Made by [`Runtime::export`].
#[must_use = "nothing is exported before it is awaited or `blocking` is called"]
pub struct Export {
    runtime: Runtime,
    skeleton: Box<dyn Skeleton>,
    endpoints: Vec<String>,
    options: ExportOptions,
}

impl Export {
    pub(crate) fn new(
        runtime: &Runtime,
        skeleton: Box<dyn Skeleton>,
        endpoints: Vec<String>,
    ) -> Export {
        Export {
            runtime: runtime.clone(),
            skeleton,
            endpoints,
            options: ExportOptions::default(),
        }
    }

    /// How the object is called.
    pub fn with(mut self, options: ExportOptions) -> Export {
        self.options = options;
        self
    }

    /// Exports from a plain thread.
    ///
    /// # Errors
    /// As awaiting it; and at once when this thread is running a task.
    ///
    /// # Blocking
    /// Until all endpoints listen.
    pub fn blocking(self) -> Result<Exported, Error> {
        blocking::check("export")?;
        block_on(self.finish())
    }

    async fn finish(self) -> Result<Exported, Error> {
        let runtime = self.runtime.inner.clone();
        runtime.check_open()?;
        let description = self.skeleton.description();
        let wanted = wanted(&runtime, description, &self.endpoints)?;
        let object = runtime
            .services
            .dispatcher
            .export(self.skeleton, self.options.serial)?;
        // From here on, dropping it takes everything back.
        let mut listening = Listening {
            runtime: runtime.clone(),
            object,
            listeners: Vec::new(),
        };
        let until = Instant::now() + runtime.limits.connect_timeout;
        let opening = async {
            for (endpoint, provider) in wanted {
                let text = endpoint.as_str();
                let limits = runtime.abi_limits();
                let listener =
                    provider
                        .started()
                        .listen(text, &limits, object.0, Some(description));
                let listener = listener.await;
                let listener = listener.map_err(|err| {
                    let error = Error::from_abi(&err);
                    let message = format!("{text}: {error}");
                    error.with_message(message)
                })?;
                let real = Endpoint::parse(&listener.endpoint()).unwrap_or(endpoint);
                listening.listeners.push((listener, provider, real));
            }
            Ok(())
        };
        within(&runtime.services, until, opening)
            .await
            .unwrap_or_else(|_| {
                let message = "the endpoints did not listen in time";
                Err(Error::new(ErrorKind::Retry, Cause::Timeout, message))
            })?;
        let endpoints = listening.endpoints();
        let reference = Reference::new(description.name(), object, endpoints);
        let reference = reference.map_err(|failure| {
            Error::new(ErrorKind::FixRequest, Cause::Endpoint, failure.to_string())
                .caused_by(failure)
        })?;
        let listening = Arc::new(listening);
        runtime.listens(&listening);
        Ok(Exported {
            listening,
            reference,
        })
    }
}

impl IntoFuture for Export {
    type Output = Result<Exported, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Exported, Error>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.finish())
    }
}

/// The endpoints with their providers, each able to honour the interface.
fn wanted(
    runtime: &Inner,
    description: &InterfaceDesc,
    endpoints: &[String],
) -> Result<Vec<(Endpoint, Arc<Provider>)>, Error> {
    let one = |text: &String| {
        let endpoint = Endpoint::parse(text).map_err(|failure| {
            let message = format!("{:?}: {failure}", Endpoint::redacted(text));
            Error::new(ErrorKind::FixRequest, Cause::Endpoint, message).caused_by(failure)
        })?;
        let provider = runtime.providers.need(&endpoint)?;
        match shortfall(description, &provider, Use::Listen) {
            Some(sentence) => Err(Error::new(ErrorKind::Unsupported, Cause::Other, sentence)),
            None => Ok((endpoint, provider)),
        }
    };
    endpoints.iter().map(one).collect()
}

/// The listeners of one exported object, and its place in the table.
pub(crate) struct Listening {
    runtime: Arc<Inner>,
    object: ObjectId,
    /// Each with its provider and the endpoint peers can use.
    listeners: Vec<(Listener, Arc<Provider>, Endpoint)>,
}

impl Listening {
    fn endpoints(&self) -> Vec<Endpoint> {
        let endpoints = self.listeners.iter();
        endpoints.map(|(_, _, real)| real.clone()).collect()
    }

    /// Listeners of one provider, or all.
    pub(crate) fn listeners<'a>(
        &'a self,
        of: Option<&'a Arc<Provider>>,
    ) -> impl Iterator<Item = &'a Listener> {
        self.listeners
            .iter()
            .filter(move |(_, provider, _)| of.is_none_or(|of| Arc::ptr_eq(of, provider)))
            .map(|(listener, _, _)| listener)
    }

    /// Closes listeners of one provider, or all, at once.
    pub(crate) fn abandon(&self, of: Option<&Arc<Provider>>) {
        for listener in self.listeners(of) {
            listener.abandon();
        }
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.abandon(None);
        self.runtime.services.dispatcher.unexport(self.object);
    }
}

/// Closes listeners in order, all at the same time.
pub(crate) async fn close_all<'a>(listeners: impl Iterator<Item = &'a Listener>) {
    let mut left: Vec<_> = listeners.collect();
    poll_fn(|cx| {
        left.retain(|listener| match listener.poll_close(cx) {
            Poll::Pending => true,
            Poll::Ready(Ok(())) => false,
            Poll::Ready(Err(err)) => {
                tracing::debug!(target: "rmix::link", error = %err.text(), "a listener did not close in order");
                false
            }
        });
        if left.is_empty() {
            return Poll::Ready(());
        }
        Poll::Pending
    })
    .await;
}

/// An exported object. Dropped, it is unexported at once: calls in flight fail.
#[must_use = "dropped, the object is unexported"]
pub struct Exported {
    listening: Arc<Listening>,
    reference: Reference,
}

impl Exported {
    /// What others bind to: a value with a text form.
    pub fn reference(&self) -> Reference {
        self.reference.clone()
    }

    /// The endpoints it listens on, with their real ports, in the order given.
    pub fn endpoints(&self) -> Vec<Endpoint> {
        self.reference.endpoints().to_vec()
    }

    /// Stops accepting calls, finishes and answers those that run within the default deadline, then closes.
    ///
    /// # Errors
    /// Some calls were not finished in time. The object is unexported all the same.
    pub async fn unexport(self) -> Result<(), Error> {
        let bound = self.listening.runtime.limits.call_deadline;
        self.unexport_within(bound).await
    }

    /// As [`Exported::unexport`], with another bound.
    ///
    /// # Errors
    /// As [`Exported::unexport`].
    pub async fn unexport_within(self, bound: Duration) -> Result<(), Error> {
        let until = Instant::now() + bound;
        let services = &self.listening.runtime.services;
        let idle = services.dispatcher.idle(self.listening.object);
        let closing = async {
            close_all(self.listening.listeners(None)).await;
            // Where another object is exported on the same port, that does not wait for the calls of this one.
            idle.await;
        };
        let in_time = within(services, until, closing).await;
        self.listening.abandon(None);
        in_time.map_err(|_| {
            let message = format!("calls were not finished within {bound:?} and were abandoned");
            Error::new(ErrorKind::Retry, Cause::Timeout, message)
        })
    }
}

impl std::fmt::Debug for Exported {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Exported({})", self.reference)
    }
}
