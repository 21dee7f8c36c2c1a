//! Credentials and verifiers as the header carries them (RFC 5531 s8.2): a flavor and opaque bytes.
//!
//! Judges no flavor: an unknown one decodes like any other, so that a server can refuse it with a
//! reply.

use rmix_xdr::{Sink, XdrDecoder, XdrEncoder, XdrError};

/// Flavor without identity (RFC 5531 s10.1).
pub const AUTH_NONE: u32 = 0;
/// Flavor of a claimed Unix identity (RFC 5531 appendix A): a claim, not a proof.
pub const AUTH_SYS: u32 = 1;
/// Flavor of the shorthand that a server may hand out for AUTH_SYS.
pub const AUTH_SHORT: u32 = 2;
/// Flavor of Diffie-Hellman authentication; obsolete.
pub const AUTH_DH: u32 = 3;
/// Flavor of the security mechanisms of RFC 2203.
pub const RPCSEC_GSS: u32 = 6;
/// Flavor that asks for transport security (RFC 9289).
pub const AUTH_TLS: u32 = 7;

/// Most bytes in the body of a credential or verifier.
// spec: RFC5531 s8.2
pub const AUTH_BODY_BYTES_MAX: u32 = 400;

/// A credential or a verifier. Complete on purpose: the wire has no third field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpaqueAuth<'a> {
    /// How to read the body: [`AUTH_NONE`], [`AUTH_SYS`] and so on, or a number of the peer's own.
    pub flavor: u32,
    /// At most [`AUTH_BODY_BYTES_MAX`] bytes.
    pub body: &'a [u8],
}

impl<'a> OpaqueAuth<'a> {
    /// No credential, no verifier.
    // spec: RFC5531 s10.1
    pub const NONE: OpaqueAuth<'static> = OpaqueAuth {
        flavor: AUTH_NONE,
        body: &[],
    };

    /// Refuses a body that is too long to be sent.
    pub(super) fn check(&self) -> Result<(), XdrError> {
        let length = self.body.len();
        match u32::try_from(length) {
            Ok(within) if within <= AUTH_BODY_BYTES_MAX => Ok(()),
            _ => Err(XdrError::ValueTooLong {
                length,
                limit: AUTH_BODY_BYTES_MAX,
            }),
        }
    }

    // spec: RFC5531 s8.2
    pub(super) fn encode<S: Sink + ?Sized>(
        &self,
        encoder: &mut XdrEncoder<'_, S>,
    ) -> Result<(), XdrError> {
        encoder.u32(self.flavor);
        encoder.opaque(self.body, AUTH_BODY_BYTES_MAX)
    }

    // spec: RFC5531 s8.2
    pub(super) fn decode(decoder: &mut XdrDecoder<'a>) -> Result<Self, XdrError> {
        Ok(Self {
            flavor: decoder.u32()?,
            body: decoder.opaque(AUTH_BODY_BYTES_MAX)?,
        })
    }
}

/// Why a server refused a credential or verifier (RFC 5531 s9).
///
/// Complete on purpose: numbers assigned later arrive as `Unknown`. Made by `From<u32>`, which
/// never yields `Unknown` for a number that has a name.
// spec: RFC5531 s9
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthStatus {
    /// No failure; of no use in a rejection.
    Ok,
    /// The credential is malformed.
    BadCred,
    /// The client must begin a new session.
    RejectedCred,
    /// The verifier is malformed.
    BadVerf,
    /// The verifier expired or was replayed.
    RejectedVerf,
    /// Rejected for security reasons: a stronger flavor is wanted.
    TooWeak,
    /// The response's verifier is bogus (found by the client).
    InvalidResp,
    /// Some unknown reason.
    Failed,
    /// Generic Kerberos 4 error.
    KerbGeneric,
    /// The Kerberos 4 credential expired.
    TimeExpire,
    /// A Kerberos 4 ticket file is faulty.
    TktFile,
    /// The Kerberos 4 authenticator cannot be decoded.
    Decode,
    /// The Kerberos 4 ticket holds another network address.
    NetAddr,
    /// No credentials for this user (RPCSEC_GSS).
    RpcsecGssCredProblem,
    /// A problem with the security context (RPCSEC_GSS).
    RpcsecGssCtxProblem,
    /// A number without a name here.
    Unknown(u32),
}

impl From<u32> for AuthStatus {
    fn from(number: u32) -> Self {
        match number {
            0 => Self::Ok,
            1 => Self::BadCred,
            2 => Self::RejectedCred,
            3 => Self::BadVerf,
            4 => Self::RejectedVerf,
            5 => Self::TooWeak,
            6 => Self::InvalidResp,
            7 => Self::Failed,
            8 => Self::KerbGeneric,
            9 => Self::TimeExpire,
            10 => Self::TktFile,
            11 => Self::Decode,
            12 => Self::NetAddr,
            13 => Self::RpcsecGssCredProblem,
            14 => Self::RpcsecGssCtxProblem,
            other => Self::Unknown(other),
        }
    }
}

impl From<AuthStatus> for u32 {
    fn from(status: AuthStatus) -> Self {
        match status {
            AuthStatus::Ok => 0,
            AuthStatus::BadCred => 1,
            AuthStatus::RejectedCred => 2,
            AuthStatus::BadVerf => 3,
            AuthStatus::RejectedVerf => 4,
            AuthStatus::TooWeak => 5,
            AuthStatus::InvalidResp => 6,
            AuthStatus::Failed => 7,
            AuthStatus::KerbGeneric => 8,
            AuthStatus::TimeExpire => 9,
            AuthStatus::TktFile => 10,
            AuthStatus::Decode => 11,
            AuthStatus::NetAddr => 12,
            AuthStatus::RpcsecGssCredProblem => 13,
            AuthStatus::RpcsecGssCtxProblem => 14,
            AuthStatus::Unknown(other) => other,
        }
    }
}
