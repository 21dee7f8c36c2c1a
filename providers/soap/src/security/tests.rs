//! Security headers: who is let in, who is not, and that nothing is let in twice.

use bytes::Bytes;

use super::verify::password_digest;
use super::*;
use crate::envelope::Envelope;
use crate::xml::XmlLimits;

const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const NOW: &str = "2026-03-01T12:00:00Z";
const SKEW: u32 = 10;
const FRESHNESS: u32 = 60;

fn envelope(headers: &str) -> Envelope {
    let message = Bytes::from(format!(
        "<s:Envelope xmlns:s='{SOAP}' xmlns:w='{WSSE}' xmlns:u='{WSU}'><s:Header>{headers}</s:Header>\
         <s:Body><op/></s:Body></s:Envelope>"
    ));
    let len = message.len();
    Envelope::read(message, 0..len, None, &XmlLimits::default()).unwrap()
}

fn now() -> Moment {
    Moment::parse(NOW).unwrap()
}

fn later(milliseconds: i64) -> Moment {
    Moment(now().0 + milliseconds)
}

fn rules() -> Rules {
    Rules {
        text: true,
        cleartext: false,
        timestamp: false,
        skew: SKEW,
        freshness: FRESHNESS,
        nonces: 2,
    }
}

fn guard(rules: Rules) -> Guard {
    guard_of(rules, &NonceTables::default(), "/users")
}

fn guard_of(rules: Rules, tables: &NonceTables, file: &str) -> Guard {
    let users = Users::parse("# people\n\nada:love:lace\nbob:uncle\n").unwrap();
    Guard::new(rules, users, tables.of(file.into()))
}

fn check(guard: &Guard, headers: &str, secure: bool) -> Result<String, SecurityFault> {
    check_at(guard, headers, secure, now())
}

fn check_at(
    guard: &Guard,
    headers: &str,
    secure: bool,
    now: Moment,
) -> Result<String, SecurityFault> {
    let block = SecurityBlock::read(&mut envelope(headers))?;
    guard.check(block, secure, now)
}

fn security(content: &str) -> String {
    format!("<w:Security s:mustUnderstand='1'>{content}</w:Security>")
}

fn text(user: &str, password: &str) -> String {
    security(&format!(
        "<w:UsernameToken><w:Username>{user}</w:Username><w:Password>{password}</w:Password></w:UsernameToken>"
    ))
}

/// A token with a digest; the order of its children is not that of other tests.
fn digest(user: &str, password: &str, nonce: &[u8], created: &str) -> String {
    use base64::Engine as _;
    let shown = password_digest(nonce, created, password.as_bytes());
    let nonce = base64::engine::general_purpose::STANDARD.encode(nonce);
    security(&format!(
        "<w:UsernameToken><u:Created>{created}</u:Created><w:Nonce>{nonce}</w:Nonce>\
         <w:Password Type='{TOKEN_PROFILE}#PasswordDigest'>{shown}</w:Password>\
         <w:Username> {user} </w:Username></w:UsernameToken>"
    ))
}

fn invalid(result: Result<String, SecurityFault>) -> String {
    match result {
        Err(SecurityFault::Invalid(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn digest_is_that_of_the_profile() {
    use base64::Engine as _;
    let nonce = base64::engine::general_purpose::STANDARD
        .decode("WScqanjCEAC4mQoBE07sAQ==")
        .unwrap();
    // Computed apart from this code: base64(sha1(nonce + created + password)).
    assert_eq!(
        password_digest(&nonce, "2003-07-16T01:24:32Z", b"taadtaadpstcsm"),
        "AtYMdWClJo7PIuTpqmhmEEoEZyc="
    );
}

#[test]
fn password_as_text_goes_by_tls_alone_unless_allowed() {
    let one = guard(rules());
    assert_eq!(
        check(&one, &text("ada", "love:lace"), true).as_deref(),
        Ok("ada")
    );
    assert!(invalid(check(&one, &text("ada", "love:lace"), false)).contains("TLS"));
    let allowed = guard(Rules {
        cleartext: true,
        ..rules()
    });
    assert_eq!(
        check(&allowed, &text("bob", "uncle"), false).as_deref(),
        Ok("bob")
    );
    let digests = guard(Rules {
        text: false,
        ..rules()
    });
    assert!(invalid(check(&digests, &text("bob", "uncle"), true)).contains("digests"));
}

#[test]
fn what_is_wrong_with_a_token_is_not_told() {
    let one = guard(rules());
    for header in [
        text("ada", "love:lacf"),
        text("ada", "love:lace "),
        text("ada", ""),
        text("ada", "uncle"),
        text("eve", "love:lace"),
        text("eve", "-"),
        text("Ada", "love:lace"),
        digest("ada", "wrong", b"1", NOW),
        digest("eve", "-", b"1", NOW),
    ] {
        assert_eq!(
            check(&one, &header, true),
            Err(SecurityFault::Failed),
            "{header}"
        );
    }
}

#[test]
fn digest_that_was_tampered_with_fails() {
    let one = guard(rules());
    let good = digest("ada", "love:lace", b"nonce", NOW);
    for (from, to) in [
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:01Z"),
        ("2026-03-01T12:00:00Z", "2026-03-01T12:00:00.0Z"),
        ("bm9uY2U=", "bm9uY2Y="),
        ("> ada <", "> bob <"),
    ] {
        let tampered = good.replace(from, to);
        assert_ne!(tampered, good);
        assert_eq!(
            check(&one, &tampered, false),
            Err(SecurityFault::Failed),
            "{to}"
        );
    }
    assert_eq!(check(&one, &good, false).as_deref(), Ok("ada"));
}

#[test]
fn message_is_let_in_once() {
    let one = guard(rules());
    let first = digest("ada", "love:lace", b"1", NOW);
    assert!(check(&one, &first, false).is_ok());
    assert_eq!(check(&one, &first, false), Err(SecurityFault::Failed));
    let same_nonce = digest("bob", "uncle", b"1", NOW);
    assert_eq!(check(&one, &same_nonce, false), Err(SecurityFault::Failed));
    assert!(check(&one, &digest("ada", "love:lace", b"2", NOW), false).is_ok());
}

#[test]
fn nonces_are_kept_as_long_as_messages_are_fresh() {
    let one = guard(rules());
    let message = digest("ada", "love:lace", b"1", NOW);
    let last = i64::from(FRESHNESS + SKEW) * 1000;
    assert!(check(&one, &message, false).is_ok());
    assert_eq!(
        check_at(&one, &message, false, later(last)),
        Err(SecurityFault::Failed)
    );
    assert_eq!(
        check_at(&one, &message, false, later(last + 1)),
        Err(SecurityFault::Expired("the message is too old"))
    );
}

#[test]
fn full_table_refuses_rather_than_forgets() {
    let one = guard(rules());
    let message = |nonce: &[u8]| digest("ada", "love:lace", nonce, NOW);
    assert!(check(&one, &message(b"1"), false).is_ok());
    // Whoever cannot prove who he is takes no room.
    assert!(check(&one, &digest("ada", "wrong", b"3", NOW), false).is_err());
    assert!(check(&one, &message(b"2"), false).is_ok());
    assert_eq!(check(&one, &message(b"3"), false), Err(SecurityFault::Busy));
    assert_eq!(
        check(&one, &message(b"1"), false),
        Err(SecurityFault::Failed)
    );
    let after = i64::from(FRESHNESS + SKEW) * 1000 + 1;
    let fresh = digest("ada", "love:lace", b"3", "2026-03-01T12:01:10Z");
    assert!(check_at(&one, &fresh, false, later(after)).is_ok());
}

#[test]
fn nonce_is_taken_once_by_all_who_know_the_same_users() {
    let tables = NonceTables::default();
    let message = |nonce: &[u8]| digest("ada", "love:lace", nonce, NOW);
    let first = guard_of(rules(), &tables, "/users");
    assert!(check(&first, &message(b"1"), false).is_ok());
    drop(first);
    // At another export, or at the same one when it is there again; it takes messages for longer, and more of them.
    let freshness = FRESHNESS * 2;
    let nonces = 3;
    let patient = Rules {
        freshness,
        nonces,
        ..rules()
    };
    let second = guard_of(patient, &tables, "/users");
    let third = guard_of(rules(), &tables, "/users");
    let replayed = Err(SecurityFault::Failed);
    assert_eq!(check(&third, &message(b"1"), false), replayed);
    let last = later(i64::from(freshness + SKEW) * 1000);
    assert_eq!(check_at(&second, &message(b"1"), false, last), replayed);
    assert!(check(&third, &message(b"2"), false).is_ok());
    assert!(check(&third, &message(b"3"), false).is_ok());
    assert_eq!(
        check(&second, &message(b"4"), false),
        Err(SecurityFault::Busy)
    );
    // Other users, other secrets.
    let other = guard_of(rules(), &tables, "/others");
    assert!(check(&other, &message(b"1"), false).is_ok());
}

#[test]
fn clocks_may_be_apart_up_to_the_limit() {
    let message = |created: &str| digest("ada", "love:lace", created.as_bytes(), created);
    for (created, expected) in [
        ("2026-03-01T12:00:10Z", None),
        (
            "2026-03-01T12:00:10.001Z",
            Some("the message is from the future"),
        ),
        ("2026-03-01T11:58:50Z", None),
        ("2026-03-01T11:58:49.999Z", Some("the message is too old")),
        ("2026-03-01T13:00:00+01:00", None),
        // Not in UTC, though it should be; and without a zone.
        ("2026-03-01T12:00:00", None),
        (
            "2026-03-01T13:00:00",
            Some("the message is from the future"),
        ),
    ] {
        let found = check(&guard(rules()), &message(created), false);
        let expected =
            expected.map_or(Ok("ada".to_owned()), |why| Err(SecurityFault::Expired(why)));
        assert_eq!(found, expected, "{created}");
    }
}

#[test]
fn timestamp_is_checked_at_its_limits() {
    let with = |timestamp: &str| {
        let token = "<w:UsernameToken><w:Username>bob</w:Username><w:Password>uncle</w:Password></w:UsernameToken>";
        check(
            &guard(rules()),
            &security(&format!("{token}<u:Timestamp>{timestamp}</u:Timestamp>")),
            true,
        )
    };
    let (created, expires) = (
        |at: &str| format!("<u:Created>2026-03-01T{at}Z</u:Created>"),
        |at: &str| format!("<u:Expires>2026-03-01T{at}Z</u:Expires>"),
    );
    assert!(with(&expires("11:59:50")).is_ok());
    assert_eq!(
        with(&expires("11:59:49.999")),
        Err(SecurityFault::Expired("the timestamp has expired"))
    );
    assert!(with(&format!("{}{}", expires("12:05:00"), created("12:00:00"))).is_ok());
    assert!(with(&created("12:00:10")).is_ok());
    assert!(matches!(
        with(&created("12:00:11")),
        Err(SecurityFault::Expired(_))
    ));
    assert!(matches!(
        with(&created("11:58:49")),
        Err(SecurityFault::Expired(_))
    ));
    let before = format!("{}{}", created("12:00:05"), expires("12:00:04"));
    assert!(invalid(with(&before)).contains("before it was created"));
    assert!(invalid(with("<u:Created>soon</u:Created>")).contains("no xs:dateTime"));
    let twice = format!("{}{}", created("12:00:00"), created("12:00:00"));
    assert!(invalid(with(&twice)).contains("twice"));
}

#[test]
fn timestamp_may_be_required() {
    let one = guard(Rules {
        timestamp: true,
        ..rules()
    });
    assert!(invalid(check(&one, &text("bob", "uncle"), true)).contains("timestamp is required"));
}

#[test]
fn headers_that_are_incomplete_or_broken_are_refused() {
    let one = guard(rules());
    let token = |content: &str| security(&format!("<w:UsernameToken>{content}</w:UsernameToken>"));
    let user = "<w:Username>ada</w:Username>";
    let password = "<w:Password>love:lace</w:Password>";
    for (header, why) in [
        (String::new(), "a security header is required"),
        (security(""), "a user name token is required"),
        (token(""), "no user name"),
        (token("<w:Username/>"), "no user name"),
        (token(user), "no password"),
        (token(&format!("{user}{user}{password}")), "twice"),
        (
            token(&format!("{user}<w:Password Type='urn:x'>a</w:Password>")),
            "neither PasswordText",
        ),
        (
            token(&format!("{user}{password}<w:Nonce>*</w:Nonce>")),
            "base64",
        ),
        (
            token(&format!(
                "{user}{password}<w:Nonce EncodingType='urn:hex'>AA==</w:Nonce>"
            )),
            "base64",
        ),
        (
            token(&format!("{user}{password}<u:Created>then</u:Created>")),
            "no xs:dateTime",
        ),
        (
            token(&format!(
                "{user}<w:Password Type='{TOKEN_PROFILE}#PasswordDigest'>AA==</w:Password>"
            )),
            "needs a nonce",
        ),
        (text("ada", "<b/>"), "an element stands where text"),
        (
            format!("{}{}", text("ada", "love:lace"), security("")),
            "two security headers",
        ),
        (
            security(&"<w:UsernameToken/>".repeat(2)),
            "two user name tokens",
        ),
        (security(&"<u:Timestamp/>".repeat(2)), "two timestamps"),
    ] {
        let said = invalid(check(&one, &header, true));
        assert!(said.contains(why), "{header}: {said}");
    }
}

#[test]
fn fields_are_bounded() {
    let one = guard(rules());
    let long = |len: usize| text("ada", &"x".repeat(len));
    assert_eq!(check(&one, &long(1024), true), Err(SecurityFault::Failed));
    let said = invalid(check(&one, &long(1025), true));
    assert!(
        said.contains("limit 1024") && said.contains("1025"),
        "{said}"
    );
}

#[test]
fn what_must_be_understood_is_and_the_rest_is_passed_over() {
    let one = guard(rules());
    let token = "<w:UsernameToken><w:Username>bob</w:Username><w:Password>uncle</w:Password></w:UsernameToken>";
    let signed = |must: &str| {
        format!("<w:Security {must}><Signature/>{token}<w:BinarySecurityToken/></w:Security>")
    };
    assert_eq!(check(&one, &signed(""), true).as_deref(), Ok("bob"));
    assert_eq!(
        check(&one, &signed("s:mustUnderstand='1'"), true),
        Err(SecurityFault::Unsupported("Signature".to_owned()))
    );
    let for_another = format!("<w:Security s:actor='urn:proxy'>{token}</w:Security>");
    assert!(invalid(check(&one, &for_another, true)).contains("is required"));
}

#[test]
fn what_a_client_writes_is_let_in() {
    for kind in [PasswordKind::Text, PasswordKind::Digest] {
        let credentials = Credentials {
            kind,
            user: "ada".to_owned(),
            password: Secret::of_file("love:lace\nnot this\n"),
            expires: Some(60),
            skew: SKEW,
        };
        let mut out = Vec::new();
        credentials.put(Nonce([7; 16]), now(), &mut out).unwrap();
        let written = String::from_utf8(out).unwrap().replace("soap:", "s:");
        assert_eq!(written.contains("love:lace"), kind == PasswordKind::Text);
        let strict = guard(Rules {
            timestamp: true,
            ..rules()
        });
        assert_eq!(check(&strict, &written, true).as_deref(), Ok("ada"));
        assert_eq!(check(&strict, &written, true), Err(SecurityFault::Failed));
        assert!(!format!("{credentials:?}").contains("love"));
    }
}

#[test]
fn answers_that_have_expired_are_refused() {
    let answer = |expires: &str| {
        let expires = format!("<u:Timestamp><u:Expires>{expires}</u:Expires></u:Timestamp>");
        check_answer(&mut envelope(&security(&expires)), SKEW, now())
    };
    assert_eq!(answer("2026-03-01T11:59:50Z"), Ok(()));
    assert!(answer("2026-03-01T11:59:49Z").is_err());
    assert_eq!(check_answer(&mut envelope(""), SKEW, now()), Ok(()));
    assert!(check_answer(&mut envelope(&security("<Signature/>")), SKEW, now()).is_err());
}

#[test]
fn moments_are_read_and_written() {
    assert_eq!(Moment(0).to_string(), "1970-01-01T00:00:00.000Z");
    assert_eq!(Moment::parse("1970-01-01T00:00:01.5Z"), Some(Moment(1500)));
    assert_eq!(Moment::parse("1970-01-01T01:00:00+01:00"), Some(Moment(0)));
    assert_eq!(Moment::parse("1970-01-01T00:00:01"), Some(Moment(1000)));
    for wrong in [
        "",
        "T",
        "1970-01-01",
        "12:00:00Z",
        "1970-13-01T00:00:00Z",
        "1970-01-01T25:00:00Z",
        "1970-01-01 00:00:00Z",
        "1970-01-01T00:00:00Z[UTC]",
        "1970-01-01T00:00:00+99:00",
    ] {
        assert_eq!(Moment::parse(wrong), None, "{wrong}");
    }
    let long = format!("1970-01-01T00:00:00.{}Z", "0".repeat(40));
    assert_eq!(Moment::parse(&long), None);
}

#[test]
fn users_file_is_refused_without_telling_what_stands_there() {
    for (text, line) in [
        ("ada:x\nsecret", 2),
        ("ada:", 1),
        (":x", 1),
        ("a:1\na:2", 2),
        ("#\n", 0),
    ] {
        let error = Users::parse(text).unwrap_err();
        assert_eq!(error.line, line, "{text}");
        assert!(!error.to_string().contains("secret"));
    }
    assert!(!format!("{:?}", Users::parse("ada:love").unwrap()).contains("love"));
}

#[test]
fn what_a_peer_wrote_is_told_in_a_bounded_sentence() {
    let reason = SecurityFault::Unsupported("x".repeat(5000)).reason();
    assert!(
        reason.starts_with("the security header has \"xxx"),
        "{reason}"
    );
    assert_eq!(reason.chars().count(), 1001);
}
