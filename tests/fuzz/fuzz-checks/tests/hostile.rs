//! Inputs of a megabyte that claim much and hold little. The search keeps its inputs short, so it cannot see that a cost
//! is many times the input when the input alone is below the slack of the budget.

use rmix_fuzz_checks::{
    check_msgpack_message, check_msgpack_nested, check_msgpack_rich, check_msgpack_scanner,
    check_msgpack_value, check_soap_envelope, check_soap_options, check_soap_package,
    check_soap_tokens, check_sunrpc_message, check_sunrpc_record, check_xdr_nested, check_xdr_rich,
};

/// 60 arrays in each other that each claim as many elements as there are bytes, and then one byte over and over.
fn nested(head: impl Fn(u32) -> Vec<u8>, filling: u8, bytes: usize) -> Vec<u8> {
    let claimed = u32::try_from(bytes).unwrap() - 1024;
    let mut input = vec![head(claimed); 60].concat();
    input.resize(bytes, filling);
    input
}

#[test]
fn nested_xdr_arrays_do_not_each_reserve_for_all_that_is_left() {
    let head = |count: u32| count.to_be_bytes().to_vec();
    for bytes in [4096, 48 * 1024, MEGABYTE] {
        check_xdr_nested(&nested(head, 0, bytes));
        check_xdr_rich(&nested(head, 0xff, bytes));
    }
}

#[test]
fn nested_msgpack_arrays_do_not_each_reserve_for_all_that_is_left() {
    let head = |count: u32| [&[0xdd], &count.to_be_bytes()[..]].concat();
    for bytes in [4096, 48 * 1024, MEGABYTE] {
        check_msgpack_nested(&nested(head, 0xc0, bytes));
        check_msgpack_rich(&nested(head, 0x90, bytes));
        check_msgpack_value(&nested(head, 0xc0, bytes));
        check_msgpack_scanner(&nested(head, 0xc0, bytes));
    }
}

/// A refusal whose text is a megabyte that is not UTF-8: each byte shows as three.
#[test]
fn a_long_refusal_of_the_peer_is_not_copied_many_times() {
    let mut message = b"\x94\x01\x05\x82\xaarmix_error\xa4busy\xa7message\xdb".to_vec();
    let length = u32::try_from(MEGABYTE).unwrap() - 100;
    message.extend(length.to_be_bytes());
    message.resize(message.len() + length as usize, 0xff);
    message.push(0xc0);
    check_msgpack_message(&message);
}

#[test]
fn a_megabyte_in_the_smallest_fragments_is_refused_in_time() {
    let fragments = vec![[0, 0, 0, 0]; MEGABYTE / 4].concat();
    check_sunrpc_record(&fragments);
    let fragments = vec![[0, 0, 0, 1, 7]; MEGABYTE / 5].concat();
    check_sunrpc_record(&fragments);
    check_sunrpc_message(&fragments);
}

/// Envelopes whose header, declarations or encoding hold a megabyte.
#[test]
fn a_megabyte_before_the_body_is_not_copied_many_times() {
    let soap = "http://schemas.xmlsoap.org/soap/envelope/";
    let envelope = |attributes: &str, header: &str| {
        let start =
            format!("<e:Envelope xmlns:e='{soap}'{attributes}><e:Header>{header}</e:Header>");
        format!("{start}<e:Body><plain xmlns='urn:t'/></e:Body></e:Envelope>").into_bytes()
    };
    let uri = "u&#117;".repeat(MEGABYTE / 7 / 100);
    let declared: String = (0..100).map(|n| format!(" xmlns:n{n}='{uri}'")).collect();
    let named = format!("<b xmlns='{}'/>", "u".repeat(MEGABYTE / 60));
    for message in [
        envelope("", &"<x/>".repeat(MEGABYTE / 4)),
        envelope("", &format!("<x>{}</x>", "<y/>".repeat(MEGABYTE / 4))),
        envelope("", &format!("<x>{}</x>", "&amp;".repeat(MEGABYTE / 5))),
        envelope("", &named.repeat(60)),
        envelope(&declared, ""),
        envelope(&" a='b'".repeat(MEGABYTE / 6), ""),
        "<!---->".repeat(MEGABYTE / 7).into_bytes(),
    ] {
        check_soap_envelope(&message);
        check_soap_tokens(&[&[0], &message[..]].concat());
    }
    let narrow = [
        b"\x02<?xml version='1.0' encoding='latin1'?><a>",
        &[0xe4; MEGABYTE][..],
    ];
    check_soap_tokens(&narrow.concat());
    let wide = [&[0, 0xff, 0xfe][..], &[0x20; MEGABYTE][..]];
    check_soap_tokens(&wide.concat());
}

#[test]
fn a_megabyte_of_parts_or_parameters_is_not_copied_many_times() {
    let related = "multipart/related; boundary=b\n";
    let part = "--b\r\nContent-ID: x\r\n\r\n\r\n".repeat(MEGABYTE / 25);
    check_soap_package(format!("{related}{part}--b--").as_bytes());
    let fields = format!("--b\r\n{}\r\n\r\n--b--", "X: y\r\n ".repeat(MEGABYTE / 7));
    check_soap_package(format!("{related}{fields}").as_bytes());
    let base64 = "Content-ID: a\r\nContent-Transfer-Encoding: base64";
    let packed = format!(
        "--b\r\n\r\n\r\n--b\r\n{base64}\r\n\r\n{}\r\n--b--",
        "QUJD".repeat(MEGABYTE / 4)
    );
    check_soap_package(format!("{related}{packed}").as_bytes());
    check_soap_options(format!("text/xml{}", ";a=b".repeat(MEGABYTE / 4)).as_bytes());
    check_soap_options(format!("text/xml;a=\"{}\"", "\\\\".repeat(MEGABYTE / 2)).as_bytes());
}

const MEGABYTE: usize = 1 << 20;
