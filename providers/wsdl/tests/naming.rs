//! The rules of names, one by one.

use rmix::Interface;
use rmix::generated::{InterfaceDesc, type_kind};
use rmix_wsdl::names::{Message, Operation, TypeNames};
use serde::{Deserialize, Serialize};

use crate::interfaces::{BareStub, RpcStub, ShopStub};

fn operation(interface: &InterfaceDesc, name: &str) -> Operation {
    let method = interface
        .methods()
        .iter()
        .find(|method| method.name() == name);
    Operation::of(interface, method.unwrap())
}

/// Wrapper, parts and header blocks.
fn written(message: &Message) -> String {
    let parts = |parts: &[rmix_wsdl::names::Part]| {
        let names: Vec<_> = parts.iter().map(|part| part.name.to_string()).collect();
        names.join(" ")
    };
    let wrapper = message
        .wrapper
        .as_ref()
        .map_or_else(|| "-".to_owned(), ToString::to_string);
    format!(
        "{wrapper}: {}; {}",
        parts(&message.parts),
        parts(&message.headers)
    )
}

fn check(interface: &InterfaceDesc, name: &str, request: &str, response: &str) {
    let operation = operation(interface, name);
    assert_eq!(written(&operation.request), request);
    assert_eq!(
        operation
            .response
            .as_ref()
            .map_or_else(String::new, written),
        response
    );
}

#[test]
fn wrapped_names_follow_from_operation_arguments_and_facets() {
    let shop = ShopStub::DESCRIPTION;
    check(
        shop,
        "PlaceOrder",
        "{urn:example:shop}PlaceOrder: order urgent coupons; {urn:example:shop}session {urn:example:head}trace",
        "{urn:example:shop}PlaceOrderResponse: return; ",
    );
    check(
        shop,
        "find",
        "{urn:example:shop}FindRequest: id; ",
        "{urn:example:items}Found: {urn:example:items}item; ",
    );
    check(
        shop,
        "count",
        "{urn:example:shop}count: by; ",
        "{urn:example:shop}countResponse: count {urn:example:items}total; {urn:example:shop}session",
    );
    check(
        shop,
        "ping",
        "{urn:example:shop}ping: ; ",
        "{urn:example:shop}pingResponse: ; ",
    );
    check(shop, "log", "{urn:example:shop}log: line; ", "");
    let place_order = operation(shop, "PlaceOrder");
    assert_eq!(place_order.action, "urn:example:shop/PlaceOrder");
    let indices = |parts: &[rmix_wsdl::names::Part]| -> Vec<usize> {
        parts.iter().map(|part| part.index).collect()
    };
    assert_eq!(indices(&place_order.request.headers), [0, 1]);
    assert_eq!(indices(&place_order.request.parts), [2, 3, 4]);
}

#[test]
fn faults_are_named_after_variants() {
    let faults = operation(ShopStub::DESCRIPTION, "find").faults;
    let names: Vec<_> = faults
        .iter()
        .map(|fault| fault.element.to_string())
        .collect();
    assert_eq!(
        names,
        [
            "{urn:example:shop}SoldOut",
            "{urn:example:shop}NotFound",
            "{urn:example:shop}Refused",
            "{urn:example:items}Late",
        ]
    );
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
#[rmix(namespace = "urn:types")]
struct Problem {
    code: i32,
}

#[rmix::remote(namespace = "urn:odd")]
trait Odd {
    async fn one(&self) -> Result<(), Problem>;
    async fn two(&self) -> Result<(), String>;
}

#[test]
fn faults_without_variants_are_named_after_their_type() {
    let name = |method| {
        operation(OddStub::DESCRIPTION, method).faults[0]
            .element
            .to_string()
    };
    assert_eq!(name("one"), "{urn:odd}Problem");
    assert_eq!(name("two"), "{urn:odd}fault");
}

#[rmix::remote(namespace = "urn:b", soap(style = "bare"))]
trait Names {
    #[rmix(soap(
        request = "Ask",
        request_namespace = "urn:q",
        response = "Told",
        response_namespace = "urn:a"
    ))]
    async fn given(&self, x: u32) -> u32;
    #[rmix(soap(response = "Told", result = "it"))]
    async fn result(&self, x: u32) -> u32;
    async fn nothing(&self);
}

#[test]
fn bare_elements_are_the_argument_and_the_result() {
    let bare = BareStub::DESCRIPTION;
    check(
        bare,
        "ask",
        "-: {urn:example:bare}query; {urn:example:bare}session",
        "-: {urn:example:bare}answer; ",
    );
    check(
        bare,
        "double",
        "-: {urn:example:other}number; ",
        "-: {urn:example:other}doubleResponse; ",
    );
    let names = NamesStub::DESCRIPTION;
    check(names, "given", "-: {urn:q}Ask; ", "-: {urn:a}Told; ");
    check(names, "result", "-: {urn:b}x; ", "-: {urn:b}it; ");
    check(names, "nothing", "-: ; ", "-: ; ");
}

#[test]
fn parts_of_rpc_have_no_namespace() {
    check(
        RpcStub::DESCRIPTION,
        "swap",
        "{urn:example:rpc:in}swap: left right; {urn:example:rpc}session",
        "{urn:example:rpc:out}swapResponse: left right; {urn:example:rpc}session",
    );
}

#[test]
fn types_of_one_name_are_numbered_and_all_are_found_by_description() {
    let shop = ShopStub::DESCRIPTION;
    let names = TypeNames::of(shop);
    let order = shop.methods()[0].arguments()[2].ty();
    let named = |field: &str| {
        let field = order
            .fields()
            .iter()
            .find(|one| one.name() == field)
            .unwrap();
        let ty = match field.ty().kind {
            type_kind::OPTION | type_kind::SEQ => field.ty().element().unwrap(),
            _ => field.ty(),
        };
        names.get(ty).map(ToString::to_string)
    };
    assert_eq!(named("page").unwrap(), "{urn:example:shop}Page");
    assert_eq!(named("other").unwrap(), "{urn:example:shop}Page2");
    assert_eq!(named("items").unwrap(), "{urn:example:items}Item");
    // The base stands for the enum of derived types.
    assert_eq!(named("shape").unwrap(), "{urn:example:shop}Outline");
    // A choice is no type, and neither is a fault's enum.
    assert_eq!(named("contact"), None);
    let all: Vec<_> = names
        .iter()
        .map(|(name, _)| name.local.to_string())
        .collect();
    assert!(!all.contains(&"Contact".to_owned()) && !all.contains(&"ShopFault".to_owned()));
    assert!(all.contains(&"Polygon".to_owned()) && all.contains(&"Missing".to_owned()));
}
