//! The answer to one inbound call: encoded, and given to HTTP.

use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;
use rmix_provider::guest::Respond;
use rmix_provider::tables::{Buf, Enc, Err, Fault, cause, delivery, kind, profile, refusal, reply};

use crate::addressing::{MessageId, Way};
use crate::codec::SoapCodec;
use crate::edge;
use crate::envelope::{Version, begin_fault, begin_response, finish};
use crate::fault::{FaultCode, refuse};
use crate::http::{Reply, Response, Running};
use crate::media;
use crate::names::Interface;
use crate::options::Common;
use crate::refusal::fault_status;

/// Word of an encoder's state in which the answer's kind is kept.
const KIND_WORD: usize = 0;

/// An inbound call that is not answered yet.
pub(crate) struct Answering {
    interface: Arc<Interface>,
    place: usize,
    version: Version,
    common: Common,
    /// Where the answer goes, when the request has addressing.
    way: Option<Way>,
    /// Guards the right to answer, which a one-way call loses before it ends; held for moments.
    stage: Mutex<Stage>,
}

enum Stage {
    /// Nothing was said yet.
    Open(Reply),
    /// It was told that it was accepted; it counts as running until this is dropped.
    Accepted { _running: Option<Running> },
    /// It has ended.
    Over,
}

impl Answering {
    pub(crate) fn new(
        interface: Arc<Interface>,
        place: usize,
        version: Version,
        common: Common,
        way: Option<Way>,
        reply: Reply,
    ) -> Answering {
        Answering {
            interface,
            place,
            version,
            common,
            way,
            stage: Mutex::new(Stage::Open(reply)),
        }
    }

    /// Says that a one-way call was accepted, unless it was answered already.
    pub(crate) fn accept(&self) {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        *stage = match std::mem::replace(&mut *stage, Stage::Over) {
            Stage::Open(reply) => Stage::Accepted {
                _running: reply.accept(),
            },
            other => other,
        };
    }

    fn end(&self, is_fault: bool, response: impl FnOnce() -> Response) {
        let mut stage = self.stage.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *stage, Stage::Over);
        drop(stage);
        if let Stage::Open(reply) = before {
            let way = self.way.as_ref();
            reply.send(match way.is_some_and(|way| way.is_to_nobody(is_fault)) {
                true => Response::new(StatusCode::ACCEPTED),
                false => response(),
            });
        }
    }

    fn refuse(&self, reason: u32, message: &str) {
        self.end(true, || {
            if reason == refusal::DONE {
                return Response::new(StatusCode::ACCEPTED);
            }
            let code = match reason {
                refusal::BUSY | refusal::INTERNAL => FaultCode::Server,
                _ => FaultCode::Client,
            };
            let status = fault_status(self.version, code);
            // What else is there to say without a random number.
            let headers = self.headers(true).unwrap_or_default();
            let fault = refuse(self.version, reason, message, &headers);
            media::response(status, self.version, fault)
        });
    }

    /// The header blocks of the answer.
    fn headers(&self, is_fault: bool) -> Result<Vec<u8>, Err> {
        let Some(way) = &self.way else {
            return Ok(Vec::new());
        };
        let id = MessageId(edge::random()?);
        let operation = self.interface.operation(self.place);
        let action = match operation.filter(|_| !is_fault) {
            Some(operation) => {
                rmix_wsdl::names::response_action(self.interface.desc(), operation.method())
            }
            None => way.fault_action().to_owned(),
        };
        Ok(way.headers(&action, id, is_fault))
    }
}

/// The right to answer one inbound call.
pub(crate) struct SoapResponder(Arc<Answering>);

impl SoapResponder {
    pub(crate) fn new(answering: Arc<Answering>) -> SoapResponder {
        SoapResponder(answering)
    }
}

impl Respond for SoapResponder {
    fn begin(&mut self, kind: u32, _flags: u32) -> Result<Enc, Err> {
        let answering = &self.0;
        let limit = answering.common.limits.message_bytes;
        let mut enc = Enc::new(Buf::new(), SoapCodec::ENCODER, profile::NONE, limit);
        let (interface, place, version) =
            (&answering.interface, answering.place, answering.version);
        let headers = answering.headers(kind == reply::FAULT)?;
        let begun = match kind {
            reply::FAULT => begin_fault(&mut enc, interface, place, version, &headers),
            _ => {
                let parts = answering.common.part_bytes_min;
                begin_response(&mut enc, interface, place, version, &headers, parts)
            }
        };
        begun.map_err(|fault| unwritable(&fault))?;
        if let Some(word) = enc.state.get_mut(KIND_WORD) {
            *word = u64::from(kind);
        }
        Ok(enc)
    }

    fn submit(&mut self, mut enc: Enc) -> Result<(), Err> {
        let answering = &self.0;
        let is_fault = enc.state.get(KIND_WORD) == Some(&u64::from(reply::FAULT));
        let outgoing = match finish(&mut enc) {
            Ok(outgoing) => outgoing,
            Err(fault) => {
                let failure = unwritable(&fault);
                answering.refuse(refusal::INTERNAL, "the result is too long for the protocol");
                return Err(failure);
            }
        };
        answering.end(is_fault, || {
            let status = match is_fault {
                true => StatusCode::INTERNAL_SERVER_ERROR,
                false => StatusCode::OK,
            };
            let message = media::message(outgoing, enc.buf.into_vec(), "");
            Response {
                status,
                content_type: Some(message.content_type),
                fields: Vec::new(),
                body: message.body,
            }
        });
        Ok(())
    }

    fn abort(&mut self, _enc: Enc) {}

    fn refuse(&mut self, reason: u32, message: &str) {
        self.0.refuse(reason, message);
    }
}

impl Drop for SoapResponder {
    fn drop(&mut self) {
        self.0
            .refuse(refusal::INTERNAL, "the call ended without an answer");
    }
}

/// A message that cannot be written.
pub(crate) fn unwritable(fault: &Fault) -> Err {
    let message = format!("the message cannot be written: {}", fault.text());
    Err::new(kind::FIX_REQUEST, cause::CODEC, message).delivered(delivery::NOT_SENT)
}
