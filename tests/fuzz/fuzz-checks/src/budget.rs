//! How much a decoder may allocate for the bytes it was given. Measures the live bytes of this thread at their peak, so
//! many small allocations count as much as one large one; other threads do not count.

use allocation_counter::measure;

/// Live bytes a decoder may have for each byte of its input.
pub const ALLOCATIONS_PER_BYTE: usize = 8;

/// Live bytes any decoder may have, whatever its input.
pub const ALLOCATION_SLACK_BYTES: usize = 64 * 1024;

/// Runs a decoder that builds no values of its own; panics when it goes over the budget.
pub(crate) fn within<T>(input_bytes: usize, decode: impl FnOnce() -> T) -> T {
    within_times(ALLOCATIONS_PER_BYTE, input_bytes, decode)
}

/// Runs a decoder of values that may take `per_byte` bytes of memory for each byte of the wire: an absent option, say,
/// is one byte there and as long as its type here.
pub(crate) fn within_times<T>(
    per_byte: usize,
    input_bytes: usize,
    decode: impl FnOnce() -> T,
) -> T {
    let mut result = None;
    let used = measure(|| result = Some(decode()));
    let allowed = per_byte * input_bytes + ALLOCATION_SLACK_BYTES;
    assert!(
        used.bytes_max <= allowed as u64,
        "{} bytes were allocated at once for an input of {input_bytes} bytes, {allowed} are allowed",
        used.bytes_max
    );
    result.expect("measure runs its argument once")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allocation_within_the_budget_passes() {
        let made = within(10, || vec![0_u8; ALLOCATION_SLACK_BYTES + 80]);
        assert_eq!(made.len(), ALLOCATION_SLACK_BYTES + 80);
    }

    #[test]
    #[should_panic(expected = "65617 bytes were allocated at once for an input of 10 bytes")]
    fn one_byte_more_is_noticed() {
        within(10, || vec![0_u8; ALLOCATION_SLACK_BYTES + 81]);
    }

    #[test]
    #[should_panic(expected = "were allocated at once")]
    fn many_small_allocations_are_noticed() {
        within(0, || vec![vec![0_u8; 1024]; 65]);
    }
}
