//! A request that is not dispatched: the fault that it is answered with.

use http::StatusCode;
use rmix_provider::tables::refusal;

use crate::addressing::{Edition, MessageId, Violation, Way};
use crate::edge;
use crate::envelope::{Envelope, EnvelopeError, EnvelopeErrorKind, Version, shortened};
use crate::fault::{FaultCode, FaultMessage, carried, refuse};
use crate::http::Response;
use crate::media;
use crate::names::Interface;
use crate::security::SecurityFault;

/// A request that is refused.
pub(crate) struct Refusal {
    version: Version,
    reason: Reason,
    /// Where the fault goes, where the request says.
    way: Option<Box<Way>>,
}

/// Why a request is refused.
pub(crate) enum Reason {
    /// For its envelope.
    Envelope(FaultCode, String),
    /// It calls what the interface does not have.
    Unknown(String),
    /// For its addressing.
    Addressing(Violation),
    /// For who makes it, or when.
    Security(SecurityFault),
}

impl Refusal {
    pub(crate) fn new(version: Version, reason: Reason) -> Refusal {
        Refusal {
            version,
            reason,
            way: None,
        }
    }

    pub(crate) fn client(version: Version, reason: String) -> Refusal {
        let reason = shortened(reason);
        Refusal::new(version, Reason::Envelope(FaultCode::Client, reason))
    }

    pub(crate) fn of(version: Version, error: &EnvelopeError) -> Refusal {
        let code = match error.kind {
            EnvelopeErrorKind::VersionMismatch => FaultCode::VersionMismatch,
            EnvelopeErrorKind::MustUnderstand => FaultCode::MustUnderstand,
            EnvelopeErrorKind::Malformed | EnvelopeErrorKind::Limit => FaultCode::Client,
        };
        Refusal::new(version, Reason::Envelope(code, error.message.clone()))
    }

    pub(crate) fn no_operation(envelope: &Envelope, interface: &Interface) -> Refusal {
        let name = interface.desc().name();
        let reason = match envelope.body() {
            Some(body) => format!(
                "{name} has no operation whose request is {{{}}}{}",
                body.namespace, body.local
            ),
            None => format!("{name} has no operation whose request is an empty body"),
        };
        Refusal::new(envelope.version(), Reason::Unknown(shortened(reason)))
    }

    /// The same, answered as the request says.
    pub(crate) fn by(self, way: Option<Way>) -> Refusal {
        Refusal {
            way: way.map(Box::new),
            ..self
        }
    }

    /// The answer.
    pub(crate) fn response(&self) -> Response {
        let way = self.way.as_deref();
        if way.is_some_and(|way| way.is_to_nobody(true)) {
            return Response::new(StatusCode::ACCEPTED);
        }
        let (code, written) = match &self.reason {
            Reason::Envelope(code, reason) => {
                let headers = self.headers();
                (*code, self.written(*code, &[], reason, &[], &headers))
            }
            Reason::Unknown(reason) => {
                let headers = self.headers();
                let written = refuse(self.version, refusal::NO_SUCH_METHOD, reason, &headers);
                (FaultCode::Client, written)
            }
            Reason::Addressing(violation) => (FaultCode::Client, self.misaddressed(violation)),
            Reason::Security(SecurityFault::Busy) => {
                // Nobody is at fault, and the same message is taken later: callers are to know both.
                let (headers, reason) = (self.headers(), SecurityFault::Busy.reason());
                let written = refuse(self.version, refusal::BUSY, &reason, &headers);
                (FaultCode::Server, written)
            }
            Reason::Security(fault) => {
                let (code, subcode) = (fault.code(), fault.subcode());
                let (headers, reason) = (self.headers(), fault.reason());
                let written = self.written(code, subcode.as_slice(), &reason, &[], &headers);
                (code, written)
            }
        };
        media::response(fault_status(self.version, code), self.version, written)
    }

    fn misaddressed(&self, violation: &Violation) -> Vec<u8> {
        let (edition, (headers, detail)) = match (&self.way, edge::random()) {
            (Some(way), Ok(random)) => (
                way.edition(),
                way.refusal(violation, MessageId(random), self.version),
            ),
            _ => (Edition::W3c, (Vec::new(), Vec::new())),
        };
        let subcodes = violation.subcodes(edition);
        let reason = violation.reason();
        self.written(FaultCode::Client, &subcodes, &reason, &detail, &headers)
    }

    fn written(
        &self,
        code: FaultCode,
        subcodes: &[crate::names::ElementName],
        reason: &str,
        detail: &[u8],
        headers: &[u8],
    ) -> Vec<u8> {
        let message = FaultMessage {
            version: self.version,
            code,
            subcodes,
            reason: &carried(reason),
            detail,
            headers,
        };
        message.write().unwrap_or_default()
    }

    /// Header blocks of a fault that is not about addressing.
    fn headers(&self) -> Vec<u8> {
        match (&self.way, edge::random()) {
            (Some(way), Ok(random)) => way.headers(way.fault_action(), MessageId(random), true),
            _ => Vec::new(),
        }
    }
}

/// The status of a fault: 500 in SOAP 1.1; in 1.2 the sender's are 400.
pub(crate) fn fault_status(version: Version, code: FaultCode) -> StatusCode {
    match (version, code) {
        (Version::Soap12, FaultCode::Client) => StatusCode::BAD_REQUEST,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lack_of_room_for_nonces_is_told_as_being_busy() {
        for version in [Version::Soap11, Version::Soap12] {
            let fault = SecurityFault::Busy;
            let response = Refusal::new(version, Reason::Security(fault.clone())).response();
            let expected = refuse(version, refusal::BUSY, &fault.reason(), &[]);
            assert_eq!(response.status, StatusCode::INTERNAL_SERVER_ERROR);
            let written: Vec<u8> = response.body.parts().flatten().copied().collect();
            assert_eq!(
                String::from_utf8(written).unwrap(),
                String::from_utf8(expected).unwrap()
            );
        }
    }
}
