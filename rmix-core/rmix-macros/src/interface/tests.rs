//! Claims about the expansion of `#[rmix::remote]`, by key fragments, and about the errors it reports. That expansions
//! compile and work is shown where the façade is; the places of errors are shown by its `tests/compile_fail`.

use proc_macro2::TokenStream;
use quote::quote;

use super::remote;

#[track_caller]
fn expand(arguments: TokenStream, item: TokenStream) -> String {
    let expansion = remote(arguments, item).expect("the trait is a valid interface");
    syn::parse2::<syn::File>(expansion.clone()).expect("the expansion is a list of items");
    expansion.to_string()
}

#[track_caller]
fn check_contains(expansion: &str, fragment: TokenStream) {
    // Spaces differ: `>>` is one token here and two there.
    let flat = |text: &str| text.replace(' ', "");
    let fragment = fragment.to_string();
    assert!(
        flat(expansion).contains(&flat(&fragment)),
        "`{fragment}` is missing in:\n{expansion}"
    );
}

#[track_caller]
fn check_errors(arguments: TokenStream, item: TokenStream, expected: &[&str]) {
    let error = remote(arguments, item).expect_err("the trait is not a valid interface");
    let found: Vec<String> = error.into_iter().map(|e| e.to_string()).collect();
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "`{expected}` is not in `{found}`");
    }
}

fn station() -> TokenStream {
    quote! {
        /// Weather.
        pub trait Station: Debug {
            /// The latest.
            #[rmix(procedure = 1, idempotent)]
            async fn latest(&self, place: String, #[rmix(name = "At")] at: i64) -> Result<Reading, StationError>;
            #[rmix(oneway, name = "send-report")]
            async fn report(&self, reading: Reading);
            async fn count(&self) -> u32;
            async fn ping(&self);
        }
    }
}

#[test]
fn trait_methods_return_futures_that_are_send() {
    let expansion = expand(quote!(), station());
    check_contains(
        &expansion,
        quote! { pub trait Station: Debug + ::core::marker::Send + ::core::marker::Sync + 'static },
    );
    check_contains(
        &expansion,
        quote! {
            fn latest(&self, place: String, at: i64)
                -> impl ::core::future::Future<Output = Result<Reading, StationError>> + ::core::marker::Send;
        },
    );
    check_contains(
        &expansion,
        quote! { fn ping(&self) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send; },
    );
}

#[test]
fn own_attributes_are_gone_and_docs_stay() {
    let expansion = expand(quote!(), station());
    assert!(!expansion.contains("# [rmix"), "{expansion}");
    let docs = expansion.matches("\" The latest.\"").count();
    assert_eq!(docs, 4, "trait, stub, blocking and starting form");
}

#[test]
fn default_bodies_become_async_blocks() {
    let item = quote! {
        trait Station { async fn double(&self, x: u32) -> u32 { x * 2 } }
    };
    let expansion = expand(quote!(), item);
    check_contains(
        &expansion,
        quote! {
            fn double(&self, x: u32) -> impl ::core::future::Future<Output = u32> + ::core::marker::Send {
                async move { x * 2 }
            }
        },
    );
}

#[test]
fn description_carries_names_numbers_flags_and_schemas() {
    let arguments = quote!(
        namespace = "urn:w",
        name = "Weather",
        sunrpc(program = 0x2000_0042, version = 3)
    );
    let expansion = expand(arguments, station());
    check_contains(
        &expansion,
        quote! {
            ::rmix::generated::MethodDesc::new(
                    "latest",
                    1u32,
                    0 | ::rmix::generated::call_flags::IDEMPOTENT | ::rmix::generated::call_flags::FAULTS,
                    const { &[
                        ::rmix::generated::FieldDesc::new("place", ::rmix::generated::Schema::of::<String>()),
                        ::rmix::generated::FieldDesc::new("At", ::rmix::generated::Schema::of::<i64>())
                    ] },
                    ::core::option::Option::Some(::rmix::generated::Schema::of::<Reading>()),
                    ::core::option::Option::Some(::rmix::generated::Schema::of::<StationError>()),
                ).within(&__RMIX_STATION_INTERFACE),
                ::rmix::generated::MethodDesc::new(
                    "send-report",
                    0u32,
                    0 | ::rmix::generated::call_flags::ONEWAY,
                    const { &[::rmix::generated::FieldDesc::new("reading", ::rmix::generated::Schema::of::<Reading>())] },
                    ::core::option::Option::None,
                    ::core::option::Option::None,
                ).within(&__RMIX_STATION_INTERFACE),
        },
    );
    check_contains(
        &expansion,
        quote! { static __RMIX_STATION_METHODS: [::rmix::generated::MethodDesc; 4usize] = },
    );
    check_contains(
        &expansion,
        quote! {
            ::rmix::generated::InterfaceDesc::new(
                "Weather", "urn:w", 536870978u32, 3u32, &__RMIX_STATION_METHODS
            )
        },
    );
    check_contains(
        &expansion,
        quote! {
            const { &[] },
            ::core::option::Option::Some(::rmix::generated::Schema::of::<()>()),
            ::core::option::Option::None,
        },
    );
}

#[test]
fn stub_results_follow_the_declared_fault() {
    let expansion = expand(quote!(), station());
    check_contains(
        &expansion,
        quote! {
            pub async fn latest(&self, place: String, at: i64)
                -> ::core::result::Result<Reading, ::rmix::CallError<StationError>> {
                self.stub.call::<::rmix::generated::Fallible<Reading, StationError> >(
                    &__RMIX_STATION_METHODS[0],
                    move |out| { out.put(&place)?; out.put(&at)?; ::core::result::Result::Ok(()) }
                ).await
            }
        },
    );
    check_contains(
        &expansion,
        quote! { pub async fn count(&self) -> ::core::result::Result<u32, ::rmix::Error> },
    );
    check_contains(
        &expansion,
        quote! {
            pub async fn report(&self, reading: Reading) -> ::core::result::Result<(), ::rmix::Error> {
                self.stub.oneway(
                    &__RMIX_STATION_METHODS[1],
                    move |out| { out.put(&reading)?; ::core::result::Result::Ok(()) }
                ).await
            }
        },
    );
}

#[test]
fn blocking_and_starting_forms_have_the_operations() {
    let expansion = expand(quote!(), station());
    check_contains(
        &expansion,
        quote! {
            pub fn count(&self) -> ::core::result::Result<u32, ::rmix::Error> {
                self.stub.call_blocking::<::rmix::generated::Plain<u32>>(
                    &__RMIX_STATION_METHODS[2],
                    |_| ::core::result::Result::Ok(())
                )
            }
        },
    );
    check_contains(
        &expansion,
        quote! {
            self.stub.oneway_blocking(
                &__RMIX_STATION_METHODS[1],
                move |out| { out.put(&reading)?; ::core::result::Result::Ok(()) }
            )
        },
    );
    check_contains(
        &expansion,
        quote! {
            pub fn count(&self) -> ::rmix::Pending<::rmix::generated::Plain<u32>> {
                self.stub.start::<::rmix::generated::Plain<u32>>(
                    &__RMIX_STATION_METHODS[2],
                    |_| ::core::result::Result::Ok(())
                )
            }
        },
    );
    let reports = expansion.matches("fn report (").count();
    assert_eq!(
        reports, 3,
        "trait, stub and blocking form; a one-way call is not started"
    );
}

#[test]
fn skeleton_dispatches_by_index() {
    let expansion = expand(quote!(), station());
    check_contains(
        &expansion,
        quote! {
            0usize => {
                let object = ::std::sync::Arc::clone(&self.object);
                incoming.serve::<::rmix::generated::Fallible<Reading, StationError>, _, _>(
                    &__RMIX_STATION_METHODS[0],
                    |arguments| ::core::result::Result::Ok((
                        arguments.next::<String>()?, arguments.next::<i64>()?,
                    )),
                    move |(value_0, value_1,)| async move {
                        <__Object as Station>::latest(&object, value_0, value_1).await
                    },
                )
            }
        },
    );
    check_contains(
        &expansion,
        quote! {
            incoming.serve_oneway(
                &__RMIX_STATION_METHODS[1],
                |arguments| ::core::result::Result::Ok((arguments.next::<Reading>()?,)),
                move |(value_0,)| async move { <__Object as Station>::report(&object, value_0).await },
            )
        },
    );
}

#[test]
fn generated_items_are_as_visible_as_the_trait() {
    for vis in [quote!(), quote!(pub(crate)), quote!(pub)] {
        let item = quote! { #vis trait Quiet { async fn ping(&self); } };
        let expansion = expand(quote!(), item);
        for name in ["Stub", "Blocking", "Start", "Skeleton"] {
            let expected = format!("{vis} struct Quiet{name}");
            assert!(expansion.contains(expected.trim()), "{expected}");
        }
        let public = expansion.contains("pub struct") || expansion.contains("pub fn");
        assert_eq!(public, vis.to_string() == "pub", "{vis}");
    }
}

#[test]
fn raw_names_travel_without_their_mark() {
    let item = quote! { trait Odd { async fn r#match(&self, r#type: u8); } };
    let expansion = expand(quote!(), item);
    check_contains(&expansion, quote! { "match", 0u32, 0, });
    check_contains(
        &expansion,
        quote! { "type", ::rmix::generated::Schema::of::<u8>() },
    );
}

#[test]
fn all_errors_are_reported_at_once() {
    let item = quote! {
        trait Station<T> {
            type Place;
            fn latest(&mut self, place: &str) -> io::Result<u32>;
            #[rmix(oneway, procedure = 0)]
            async fn report(&self) -> u32;
        }
    };
    check_errors(
        quote!(colour = "red", sunrpc(version = 1)),
        item,
        &[
            "unknown key `colour`",
            "`sunrpc` lacks `program = N`",
            "no type, lifetime or const parameters",
            "not associated types",
            "write `async fn`",
            "with both types, not an alias",
            "plain `&self`",
            "write `String`",
            "0 is every program's null procedure",
            "a one-way operation returns nothing",
        ],
    );
}

#[test]
fn numbers_and_names_are_unique() {
    let item = quote! {
        trait Station {
            #[rmix(procedure = 4)] async fn a(&self);
            #[rmix(procedure = 0x4)] async fn b(&self);
            #[rmix(name = "a")] async fn c(&self);
        }
    };
    check_errors(
        quote!(),
        item,
        &[
            "procedure 4 is already that of `a`",
            "the name `a` is already that of `a`",
        ],
    );
}

#[test]
fn sixteen_arguments_are_allowed_and_one_more_is_not() {
    let arguments = |count: usize| {
        let names = (0..count).map(|position| quote::format_ident!("a{}", position));
        quote! { trait Wide { async fn many(&self #(, #names: u8)*); } }
    };
    expand(quote!(), arguments(16));
    check_errors(
        quote!(),
        arguments(17),
        &["at most 16 arguments, this one 17"],
    );
}

#[test]
fn names_of_the_stub_are_taken_but_may_travel() {
    let item = quote! { trait Race { async fn start(&self); } };
    check_errors(quote!(), item, &["every stub has a method `start`"]);
    let item = quote! { trait Race { #[rmix(name = "start")] async fn begin(&self); } };
    expand(quote!(), item);
}

#[test]
fn other_items_are_refused() {
    check_errors(
        quote!(),
        quote!(
            struct Station;
        ),
        &["stands on a trait"],
    );
}

#[test]
fn facets_of_soap_are_described_and_contradictions_refused() {
    let expansion = expand(
        quote!(namespace = "urn:w", soap(style = "rpc")),
        quote! {
            trait Station {
                #[rmix(soap(action = "urn:w/a", request = "Ask", result = "r", result_namespace = "urn:r", outputs))]
                async fn ask(&self, #[rmix(header, namespace = "urn:h")] token: String, #[rmix(hex)] data: Vec<u8>) -> Both;
            }
        },
    );
    check_contains(
        &expansion,
        quote!(.with_style(::rmix::generated::style::RPC);),
    );
    check_contains(
        &expansion,
        quote! {
            ::rmix::generated::MethodSoap::PLAIN
                .with_flags(0 | ::rmix::generated::method_flags::OUTPUTS)
                .with_action("urn:w/a")
                .with_request("Ask", "")
                .with_response("", "")
                .with_result("r", "urn:r")
        },
    );
    check_contains(
        &expansion,
        quote! {
            .with_xml(const {
                &::rmix::generated::FieldXml::new(0 | ::rmix::generated::field_flags::HEADER, "urn:h", "")
            })
        },
    );
    check_errors(
        quote!(soap(style = "round", colour = "red")),
        quote! {
            trait Station {
                #[rmix(soap(form = "x"))]
                async fn ask(&self, #[rmix(header, text)] token: String, #[rmix(bold)] more: String);
            }
        },
        &[
            "there are `wrapped`, `bare`, `rpc` and `encoded`",
            "an interface's `soap` takes `style`",
            "an operation's `soap` takes `action`",
            "`header` contradicts `text`",
            "an argument takes `attribute`",
        ],
    );
}
