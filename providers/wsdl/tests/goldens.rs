//! The whole text for the interfaces of these tests. `UPDATE_EXPECT=1` writes it anew.

use std::path::Path;

use rmix::Interface;
use rmix::generated::InterfaceDesc;
use rmix_wsdl::{Documents, Options, wsdl};

use crate::interfaces::{BareStub, EncodedStub, RpcStub, ShopStub};

/// The description with an endpoint of each version.
pub(crate) fn described(interface: &InterfaceDesc) -> Documents {
    let address = format!("http://localhost:8080/{}", interface.name());
    let options = Options::new()
        .soap_1_1(address.as_str())
        .soap_1_2(address.as_str());
    wsdl(interface, &options).unwrap()
}

fn check(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/testdata")
        .join(file);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    for (number, (expected, found)) in expected.lines().zip(text.lines()).enumerate() {
        assert_eq!(expected, found, "{file}:{}", number + 1);
    }
    assert_eq!(expected.len(), text.len(), "{file} is longer or shorter");
}

#[test]
fn style_wrapped_with_everything() {
    check("shop.wsdl", &described(ShopStub::DESCRIPTION).wsdl);
}

#[test]
fn style_bare() {
    check("bare.wsdl", &described(BareStub::DESCRIPTION).wsdl);
}

#[test]
fn style_rpc() {
    check("rpc.wsdl", &described(RpcStub::DESCRIPTION).wsdl);
}

#[test]
fn style_encoded() {
    check("encoded.wsdl", &described(EncodedStub::DESCRIPTION).wsdl);
}

#[test]
fn schemas_as_documents_of_their_own() {
    let location = |number: usize| format!("separate{number}.xsd");
    let options = Options::new()
        .soap_1_1("http://localhost:8080/Shop")
        .separate_schemas(&location);
    let documents = wsdl(ShopStub::DESCRIPTION, &options).unwrap();
    check("separate.wsdl", &documents.wsdl);
    for (number, schema) in documents.schemas.iter().enumerate() {
        check(&format!("separate{number}.xsd"), schema);
    }
    assert_eq!(documents.schemas.len(), 4);
}
