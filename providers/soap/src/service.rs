//! From a request to the object it is for: which service by its path, which operation by its body, and what is refused
//! before anything is called.

use std::sync::{Arc, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use rmix_provider::guest::{CallFacts, Host, InboundCall};
use rmix_provider::tables::call_flags;

use crate::addressing::{
    Addressing, Expected, Properties, Way, check_request, is_addressing, is_said_beside_addressing,
};
use crate::codec::Attachments;
use crate::edge;
use crate::envelope::{Envelope, HeaderBlock, Version};
use crate::exported::Services;
use crate::http::{Handler, Reply, Request, Response};
use crate::media::Announced;
use crate::names::Interface;
use crate::options::{self, Common};
use crate::refusal::{Reason, Refusal};
use crate::respond::{Answering, SoapResponder};
use crate::security::{Guard, SecurityBlock, SecurityFault, WSSE};
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
    pub(crate) addressing: Addressing,
    /// Who is let in; everybody without one.
    guard: Option<Guard>,
}

impl Service {
    pub(crate) fn new(
        interface: Arc<Interface>,
        object: u64,
        path: &str,
        options: &options::Server,
        guard: Option<Guard>,
    ) -> Service {
        Service {
            interface,
            object,
            path: path.to_owned(),
            common: options.common,
            separate_schemas: options.separate_schemas,
            addressing: options.addressing,
            guard,
        }
    }

    /// Whether the header block of a request is read here.
    fn understands(&self, block: &HeaderBlock) -> bool {
        let namespace = block.namespace();
        (self.addressing != Addressing::Off && is_addressing(namespace))
            || (self.guard.is_some() && namespace == WSSE)
            || is_said_beside_addressing(namespace, block.local())
    }
}

/// Hands the requests of a port to its services.
pub(crate) struct Dispatch {
    host: Host,
    services: Arc<Services>,
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
        let found = Found::read(service, body, &head.headers, media, peer.secure);
        let Found {
            envelope,
            attachments,
            place,
            user,
            way,
        } = match found {
            Ok(found) => found,
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
            Err(error) => return reply.send(Refusal::of(version, &error).by(way).response()),
        };
        let claim = user.map(|user| claim(&user));
        let oneway = method.flags & call_flags::ONEWAY != 0;
        let facts = CallFacts {
            object: service.object,
            connection: peer.connection,
            method: Some(method.name().as_bytes()),
            number: method.number,
            oneway,
            arguments: u32::try_from(method.arguments().len()).ok(),
            peer: &peer.name,
            claim: claim.as_deref(),
        };
        let answering = Arc::new(Answering::new(
            interface.clone(),
            place,
            version,
            service.common,
            way,
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
    attachments: Attachments,
    place: usize,
    /// Who calls, where that was proved.
    user: Option<String>,
    /// Where the answer goes, where the request says.
    way: Option<Way>,
}

impl Found {
    fn read(
        service: &Service,
        body: Bytes,
        headers: &HeaderMap,
        media: &Announced,
        secure: bool,
    ) -> Result<Found, Refusal> {
        let assumed = media.version.unwrap_or(Version::Soap11);
        let cut = media.cut(&body, &service.common.mime);
        let cut = cut.map_err(|reason| Refusal::client(assumed, reason))?;
        let charset = cut.charset.as_deref();
        let envelope = Envelope::read(body, cut.envelope, charset, &service.common.xml);
        let mut envelope = envelope.map_err(|error| Refusal::of(assumed, &error))?;
        let version = envelope.version();
        if media.version.is_some_and(|announced| announced != version) {
            let reason = format!(
                "the envelope is not of the version that the media type {} announces",
                media.essence()
            );
            return Err(Refusal::client(version, reason));
        }
        let properties = match service.addressing {
            Addressing::Off => Properties::default(),
            _ => Properties::read(&mut envelope),
        };
        let said = said_action(version, headers, media);
        let called = called(service, &mut envelope, &properties, &said, secure);
        let way = Way::of(properties);
        match called {
            Ok((place, user)) => Ok(Found {
                envelope,
                attachments: cut.attachments,
                place,
                user,
                way,
            }),
            Err(refusal) => Err(refusal.by(way)),
        }
    }
}

/// Which operation is called, and by whom.
fn called(
    service: &Service,
    envelope: &mut Envelope,
    properties: &Properties,
    said: &str,
    secure: bool,
) -> Result<(usize, Option<String>), Refusal> {
    let (version, interface) = (envelope.version(), &service.interface);
    let user = match &service.guard {
        None => None,
        Some(guard) => {
            let block = SecurityBlock::read(envelope).map_err(SecurityFault::from);
            let user = block.and_then(|block| guard.check(block, secure, edge::now()));
            Some(user.map_err(|fault| Refusal::new(version, Reason::Security(fault)))?)
        }
    };
    let place = envelope.operation(interface);
    let place = place.ok_or_else(|| Refusal::no_operation(envelope, interface))?;
    if service.addressing != Addressing::Off
        && let Some(operation) = interface.operation(place)
    {
        let method = operation.method();
        let expected = Expected {
            action: &rmix_wsdl::names::request_action(interface.desc(), method),
            said,
            answered: method.flags & call_flags::ONEWAY == 0,
            object: service.object,
        };
        let checked = check_request(properties, service.addressing, &expected);
        checked.map_err(|broken| Refusal::new(version, Reason::Addressing(broken)))?;
    }
    check_action(interface, place, version, said)?;
    let known = |block: &HeaderBlock| service.understands(block);
    let understood = envelope.check_understood(interface, place, true, known);
    understood.map_err(|error| Refusal::of(version, &error))?;
    Ok((place, user))
}

/// Who calls, as the host is told: a user that was proved to be it.
fn claim(user: &str) -> String {
    let mut claim = "verified:wsse user=".to_owned();
    for byte in user.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                claim.push(char::from(byte));
            }
            _ => claim.push_str(&format!("%{byte:02X}")),
        }
    }
    claim
}

/// What HTTP says of the action, empty for nothing.
fn said_action(version: Version, headers: &HeaderMap, media: &Announced) -> String {
    let said = match version {
        Version::Soap11 => headers
            .get("soapaction")
            .and_then(|value| value.to_str().ok())
            .map(|value| value.trim().trim_matches('"')),
        Version::Soap12 => media.action(),
    };
    said.unwrap_or_default().to_owned()
}

/// The body decides which operation is called; an action that says another one is refused.
fn check_action(
    interface: &Interface,
    place: usize,
    version: Version,
    said: &str,
) -> Result<(), Refusal> {
    let described = interface
        .operation(place)
        .map_or("", |operation| operation.action());
    if said.is_empty() || described.is_empty() || said == described {
        return Ok(());
    }
    let reason = format!("the action {said:?} contradicts the body, which calls {described:?}");
    Err(Refusal::client(version, reason))
}
