//! Binding: from a reference or an endpoint to a stub. Selects among the reference's endpoints, checks that the provider
//! can honour the interface, and connects, so that a peer that is not there is found here.

use std::future::IntoFuture;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use rmix_engine::{Candidate, Endpoint, ObjectId, Policy, Reference, Selection, select};

use crate::blocking;
use crate::call::Route;
use crate::capability::{Use, shortfall};
use crate::error::{Cause, Error, ErrorKind};
use crate::export::Exported;
use crate::here::is_here;
use crate::interface::{Interface, Skeleton};
use crate::providers::Provider;
use crate::reactor::{Services, after, block_on, within};
use crate::runtime::Runtime;
use crate::stub::{Bound, Stub};

/// What [`Runtime::bind`] takes: a reference, the text of a reference or endpoint, an endpoint, or an exported object.
pub trait IntoTarget {
    /// The reference.
    ///
    /// # Errors
    /// The text is neither a reference nor an endpoint.
    fn into_target(self) -> Result<Reference, Error>;
}

impl IntoTarget for Reference {
    fn into_target(self) -> Result<Reference, Error> {
        Ok(self)
    }
}

impl IntoTarget for &Reference {
    fn into_target(self) -> Result<Reference, Error> {
        Ok(self.clone())
    }
}

impl IntoTarget for Endpoint {
    fn into_target(self) -> Result<Reference, Error> {
        Ok(self.into())
    }
}

impl IntoTarget for &Endpoint {
    fn into_target(self) -> Result<Reference, Error> {
        Ok(self.clone().into())
    }
}

impl IntoTarget for &Exported {
    fn into_target(self) -> Result<Reference, Error> {
        Ok(self.reference())
    }
}

impl IntoTarget for &str {
    fn into_target(self) -> Result<Reference, Error> {
        Reference::parse(self).map_err(|failure| {
            let reason = match std::error::Error::source(&failure) {
                Some(source) => format!("{failure}: {source}"),
                None => failure.to_string(),
            };
            let shown = Endpoint::redacted(self);
            let message = format!("{shown:?} cannot be bound to: {reason}");
            Error::new(ErrorKind::FixRequest, Cause::Endpoint, message).caused_by(failure)
        })
    }
}

impl IntoTarget for String {
    fn into_target(self) -> Result<Reference, Error> {
        self.as_str().into_target()
    }
}

impl IntoTarget for &String {
    fn into_target(self) -> Result<Reference, Error> {
        self.as_str().into_target()
    }
}

/// Options of a binding; awaited, or finished with [`Bind::blocking`]. Made by [`Runtime::bind`].
#[must_use = "nothing is bound before it is awaited or `blocking` is called"]
pub struct Bind<S> {
    runtime: Runtime,
    target: Result<Reference, Error>,
    options: Options,
    stub: PhantomData<fn() -> S>,
}

/// What typed and dynamic bindings share.
#[derive(Default)]
pub(crate) struct Options {
    pub(crate) policy: Policy,
    pub(crate) timeout: Option<Duration>,
    pub(crate) serve: Option<Box<dyn Skeleton>>,
}

impl<S: Interface> Bind<S> {
    pub(crate) fn new(runtime: &Runtime, target: Result<Reference, Error>) -> Bind<S> {
        Bind {
            runtime: runtime.clone(),
            target,
            options: Options::default(),
            stub: PhantomData,
        }
    }

    /// Insists on a protocol (`msgpack`) or scheme (`msgpack+tcp`).
    pub fn via(mut self, protocol: impl Into<String>) -> Self {
        self.options.policy.via = Some(protocol.into());
        self
    }

    /// Prefers endpoints by this policy instead of the default one.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.options.policy = policy;
        self
    }

    /// The deadline of each call of the stub, and of binding itself.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// Serves an object to the peer on the same link, for as long as a stub of this binding lives.
    pub fn serve(mut self, skeleton: impl Skeleton) -> Self {
        self.options.serve = Some(Box::new(skeleton));
        self
    }

    /// Binds from a plain thread.
    ///
    /// # Errors
    /// As awaiting it; and at once when this thread is running a task.
    ///
    /// # Blocking
    /// Until the link is open or the deadline has passed.
    pub fn blocking(self) -> Result<S, Error> {
        blocking::check("bind")?;
        block_on(self.finish())
    }

    async fn finish(self) -> Result<S, Error> {
        let interface = S::DESCRIPTION;
        let reference = self.target?;
        let known = reference.interface();
        if !known.is_empty() && known != interface.name() {
            let message = format!(
                "the reference is to a `{known}`, and the stub is for `{}`",
                interface.name()
            );
            return Err(Error::new(ErrorKind::FixRequest, Cause::Version, message));
        }
        let purpose = match self.options.serve {
            Some(_) => Use::CallAndServe,
            None => Use::Call,
        };
        let lacks = |provider: &Provider| shortfall(interface, provider, purpose);
        let stub = connect(&self.runtime, &reference, self.options, lacks).await?;
        Ok(S::from_stub(stub))
    }
}

impl<S: Interface> IntoFuture for Bind<S> {
    type Output = Result<S, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<S, Error>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.finish())
    }
}

/// Selects, checks and connects.
pub(crate) async fn connect(
    runtime: &Runtime,
    reference: &Reference,
    options: Options,
    lacks: impl Fn(&Provider) -> Option<String>,
) -> Result<Stub, Error> {
    let inner = &runtime.inner;
    inner.check_open()?;
    let candidate = |endpoint: &Endpoint| {
        let provider = inner.providers.of(endpoint);
        Candidate {
            provider_loaded: provider.is_some(),
            shortfall: provider.and_then(|provider| lacks(&provider)),
            same_host: is_here(endpoint),
            ..Candidate::new(endpoint.clone())
        }
    };
    let candidates: Vec<_> = reference.endpoints().iter().map(candidate).collect();
    let selection = select(&candidates, &options.policy);
    if selection.order().is_empty() {
        return Err(none_usable(runtime, reference, &candidates, &selection));
    }
    let served = options
        .serve
        .map(|skeleton| ServedObject::new(&inner.services, skeleton))
        .transpose()?;
    let object = served.as_ref().map(|served| served.object);
    let slots = selection
        .endpoints()
        .map(|endpoint| inner.links.slot(inner, endpoint, object))
        .collect();
    let route = Route {
        runtime: inner.clone(),
        slots,
        chosen: AtomicUsize::new(0),
    };
    let timeout = options.timeout.unwrap_or(inner.limits.call_deadline);
    // Each connection has its `connect_timeout`.
    let opened = within(&inner.services, after(timeout), route.open(true)).await;
    opened.unwrap_or_else(|_| {
        let why = route.not_opened().unwrap_or_default();
        let message = format!("{reference} was not reached within {timeout:?}: {why}");
        Err(Error::new(ErrorKind::Retry, Cause::Timeout, message))
    })?;
    let bound = Bound {
        route,
        why: selection.to_string(),
        _served: served,
    };
    Ok(Stub::new(bound, timeout))
}

fn none_usable(
    runtime: &Runtime,
    reference: &Reference,
    candidates: &[Candidate],
    selection: &Selection,
) -> Error {
    if let [only] = candidates {
        if let Some(sentence) = &only.shortfall {
            return Error::new(ErrorKind::Unsupported, Cause::Other, sentence);
        }
        if let Err(missing) = runtime.inner.providers.need(&only.endpoint) {
            return missing;
        }
    }
    let message = format!("no endpoint of {reference} can be used: {selection}");
    Error::new(ErrorKind::Unsupported, Cause::Endpoint, message)
}

/// An object in the table; taken out when dropped.
pub(crate) struct ServedObject {
    services: Arc<Services>,
    object: ObjectId,
}

impl ServedObject {
    fn new(services: &Arc<Services>, skeleton: Box<dyn Skeleton>) -> Result<ServedObject, Error> {
        let object = services.dispatcher.export(skeleton, false)?;
        Ok(ServedObject {
            services: services.clone(),
            object,
        })
    }
}

impl Drop for ServedObject {
    fn drop(&mut self) {
        self.services.dispatcher.unexport(self.object);
    }
}
