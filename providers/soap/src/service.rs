//! From a request to the object it is for: which service by its path, which operation by its body, and what is refused
//! before anything is called.

use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use rmix_provider::guest::{CallFacts, Host, InboundCall};
use rmix_provider::tables::{call_flags, refusal};

use crate::codec::Attachments;
use crate::envelope::{Envelope, EnvelopeError, EnvelopeErrorKind, Version, shortened};
use crate::exported::Services;
use crate::fault::{FaultCode, refuse, write_fault};
use crate::http::{Handler, Reply, Request, Response};
use crate::media::{self, Announced};
use crate::names::Interface;
use crate::options::{self, Common};
use crate::respond::{Answering, SoapResponder};
use crate::wsdl;

/// An exported object.
pub(crate) struct Service {
    pub(crate) interface: Arc<Interface>,
    /// The token that its calls carry.
    object: u64,
    /// Path, beginning with a slash.
    pub(crate) path: String,
    pub(crate) common: Common,
    pub(crate) separate_schemas: bool,
}

impl Service {
    pub(crate) fn new(
        interface: Arc<Interface>,
        object: u64,
        path: &str,
        options: &options::Server,
    ) -> Service {
        Service {
            interface,
            object,
            path: path.to_owned(),
            common: options.common,
            separate_schemas: options.separate_schemas,
        }
    }
}

/// Hands the requests of a port to its services.
pub(crate) struct Dispatch {
    host: Host,
    services: Arc<Services>,
}

/// A request that is not dispatched: the fault that it is answered with.
struct Refusal {
    version: Version,
    code: FaultCode,
    reason: String,
    /// Whether it calls what the interface does not have.
    unknown: bool,
}

impl Dispatch {
    pub(crate) fn new(host: Host, services: Arc<Services>) -> Dispatch {
        Dispatch { host, services }
    }

    fn service(&self, path: &str) -> Option<Arc<Service>> {
        let services = self.services.read().unwrap_or_else(PoisonError::into_inner);
        services.get(path).cloned()
    }
}

impl Handler for Dispatch {
    fn handle(&self, request: Request, reply: Reply) {
        let Some(service) = self.service(request.head.uri.path()) else {
            let sentence = format!("nothing is exported at {}", request.head.uri.path());
            return reply.send(Response::text(StatusCode::NOT_FOUND, sentence));
        };
        if request.head.method == Method::GET {
            return reply.send(wsdl::answer(&service, &request));
        }
        let media = match Announced::read(&request.head.headers) {
            Ok(media) => media,
            Err(sentence) => {
                return reply.send(Response::text(StatusCode::UNSUPPORTED_MEDIA_TYPE, sentence));
            }
        };
        self.dispatch(&service, request, &media, reply);
    }
}

impl Dispatch {
    fn dispatch(&self, service: &Service, request: Request, media: &Announced, reply: Reply) {
        let Request {
            head, body, peer, ..
        } = request;
        let found = Found::read(service, body, &head.headers, media);
        let (envelope, place, attachments) = match found {
            Ok(found) => (found.envelope, found.place, found.attachments),
            Err(refusal) => return reply.send(refusal.response()),
        };
        let version = envelope.version();
        let interface = &service.interface;
        let Some(operation) = interface.operation(place) else {
            return;
        };
        let method = operation.method();
        let values = service.common.values();
        let dec = match envelope.into_request(interface, place, attachments, values) {
            Ok(dec) => dec,
            Err(error) => return reply.send(Refusal::of(version, &error).response()),
        };
        let oneway = method.flags & call_flags::ONEWAY != 0;
        let facts = CallFacts {
            object: service.object,
            connection: peer.connection,
            method: Some(method.name().as_bytes()),
            number: method.number,
            oneway,
            arguments: u32::try_from(method.arguments().len()).ok(),
            peer: &peer.name,
            claim: None,
        };
        let answering = Arc::new(Answering::new(
            interface.clone(),
            place,
            version,
            service.common,
            reply,
        ));
        let responder = SoapResponder::new(answering.clone());
        self.host.dispatch(InboundCall::new(facts, dec, responder));
        if oneway {
            // What is wrong with it was found by now; the rest is not waited for.
            answering.accept();
        }
    }
}

/// What a request calls.
struct Found {
    envelope: Envelope,
    place: usize,
    attachments: Attachments,
}

impl Found {
    fn read(
        service: &Service,
        body: Bytes,
        headers: &HeaderMap,
        media: &Announced,
    ) -> Result<Found, Refusal> {
        let assumed = media.version.unwrap_or(Version::Soap11);
        let cut = media.cut(&body, &service.common.mime);
        let cut = cut.map_err(|reason| Refusal::client(assumed, reason))?;
        let charset = cut.charset.as_deref();
        let envelope = Envelope::read(body, cut.envelope, charset, &service.common.xml);
        let envelope = envelope.map_err(|error| Refusal::of(assumed, &error))?;
        let version = envelope.version();
        if media.version.is_some_and(|announced| announced != version) {
            let reason = format!(
                "the envelope is not of the version that the media type {} announces",
                media.essence()
            );
            return Err(Refusal::client(version, reason));
        }
        let interface = &service.interface;
        let Some(place) = envelope.operation(interface) else {
            return Err(Refusal::no_operation(&envelope, interface));
        };
        check_action(interface, place, version, headers, media)?;
        let understood = envelope.check_understood(interface, place, true, &[]);
        understood.map_err(|error| Refusal::of(version, &error))?;
        Ok(Found {
            envelope,
            place,
            attachments: cut.attachments,
        })
    }
}

/// The body decides which operation is called; an action that says another one is refused.
fn check_action(
    interface: &Interface,
    place: usize,
    version: Version,
    headers: &HeaderMap,
    media: &Announced,
) -> Result<(), Refusal> {
    let said = match version {
        Version::Soap11 => headers
            .get("soapaction")
            .and_then(|value| value.to_str().ok())
            .map(|value| value.trim().trim_matches('"')),
        Version::Soap12 => media.action(),
    };
    let said = said.unwrap_or_default();
    let described = interface
        .operation(place)
        .map_or("", |operation| operation.action());
    if said.is_empty() || described.is_empty() || said == described {
        return Ok(());
    }
    let reason = format!("the action {said:?} contradicts the body, which calls {described:?}");
    Err(Refusal::client(version, reason))
}

impl Refusal {
    fn client(version: Version, reason: String) -> Refusal {
        Refusal {
            version,
            code: FaultCode::Client,
            reason: shortened(reason),
            unknown: false,
        }
    }

    fn of(version: Version, error: &EnvelopeError) -> Refusal {
        let code = match error.kind {
            EnvelopeErrorKind::VersionMismatch => FaultCode::VersionMismatch,
            EnvelopeErrorKind::MustUnderstand => FaultCode::MustUnderstand,
            EnvelopeErrorKind::Malformed | EnvelopeErrorKind::Limit => FaultCode::Client,
        };
        Refusal {
            version,
            code,
            reason: error.message.clone(),
            unknown: false,
        }
    }

    fn no_operation(envelope: &Envelope, interface: &Interface) -> Refusal {
        let name = interface.desc().name();
        let reason = match envelope.body() {
            Some(body) => format!(
                "{name} has no operation whose request is {{{}}}{}",
                body.namespace, body.local
            ),
            None => format!("{name} has no operation whose request is an empty body"),
        };
        Refusal {
            version: envelope.version(),
            code: FaultCode::Client,
            reason: shortened(reason),
            unknown: true,
        }
    }

    fn response(&self) -> Response {
        let reason = &self.reason;
        let written = match self.unknown {
            true => refuse(self.version, refusal::NO_SUCH_METHOD, reason),
            false => write_fault(self.version, self.code, reason, &[])
                // The reason has what XML cannot carry.
                .unwrap_or_else(|_| refuse(self.version, refusal::BAD_ARGUMENTS, reason)),
        };
        media::response(fault_status(self.version, self.code), self.version, written)
    }
}

/// The status of a fault: 500 in SOAP 1.1; in 1.2 the sender's are 400.
pub(crate) fn fault_status(version: Version, code: FaultCode) -> StatusCode {
    match (version, code) {
        (Version::Soap12, FaultCode::Client) => StatusCode::BAD_REQUEST,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
