//! Every operation of the C client's self-test by our stubs, with results in its words: so that the two can be compared.

use rmix::{Bounded, Cause, Error, List, Opaque};
use rmix_system_tests::diverse::{
    Answer, Blobs, Caller, Color, DiverseProgramV1Blocking, DiverseProgramV2Blocking, Entry,
    MaybeHyper, Name, Node, Note, Numbers, Pair, Posted, Sequences, Setting, Shape, Sides, Tree,
};
use serde_json::{Map, Value, json};

use super::Stubs;

/// The element of a made sequence, as the C programs compute it.
const PATTERN: u32 = 251;

/// A procedure that nobody has.
#[rmix::remote(sunrpc(program = 0x2000_0043, version = 1))]
pub(super) trait Hole {
    #[rmix(procedure = 99)]
    async fn hole(&self);
}

/// Results by operation; an operation that comes again counts.
#[derive(Default)]
pub(super) struct Results(Map<String, Value>);

impl Results {
    fn add<T>(&mut self, operation: &str, outcome: Result<T, Error>, show: impl Fn(T) -> Value) {
        let shown = match outcome {
            Ok(value) => json!({"ok": show(value)}),
            Err(error) => failure(&error),
        };
        let times = (1..).find_map(|times| {
            let key = match times {
                1 => operation.to_owned(),
                more => format!("{operation} #{more}"),
            };
            (!self.0.contains_key(&key)).then_some(key)
        });
        self.0.insert(times.unwrap(), shown);
    }

    /// Each operation by itself, so that a difference names it. The null procedure is no operation of a trait.
    pub(super) fn check(&self, expected: &Value) {
        let mut expected = expected.as_object().unwrap().clone();
        expected.remove("null").unwrap();
        for (operation, expected) in &expected {
            assert_eq!(self.0.get(operation), Some(expected), "{operation}");
        }
        assert_eq!(self.0.len(), expected.len());
    }
}

/// A failed call in libtirpc's words.
fn failure(error: &Error) -> Value {
    let (status, text) = match error.cause() {
        Cause::Authentication => {
            assert!(error.to_string().contains("TooWeak"), "{error}");
            let text = "RPC: Authentication error";
            return json!({"failure": {"status": 7, "text": text, "why": 5}});
        }
        Cause::NoSuchMethod => (10, "RPC: Procedure unavailable"),
        Cause::Remote => (12, "RPC: Remote system error"),
        _ => panic!("{error:?}"),
    };
    json!({"failure": {"status": status, "text": text}})
}

/// Runs everything at a server that nobody has called yet.
pub(super) fn run(stubs: &Stubs, hole: &HoleStub, large: bool) -> Results {
    let mut results = Results::default();
    let (first, second) = (stubs.first.blocking(), stubs.second.blocking());
    shapes(&mut results, &first);
    structures(&mut results, &first);
    behaviour(&mut results, &first, hole);
    others(&mut results, &first, &second);
    if large {
        made(&mut results, &first, 307_200, 100_000);
        mirror(&mut results, &second, 307_200);
        long_list(&mut results, &first, 10_000);
    }
    results
}

fn shapes(results: &mut Results, first: &DiverseProgramV1Blocking) {
    results.add("touch", first.touch(), |()| Value::Null);
    results.add("numbers small", first.echo_numbers(numbers(false)), shown);
    results.add("numbers large", first.echo_numbers(numbers(true)), shown);
    for status in [0, -7, 3, 4, 21] {
        results.add(&format!("answer {status}"), first.answer(status), answer);
    }
    let pair = |width, height| Pair { width, height };
    let sides = Sides {
        outer: pair(1.0, 2.0),
        inner: pair(3.0, 4.5),
    };
    let corners = vec![1.0, 2.0, 3.0, 4.0, 5.0];
    for (words, factor, scaled) in [
        ("2 CIRCLE 1.5", 2.0, Shape::Circle(1.5)),
        ("2 RECTANGLE 1 2 3 4.5", 2.0, Shape::Rectangle(sides)),
        ("2 NOTHING", 2.0, Shape::Nothing),
        (
            "-1 POLYGON 1 2 3 4 5",
            -1.0,
            Shape::Polygon(Bounded(corners)),
        ),
        ("2 POLYGON", 2.0, Shape::Polygon(Bounded(Vec::new()))),
        ("2 STAR Vega", 2.0, Shape::Default(11, name("Vega"))),
    ] {
        results.add(
            &format!("scale {words}"),
            first.scale(scaled, factor),
            shape,
        );
    }
    for value in [10, -9] {
        results.add(
            &format!("half {value}"),
            first.half(value),
            |half| match half {
                MaybeHyper::True(value) => json!({"present": true, "value": value}),
                MaybeHyper::False => json!({"present": false}),
            },
        );
    }
}

fn structures(results: &mut Results, first: &DiverseProgramV1Blocking) {
    let entries = |list: List<Entry>| {
        let one = |entry: Entry| json!({"name": entry.name.0, "value": entry.value});
        list.0.into_iter().map(one).collect::<Value>()
    };
    results.add("reverse", first.reverse(List(Vec::new())), entries);
    let three = [("a", 1), ("b", -2), ("c", 3)].map(|(text, value)| Entry {
        name: name(text),
        value,
    });
    let reversed = first.reverse(List(three.into()));
    results.add("reverse a=1 b=-2 c=3", reversed, entries);
    let two_below = Node {
        left: leaf(2),
        right: leaf(9),
        ..*leaf(5).unwrap()
    };
    let nine = *leaf(9).unwrap();
    for (words, into, value) in [
        ("5", None, 5),
        ("4 5 2 9", Some(two_below), 4),
        ("9 9", Some(nine), 9),
    ] {
        results.add(&format!("insert {words}"), first.insert(into, value), tree);
    }
    results.add("swap-note full", first.swap_note(note(true)), swapped);
    results.add("swap-note empty", first.swap_note(note(false)), swapped);
    let digits = [
        0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x10, 0x11, 0x12, 0x13, 0x14,
        0x15,
    ];
    for (words, key, body, rest) in [
        (
            "0102030405 aabbcc 01",
            [1, 2, 3, 4, 5],
            &[0xaa, 0xbb, 0xcc][..],
            &[1][..],
        ),
        ("00000000ff - -", [0, 0, 0, 0, 0xff], &[], &[]),
        (
            "0000000000 00010203040506070809101112131415 -",
            [0; 5],
            &digits,
            &[],
        ),
    ] {
        let blobs = Blobs {
            key: Opaque(key),
            body: Bounded(body.to_vec()),
            rest: rest.to_vec(),
        };
        results.add(&format!("reverse-blobs {words}"), first.reverse_blobs(blobs), |blobs| {
            json!({"key": hex(&blobs.key.0), "body": hex(&blobs.body.0), "rest": hex(&blobs.rest)})
        });
    }
    for (words, full) in [("full", true), ("empty", false)] {
        let sorted = first.sort_sequences(sequences(full));
        results.add(&format!("sort-sequences {words}"), sorted, sorted_shown);
    }
    for color in [Color::Red, Color::Green, Color::Lime, Color::Blue] {
        let operation = format!("next-color {}", color_name(color));
        results.add(&operation, first.next_color(color), |next| {
            json!(color_name(next))
        });
    }
}

fn behaviour(results: &mut Results, first: &DiverseProgramV1Blocking, hole: &HoleStub) {
    results.add("flush", first.flush_(), posted);
    for text in ["first", "second", "third"] {
        first.post(name(text)).unwrap();
    }
    results.add("post first second third", first.flush_(), posted);
    first.post(name("fourth")).unwrap();
    results.add("post fourth", first.flush_(), posted);
    results.add("executions", first.executions(), |count| json!(count));
    results.add("increment 0", first.increment(0), |count| json!(count));
    results.add("increment 1", first.increment(1), |count| json!(count));
    results.add("executions", first.executions(), |count| json!(count));
    results.add("who-am-i", first.who_am_i(), caller);
    results.add("secret", first.secret(), |secret| json!(secret));
    results.add("break-down", first.break_down(), |never| json!(never));
    results.add("procedure 99", hole.blocking().hole(), |()| Value::Null);
}

fn others(
    results: &mut Results,
    first: &DiverseProgramV1Blocking,
    second: &DiverseProgramV2Blocking,
) {
    let joined = second.join("left".to_owned(), Color::Blue, "right".to_owned());
    results.add("join left BLUE right", joined, |text| json!(text));
    results.add("add 1 2 -10", second.add(1, 2, -10), |sum| json!(sum));
    results.add("make-bytes 0", first.make_bytes(0), |bytes| {
        measured(bytes.len(), 0)
    });
    made(results, first, 1001, 500);
    mirror(results, second, 1001);
    long_list(results, first, 100);
}

fn measured(length: usize, wrong: usize) -> Value {
    json!({"length": length, "wrong": wrong})
}

fn made(results: &mut Results, first: &DiverseProgramV1Blocking, octets: u32, doubles: u32) {
    results.add(
        &format!("make-bytes {octets}"),
        first.make_bytes(octets),
        |bytes| {
            let wrong = (0_u32..)
                .zip(&bytes)
                .filter(|(index, byte)| u32::from(**byte) != index % PATTERN);
            measured(bytes.len(), wrong.count())
        },
    );
    results.add(
        &format!("make-doubles {doubles}"),
        first.make_doubles(doubles),
        |numbers| {
            let wrong = (0_u32..)
                .zip(&numbers)
                .filter(|(index, number)| **number != f64::from(*index) / 2.0);
            measured(numbers.len(), wrong.count())
        },
    );
}

fn mirror(results: &mut Results, second: &DiverseProgramV2Blocking, count: u32) {
    let bytes: Vec<u8> = (0..count).map(|index| (index % PATTERN) as u8).collect();
    let mirrored = second.mirror(bytes.clone());
    results.add(&format!("mirror {count}"), mirrored, |mirrored| {
        let wrong = bytes
            .iter()
            .rev()
            .zip(&mirrored)
            .filter(|(one, other)| one != other);
        measured(mirrored.len(), wrong.count())
    });
}

fn long_list(results: &mut Results, first: &DiverseProgramV1Blocking, length: i32) {
    let list = (0..length).map(|value| Entry {
        name: name("n"),
        value,
    });
    let reversed = first.reverse(list.collect());
    results.add(&format!("long-list {length}"), reversed, |list| {
        let wrong = (0..length)
            .rev()
            .zip(&list.0)
            .filter(|(value, entry)| *value != entry.value);
        measured(list.0.len(), wrong.count())
    });
}

fn name(text: &str) -> Name {
    Bounded(text.to_owned())
}

fn leaf(value: i32) -> Option<Box<Node>> {
    Some(Box::new(Node {
        value,
        left: None,
        right: None,
    }))
}

fn numbers(large: bool) -> Numbers {
    if large {
        return Numbers {
            tiny: i8::MAX,
            unsigned_tiny: u8::MAX,
            small: i16::MAX,
            unsigned_small: u16::MAX,
            normal: i32::MAX,
            bare: u32::MAX,
            unsigned_normal: u32::MAX,
            four_bytes: i32::MAX,
            unsigned_four_bytes: u32::MAX,
            big: i64::MAX,
            unsigned_big: u64::MAX,
            single: 0.25,
            real: 1e300,
            flag: true,
        };
    }
    Numbers {
        tiny: i8::MIN,
        unsigned_tiny: 0,
        small: i16::MIN,
        unsigned_small: 0,
        normal: i32::MIN,
        bare: 0,
        unsigned_normal: 0,
        four_bytes: i32::MIN,
        unsigned_four_bytes: 0,
        big: i64::MIN,
        unsigned_big: 0,
        single: -1.5,
        real: -0.1,
        flag: false,
    }
}

fn shown(numbers: Numbers) -> Value {
    json!({
        "tiny": numbers.tiny,
        "unsigned_tiny": numbers.unsigned_tiny,
        "small": numbers.small,
        "unsigned_small": numbers.unsigned_small,
        "normal": numbers.normal,
        "bare": numbers.bare,
        "unsigned_normal": numbers.unsigned_normal,
        "four_bytes": numbers.four_bytes,
        "unsigned_four_bytes": numbers.unsigned_four_bytes,
        "big": numbers.big,
        "unsigned_big": numbers.unsigned_big,
        "single": numbers.single,
        "real": numbers.real,
        "flag": numbers.flag,
    })
}

fn answer(answer: Answer) -> Value {
    match answer {
        Answer::Text(text) => json!({"status": 0, "text": text}),
        Answer::Lowest(digest) => json!({"status": -7, "digest": hex(&digest.0)}),
        Answer::Case3 => json!({"status": 3}),
        Answer::Case4 => json!({"status": 4}),
        Answer::Default(status, code) => json!({"status": status, "code": code}),
    }
}

fn pair(pair: &Pair) -> Value {
    json!({"width": pair.width, "height": pair.height})
}

fn shape(shape: Shape) -> Value {
    match shape {
        Shape::Circle(radius) => json!({"kind": "CIRCLE", "radius": radius}),
        Shape::Rectangle(sides) => {
            let sides = json!({"outer": pair(&sides.outer), "inner": pair(&sides.inner)});
            json!({"kind": "RECTANGLE", "sides": sides})
        }
        Shape::Nothing => json!({"kind": "NOTHING"}),
        Shape::Polygon(corners) => json!({"kind": "POLYGON", "corners": corners.0}),
        Shape::Default(11, title) => json!({"kind": "STAR", "title": title.0}),
        Shape::Default(other, title) => json!({"kind": other, "title": title.0}),
    }
}

fn tree(tree: Tree) -> Value {
    tree.as_ref().map_or(Value::Null, node)
}

fn node(root: &Node) -> Value {
    let below = |side: &Option<Box<Node>>| side.as_deref().map_or(Value::Null, node);
    json!({"value": root.value, "left": below(&root.left), "right": below(&root.right)})
}

fn note(full: bool) -> Note {
    if full {
        return Note {
            r#type: 7,
            r#ref: name("réf"),
            r#in: Some(-5),
            r#match: Some(Pair {
                width: 1.0,
                height: 2.0,
            }),
            r#fn: Setting::Color(Color::Red),
        };
    }
    Note {
        r#type: 0,
        r#ref: name(""),
        r#in: None,
        r#match: None,
        r#fn: Setting::Default(8),
    }
}

fn swapped(note: Note) -> Value {
    let setting = match note.r#fn {
        Setting::Color(color) => json!({"kind": 1, "color": color_name(color)}),
        Setting::Default(kind) => json!({"kind": kind}),
    };
    json!({
        "type": note.r#type,
        "ref": note.r#ref.0,
        "in": note.r#in,
        "match": note.r#match.as_ref().map(pair),
        "fn": setting,
    })
}

fn sequences(full: bool) -> Sequences {
    if !full {
        return Sequences {
            samples: [0; 3],
            readings: Vec::new(),
            names: Bounded(Vec::new()),
            colors: Bounded(Vec::new()),
            flags: Bounded(Vec::new()),
            grid: [[0; 2]; 2],
            pairs: Bounded(Vec::new()),
        };
    }
    use Color::{Blue, Green, Lime, Red};
    let pair = |width, height| Pair { width, height };
    Sequences {
        samples: [3, -1, 2],
        readings: vec![2.5, -1.0, 0.0],
        names: Bounded(["pear", "apple", "", "plum"].map(name).into()),
        colors: Bounded(vec![Blue, Red, Lime, Green, Red, Blue, Lime, Green]),
        flags: Bounded(vec![true, false]),
        grid: [[1, 2], [3, 4]],
        pairs: Bounded(vec![pair(1.0, 2.0), pair(3.0, 4.0)]),
    }
}

fn sorted_shown(sequences: Sequences) -> Value {
    let names = sequences.names.0.into_iter().map(|name| name.0);
    let colors = sequences.colors.0.into_iter().map(color_name);
    json!({
        "samples": sequences.samples,
        "readings": sequences.readings,
        "names": names.collect::<Vec<_>>(),
        "colors": colors.collect::<Vec<_>>(),
        "flags": sequences.flags.0,
        "grid": sequences.grid,
        "pairs": sequences.pairs.0.iter().map(pair).collect::<Vec<_>>(),
    })
}

fn posted(posted: Posted) -> Value {
    json!({"count": posted.count, "last": posted.last.0})
}

/// A caller in the C client's words.
pub(super) fn caller(caller: Caller) -> Value {
    json!({
        "flavor": caller.flavor,
        "machine": caller.machine.0,
        "uid": caller.uid,
        "gid": caller.gid,
        "gids": caller.gids.0,
    })
}

fn color_name(color: Color) -> &'static str {
    match color {
        Color::Red => "RED",
        Color::Green => "GREEN",
        Color::Lime => "LIME",
        Color::Blue => "BLUE",
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
