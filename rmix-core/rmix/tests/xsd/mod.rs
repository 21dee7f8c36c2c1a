//! Lexical forms of XML Schema: what is read, how it is written, what is refused and why.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use rmix::generated::type_kind;
use rmix::xsd::{
    Date, DateTime, Decimal, Duration, LexicalError, Time, check_lexical, jiff, rust_decimal,
};

#[track_caller]
fn written<T: FromStr<Err = LexicalError> + Display + Debug>(pairs: &[(&str, &str)]) {
    for (text, expected) in pairs {
        let value: T = text.parse().unwrap();
        assert_eq!(value.to_string(), *expected, "{text}");
        assert_eq!(
            value.to_string().parse::<T>().unwrap().to_string(),
            *expected
        );
    }
}

#[track_caller]
fn refused<T: FromStr<Err = LexicalError> + Debug>(texts: &[&str]) {
    for text in texts {
        let failure = text.parse::<T>().expect_err(text).to_string();
        assert!(failure.contains("is no xs:"), "{failure}");
    }
}

#[test]
fn date_times_keep_their_zone_and_their_fraction() {
    written::<DateTime>(&[
        ("2026-11-22T20:42:33Z", "2026-11-22T20:42:33Z"),
        (" 2026-11-22T20:42:33 ", "2026-11-22T20:42:33"),
        ("2026-11-22T20:42:33.1200+00:00", "2026-11-22T20:42:33.12Z"),
        ("2026-11-22T20:42:33-05:30", "2026-11-22T20:42:33-05:30"),
        (
            "0001-01-01T00:00:00.123456789999+14:00",
            "0001-01-01T00:00:00.123456789+14:00",
        ),
        ("2026-12-31T24:00:00", "2027-01-01T00:00:00"),
    ]);
    refused::<DateTime>(&[
        "",
        "2026-11-22",
        "2026-11-22 20:42:33",
        "2026-11-22t20:42:33",
        "2026-02-29T00:00:00",
        "0000-01-01T00:00:00",
        "-0001-01-01T00:00:00",
        "12026-01-01T00:00:00",
        "2026-11-22T24:00:01",
        "2026-11-22T23:59:60",
        "2026-11-22T20:42",
        "2026-11-22T20:42:33.",
        "2026-11-22T20:42:33+14:01",
        "2026-11-22T20:42:33+1:00",
        "2026-11-22T20:42:33Zulu",
        "2026-11-22T20:42:33+05:60",
        "9999-12-31T24:00:00",
    ]);
}

#[test]
fn moments_are_known_with_a_zone_only() {
    let at: DateTime = "1970-01-01T01:00:00+01:00".parse().unwrap();
    assert_eq!(at.timestamp(), Some(jiff::Timestamp::UNIX_EPOCH));
    let nowhere: DateTime = "1970-01-01T01:00:00".parse().unwrap();
    assert_eq!(nowhere.timestamp(), None);
    assert_eq!(
        DateTime::from(jiff::Timestamp::UNIX_EPOCH).to_string(),
        "1970-01-01T00:00:00Z"
    );
    let before = jiff::civil::date(0, 1, 1);
    assert!(Date::new(before, None).is_err());
    let odd = jiff::tz::Offset::from_seconds(90).unwrap();
    assert!(Date::new(jiff::civil::date(1, 1, 1), Some(odd)).is_err());
}

#[test]
fn dates_and_times() {
    written::<Date>(&[
        ("2026-11-22", "2026-11-22"),
        ("2024-02-29Z", "2024-02-29Z"),
        ("9999-12-31-14:00", "9999-12-31-14:00"),
    ]);
    refused::<Date>(&["2026-11-31", "26-11-22", "2026-11-22T00:00:00", "2026-11-2"]);
    written::<Time>(&[
        ("00:00:00", "00:00:00"),
        ("24:00:00Z", "00:00:00Z"),
        ("23:59:59.5", "23:59:59.5"),
    ]);
    refused::<Time>(&["23:59", "25:00:00", "23:59:59.", "12:00:00 PM"]);
}

#[test]
fn durations() {
    written::<Duration>(&[
        ("P1Y2M3DT4H5M6.7S", "P1Y2M3DT4H5M6.7S"),
        ("P14M", "P1Y2M"),
        ("PT36H", "P1DT12H"),
        ("-P1D", "-P1D"),
        ("-PT0S", "PT0S"),
        ("P0Y", "PT0S"),
        ("PT0.5S", "PT0.5S"),
        ("PT90M", "PT1H30M"),
    ]);
    refused::<Duration>(&[
        "",
        "P",
        "PT",
        "P1",
        "1Y",
        "P1YT",
        "P1S",
        "PT1D",
        "P1M2Y",
        "P-1D",
        "+P1D",
        "PT1.5M",
        "PT.5S",
        "P1Y ago",
        "P18446744073709551616M",
        "P18446744073709551615Y",
    ]);
    let span: Duration = "-P2MT1.5S".parse().unwrap();
    assert!(span.is_negative());
    assert_eq!((span.months(), span.time().as_millis()), (2, 1500));
}

#[test]
fn decimals_are_exact_or_refused() {
    written::<Decimal>(&[
        ("+012.50", "12.50"),
        ("-.5", "-0.5"),
        ("7.", "7"),
        (
            "9999999999999999999999999999",
            "9999999999999999999999999999",
        ),
        (
            "0.0000000000000000000000000001",
            "0.0000000000000000000000000001",
        ),
    ]);
    refused::<Decimal>(&[
        "",
        ".",
        "-",
        "1e3",
        "1,5",
        "0x1",
        "INF",
        "99999999999999999999999999999999",
        "0.00000000000000000000000000001",
    ]);
    let price: Decimal = "12.50".parse().unwrap();
    assert_eq!(price.get(), rust_decimal::Decimal::new(1250, 2));
}

#[test]
fn values_travel_as_text_and_are_described_as_what_they_are() {
    let at: Date = serde_json::from_str("\"2026-11-22\"").unwrap();
    assert_eq!(serde_json::to_string(&at).unwrap(), "\"2026-11-22\"");
    let failure = serde_json::from_str::<Date>("\"soon\"").unwrap_err();
    assert!(
        failure.to_string().contains("\"soon\" is no xs:date"),
        "{failure}"
    );
    let described = [
        <DateTime as rmix::Data>::SCHEMA,
        <Duration as rmix::Data>::SCHEMA,
        <Decimal as rmix::Data>::SCHEMA,
    ];
    let found = described.map(|ty| (ty.kind, ty.xml().builtin()));
    let string = type_kind::STRING;
    assert_eq!(
        found,
        [
            (string, "dateTime"),
            (string, "duration"),
            (string, "decimal")
        ]
    );
}

#[test]
fn texts_are_checked_by_the_name_of_their_type() {
    for (name, right, wrong) in [
        ("dateTime", "2026-11-22T20:42:33Z", "2026-11-22"),
        ("date", "2026-11-22", "2026-11-22T20:42:33Z"),
        ("time", "20:42:33", "20:42"),
        ("duration", "P1D", "1D"),
        ("decimal", "-0.10", "1e3"),
    ] {
        assert_eq!(check_lexical(name, right), Ok(()));
        let refused = check_lexical(name, wrong).unwrap_err().to_string();
        assert!(
            refused.starts_with(&format!("{wrong:?} is no xs:{name}: ")),
            "{refused}"
        );
    }
    // Of types that are not here, nothing is known.
    assert_eq!(check_lexical("anyURI", "%%"), Ok(()));
    assert_eq!(check_lexical("", "%%"), Ok(()));
}
