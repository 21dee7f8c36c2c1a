//! Reading into the unused capacity of a buffer without zeroing it first.

use std::mem::MaybeUninit;

use bytes::{BufMut, BytesMut};

/// Lends the spare capacity of `buffer` to `read`, which returns the part it filled; the buffer grows by that part.
///
/// # Errors
/// Whatever `read` returns.
///
/// # Panics
/// When the returned slice is not the front of the lent one.
pub fn fill_spare<E>(
    buffer: &mut BytesMut,
    read: impl for<'a> FnOnce(&'a mut [MaybeUninit<u8>]) -> Result<&'a mut [u8], E>,
) -> Result<usize, E> {
    let spare = buffer.spare_capacity_mut();
    let first = spare.as_ptr().cast::<u8>();
    let room = spare.len();
    let filled = read(spare)?;
    assert!(
        filled.is_empty() || std::ptr::eq(filled.as_ptr(), first),
        "the filled part is the front of the lent capacity"
    );
    let count = filled.len();
    assert!(count <= room, "no more was filled than was lent");
    // SAFETY: the first `count` spare bytes are initialised: `read` proved it by returning them as `&mut [u8]`.
    unsafe { buffer.advance_mut(count) };
    Ok(count)
}
