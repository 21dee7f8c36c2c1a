//! What must hold for every decoder on any bytes: it returns, does not panic, and does not allocate beyond what the bytes
//! pay for; what it accepts survives being written and read again; and pieces give what the whole gives.
//!
//! Each check takes the bytes and panics when something does not hold. The fuzz targets in `tests/fuzz` call them with
//! bytes they invent, `tests/main.rs` with the corpora those runs left. Which bytes are worth trying is not decided here.

mod budget;
mod endpoints;
mod idl;
mod msgpack_codec;
mod msgpack_stream;
mod msgpack_value;
mod pieces;
mod seeds;
mod shm_words;
mod soap_envelope;
mod soap_options;
mod soap_package;
mod soap_tokens;
mod soap_types;
mod soap_values;
mod sunrpc;
mod types;
mod wsdl;
mod xdr_codec;
mod xdr_items;
mod xdr_shapes;

pub use budget::{ALLOCATION_SLACK_BYTES, ALLOCATIONS_PER_BYTE};
pub use endpoints::{check_endpoint, check_parts, check_reference};
pub use idl::check_idl;
pub use msgpack_codec::{check_msgpack_nested, check_msgpack_rich};
pub use msgpack_stream::{check_msgpack_message, check_msgpack_scanner};
pub use msgpack_value::check_msgpack_value;
pub use seeds::seeds;
pub use shm_words::check_shm_words;
pub use soap_envelope::check_soap_envelope;
pub use soap_options::check_soap_options;
pub use soap_package::check_soap_package;
pub use soap_tokens::check_soap_tokens;
pub use soap_values::check_soap_values;
pub use sunrpc::{check_sunrpc_auth, check_sunrpc_message, check_sunrpc_record};
pub use wsdl::check_wsdl;
pub use xdr_codec::{check_xdr_nested, check_xdr_rich};
pub use xdr_items::check_xdr_items;
pub use xdr_shapes::check_xdr_shapes;

/// Where the bytes come from.
const SOMEWHERE: rmix_provider::Origin = rmix_provider::Origin {
    address: None,
    asked: None,
    connection: 1,
    now_ns: 0,
};

/// A check by the name of its fuzz target and of the folder of its corpus.
pub struct Check {
    /// The name.
    pub name: &'static str,
    /// Panics when something does not hold for the bytes.
    pub run: fn(&[u8]),
}

/// All checks; a fuzz target and a corpus for each.
pub const CHECKS: &[Check] = &[
    named("endpoint", check_endpoint),
    named("idl", check_idl),
    named("msgpack_message", check_msgpack_message),
    named("msgpack_nested", check_msgpack_nested),
    named("msgpack_rich", check_msgpack_rich),
    named("msgpack_scanner", check_msgpack_scanner),
    named("msgpack_value", check_msgpack_value),
    named("parts", check_parts),
    named("reference", check_reference),
    named("shm_words", check_shm_words),
    named("soap_envelope", check_soap_envelope),
    named("soap_options", check_soap_options),
    named("soap_package", check_soap_package),
    named("soap_tokens", check_soap_tokens),
    named("soap_values", check_soap_values),
    named("sunrpc_auth", check_sunrpc_auth),
    named("sunrpc_message", check_sunrpc_message),
    named("sunrpc_record", check_sunrpc_record),
    named("wsdl", check_wsdl),
    named("xdr_items", check_xdr_items),
    named("xdr_nested", check_xdr_nested),
    named("xdr_rich", check_xdr_rich),
    named("xdr_shapes", check_xdr_shapes),
];

const fn named(name: &'static str, run: fn(&[u8])) -> Check {
    Check { name, run }
}
