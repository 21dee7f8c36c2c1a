//! Opens links and listeners for MessagePack-RPC; the messages themselves are elsewhere.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use rmix_msgpack_rpc::MsgpackRpc;
use rmix_provider::endpoint::Parts;
use rmix_provider::guest::{BoxFuture, Host, Open, Provider};
use rmix_provider::listen::{Bound, BoundAddress, MuxListener};
use rmix_provider::tables::{Err, capability};
use rmix_provider::{LinkOptions, MuxLink, connect, failure};

/// The provider.
pub struct MsgpackProvider {
    host: Host,
}

impl Provider for MsgpackProvider {
    const NAME: &'static str = "msgpack";
    const VERSION: &'static str = env!("CARGO_PKG_VERSION");
    const SCHEMES: &'static str = "msgpack+tcp msgpack+unix";
    const CAPABILITIES: u64 = capability::ONEWAY
        | capability::TWOWAY
        | capability::LISTEN
        | capability::SYMMETRIC
        | capability::FAULTS
        | capability::ORDERED
        | capability::CONCURRENT
        | capability::SELF_DESCRIBING;
    type Link = MuxLink<MsgpackRpc>;
    type Listener = MuxListener<MsgpackRpc>;

    fn new(host: Host) -> Result<Self, Err> {
        Ok(MsgpackProvider { host })
    }

    fn connect(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<Self::Link>, Err>> {
        let host = self.host;
        Box::pin(async move {
            let parts = Parts::parse(&open.endpoint)?;
            let protocol = Arc::new(protocol(&parts)?);
            let limit = open.limits.connect_ns;
            let stream = if parts.authority.is_none() {
                let path = path(&parts)?;
                let opening = connect::unix(&host, &open.endpoint, &path);
                connect::within(&host, limit, &open.endpoint, opening).await?
            } else {
                let (name, port) = parts.host_port()?;
                connect::tcp(&host, &open.endpoint, name, port, limit).await?
            };
            let options = LinkOptions {
                provider: Self::NAME,
                peer: open.endpoint.clone(),
                address: None,
                asked: None,
                object: open.object,
                accepted: false,
                limits: open.limits,
                end_reason: None,
            };
            Ok(MuxLink::open(host, protocol, stream, options))
        })
    }

    fn listen(self: &Arc<Self>, open: Open) -> BoxFuture<Result<Arc<Self::Listener>, Err>> {
        let host = self.host;
        Box::pin(async move {
            let parts = Parts::parse(&open.endpoint)?;
            let protocol = Arc::new(protocol(&parts)?);
            let bound = if parts.authority.is_none() {
                let file = PathBuf::from(OsString::from_vec(path(&parts)?));
                Bound::unix(&open.endpoint, file)?
            } else {
                let (name, port) = parts.host_port()?;
                let addresses = connect::resolve(&host, &open.endpoint, name, port).await?;
                let address = addresses
                    .first()
                    .ok_or_else(|| failure::endpoint(&open.endpoint, "its host has no address"))?;
                Bound::tcp(&open.endpoint, *address)?
            };
            let options = if parts.options.is_empty() {
                String::new()
            } else {
                format!("?{}", parts.options)
            };
            let endpoint = match &bound.address {
                BoundAddress::Tcp(address) => format!("{}://{address}{options}", parts.scheme),
                BoundAddress::Unix(_) => open.endpoint.clone(),
            };
            MuxListener::start(
                host,
                Self::NAME,
                protocol,
                bound,
                endpoint,
                open.object,
                open.limits,
            )
        })
    }
}

fn path(parts: &Parts<'_>) -> Result<Vec<u8>, Err> {
    if parts.path.is_empty() {
        return Err(failure::endpoint(
            parts.text,
            "it needs the path of a socket",
        ));
    }
    parts.path_decoded()
}

fn protocol(parts: &Parts<'_>) -> Result<MsgpackRpc, Err> {
    let tcp = parts.scheme.ends_with("+tcp");
    if tcp != parts.authority.is_some() {
        let why = if tcp {
            "it needs //HOST:PORT after the scheme"
        } else {
            "it needs a path after the scheme, without //"
        };
        return Err(failure::endpoint(parts.text, why));
    }
    match parts.option("structs")?.as_deref() {
        None | Some("map") => Ok(MsgpackRpc::default()),
        Some("array") => Ok(MsgpackRpc {
            structs_as_arrays: true,
        }),
        Some(_) => Err(failure::endpoint(
            parts.text,
            "the option structs is either map or array",
        )),
    }
}
