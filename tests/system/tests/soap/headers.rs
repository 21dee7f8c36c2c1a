//! WS-Addressing and WS-Security with foreign libraries, both ways: every case of rpc/literal with the headers required.

use rmix::{ErrorKind, Remote};
use rmix_peers::soap::{Gsoap, Headers, JaxWs, Service, SoapClient, SoapVersion, Target, cases};
use rmix_system_tests::RpcObject;
use rmix_system_tests::rpc::{RpcSkeleton, RpcStub};

use super::documents::Documents;
use super::peers::{gsoap, jaxws, zeep};
use super::{DEADLINE, Served, our_rpc, runtime};
use crate::support::{ok, run};

/// Files of the user that the peers' programs know.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Files {
        let folder = tempfile::tempdir().unwrap();
        let (user, password) = Headers::USER;
        for (name, text) in [
            ("users", format!("{user}:{password}\n")),
            ("password", format!("{password}\n")),
            ("wrong", "guessed\n".to_owned()),
        ] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Files(folder)
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// Options of a listener that lets this user in.
    fn listener(&self, security: &str) -> String {
        format!(
            "security={security}&cleartext=allowed&users_file={}",
            self.path("users")
        )
    }

    /// Options of a client that is this user.
    fn client(&self, security: &str, password: &str) -> String {
        format!(
            "security={security}&cleartext=allowed&user={}&password_file={}",
            Headers::USER.0,
            self.path(password)
        )
    }
}

/// Their client with these headers at our object, which requires them.
fn check_their_client(client: &impl SoapClient) {
    let files = Files::new();
    for (options, headers) in [
        ("addressing=required".to_owned(), &[Headers::Addressing][..]),
        (files.listener("username"), &[Headers::PasswordText]),
        (files.listener("digest"), &[Headers::PasswordDigest]),
        (
            format!(
                "{}&timestamp=required&addressing=required",
                files.listener("digest")
            ),
            &[Headers::Addressing, Headers::PasswordDigest],
        ),
    ] {
        let served = Served::start(RpcSkeleton::new(RpcObject), "rpc", &format!("?{options}"));
        let target = Target::at(&served.url, SoapVersion::V11, client.name());
        let names = client.able(Service::Rpc);
        let lines = ok(client.run_with(Service::Rpc, &target, headers, &names));
        assert_eq!(
            lines,
            Service::Rpc.lines(client.name(), &names),
            "{options}"
        );
    }
    // Both follow a description that says addressing is spoken; a token they are to be told to show.
    let served = Served::start(RpcSkeleton::new(RpcObject), "rpc", "?addressing=required");
    let target = Target::at(&served.url, SoapVersion::V11, client.name());
    assert!(client.run(Service::Rpc, &target, &["distance"]).is_ok());
    let options = format!("?{}", files.listener("digest"));
    let served = Served::start(RpcSkeleton::new(RpcObject), "rpc", &options);
    let target = Target::at(&served.url, SoapVersion::V11, client.name());
    assert!(client.run(Service::Rpc, &target, &["distance"]).is_err());
    let text = &[Headers::PasswordText];
    assert!(
        client
            .run_with(Service::Rpc, &target, text, &["distance"])
            .is_err()
    );
}

#[test]
fn jaxws_calls_with_addressing_and_with_tokens() {
    let Some(jaxws) = jaxws() else { return };
    check_their_client(&jaxws);
}

#[test]
fn zeep_calls_with_addressing_and_with_tokens() {
    let Some(zeep) = zeep() else { return };
    check_their_client(&zeep);
}

#[test]
fn jaxws_is_called_with_addressing_and_with_tokens() {
    let Some(jaxws) = jaxws() else { return };
    let server = ok(jaxws.start_server());
    let files = Files::new();
    let names = cases(Service::Rpc);
    run(async {
        let runtime = runtime();
        let bind = async |path: &str, options: &str| -> RpcStub {
            let endpoint = format!("soap+{}?{options}", server.endpoint(path));
            runtime.bind(endpoint).timeout(DEADLINE).await.unwrap()
        };
        for (path, options) in [
            ("addressed", "addressing=on".to_owned()),
            ("addressed", "addressing=required".to_owned()),
            ("guarded", files.client("text", "password")),
            ("guarded", files.client("digest", "password")),
        ] {
            let stub = bind(path, &options).await;
            let lines = our_rpc::rpc_lines(&stub, &names).await;
            assert_eq!(lines, Service::Rpc.lines("rmix", &names), "{options}");
        }
        let plain = bind("addressed", "version=1.1").await;
        let refused = plain.divide(1, 1).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::FixRequest, "{refused}");
        let stranger = bind("guarded", &files.client("digest", "wrong")).await;
        let refused = stranger.divide(1, 1).await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Denied, "{refused}");
    });
    ok(server.stop());
}

#[rmix::remote(namespace = "urn:test:directory")]
trait Directory {
    async fn find(&self, name: String) -> Remote;
    async fn text_of(&self, found: Remote) -> String;
}

struct MyDirectory;

impl Directory for MyDirectory {
    async fn find(&self, name: String) -> Remote {
        let text = format!("rmix:Room#17@soap+http://127.0.0.1:1/{name}|msgpack+tcp://127.0.0.1:2");
        text.parse().unwrap()
    }

    async fn text_of(&self, found: Remote) -> String {
        found.to_string()
    }
}

fn directory() -> Served {
    Served::start(
        DirectorySkeleton::new(MyDirectory),
        "directory",
        "?addressing=on",
    )
}

#[test]
fn description_with_references_and_actions_is_accepted() {
    let (Some(_), Some(_)) = (jaxws(), gsoap()) else {
        return;
    };
    let documents = Documents::of(&directory());
    let folder = tempfile::tempdir().unwrap();
    ok(JaxWs::accept(&documents.wsdl(), folder.path()));
    let folder = tempfile::tempdir().unwrap();
    ok(Gsoap::accept(
        Service::Rpc,
        &documents.wsdl(),
        folder.path(),
    ));
}

#[test]
fn zeep_gives_a_reference_back() {
    let Some(zeep) = zeep() else { return };
    let served = directory();
    let lines = ok(zeep.hand_back(&format!("{}?wsdl", served.url)));
    assert_eq!(
        lines[..2],
        [
            "http://127.0.0.1:1/a",
            "{urn:rmix:soap}interface {urn:rmix:soap}object"
        ]
    );
    let back: Remote = lines[2].parse().unwrap();
    assert_eq!((back.interface(), back.object().0), ("Room", 17));
    let endpoints: Vec<String> = back.endpoints().iter().map(ToString::to_string).collect();
    assert!(
        endpoints[0].starts_with("soap+http://127.0.0.1:1/a?addressing=on&parameters="),
        "{endpoints:?}"
    );
    assert_eq!(endpoints[1], "msgpack+tcp://127.0.0.1:2");
}
