//! The façade against a small provider of its own: modes of calls, serving, providers and shutdown, threads. Real
//! protocols are tested by their providers and in `tests/system`.

mod calls;
mod descriptors;
mod facets;
mod limits;
mod opening;
mod provider;
mod repeating;
mod running;
mod serving;
mod shapes;
mod station;
mod threads;
mod turns;
mod typed;
mod xsd;

#[test]
fn misuse_of_the_macros_is_refused_with_the_message_at_its_place() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}
