//! The same values through this crate and through the oracles.

use proptest::collection::vec;
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

use super::{any_i64, any_value, encode, read_value, write_value};
use crate::message::{
    write_error_end, write_error_header, write_request_header, write_result_header,
};
use crate::value::*;
use crate::{Incoming, Integer, ValueError};

/// Slices of `T` must be written and read as `rmp-serde` does it.
fn check_slice<T>(values: &[T]) -> Result<(), TestCaseError>
where
    T: Number + Serialize + for<'a> Deserialize<'a> + Default + PartialEq + std::fmt::Debug,
{
    let expected = rmp_serde::to_vec(values).expect("serialises");
    let mut bytes = Vec::new();
    write_number_array(&mut bytes, values).expect("short");
    prop_assert_eq!(&bytes, &expected);

    let mut elements = Vec::new();
    write_numbers(&mut elements, values);
    let header = bytes.len() - elements.len();
    prop_assert_eq!(&bytes[header..], elements.as_slice());

    let mut decoded = vec![T::default(); values.len()];
    prop_assert_eq!(read_numbers(&elements, &mut decoded), Ok(elements.len()));
    prop_assert_eq!(decoded.as_slice(), values);
    if let Some(cut) = elements.len().checked_sub(1) {
        let error = read_numbers(&elements[..cut], &mut decoded);
        prop_assert!(
            matches!(error, Err(ValueError::Truncated { .. })),
            "{:?}",
            error
        );
    }
    Ok(())
}

proptest! {
    #[test]
    fn written_bytes_equal_the_oracles(value in any_value()) {
        let mut bytes = Vec::new();
        write_value(&mut bytes, &value);
        prop_assert_eq!(bytes, encode(&value));
    }

    #[test]
    fn read_values_equal_the_oracles(value in any_value()) {
        let bytes = encode(&value);
        let mut rest = bytes.as_slice();
        let read = read_value(&mut rest);
        prop_assert!(rest.is_empty());
        prop_assert_eq!(encode(&read), bytes);
    }

    #[test]
    fn skip_finds_the_same_end_as_the_oracle(bytes in vec(any::<u8>(), 0..100)) {
        let mut rest = bytes.as_slice();
        let oracle = rmpv::decode::read_value(&mut rest).map(|_| bytes.len() - rest.len());
        match skip_value(&bytes, usize::MAX) {
            Ok(end) => prop_assert_eq!(oracle.ok(), Some(end)),
            Err(ValueError::Truncated { needed, available, .. }) => {
                prop_assert!(oracle.is_err());
                prop_assert!(needed > available);
            }
            // The oracle takes it for nil.
            Err(ValueError::ReservedMarker { offset }) => prop_assert_eq!(bytes[offset], 0xc1),
            Err(other) => prop_assert!(false, "{}", other),
        }
    }

    #[test]
    fn tokens_of_any_bytes_agree_with_skip(bytes in vec(any::<u8>(), 0..60)) {
        let mut position = 0;
        let mut pending = 1u64;
        let walked = loop {
            if pending == 0 {
                break Some(position);
            }
            match read_token(&bytes[position..]) {
                Ok((token, used)) => {
                    position += used;
                    pending -= 1;
                    pending += match token {
                        crate::Token::Array(count) => u64::from(count),
                        crate::Token::Map(count) => 2 * u64::from(count),
                        _ => 0,
                    };
                }
                Err(_) => break None,
            }
        };
        prop_assert_eq!(skip_value(&bytes, usize::MAX).ok(), walked);
    }

    #[test]
    fn typed_readers_agree_with_tokens(bytes in vec(any::<u8>(), 0..12)) {
        use crate::Token;

        let token = read_token(&bytes).ok();
        let integer = match token {
            Some((Token::Int(value), used)) => Some((Integer::Signed(value), used)),
            Some((Token::UInt(value), used)) => Some((Integer::Unsigned(value), used)),
            _ => None,
        };
        prop_assert_eq!(read_integer(&bytes).ok(), integer);
        let float = match token {
            Some((Token::F64(value), used)) => Some((value.to_bits(), used)),
            Some((Token::F32(value), used)) => Some((f64::from(value).to_bits(), used)),
            Some((Token::Int(value), used)) => Some(((value as f64).to_bits(), used)),
            Some((Token::UInt(value), used)) => Some(((value as f64).to_bits(), used)),
            _ => None,
        };
        let read = read_f64(&bytes).ok().map(|(value, used)| (value.to_bits(), used));
        prop_assert_eq!(read, float);
        prop_assert_eq!(read_f32(&bytes).is_ok(), float.is_some());
    }

    #[test]
    fn slices_of_any_bytes_agree_with_single_reads(bytes in vec(any::<u8>(), 0..40)) {
        let mut singles = Vec::new();
        let mut position = 0;
        while let Ok((value, used)) = read_i64(&bytes[position..]) {
            singles.push(value);
            position += used;
        }
        let mut values = vec![0i64; singles.len()];
        prop_assert_eq!(read_numbers(&bytes, &mut values), Ok(position));
        prop_assert_eq!(&values, &singles);
        values.push(0);
        let error = read_i64(&bytes[position..]).map(|(_, used)| used);
        let error = error.map_err(|error| error.shifted(position));
        prop_assert_eq!(read_numbers(&bytes, &mut values), error);
    }

    #[test]
    fn float_slices(values in vec(any::<f64>(), 0..400), narrow in vec(any::<f32>(), 0..400)) {
        check_slice(&values)?;
        check_slice(&narrow)?;
    }

    #[test]
    fn integer_slices(values in vec(any_i64(), 0..400)) {
        check_slice(&values)?;
        check_slice(&values.iter().map(|&value| value as u64).collect::<Vec<_>>())?;
        check_slice(&values.iter().map(|&value| value as i32).collect::<Vec<_>>())?;
        check_slice(&values.iter().map(|&value| value as u32).collect::<Vec<_>>())?;
        check_slice(&values.iter().map(|&value| value as i16).collect::<Vec<_>>())?;
        check_slice(&values.iter().map(|&value| value as u16).collect::<Vec<_>>())?;
        check_slice(&values.iter().map(|&value| value as i8).collect::<Vec<_>>())?;
        check_slice(&values.iter().map(|&value| value as u8).collect::<Vec<_>>())?;
    }

    #[test]
    fn floats_read_from_mixed_encodings(
        values in vec(prop_oneof![
            3 => any::<f64>().prop_map(rmpv::Value::from),
            1 => any::<f32>().prop_map(rmpv::Value::from),
            1 => any_i64().prop_map(rmpv::Value::from),
        ], 0..100),
    ) {
        let bytes: Vec<u8> = values.iter().flat_map(encode).collect();
        let mut decoded = vec![0.0f64; values.len()];
        prop_assert_eq!(read_numbers(&bytes, &mut decoded), Ok(bytes.len()));
        for (decoded, value) in decoded.iter().zip(&values) {
            let value = value.as_f64().expect("a number");
            prop_assert_eq!(decoded.to_bits(), value.to_bits());
        }
    }

    #[test]
    fn messages_decode_as_the_oracle_wrote_them(
        msgid in any::<u32>(),
        method in "\\PC{0,50}",
        params in vec(any_value(), 0..5),
    ) {
        let tuple = rmpv::Value::Array(vec![
            0.into(),
            msgid.into(),
            method.as_str().into(),
            rmpv::Value::Array(params.clone()),
        ]);
        let oracle = encode(&tuple);
        let mut bytes = Vec::new();
        write_request_header(&mut bytes, msgid, &method, params.len() as u32).expect("short");
        let start = bytes.len();
        params.iter().for_each(|value| write_value(&mut bytes, value));
        prop_assert_eq!(&bytes, &oracle);
        let expected = Incoming::Request {
            msgid,
            method: method.as_bytes(),
            params: start..bytes.len(),
            count: params.len() as u32,
        };
        prop_assert_eq!(Incoming::decode(&bytes, 64), Ok(expected.clone()));
        prop_assert_eq!(Incoming::decode_scanned(&bytes), Ok(expected));
    }

    #[test]
    fn responses_decode_as_written(msgid in any::<u32>(), value in any_value()) {
        let mut success = Vec::new();
        write_result_header(&mut success, msgid);
        let start = success.len();
        write_value(&mut success, &value);
        let result = start..success.len();
        let expected = Incoming::Response { msgid, error: None, result };
        prop_assert_eq!(Incoming::decode(&success, 64), Ok(expected.clone()));
        prop_assert_eq!(Incoming::decode_scanned(&success), Ok(expected));

        prop_assume!(!value.is_nil());
        let mut failure = Vec::new();
        write_error_header(&mut failure, msgid);
        let start = failure.len();
        write_value(&mut failure, &value);
        let end = failure.len();
        write_error_end(&mut failure);
        let expected = Incoming::Response {
            msgid,
            error: Some(start..end),
            result: end..end + 1,
        };
        prop_assert_eq!(Incoming::decode(&failure, 64), Ok(expected.clone()));
        prop_assert_eq!(Incoming::decode_scanned(&failure), Ok(expected));
    }
}
