//! The header of a call (RFC 5531 s9).
//!
//! ```text
//! offset 0   XID
//!        4   message type 0 = CALL
//!        8   RPC version 2
//!       12   program number
//!       16   program version
//!       20   procedure number
//!       24   credential: flavor, length (at most 400), body and padding
//!        …   verifier: the same
//!        …   arguments, not part of the header
//! ```
//! All numbers are four bytes, big-endian. Knows nothing of what a program or procedure is.

use rmix_xdr::{Sink, XdrDecoder, XdrEncoder, XdrError};

use super::auth::OpaqueAuth;
use super::error::MessageError;
use super::message::{CALL, Xid};

/// The version of the RPC protocol that this provider speaks.
// spec: RFC5531 s9
pub const RPC_VERSION: u32 = 2;

/// The header of a call in RPC version 2. Complete on purpose: the wire has no further field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallHeader<'a> {
    /// Pairs the reply with this call.
    pub xid: Xid,
    /// Program number.
    pub program: u32,
    /// Version of the program.
    pub version: u32,
    /// Procedure number; 0 is the null procedure.
    pub procedure: u32,
    /// Who calls.
    pub credential: OpaqueAuth<'a>,
    /// What supports the credential.
    pub verifier: OpaqueAuth<'a>,
}

impl<'a> CallHeader<'a> {
    /// Appends the header; the arguments follow by the caller.
    ///
    /// # Errors
    /// [`XdrError::ValueTooLong`] for a credential or verifier of more than 400 bytes; nothing was
    /// written.
    // spec: RFC5531 s9
    pub fn encode<S: Sink + ?Sized>(&self, sink: &mut S) -> Result<(), XdrError> {
        self.credential.check()?;
        self.verifier.check()?;
        let mut encoder = XdrEncoder::new(sink);
        encoder.words([
            self.xid.0,
            CALL,
            RPC_VERSION,
            self.program,
            self.version,
            self.procedure,
        ]);
        self.credential.encode(&mut encoder)?;
        self.verifier.encode(&mut encoder)
    }

    /// Takes what follows the RPC version.
    pub(super) fn decode(xid: Xid, decoder: &mut XdrDecoder<'a>) -> Result<Self, MessageError> {
        let [program, version, procedure] = decoder
            .words()
            .map_err(|cause| MessageError::Call { xid, cause })?;
        Ok(Self {
            xid,
            program,
            version,
            procedure,
            credential: OpaqueAuth::decode(decoder)
                .map_err(|cause| MessageError::Credential { xid, cause })?,
            verifier: OpaqueAuth::decode(decoder)
                .map_err(|cause| MessageError::Verifier { xid, cause })?,
        })
    }
}
