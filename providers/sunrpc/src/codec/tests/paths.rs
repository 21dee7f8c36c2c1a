//! The two ways of a primitive give the same bytes and values, which `encode` and `decode` assert,
//! and what the one writes the other reads.

use proptest::prelude::*;
use rmix_abi::host::codec::{decode_value, encode_value};
use rmix_abi::tables::Buf;

use super::sample::{Rich, rich, small};
use super::{BYTES_MAX, DEPTH, ITEMS, XdrCodec, decode, encode, table_decoder};

#[test]
fn what_is_written_in_place_is_read_through_the_table() {
    let mut enc = XdrCodec::encoder(Buf::from_vec(b"head".to_vec()), BYTES_MAX);
    enc.depth_left = DEPTH;
    encode_value(&mut enc, &small()).unwrap();
    let body = enc.buf.into_vec().split_off(4);
    let found: Rich = decode_value(table_decoder(body.into(), DEPTH, ITEMS)).unwrap();
    assert_eq!(found, small());
}

#[test]
fn long_runs_pass_both_ways() {
    for count in [511, 512, 513, 5000] {
        let octets: Vec<u8> = (0..count).map(|at: u32| at.to_be_bytes()[3]).collect();
        assert_eq!(decode::<Vec<u8>>(&encode(&octets)).unwrap(), octets);
        let floats: Vec<f64> = (0..count).map(f64::from).collect();
        assert_eq!(decode::<Vec<f64>>(&encode(&floats)).unwrap(), floats);
        let narrow: Vec<i16> = floats.iter().map(|value| -(*value as i16)).collect();
        assert_eq!(decode::<Vec<i16>>(&encode(&narrow)).unwrap(), narrow);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn arbitrary_values_come_back_by_both_ways(value in rich()) {
        let bytes = encode(&value);
        prop_assert_eq!(bytes.len() % 4, 0);
        let found: Rich = decode(&bytes).unwrap();
        prop_assert_eq!(&found, &value);
        // Canonical input comes out as it went in.
        prop_assert_eq!(encode(&found), bytes);
    }
}
