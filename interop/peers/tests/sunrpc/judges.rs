//! The judges: tshark reads bytes written by hand from the RFCs, right ones and wrong ones; xdrlib3
//! gives the bytes of RFC 4506's own example.

use rmix_peers::{Capture, Speaker, XdrLibrary, XdrOracle, dissect};
use serde_json::{Value, json};

use crate::{kept_folder, ok};

const CALL: u32 = 0;
const REPLY: u32 = 1;

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_be_bytes()).collect()
}

/// GETPORT of program 100003 version 3 over TCP, without credentials.
fn getport(xid: u32) -> Vec<u8> {
    words(&[xid, CALL, 2, 100_000, 2, 3, 0, 0, 0, 0, 100_003, 3, 6, 0])
}

fn port(xid: u32, port: u32) -> Vec<u8> {
    words(&[xid, REPLY, 0, 0, 0, 0, port])
}

fn record(fragment: &[u8], is_last: bool) -> Vec<u8> {
    let mark = u32::try_from(fragment.len()).unwrap() | if is_last { 0x8000_0000 } else { 0 };
    [words(&[mark]), fragment.to_vec()].concat()
}

#[test]
fn tshark_reads_datagrams() {
    let mut capture = Capture::of_datagrams(40_111);
    capture.push(Speaker::Client, &getport(0x51));
    capture.push(Speaker::Server, &port(0x51, 2049));
    let fields = [
        "rpc.xid",
        "rpc.msgtyp",
        "rpc.program",
        "portmap.prog",
        "portmap.port",
    ];
    let packets = ok(dissect(&capture, &fields));
    assert_eq!(packets.len(), 2);
    let [call, reply] = &packets[..] else {
        panic!()
    };
    assert!(call.has("portmap") && reply.has("portmap"), "{packets:?}");
    assert_eq!(call.values("rpc.xid"), ["0x00000051"]);
    assert_eq!(call.values("rpc.msgtyp"), ["0"]);
    assert_eq!(call.values("portmap.prog"), ["100003"]);
    assert_eq!(reply.values("rpc.msgtyp"), ["1"]);
    assert_eq!(reply.values("portmap.port"), ["2049"]);
    assert_eq!((&call.complaints, &reply.complaints), (&vec![], &vec![]));
}

#[test]
fn tshark_reads_streams_of_fragments_and_of_many_records() {
    let mut capture = Capture::of_stream(40_111);
    let call = getport(0x52);
    let (start, end) = call.split_at(20);
    capture.push(Speaker::Client, &record(start, false));
    capture.push(Speaker::Client, &record(end, true));
    let replies = [
        record(&port(0x52, 2049), true),
        record(&port(0x53, 0), true),
    ]
    .concat();
    capture.push(Speaker::Client, &record(&getport(0x53), true));
    capture.push(Speaker::Server, &replies);
    let packets = ok(dissect(
        &capture,
        &["rpc.xid", "portmap.prog", "portmap.port"],
    ));
    let all = |field: &str| -> Vec<_> {
        let values = packets.iter().flat_map(|packet| packet.values(field));
        values.map(String::as_str).collect()
    };
    assert_eq!(
        all("rpc.xid"),
        ["0x00000052", "0x00000053", "0x00000052", "0x00000053"]
    );
    assert_eq!(all("portmap.prog"), ["100003", "100003"]);
    // A call has a port too, and it is 0.
    assert_eq!(all("portmap.port"), ["0", "0", "2049", "0"]);
    for packet in &packets {
        assert_eq!(packet.complaints, Vec::<String>::new(), "{packet:?}");
    }
}

#[test]
fn tshark_complains_of_what_is_cut_off() {
    let mut capture = Capture::of_datagrams(40_111);
    let call = getport(0x54);
    capture.push(Speaker::Client, &call[..call.len() - 6]);
    let packets = ok(dissect(&capture, &["rpc.xid"]));
    assert_eq!(packets[0].values("rpc.xid"), ["0x00000054"]);
    assert!(!packets[0].complaints.is_empty(), "{packets:?}");
}

fn oracle() -> XdrOracle {
    ok(ok(XdrLibrary::prepare(&kept_folder("xdr-library"))).start())
}

/// Encodes and decodes one value, and compares both ways.
fn check(oracle: &mut XdrOracle, kind: Value, value: Value, hex: &str) {
    let encoded = ok(oracle.encode(&json!([[kind, value]])));
    assert_eq!(encoded.as_deref(), Ok(hex), "{kind}");
    let decoded = ok(oracle.decode(&json!([kind]), hex));
    assert_eq!(decoded, Ok(vec![value]), "{kind}");
}

#[test]
fn xdrlib_knows_the_bytes_of_every_type() {
    let mut oracle = oracle();
    for (kind, value, hex) in [
        (json!("int"), json!(-2), "fffffffe"),
        (json!("uint"), json!(4_294_967_295_u32), "ffffffff"),
        (json!("enum"), json!(-7), "fffffff9"),
        (json!("bool"), json!(true), "00000001"),
        (json!("hyper"), json!(i64::MIN), "8000000000000000"),
        (json!("uhyper"), json!(u64::MAX), "ffffffffffffffff"),
        (json!("float"), json!(-1.5), "bfc00000"),
        (json!("double"), json!(1e300), "7e37e43c8800759c"),
        (json!("double"), json!("-inf"), "fff0000000000000"),
        (
            json!("string"),
            json!("sillyprog"),
            "0000000973696c6c7970726f67000000",
        ),
        (
            json!("opaque"),
            json!("28717569742900"),
            "000000072871756974290000",
        ),
        (
            json!(["fopaque", 5]),
            json!("0102030405"),
            "0102030405000000",
        ),
        (
            json!(["array", "int"]),
            json!([1, 2]),
            "000000020000000100000002",
        ),
        (
            json!(["farray", 2, "bool"]),
            json!([false, true]),
            "0000000000000001",
        ),
        (json!(["optional", "int"]), json!(null), "00000000"),
        (json!(["optional", "int"]), json!(9), "0000000100000009"),
        (
            json!(["list", "int"]),
            json!([5, 6]),
            "0000000100000005000000010000000600000000",
        ),
        (
            json!(["struct", "int", "void"]),
            json!([1, null]),
            "00000001",
        ),
        (
            json!(["union", "int", {"-3": "hyper"}]),
            json!([-3, 1]),
            "fffffffd0000000000000001",
        ),
        (
            json!(["union", "bool", {"true": "int", "false": "void"}]),
            json!([false, null]),
            "00000000",
        ),
        (
            json!(["union", "enum", {"default": "void"}]),
            json!([100_000, null]),
            "000186a0",
        ),
    ] {
        check(&mut oracle, kind, value, hex);
    }
}

#[test]
fn xdrlib_gives_the_bytes_of_the_example_of_the_standard() {
    // RFC 4506, section 7: struct file { string name; union type; string owner; opaque data; }.
    let kind = json!(["struct", "string", ["union", "enum", {"2": "string", "0": "void"}], "string", "opaque"]);
    let value = json!(["sillyprog", [2, "lisp"], "john", "287175697429"]);
    let hex = "0000000973696c6c7970726f670000000000000200000004\
               6c697370000000046a6f686e000000062871756974290000";
    check(&mut oracle(), kind, value, hex);
}

#[test]
fn xdrlib_refuses_and_goes_on() {
    let mut oracle = oracle();
    assert!(ok(oracle.decode(&json!(["hyper"]), "00000000")).is_err());
    assert!(ok(oracle.decode(&json!(["int"]), "0000000000000000")).is_err());
    assert!(ok(oracle.encode(&json!([["uint", -1]]))).is_err());
    assert!(ok(oracle.encode(&json!([["no-such-type", 1]]))).is_err());
    check(&mut oracle, json!("int"), json!(1), "00000001");
}
