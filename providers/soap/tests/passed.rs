//! References as arguments, results and fields: written as endpoint references, bound to, and echoed.

use std::sync::Mutex;

use rmix::{Cause, Exported, Reference, Remote, Runtime};
use serde::{Deserialize, Serialize};

use crate::calls::runtime;
use crate::envelopes::{SOAP11, ask, envelope};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, rmix::Data)]
pub(crate) struct Rooms {
    pub(crate) best: Option<Remote>,
    pub(crate) all: Vec<Remote>,
}

#[rmix::remote(namespace = "urn:test:hotel")]
pub(crate) trait Hotel {
    async fn room(&self, number: u32) -> Remote;
    async fn same(&self, room: Remote) -> Remote;
    async fn rooms(&self, rooms: Rooms) -> Rooms;
    async fn text(&self, room: Remote) -> String;
}

#[rmix::remote(namespace = "urn:test:room")]
pub(crate) trait Room {
    async fn number(&self) -> u32;
}

struct MyRoom(u32);

impl Room for MyRoom {
    async fn number(&self) -> u32 {
        self.0
    }
}

struct MyHotel {
    runtime: Runtime,
    rooms: Mutex<Vec<Exported>>,
}

impl MyHotel {
    fn at(runtime: Runtime) -> MyHotel {
        MyHotel {
            runtime,
            rooms: Mutex::default(),
        }
    }
}

impl Hotel for MyHotel {
    async fn room(&self, number: u32) -> Remote {
        let endpoint = format!("soap+http://127.0.0.1:0/room{number}?addressing=on");
        let skeleton = RoomSkeleton::new(MyRoom(number));
        let room = self.runtime.export(skeleton, [endpoint]).await.unwrap();
        let reference = Remote::from(&room);
        self.rooms.lock().unwrap().push(room);
        reference
    }

    async fn same(&self, room: Remote) -> Remote {
        room
    }

    async fn rooms(&self, rooms: Rooms) -> Rooms {
        rooms
    }

    async fn text(&self, room: Remote) -> String {
        room.to_string()
    }
}

fn hotel(options: &str) -> (Runtime, Exported, HotelStub) {
    let runtime = runtime();
    let skeleton = HotelSkeleton::new(MyHotel::at(runtime.clone()));
    let endpoint = format!("soap+http://127.0.0.1:0/hotel{options}");
    let exported = runtime.export_blocking(skeleton, [endpoint]).unwrap();
    let stub = runtime.bind(&exported).blocking().unwrap();
    (runtime, exported, stub)
}

#[test]
fn object_that_is_returned_is_bound_to_and_called() {
    let (runtime, _exported, stub) = hotel("");
    let room = stub.blocking().room(17).unwrap();
    assert_eq!(room.interface(), "Room");
    let endpoint = room.endpoints()[0].to_string();
    assert!(
        endpoint.contains("?addressing=on&parameters=%3Cr:interface"),
        "{endpoint}"
    );
    let bound: RoomStub = runtime.bind(&room).blocking().unwrap();
    assert_eq!(bound.blocking().number().unwrap(), 17);
    // Handed on, it is the same reference still.
    let again = stub.blocking().same(room.clone()).unwrap();
    assert_eq!(again, room);
    let bound: RoomStub = runtime.bind(again).blocking().unwrap();
    assert_eq!(bound.blocking().number().unwrap(), 17);
}

#[test]
fn reference_to_an_object_of_before_is_told_from_the_one_that_is_there() {
    let (runtime, _exported, stub) = hotel("");
    let room = stub.blocking().room(17).unwrap().to_string();
    let object = room.split(['#', '@']).nth(1).unwrap().to_owned();
    let gone = room
        .replace(&format!("%253E{object}%253C"), "%253E999%253C")
        .replace(&format!("#{object}@"), "#999@");
    assert_ne!(gone, room);
    let bound: RoomStub = runtime.bind(gone).blocking().unwrap();
    let error = bound.blocking().number().unwrap_err();
    assert_eq!(error.cause(), Cause::NoSuchObject, "{error}");
}

fn remote(text: &str) -> Remote {
    text.parse().unwrap()
}

#[test]
fn references_keep_what_they_say() {
    let (_runtime, _exported, stub) = hotel("");
    for text in [
        "rmix:#0@soap+http://h:1/x",
        "rmix:#0@soap+https://h/x?version=1.2",
        "rmix:#0@msgpack+tcp://h:7",
        "rmix:#0@msgpack+unix:/run/a%2520b.sock|soap+http://h:1/x",
        "rmix:a%20%3Cb%3E#18446744073709551615@msgpack+tcp://h:7|sunrpc+tcp://h:1/2/3?auth=sys",
        "rmix:Room#5",
    ] {
        let sent = remote(text);
        assert_eq!(stub.blocking().same(sent.clone()).unwrap(), sent, "{text}");
        assert_eq!(stub.blocking().text(sent).unwrap(), text);
    }
    let rooms = Rooms {
        best: Some(remote("rmix:#0@soap+http://h:1/x")),
        all: vec![
            remote("rmix:#0@soap+http://h:2/x"),
            remote("rmix:A#1@msgpack+tcp://h:7"),
        ],
    };
    assert_eq!(stub.blocking().rooms(rooms.clone()).unwrap(), rooms);
    let none = Rooms {
        best: None,
        all: Vec::new(),
    };
    assert_eq!(stub.blocking().rooms(none.clone()).unwrap(), none);
}

/// Status and answer to a call with this reference, as another library writes it.
fn ask_for(exported: &Exported, operation: &str, reference: &str) -> (u16, String) {
    let endpoint = exported.endpoints()[0].to_string();
    let authority = endpoint.split('/').nth(2).unwrap().to_owned();
    let body = format!(
        "<h:{operation} xmlns:h='urn:test:hotel' xmlns:k='urn:k' xmlns:a='http://www.w3.org/2005/08/addressing'>\
         <room>{reference}</room></h:{operation}>"
    );
    let head = "POST /hotel HTTP/1.1\r\nContent-Type: text/xml";
    ask(&authority, head, envelope(SOAP11, "", &body).as_bytes())
}

#[test]
fn references_of_others_are_read_and_their_parameters_kept() {
    let (_runtime, exported, _stub) = hotel("");
    let foreign = "<a:Address>\n http://other:8080/s </a:Address><a:ReferenceParameters><k:key xmlns='urn:d'>\
                   <part>&lt;7&gt;</part></k:key></a:ReferenceParameters><a:Metadata><k:more/></a:Metadata><k:x/>";
    let (status, answer) = ask_for(&exported, "same", foreign);
    assert_eq!(status, 200, "{answer}");
    for said in [
        ">http://other:8080/s</wsa:Address>",
        "<part>&lt;7&gt;</part></k:key></wsa:ReferenceParameters>",
        "xmlns:k=\"urn:k\"",
    ] {
        assert!(answer.contains(said), "{answer}");
    }
    let (status, answer) = ask_for(&exported, "text", foreign);
    assert_eq!(status, 200, "{answer}");
    let (_, text) = answer.split_once("<return>").unwrap();
    let (text, _) = text.split_once("</return>").unwrap();
    let reference: Reference = text.replace("&amp;", "&").parse().unwrap();
    let endpoint = reference.endpoints()[0].to_string();
    assert!(endpoint.starts_with("soap+http://other:8080/s?addressing=on&parameters=%3Ck:key"));
}

#[test]
fn references_that_are_none_are_refused_with_their_rule() {
    let (_runtime, exported, _stub) = hotel("");
    let own =
        |what: &str| format!("<a:Address>http://h/x</a:Address><a:Metadata>{what}</a:Metadata>");
    let endpoints = |count: usize| {
        "<e xmlns='urn:rmix:soap'/>"
            .repeat(count)
            .replace("<e ", "<endpoint ")
    };
    for (reference, rule) in [
        (String::new(), "a reference has no address"),
        ("<a:Address/>".to_owned(), "a reference has no address"),
        (
            "<Address>http://h/x</Address>".to_owned(),
            "a reference has no address",
        ),
        (
            "<a:Address>http://h/x</a:Address>".repeat(2),
            "two addresses",
        ),
        (
            "<a:Address>http://h/x?wsdl</a:Address>".to_owned(),
            "has a query",
        ),
        (
            "<a:Address>http://h/x y</a:Address>".to_owned(),
            "white space",
        ),
        (
            "<a:Address>mailto</a:Address>".to_owned(),
            "endpoint 0 of the reference is wrong",
        ),
        (
            own("<object xmlns='urn:rmix:soap'>-1</object>"),
            "an object is a number",
        ),
        (own(&endpoints(17)), "soap_reference_endpoints"),
        (
            own(
                "<endpoint xmlns='urn:rmix:soap'>soap+http://evil/x?security=text&amp;cleartext=allowed&amp;user=x&amp;\
                 password_file=/home/app/.pgpass</endpoint>",
            ),
            "the option `security`",
        ),
        (
            own("<endpoint xmlns='urn:rmix:soap'>pipe+exec:/bin/sh</endpoint>"),
            "the scheme `pipe+exec`",
        ),
        (
            format!(
                "<a:Address>http://h/x</a:Address><a:ReferenceParameters>{}</a:ReferenceParameters>",
                "<k/>".repeat(17)
            ),
            "soap_reference_parameters",
        ),
    ] {
        let (status, answer) = ask_for(&exported, "same", &reference);
        assert_eq!(status, 500, "{reference}: {answer}");
        assert!(answer.contains(rule), "{reference}: {answer}");
    }
}

#[test]
fn parameters_of_a_reference_have_the_room_of_an_endpoint() {
    let (_runtime, exported, _stub) = hotel("");
    let head = "soap+http://h/x?addressing=on&parameters=".len() + "%3Ck%3E%3C/k%3E".len();
    let filled = |bytes: usize| {
        let text = "x".repeat(bytes - head);
        format!(
            "<a:Address>http://h/x</a:Address><a:ReferenceParameters><k>{text}</k></a:ReferenceParameters>"
        )
    };
    let (status, answer) = ask_for(&exported, "same", &filled(4096));
    assert_eq!(status, 200, "{answer}");
    for (bytes, limit) in [
        (4097, "soap_reference_endpoint_bytes"),
        (9000, "soap_reference_parameters_bytes"),
    ] {
        let (status, answer) = ask_for(&exported, "same", &filled(bytes));
        assert_eq!(status, 500, "{answer}");
        assert!(answer.contains(limit), "{answer}");
    }
}

#[test]
fn description_has_the_type_of_addressing() {
    let (_runtime, exported, _stub) = hotel("");
    let endpoint = exported.endpoints()[0].to_string();
    let authority = endpoint.split('/').nth(2).unwrap();
    let (_, wsdl) = ask(authority, "GET /hotel?wsdl HTTP/1.1", b"");
    for said in [
        "targetNamespace=\"http://www.w3.org/2005/08/addressing\"",
        "<xs:complexType name=\"EndpointReferenceType\">",
        ":EndpointReferenceType\"",
    ] {
        assert!(wsdl.contains(said), "{wsdl}");
    }
}

#[test]
fn reference_to_an_object_with_options_of_its_listener_is_bound_to() {
    let runtime = runtime();
    let endpoint = "soap+http://127.0.0.1:0/room?schemas=separate&addressing=on";
    let skeleton = RoomSkeleton::new(MyRoom(7));
    let room = runtime.export_blocking(skeleton, [endpoint]).unwrap();
    let (_serving, _exported, hotel) = hotel("");
    let passed = hotel.blocking().same(Remote::from(&room)).unwrap();
    assert!(!passed.to_string().contains("schemas"), "{passed}");
    let stub: RoomStub = runtime.bind(&passed).blocking().unwrap();
    assert_eq!(stub.blocking().number().unwrap(), 7);
}
