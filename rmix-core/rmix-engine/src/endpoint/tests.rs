//! What endpoints are made of, what is refused and where, and that any text is either.

use proptest::prelude::*;

use super::*;
use crate::Reference;

fn endpoint(text: &str) -> Endpoint {
    Endpoint::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Scheme, protocol, transport, authority, path and options of a text, in one line.
fn anatomy(text: &str) -> String {
    let endpoint = endpoint(text);
    let mut line = format!("{} = {}", endpoint.scheme(), endpoint.protocol());
    if let Some(transport) = endpoint.transport() {
        line += &format!(" over {transport}");
    }
    if let Some((host, port)) = endpoint.authority() {
        line += &format!("; host {host}");
        if let Some(port) = port {
            line += &format!(" port {port}");
        }
    }
    line += &format!("; path {:?}", endpoint.path_decoded());
    for (name, value) in endpoint.options() {
        line += &format!("; {name}={value}");
    }
    line
}

fn refusal(text: &str) -> String {
    Endpoint::parse(text).unwrap_err().to_string()
}

#[test]
fn the_parts_of_every_kind_of_endpoint() {
    let cases = [
        (
            "sunrpc+tcp://127.0.0.1:7000/536870978/1?uid=0&gid=5",
            "sunrpc+tcp = sunrpc over tcp; host 127.0.0.1 port 7000; path \"/536870978/1\"; uid=0; gid=5",
        ),
        (
            "msgpack+tcp://127.0.0.1:0",
            "msgpack+tcp = msgpack over tcp; host 127.0.0.1 port 0; path \"\"",
        ),
        (
            "msgpack+unix:/run/x.sock",
            "msgpack+unix = msgpack over unix; path \"/run/x.sock\"",
        ),
        (
            "msgpack+unix:///run/a%20b.sock",
            "msgpack+unix = msgpack over unix; path \"/run/a b.sock\"",
        ),
        (
            "pipe+exec:nvim --embed -c ':e x?y=1#2'",
            "pipe+exec = pipe over exec; path \"nvim --embed -c ':e x?y=1#2'\"",
        ),
        (
            "pipe+exec://server/bin/program 100%",
            "pipe+exec = pipe over exec; path \"//server/bin/program 100%\"",
        ),
        (
            "pipe+fifo:/tmp/a,/tmp/b",
            "pipe+fifo = pipe over fifo; path \"/tmp/a,/tmp/b\"",
        ),
        (
            "soap+http://[::1]:80/station?wsdl",
            "soap+http = soap over http; host ::1 port 80; path \"/station\"; wsdl=",
        ),
        (
            "soap+http://[fe80::1%25eth0]/",
            "soap+http = soap over http; host fe80::1%25eth0; path \"/\"",
        ),
        ("shm://station", "shm = shm; host station; path \"\""),
        (
            "jrmp+tcp+tls://h:1?a%26b=c%3Dd",
            "jrmp+tcp+tls = jrmp over tcp+tls; host h port 1; path \"\"; a&b=c=d",
        ),
        ("pipe+stdio:", "pipe+stdio = pipe over stdio; path \"\""),
    ];
    for (text, expected) in cases {
        assert_eq!(anatomy(text), expected, "{text}");
    }
}

#[test]
fn rest_is_everything_after_the_first_colon() {
    assert_eq!(endpoint("pipe+exec:a:b?c").rest(), "a:b?c");
    assert_eq!(endpoint("shm://x/y?z=1").rest(), "//x/y?z=1");
}

#[test]
fn a_refusal_says_where_and_what_was_expected() {
    for (text, expected) in REFUSALS {
        assert_eq!(refusal(text), *expected, "{text:?}");
    }
}

const REFUSALS: &[(&str, &str)] = &[
    (
        "",
        "endpoint, byte 0: expected a scheme and a colon, found the end",
    ),
    (
        "shm",
        "endpoint, byte 3: expected a scheme and a colon, found the end",
    ),
    (
        ":x",
        "endpoint, byte 0: expected a small letter that starts a protocol or a transport, found ':'",
    ),
    (
        "TCP://h",
        "endpoint, byte 0: expected a small letter that starts a protocol or a transport, found 'T'",
    ),
    (
        "sunrpc+://h",
        "endpoint, byte 7: expected a small letter that starts a protocol or a transport, found ':'",
    ),
    (
        "/run/x.sock",
        "endpoint, byte 0: expected a small letter that starts a protocol or a transport, found '/'",
    ),
    (
        "sun_rpc:x",
        "endpoint, byte 3: expected a colon after the scheme (small letters, digits, `+`, `-`, `.`), found '_'",
    ),
    (
        "rmix:Station#1",
        "endpoint, byte 0: expected an endpoint; `rmix:` starts a reference, found 'r'",
    ),
    (
        "a+tcp://h:65536",
        "endpoint, byte 10: expected a port from 0 to 65535, found '6'",
    ),
    (
        "a+tcp://h:",
        "endpoint, byte 10: expected a port from 0 to 65535, found the end",
    ),
    (
        "a+tcp://h:+1",
        "endpoint, byte 10: expected a port from 0 to 65535, found '+'",
    ),
    (
        "a+tcp://:80",
        "endpoint, byte 8: expected a host, found ':'",
    ),
    (
        "a+tcp://",
        "endpoint, byte 8: expected a host or a path, found the end",
    ),
    (
        "a+tcp://me@h",
        "endpoint, byte 8: expected a host, found a name or password before an `@`, which have no place in an endpoint: \
         it is printed and logged",
    ),
    (
        "a+tcp://::1",
        "endpoint, byte 8: expected a host, found ':'",
    ),
    (
        "a+tcp://[::1",
        "endpoint, byte 12: expected `]` after an IPv6 address, found the end",
    ),
    (
        "a+tcp://[::g]:1",
        "endpoint, byte 9: expected an IPv6 address in brackets, found ':'",
    ),
    (
        "a+tcp://[::1%25]",
        "endpoint, byte 12: expected a zone such as `%25eth0`, found '%'",
    ),
    (
        "a+tcp://[::1]80",
        "endpoint, byte 13: expected a colon and a port, or a path, found '8'",
    ),
    (
        "a+unix:/x#y",
        "endpoint, byte 9: expected no fragment (`#` is written `%23`), found '#'",
    ),
    (
        "a+unix:/x y",
        "endpoint, byte 9: expected no white space (a space is written `%20`), found ' '",
    ),
    (
        "a+unix:/x\ny",
        "endpoint, byte 9: expected no control character, found '\\n'",
    ),
    (
        "a+unix:/x%4",
        "endpoint, byte 9: expected `%` followed by two hexadecimal digits, found '%'",
    ),
    (
        "a+unix:/x%FF",
        "endpoint, byte 9: expected escapes that decode to UTF-8, found '%'",
    ),
    (
        "a+unix:/x%00",
        "endpoint, byte 9: expected no escaped NUL, found '%'",
    ),
    (
        "a:/x?",
        "endpoint, byte 5: expected an option `name=value`, found the end",
    ),
    (
        "a:/x?b=1&=2",
        "endpoint, byte 9: expected an option `name=value`, found '='",
    ),
    (
        "a:/x?b=%1",
        "endpoint, byte 7: expected `%` followed by two hexadecimal digits, found '%'",
    ),
    (
        "a:/x?b=1&%62=2",
        "endpoint, byte 9: the option \"b\" is given twice",
    ),
    (
        "pipe+exec: ",
        "endpoint, byte 11: expected a command, found the end",
    ),
    (
        "pipe+exec:a\0b",
        "endpoint, byte 11: expected no control character, found '\\0'",
    ),
];

#[test]
fn the_longest_endpoint_passes_and_one_byte_more_is_refused() {
    let longest = format!("a:/{}", "x".repeat(ENDPOINT_BYTES_MAX - 3));
    assert_eq!(endpoint(&longest).as_str(), longest);
    assert_eq!(
        Endpoint::parse(&format!("{longest}x")),
        Err(EndpointError::TooLong {
            bytes: ENDPOINT_BYTES_MAX + 1,
            bytes_max: ENDPOINT_BYTES_MAX
        })
    );
}

#[test]
fn options_are_found_by_their_decoded_name() {
    let endpoint = endpoint("a:/x?one=1&tw%6F=2");
    assert_eq!(endpoint.option("two").as_deref(), Some("2"));
    assert_eq!(endpoint.option("three"), None);
}

/// Texts that are endpoints, of every kind.
pub(crate) fn any_endpoint() -> impl Strategy<Value = String> {
    let scheme = "[a-z][a-z0-9.-]{0,6}(\\+(tcp|unix|http|x-1))?"
        .prop_filter("reserved", |scheme| scheme != "rmix");
    let authority =
        "(//([a-z0-9.]{1,9}|\\[::1\\]|\\[fe80::a\\])(:[0-9]{1,4})?)?(/[a-zA-Z0-9,|@é]{0,8}){0,3}";
    let uri = (
        scheme,
        authority,
        "(\\?[a-z]{1,5}(=([A-Z0-9@|]|%2[0-9A-F]|%C3%A9){0,5})?)?",
    )
        .prop_map(|(scheme, path, query)| format!("{scheme}:{path}{query}"))
        .prop_filter("an authority needs a host", |text| {
            !text.contains("://") || !text.contains(":///")
        });
    let command = "pipe\\+exec:[a-z/]{1,9}[ -~é]{0,20}";
    prop_oneof![3 => uri, 1 => command]
}

proptest! {
    #[test]
    fn printing_gives_the_text_back(text in any_endpoint()) {
        let Ok(endpoint) = Endpoint::parse(&text) else {
            return Err(TestCaseError::reject("not an endpoint"));
        };
        prop_assert_eq!(endpoint.to_string(), text.as_str());
        prop_assert_eq!(Endpoint::parse(endpoint.as_str()), Ok(endpoint.clone()));
        prop_assert_eq!(format!("{}:{}", endpoint.scheme(), endpoint.rest()), text);
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in ".{0,80}") {
        let _ = Endpoint::parse(&text);
    }

    #[test]
    fn any_text_of_separators_is_parsed_or_refused(text in "[a-z+:/?&=%0-9\\[\\]@#é ]{0,40}") {
        if let Ok(endpoint) = Endpoint::parse(&text) {
            prop_assert_eq!(format!("{}:{}", endpoint.scheme(), endpoint.rest()), text);
            let _ = (endpoint.authority(), endpoint.path_decoded(), endpoint.options().count());
        }
    }
}

#[test]
fn user_information_is_refused_and_never_shown() {
    for (text, shown) in [
        ("a+tcp://me:secret@h:1/x", "a+tcp://…@h:1/x"),
        ("a+tcp://me@h", "a+tcp://…@h"),
        ("a+tcp://:secret@h", "a+tcp://…@h"),
        ("a+tcp://me:sec@ret@h", "a+tcp://…@h"),
        ("a+tcp://me:sec/ret@h", "a+tcp://…@h"),
        ("a+tcp://me:sec?ret@h", "a+tcp://…@h"),
        ("a+tcp://me:1234@h", "a+tcp://…@h"),
        (
            "a+tcp://me:secret@[::1]:80/x?y=z",
            "a+tcp://…@[::1]:80/x?y=z",
        ),
    ] {
        let refused = Endpoint::parse(text);
        let expected = EndpointError::UserInformation { position: 8 };
        assert_eq!(refused, Err(expected), "{text}");
        assert_eq!(Endpoint::redacted(text), shown);
    }
    for (text, shown) in [
        ("a+tcp://me:sec#ret@h", "a+tcp://…@h"),
        ("A+TCP://me:secret@h", "A+TCP://…@h"),
        (
            "rmix:x#0@a+tcp://h:1|b://me:secret@h",
            "rmix:x#0@a+tcp://…@h",
        ),
        ("rmix:x#0@a+tcp://me:secret@h", "rmix:x#0@a+tcp://…@h"),
    ] {
        assert!(Reference::parse(text).is_err());
        assert_eq!(Endpoint::redacted(text), shown);
    }
}

#[test]
fn what_is_no_user_information_is_shown() {
    for text in [
        "a+tcp://h:99999/x@y",
        "a+tcp://h:1/x@y?z=@",
        "a+tcp://[::1]:80/x@y",
        "a+unix:/x@y",
        "a+tcp://h/x@y",
        "rmix:x#0@a+tcp://h:1",
        "",
    ] {
        assert_eq!(Endpoint::redacted(text), text);
    }
    assert!(Endpoint::parse("a+tcp://h:1/x@y?z=@").is_ok());
}
