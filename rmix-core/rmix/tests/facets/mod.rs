//! What `#[rmix(…)]` says for SOAP reaches the descriptions that providers read.

use rmix::Interface as _;
use rmix::generated::{InterfaceDesc, field_flags, style, type_flags};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
#[rmix(namespace = "urn:items", qualified)]
struct Item {
    #[rmix(attribute)]
    id: u32,
    name: String,
    #[rmix(unqualified, wrapped = "tag")]
    tags: Vec<String>,
    #[serde(rename = "Shape")]
    #[rmix(nillable)]
    shape: Option<Shape>,
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
struct Base {
    name: String,
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
struct Circle {
    name: String,
    radius: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
#[rmix(xsi_type)]
enum Shape {
    Base(Base),
    Circle(Circle),
}

#[rmix::remote(namespace = "urn:shop", soap(style = "rpc"))]
trait Shop {
    #[rmix(name = "Find", soap(action = "urn:shop/Find", response = "Found"))]
    async fn find(&self, #[rmix(header, namespace = "urn:head")] token: String, item: Item)
    -> Item;
    async fn plain(&self);
}

fn shop() -> &'static InterfaceDesc {
    ShopStub::DESCRIPTION
}

#[test]
fn operations_know_their_interface_and_their_elements() {
    assert_eq!(shop().style, style::RPC);
    let [find, plain] = shop().methods() else {
        panic!("two operations")
    };
    assert!(std::ptr::eq(find.interface().unwrap(), shop()));
    assert!(std::ptr::eq(plain.interface().unwrap(), shop()));
    let soap = find.soap().unwrap();
    assert_eq!((soap.action(), soap.request()), ("urn:shop/Find", ""));
    assert_eq!((soap.response(), soap.result()), ("Found", ""));
    assert!(plain.soap().is_none());
    let [token, item] = find.arguments() else {
        panic!("two arguments")
    };
    assert!(token.xml().has(field_flags::HEADER));
    assert_eq!(token.xml().namespace(), "urn:head");
    assert_eq!((item.xml().flags, item.xml().namespace()), (0, ""));
}

#[test]
fn fields_and_types_know_their_xml() {
    let item = shop().methods()[0].arguments()[1].ty();
    assert_eq!(item.xml().namespace(), "urn:items");
    let found = item.fields().iter().map(|field| {
        let xml = field.xml();
        (field.name(), xml.flags, xml.namespace(), xml.item())
    });
    assert_eq!(
        found.collect::<Vec<_>>(),
        [
            ("id", field_flags::ATTRIBUTE, "", ""),
            ("name", 0, "urn:items", ""),
            ("tags", field_flags::WRAPPED, "", "tag"),
            ("Shape", field_flags::NILLABLE, "urn:items", ""),
        ]
    );
    let shape = item.fields()[3].ty().element().unwrap();
    assert!(shape.xml().has(type_flags::DERIVED));
    let names: Vec<_> = shape
        .variants()
        .iter()
        .map(|variant| variant.name())
        .collect();
    assert_eq!(names, ["Base", "Circle"]);
}
