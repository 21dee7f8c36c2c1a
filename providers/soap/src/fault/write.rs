//! Faults onto the wire.

use rmix_abi::tables::{Fault, refusal};

use super::{FaultCode, REFUSAL_NAMESPACE, RPC_1_2};
use crate::envelope::Version;
use crate::names::ElementName;
use crate::xml::escape;

/// A whole message with a fault: code, reason, and a detail that is written already (1.2 has it in the place of 1.1's).
///
/// # Errors
/// The reason has characters that XML cannot carry.
pub fn write_fault(
    version: Version,
    code: FaultCode,
    reason: &str,
    detail: &[u8],
) -> Result<Vec<u8>, Fault> {
    let message = FaultMessage {
        version,
        code,
        subcodes: &[],
        reason,
        detail,
        headers: &[],
    };
    message.write()
}

/// The message that refuses a call: `refused` is a number of `tables::refusal`, `reason` one sentence for the caller,
/// `headers` header blocks that are written already.
pub fn refuse(version: Version, refused: u32, reason: &str, headers: &[u8]) -> Vec<u8> {
    let (code, subcode, name) = match refused {
        refusal::NO_SUCH_OBJECT => (FaultCode::Client, None, "no_such_object"),
        refusal::NO_SUCH_METHOD => (
            FaultCode::Client,
            Some("ProcedureNotPresent"),
            "no_such_method",
        ),
        refusal::BAD_ARGUMENTS => (FaultCode::Client, Some("BadArguments"), "bad_arguments"),
        refusal::DENIED => (FaultCode::Client, None, "denied"),
        refusal::BUSY => (FaultCode::Server, None, "busy"),
        _ => (FaultCode::Server, None, "internal"),
    };
    let detail = format!("<r:refusal xmlns:r=\"{REFUSAL_NAMESPACE}\">{name}</r:refusal>");
    let subcode = subcode.map(|local| ElementName {
        namespace: RPC_1_2,
        local,
    });
    let message = FaultMessage {
        version,
        code,
        subcodes: subcode.as_slice(),
        reason: &carried(reason),
        detail: detail.as_bytes(),
        headers,
    };
    message.write().unwrap_or_default()
}

/// The text without what XML cannot carry.
pub(crate) fn carried(text: &str) -> String {
    let carried = text.chars().map(|character| match is_carried(character) {
        true => character,
        false => '\u{fffd}',
    });
    carried.collect()
}

fn is_carried(character: char) -> bool {
    !crate::xml::is_forbidden(character)
}

/// A whole message with a fault.
pub(crate) struct FaultMessage<'a> {
    pub(crate) version: Version,
    pub(crate) code: FaultCode,
    /// What it is in more detail, outermost first. SOAP 1.1, which has one code, shows the last in its place, unless it is
    /// one of SOAP 1.2's own.
    pub(crate) subcodes: &'a [ElementName],
    pub(crate) reason: &'a str,
    /// Written already; SOAP 1.1 keeps it for what is wrong with the body.
    pub(crate) detail: &'a [u8],
    /// Header blocks that are written already.
    pub(crate) headers: &'a [u8],
}

impl FaultMessage<'_> {
    /// Writes it.
    ///
    /// # Errors
    /// The reason has characters that XML cannot carry.
    pub(crate) fn write(&self) -> Result<Vec<u8>, Fault> {
        let room = self.reason.len() + self.detail.len() + self.headers.len();
        let mut out = Vec::with_capacity(512 + room);
        crate::envelope::begin_envelope(self.version, &mut out);
        out.push(b'>');
        let upgrade = self.code == FaultCode::VersionMismatch && self.version == Version::Soap12;
        if upgrade || !self.headers.is_empty() {
            out.extend_from_slice(b"<soap:Header>");
            if upgrade {
                out.extend_from_slice(UPGRADE.as_bytes());
            }
            out.extend_from_slice(self.headers);
            out.extend_from_slice(b"</soap:Header>");
        }
        out.extend_from_slice(b"<soap:Body>");
        open(
            self.version,
            self.code,
            self.subcodes,
            self.reason,
            &mut out,
        )?;
        if self.detail.is_empty() {
            out.extend_from_slice(b"</soap:Fault>");
        } else {
            open_detail(self.version, &mut out);
            out.extend_from_slice(self.detail);
            close_declared(self.version, &mut out);
        }
        out.extend_from_slice(b"</soap:Body></soap:Envelope>");
        Ok(out)
    }
}

fn open(
    version: Version,
    code: FaultCode,
    subcodes: &[ElementName],
    reason: &str,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    match version {
        Version::Soap11 => {
            let own = subcodes.last().filter(|name| name.namespace != RPC_1_2);
            match own {
                Some(name) => open_named(b"<soap:Fault><faultcode", name, out),
                None => {
                    out.extend_from_slice(b"<soap:Fault><faultcode>soap:");
                    out.extend_from_slice(code_name(version, code).as_bytes());
                }
            }
            out.extend_from_slice(b"</faultcode><faultstring>");
            escape(reason.as_bytes(), out)?;
            out.extend_from_slice(b"</faultstring>");
        }
        Version::Soap12 => {
            out.extend_from_slice(b"<soap:Fault><soap:Code><soap:Value>soap:");
            out.extend_from_slice(code_name(version, code).as_bytes());
            out.extend_from_slice(b"</soap:Value>");
            for name in subcodes {
                open_named(b"<soap:Subcode><soap:Value", name, out);
                out.extend_from_slice(b"</soap:Value>");
            }
            for _ in subcodes {
                out.extend_from_slice(b"</soap:Subcode>");
            }
            out.extend_from_slice(b"</soap:Code><soap:Reason><soap:Text xml:lang=\"en\">");
            escape(reason.as_bytes(), out)?;
            out.extend_from_slice(b"</soap:Text></soap:Reason>");
        }
    }
    Ok(())
}

/// The start tag that `tag` begins, declaring the namespace of the name that follows it.
fn open_named(tag: &[u8], name: &ElementName, out: &mut Vec<u8>) {
    out.extend_from_slice(tag);
    out.extend_from_slice(b" xmlns:code=\"");
    out.extend_from_slice(name.namespace.as_bytes());
    out.extend_from_slice(b"\">code:");
    out.extend_from_slice(name.local.as_bytes());
}

fn code_name(version: Version, code: FaultCode) -> &'static str {
    match (code, version) {
        (FaultCode::VersionMismatch, _) => "VersionMismatch",
        (FaultCode::MustUnderstand, _) => "MustUnderstand",
        (FaultCode::Client, Version::Soap11) => "Client",
        (FaultCode::Client, Version::Soap12) => "Sender",
        (FaultCode::Server, Version::Soap11) => "Server",
        (FaultCode::Server, Version::Soap12) => "Receiver",
    }
}

fn open_detail(version: Version, out: &mut Vec<u8>) {
    out.extend_from_slice(match version {
        Version::Soap11 => b"<detail>",
        Version::Soap12 => b"<soap:Detail>",
    });
}

/// Begins a declared fault, up to its detail's content.
pub(crate) fn open_declared(version: Version, out: &mut Vec<u8>) {
    // The reason has no character that could be refused.
    let _ = open(version, FaultCode::Server, &[], DECLARED, out);
    open_detail(version, out);
}

/// Ends a fault behind its detail's content.
pub(crate) fn close_declared(version: Version, out: &mut Vec<u8>) {
    out.extend_from_slice(match version {
        Version::Soap11 => b"</detail></soap:Fault>",
        Version::Soap12 => b"</soap:Detail></soap:Fault>",
    });
}

/// What is said of a declared fault, whose detail says the rest.
const DECLARED: &str = "the operation ended with a fault that it declares";

/// What SOAP 1.2 says of the versions that are spoken here (part 1, 5.4.7).
const UPGRADE: &str = concat!(
    "<soap:Upgrade>",
    "<soap:SupportedEnvelope qname=\"soap:Envelope\"/>",
    "<soap:SupportedEnvelope xmlns:old=\"http://schemas.xmlsoap.org/soap/envelope/\" qname=\"old:Envelope\"/>",
    "</soap:Upgrade>"
);
