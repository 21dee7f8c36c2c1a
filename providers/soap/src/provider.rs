//! Opens links and listeners for SOAP over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;

use rmix_provider::endpoint::Parts;
use rmix_provider::guest::{BoxFuture, Host, Open, Provider};
use rmix_provider::tables::{Err, capability, cause, kind};
use rmix_provider::{connect, failure};

use crate::addressing::{Addressing, RequestHeaders};
use crate::exported::{Exported, Ports};
use crate::http::{HttpClient, Target};
use crate::link::{Said, SoapLink};
use crate::names::Plans;
use crate::options;
use crate::security::NonceTables;
use crate::service::Service;

/// The provider.
pub struct SoapProvider {
    host: Host,
    plans: Arc<Plans>,
    ports: Arc<Ports>,
    nonces: Arc<NonceTables>,
}

impl SoapProvider {
    /// The provider's name in the log.
    pub(crate) const LOG_NAME: &'static str = "soap";
}

impl Provider for SoapProvider {
    const NAME: &'static str = "soap";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SCHEMES: &'static str = "soap+http soap+https";
    const CAPABILITIES: u64 = capability::ONEWAY
        | capability::TWOWAY
        | capability::LISTEN
        | capability::FAULTS
        | capability::CONCURRENT;
    type Link = SoapLink;
    type Listener = Exported;

    fn new(host: Host) -> Result<Self, Err> {
        Ok(SoapProvider {
            host,
            plans: Arc::default(),
            ports: Arc::default(),
            nonces: Arc::default(),
        })
    }

    fn connect(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<Self::Link>, Err>> {
        let (host, plans) = (self.host, self.plans.clone());
        Box::pin(async move {
            let parts = Parts::parse(&open.endpoint)?;
            let mut options = options::Client::new(&parts, &open.limits)?;
            let target = Target::new(&parts)?;
            let said = Said::of(&host, &target, &mut options).await?;
            let limits = options.common.http;
            let name = Self::LOG_NAME;
            let client = HttpClient::open(host, name, target, &options.http, limits).await?;
            Ok(Arc::new(SoapLink::new(
                host,
                client,
                plans,
                &options,
                said,
                open.endpoint,
            )))
        })
    }

    fn listen(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<Self::Listener>, Err>> {
        let provider = self.clone();
        Box::pin(async move {
            let parts = Parts::parse(&open.endpoint)?;
            let mut options = options::Server::new(&parts, &open.limits)?;
            let interface = open.interface.ok_or_else(undescribed)?;
            let plan = provider.plans.of(interface).map_err(|why| {
                let message = format!("SOAP cannot carry the interface: {why}");
                Err::new(kind::UNSUPPORTED, cause::OTHER, message)
            })?;
            let address = address(&provider.host, &parts).await?;
            let path = match parts.path {
                "" => "/",
                path => path,
            };
            let guard = match options.security.take() {
                Some(security) => {
                    let nonces = provider.nonces.clone();
                    Some(loaded(&provider.host, move || security.load(&nonces)).await?)
                }
                None => None,
            };
            let service = Service::new(plan, open.object, path, &options, guard);
            let ports = provider.ports.clone();
            let exported = ports
                .export(provider.host, &parts, address, service, &options)
                .await?;
            Ok(Arc::new(exported))
        })
    }
}

impl Said {
    /// What these options have the requests to a target say.
    async fn of(host: &Host, target: &Target, options: &mut options::Client) -> Result<Said, Err> {
        let scheme = if target.secure { "https" } else { "http" };
        let to = format!("{scheme}://{}{}", target.host, target.path);
        let parameters = std::mem::take(&mut options.parameters);
        let addressing = options.addressing;
        let must_understand = matches!(addressing, Addressing::Required(_));
        let addressed = addressing
            .edition()
            .map(|edition| RequestHeaders::new(edition, must_understand, to, parameters));
        let credentials = match options.security.take() {
            Some(security) => Some(loaded(host, move || security.load()).await?),
            None => None,
        };
        Ok(Said {
            addressing,
            addressed,
            credentials,
        })
    }
}

/// What is read from a file where that may block.
async fn loaded<T: Send + 'static>(
    host: &Host,
    load: impl FnOnce() -> Result<T, Err> + Send + 'static,
) -> Result<T, Err> {
    let loaded = host.blocking(load).await;
    loaded.unwrap_or_else(|| Err(crate::http::server::stopped()))
}

/// The address to listen on.
async fn address(host: &Host, parts: &Parts<'_>) -> Result<SocketAddr, Err> {
    let (name, port) = parts.host_port()?;
    let addresses = connect::resolve(host, parts.text, name, port).await?;
    let first = addresses.first().copied();
    first.ok_or_else(|| failure::endpoint(parts.text, "its host has no address"))
}

/// Calls and objects without a description.
pub(crate) fn undescribed() -> Err {
    let message = "SOAP writes names and types, so it needs the interface's description: a Rust interface, or a WSDL file";
    Err::new(kind::UNSUPPORTED, cause::OTHER, message)
}
