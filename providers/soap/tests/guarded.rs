//! WS-Security through the façade and as raw HTTP: who is let in, who is told what, and where passwords stand.

use std::path::PathBuf;

use rmix::{Cause, Delivery, ErrorKind};

use crate::door::{DoorStub, Served};
use crate::envelopes::{SOAP11, SOAP12, ask, envelope};
use crate::tls::Authority;

const WSSE: &str =
    "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
const ADA: &str = "Some((true, \"wsse\", Some(\"ada lovelace\")))";

/// Files of users and passwords.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Files {
        let folder = tempfile::tempdir().unwrap();
        let files = Files(folder);
        std::fs::write(files.path("users"), "ada lovelace:engine\nbob:uncle\n").unwrap();
        std::fs::write(files.path("right"), "engine\n").unwrap();
        std::fs::write(files.path("wrong"), "steam\n").unwrap();
        std::fs::write(files.path("empty"), "\n").unwrap();
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn listener(&self, security: &str) -> String {
        format!(
            "security={security}&users_file={}",
            self.path("users").display()
        )
    }

    fn client(&self, security: &str, password: &str) -> String {
        format!(
            "security={security}&user=ada%20lovelace&password_file={}",
            self.path(password).display()
        )
    }
}

#[test]
fn user_with_the_right_digest_is_who_calls() {
    let files = Files::new();
    for kind in ["username", "digest"] {
        let served = Served::with(&files.listener(kind));
        for version in ["1.1", "1.2"] {
            let options = format!("{}&version={version}", files.client("digest", "right"));
            let stub = served.stub(&options).unwrap();
            // Each call has a nonce of its own.
            for _ in 0..3 {
                assert_eq!(stub.blocking().who().unwrap(), ADA);
            }
            stub.blocking().knock().unwrap();
        }
    }
}

#[test]
fn who_is_not_believed_is_denied_without_a_hint() {
    let files = Files::new();
    let served = Served::with(&files.listener("digest"));
    for version in ["1.1", "1.2"] {
        let mut told = Vec::new();
        for options in [
            files.client("digest", "wrong"),
            files
                .client("digest", "right")
                .replace("ada%20lovelace", "eve"),
        ] {
            let stub = served
                .stub(&format!("{options}&version={version}"))
                .unwrap();
            let denied = stub.blocking().who().unwrap_err();
            assert_eq!(denied.kind(), ErrorKind::Denied, "{denied}");
            assert_eq!(denied.cause(), Cause::Authentication);
            assert_eq!(denied.delivery(), Delivery::NotSent);
            told.push(denied.to_string());
        }
        assert!(told[0].contains("FailedAuthentication"), "{told:?}");
        assert_eq!(told[0], told[1]);
    }
    let nobody = served.stub("").unwrap().blocking().who().unwrap_err();
    assert_eq!(nobody.kind(), ErrorKind::Denied, "{nobody}");
}

#[test]
fn password_as_text_goes_over_tls() {
    let (files, authority) = (Files::new(), Authority::new());
    let options = format!(
        "{}&{}",
        files.listener("username"),
        authority.certify("localhost")
    );
    let served = Served::at("soap+https://127.0.0.1:0", &options).unwrap();
    let (_, port) = served.authority.rsplit_once(':').unwrap();
    let endpoint = format!(
        "soap+https://localhost:{port}/door?{}&ca={}",
        files.client("text", "right"),
        authority.ca().display()
    );
    let stub: DoorStub = served.runtime.bind(endpoint).blocking().unwrap();
    assert_eq!(stub.blocking().who().unwrap(), ADA);
}

#[test]
fn password_as_text_in_the_clear_is_refused_by_both_ends_unless_allowed() {
    let files = Files::new();
    let served = Served::with(&files.listener("username"));
    let text = files.client("text", "right");
    let refused = served.stub(&text).map(|_| ()).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::FixRequest, "{refused}");
    let allowed = format!("{text}&cleartext=allowed");
    let denied = served.stub(&allowed).unwrap().blocking().who().unwrap_err();
    assert!(denied.to_string().contains("TLS"), "{denied}");
    let open = Served::with(&format!("{}&cleartext=allowed", files.listener("username")));
    assert_eq!(open.stub(&allowed).unwrap().blocking().who().unwrap(), ADA);
}

/// A request of bob's with a nonce.
fn post(served: &Served, version: &str, nonce: &str) -> (u16, String) {
    let header = format!(
        "<w:Security xmlns:w='{WSSE}' e:mustUnderstand='1'><w:UsernameToken><w:Username>bob</w:Username>\
         <w:Password>uncle</w:Password><w:Nonce>{nonce}</w:Nonce></w:UsernameToken></w:Security>"
    );
    let body = "<d:who xmlns:d='urn:test:door'/>";
    let media = match version {
        SOAP12 => "application/soap+xml",
        _ => "text/xml",
    };
    let head = format!("POST /door HTTP/1.1\r\nContent-Type: {media}");
    let message = envelope(version, &header, body);
    ask(&served.authority, &head, message.as_bytes())
}

#[test]
fn message_that_is_sent_again_is_refused() {
    let files = Files::new();
    let served = Served::with(&format!(
        "{}&cleartext=allowed&nonces=2",
        files.listener("username")
    ));
    let (status, answer) = post(&served, SOAP11, "AAAA");
    assert_eq!(status, 200, "{answer}");
    let (status, answer) = post(&served, SOAP11, "AAAA");
    assert_eq!(status, 500);
    assert!(answer.contains(&format!(
        "<faultcode xmlns:code=\"{WSSE}\">code:FailedAuthentication<"
    )));
    let (status, answer) = post(&served, SOAP12, "AAAA");
    assert_eq!(status, 400);
    assert!(
        answer.contains("code:FailedAuthentication</soap:Value></soap:Subcode>"),
        "{answer}"
    );
    assert_eq!(post(&served, SOAP12, "AAAB").0, 200);
    let (status, answer) = post(&served, SOAP12, "AAAC");
    assert_eq!(
        (status, answer.contains("soap:Receiver")),
        (500, true),
        "{answer}"
    );
}

#[test]
fn addressing_and_security_go_together() {
    let files = Files::new();
    let served = Served::with(&format!("{}&addressing=required", files.listener("digest")));
    let client = |password| {
        let options = files.client("digest", password);
        served
            .stub(&format!("{options}&addressing=required"))
            .unwrap()
    };
    assert_eq!(client("right").blocking().who().unwrap(), ADA);
    let denied = client("wrong").blocking().who().unwrap_err();
    assert_eq!(denied.kind(), ErrorKind::Denied, "{denied}");
}

#[test]
fn endpoints_show_no_secret_and_no_file_of_users() {
    let files = Files::new();
    let options = format!("{}&addressing=on&skew=5", files.listener("digest"));
    let served = Served::with(&options);
    let shown = served.exported.reference().to_string();
    assert!(shown.ends_with("/door?addressing=on"), "{shown}");
    let stub = served.stub(&files.client("digest", "right")).unwrap();
    assert!(!format!("{stub:?}").contains("engine"));
}

#[test]
fn files_and_options_that_are_wrong_are_told_at_once() {
    let files = Files::new();
    let served = Served::with("");
    for wrong in [
        files.client("digest", "missing"),
        files.client("digest", "empty"),
        "security=digest&user=ada".to_owned(),
        "security=maybe".to_owned(),
        "user=ada".to_owned(),
        format!("{}&skew=86401", files.client("digest", "right")),
        format!("{}&expires=0", files.client("digest", "right")),
        format!("{}&timestamp=maybe", files.client("digest", "right")),
    ] {
        let refused = served.stub(&wrong).map(|_| ()).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::FixRequest, "{wrong}: {refused}");
    }
    for wrong in [
        "security=digest".to_owned(),
        format!(
            "security=digest&users_file={}",
            files.path("right").display()
        ),
        "nonces=5".to_owned(),
        format!("{}&nonces=0", files.listener("digest")),
        format!("{}&cleartext=maybe", files.listener("digest")),
    ] {
        let refused = Served::at("soap+http://127.0.0.1:0", &wrong)
            .map(|_| ())
            .unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::FixRequest, "{wrong}: {refused}");
        assert!(!refused.to_string().contains("engine"), "{refused}");
    }
}
