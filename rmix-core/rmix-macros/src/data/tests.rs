//! Claims about the expansion of `derive(rmix::Data)`, by key fragments, and about the errors it reports. The rules of
//! `rename_all` are checked against serde_derive itself, which is the only judge of them.

use proc_macro2::TokenStream;
use quote::quote;
use serde::Serialize;

use super::case::Case;
use super::derive;

#[track_caller]
fn check(item: TokenStream, fragment: TokenStream) {
    let expansion = derive(item).expect("the type can be described");
    syn::parse2::<syn::ItemImpl>(expansion.clone()).expect("the expansion is an implementation");
    let (expansion, fragment) = (expansion.to_string(), fragment.to_string());
    // Spaces differ: `>>` is one token here and two there.
    let flat = |text: &str| text.replace(' ', "");
    assert!(
        flat(&expansion).contains(&flat(&fragment)),
        "`{fragment}` is missing in:\n{expansion}"
    );
}

#[track_caller]
fn check_errors(item: TokenStream, expected: &[&str]) {
    let error = derive(item).expect_err("the type cannot be described");
    let found: Vec<String> = error.into_iter().map(|e| e.to_string()).collect();
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "`{expected}` is not in `{found}`");
    }
}

#[test]
fn named_fields_make_a_struct() {
    check(
        quote! { struct Reading { place: String, r#type: u8 } },
        quote! {
            impl ::rmix::Data for Reading {
                const SCHEMA: ::rmix::generated::TypeDesc = ::rmix::generated::TypeDesc::structure(
                    ::rmix::generated::type_kind::STRUCT,
                    "Reading",
                    const { &[
                        ::rmix::generated::FieldDesc::new("place", ::rmix::generated::Schema::of::<String>()),
                        ::rmix::generated::FieldDesc::new("type", ::rmix::generated::Schema::of::<u8>())
                    ] },
                );
            }
        },
    );
}

#[test]
fn tuples_newtypes_and_units_follow_serde() {
    check(
        quote! { struct Point(f32, f64); },
        quote! {
            ::rmix::generated::TypeDesc::structure(
                ::rmix::generated::type_kind::TUPLE,
                "Point",
                const { &[
                    ::rmix::generated::FieldDesc::new("", ::rmix::generated::Schema::of::<f32>()),
                    ::rmix::generated::FieldDesc::new("", ::rmix::generated::Schema::of::<f64>())
                ] },
            )
        },
    );
    check(
        quote! { struct Id(u64); },
        quote! { TypeDesc = <u64 as ::rmix::Data>::SCHEMA; },
    );
    check(
        quote! { struct Nothing; },
        quote! { TypeDesc::plain(::rmix::generated::type_kind::UNIT); },
    );
}

#[test]
fn variants_have_names_positions_shapes_and_fields() {
    check(
        quote! { enum Event { Gone, Said(String), Moved(i32, i32), Seen { at: i64 } } },
        quote! {
            ::rmix::generated::TypeDesc::enumeration("Event", const { &[
                ::rmix::generated::VariantDesc::new(
                    "Gone", 0u32, ::rmix::generated::shape::UNIT, const { &[] },
                ),
                ::rmix::generated::VariantDesc::new(
                    "Said", 1u32, ::rmix::generated::shape::NEWTYPE,
                    const { &[::rmix::generated::FieldDesc::new("", ::rmix::generated::Schema::of::<String>())] },
                ),
                ::rmix::generated::VariantDesc::new(
                    "Moved", 2u32, ::rmix::generated::shape::TUPLE,
                    const { &[
                        ::rmix::generated::FieldDesc::new("", ::rmix::generated::Schema::of::<i32>()),
                        ::rmix::generated::FieldDesc::new("", ::rmix::generated::Schema::of::<i32>())
                    ] },
                ),
                ::rmix::generated::VariantDesc::new(
                    "Seen", 3u32, ::rmix::generated::shape::STRUCT,
                    const { &[::rmix::generated::FieldDesc::new("at", ::rmix::generated::Schema::of::<i64>())] },
                )
            ] })
        },
    );
}

#[test]
fn type_parameters_must_be_describable() {
    check(
        quote! { struct Page<'a, T: Clone = u8, const N: usize = 3> where T: Ord { items: [T; N], of: Own<'a> } },
        quote! {
            impl<'a, T: Clone + ::rmix::Data, const N: usize> ::rmix::Data for Page<'a, T, N> where T: Ord
        },
    );
}

#[test]
fn names_on_the_wire_are_serde_s() {
    check(
        quote! {
            #[serde(rename = "reading", rename_all = "camelCase", deny_unknown_fields)]
            struct Reading { the_place: String, #[serde(rename = "C", default)] celsius: f64, #[serde(skip)] gone: Never }
        },
        quote! {
            "reading",
            const { &[
                ::rmix::generated::FieldDesc::new("thePlace", ::rmix::generated::Schema::of::<String>()),
                ::rmix::generated::FieldDesc::new("C", ::rmix::generated::Schema::of::<f64>())
            ] },
        },
    );
    let item = |attribute: TokenStream| {
        quote! {
            #[serde(rename_all = "snake_case", rename_all_fields = "UPPERCASE")]
            enum Event { #attribute SeenNow { at: i64 } }
        }
    };
    check(item(quote!()), quote!("seen_now", 0u32,));
    check(
        item(quote!()),
        quote!("AT", ::rmix::generated::Schema::of::<i64>()),
    );
    check(
        item(quote!(#[serde(rename_all = "PascalCase")])),
        quote!("At", ::rmix::generated::Schema::of::<i64>()),
    );
}

#[test]
fn skipped_variants_at_the_end_leave_positions_alone() {
    check(
        quote! { enum Event { A, #[serde(skip_serializing, skip_deserializing)] B } },
        quote! {
            enumeration("Event", const { &[::rmix::generated::VariantDesc::new(
                "A", 0u32, ::rmix::generated::shape::UNIT, const { &[] },
            )] })
        },
    );
    check_errors(
        quote! { enum Event { #[serde(skip)] A, B } },
        &["move this one to the end"],
    );
}

#[test]
fn transparent_and_stand_in_types_give_their_schema() {
    check(
        quote! { #[serde(transparent)] struct Id<T> { id: u64, of: PhantomData<T> } },
        quote! { TypeDesc = <u64 as ::rmix::Data>::SCHEMA; },
    );
    check(
        quote! { #[serde(into = "(f64, f64)", try_from = "(f64,f64)")] struct Polar { r: f64, a: f64 } },
        quote! { TypeDesc = <(f64, f64) as ::rmix::Data>::SCHEMA; },
    );
    check_errors(
        quote! { #[serde(into = "String")] struct Id { id: u64 } },
        &["give `into` and one of `from`, `try_from` the same type"],
    );
}

#[test]
fn discriminants_are_allowed_without_fields_only() {
    check(
        quote! { enum Colour { Red = 3, Green } },
        quote!("Green", 1u32,),
    );
    check_errors(
        quote! { enum Colour { Red = 3, Mixed(u8) } },
        &["only where no variant has fields"],
    );
}

#[test]
fn shapes_that_not_every_format_carries_are_refused_at_once() {
    check_errors(
        quote! {
            #[serde(tag = "t", content = "c")]
            enum Event { #[serde(untagged)] A, B { #[serde(flatten)] rest: Map, #[serde(with = "m")] x: u8 } }
        },
        &["`tag`", "`content`", "`untagged`", "`flatten`", "`with`"],
    );
    check_errors(quote! { union U { a: u8 } }, &["structs and enums"]);
}

#[test]
fn newtypes_may_contain_another_type_of_their_name_but_not_themselves() {
    check(
        quote! { struct Reading(wire::Reading); },
        quote! { <wire::Reading as ::rmix::Data>::SCHEMA },
    );
    check_errors(
        quote! { struct Forest(Vec<Forest>); },
        &["it cannot contain itself"],
    );
}

#[test]
fn facets_of_xml_are_described() {
    check(
        quote! {
            #[rmix(namespace = "urn:t", qualified)]
            struct Item {
                #[rmix(attribute)] id: u32,
                #[rmix(text)] content: String,
                plain: String,
                #[rmix(unqualified, wrapped = "tag")] tags: Vec<String>,
                #[rmix(namespace = "urn:o", nillable)] other: Option<i32>,
            }
        },
        quote! {
            ::rmix::generated::TypeDesc::structure(::rmix::generated::type_kind::STRUCT, "Item", const { &[
                ::rmix::generated::FieldDesc::new("id", ::rmix::generated::Schema::of::<u32>())
                    .with_xml(const { &::rmix::generated::FieldXml::new(0 | ::rmix::generated::field_flags::ATTRIBUTE, "", "") }),
                ::rmix::generated::FieldDesc::new("content", ::rmix::generated::Schema::of::<String>())
                    .with_xml(const { &::rmix::generated::FieldXml::new(0 | ::rmix::generated::field_flags::TEXT, "", "") }),
                ::rmix::generated::FieldDesc::new("plain", ::rmix::generated::Schema::of::<String>())
                    .with_xml(const { &::rmix::generated::FieldXml::new(0, "urn:t", "") }),
                ::rmix::generated::FieldDesc::new("tags", ::rmix::generated::Schema::of::<Vec<String>>())
                    .with_xml(const { &::rmix::generated::FieldXml::new(0 | ::rmix::generated::field_flags::WRAPPED, "", "tag") }),
                ::rmix::generated::FieldDesc::new("other", ::rmix::generated::Schema::of::<Option<i32>>())
                    .with_xml(const { &::rmix::generated::FieldXml::new(0 | ::rmix::generated::field_flags::NILLABLE, "urn:o", "") })
            ] },)
                .with_xml(const { &::rmix::generated::TypeXml::new(0, "urn:t") })
        },
    );
    check(
        quote! { #[rmix(xsi_type)] enum Shape { Base(Base), Circle(Circle) } },
        quote! {
            .with_xml(const { &::rmix::generated::TypeXml::new(0 | ::rmix::generated::type_flags::DERIVED, "") })
        },
    );
}

#[test]
fn a_name_in_xml_stands_beside_the_one_of_serde() {
    check(
        quote! {
            struct Entry {
                #[serde(rename = "id_2")]
                #[rmix(name = "id", namespace = "urn:o")]
                other: String,
            }
        },
        quote! {
            ::rmix::generated::FieldDesc::new("id_2", ::rmix::generated::Schema::of::<String>())
                .with_xml(const { &::rmix::generated::FieldXml::new(0, "urn:o", "").with_name("id") })
        },
    );
    check(
        quote! { enum Code { #[serde(rename = "b")] #[rmix(name = "a")] Other(i32) } },
        quote! {
            .with_xml(const { &::rmix::generated::FieldXml::new(0, "", "").with_name("a") })
        },
    );
    check_errors(
        quote! { struct A { #[rmix(text, name = "x")] a: u8, #[rmix(choice, name = "")] b: B } },
        &[
            "`name` contradicts `text`",
            "`name` is empty",
            "`name` contradicts `choice`",
        ],
    );
}

#[test]
fn facets_that_contradict_or_do_not_apply_are_refused() {
    check_errors(
        quote! { #[rmix(qualified)] struct A { #[rmix(attribute, wrapped = "x")] a: u8, #[rmix(bold)] b: u8 } },
        &[
            "`wrapped` contradicts `attribute`",
            "a field takes `attribute`",
            "needs the type's `namespace`",
        ],
    );
    check_errors(
        quote! { #[rmix(namespace = "urn:t")] struct Id(u64); },
        &["described as another"],
    );
    check_errors(
        quote! { #[rmix(xsi_type)] struct A { a: u8 } },
        &["stands on an enum"],
    );
    check_errors(
        quote! { #[rmix(xsi_type)] enum A { B(B), C } },
        &["holds one unnamed value"],
    );
}

macro_rules! cases {
    ($($rule:literal),*) => { $( {
        #[derive(Serialize)]
        #[serde(rename_all = $rule)]
        #[allow(non_snake_case, reason = "two underscores are a case of the rules")]
        struct Fields { plain: u8, two_words: u8, _led: u8, a__b: u8, end_: u8, x9_y: u8 }
        #[derive(Serialize)]
        #[serde(rename_all = $rule)]
        enum Variants { Plain, TwoWords, HTTPServer, A, B2C }

        let case = Case::named($rule).expect("serde knows the rule");
        let fields = serde_json::to_string(&Fields { plain: 0, two_words: 0, _led: 0, a__b: 0, end_: 0, x9_y: 0 });
        let expected = ["plain", "two_words", "_led", "a__b", "end_", "x9_y"]
            .map(|name| format!("\"{}\":0", case.field(name)));
        assert_eq!(fields.expect("plain data"), format!("{{{}}}", expected.join(",")));
        let variants = [Variants::Plain, Variants::TwoWords, Variants::HTTPServer, Variants::A, Variants::B2C];
        let expected = ["Plain", "TwoWords", "HTTPServer", "A", "B2C"].map(|name| case.variant(name));
        assert_eq!(
            serde_json::to_string(&variants).expect("plain data"),
            serde_json::to_string(&expected).expect("plain data"),
        );
    } )* };
}

#[test]
fn rules_rename_as_serde_does() {
    cases!(
        "lowercase",
        "UPPERCASE",
        "PascalCase",
        "camelCase",
        "snake_case",
        "SCREAMING_SNAKE_CASE",
        "kebab-case",
        "SCREAMING-KEBAB-CASE"
    );
}
