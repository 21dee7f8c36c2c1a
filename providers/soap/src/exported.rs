//! Objects on ports. Those of one host and port share a listener and differ by their paths; it closes with the last.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, Weak};
use std::task::Poll;

use rmix_provider::endpoint::Parts;
use rmix_provider::failure;
use rmix_provider::guest::{Host, Listener};
use rmix_provider::listen::{Bound, BoundAddress};
use rmix_provider::tables::{AbiWaker, Err};

use crate::http::{HttpLimits, HttpListener, ServerOptions};
use crate::options;
use crate::provider::SoapProvider;
use crate::service::{Dispatch, Service};

/// The services of a port, by their paths.
pub(crate) type Services = RwLock<HashMap<String, Arc<Service>>>;

/// The open ports of a provider.
#[derive(Default)]
pub(crate) struct Ports {
    /// Guards the table; held for moments. A port that is being opened is in nobody's way: two exports that open the same
    /// one at once, without having waited for each other, meet at the operating system.
    table: Mutex<HashMap<SocketAddr, Weak<Port>>>,
}

struct Port {
    listener: HttpListener,
    services: Arc<Services>,
    address: SocketAddr,
    terms: Terms,
}

/// What all services of a port share: they must agree on it.
#[derive(Debug, PartialEq)]
struct Terms {
    secure: bool,
    http: ServerOptions,
    limits: HttpLimits,
}

impl Terms {
    fn new(secure: bool, options: &options::Server) -> Terms {
        Terms {
            secure,
            http: options.http.clone(),
            limits: options.common.http,
        }
    }
}

/// An exported object.
pub struct Exported {
    port: Arc<Port>,
    ports: Arc<Ports>,
    path: String,
    endpoint: String,
    /// Whether the object was taken off, and was the port's last.
    withdrawn: OnceLock<bool>,
}

impl Ports {
    fn lock(&self) -> MutexGuard<'_, HashMap<SocketAddr, Weak<Port>>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds the service to the port that is open there, if one is; under the lock, so that the port is not closed with its
    /// last service meanwhile.
    fn join(
        &self,
        endpoint: &Parts<'_>,
        address: SocketAddr,
        terms: &Terms,
        service: &Arc<Service>,
    ) -> Result<Option<Arc<Port>>, Err> {
        let table = self.lock();
        let Some(port) = table.get(&address).and_then(Weak::upgrade) else {
            return Ok(None);
        };
        let refused = |why| Err(failure::endpoint(endpoint.text, why));
        if port.terms != *terms {
            return refused(
                "something is exported on that port already, with other options of HTTP or TLS",
            );
        }
        if !port.add(service) {
            return refused("another object is exported there with this path");
        }
        Ok(Some(port))
    }

    /// Exports a service, on a port that is shared when it is open already.
    pub(crate) async fn export(
        self: Arc<Self>,
        host: Host,
        endpoint: &Parts<'_>,
        address: SocketAddr,
        service: Service,
        options: &options::Server,
    ) -> Result<Exported, Err> {
        let secure = endpoint.scheme.ends_with("https");
        let terms = Terms::new(secure, options);
        let service = Arc::new(service);
        let joined = self.join(endpoint, address, &terms, &service)?;
        let port = match joined {
            Some(port) => port,
            None => {
                let port = Arc::new(Port::open(host, endpoint, address, terms, options).await?);
                let mut table = self.lock();
                table.retain(|_, port| port.strong_count() > 0);
                port.add(&service);
                table.insert(port.address, Arc::downgrade(&port));
                port
            }
        };
        let options = match options::shown(endpoint.options).as_str() {
            "" => String::new(),
            options => format!("?{options}"),
        };
        Ok(Exported {
            endpoint: format!(
                "{}://{}{}{options}",
                endpoint.scheme, port.address, service.path
            ),
            port,
            ports: self,
            path: service.path.clone(),
            withdrawn: OnceLock::new(),
        })
    }
}

impl Port {
    async fn open(
        host: Host,
        endpoint: &Parts<'_>,
        address: SocketAddr,
        terms: Terms,
        options: &options::Server,
    ) -> Result<Port, Err> {
        let bound = Bound::tcp(endpoint.text, address)?;
        let address = match &bound.address {
            BoundAddress::Tcp(address) => *address,
            BoundAddress::Unix(_) => address,
        };
        let services = Arc::new(Services::default());
        let handler = Arc::new(Dispatch::new(host, services.clone()));
        let limits = options.common.http;
        let name = SoapProvider::LOG_NAME;
        let listener = HttpListener::start(
            host,
            name,
            bound,
            terms.secure,
            &options.http,
            limits,
            handler,
        )
        .await?;
        Ok(Port {
            listener,
            services,
            address,
            terms,
        })
    }

    fn add(&self, service: &Arc<Service>) -> bool {
        let mut services = self
            .services
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if services.contains_key(&service.path) {
            return false;
        }
        services.insert(service.path.clone(), service.clone());
        true
    }

    /// Takes a service off; true when none is left.
    fn remove(&self, path: &str) -> bool {
        let mut services = self
            .services
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        services.remove(path);
        services.is_empty()
    }
}

impl Exported {
    /// Takes the object off the port; true when the port is to be closed with it.
    fn withdraw(&self) -> bool {
        *self.withdrawn.get_or_init(|| {
            let mut table = self.ports.lock();
            let last = self.port.remove(&self.path);
            let known = table.get(&self.port.address);
            let is_ours =
                known.is_some_and(|known| std::ptr::eq(known.as_ptr(), Arc::as_ptr(&self.port)));
            if last && is_ours {
                table.remove(&self.port.address);
            }
            last
        })
    }
}

impl Listener for Exported {
    fn endpoint(&self) -> String {
        self.endpoint.clone()
    }

    fn poll_close(&self, waker: &AbiWaker) -> Poll<Result<(), Err>> {
        if !self.withdraw() {
            return Poll::Ready(Ok(()));
        }
        self.port.listener.poll_close(waker).map(Ok)
    }

    fn abandon(&self) {
        if self.withdraw() {
            self.port.listener.abandon();
        }
    }
}

impl Drop for Exported {
    fn drop(&mut self) {
        // An export that was given up half-way, too.
        self.abandon();
    }
}
