//! What cannot be described is refused, by a sentence that says where and what to write instead.

use std::collections::BTreeMap;

use rmix::Interface;
use rmix::generated::{FieldDesc, InterfaceDesc, MethodDesc, Schema, TypeDesc, style, type_kind};
use rmix_wsdl::{DEPTH_MAX, Error, Options, wsdl};
use serde::{Deserialize, Serialize};

/// Declares an interface with these operations and gives what its description says.
macro_rules! refusal {
    ($arguments:tt { $($body:tt)* }) => { {
        #[rmix::remote $arguments]
        trait One { $($body)* }
        wsdl(<OneStub as Interface>::DESCRIPTION, &Options::new()).unwrap_err().to_string()
    } };
}

macro_rules! data {
    ($($(#[$facet:meta])* $name:ident { $($(#[$of:meta])* $field:ident: $ty:ty),* })*) => { $(
        #[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
        $(#[$facet])*
        struct $name { $($(#[$of])* $field: $ty),* }
    )* };
}

data! {
    Plain { text: String }
    Headed { #[rmix(header)] text: String }
    Mixed { #[rmix(text)] text: String, more: u32 }
    TwoTexts { #[rmix(text)] text: String, #[rmix(text)] more: u32 }
    NoText { #[rmix(attribute)] plain: Plain }
    Many { #[rmix(attribute)] numbers: Vec<u32> }
    NoList { #[rmix(list)] number: u32 }
    NotWrapped { #[rmix(wrapped = "item")] number: u32 }
    NoChoice { #[rmix(choice)] number: u32 }
    Thrice { option: Option<Option<Option<u32>>> }
    Named { #[serde(rename = "a b")] field: u32 }
    Again { red: u32, #[rmix(choice)] colour: Lower }
    Other { number: u32 }
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
#[serde(rename_all = "lowercase")]
enum Lower {
    Red(u32),
    Green(u32),
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
#[rmix(xsi_type)]
enum Unlike {
    Plain(Plain),
    Other(Other),
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
#[rmix(xsi_type)]
enum Twice {
    Plain(Plain),
    Again(Plain),
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
enum Absent {
    Perhaps(Option<u32>),
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
enum Repeated {
    Numbers(Vec<u32>),
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
enum Dated {
    Late(u32),
}

#[derive(Debug, Clone, Serialize, Deserialize, rmix::Data)]
enum Lated {
    Late(String),
}

#[test]
fn interfaces_have_a_namespace() {
    assert_eq!(
        refusal!(() { async fn f(&self); }),
        "`One` has no namespace: give it `#[rmix::remote(namespace = \"urn:…\")]`"
    );
}

#[test]
fn requests_are_told_apart() {
    assert_eq!(
        refusal!((namespace = "urn:o") {
            async fn f(&self);
            #[rmix(soap(request = "f"))]
            async fn g(&self);
        }),
        "requests of `f` and `g` look alike, both are {urn:o}f: give one another `request`"
    );
    let bare = refusal!((namespace = "urn:o", soap(style = "bare")) {
        async fn f(&self) -> u32;
        async fn g(&self) -> u64;
    });
    assert!(bare.contains("both are nothing"), "{bare}");
}

#[test]
fn one_element_has_one_content() {
    assert_eq!(
        refusal!((namespace = "urn:o") {
            async fn f(&self) -> Result<(), Dated>;
            async fn g(&self) -> Result<(), Lated>;
        }),
        "`One.g.Late` is the element {urn:o}Late, which has other content elsewhere in the interface"
    );
}

#[test]
fn operations_have_different_names() {
    let methods = vec![
        MethodDesc::dynamic("f", 1, 0),
        MethodDesc::dynamic("f", 2, 0),
    ];
    let interface = InterfaceDesc::leak("One", "urn:o", (0, 0), style::WRAPPED, methods);
    let error = wsdl(interface, &Options::new()).unwrap_err();
    assert_eq!(error.to_string(), "`One` has two operations called `f`");
}

#[test]
fn what_schemas_cannot_say_is_refused_by_type() {
    let map = refusal!((namespace = "urn:o") { async fn f(&self, all: BTreeMap<String, u32>); });
    assert_eq!(
        map,
        "`One.f.all` is a map, which XML Schema does not have: use a sequence of structs with key and value"
    );
    let any = refusal!((namespace = "urn:o") { async fn f(&self) -> rmix::Value; });
    assert!(any.starts_with("`One.f.return` is any value"), "{any}");
}

macro_rules! refuses_type {
    ($($test:ident: $ty:ty => $path:literal, $what:literal;)*) => { $(
        #[test]
        fn $test() {
            let message = refusal!((namespace = "urn:o") { async fn f(&self, it: $ty); });
            assert!(message.starts_with(concat!("`One.", $path, "` is ", $what, ":")), "{message}");
        }
    )* };
}

refuses_type! {
    header_in_a_type: Headed => "Headed.text", "a header block in a type";
    text_beside_elements: Mixed => "Mixed.more", "in a type with text and elements";
    two_texts: TwoTexts => "TwoTexts.more", "the text of an element that has one";
    struct_as_attribute: NoText => "NoText.plain", "no text, where only text can stand";
    sequence_as_attribute: Many => "Many.numbers", "no text, where only text can stand";
    list_of_no_sequence: NoList => "NoList.number", "no sequence, but `list`";
    wrapped_without_sequence: NotWrapped => "NotWrapped.number", "no sequence, but `wrapped`";
    choice_of_no_enum: NoChoice => "NoChoice.number", "a choice that is no enum";
    three_options: Thrice => "Thrice.option", "an option of an option of an option";
    element_and_variant_of_one_name: Again => "Again.colour", "an element of a name that another one in its type has";
    derived_without_the_fields_of_its_base: Unlike => "Other", "derived from a type whose fields it does not start with";
    derived_from_itself: Twice => "Plain", "derived from itself";
    variant_that_may_be_absent: Absent => "Absent.Perhaps", "a variant that may be absent";
}

#[test]
fn names_are_names_in_xml() {
    assert_eq!(
        refusal!((namespace = "urn:o") { async fn f(&self, it: Named); }),
        "`One.Named.a b` is called `a b`, which is no name in XML: rename it on the wire"
    );
    let operation = refusal!((namespace = "urn:o") { #[rmix(name = "1st")] async fn f(&self); });
    assert!(operation.contains("called `1st`"), "{operation}");
    let wrapper =
        refusal!((namespace = "urn:o") { #[rmix(soap(request = "a:b"))] async fn f(&self); });
    assert!(wrapper.contains("called `a:b`"), "{wrapper}");
}

#[test]
fn faults_are_one_element() {
    let message = refusal!((namespace = "urn:o") { async fn f(&self) -> Result<(), Repeated>; });
    assert!(
        message.starts_with("`One.f.Numbers` is a fault with a sequence as its content:"),
        "{message}"
    );
}

#[test]
fn bare_bodies_are_one_element_that_is_there() {
    macro_rules! bare {
        ($($body:tt)*) => { refusal!((namespace = "urn:o", soap(style = "bare")) { $($body)* }) };
    }
    let several = bare!(
        async fn f(&self, a: u32, b: u32);
    );
    assert!(
        several.starts_with("`One.f` is of the style bare, with several values"),
        "{several}"
    );
    let absent = bare!(
        async fn f(&self, a: Option<u32>);
    );
    assert!(absent.contains("with a body that may be empty"), "{absent}");
    let sequence = bare!(
        async fn f(&self, a: Vec<u32>);
    );
    assert!(
        sequence.contains("a sequence where one element stands alone"),
        "{sequence}"
    );
    let text = bare!(
        async fn f(&self, #[rmix(text)] a: u32);
    );
    assert!(text.contains("without an element around it"), "{text}");
}

#[test]
fn parts_of_rpc_are_there_once_without_a_namespace() {
    macro_rules! rpc {
        ($($body:tt)*) => { refusal!((namespace = "urn:o", soap(style = "rpc")) { $($body)* }) };
    }
    for absent in [
        rpc!(
            async fn f(&self, a: Option<u32>);
        ),
        rpc!(
            async fn f(&self, a: Vec<u32>);
        ),
        rpc!(
            async fn f(&self) -> Option<u32>;
        ),
        rpc!(
            async fn f(&self, #[rmix(nillable)] a: Option<u32>);
        ),
    ] {
        assert!(
            absent.contains("a part of the style rpc that may be absent, nil or repeated"),
            "{absent}"
        );
    }
    let qualified = rpc!(
        async fn f(&self, #[rmix(namespace = "urn:p")] a: u32);
    );
    assert!(qualified.contains("R2735"), "{qualified}");
    let renamed = rpc!(
        #[rmix(soap(response = "g"))]
        async fn f(&self);
    );
    assert!(renamed.contains("R2729"), "{renamed}");
    let arguments = vec![
        FieldDesc::new("a", Schema::of::<u32>()),
        FieldDesc::new("a", Schema::of::<u32>()),
    ]
    .leak();
    let methods = vec![MethodDesc::new("f", 0, 0, arguments, None, None)];
    let interface = InterfaceDesc::leak("One", "urn:o", (0, 0), style::RPC, methods);
    let twice = wsdl(interface, &Options::new()).unwrap_err().to_string();
    assert!(
        twice.starts_with("`One.f.a` is a part of a name that another one has"),
        "{twice}"
    );
}

#[test]
fn encoded_values_are_elements() {
    data! { Attributed { #[rmix(attribute)] a: u32 } }
    let message = refusal!((namespace = "urn:o", soap(style = "encoded")) { async fn f(&self, it: Attributed); });
    assert!(
        message.starts_with("`One.Attributed.a` is no element of its own"),
        "{message}"
    );
}

#[test]
fn addresses_are_text_that_xml_allows() {
    #[rmix::remote(namespace = "urn:o")]
    trait One {
        async fn f(&self);
    }
    let options = Options::new().soap_1_1("http://localhost/\u{1}");
    assert_eq!(
        wsdl(OneStub::DESCRIPTION, &options),
        Err(Error::Character {
            text: "http://localhost/\u{1}".to_owned()
        })
    );
}

/// An interface with one argument: sequences within each other, so many.
fn nested(count: usize) -> &'static InterfaceDesc {
    let mut schema = Schema::of::<u32>();
    for _ in 0..count {
        let (of, describe) = Schema::later();
        describe(TypeDesc::container(type_kind::SEQ, 0, schema, None));
        schema = of;
    }
    with_argument(schema)
}

fn with_argument(schema: Schema) -> &'static InterfaceDesc {
    let arguments = vec![FieldDesc::new("it", schema)].leak();
    let methods = vec![MethodDesc::new("f", 0, 0, arguments, None, None)];
    InterfaceDesc::leak("One", "urn:o", (0, 0), style::WRAPPED, methods)
}

#[test]
fn depth_is_limited() {
    // The operation and the argument are two steps, and the first sequence takes none.
    let most = DEPTH_MAX - 1;
    assert!(wsdl(nested(most), &Options::new()).is_ok());
    let error = wsdl(nested(most + 1), &Options::new()).unwrap_err();
    assert!(
        matches!(
            error,
            Error::TooDeep {
                limit: DEPTH_MAX,
                ..
            }
        ),
        "{error}"
    );
    assert!(
        error.to_string().starts_with("`One.f.it.item.item."),
        "{error}"
    );
}

#[test]
fn types_without_a_name_that_contain_themselves_are_refused() {
    let (schema, describe) = Schema::later();
    describe(TypeDesc::container(type_kind::SEQ, 0, schema, None));
    let error = wsdl(with_argument(schema), &Options::new()).unwrap_err();
    assert!(matches!(error, Error::TooDeep { .. }), "{error}");
}
