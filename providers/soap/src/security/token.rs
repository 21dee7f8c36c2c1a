//! A `UsernameToken` as a message has it (UsernameToken profile 1.0 and 1.1, 3.1).

use rmix_abi::tables::Fault;

use super::{BASE64, PasswordKind, TOKEN_PROFILE, WSSE, WSU};
use crate::xml::{Document, StartTag, beyond, malformed, trim};

/// What a token says.
#[derive(Debug, Default)]
pub(crate) struct Token {
    pub(crate) user: Option<String>,
    /// The password or its digest, and which.
    pub(crate) password: Option<(PasswordKind, String)>,
    pub(crate) nonce: Option<Vec<u8>>,
    /// As it stands: the digest is of its characters.
    pub(crate) created: Option<String>,
}

/// Bytes of a user's name, of a password, and of a nonce as it stands in the message.
pub(crate) const FIELD_BYTES_MAX: usize = 1024;

impl Token {
    /// Reads the token at the place.
    pub(super) fn read(document: &mut Document, tag: StartTag) -> Result<Token, Fault> {
        let mut found = Token::default();
        let element = document.open(tag)?;
        while !tag.is_empty
            && let Some(child) = document.peek_child()?
        {
            let namespace = document.namespace(&child)?;
            let (is_wsse, is_wsu) = (
                *namespace == *WSSE.as_bytes(),
                *namespace == *WSU.as_bytes(),
            );
            let name = child.local().of(document.bytes());
            match name {
                b"Username" if is_wsse => {
                    let user = field(document, child, true)?;
                    once(&mut found.user, user, child)?;
                }
                b"Password" if is_wsse => {
                    let password = password(document, child)?;
                    once(&mut found.password, password, child)?;
                }
                b"Nonce" if is_wsse => {
                    let nonce = nonce(document, child)?;
                    once(&mut found.nonce, nonce, child)?;
                }
                b"Created" if is_wsu => {
                    let created = field(document, child, true)?;
                    once(&mut found.created, created, child)?;
                }
                // Salt and iterations of keys (1.1), and whatever else there is room for.
                _ => document.skip()?,
            }
        }
        document.close(&element)?;
        Ok(found)
    }
}

fn once<T>(place: &mut Option<T>, found: T, tag: StartTag) -> Result<(), Fault> {
    if place.is_some() {
        return Err(malformed("a security token says a thing twice", tag.at));
    }
    *place = Some(found);
    Ok(())
}

/// The text of an element; white space around it is not of a name or a time, but is of a password.
pub(super) fn field(
    document: &mut Document,
    tag: StartTag,
    trimmed: bool,
) -> Result<String, Fault> {
    let element = document.open(tag)?;
    let text = document.text(&element)?;
    let text = text.of(document.bytes());
    if text.len() > FIELD_BYTES_MAX {
        let name = "soap_security_field_bytes";
        return Err(beyond(name, tag.at, text.len(), FIELD_BYTES_MAX));
    }
    let text = if trimmed { trim(text) } else { text };
    Ok(String::from_utf8_lossy(text).into_owned())
}

fn password(document: &mut Document, tag: StartTag) -> Result<(PasswordKind, String), Fault> {
    let said = attribute(document, &tag, b"Type")?;
    let kind = match said.as_deref().map(|said| said.strip_prefix(TOKEN_PROFILE)) {
        None | Some(Some("#PasswordText")) => PasswordKind::Text,
        Some(Some("#PasswordDigest")) => PasswordKind::Digest,
        Some(_) => {
            return Err(malformed(
                "the type of a password is neither PasswordText nor PasswordDigest",
                tag.at,
            ));
        }
    };
    let is_digest = kind == PasswordKind::Digest;
    Ok((kind, field(document, tag, is_digest)?))
}

fn nonce(document: &mut Document, tag: StartTag) -> Result<Vec<u8>, Fault> {
    use base64::Engine as _;
    let said = attribute(document, &tag, b"EncodingType")?;
    if said.is_some_and(|said| said != BASE64) {
        return Err(malformed("a nonce is not in base64", tag.at));
    }
    let text = field(document, tag, true)?;
    let decoded = base64::engine::general_purpose::STANDARD.decode(text);
    decoded.map_err(|_| malformed("a nonce is not in base64", tag.at))
}

/// An attribute without a namespace of an element that is not entered.
fn attribute(document: &Document, tag: &StartTag, name: &[u8]) -> Result<Option<String>, Fault> {
    let found = document.attribute(tag, b"", name)?;
    Ok(found.map(|found| String::from_utf8_lossy(trim(found.of(document.bytes()))).into_owned()))
}
