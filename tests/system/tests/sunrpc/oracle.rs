//! xdrlib3 as the oracle of bytes: random values of every shape are written by our codec as a call writes them, and must be
//! the oracle's bytes; the oracle's bytes are read, and must be the values. The seed is printed, and may be given.

mod random;
mod typed;

use bytes::Bytes;
use rmix::{Array, Bounded, List, Opaque};
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_abi::tables::Buf;
use rmix_peers::XdrOracle;
use rmix_sunrpc::XdrCodec;
use rmix_system_tests::diverse::{
    Answer, Blobs, Color, EntryList, MaybeHyper, Note, Numbers, Sequences, Setting, Shape, Tree,
};
use serde_json::{Value, json};

use self::random::Random;
use self::typed::Typed;
use crate::support::{Watchdog, ok, xdr_library};

/// How deep optional values nest.
const DEPTH: u32 = 5;
/// Values of each type in one question.
const ROUNDS: usize = 40;
/// Questions.
const BATCHES: usize = 4;
/// Repeats a run: the number that it printed.
const SEED: &str = "RMIX_TEST_SEED";

fn encode<T: Typed>(value: &T) -> Vec<u8> {
    let mut encoder = XdrCodec::encoder(Buf::new(), 1 << 24);
    encoder.depth_left = 64;
    encode_value(&mut encoder, value).unwrap();
    encoder.buf.into_vec()
}

/// A question in the making: what is asked, what our codec has written, and how its answer is read.
#[derive(Default)]
struct Batch {
    values: Vec<Value>,
    written: Vec<Vec<u8>>,
    readers: Vec<Box<dyn Fn(Bytes)>>,
}

impl Batch {
    fn add<T: Typed>(&mut self, random: &mut Random) {
        let value = T::random(random, DEPTH);
        self.values.push(json!([T::kind(DEPTH), value.shown()]));
        self.written.push(encode(&value));
        self.readers.push(Box::new(move |bytes| {
            let decoder = XdrCodec::decoder(bytes, 64, 1_000_000);
            let read: T =
                decode_value(decoder).unwrap_or_else(|failure| panic!("{value:?}: {failure}"));
            assert_eq!(read, value);
        }));
    }

    fn check(self, oracle: &mut XdrOracle) {
        let asked = Value::Array(self.values);
        let answer = ok(oracle.encode(&asked));
        let answer = Bytes::from(octets(&answer.unwrap()));
        let mut at = 0;
        for ((written, read), value) in self
            .written
            .iter()
            .zip(&self.readers)
            .zip(asked.as_array().unwrap())
        {
            let end = (at + written.len()).min(answer.len());
            assert!(
                written[..] == answer[at..end],
                "{value}: {written:02x?} and {:02x?}",
                &answer[at..end]
            );
            read(answer.slice(at..end));
            at = end;
        }
        assert_eq!(at, answer.len());
    }
}

fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u32> = hex
        .chars()
        .map(|digit| digit.to_digit(16).unwrap())
        .collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

/// A value of every type.
fn fill(batch: &mut Batch, random: &mut Random) {
    batch.add::<Numbers>(random);
    batch.add::<Color>(random);
    batch.add::<Setting>(random);
    batch.add::<Shape>(random);
    batch.add::<Answer>(random);
    batch.add::<MaybeHyper>(random);
    batch.add::<EntryList>(random);
    batch.add::<Tree>(random);
    batch.add::<Note>(random);
    batch.add::<Blobs>(random);
    batch.add::<Sequences>(random);
    batch.add::<String>(random);
    batch.add::<Bounded<String, 9>>(random);
    batch.add::<Vec<u8>>(random);
    batch.add::<Bounded<Vec<u8>, 7>>(random);
    batch.add::<Opaque<1>>(random);
    batch.add::<Opaque<8>>(random);
    batch.add::<Vec<bool>>(random);
    batch.add::<Vec<i8>>(random);
    batch.add::<Vec<u16>>(random);
    batch.add::<Vec<i32>>(random);
    batch.add::<Vec<u32>>(random);
    batch.add::<Vec<i64>>(random);
    batch.add::<Vec<u64>>(random);
    batch.add::<Vec<f32>>(random);
    batch.add::<Vec<f64>>(random);
    batch.add::<[i16; 5]>(random);
    batch.add::<Array<f64, 40>>(random);
    batch.add::<[[bool; 2]; 3]>(random);
    batch.add::<Vec<Vec<String>>>(random);
    batch.add::<Vec<Opaque<3>>>(random);
    batch.add::<Option<Vec<Option<u64>>>>(random);
    batch.add::<Vec<Option<(i32, String)>>>(random);
    batch.add::<(f32, Vec<u8>, bool)>(random);
    batch.add::<List<(u8, List<i64>)>>(random);
    batch.add::<Vec<Answer>>(random);
    batch.add::<(Color, Option<Shape>)>(random);
}

#[test]
fn random_values_have_the_bytes_of_xdrlib_both_ways() {
    let _watchdog = Watchdog::start();
    let Some(library) = xdr_library() else { return };
    let mut oracle = ok(library.start());
    let given = std::env::var(SEED).ok().map(|seed| seed.parse().unwrap());
    let seed = given.unwrap_or_else(random::fresh_seed);
    println!("{SEED}={seed} repeats this run");
    let mut random = Random::new(seed);
    for _ in 0..BATCHES {
        let mut batch = Batch::default();
        for _ in 0..ROUNDS {
            fill(&mut batch, &mut random);
        }
        batch.check(&mut oracle);
    }
}
