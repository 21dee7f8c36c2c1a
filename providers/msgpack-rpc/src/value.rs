//! Values inside a message: reading and writing, one value or one slice of numbers at a time, for
//! a driver that knows what it wants next. There is no value tree and no serde here.
//!
//! Readers take the input from the position of the value and return the bytes they used. They
//! accept every encoding of a value, not only the smallest; writers choose the smallest.

mod number;
mod read;
mod token;
mod write;

pub use number::{Number, read_numbers, write_number_array, write_numbers};
pub use read::{
    read_bool, read_f32, read_f64, read_i64, read_integer, read_token, read_u64, skip_value,
    skip_values,
};
pub use token::Token;
pub use write::{
    write_array_header, write_bin, write_bin_header, write_bool, write_ext, write_ext_header,
    write_f32, write_f64, write_i64, write_map_header, write_nil, write_str, write_str_header,
    write_u64,
};

pub(crate) use write::length;
