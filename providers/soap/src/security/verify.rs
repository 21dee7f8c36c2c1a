//! Who makes a request: the listener's side of a security header.

use std::sync::PoisonError;

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use subtle::ConstantTimeEq as _;

use super::header::Timestamp;
use super::nonces::{NotTaken, SharedNonces};
use super::token::Token;
use super::{Moment, PasswordKind, SecurityBlock, Users, WSSE, WSU};
use crate::envelope::{EnvelopeError, shortened};
use crate::fault::FaultCode;
use crate::names::ElementName;

/// What a listener requires of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rules {
    /// Whether passwords as text are taken at all.
    pub(crate) text: bool,
    /// Whether they are without TLS.
    pub(crate) cleartext: bool,
    /// Whether a request needs a timestamp.
    pub(crate) timestamp: bool,
    /// Seconds that clocks may be apart.
    pub(crate) skew: u32,
    /// Seconds that a request may be old.
    pub(crate) freshness: u32,
    /// Nonces that are kept.
    pub(crate) nonces: usize,
}

/// Checks the security headers of requests.
#[derive(Debug)]
pub(crate) struct Guard {
    rules: Rules,
    users: Users,
    /// Nonces that were seen, here and by others that know the same users.
    nonces: SharedNonces,
}

/// Why a request is refused. Which part of a token is wrong is told to nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SecurityFault {
    /// There is no security header, or something is missing or wrong in it.
    Invalid(String),
    /// It has what is not understood here.
    Unsupported(String),
    /// The user's name, password or nonce is not believed.
    Failed,
    /// It is too old, or from the future.
    Expired(&'static str),
    /// There is no room for its nonce.
    Busy,
}

impl Guard {
    /// A guard that shares `nonces`, which have room for as many, and keep them for as long, as the one that needs most.
    pub(crate) fn new(rules: Rules, users: Users, nonces: SharedNonces) -> Guard {
        let seconds = rules.freshness.saturating_add(rules.skew);
        let mut shared = nonces.lock().unwrap_or_else(PoisonError::into_inner);
        shared.widen(rules.nonces, seconds);
        drop(shared);
        Guard {
            rules,
            users,
            nonces,
        }
    }

    /// The user that makes the request whose header this is. `secure` says that it came by TLS.
    ///
    /// # Errors
    /// The request is to be refused.
    pub(crate) fn check(
        &self,
        block: Option<SecurityBlock>,
        secure: bool,
        now: Moment,
    ) -> Result<String, SecurityFault> {
        let Some(block) = block else {
            return Err(invalid("a security header is required, and there is none"));
        };
        if let Some(unknown) = block.unknown {
            return Err(SecurityFault::Unsupported(unknown));
        }
        match &block.timestamp {
            Some(timestamp) => self.check_timestamp(timestamp, now)?,
            None if self.rules.timestamp => {
                return Err(invalid("a timestamp is required, and there is none"));
            }
            None => {}
        }
        let token = block.token;
        let token =
            token.ok_or_else(|| invalid("a user name token is required, and there is none"))?;
        self.authenticate(token, secure, now)
    }

    fn check_timestamp(&self, timestamp: &Timestamp, now: Moment) -> Result<(), SecurityFault> {
        let Rules { skew, .. } = self.rules;
        if let (Some(created), Some(expires)) = (timestamp.created, timestamp.expires)
            && expires < created
        {
            return Err(invalid("the timestamp expires before it was created"));
        }
        if let Some(expires) = timestamp.expires
            && is_expired(expires, skew, now)
        {
            return Err(SecurityFault::Expired("the timestamp has expired"));
        }
        match timestamp.created {
            Some(created) => self.check_created(created, now),
            None => Ok(()),
        }
    }

    fn check_created(&self, created: Moment, now: Moment) -> Result<(), SecurityFault> {
        let Rules { skew, .. } = self.rules;
        if created > now.plus_seconds(skew) {
            return Err(SecurityFault::Expired("the message is from the future"));
        }
        if self.end_of(created) < now {
            return Err(SecurityFault::Expired("the message is too old"));
        }
        Ok(())
    }

    /// The last moment at which what was created then is taken.
    fn end_of(&self, created: Moment) -> Moment {
        created
            .plus_seconds(self.rules.freshness)
            .plus_seconds(self.rules.skew)
    }

    fn authenticate(
        &self,
        token: Token,
        secure: bool,
        now: Moment,
    ) -> Result<String, SecurityFault> {
        let user = token
            .user
            .filter(|user| !user.is_empty())
            .ok_or_else(|| invalid("a user name token has no user name"))?;
        let (kind, shown) = token
            .password
            .ok_or_else(|| invalid("a user name token has no password"))?;
        let created = match &token.created {
            Some(text) => {
                let moment = Moment::parse(text);
                Some(moment.ok_or_else(|| invalid("a token's time is no xs:dateTime"))?)
            }
            None => None,
        };
        if let Some(created) = created {
            self.check_created(created, now)?;
        }
        let known = self.users.password(&user);
        // Of a user that is not known, too, so that both take the same time.
        let password = known.map_or(&b"-"[..], super::Secret::as_bytes);
        let is_right = match kind {
            PasswordKind::Text if !self.rules.text => {
                return Err(invalid("passwords are shown as digests here"));
            }
            PasswordKind::Text if !secure && !self.rules.cleartext => {
                return Err(invalid("a password as text needs TLS"));
            }
            PasswordKind::Text => same(shown.as_bytes(), password),
            PasswordKind::Digest => {
                let (Some(nonce), Some(created)) = (&token.nonce, &token.created) else {
                    return Err(invalid("a digest needs a nonce and a time of creation"));
                };
                same(
                    shown.as_bytes(),
                    password_digest(nonce, created, password).as_bytes(),
                )
            }
        };
        if !is_right || known.is_none() {
            return Err(SecurityFault::Failed);
        }
        if let Some(nonce) = &token.nonce {
            // Of those whose password is right alone: nobody else fills the table.
            self.take_nonce(nonce, created, now)?;
        }
        Ok(user)
    }

    fn take_nonce(
        &self,
        nonce: &[u8],
        created: Option<Moment>,
        now: Moment,
    ) -> Result<(), SecurityFault> {
        let mut key = [0; 32];
        key.copy_from_slice(digest(&SHA256, nonce).as_ref());
        let created = created.unwrap_or(now);
        let mut nonces = self.nonces.lock().unwrap_or_else(PoisonError::into_inner);
        nonces.take(key, created, now).map_err(|why| match why {
            NotTaken::Replayed => SecurityFault::Failed,
            NotTaken::Full => SecurityFault::Busy,
        })
    }
}

impl SecurityFault {
    /// Whose fault it is.
    pub(crate) fn code(&self) -> FaultCode {
        match self {
            SecurityFault::Busy => FaultCode::Server,
            _ => FaultCode::Client,
        }
    }

    /// What it is called (SOAP message security, 12).
    pub(crate) fn subcode(&self) -> Option<ElementName> {
        let (namespace, local) = match self {
            SecurityFault::Invalid(_) => (WSSE, "InvalidSecurity"),
            SecurityFault::Unsupported(_) => (WSSE, "UnsupportedSecurityToken"),
            SecurityFault::Failed => (WSSE, "FailedAuthentication"),
            SecurityFault::Expired(_) => (WSU, "MessageExpired"),
            SecurityFault::Busy => return None,
        };
        Some(ElementName { namespace, local })
    }

    /// One sentence for the caller.
    pub(crate) fn reason(&self) -> String {
        shortened(match self {
            SecurityFault::Invalid(why) => why.clone(),
            SecurityFault::Unsupported(what) => {
                format!("the security header has {what:?}, which is not understood here")
            }
            SecurityFault::Failed => {
                "the security token could not be authenticated or authorized".to_owned()
            }
            SecurityFault::Expired(why) => (*why).to_owned(),
            SecurityFault::Busy => "too many messages were authenticated lately".to_owned(),
        })
    }
}

impl From<EnvelopeError> for SecurityFault {
    fn from(error: EnvelopeError) -> SecurityFault {
        SecurityFault::Invalid(error.message)
    }
}

fn invalid(why: &str) -> SecurityFault {
    SecurityFault::Invalid(why.to_owned())
}

/// Whether a moment has passed by all clocks.
pub(super) fn is_expired(expires: Moment, skew_seconds: u32, now: Moment) -> bool {
    expires.plus_seconds(skew_seconds) < now
}

/// What is shown in place of a password (UsernameToken profile, 3.1).
pub(crate) fn password_digest(nonce: &[u8], created: &str, password: &[u8]) -> String {
    use base64::Engine as _;
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    for part in [nonce, created.as_bytes(), password] {
        context.update(part);
    }
    base64::engine::general_purpose::STANDARD.encode(context.finish())
}

/// Whether both are the same, in a time that tells nothing of where they differ, nor of how long they are.
fn same(shown: &[u8], right: &[u8]) -> bool {
    let (shown, right) = (digest(&SHA256, shown), digest(&SHA256, right));
    shown.as_ref().ct_eq(right.as_ref()).into()
}
