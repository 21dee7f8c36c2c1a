//! Fields, variants and faults that share a name in documents, where namespaces tell them apart, or that one is an attribute:
//! Rust of the importer, across the wire and in our description.

use rmix::CallError;
use rmix_peers::soap::{SoapVersion, post};
use rmix_system_tests::names::{
    EnterError, Entry, EntryChoice, Names, NamesSkeleton, NamesStub, Refused, Refused2,
};

use super::documents::Documents;
use super::{Served, bind, runtime};
use crate::support::{Watchdog, ok};

/// Gives back what it is given; refuses some.
struct Enterer;

impl Names for Enterer {
    async fn enter(&self, entry: Entry) -> Result<Entry, EnterError> {
        let why = "zero".to_owned();
        match entry.id {
            0 => Err(EnterError::Refused(Refused { why })),
            1 => Err(EnterError::Refused2(Refused2 { until: 7 })),
            _ => Ok(entry),
        }
    }
}

fn entry(id: i32, choice: EntryChoice) -> Entry {
    Entry {
        id,
        id2: "two".to_owned(),
        choice,
        id3: Some(3),
    }
}

#[test]
fn names_that_are_shared_cross_both_ways() {
    let _watchdog = Watchdog::start();
    let served = Served::start(NamesSkeleton::new(Enterer), "names", "");
    let tokio = tokio::runtime::Runtime::new().unwrap();
    tokio.block_on(async {
        let runtime = runtime();
        let stub: NamesStub = bind(&runtime, &served.url, SoapVersion::V11).await;
        for choice in [EntryChoice::Code("a".to_owned()), EntryChoice::Code2(5)] {
            let sent = entry(-9, choice);
            assert_eq!(ok(stub.enter(sent.clone()).await), sent);
        }
        let text = EntryChoice::Code("a".to_owned());
        let here = stub.enter(entry(0, text.clone())).await;
        let why = "zero".to_owned();
        assert_eq!(
            here,
            Err(CallError::Fault(EnterError::Refused(Refused { why })))
        );
        let there = stub.enter(entry(1, text)).await;
        let fault = EnterError::Refused2(Refused2 { until: 7 });
        assert_eq!(there, Err(CallError::Fault(fault)));
    });
}

#[test]
fn names_that_are_shared_stand_in_documents_as_the_schema_has_them() {
    let _watchdog = Watchdog::start();
    let served = Served::start(NamesSkeleton::new(Enterer), "names", "");
    let envelope = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' xmlns:a='urn:rmix:names' \
                    xmlns:b='urn:rmix:names:other'><s:Body><a:enter><a:entry id='33'><a:id>5</a:id><b:id>B</b:id>\
                    <b:code>8</b:code></a:entry></a:enter></s:Body></s:Envelope>";
    let answer = ok(post(
        &served.url,
        &["Content-Type: text/xml"],
        envelope.as_bytes(),
    ));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let prefix = |uri: &str| {
        let (head, _) = answer.body.split_once(&format!("=\"{uri}\"")).unwrap();
        head.rsplit_once("xmlns:").unwrap().1.to_owned()
    };
    let (a, b) = (prefix("urn:rmix:names"), prefix("urn:rmix:names:other"));
    let expected = format!(
        "<{a}:entry id=\"33\"><{a}:id>5</{a}:id><{b}:id>B</{b}:id><{b}:code>8</{b}:code></{a}:entry>"
    );
    assert!(answer.body.contains(&expected), "{}", answer.body);
}

#[test]
fn names_that_are_shared_are_read_back_from_our_description() {
    let _watchdog = Watchdog::start();
    let served = Served::start(NamesSkeleton::new(Enterer), "names", "");
    let rust = ok(rmix_idl::wsdl::Import::new(Documents::of(&served).wsdl()).rust());
    for line in [
        "#[rmix(name = \"id\", namespace = \"urn:rmix:names:other\")]",
        "#[rmix(name = \"id\", attribute)]",
        "#[rmix(name = \"code\", namespace = \"urn:rmix:names:other\")]",
        "#[rmix(namespace = \"urn:rmix:names:other\", name = \"Refused\")]",
    ] {
        assert!(rust.contains(line), "{line}\nis not in\n{rust}");
    }
}
