//! Errors of `derive(rmix::Union)`; what it writes is tested where it runs, in `rmix`.

use proc_macro2::TokenStream;
use quote::quote;

use super::derive;

#[track_caller]
fn check_errors(item: TokenStream, expected: &[&str]) {
    let error = derive(item).expect_err("it is no union");
    let found: Vec<String> = error.into_iter().map(|e| e.to_string()).collect();
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for (found, expected) in found.iter().zip(expected) {
        assert!(found.contains(expected), "`{expected}` is not in `{found}`");
    }
}

#[test]
fn only_enums_with_arms_are_unions() {
    check_errors(
        quote!(
            struct S;
        ),
        &["`rmix::Union` is for enums"],
    );
    check_errors(
        quote!(
            enum E {}
        ),
        &["at least one arm"],
    );
    check_errors(
        quote!(
            enum E<T> {
                A(T),
            }
        ),
        &["cannot be generic"],
    );
}

#[test]
fn arms_hold_nothing_or_one_value() {
    check_errors(
        quote!(
            enum E {
                A(u8, u8),
                B { a: u8 },
                C(),
            }
        ),
        &["put several in a struct"; 3],
    );
}

#[test]
fn default_arm_is_last_and_holds_the_discriminant() {
    check_errors(
        quote!(
            enum E {
                #[rmix(default)]
                A(i32),
                B,
            }
        ),
        &["the default arm is the last one"],
    );
    check_errors(
        quote!(
            enum E {
                #[rmix(default)]
                A,
            }
        ),
        &["`Other(i32)`"],
    );
}

#[test]
fn names_are_unique_and_keys_are_known() {
    check_errors(
        quote!(
            enum E {
                A,
                #[rmix(name = "A")]
                B,
                #[rmix(number = 3)]
                C,
            }
        ),
        &["the name `A` is already taken", "unknown key `number`"],
    );
    check_errors(
        quote!(
            #[rmix(default)]
            enum E {
                A,
            }
        ),
        &["unknown key `default`: a union has `name`"],
    );
}
