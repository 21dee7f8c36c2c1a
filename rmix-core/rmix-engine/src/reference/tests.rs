//! The text form both ways, its limits, and that any text is parsed or refused.

use std::error::Error;

use proptest::prelude::*;

use super::*;
use crate::ENDPOINT_BYTES_MAX;
use crate::endpoint::tests::any_endpoint;

fn endpoint(text: &str) -> Endpoint {
    Endpoint::parse(text).unwrap()
}

fn refusal(text: &str) -> String {
    let error = Reference::parse(text).unwrap_err();
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

#[test]
fn the_text_form_has_interface_object_and_endpoints() {
    let reference = Reference::new(
        "weather/Station",
        ObjectId(17),
        vec![endpoint("msgpack+unix:/run/w.sock"), endpoint("shm://w")],
    )
    .unwrap();
    let text = "rmix:weather/Station#17@msgpack+unix:/run/w.sock|shm://w";
    assert_eq!(reference.to_string(), text);
    assert_eq!(Reference::parse(text).unwrap(), reference);
}

#[test]
fn separators_inside_parts_are_escaped() {
    let reference = Reference::new(
        "a b#c@d|e%é",
        ObjectId(u64::MAX),
        vec![
            endpoint("pipe+exec:sh -c 'a | b@c #d 5%'"),
            endpoint("msgpack+unix:/a%7Cb@c"),
        ],
    )
    .unwrap();
    let text = "rmix:a%20b%23c%40d%7Ce%25%C3%A9#18446744073709551615\
                @pipe+exec:sh%20-c%20'a%20%7C%20b@c%20#d%205%25'|msgpack+unix:/a%257Cb@c";
    assert_eq!(reference.to_string(), text);
    assert_eq!(Reference::parse(text).unwrap(), reference);
}

#[test]
fn a_bare_endpoint_is_the_default_object_there() {
    let reference = Reference::parse("pipe+exec:nvim --embed").unwrap();
    assert_eq!(reference.interface(), "");
    assert_eq!(reference.object(), ObjectId::DEFAULT);
    assert_eq!(reference.endpoints(), [endpoint("pipe+exec:nvim --embed")]);
    assert_eq!(reference.to_string(), "rmix:#0@pipe+exec:nvim%20--embed");
}

#[test]
fn a_reference_without_endpoints_ends_after_the_object() {
    let reference = Reference::new("Listener", ObjectId(3), Vec::new()).unwrap();
    assert_eq!(reference.to_string(), "rmix:Listener#3");
    assert_eq!(Reference::parse("rmix:Listener#3").unwrap(), reference);
}

#[test]
fn a_refusal_says_where_and_what_was_expected() {
    let object = "an object: a decimal number below 2^64 without leading zeros";
    let cases = [
        (
            "rmix:Station".to_owned(),
            "reference, byte 12: expected `#` and an object after the interface, found the end"
                .to_owned(),
        ),
        (
            "rmix:a b#1".to_owned(),
            "reference, byte 6: expected `#` and an object, or an escape such as `%20`, found ' '"
                .to_owned(),
        ),
        (
            "rmix:a%2#1".to_owned(),
            "reference, byte 6: expected `%` followed by two hexadecimal digits, found '%'"
                .to_owned(),
        ),
        (
            "rmix:a#@shm://x".to_owned(),
            format!("reference, byte 7: expected {object}, found '@'"),
        ),
        (
            "rmix:a#01".to_owned(),
            format!("reference, byte 7: expected {object}, found '0'"),
        ),
        (
            "rmix:a#+1".to_owned(),
            format!("reference, byte 7: expected {object}, found '+'"),
        ),
        (
            "rmix:a#-1".to_owned(),
            format!("reference, byte 7: expected {object}, found '-'"),
        ),
        (
            "rmix:a#18446744073709551616".to_owned(),
            format!("reference, byte 7: expected {object}, found '1'"),
        ),
        (
            "rmix:a#1@shm://x|".to_owned(),
            "endpoint 1 of the reference is wrong: \
             endpoint, byte 0: expected a scheme and a colon, found the end"
                .to_owned(),
        ),
        (
            "rmix:a#1@pipe+exec:a b".to_owned(),
            "reference, byte 20: expected no white space (a space is written `%20`), found ' '"
                .to_owned(),
        ),
        (
            "rmix:a#1@shm://x|shm://%zz".to_owned(),
            "reference, byte 23: expected `%` followed by two hexadecimal digits, found '%'"
                .to_owned(),
        ),
        (
            "Station".to_owned(),
            "endpoint 0 of the reference is wrong: endpoint, byte 0: \
             expected a small letter that starts a protocol or a transport, found 'S'"
                .to_owned(),
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(refusal(&text), expected, "{text}");
    }
}

#[test]
fn sixteen_endpoints_pass_and_seventeen_are_refused() {
    let endpoints = |count| vec![endpoint("shm://x"); count];
    let longest = Reference::new("a", ObjectId(1), endpoints(REFERENCE_ENDPOINTS_MAX)).unwrap();
    let too_many = ReferenceError::TooManyEndpoints {
        endpoints: REFERENCE_ENDPOINTS_MAX + 1,
        endpoints_max: REFERENCE_ENDPOINTS_MAX,
    };
    assert_eq!(Reference::parse(&longest.to_string()), Ok(longest.clone()));
    assert_eq!(
        Reference::new("a", ObjectId(1), endpoints(REFERENCE_ENDPOINTS_MAX + 1)),
        Err(too_many.clone())
    );
    assert_eq!(
        Reference::parse(&format!("{longest}|shm://x")),
        Err(too_many)
    );
}

#[test]
fn the_longest_text_passes_and_one_byte_more_is_refused() {
    let interface = "i".repeat(REFERENCE_BYTES_MAX - "rmix:#1".len());
    let longest = Reference::new(interface.clone(), ObjectId(1), Vec::new()).unwrap();
    let too_long = ReferenceError::TooLong {
        bytes: REFERENCE_BYTES_MAX + 1,
        bytes_max: REFERENCE_BYTES_MAX,
    };
    assert_eq!(longest.to_string().len(), REFERENCE_BYTES_MAX);
    assert_eq!(Reference::parse(&longest.to_string()), Ok(longest));
    assert_eq!(
        Reference::new(interface.clone() + "i", ObjectId(1), Vec::new()),
        Err(too_long.clone())
    );
    assert_eq!(
        Reference::parse(&format!("rmix:{interface}i#1")),
        Err(too_long)
    );
}

#[test]
fn the_longest_bare_endpoint_prints_within_the_limit() {
    let command = "|".repeat(ENDPOINT_BYTES_MAX - "pipe+exec:".len());
    let reference = Reference::parse(&format!("pipe+exec:{command}")).unwrap();
    assert_eq!(Reference::parse(&reference.to_string()), Ok(reference));
}

fn any_reference() -> impl Strategy<Value = Reference> {
    let endpoints = prop::collection::vec(any_endpoint(), 0..REFERENCE_ENDPOINTS_MAX);
    (".{0,40}", any::<u64>(), endpoints).prop_map(|(interface, object, endpoints)| {
        let endpoints = endpoints
            .iter()
            .filter_map(|text| Endpoint::parse(text).ok());
        Reference::new(interface, ObjectId(object), endpoints.collect()).unwrap()
    })
}

proptest! {
    #[test]
    fn parsing_undoes_printing(reference in any_reference()) {
        prop_assert_eq!(Reference::parse(&reference.to_string()), Ok(reference));
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in "(rmix:)?.{0,60}") {
        let _ = Reference::parse(&text);
    }

    #[test]
    fn what_is_parsed_prints_to_an_equal_reference(text in "rmix:[a-z%0-9]{0,9}#[0-9]{1,3}(@[a-z:/%|+0-9]{0,20})?") {
        if let Ok(reference) = Reference::parse(&text) {
            prop_assert_eq!(Reference::parse(&reference.to_string()), Ok(reference));
        }
    }
}
