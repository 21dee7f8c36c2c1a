//! Faults onto the wire.

use rmix_abi::tables::{Fault, refusal};

use super::{FaultCode, REFUSAL_NAMESPACE, RPC_1_2};
use crate::envelope::Version;
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
    whole(version, code, None, reason, detail)
}

/// The message that refuses a call: `refused` is a number of `tables::refusal`, `reason` one sentence for the caller.
pub fn refuse(version: Version, refused: u32, reason: &str) -> Vec<u8> {
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
    let carried: String = reason
        .chars()
        .map(|character| {
            if is_carried(character) {
                character
            } else {
                '\u{fffd}'
            }
        })
        .collect();
    whole(version, code, subcode, &carried, detail.as_bytes()).unwrap_or_default()
}

fn is_carried(character: char) -> bool {
    !crate::xml::is_forbidden(character)
}

fn whole(
    version: Version,
    code: FaultCode,
    subcode: Option<&str>,
    reason: &str,
    detail: &[u8],
) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(512 + reason.len() + detail.len());
    crate::envelope::begin_envelope(version, &mut out);
    out.push(b'>');
    if code == FaultCode::VersionMismatch && version == Version::Soap12 {
        out.extend_from_slice(UPGRADE.as_bytes());
    }
    out.extend_from_slice(b"<soap:Body>");
    open(version, code, subcode, reason, &mut out)?;
    if detail.is_empty() {
        out.extend_from_slice(b"</soap:Fault>");
    } else {
        open_detail(version, &mut out);
        out.extend_from_slice(detail);
        close_declared(version, &mut out);
    }
    out.extend_from_slice(b"</soap:Body></soap:Envelope>");
    Ok(out)
}

fn open(
    version: Version,
    code: FaultCode,
    subcode: Option<&str>,
    reason: &str,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    let is_old = version == Version::Soap11;
    let name = match code {
        FaultCode::VersionMismatch => "VersionMismatch",
        FaultCode::MustUnderstand => "MustUnderstand",
        FaultCode::Client if is_old => "Client",
        FaultCode::Client => "Sender",
        FaultCode::Server if is_old => "Server",
        FaultCode::Server => "Receiver",
    };
    let pieces: [&str; 3] = match is_old {
        true => [
            "<soap:Fault><faultcode>soap:",
            "</faultcode><faultstring>",
            "</faultstring>",
        ],
        false => [
            "<soap:Fault><soap:Code><soap:Value>soap:",
            "</soap:Code><soap:Reason><soap:Text xml:lang=\"en\">",
            "</soap:Text></soap:Reason>",
        ],
    };
    out.extend_from_slice(pieces[0].as_bytes());
    out.extend_from_slice(name.as_bytes());
    if !is_old {
        out.extend_from_slice(b"</soap:Value>");
        if let Some(subcode) = subcode {
            let subcode = format!(
                "<soap:Subcode><soap:Value xmlns:rpc=\"{RPC_1_2}\">rpc:{subcode}</soap:Value></soap:Subcode>"
            );
            out.extend_from_slice(subcode.as_bytes());
        }
    }
    out.extend_from_slice(pieces[1].as_bytes());
    escape(reason.as_bytes(), out)?;
    out.extend_from_slice(pieces[2].as_bytes());
    Ok(())
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
    let _ = open(version, FaultCode::Server, None, DECLARED, out);
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
    "<soap:Header><soap:Upgrade>",
    "<soap:SupportedEnvelope qname=\"soap:Envelope\"/>",
    "<soap:SupportedEnvelope xmlns:old=\"http://schemas.xmlsoap.org/soap/envelope/\" qname=\"old:Envelope\"/>",
    "</soap:Upgrade></soap:Header>"
);
