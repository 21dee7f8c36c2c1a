//! xmllint by the contract's own schemas: a right document and wrong ones.

use rmix_peers::soap::{contract_file, validate};

use crate::ok;

fn judged(body: &str) -> Result<(), String> {
    let document = format!(
        "<c:tree xmlns:c='urn:rmix:contract' xmlns:t='urn:rmix:contract:types'>{body}</c:tree>"
    );
    ok(validate(
        document.as_bytes(),
        &contract_file("contract.xsd"),
    ))
}

#[test]
fn a_valid_document_is_valid() {
    let body = "<node><t:name>root</t:name><t:children><t:name>leaf</t:name></t:children></node>";
    assert_eq!(judged(body), Ok(()));
}

#[test]
fn an_unqualified_element_of_a_qualified_schema_is_named() {
    let complaint = judged("<node><name>root</name></node>").unwrap_err();
    assert!(complaint.contains("'name'"), "{complaint}");
}

#[test]
fn a_document_that_is_not_well_formed_is_a_complaint() {
    let complaint = judged("<node>").unwrap_err();
    assert!(complaint.contains("mismatch"), "{complaint}");
}

#[test]
fn a_schema_that_is_not_there_is_an_error() {
    let absent = contract_file("absent.xsd");
    assert!(validate(b"<a/>", &absent).is_err());
}
