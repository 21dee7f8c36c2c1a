//! What messages mean: every status both ways, credentials, and the result union.

use bytes::Bytes;

use super::*;

const PROGRAM: Program = Program {
    number: 0x2000_0042,
    version: 1,
};

const HERE: Origin = Origin {
    address: None,
    asked: None,
    connection: 1,
    now_ns: 0,
};

fn server() -> SunRpc {
    let exports = Exports::default();
    assert!(exports.add(PROGRAM, Export::plain(77)));
    SunRpc::without_cache(Arc::new(exports))
}

fn call(header: &CallHeader<'_>, arguments: &[u8]) -> Bytes {
    let mut message = Vec::new();
    header.encode(&mut message).unwrap();
    message.extend_from_slice(arguments);
    Bytes::from(message)
}

fn header(procedure: u32) -> CallHeader<'static> {
    CallHeader {
        xid: Xid(5),
        program: PROGRAM.number,
        version: PROGRAM.version,
        procedure,
        credential: OpaqueAuth::NONE,
        verifier: OpaqueAuth::NONE,
    }
}

/// What a server answers by itself, seen by a client.
fn answer_to(message: Bytes) -> Err {
    let Ok(Incoming::Answer(record)) = server().classify(&HERE, message) else {
        panic!("not answered by the session");
    };
    let reply = Bytes::from(record).slice(4..);
    match server().classify(&HERE, reply).unwrap() {
        Incoming::Reply(5, ReplyKind::Refused(failure)) => failure,
        other => panic!("not a refusal: {other:?}"),
    }
}

#[test]
fn a_call_reaches_its_object() {
    let message = call(&header(3), &[0, 0, 0, 9]);
    let Ok(Incoming::Request(request)) = server().classify(&HERE, message) else {
        panic!("not a request");
    };
    assert_eq!(
        (request.id, request.object, request.number),
        (Some(5), Some(77), 3)
    );
    assert_eq!(request.body[..], [0, 0, 0, 9]);
}

#[test]
fn the_null_procedure_answers_by_itself() {
    let Ok(Incoming::Answer(record)) = server().classify(&HERE, call(&header(0), &[])) else {
        panic!("not answered");
    };
    let reply = server()
        .classify(&HERE, Bytes::from(record).slice(4..))
        .unwrap();
    assert!(matches!(reply, Incoming::Reply(5, ReplyKind::Value(body)) if body.is_empty()));
}

#[test]
fn unknown_program_and_version_are_told_apart() {
    let other = CallHeader {
        program: 1,
        ..header(1)
    };
    assert_eq!(answer_to(call(&other, &[])).cause, cause::NO_SUCH_OBJECT);
    let other = CallHeader {
        version: 9,
        ..header(1)
    };
    let failure = answer_to(call(&other, &[]));
    assert_eq!(failure.cause, cause::VERSION);
    assert!(
        failure.text().contains("versions 1 to 1"),
        "{}",
        failure.text()
    );
}

#[test]
fn another_rpc_version_is_denied_with_ours() {
    let mut message = call(&header(1), &[]).to_vec();
    message[11] = 3;
    let failure = answer_to(Bytes::from(message));
    assert_eq!(failure.kind, kind::UNSUPPORTED);
}

#[test]
fn credentials_are_checked_before_anything_else() {
    let with = |flavor, body| CallHeader {
        credential: OpaqueAuth { flavor, body },
        ..header(1)
    };
    let unknown = answer_to(call(&with(99, &[]), &[]));
    assert_eq!(unknown.code, i64::from(u32::from(AuthStatus::RejectedCred)));
    let malformed = answer_to(call(&with(AUTH_SYS, &[1, 2, 3, 4]), &[]));
    assert_eq!(malformed.code, i64::from(u32::from(AuthStatus::BadCred)));
    let mut body = Vec::new();
    AuthSys::new(1, "here", 0, 0, &[4])
        .unwrap()
        .encode(&mut body)
        .unwrap();
    let good = call(&with(AUTH_SYS, &body), &[]);
    assert!(matches!(
        server().classify(&HERE, good),
        Ok(Incoming::Request(_))
    ));
}

#[test]
fn a_credential_longer_than_400_bytes_is_answered_not_dropped() {
    let mut message = call(&header(1), &[]).to_vec();
    message[28..32].copy_from_slice(&401_u32.to_be_bytes());
    message.extend_from_slice(&[0; 404]);
    let failure = answer_to(Bytes::from(message));
    assert_eq!(failure.code, i64::from(u32::from(AuthStatus::BadCred)));
}

#[test]
fn every_refusal_has_a_status_a_client_understands() {
    for (reason, expected) in [
        (refusal::NO_SUCH_OBJECT, cause::NO_SUCH_OBJECT),
        (refusal::NO_SUCH_METHOD, cause::NO_SUCH_METHOD),
        (refusal::BAD_ARGUMENTS, cause::BAD_ARGUMENTS),
        (refusal::INTERNAL, cause::REMOTE),
        (refusal::BUSY, cause::REMOTE),
        (refusal::DENIED, cause::AUTHENTICATION),
    ] {
        let record = Bytes::from(server().refuse(5, reason, "why"));
        let reply = server().classify(&HERE, record.slice(4..)).unwrap();
        let Incoming::Reply(5, ReplyKind::Refused(failure)) = reply else {
            panic!("refusal {reason} is not refused");
        };
        assert_eq!(failure.cause, expected, "refusal {reason}");
    }
    assert!(
        server().refuse(5, refusal::DONE, "").is_empty(),
        "one-way calls get no reply"
    );
}

#[test]
fn the_result_union_separates_result_and_fault() {
    let settle = |bytes: &'static [u8]| {
        server().settle(
            call_flags::FAULTS,
            ReplyKind::Value(Bytes::from_static(bytes)),
        )
    };
    assert!(matches!(settle(&[0, 0, 0, 0, 7]), Ok(ReplyKind::Value(body)) if body[..] == [7]));
    assert!(matches!(settle(&[0, 0, 0, 1, 8]), Ok(ReplyKind::Fault(body)) if body[..] == [8]));
    assert!(
        settle(&[0, 0, 0, 2])
            .unwrap_err()
            .text()
            .contains("begins with 2")
    );
    assert!(settle(&[0, 0]).unwrap_err().text().contains("empty"));
}

#[test]
fn a_message_that_is_neither_call_nor_reply_breaks_the_link() {
    let mut message = call(&header(1), &[]).to_vec();
    message[7] = 2;
    assert!(server().classify(&HERE, Bytes::from(message)).is_err());
}

#[test]
fn credential_is_a_claim_of_the_caller() {
    let identity = AuthSys::new(9, "lab pc%\u{e9}", 1000, 100, &[4, 27]).unwrap();
    let mut body = Vec::new();
    identity.encode(&mut body).unwrap();
    let claimed = CallHeader {
        credential: OpaqueAuth {
            flavor: AUTH_SYS,
            body: &body,
        },
        ..header(3)
    };
    let claim_of = |header: &CallHeader<'_>| match server().classify(&HERE, call(header, &[])) {
        Ok(Incoming::Request(request)) => request.claim,
        other => panic!("not a request: {other:?}"),
    };
    let told = "sys uid=1000 gid=100 gids=4,27 machine=lab%20pc%25%C3%A9";
    assert_eq!(claim_of(&claimed).as_deref(), Some(told));
    assert_eq!(claim_of(&header(3)), None);
}

#[test]
fn claims_of_other_hosts_are_accepted_as_the_export_says() {
    let mut body = Vec::new();
    let identity = AuthSys::new(0, "m", 1, 2, &[]).unwrap();
    identity.encode(&mut body).unwrap();
    let claimed = CallHeader {
        credential: OpaqueAuth {
            flavor: AUTH_SYS,
            body: &body,
        },
        ..header(3)
    };
    let from = |address: &str| Origin {
        address: Some(address.parse().unwrap()),
        asked: None,
        connection: 1,
        now_ns: 0,
    };
    let near = [
        from("127.0.0.9:5"),
        from("[::1]:5"),
        from("[::ffff:127.0.0.1]:5"),
        HERE,
    ];
    let far = [from("192.0.2.1:5"), from("[2001:db8::1]:5")];
    for (sys, of_near, of_far) in [
        (SysAcceptance::Local, true, false),
        (SysAcceptance::Any, true, true),
        (SysAcceptance::None, false, false),
    ] {
        let server = server();
        server.exports.remove(PROGRAM);
        let export = Export {
            sys,
            ..Export::plain(77)
        };
        assert!(server.exports.add(PROGRAM, export));
        let accepts = |from: &Origin| {
            let answer = server.classify(from, call(&claimed, &[]));
            matches!(answer, Ok(Incoming::Request(_)))
        };
        assert!(near.iter().all(|from| accepts(from) == of_near), "{sys:?}");
        assert!(far.iter().all(|from| accepts(from) == of_far), "{sys:?}");
        // Without a credential everybody is served.
        let plain = server.classify(&far[0], call(&header(3), &[]));
        assert!(matches!(plain, Ok(Incoming::Request(_))));
    }
}
