//! TLS: who is believed and who is not, on both ends.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair,
};
use rmix_provider::tables::{Err, cause, delivery, kind};
use rmix_soap::http::HttpClient;

use crate::lent::{block_on, watched};
use crate::pool::{call, close, flush, message, open};
use crate::raw::{Raw, Scripted, accept};
use crate::served::Served;

fn named(name: &str) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// An authority and the files of those it has certified.
pub(crate) struct Authority {
    folder: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    pub(crate) fn new() -> Authority {
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = named("an authority");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        std::fs::write(folder.path().join("ca.pem"), certificate.pem()).unwrap();
        Authority {
            folder,
            issuer: Issuer::new(params, key),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn ca(&self) -> PathBuf {
        self.path().join("ca.pem")
    }

    /// Certifies somebody; the options that name the files.
    pub(crate) fn certify(&self, name: &str) -> String {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name = named(name);
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let (cert, private) = (
            self.path().join(name),
            self.path().join(format!("{name}.key")),
        );
        std::fs::write(&cert, certificate.pem()).unwrap();
        std::fs::write(&private, key.serialize_pem()).unwrap();
        format!("cert={}&key={}", cert.display(), private.display())
    }
}

fn client(served: &Served, name: &str, options: &str) -> Result<Arc<HttpClient>, Err> {
    let endpoint = format!(
        "soap+https://{name}:{}/echo?{options}",
        served.address.port()
    );
    block_on("opening", open(&endpoint, |_| {}))
}

#[test]
fn messages_go_both_ways_over_tls() {
    let authority = Authority::new();
    let served = Served::with(&authority.certify("localhost"), |_| {});
    let ca = format!("ca={}", authority.ca().display());
    let client = client(&served, "localhost", &ca).unwrap();
    for _ in 0..3 {
        assert_eq!(call(&client, "<a/>").unwrap().body, "<a/>");
    }
    let long: Vec<u8> = (0..2_000_000_u32).map(|number| number as u8).collect();
    assert!(call(&client, long.clone()).unwrap().body == long);
    for _ in 0..200 {
        client.post_oneway(message("one-way")).unwrap();
    }
    flush(&client).unwrap();
    close(&client);
    served.close();
}

#[test]
fn address_may_stand_in_a_certificate() {
    let authority = Authority::new();
    let served = Served::with(&authority.certify("127.0.0.1"), |_| {});
    let ca = format!("ca={}", authority.ca().display());
    let client = client(&served, "127.0.0.1", &ca).unwrap();
    assert_eq!(call(&client, "<a/>").unwrap().body, "<a/>");
}

#[test]
fn server_of_another_name_or_authority_is_not_believed() {
    let authority = Authority::new();
    let served = Served::with(&authority.certify("elsewhere"), |_| {});
    let ca = format!("ca={}", authority.ca().display());
    let failure = client(&served, "localhost", &ca).map(|_| ()).unwrap_err();
    assert_eq!(
        (failure.kind, failure.cause),
        (kind::DENIED, cause::AUTHENTICATION)
    );
    assert_eq!(failure.delivery, delivery::NOT_SENT);
    let served = Served::with(&authority.certify("localhost"), |_| {});
    let stranger = Authority::new();
    let other = format!("ca={}", stranger.ca().display());
    assert!(client(&served, "localhost", &ca).is_ok());
    let failure = client(&served, "localhost", &other)
        .map(|_| ())
        .unwrap_err();
    assert_eq!(failure.cause, cause::AUTHENTICATION);
}

#[test]
fn server_without_tls_is_told_from_one_that_is_not_believed() {
    let authority = Authority::new();
    let ca = format!("ca={}", authority.ca().display());
    // Ours answers what it cannot read.
    let served = Served::start();
    let failure = client(&served, "localhost", &ca).map(|_| ()).unwrap_err();
    assert_eq!(
        (failure.kind, failure.cause),
        (kind::FIX_REQUEST, cause::PROTOCOL)
    );
    assert_eq!(failure.delivery, delivery::NOT_SENT);
    let text = failure.text();
    assert!(
        text.contains("does not speak TLS there") && text.contains("soap+http"),
        "{text}"
    );
    served.close();
    // Others hang up.
    let closing = Scripted::start(|listener| {
        let mut raw = accept(listener);
        let _hello = raw.exactly(1);
        raw.forget();
        raw.stream.shutdown(std::net::Shutdown::Write).unwrap();
        raw.rest();
    });
    let endpoint = format!("soap+https://localhost:{}/x?{ca}", closing.address.port());
    let failure = block_on("opening", open(&endpoint, |_| {}))
        .map(|_| ())
        .unwrap_err();
    assert_eq!(
        (failure.kind, failure.cause),
        (kind::RECONNECT, cause::CONNECT)
    );
    assert!(
        failure.text().contains("may not speak TLS there"),
        "{}",
        failure.text()
    );
    closing.end();
}

#[test]
fn server_with_tls_is_told_from_one_that_breaks_http() {
    for oneway in [false, true] {
        let speaking = Scripted::start(move |listener| {
            let first = accept(listener);
            // One-way messages have a connection of their own.
            let mut raw = if oneway { accept(listener) } else { first };
            raw.request().unwrap();
            // Fatal, unexpected message: what servers of TLS 1.2 and 1.3 say to HTTP.
            raw.say([21, 3, 1, 0, 2, 2, 10]);
        });
        let endpoint = format!("soap+http://127.0.0.1:{}/x", speaking.address.port());
        let client = block_on("opening", open(&endpoint, |_| {})).unwrap();
        let failure = if oneway {
            client.post_oneway(message("one-way")).unwrap();
            watched("the failure", || {
                loop {
                    if let Err(failure) = flush(&client) {
                        return failure;
                    }
                    std::thread::yield_now();
                }
            })
        } else {
            call(&client, "<a/>").unwrap_err()
        };
        assert_eq!(failure.cause, cause::PROTOCOL);
        if !oneway {
            assert_eq!(failure.kind, kind::FIX_REQUEST);
            assert_eq!(failure.delivery, delivery::NOT_SENT);
        }
        let text = failure.text();
        assert!(
            text.contains("speaks TLS there") && text.contains("soap+https"),
            "{text}"
        );
        speaking.end();
    }
}

#[test]
fn clients_must_be_certified_when_that_is_wanted() {
    let authority = Authority::new();
    let ca = authority.ca();
    let options = format!(
        "{}&client_ca={}",
        authority.certify("localhost"),
        ca.display()
    );
    let served = Served::with(&options, |_| {});
    let ca = format!("ca={}", ca.display());
    let known = format!("{ca}&{}", authority.certify("somebody"));
    let known = client(&served, "localhost", &known).unwrap();
    assert_eq!(call(&known, "<a/>").unwrap().body, "<a/>");
    // TLS 1.3 lets the client finish first: it learns of the refusal with its first call.
    let refused = |options: &str| match client(&served, "localhost", options) {
        Ok(client) => call(&client, "<a/>").is_err(),
        Err(_) => true,
    };
    assert!(refused(&ca), "no certificate");
    let elsewhere = Authority::new();
    assert!(refused(&format!("{ca}&{}", elsewhere.certify("stranger"))));
}

#[test]
fn unusable_files_are_told_by_name() {
    let authority = Authority::new();
    let empty = authority.path().join("empty.pem");
    std::fs::write(&empty, "").unwrap();
    let served = Served::with(&authority.certify("localhost"), |_| {});
    for file in [empty, authority.path().join("missing.pem")] {
        let ca = format!("ca={}", file.display());
        let failure = client(&served, "localhost", &ca).map(|_| ()).unwrap_err();
        assert_eq!(failure.kind, kind::FIX_REQUEST);
        assert!(
            failure.text().contains(&file.display().to_string()),
            "{}",
            failure.text()
        );
    }
}

#[test]
fn whoever_speaks_no_tls_is_cut_off() {
    let authority = Authority::new();
    let served = Served::with(&authority.certify("localhost"), |limits| {
        limits.handshake_ns = 20_000_000;
    });
    let mut raw = Raw::connect(served.address);
    raw.say(crate::raw::post("/echo", "", b"x"));
    raw.rest();
    assert!(Raw::connect(served.address).is_over(), "it said nothing");
}
