//! Values as JSON by their types, both ways; what is refused and how; how words are understood.

use rmix_idl::model::Type;
use rmix_idl::{Import, Model};

use super::{At, Shown, did_you_mean, procedure, target, typed};
use crate::failure::Failure;
use crate::json;

const FILE: &str = "
    enum colour { RED, GREEN = 5, DARK = -1 };
    struct numbers {
        char c; unsigned char uc; short s; unsigned short us; int i; unsigned u; hyper h; unsigned hyper uh;
        float f; double d; bool b;
    };
    struct point { int x; int y; };
    struct entry { string name<8>; entry *next; };
    struct parts {
        opaque fixed[3]; opaque bytes<4>; string text<5>; int row[2]; int some<3>; point *at; entry *list; entry alone;
        colour hue;
    };
    typedef point *maybe;
    typedef maybe *twice;
    typedef entry *entries;
    typedef entries lists<2>;
    const LAST = 9;
    union answer switch (colour c) { case RED: int code; case GREEN: void; default: point where; };
    union count switch (unsigned u) { case 4294967295: int u; case LAST: twice t; };
    union flag switch (bool is) { case TRUE: string why<>; };
    program SHAPES {
        version SHAPES_1 { void SHAPES_DRAW(point) = 1; } = 1;
        version SHAPES_2 { void SHAPES_DRAW(point) = 1; int SHAPES_COUNT(void) = 7; } = 2;
    } = 0x20000005;
    program OTHER { version OTHER_1 { void OTHER_PING(void) = 1; } = 1; } = 0x20000006;
";

fn model() -> Model {
    let model = Import::text("shapes.x", FILE).model();
    model.unwrap_or_else(|error| panic!("{error}"))
}

fn ty(model: &Model, name: &str) -> Type {
    let (id, _) = model.find_type(name).expect("it is defined");
    Type::Named(id)
}

fn read(model: &Model, ty: &Type, text: &str) -> Result<rmix_idl::dynamic::Value, String> {
    let json = json::value(text).unwrap_or_else(|why| panic!("{text}: {why}"));
    typed(model, ty, &json, &At::root("value"))
}

/// Asserts that the text is a value of the type, and is written as `shown`.
#[track_caller]
fn check_shown(name: &str, text: &str, shown: &str) {
    let model = model();
    let ty = ty(&model, name);
    let value = read(&model, &ty, text).unwrap_or_else(|why| panic!("{text}: {why}"));
    let written = Shown {
        model: &model,
        ty: &ty,
        value: &value,
    };
    let written = json::text(&written, false);
    assert_eq!(written, shown);
    assert_eq!(read(&model, &ty, &written), Ok(value), "there and back");
}

#[track_caller]
fn check_refused(name: &str, text: &str, words: &str) {
    let model = model();
    let ty = ty(&model, name);
    let why = read(&model, &ty, text).expect_err("it is no such value");
    assert!(why.contains(words), "no {words:?} in {why:?}");
}

#[test]
fn numbers_go_there_and_back() {
    let text = "{\"c\":-128,\"uc\":255,\"s\":-32768,\"us\":65535,\"i\":-2147483648,\"u\":4294967295,\
                \"h\":\"-9007199254740993\",\"uh\":\"18446744073709551615\",\"f\":0.1,\"d\":0.1,\"b\":true}";
    check_shown("numbers", text, text);
    let exact = text
        .replace("\"-9007199254740993\"", "-9007199254740992")
        .replace("\"18446744073709551615\"", "9007199254740992");
    check_shown("numbers", &exact, &exact);
    let other = text
        .replace("\"-9007199254740993\"", "-9007199254740993")
        .replace("\"uc\":255", "\"uc\":\"0xff\"")
        .replace("\"f\":0.1", "\"f\":7")
        .replace("\"d\":0.1", "\"d\":{\"$float\":\"-inf\"}");
    let shown = text
        .replace("\"f\":0.1", "\"f\":7.0")
        .replace("\"d\":0.1", "\"d\":{\"$float\":\"-inf\"}");
    check_shown("numbers", &other, &shown);
}

#[test]
fn numbers_beyond_their_type_are_refused() {
    let model = model();
    for (ty, wrong) in [
        (Type::Char, "128"),
        (Type::UnsignedChar, "-1"),
        (Type::Short, "32768"),
        (Type::UnsignedShort, "65536"),
        (Type::Int, "2147483648"),
        (Type::UnsignedInt, "4294967296"),
        (Type::Hyper, "\"9223372036854775808\""),
        (Type::UnsignedHyper, "\"18446744073709551616\""),
    ] {
        let why = read(&model, &ty, wrong).expect_err("beyond the type");
        assert!(
            why.starts_with("value: expected ") && why.contains(" to "),
            "{why}"
        );
    }
    for (ty, wrong) in [
        (Type::Int, "1.5"),
        (Type::Int, "\"many\""),
        (Type::Int, "null"),
        (Type::Bool, "1"),
        (Type::Float, "1e39"),
        (Type::Double, "\"1\""),
        (Type::Void, "0"),
    ] {
        let why = read(&model, &ty, wrong).expect_err("another kind of value");
        assert!(
            why.contains("expected ") && why.contains(", found "),
            "{why}"
        );
    }
}

const PARTS: &str = "{\"fixed\":\"00ff10\",\"bytes\":\"\",\"text\":\"abcde\",\"row\":[1,2],\"some\":[],\"at\":null,\
     \"list\":[{\"name\":\"a\"},{\"name\":\"b\"}],\"alone\":{\"name\":\"c\",\"next\":[{\"name\":\"d\"}]},\"hue\":\"GREEN\"}";

#[test]
fn shapes_go_there_and_back() {
    check_shown("parts", PARTS, PARTS);
    for (part, other) in [
        ("\"at\":null", "\"at\":{\"x\":1,\"y\":-1}"),
        ("\"hue\":\"GREEN\"", "\"hue\":77"),
        ("\"text\":\"abcde\"", "\"text\":{\"$text\":\"ff61\"}"),
        (
            "\"list\":[{\"name\":\"a\"},{\"name\":\"b\"}]",
            "\"list\":[]",
        ),
    ] {
        let text = PARTS.replace(part, other);
        check_shown("parts", &text, &text);
    }
    let octets = PARTS.replace("\"fixed\":\"00ff10\"", "\"fixed\":{\"$bytes\":\"00ff10\"}");
    check_shown("parts", &octets, PARTS);
    check_shown("parts", &PARTS.replace("\"GREEN\"", "5"), PARTS);
    check_shown(
        "lists",
        "[[],[{\"name\":\"a\"}]]",
        "[[],[{\"name\":\"a\"}]]",
    );
    for text in ["null", "[null]", "[{\"x\":1,\"y\":2}]"] {
        check_shown("twice", text, text);
    }
}

#[track_caller]
fn check_parts_refused(cases: &[(&str, &str, &str)]) {
    for (part, other, words) in cases {
        check_refused("parts", &PARTS.replacen(part, other, 1), words);
    }
}

#[test]
fn lengths_and_numbers_that_do_not_fit_are_told_with_their_place() {
    check_parts_refused(&[
        (
            "\"00ff10\"",
            "\"00ff\"",
            "value.fixed: expected opaque[3], 3 octets, found 2",
        ),
        (
            "\"00ff10\"",
            "\"xyz\"",
            "value.fixed: expected opaque[3], a text of hexadecimal digits",
        ),
        (
            "\"bytes\":\"\"",
            "\"bytes\":\"0001020304\"",
            "at most 4 octets, found 5",
        ),
        (
            "abcde",
            "abcdef",
            "value.text: expected string<5>, at most 5 bytes, found 6",
        ),
        (
            "[1,2]",
            "[1]",
            "value.row: expected int[2], 2 elements, found 1",
        ),
        (
            "[1,2]",
            "[1,\"x\"]",
            "value.row[1]: expected int, an integer, found the text \"x\"",
        ),
        (
            "\"some\":[]",
            "\"some\":[1,2,3,4]",
            "at most 3 elements, found 4",
        ),
    ]);
}

#[test]
fn members_that_do_not_fit_are_told_with_their_place() {
    check_parts_refused(&[
        (
            "null",
            "{\"x\":1}",
            "value.at: expected a member for `int y`, found none",
        ),
        (
            "null",
            "[]",
            "value.at: expected point, an object of its fields, found a list of 0",
        ),
        (
            "{\"name\":\"b\"}",
            "{\"nam\":\"b\"}",
            "value.list[1]: expected no member but name, found \"nam\"",
        ),
        (
            "{\"name\":\"b\"}",
            "5",
            "value.list[1]: expected entry, an object",
        ),
        (
            "\"GREEN\"",
            "\"GREAN\"",
            "one of RED, GREEN, DARK, or its number, found the text \"GREAN\" (did you mean `GREEN`?)",
        ),
        ("\"GREEN\"", "2147483648", "value.hue: expected colour"),
        (
            "\"hue\":\"GREEN\"",
            "\"hue\":5,\"more\":1",
            "value: expected no member but fixed, bytes",
        ),
    ]);
    check_refused("twice", "{\"x\":1,\"y\":2}", "null or a list of one");
    check_refused(
        "parts",
        "null",
        "value: expected parts, an object of its fields, found null",
    );
}

#[test]
fn unions_are_their_discriminant_and_their_arm() {
    for text in [
        "{\"c\":\"RED\",\"code\":7}",
        "{\"c\":\"GREEN\"}",
        "{\"c\":\"DARK\",\"where\":{\"x\":1,\"y\":2}}",
        "{\"c\":77,\"where\":{\"x\":1,\"y\":2}}",
    ] {
        check_shown("answer", text, text);
    }
    check_shown(
        "count",
        "{\"u\":4294967295,\"u_u\":5}",
        "{\"u\":4294967295,\"u_u\":5}",
    );
    check_shown(
        "count",
        "{\"u\":\"LAST\",\"t\":[null]}",
        "{\"u\":9,\"t\":[null]}",
    );
    check_shown(
        "flag",
        "{\"is\":true,\"why\":\"\"}",
        "{\"is\":true,\"why\":\"\"}",
    );
    for (name, text, words) in [
        (
            "answer",
            "{\"code\":7}",
            "value: expected the discriminant `colour c`, found none",
        ),
        (
            "answer",
            "{\"c\":\"RED\"}",
            "`int code`, which this arm holds, found none",
        ),
        (
            "answer",
            "{\"c\":\"GREEN\",\"code\":7}",
            "expected no member but c, found \"code\"",
        ),
        (
            "answer",
            "{\"c\":\"RED\",\"code\":null}",
            "value.code: expected int",
        ),
        (
            "count",
            "{\"u\":1}",
            "value.u: expected a value with an arm (4294967295, LAST), found the number 1",
        ),
        (
            "flag",
            "{\"is\":false}",
            "value.is: expected a value with an arm (TRUE), found false",
        ),
        (
            "flag",
            "[]",
            "value: expected flag, an object of the discriminant and what its arm holds",
        ),
    ] {
        check_refused(name, text, words);
    }
}

#[test]
fn types_that_go_on_without_json_end() {
    let typedefs = (1..=1000).map(|n| format!("typedef p{} *p{n};\n", n - 1));
    let text: String = std::iter::once("typedef int *p0;\n".to_owned())
        .chain(typedefs)
        .collect();
    let model = Import::text("deep.x", text).model().expect("it is one");
    let ty = ty(&model, "p1000");
    assert!(read(&model, &ty, "null").is_ok());
    let deep = format!("{}null{}", "[".repeat(100), "]".repeat(100));
    assert!(read(&model, &ty, &deep).is_ok());
}

#[track_caller]
fn check_target(endpoint: &str, expected: &str) {
    let model = model();
    match target(&model, endpoint) {
        Ok(found) => assert_eq!(found.endpoint, expected),
        Err(failure) => panic!("{failure:?}"),
    }
}

#[test]
fn versions_are_named_by_number_or_name_or_not_at_all() {
    for end in [
        "536870917/2",
        "0x20000005/0x2",
        "SHAPES/SHAPES_2",
        "SHAPES/2",
    ] {
        check_target(
            &format!("sunrpc+tcp://h:1/{end}?nul=keep"),
            "sunrpc+tcp://h:1/536870917/2?nul=keep",
        );
        check_target(
            &format!("sunrpc+unix:/run/a/{end}"),
            "sunrpc+unix:/run/a/536870917/2",
        );
    }
    check_target("sunrpc+tcp://[::1]/OTHER", "sunrpc+tcp://[::1]/536870918/1");
    let model = model();
    for (endpoint, words) in [
        ("sunrpc+tcp://h", "has several versions"),
        (
            "sunrpc+tcp://h/SHAPES",
            "/536870917/1  SHAPES 536870917, version 1 (SHAPES_1)",
        ),
        ("sunrpc+unix:/run/a/b", "has several versions"),
        ("sunrpc+tcp://h/5", "program 5 is not in shapes.x"),
        (
            "sunrpc+tcp://h/OTHER/2",
            "version 2 of OTHER is not in shapes.x",
        ),
        ("sunrpc+tcp://h/a/b/c", "found /a/b/c"),
        ("nothing", "no endpoint"),
    ] {
        let why = match target(&model, endpoint) {
            Err(Failure::Usage(why)) => why,
            Err(other) => panic!("{other:?}"),
            Ok(found) => panic!("{endpoint} is {}", found.endpoint),
        };
        assert!(why.contains(words), "no {words:?} in {why:?}");
    }
}

#[test]
fn one_version_is_filled_in() {
    let text = "program P { version V { void NOP(void) = 1; } = 3; } = 7;";
    let model = Import::text("p.x", text).model().expect("it is one");
    for (endpoint, expected) in [
        ("sunrpc+tcp://h", "sunrpc+tcp://h/7/3"),
        ("sunrpc+tcp://h/?nul=keep", "sunrpc+tcp://h/7/3?nul=keep"),
        ("sunrpc+unix:/run/rpc.sock", "sunrpc+unix:/run/rpc.sock/7/3"),
        ("sunrpc+unix:/run/P/V", "sunrpc+unix:/run/7/3"),
    ] {
        let found = target(&model, endpoint).map(|found| found.endpoint);
        assert_eq!(found.expect("it is one"), expected);
    }
    let types = Import::text("t.x", "const A = 1;")
        .model()
        .expect("it is one");
    let Err(Failure::Usage(why)) = target(&types, "sunrpc+tcp://h") else {
        panic!("there is no program");
    };
    assert!(why.contains("t.x has no program"), "{why}");
}

#[test]
fn procedures_are_found_by_name_and_number() {
    let model = model();
    let Ok(at) = target(&model, "sunrpc+tcp://h/SHAPES/2") else {
        panic!("it is there");
    };
    for word in ["SHAPES_COUNT", "7", "0x7"] {
        let Ok(found) = procedure(&model, &at, word) else {
            panic!("{word} is there");
        };
        assert_eq!(found.number, 7);
    }
    for (word, words) in [
        ("COUNT", "(did you mean `SHAPES_COUNT`?)"),
        ("shapes_cuont", "(did you mean `SHAPES_COUNT`?)"),
        ("8", "has no procedure `8`; it has"),
        ("x", "7    int SHAPES_COUNT(void)"),
    ] {
        let Err(Failure::Usage(why)) = procedure(&model, &at, word) else {
            panic!("{word} is not there");
        };
        assert!(why.contains(words), "no {words:?} in {why:?}");
    }
}

#[test]
fn only_what_is_near_is_suggested() {
    let names = || ["alpha", "beta"].into_iter();
    assert_eq!(did_you_mean("alhpa", names()), " (did you mean `alpha`?)");
    assert_eq!(did_you_mean("gamma_ray", names()), "");
    assert_eq!(did_you_mean("b", names()), "");
}
