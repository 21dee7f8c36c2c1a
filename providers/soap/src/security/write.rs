//! A client's security header onto the wire.

use rmix_abi::tables::Fault;

use super::verify::password_digest;
use super::{BASE64, Moment, PasswordKind, Secret, TOKEN_PROFILE, WSSE, WSU};
use crate::xml::escape;

/// Who a client is, and how it says so.
#[derive(Debug)]
pub(crate) struct Credentials {
    pub(crate) kind: PasswordKind,
    pub(crate) user: String,
    pub(crate) password: Secret,
    /// Seconds until a request expires; none without a timestamp.
    pub(crate) expires: Option<u32>,
    /// Seconds that clocks may be apart.
    pub(crate) skew: u32,
}

/// Chance that no other request has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Nonce(pub(crate) [u8; 16]);

impl Credentials {
    /// Appends the header block of one request.
    ///
    /// # Errors
    /// The name or the password has characters that XML cannot carry.
    pub(crate) fn put(&self, nonce: Nonce, now: Moment, out: &mut Vec<u8>) -> Result<(), Fault> {
        use base64::Engine as _;
        let created = now.to_string();
        let start = format!(
            "<wsse:Security xmlns:wsse=\"{WSSE}\" xmlns:wsu=\"{WSU}\" soap:mustUnderstand=\"1\">"
        );
        out.extend_from_slice(start.as_bytes());
        if let Some(seconds) = self.expires {
            let expires = now.plus_seconds(seconds);
            let timestamp = format!(
                "<wsu:Timestamp><wsu:Created>{created}</wsu:Created><wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp>"
            );
            out.extend_from_slice(timestamp.as_bytes());
        }
        out.extend_from_slice(b"<wsse:UsernameToken><wsse:Username>");
        escape(self.user.as_bytes(), out)?;
        let (name, digest) = match self.kind {
            PasswordKind::Text => ("PasswordText", None),
            PasswordKind::Digest => {
                let digest = password_digest(&nonce.0, &created, self.password.as_bytes());
                ("PasswordDigest", Some(digest))
            }
        };
        let password = format!("</wsse:Username><wsse:Password Type=\"{TOKEN_PROFILE}#{name}\">");
        out.extend_from_slice(password.as_bytes());
        match &digest {
            Some(digest) => out.extend_from_slice(digest.as_bytes()),
            None => escape(self.password.as_bytes(), out)?,
        }
        let nonce = base64::engine::general_purpose::STANDARD.encode(nonce.0);
        let rest = format!(
            "</wsse:Password><wsse:Nonce EncodingType=\"{BASE64}\">{nonce}</wsse:Nonce>\
             <wsu:Created>{created}</wsu:Created></wsse:UsernameToken></wsse:Security>"
        );
        out.extend_from_slice(rest.as_bytes());
        Ok(())
    }
}
