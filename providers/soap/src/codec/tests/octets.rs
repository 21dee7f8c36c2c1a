//! Octets in arrays: how they are written is said of the array, and holds for its items.

use rmix_abi::describe::{
    FieldDesc, FieldXml, InterfaceDesc, MethodDesc, Schema, field_flags, style,
};

use super::{body, case};

static FIELDS: [FieldDesc; 1] = [FieldDesc::new("in", Schema::of::<Vec<Vec<u8>>>())
    .with_xml(const { &FieldXml::new(field_flags::WRAPPED | field_flags::HEX, "", "one") })];
static METHODS: [MethodDesc; 1] = [MethodDesc::new("put", 0, 0, &FIELDS, None, None)];
static WRAPPED: InterfaceDesc = InterfaceDesc::new("I", "urn:t", 0, 0, &METHODS);
static ENCODED: InterfaceDesc =
    InterfaceDesc::new("I", "urn:t", 0, 0, &METHODS).with_style(style::ENCODED);

/// Base64 of the same length would be other octets.
fn octets() -> Vec<Vec<u8>> {
    vec![vec![0xab, 0xcd, 0xef], vec![], vec![0x12, 0x34]]
}

#[test]
fn hexadecimal_octets_in_a_wrapped_array_go_both_ways() {
    let case = case(&WRAPPED, "put");
    let request = case.try_request(&octets()).unwrap();
    assert_eq!(
        body(&request),
        "<ns0:put><in><one>ABCDEF</one><one></one><one>1234</one></in></ns0:put>"
    );
    assert_eq!(
        case.read_request::<Vec<Vec<u8>>>(&request).unwrap(),
        octets()
    );
}

#[test]
fn hexadecimal_octets_in_an_encoded_array_go_both_ways() {
    let case = case(&ENCODED, "put");
    let request = case.try_request(&octets()).unwrap();
    assert!(
        request.contains("enc:arrayType=\"xsd:hexBinary[3]\"") && request.contains(">ABCDEF<"),
        "{request}"
    );
    assert_eq!(
        case.read_request::<Vec<Vec<u8>>>(&request).unwrap(),
        octets()
    );
}
