//! Well-formed inputs to begin a corpus with, so that a run need not find the formats by itself.

use rmix_abi::host::codec::encode_value;
use rmix_abi::tables::{Buf, Enc, refusal};
use rmix_msgpack_rpc::message::{write_notification_header, write_request_header};
use rmix_msgpack_rpc::value::{write_ext, write_f64, write_number_array, write_str};
use rmix_msgpack_rpc::{MsgpackArrayCodec, MsgpackCodec, MsgpackRpc};
use rmix_provider::Protocol;
use rmix_sunrpc::XdrCodec;
use rmix_sunrpc::wire::{
    AUTH_SYS, AcceptStatus, AuthStatus, AuthSys, CallHeader, OpaqueAuth, RejectStatus, ReplyHeader,
    Xid,
};
use serde::Serialize;

use crate::sunrpc::{PROGRAM, record, reply};
use crate::types::{forest, rich, tree};

/// Inputs that the check of this name accepts; none for a name that no check has.
pub fn seeds(check: &str) -> Vec<Vec<u8>> {
    match check {
        "endpoint" | "parts" => texts(ENDPOINTS),
        "reference" => texts(REFERENCES),
        "idl" => texts(crate::idl::SEEDS),
        "soap_envelope" => texts(crate::soap_envelope::SEEDS),
        "soap_options" => texts(crate::soap_options::SEEDS),
        "soap_package" => crate::soap_package::seeds(),
        "soap_tokens" => crate::soap_tokens::seeds(),
        "soap_values" => crate::soap_values::seeds(),
        "wsdl" => texts(crate::wsdl::SEEDS),
        "xdr_shapes" => vec![crate::xdr_shapes::encoded(&crate::xdr_shapes::shapes())],
        "msgpack_message" => msgpack_messages(),
        "msgpack_scanner" => vec![
            msgpack_messages().concat(),
            msgpack(&rich()),
            values().concat(),
        ],
        "msgpack_value" => values(),
        "msgpack_rich" => vec![
            msgpack(&rich()),
            msgpack_arrays(&rich()),
            msgpack(&("text", Some(-1_i8), [1_u8, 2, 3, 4])),
            msgpack(&[0.5_f64, -1.5]),
        ],
        "msgpack_nested" => vec![
            msgpack(&[Some(tree()), None]),
            msgpack_arrays(&[Some(tree()), None]),
            msgpack(&forest()),
            msgpack(&std::collections::BTreeMap::from([("a", tree())])),
            msgpack(&serde_json::json!({"a": [1, -1, null, true], "b": {"c": 0.5}})),
        ],
        "shm_words" => shm_scripts(),
        "sunrpc_auth" => vec![credential(&[]), credential(&[1, 2, 3])],
        "sunrpc_message" => sunrpc_messages(),
        "sunrpc_record" => sunrpc_records(),
        "xdr_items" => xdr_items(),
        "xdr_rich" => vec![
            xdr(&rich()),
            xdr(&rich().scalars),
            xdr(&rich().runs),
            xdr(&("text", Some(-1_i8), [1_u8, 2, 3, 4], (5_i16, 6_u16))),
            xdr(&[(), ()].as_slice()),
        ],
        "xdr_nested" => vec![
            xdr(&[Some(tree()), None].as_slice()),
            xdr(&forest()),
            xdr(&[[[Some(1_u16), None].as_slice()].as_slice()].as_slice()),
            xdr(&std::collections::BTreeMap::from([("a", tree())])),
        ],
        _ => Vec::new(),
    }
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn encoded<T: Serialize + ?Sized>(mut enc: Enc, value: &T) -> Vec<u8> {
    enc.depth_left = 64;
    encode_value(&mut enc, value).expect("a value that every codec carries");
    enc.buf.into_vec()
}

fn msgpack<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    encoded(MsgpackCodec::encoder(Buf::new(), 1 << 20), value)
}

fn msgpack_arrays<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    encoded(MsgpackArrayCodec::encoder(Buf::new(), 1 << 20), value)
}

fn xdr<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    encoded(XdrCodec::encoder(Buf::new(), 1 << 20), value)
}

fn values() -> Vec<Vec<u8>> {
    let mut values = vec![msgpack(&tree())];
    let mut add = |write: &dyn Fn(&mut Vec<u8>)| {
        let mut out = Vec::new();
        write(&mut out);
        values.push(out);
    };
    add(&|out| write_number_array(out, &[1_i64, -1, 300, i64::MIN]).expect("four numbers"));
    add(&|out| write_f64(out, 0.5));
    add(&|out| write_ext(out, -5, &[1, 2, 3]).expect("three bytes"));
    add(&|out| write_str(out, "text").expect("four bytes"));
    values
}

fn msgpack_messages() -> Vec<Vec<u8>> {
    let mut request = Vec::new();
    write_request_header(&mut request, 7, "latest", 2).expect("a short name");
    request.extend(msgpack("Oslo"));
    request.extend(msgpack(&[1_u8, 2]));
    let mut notification = Vec::new();
    write_notification_header(&mut notification, "report", 1).expect("a short name");
    notification.extend(msgpack(&tree()));
    let protocol = MsgpackRpc::default();
    vec![
        request,
        notification,
        protocol.refuse(3, refusal::DONE, ""),
        protocol.refuse(300, refusal::NO_SUCH_METHOD, "there is no such method"),
        b"\x94\x01\x05\xa3bad\xc0".to_vec(),
    ]
}

fn credential(gids: &[u32]) -> Vec<u8> {
    let claim = AuthSys::new(5, "host", 1000, 100, gids).expect("a short claim");
    let mut body = Vec::new();
    claim.encode(&mut body).expect("a short claim");
    body
}

/// A peer that obeys the rules, one that says too much, and one that takes back what it said.
fn shm_scripts() -> Vec<Vec<u8>> {
    vec![
        vec![
            4, 0, 100, 0, 0, 0, 7, 5, 255, 0, 0, 0, 6, 50, 0, 0, 0, 1, 50, 0, 0, 0, 8, 9,
        ],
        vec![
            0, 1, 16, 0, 0, 5, 255, 0, 0, 0, 7, 0, 0, 16, 0, 0, 5, 255, 31, 0, 0, 9,
        ],
        vec![
            6, 0, 16, 0, 0, 8, 1, 255, 255, 255, 255, 6, 1, 0, 0, 0, 3, 2, 0, 0, 0, 2, 1, 0, 0, 0,
            9,
        ],
    ]
}

fn sunrpc_messages() -> Vec<Vec<u8>> {
    let body = credential(&[1, 2]);
    let call = |credential, version, procedure| {
        let header = CallHeader {
            xid: Xid(9),
            program: PROGRAM,
            version,
            procedure,
            credential,
            verifier: OpaqueAuth::NONE,
        };
        let mut message = Vec::new();
        header.encode(&mut message).expect("a short header");
        message.extend(xdr("Oslo"));
        message
    };
    let claimed = OpaqueAuth {
        flavor: AUTH_SYS,
        body: &body,
    };
    let xid = Xid(9);
    let mismatch = AcceptStatus::ProgMismatch { low: 1, high: 3 };
    let denied = RejectStatus::AuthError(AuthStatus::TooWeak);
    vec![
        call(OpaqueAuth::NONE, 1, 1),
        call(OpaqueAuth::NONE, 2, 1),
        call(claimed, 3, 0),
        reply(ReplyHeader::success(xid), &[0, 0, 0, 1, 0, 0, 0, 5]),
        reply(ReplyHeader::accepted(xid, mismatch), &[]),
        reply(ReplyHeader::denied(xid, denied), &[]),
        reply(
            ReplyHeader::denied(xid, RejectStatus::RpcMismatch { low: 2, high: 2 }),
            &[],
        ),
    ]
}

fn sunrpc_records() -> Vec<Vec<u8>> {
    let messages = sunrpc_messages();
    let whole: Vec<u8> = messages
        .iter()
        .flat_map(|message| record(message))
        .collect();
    let fragments = b"\0\0\0\x03abc\0\0\0\0\x80\0\0\x02de\x80\0\0\0\x80\0\0\x01f".to_vec();
    vec![whole, fragments]
}

fn xdr_items() -> Vec<Vec<u8>> {
    let all: Vec<u8> = (0..32).flat_map(|item| [item, item | 0x40]).collect();
    let count = u8::try_from(all.len()).expect("sixty-four");
    let with_wire = |items: &[u8], wire: &[u8]| {
        let count = u8::try_from(items.len()).expect("few items");
        [&[count], items, wire].concat()
    };
    vec![
        [&[count], &all[..], &[0; 400]].concat(),
        with_wire(
            &[12, 14],
            &[xdr(&[1_u8, 2, 3].as_slice()), xdr("text")].concat(),
        ),
        with_wire(&[16, 0x54], &xdr(&(vec![1_u64, 2], [-1_i8, 1]))),
    ]
}

const ENDPOINTS: &[&str] = &[
    "sunrpc+tcp://[::1]:111/0x20000042/1?auth=sys&uid=0",
    "sunrpc+tcp://127.0.0.1:7000/536870978/1",
    "msgpack+unix:/run/a%20b.sock?structs=array",
    "msgpack+tcp://host.example:0",
    "pipe+exec:nvim --headless --embed | tee 100%",
    "pipe+fifo:///run/a?mode=600&b",
    "shm://station",
    "a://[fe80::1%25eth0]:1/%C3%A9",
];

const REFERENCES: &[&str] = &[
    "rmix:weather/Station#17@msgpack+unix:/run/w.sock|sunrpc+tcp://127.0.0.1:7000/536870978/1",
    "rmix:#0@msgpack+tcp://127.0.0.1:7000",
    "rmix:a%20b#18446744073709551615",
    "rmix:S#1@pipe+exec:a%20b%7Cc%25d",
    "msgpack+tcp://127.0.0.1:7000",
    "pipe+exec:nvim --embed | tee",
];
